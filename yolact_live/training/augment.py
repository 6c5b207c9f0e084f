"""Training samples composed of several pictures: mosaic, crop, copy-paste, colour.

A sample is drawn from (seed, number) alone, so that a run can go on at any step.
Copy-paste follows Ghiasi et al., "Simple Copy-Paste is a Strong Data Augmentation
Method for Instance Segmentation" (arXiv 2012.07177), with a free choice of scale.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from yolact_live.training.data import Instance, Picture, TrainingSet, resized
from yolact_live.types import ByteArray, FloatArray

MAX_OBJECTS = 40
PASTED_EXPORTED = 0.7  # share of copies of the plan's classes; the others teach what these are not
MIN_SIDE = 5.0  # of a box, network pixels: smaller objects are ignored
CUT = 0.02  # an object of whose box less is left by a crop is left out
HIDDEN = 0.15  # an object of which less is visible is ignored
COVERED = 64  # of 255: a cell with more belongs to the object
MIN_PASTE = 24 * 24  # mask area of an instance that is worth copying, pixels


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One picture to learn from; M is a quarter of the side.

    Attributes:
        image: (S, S, 3) u8 BGR.
        boxes: (n, 4) f32, x1, y1, x2, y2 relative to the side.
        labels: (n,) i64.
        masks: (n, M, M) u8, covered share of each cell, 255 = all.
        known: (C, M, M) bool, where the absence of class c is certain.
    """

    image: ByteArray
    boxes: FloatArray
    labels: npt.NDArray[np.int64]
    masks: ByteArray
    known: npt.NDArray[np.bool_]


@dataclass(slots=True, eq=False)
class _Object:
    label: int
    box: FloatArray  # network pixels
    mask: ByteArray  # (S, S)
    area: int  # of the mask before anything was put over it
    cut: bool  # by an edge: the box no longer fits
    crowd: bool


class Composer:
    """Draws samples from a training set.

    Args:
        paste: probability that instances are copied into a sample.
        mosaic: probability that a sample shows two or four pictures.
    """

    def __init__(self, data: TrainingSet, seed: int, paste: float, mosaic: float) -> None:
        self._data, self._seed, self._paste_rate, self._mosaic = data, seed, paste, mosaic
        self._exported, self._shares = _pools(data)
        self._others = [
            (p, k)
            for p in range(len(data))
            for k, instance in enumerate(data.instances(p))
            if instance.label >= data.exported and _worth_pasting(instance)
        ]

    def sample(self, number: int, side: int) -> Sample:
        """Compose sample ``number``, ``side`` pixels wide and high (a multiple of 32)."""
        rng = np.random.default_rng([self._seed, number])
        canvas = np.empty((side, side, 3), np.uint8)
        known = np.empty((len(self._data.classes), side // 4, side // 4), bool)
        objects: list[_Object] = []
        for window in _windows(rng, side, self._mosaic):
            objects += self._panel(rng, canvas, known, window)
        if rng.random() < self._paste_rate:
            self._paste(rng, canvas, objects)
        return _finish(_colour(rng, canvas), objects, known)

    def _panel(
        self,
        rng: np.random.Generator,
        canvas: ByteArray,
        known: npt.NDArray[np.bool_],
        window: tuple[int, int, int, int],
    ) -> list[_Object]:
        """Fill a window of the canvas with a crop of a picture; return the objects in it."""
        x1, y1, x2, y2 = window
        source = rng.choice(len(self._data.sources), p=self._data.weights)
        picture = self._data[int(rng.choice(self._data.sources[source]))]
        cx1, cy1, cx2, cy2 = _crop(rng, picture, self._data.exported)
        patch = _shrunk(rng, picture.image[cy1:cy2, cx1:cx2], (y2 - y1, x2 - x1))
        mirror = rng.random() < 0.5
        canvas[y1:y2, x1:x2] = patch[:, ::-1] if mirror else patch
        known[:, y1 // 4 : y2 // 4, x1 // 4 : x2 // 4] = picture.known[:, None, None]
        sx, sy = (x2 - x1) / (cx2 - cx1), (y2 - y1) / (cy2 - cy1)
        objects = []
        for instance in picture.instances:
            a, b, c, d = instance.box
            box = np.array([(a - cx1) * sx, (b - cy1) * sy, (c - cx1) * sx, (d - cy1) * sy], np.float32)
            if mirror:
                box[[0, 2]] = (x2 - x1) - box[[2, 0]]
            box += (x1, y1, x1, y1)
            part = np.clip(box, (x1, y1, x1, y1), (x2, y2, x2, y2))
            if (part[2:] - part[:2]).prod() < CUT * (box[2:] - box[:2]).prod():
                continue
            ox, oy = instance.corner
            matrix = np.array([[sx, 0, (ox - cx1 + 0.5) * sx - 0.5], [0, sy, (oy - cy1 + 0.5) * sy - 0.5]])
            inside = cv2.warpAffine(instance.mask, matrix, (x2 - x1, y2 - y1))
            mask = np.zeros(canvas.shape[:2], np.uint8)
            mask[y1:y2, x1:x2] = inside[:, ::-1] if mirror else inside
            cut = bool(np.abs(part - box).max() > 1)
            objects.append(_Object(instance.label, box, mask, _area(mask), cut, instance.crowd))
        return objects

    def _paste(self, rng: np.random.Generator, canvas: ByteArray, objects: list[_Object]) -> None:
        """Copy instances from other pictures over the canvas, alone or as a group of like size."""
        side = canvas.shape[0]
        group = rng.random() < 0.4
        height = _height(rng, side)
        baseline = rng.uniform(0.3, 1.1) * side
        for _ in range(int(rng.integers(2, 7)) if group else int(rng.integers(1, 4))):
            pool = self._others
            if self._exported and (rng.random() < PASTED_EXPORTED or not pool):
                pool = self._exported[rng.choice(len(self._shares), p=self._shares)]
            if not pool:
                return
            p, k = pool[int(rng.integers(len(pool)))]
            picture = self._data[p]
            if group:
                h = height * rng.uniform(0.8, 1.25)
                bottom = baseline + 0.1 * height * rng.normal()
            else:
                h = _height(rng, side)
                bottom = rng.uniform(0.15, 1.0) * side + rng.uniform(0, 1) * h
            found = _copy(rng, canvas, picture, picture.instances[k], h, bottom)
            if found is None:
                continue
            for other in objects:
                np.minimum(other.mask, 255 - found.mask, out=other.mask)
            objects.append(found)


def _pools(data: TrainingSet) -> tuple[list[list[tuple[int, int]]], FloatArray]:
    """Group the instances of the plan's classes by source and class: (picture, instance) each.

    Returns:
        The groups, and the shares of copies drawn from them: as often as a picture that is drawn
        shows the class, so that a large source does not crowd out the others.
    """
    pools, shares = [], []
    for pictures, weight in zip(data.sources, data.weights, strict=True):
        for label in range(data.exported):
            pool = [
                (p, k)
                for p in pictures
                for k, instance in enumerate(data.instances(p))
                if instance.label == label and _worth_pasting(instance)
            ]
            if pool:
                pools.append(pool)
                shares.append(weight * len({p for p, _ in pool}) / len(pictures))
    return pools, np.array(shares) / sum(shares)


def _worth_pasting(instance: Instance) -> bool:
    return not instance.crowd and int(np.count_nonzero(instance.mask > 127)) >= MIN_PASTE


def _windows(rng: np.random.Generator, side: int, mosaic: float) -> list[tuple[int, int, int, int]]:
    """Divide the canvas into one, two or four windows with edges at multiples of four pixels."""
    if rng.random() >= mosaic:
        return [(0, 0, side, side)]
    x, y = (int(v) // 4 * 4 for v in rng.uniform(0.3, 0.7, 2) * side)
    kind = rng.integers(3)
    if kind == 0:
        return [(0, 0, x, side), (x, 0, side, side)]
    if kind == 1:
        return [(0, 0, side, y), (0, y, side, side)]
    return [(0, 0, x, y), (x, 0, side, y), (0, y, x, side), (x, y, side, side)]


def _shrunk(rng: np.random.Generator, image: ByteArray, size: tuple[int, int]) -> ByteArray:
    """Resize averaged or, as the program does with frames, linearly, which leaves hard edges."""
    if rng.random() < 0.5:
        return resized(image, size)
    return np.asarray(cv2.resize(image, size[::-1], interpolation=cv2.INTER_LINEAR), np.uint8)


def _crop(rng: np.random.Generator, picture: Picture, exported: int) -> tuple[int, int, int, int]:
    """Choose the part of a picture to show: all of it, any part, or the surroundings of an object."""
    height, width = picture.image.shape[:2]
    if rng.random() < 0.3:
        return 0, 0, width, height
    share = rng.uniform(0.35, 1.0)
    stretch = np.exp(rng.uniform(-0.25, 0.25))
    w = int(np.clip(share * width * stretch, 32, width))
    h = int(np.clip(share * height / stretch, 32, height))
    candidates = [i for i in picture.instances if i.label < exported]
    if candidates and rng.random() < 0.5:
        box = candidates[int(rng.integers(len(candidates)))].box
        cx, cy = (box[:2] + box[2:]) / 2
        x = int(np.clip(cx - rng.uniform(0.2, 0.8) * w, 0, width - w))
        y = int(np.clip(cy - rng.uniform(0.2, 0.8) * h, 0, height - h))
    else:
        x, y = int(rng.integers(width - w + 1)), int(rng.integers(height - h + 1))
    return x, y, x + w, y + h


def _height(rng: np.random.Generator, side: int) -> float:
    """Height of a pasted object in pixels: from a fourteenth of the side to beyond it."""
    return float(side * np.exp(rng.uniform(np.log(0.07), np.log(1.5))))


def _copy(
    rng: np.random.Generator, canvas: ByteArray, picture: Picture, instance: Instance, h: float, bottom: float
) -> _Object | None:
    """Blend a copy of ``instance``, ``h`` pixels high, into the canvas."""
    side = canvas.shape[0]
    (x, y), (rows, columns) = instance.corner, instance.mask.shape
    keep = rows
    if rows > 1.6 * columns and rng.random() < 0.2:  # a standing person: upper body only, as behind a table
        keep = max(8, int(rows * rng.uniform(0.35, 0.8)))
    mask = instance.mask[:keep]
    image = picture.image[y : y + keep, x : x + columns]
    w = h * columns / keep * np.exp(rng.uniform(-0.2, 0.35))
    if max(w, h) > 2.5 * side or min(w, h) < MIN_SIDE or h > 3 * keep:
        return None
    size = (max(4, round(w)), max(4, round(h)))
    image, mask = resized(image, size[::-1]), resized(mask, size[::-1])
    if rng.random() < 0.5:
        image, mask = image[:, ::-1], mask[:, ::-1]
    if rng.random() < 0.3:
        turn = cv2.getRotationMatrix2D((size[0] / 2, size[1] / 2), rng.uniform(-15, 15), 0.95)
        image, mask = (np.asarray(cv2.warpAffine(x, turn, size), np.uint8) for x in (image, mask))
    if rng.random() < 0.4:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 1.2)), np.uint8)
    left, top = round(rng.uniform(0.0, 1.0) * side - size[0] / 2), round(bottom - size[1])
    x1, y1 = max(left, 0), max(top, 0)
    x2, y2 = min(left + size[0], side), min(top + size[1], side)
    if x2 - x1 < MIN_SIDE or y2 - y1 < MIN_SIDE:
        return None
    inner = np.s_[y1 - top : y2 - top, x1 - left : x2 - left]
    whole = np.zeros((side, side), np.uint8)
    whole[y1:y2, x1:x2] = mask[inner]
    alpha = cv2.GaussianBlur(mask[inner], (0, 0), rng.uniform(0.5, 1.5))[:, :, None].astype(np.float32) / 255
    target = canvas[y1:y2, x1:x2]
    patch = _toned(rng, image[inner], mask[inner] > 127, target)
    target[:] = target + alpha * (patch - target) + 0.5
    box = _bounds(whole)
    if box is None:
        return None
    return _Object(instance.label, box, whole, _area(whole), False, False)


def _toned(
    rng: np.random.Generator, image: ByteArray, inside: npt.NDArray[np.bool_], ground: ByteArray
) -> FloatArray:
    """Bring light and colour of a copy part of the way to those of the ground behind it."""
    patch = image.astype(np.float32)
    if not inside.any():
        return patch
    mean, spread = patch[inside].mean(0), patch[inside].std() + 8
    wanted, room = ground.mean((0, 1)), ground.std() + 8
    share = rng.uniform(0, 0.5)
    gain = np.clip(room / spread, 0.5, 1.3) ** share * np.exp(rng.normal(0, 0.08, 3))
    toned = (patch - mean) * gain + mean + share * 0.8 * (wanted - mean) + rng.normal(0, 8)
    return np.asarray(np.clip(toned, 0, 255), np.float32)


def _area(mask: ByteArray) -> int:
    return cv2.countNonZero(mask & 128)


def _bounds(mask: ByteArray) -> FloatArray | None:
    """Box around the pixels above one half, specks left out."""
    x, y, w, h = cv2.boundingRect(cv2.morphologyEx(mask & 128, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)))
    return np.array([x, y, x + w, y + h], np.float32) if w else None


def _finish(image: ByteArray, objects: list[_Object], known: npt.NDArray[np.bool_]) -> Sample:
    """Turn objects into targets; those hidden, cut or shrunk too much become unknown."""
    side = image.shape[0]
    small = (side // 4, side // 4)
    boxes: list[FloatArray] = []
    labels: list[int] = []
    masks: list[ByteArray] = []
    for o in sorted(objects, key=lambda o: -o.area):
        cells = resized(o.mask, small)
        visible = _area(o.mask)
        box = _bounds(o.mask) if o.cut or visible < o.area else o.box
        shown = box is not None and min(box[2:] - box[:2]) >= MIN_SIDE and visible > HIDDEN * o.area
        if box is not None and shown and not o.crowd and len(boxes) < MAX_OBJECTS:
            boxes.append(box)
            labels.append(o.label)
            masks.append(cells)
        else:
            known[o.label] &= cells <= COVERED
    for cells in masks:
        known |= cells > COVERED  # an object of one class is certainly none of another
    return Sample(
        image,
        np.array(boxes, np.float32).reshape(-1, 4) / side,
        np.array(labels, np.int64),
        np.array(masks, np.uint8).reshape(-1, *small),
        known,
    )


def _colour(rng: np.random.Generator, canvas: ByteArray) -> ByteArray:
    """Change light, colour and sharpness."""
    image: Any = canvas  # cv2 does not tell u8 from f32
    if rng.random() < 0.5:
        hsv: Any = cv2.cvtColor(image, cv2.COLOR_BGR2HSV)
        hue, gain = rng.uniform(-8, 8), np.exp(rng.uniform(-0.5, 0.25))
        steps = np.arange(256)
        hsv[:, :, 0] = cv2.LUT(hsv[:, :, 0], ((steps + hue) % 180).astype(np.uint8))
        hsv[:, :, 1] = cv2.LUT(hsv[:, :, 1], np.clip(steps * gain, 0, 255).astype(np.uint8))
        image = cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR)
    contrast, brightness = np.exp(rng.uniform(-0.35, 0.25)), rng.uniform(-25, 25)
    gamma = np.exp(rng.uniform(-0.3, 0.3))
    curve = 255 * (np.arange(256) / 255) ** gamma
    image = cv2.LUT(image, np.clip((curve - 128) * contrast + 128 + brightness, 0, 255).astype(np.uint8))
    if rng.random() < 0.05:
        image = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    if rng.random() < 0.1:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 1.5))
    if rng.random() < 0.1:
        noise = rng.standard_normal(image.shape, np.float32) * np.float32(rng.uniform(2, 10))
        image = np.clip(image + noise, 0, 255)
    return np.asarray(image, np.uint8)
