"""Pictures with people: who stands where, how they are blended in, and whose each pixel is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import cv2
import numpy as np
from pycocotools import mask as rle

from yolact_live.training.people.background import Backgrounds
from yolact_live.training.people.body import IntArray, Rng
from yolact_live.training.people.render import Cutout
from yolact_live.types import ByteArray, FloatArray

NOBODY = -1
SMALLEST = 26.0  # height of a person, pixels
ENLARGED = 1.5  # most that a cut-out may be enlarged
SIDE = 4  # pixels of a cut-out that must be in the picture, each way
SEEN = 0.15  # share of a person in the picture that must not be hidden
SEEN_PIXELS = 80


class Scene(NamedTuple):
    """A composed picture.

    Attributes:
        image: (H, W, 3) u8, BGR.
        owner: (H, W) i32, the person that each pixel shows, :data:`NOBODY` elsewhere.
        areas: pixels of each person in the picture before others were put in front.
    """

    image: ByteArray
    owner: IntArray
    areas: dict[int, int]


@dataclass(frozen=True, eq=False)
class _Place:
    """Where a cut-out goes: the middle of its lower edge, and its height, in pixels of the picture."""

    cutout: Cutout
    x: float
    foot: float
    height: float
    mirrored: bool


def compose(rng: Rng, backgrounds: Backgrounds, people: Sequence[Cutout]) -> Scene:
    """Put some of the people, far ones first, on a background, and perhaps a thing in front."""
    background = backgrounds.draw(rng)
    size = (background.shape[0], background.shape[1])
    canvas: FloatArray = background.astype(np.float32) / np.float32(255)
    owner = np.full(size, NOBODY, np.int32)
    areas: dict[int, int] = {}
    blur, grain = (rng.uniform(0.3, 0.9) if rng.random() < 0.7 else 0.0), rng.uniform(0.004, 0.025)
    shadow = rng.uniform(0.1, 0.55)
    for index, place in enumerate(_places(rng, size, people)):
        pasted = _resized(place, size)
        if pasted is None:
            continue
        colour, mask, window = pasted
        colour = _matched(rng, colour, canvas[window])
        if blur:
            colour = np.asarray(
                cv2.GaussianBlur(colour, (0, 0), blur, borderType=cv2.BORDER_REPLICATE), np.float32
            )
        if place.foot < len(canvas):
            _ground_shadow(canvas, place, colour.shape[1] * 0.55, shadow)
        noise = rng.normal(0, grain, colour.shape[:2]).astype(np.float32)
        colour[..., :3] += noise[..., None] * colour[..., 3:]
        canvas[window] = canvas[window] * (1 - colour[..., 3:]) + colour[..., :3]
        inside = mask >= 0.5
        owner[window][colour[..., 3] >= 0.5] = NOBODY
        owner[window][inside] = index
        areas[index] = int(inside.sum())
    if backgrounds.things and areas and rng.random() < 0.3:
        _put_in_front(rng, canvas, owner, *backgrounds.thing(rng))
    image = np.clip(canvas * 255 + 0.5, 0, 255).astype(np.uint8)
    if rng.random() < 0.5:
        image = np.asarray(cv2.imdecode(jpeg(image, int(rng.integers(55, 90))), cv2.IMREAD_COLOR), np.uint8)
    return Scene(image, owner, areas)


def jpeg(image: ByteArray, quality: int) -> ByteArray:
    """Return a picture as the bytes of a JPEG file."""
    return np.asarray(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], np.uint8)


def _places(rng: Rng, size: tuple[int, int], people: Sequence[Cutout]) -> list[_Place]:
    """Draw who goes where: close to the camera, on a common ground, or larger than the picture."""
    height, width = size
    whole, close = ([p for p in people if p.close == kind] for kind in (False, True))
    kind = str(rng.choice(["close", "ground", "big"], p=[0.32, 0.56, 0.12]))
    places: list[_Place] = []
    if kind == "ground":
        shares = [0.14, 0.16, 0.17, 0.14, 0.12, 0.1, 0.09, 0.08]
        places = _on_ground(rng, size, _some(rng, whole, int(rng.choice(8, p=shares)) + 1), 1.0)
    elif kind == "big" or rng.random() < 0.35:
        crowd = _some(rng, whole, int(rng.integers(1, 3)))
        places = _on_ground(rng, size, crowd, 0.8 if kind == "close" else 1.0)
    if kind == "big":
        (one,) = _some(rng, whole, 1)
        tall = min(rng.uniform(1.0, 1.6) * height, ENLARGED * len(one.mask))
        foot = tall + rng.uniform(0.02, 0.2) * height
        places.append(_Place(one, rng.uniform(0.2, 0.8) * width, foot, tall, rng.random() < 0.5))
    if kind == "close":
        count = int(rng.choice([1, 2, 3], p=[0.62, 0.3, 0.08]))
        for slot, one in zip(rng.permutation(count), _some(rng, close, count), strict=True):
            tall = min(rng.uniform(0.45, 0.97) * height, ENLARGED * len(one.mask))
            tall *= 1 if count == 1 else 0.85
            x = (slot + 0.5 + rng.normal(0, 0.16)) / count * width
            places.append(_Place(one, x, height + 1, tall, rng.random() < 0.5))
    return places


def _some(rng: Rng, people: list[Cutout], count: int) -> list[Cutout]:
    return [people[int(rng.integers(len(people)))] for _ in range(count)]


def _on_ground(rng: Rng, size: tuple[int, int], people: list[Cutout], nearness: float) -> list[_Place]:
    """Stand people on level ground, scattered or as a group, far ones first.

    What stands d pixels below the horizon is seen with d / h pixels a decimetre, for a camera h
    decimetres above the ground. ``nearness`` below one moves all up and away, to make room in front.
    """
    height, width = size
    horizon, camera = rng.uniform(0.12, 0.45) * height, rng.uniform(9, 19)
    crowded = len(people) > 3 and rng.random() < 0.6
    middle, spread = rng.uniform(0.25, 0.75) * width, rng.uniform(0.08, 0.2) * width
    near = rng.uniform(0.82, 1.12)
    places = []
    for one in people:
        low = rng.uniform(near - 0.22, near) if crowded else rng.uniform(0.58, near)
        foot = max(low * height, horizon + 0.25 * height) * nearness
        tall = one.height * (foot - horizon) / camera
        limit = min(1.25 * len(one.mask), 1.1 * height)
        if tall > limit:
            foot, tall = (foot + horizon + (foot - horizon) * limit / tall) / 2, limit
        x = rng.normal(middle, spread) if crowded else rng.uniform(0.04, 0.96) * width
        places.append(_Place(one, x, foot, max(tall, SMALLEST), rng.random() < 0.5))
    return sorted(places, key=lambda place: place.foot)


def _resized(
    place: _Place, size: tuple[int, int]
) -> tuple[FloatArray, FloatArray, tuple[slice, slice]] | None:
    """Bring a cut-out to its size and cut it to the picture.

    Returns:
        (h, w, 4) f32, 0..1, premultiplied; (h, w) f32, 0..1, mask; where that is in the picture.
        None if hardly anything is in the picture.
    """
    ratio = place.height / len(place.cutout.mask)
    shape = (max(2, round(place.cutout.mask.shape[1] * ratio)), max(2, round(place.height)))
    how = cv2.INTER_AREA if ratio < 1 else cv2.INTER_LINEAR
    layers = (place.cutout.image, place.cutout.mask)
    pixels, mask = (np.divide(layer, 255, dtype=np.float32) for layer in layers)
    pixels[..., :3] *= pixels[..., 3:]
    pixels, mask = (
        np.asarray(cv2.resize(layer, shape, interpolation=how), np.float32) for layer in (pixels, mask)
    )
    if place.mirrored:
        pixels, mask = pixels[:, ::-1], mask[:, ::-1]
    left, top = round(place.x - shape[0] / 2), round(place.foot) - shape[1]
    parts = _overlap((top, left), shape[::-1], size)
    if parts is None:
        return None
    inner, window = parts
    return pixels[inner], mask[inner], window


def _overlap(
    corner: tuple[int, int], size: tuple[int, int], whole: tuple[int, int]
) -> tuple[tuple[slice, slice], tuple[slice, slice]] | None:
    """Return what of a patch is in the picture, in pixels of both, or None if that is too little."""
    (top, left), (height, width) = corner, size
    x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + width, whole[1]), min(top + height, whole[0])
    if x1 - x0 < SIDE or y1 - y0 < SIDE:
        return None
    return np.s_[y0 - top : y1 - top, x0 - left : x1 - left], np.s_[y0:y1, x0:x1]


def _matched(rng: Rng, colour: FloatArray, ground: FloatArray) -> FloatArray:
    """Bring premultiplied colours part of the way to the brightness and tint of the ground behind them."""
    alpha = colour[..., 3:]
    mean = colour[..., :3].sum((0, 1)) / max(float(alpha.sum()), 1.0)
    gain = ((ground.mean((0, 1)) + 0.08) / (mean + 0.08)) ** rng.uniform(0.05, 0.35)
    matched = np.clip(colour[..., :3] * np.clip(gain, 0.5, 1.6), 0, alpha)
    return np.concatenate([matched, alpha], 2, dtype=np.float32)


def _ground_shadow(canvas: FloatArray, place: _Place, wide: float, strength: float) -> None:
    """Darken the ground softly about the feet, ``wide`` pixels to each side."""
    tall = max(wide * 0.16, 2.0)
    x0, x1 = int(max(place.x - wide, 0)), int(min(place.x + wide, canvas.shape[1]))
    y0, y1 = int(max(place.foot - 3 * tall, 0)), int(min(place.foot + 2 * tall, canvas.shape[0]))
    y, x = np.ogrid[y0 : max(y0, y1), x0 : max(x0, x1)]
    across, along = (x - place.x) / (0.55 * wide), (y - place.foot + 0.3 * tall) / tall
    canvas[y0:y1, x0:x1] *= 1 - strength * np.exp(-2 * across**2 - along**2).astype(np.float32)[..., None]


def _put_in_front(rng: Rng, canvas: FloatArray, owner: IntArray, thing: ByteArray, mask: ByteArray) -> None:
    """Paste a real object over people, about a point of them."""
    people = np.argwhere(owner != NOBODY)
    ratio = float(np.clip(rng.uniform(0.2, 0.5) * len(canvas) / len(thing), 0.3, 1.6))
    width, height = (max(2, int(side * ratio)) for side in (thing.shape[1], thing.shape[0]))
    if not len(people) or width > canvas.shape[1] * 0.8:
        return
    y, x = people[int(rng.integers(len(people)))]
    corner = int(y - height * rng.uniform(0, 0.5)), int(x - width / 2)
    parts = _overlap(corner, (height, width), owner.shape)
    if parts is None:
        return
    inner, window = parts
    pixels, cover = (
        cv2.resize(layer, (width, height), interpolation=cv2.INTER_AREA) for layer in (thing, mask)
    )
    share = cv2.GaussianBlur(cover, (3, 3), 0)[inner].astype(np.float32) / 255
    solid = share[..., None]
    canvas[window] = canvas[window] * (1 - solid) + pixels[inner].astype(np.float32) / 255 * solid
    owner[window][share >= 0.5] = NOBODY


def described(scene: Scene) -> list[dict[str, Any]]:
    """Describe the visible parts of people as COCO does.

    Of whom hardly anything is visible, that is a crowd: neither to be found nor a false alarm.
    """
    notes = []
    for index, whole in scene.areas.items():
        visible = scene.owner == index
        area = int(visible.sum())
        if not area:
            continue
        runs = rle.encode(np.asfortranarray(visible, np.uint8))
        notes.append(
            {
                "category_id": 1,
                "iscrowd": int(area < max(SEEN * whole, SEEN_PIXELS)),
                "area": area,
                "bbox": rle.toBbox(runs).tolist(),
                "segmentation": {"size": list(visible.shape), "counts": runs["counts"].decode("ascii")},
            }
        )
    return notes
