"""Pictures and instances to learn from, read from COCO files and kept decoded on disk.

A source may label only some classes exhaustively. The others are *unknown* there:
an object of an unknown class may be anywhere, so that its absence teaches nothing.
"""

from __future__ import annotations

import hashlib
import json
import pickle
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from pycocotools import mask as rle

from yolact_live.errors import UsageError
from yolact_live.types import ByteArray, FloatArray

STRIDE = 32
"""Sides of the network's input are multiples of it."""
LONG_SIDE = 640  # of a cached picture, pixels: the size of COCO's own pictures


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """One labelled object.

    Attributes:
        label: index into the classes of the training set.
        box: (4,) f32, x1, y1, x2, y2 in picture pixels.
        corner: x, y of the first pixel of ``mask`` in the picture.
        mask: (h, w) u8, 255 inside the object.
        crowd: an unseparated group: neither positive nor negative.
    """

    label: int
    box: FloatArray
    corner: tuple[int, int]
    mask: ByteArray
    crowd: bool


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A decoded picture, its objects, and the classes that are labelled exhaustively in it."""

    image: ByteArray
    instances: tuple[Instance, ...]
    known: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Source:
    """One COCO file: where its pictures are, what it labels, and how often it is drawn."""

    annotations: Path
    images: Path
    labelled: tuple[str, ...] | None
    weight: float


@dataclass(frozen=True)
class Recipe:
    """What can be tuned. Table ``[recipe]`` of the data file."""

    backbone: str = "lite0"
    channels: int = 128
    size: int = 384
    sizes: tuple[int, ...] = ()
    batch: int = 8
    steps: int = 20_000
    warmup: int = 300
    decay: int = 5_000
    rate: float = 1e-3
    backbone_rate: float = 1e-4
    weight_decay: float = 0.02
    frozen_blocks: int = 5
    ema: float = 0.999
    paste: float = 0.7
    mosaic: float = 0.35
    seed: int = 0
    threads: int = 2
    workers: int = 1
    checkpoint_minutes: float = 5.0
    dev_every: int = 500


@dataclass(frozen=True)
class Plan:
    """A data file: the classes to export, the sources, the dev set and the recipe."""

    classes: tuple[str, ...]
    sources: tuple[Source, ...]
    dev: Source | None
    auxiliary: bool
    recipe: Recipe = field(default_factory=Recipe)


def read_plan(path: Path) -> Plan:
    """Read ``DATA.toml``. Paths in it are relative to the file.

    Raises:
        UsageError: the file, a key or a path in it is wrong.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"cannot read {path}", str(error.strerror)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not valid TOML", str(error)) from error
    try:
        given = table.get("recipe", {})
        recipe = Recipe(**given | {"sizes": tuple(given.get("sizes", ()))})
        _check_sides(path, recipe)
        return Plan(
            classes=tuple(table["classes"]),
            sources=tuple(_source(path.parent, entry) for entry in table["source"]),
            dev=_source(path.parent, table["dev"]) if "dev" in table else None,
            auxiliary=bool(table.get("auxiliary", False)),
            recipe=recipe,
        )
    except (KeyError, TypeError) as error:
        raise UsageError(f"{path} lacks a key or has an unknown one", str(error)) from error


def _check_sides(path: Path, recipe: Recipe) -> None:
    for side in (recipe.size, *recipe.sizes):
        if not isinstance(side, int) or side < STRIDE or side % STRIDE:
            raise UsageError(f"{path} asks for an input of {side} pixels", f"give a multiple of {STRIDE}")


def _source(root: Path, entry: dict[str, Any]) -> Source:
    annotations, images = root / entry["annotations"], root / entry["images"]
    if not annotations.is_file() or not images.is_dir():
        raise UsageError(f"{annotations} or {images} is missing", "check the paths in the data file")
    labelled = entry.get("labelled", "all")
    names = None if labelled == "all" else tuple(labelled)
    return Source(annotations, images, names, float(entry.get("weight", 1.0)))


class TrainingSet:
    """All pictures of a plan.

    Attributes:
        classes: the plan's classes, then one group (COCO supercategory) for each kind of
            other object if the plan asks for auxiliary classes. Groups are learned for
            the sake of boxes, outlines and negatives and are not exported.
        exported: number of the plan's own classes, which come first.
        sources: per source, the indices of its pictures.
        weights: per source, how often it is drawn; sums to 1.
    """

    def __init__(self, plan: Plan, cache: Path) -> None:
        files = [json.loads(source.annotations.read_text(encoding="utf-8")) for source in plan.sources]
        categories = [category for file in files for category in file["categories"]]
        group = _groups(categories, plan.classes, plan.auxiliary)
        self.exported = len(plan.classes)
        self.classes = plan.classes + tuple(sorted(set(group.values()) - set(plan.classes)))
        members = {c: {name for name, g in group.items() if g == c} for c in self.classes}
        missing = [c for c in plan.classes if not members[c]]
        if missing:
            raise UsageError(f"no source labels {', '.join(missing)}", "classes are names of COCO categories")
        self._pictures: list[tuple[int, tuple[int, int], tuple[Instance, ...], int]] = []
        self.sources: list[list[int]] = []
        self._known: list[npt.NDArray[np.bool_]] = []
        self._pixels: list[npt.NDArray[np.uint8]] = []
        for source, file in zip(plan.sources, files, strict=True):
            known = [source.labelled is None or members[c] <= set(source.labelled) for c in self.classes]
            self._known.append(np.array(known))
            start = len(self._pictures)
            self._load(source, file, group, cache)
            self.sources.append(list(range(start, len(self._pictures))))
        weights = np.array([source.weight for source in plan.sources])
        self.weights = weights / weights.sum()

    def __len__(self) -> int:
        return len(self._pictures)

    def __getitem__(self, index: int) -> Picture:
        offset, (height, width), instances, source = self._pictures[index]
        image = self._pixels[source][offset : offset + height * width * 3].reshape(height, width, 3)
        return Picture(image, instances, self._known[source])

    def instances(self, index: int) -> tuple[Instance, ...]:
        """Objects of picture ``index``, without touching its pixels."""
        return self._pictures[index][2]

    def _load(self, source: Source, file: dict[str, Any], group: dict[str, str], cache: Path) -> None:
        key = f"{source.annotations.resolve()} {source.annotations.stat().st_mtime_ns} {self.classes} {group}"
        stem = cache / hashlib.sha256(key.encode()).hexdigest()[:16]
        index, pixels = stem.with_suffix(".pickle"), stem.with_suffix(".u8")
        if not index.exists():
            cache.mkdir(parents=True, exist_ok=True)
            with pixels.open("wb") as sink:
                entries = list(_decode(source, file, group, self.classes, sink))
            index.write_bytes(pickle.dumps(entries))
        number = len(self._pixels)
        self._pixels.append(np.memmap(pixels, np.uint8, "r"))
        for offset, size, instances in pickle.loads(index.read_bytes()):  # our own file
            self._pictures.append((offset, size, instances, number))


def _groups(categories: list[dict[str, Any]], classes: tuple[str, ...], auxiliary: bool) -> dict[str, str]:
    """Map each category name to the class it is learned as."""
    parents = {c["name"]: c["supercategory"] for c in categories if c.get("supercategory")}
    result: dict[str, str] = {}
    for name in sorted({c["name"] for c in categories}):
        if name in classes:
            result[name] = name
        elif auxiliary:
            result[name] = "+" + parents.get(name, name)
    return result


def _decode(
    source: Source, file: dict[str, Any], group: dict[str, str], classes: tuple[str, ...], sink: Any
) -> Iterable[tuple[int, tuple[int, int], tuple[Instance, ...]]]:
    names = {category["id"]: category["name"] for category in file["categories"]}
    objects: dict[int, list[dict[str, Any]]] = {}
    for annotation in file["annotations"]:
        objects.setdefault(annotation["image_id"], []).append(annotation)
    offset = 0
    for entry in file["images"]:
        image = cv2.imread(str(source.images / entry["file_name"]))
        if image is None:
            raise UsageError(f"cannot read {source.images / entry['file_name']}", "check the data file")
        height, width = image.shape[:2]
        scale = min(1.0, LONG_SIDE / max(height, width))
        size = (round(height * scale), round(width * scale))
        image = resized(image, size)
        sink.write(image.tobytes())
        labelled = [a for a in objects.get(entry["id"], []) if names[a["category_id"]] in group]
        instances = (
            _instance(a, classes.index(group[names[a["category_id"]]]), (height, width), size)
            for a in labelled
        )
        yield offset, size, tuple(i for i in instances if i is not None)
        offset += image.size


def _instance(
    annotation: dict[str, Any], label: int, full: tuple[int, int], size: tuple[int, int]
) -> Instance | None:
    mask = decode_mask(annotation["segmentation"], full) * np.uint8(255)
    mask = resized(mask, size)
    rows, columns = np.flatnonzero(mask.max(1) > 127), np.flatnonzero(mask.max(0) > 127)
    if not len(rows):
        return None
    y, x = int(rows[0]), int(columns[0])
    crop = np.ascontiguousarray(mask[y : rows[-1] + 1, x : columns[-1] + 1])
    bx, by, bw, bh = annotation["bbox"]
    scale = np.array([size[1] / full[1], size[0] / full[0]] * 2, np.float32)
    box = np.array([bx, by, bx + bw, by + bh], np.float32) * scale
    return Instance(label, box, (x, y), crop, bool(annotation.get("iscrowd", 0)))


def resized(image: npt.ArrayLike, size: tuple[int, int]) -> ByteArray:
    """Return a u8 picture or mask at another height and width, averaged where it shrinks."""
    pixels = np.asarray(image, np.uint8)
    if pixels.shape[:2] == size:
        return pixels
    how = cv2.INTER_AREA if size[0] < pixels.shape[0] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(pixels, size[::-1], interpolation=how), np.uint8)


def decode_mask(segmentation: Any, size: tuple[int, int]) -> ByteArray:
    """Decode a COCO segmentation (polygons, or run lengths) to (H, W) u8, 0 or 1."""
    height, width = size
    if isinstance(segmentation, list):
        encoded = rle.merge(rle.frPyObjects(segmentation, height, width))
    elif isinstance(segmentation["counts"], list):
        encoded = rle.frPyObjects(segmentation, height, width)
    else:
        encoded = segmentation
    return np.asarray(rle.decode(encoded), np.uint8)
