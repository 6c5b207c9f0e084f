"""Clothes: layers of the base mesh, pushed out along its normals and cut at hems, necks and sleeves.

A cut is a function of the vertices, in about decimetres: cloth is where it is above zero.
Its numbers are canonical coordinates: hips near y = 1, neck 6, crown 8.5, ankles −7.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from yolact_live.training.people.body import TIGHTS, BaseMesh, IntArray, Rng
from yolact_live.training.people.material import Material, cloth, cloth_colour, denim
from yolact_live.training.people.raster import vertex_normals
from yolact_live.training.people.rig import Skeleton
from yolact_live.types import FloatArray

SKIRT = "helper-skirt"
EVERYWHERE = 9.0  # a cut that leaves nothing out
CHIN = 5.85  # y, below which skin can be hidden
OVERLAP = 0.12  # decimetres of skin that are drawn beneath a hem
PER_ARM = 4.2  # decimetres from shoulder to wrist


@dataclass(eq=False)
class Mesh:
    """Triangles to draw: (n, 3) points in space and in canonical coordinates, (n,) cut, (F, 3) faces."""

    points: FloatArray
    canonical: FloatArray
    cut: FloatArray
    faces: IntArray
    material: Material


@dataclass(eq=False)
class Dresser:
    """Puts layers on one posed body.

    Attributes:
        shape: (V, 3) f32, the body in the rest pose.
        prints: how many pictures for cloth there are.
        meshes: what is drawn.
        skin: (V,) f32, cut of the skin, which clothes make smaller.
    """

    base: BaseMesh
    shape: FloatArray
    skeleton: Skeleton
    rng: Rng
    prints: int
    meshes: list[Mesh] = field(default_factory=list)
    skin: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        self.skin = np.full(len(self.shape), EVERYWHERE, np.float32)

    def layer(
        self,
        part: str,
        cut: npt.ArrayLike,
        offset: npt.ArrayLike,
        material: Material,
        shape: FloatArray | None = None,
    ) -> None:
        """Add a part of the base mesh, pushed out by ``offset`` along its normals in the rest pose.

        Args:
            cut, offset: (V,), or one number for all vertices.
            shape: (V, 3) f32, in place of the body's.
        """
        edge, out = (np.broadcast_to(np.asarray(v, np.float32), len(self.shape)) for v in (cut, offset))
        faces = self.base.faces[part]
        used, corners = np.unique(faces[(edge[faces] > 0).any(1)], return_inverse=True)
        if not len(used):
            return
        local = corners.reshape(-1, 3).astype(np.int32)
        rest = (self.shape if shape is None else shape)[used]
        rest = rest + vertex_normals(rest, local) * out[used, None]
        points = self.skeleton.skin(rest, self.base.weights[used])
        self.meshes.append(Mesh(points, self.base.rest[used], edge[used], local, material))

    def attach(
        self, bone: str, rest: FloatArray, canonical: FloatArray, faces: IntArray, look: Material
    ) -> None:
        """Add (n, 3) points in the rest pose that move with one bone."""
        self.add(self.skeleton.rigid(bone, rest), canonical, faces, look)

    def add(self, points: FloatArray, canonical: FloatArray, faces: IntArray, look: Material) -> None:
        """Add (n, 3) points in space."""
        self.meshes.append(Mesh(points, canonical, np.full(len(points), EVERYWHERE, np.float32), faces, look))

    def hide(self, covered: FloatArray) -> None:
        """Leave out the skin below the chin where the cut ``covered`` of a cloth is well above zero."""
        below = CHIN - self.base.rest[:, 1]
        self.skin = np.minimum(self.skin, OVERLAP - np.minimum(covered, below)).astype(np.float32)


def grid_faces(rows: int, columns: int, closed: bool) -> IntArray:
    """Return (F, 3) i32 triangles of a grid of points, row by row; ``closed`` joins its sides to a tube."""
    across = np.arange(columns if closed else columns - 1)
    a = (np.arange(rows - 1)[:, None] * columns + across).ravel()
    b = (np.arange(rows - 1)[:, None] * columns + (across + 1) % columns).ravel()
    triangles = np.stack([a, b, a + columns, b, b + columns, a + columns], 1)
    return triangles.reshape(-1, 3).astype(np.int32)


def sphere(rows: int, columns: int) -> tuple[FloatArray, IntArray]:
    """Return (rows · columns, 3) f32 unit vectors and the triangles between them."""
    polar, around = np.meshgrid(
        np.linspace(0, np.pi, rows), np.arange(columns) * (2 * np.pi / columns), indexing="ij"
    )
    unit = np.stack([np.sin(polar) * np.cos(around), np.cos(polar), np.sin(polar) * np.sin(around)], -1)
    return unit.reshape(-1, 3).astype(np.float32), grid_faces(rows, columns, True)


def dress_body(dresser: Dresser, female: float) -> None:
    """Put on trousers, shorts, a skirt or a dress, a top, perhaps a jacket or a coat, and shoes."""
    rng = dresser.rng
    material, thickness = cloth(rng, dresser.prints), rng.uniform(0.05, 0.12)
    waist = rng.uniform(1.1, 1.7)
    if rng.random() < 0.05 + 0.33 * female:
        hem = waist - 0.3
        skirt = material if rng.random() < 0.5 else cloth(rng, dresser.prints)
        _skirt(dresser, thickness + 0.08, skirt)
        if rng.random() < 0.35:
            _trousers(dresser, waist, -7.6, tight=True)
    else:
        hem = rng.uniform(0.2, 0.9) if rng.random() < 0.75 else waist - 0.2
        legs = rng.uniform(-7.6, -6.9) if rng.random() < 0.74 else rng.uniform(-4.2, -1.2)
        _trousers(dresser, waist, legs, tight=False)
    offset = _top(dresser, hem, thickness, material)
    if rng.random() < 0.33:
        _jacket(dresser, offset)
    _shoes(dresser)


def _neckline(dresser: Dresser, kind: str) -> FloatArray:
    """Return a cut that is below zero inside an ellipsoid about the neck."""
    rng, (x, y, z) = dresser.rng, dresser.base.rest.T
    if kind == "high":
        return np.full(len(x), EVERYWHERE, np.float32)
    radius = rng.uniform(0.85, 1.05) if kind == "round" else rng.uniform(1.1, 1.5)
    depth = 0.55 if kind == "v" else 0.9
    return np.sqrt(x**2 + ((y - 6.05) * depth) ** 2 + ((z - 0.35) * 0.7) ** 2) - radius


def _top(dresser: Dresser, hem: float, thickness: float, material: Material) -> FloatArray:
    """Put on a shirt; return how far it stands off the body."""
    rng, y, arm = dresser.rng, dresser.base.rest[:, 1], dresser.base.arm
    long = rng.random() < 0.45
    sleeve = rng.uniform(0.85, 1.02) if long else rng.choice([0.1, 0.3, 0.5], p=[0.12, 0.56, 0.32])
    sleeve += 0 if long else rng.uniform(0, 0.06)
    neck = _neckline(dresser, str(rng.choice(["round", "v", "wide", "high"], p=[0.53, 0.2, 0.06, 0.21])))
    cuff = np.where(arm > 0, (sleeve - arm) * PER_ARM, 0.6)
    cut = np.minimum(np.minimum(cuff, y - hem), neck)
    loose = rng.uniform(0.05, 0.3) if rng.random() < 0.7 else rng.uniform(0.3, 0.55)
    offset = thickness + loose * np.clip((5.2 - y) / 4, 0.15, 1) * np.where(arm > 0, 0.6, 1)
    if not long:
        offset += np.where(arm > 0, loose * 0.35, 0)
    shape = dresser.base.loosened(dresser.shape, int(rng.integers(2, 9)))
    dresser.layer(TIGHTS, cut, offset, material, shape)
    dresser.hide(cut)
    return offset.astype(np.float32)


def _trousers(dresser: Dresser, waist: float, hem: float, tight: bool) -> None:
    rng, y = dresser.rng, dresser.base.rest[:, 1]
    material = denim(rng) if rng.random() < 0.4 else cloth(rng, dresser.prints, 0.85)
    trunk = np.where(dresser.base.arm > 0, -EVERYWHERE, EVERYWHERE)
    cut = np.minimum(np.minimum(waist - y, y - hem), trunk)
    loose = 0.0 if tight else float(rng.choice([0.02, 0.15, 0.35], p=[0.35, 0.45, 0.2]))
    offset = 0.04 + loose * np.clip((0.5 - y) / 3, 0, 1) + loose * 0.8 * np.clip((-3.5 - y) / 4, 0, 1)
    dresser.layer(TIGHTS, cut, offset, material, dresser.base.loosened(dresser.shape, 1 if tight else 4))
    dresser.hide(cut)


def _skirt(dresser: Dresser, offset: float, material: Material) -> None:
    rng, (x, y, z) = dresser.rng, dresser.base.rest.T
    length = rng.uniform(-3.5, -1.5) if rng.random() < 0.6 else rng.uniform(-6.8, -3.5)
    flare, down = rng.uniform(0.2, 0.75), np.clip((1.0 - y) / 8, 0, 1)
    shape = dresser.shape.copy()
    shape[:, 0] *= 1 - (1 - flare) * 0.55 * down
    shape[:, 2] *= 1 - (1 - flare) * 0.4 * down
    folds = 0.12 * flare * np.sin(np.arctan2(z, x) * int(rng.integers(6, 14))) * down
    dresser.layer(SKIRT, y - length, offset + folds, material, shape)


def _jacket(dresser: Dresser, inner: FloatArray) -> None:
    """Put a jacket, open or closed, or a coat over what stands ``inner`` off the body."""
    rng, base, (x, y, z) = dresser.rng, dresser.base, dresser.base.rest.T
    material = cloth(rng, dresser.prints, 0.85)
    is_open = rng.random() < 0.6
    opening = rng.uniform(0.0, 0.9) if is_open else -EVERYWHERE
    gap = np.where(z > 0.2, np.abs(x) - opening * (0.5 + 0.1 * (y - 1)), EVERYWHERE)
    cuff = np.where(base.arm > 0, (rng.uniform(0.9, 1.04) - base.arm) * PER_ARM, EVERYWHERE)
    neck = _neckline(dresser, "high" if is_open else "round")
    cut = np.minimum(np.minimum(cuff, y - rng.uniform(-0.4, 0.5)), np.minimum(neck, gap))
    dresser.layer(TIGHTS, cut, inner + rng.uniform(0.1, 0.3), material, base.loosened(dresser.shape, 8))
    dresser.hide(np.where(base.arm > 0, cuff, -1))
    if rng.random() < 0.3:
        shape = dresser.shape.copy()
        shape[:, 0] *= 1 - 0.3 * np.clip((1 - y) / 8, 0, 1)
        dresser.layer(SKIRT, np.minimum(gap, y - rng.uniform(-5.5, -1.5)), 0.3, material, shape)


def _shoes(dresser: Dresser) -> None:
    """Put on shoes or boots, or leave the feet bare.

    A shoe is the convex hull of the foot, near enough: the outermost vertex in each of many directions.
    """
    rng, base, y = dresser.rng, dresser.base, dresser.base.rest[:, 1]
    style = rng.random()
    if style < 0.05:
        return
    leather = Material(cloth_colour(rng), bump=0.1, gloss=0.25)
    top = rng.uniform(-7.4, -6.9)
    body = np.unique(base.faces["body"])
    directions, grid = sphere(14, 28)
    for side in (1, -1):
        foot = body[(y[body] < top) & (base.rest[body, 0] * side > 0)]
        rest = dresser.shape[foot]
        middle, spread = rest.mean(0), rest.std(0)
        outermost = ((rest - middle) / spread @ directions.T).argmax(0).astype(np.int32)
        rest = middle + (rest - middle) * np.array([1.16, 1.06, 1.08], np.float32)
        points = dresser.skeleton.skin(rest - np.array([0, 0.08, 0], np.float32), base.weights[foot])
        dresser.add(points, base.rest[foot], outermost[grid], leather)
    dresser.hide(np.minimum(top - y - 0.05, np.where(base.arm > 0, -1, EVERYWHERE)))
    if style > 0.85:
        tall = rng.uniform(-6, -4)
        dresser.layer(TIGHTS, np.minimum(tall - y, y + 7.9), 0.2, leather)
        dresser.hide(tall - y)
