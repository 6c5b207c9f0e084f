"""Pictures without people, from a COCO set: backgrounds, prints on cloth, and things that stand in front."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from yolact_live.errors import UsageError
from yolact_live.training.data import decode_mask, resized
from yolact_live.training.people.body import Rng
from yolact_live.types import ByteArray, FloatArray

LONG_SIDE = 640  # of a background, pixels: the size of COCO's own pictures
PRINTS = 48
PRINT_SIDE = 96  # pixels
SMALLEST_THING = 0.008  # of its picture's area
NEAR_SHARE = 0.12  # of the picture's area, a dish or a plate that makes it a close look at a table
SELDOM = 0.75  # how often a close look at a table is put back: people do not stand there


@dataclass(frozen=True)
class Background:
    """A picture without people; ``near``: a close look at food or dishes."""

    path: Path
    near: bool


@dataclass(frozen=True, eq=False)
class Thing:
    """A labelled object: its COCO box (x, y, width, height) and segmentation in pixels of its picture."""

    path: Path
    box: tuple[float, float, float, float]
    segmentation: Any


class Backgrounds:
    """The pictures of a COCO file that show no person.

    Args:
        images: folder of the pictures.
        annotations: COCO file; a picture without an annotation "person" shows none.

    Raises:
        UsageError: a file is missing or is no COCO file, or all pictures show people.
    """

    def __init__(self, images: Path, annotations: Path) -> None:
        try:
            data = json.loads(annotations.read_text(encoding="utf-8"))
            self.pictures, self.things = _without_people(images, data)
        except OSError as error:
            raise UsageError(f"cannot read {annotations}", str(error.strerror)) from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UsageError(f"{annotations} is no COCO file", f"{type(error).__name__}: {error}") from error
        if not self.pictures:
            raise UsageError(f"all pictures of {annotations} show people", "give some that do not")
        missing = next((p.path for p in self.pictures if not p.path.is_file()), None)
        if missing:
            raise UsageError(f"{missing} is missing", f"check that the pictures of {annotations} are there")

    def prints(self, rng: Rng) -> FloatArray:
        """Cut patterns for cloth: (PRINTS, PRINT_SIDE, PRINT_SIDE, 3) f32, RGB, 0..1, mirrored to repeat."""
        return np.stack([self._print(rng) for _ in range(PRINTS)])

    def _print(self, rng: Rng) -> FloatArray:
        image = _read(self.pictures[int(rng.integers(len(self.pictures)))].path)
        side = max(1, int(rng.uniform(0.15, 0.5) * min(image.shape[:2])))
        y, x = int(rng.integers(image.shape[0] - side)), int(rng.integers(image.shape[1] - side))
        tile = resized(image[y : y + side, x : x + side, ::-1], (PRINT_SIDE // 2, PRINT_SIDE // 2))
        row = np.concatenate([tile, tile[:, ::-1]], 1)
        return np.concatenate([row, row[::-1]]).astype(np.float32) / np.float32(255)

    def draw(self, rng: Rng) -> ByteArray:
        """Draw a background: part of a picture, perhaps mirrored, brighter or out of focus.

        Returns:
            (H, W, 3) u8, BGR, the longer side LONG_SIDE pixels.
        """
        picture = self.pictures[int(rng.integers(len(self.pictures)))]
        while picture.near and rng.random() < SELDOM:
            picture = self.pictures[int(rng.integers(len(self.pictures)))]
        image = _read(picture.path)
        share = rng.uniform(0.65, 1.0) if rng.random() < 0.7 else 1.0
        height, width = (max(1, int(side * share)) for side in image.shape[:2])
        y, x = int(rng.integers(image.shape[0] - height + 1)), int(rng.integers(image.shape[1] - width + 1))
        ratio = LONG_SIDE / max(height, width)
        size = (max(1, round(width * ratio)), max(1, round(height * ratio)))
        crop: Any = cv2.resize(image[y : y + height, x : x + width], size, interpolation=cv2.INTER_LINEAR)
        if rng.random() < 0.5:
            crop = cv2.flip(crop, 1)
        if rng.random() < 0.18:
            crop = cv2.GaussianBlur(crop, (0, 0), rng.uniform(1.5, 5))
        return np.asarray(
            cv2.convertScaleAbs(crop, alpha=rng.uniform(0.75, 1.15), beta=rng.uniform(-8, 8)), np.uint8
        )

    def thing(self, rng: Rng) -> tuple[ByteArray, ByteArray]:
        """Cut out an object: (h, w, 3) u8 BGR, and its mask, (h, w) u8, 0 or 255."""
        thing = self.things[int(rng.integers(len(self.things)))]
        x, y, w, h = thing.box
        part = np.s_[int(y) : int(y + h) + 1, int(x) : int(x + w) + 1]
        image = _read(thing.path)
        return image[part], decode_mask(thing.segmentation, image.shape[:2])[part] * np.uint8(255)


def _without_people(images: Path, data: dict[str, Any]) -> tuple[list[Background], list[Thing]]:
    """Sort the pictures of a COCO file and the objects in them."""
    people = {c["id"] for c in data["categories"] if c["name"] == "person"}
    plates = {c["id"] for c in data["categories"] if c.get("supercategory") in ("food", "kitchen")}
    notes: dict[int, list[dict[str, Any]]] = {image["id"]: [] for image in data["images"]}
    for note in data["annotations"]:
        notes[note["image_id"]].append(note)
    pictures, things = [], []
    for image in data["images"]:
        own = notes[image["id"]]
        if any(note["category_id"] in people for note in own):
            continue
        path, area = images / image["file_name"], image["height"] * image["width"]
        near = any(n["category_id"] in plates and n["area"] > NEAR_SHARE * area for n in own)
        pictures.append(Background(path, near))
        things += [
            Thing(path, tuple(n["bbox"]), n["segmentation"])
            for n in own
            if not n.get("iscrowd") and n["segmentation"] and n["area"] > SMALLEST_THING * area
        ]
    return pictures, things


def _read(path: Path) -> ByteArray:
    """Read a picture: (H, W, 3) u8, BGR."""
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise UsageError(f"{path} is no picture", "check the pictures without people")
    return np.asarray(image, np.uint8)
