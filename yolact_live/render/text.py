"""Words in the picture, each on a chip of its colour."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from yolact_live.render.palette import text_colour
from yolact_live.types import ByteArray

Colour = tuple[int, int, int]

# Chosen at 720 lines; grows with the picture.
_TEXT_PX = 20
_SMALLEST_TEXT_PX = 11
_WEIGHT = 500


def write_above(image: ByteArray, text: str, x: int, y: int, tint: Colour, scale: float) -> None:
    """Write a label over a point, or under it where there is no room.

    Args:
        image: (H, W, 3) u8 BGR, changed in place.
        x, y: where its lower left corner would be.
        tint: BGR of the chip.
        scale: size of the picture, 1 = 720 lines.
    """
    height = chip(text, tint, scale).shape[0]
    write(image, text, x, y - height if y >= height else y, tint, scale)


def write(image: ByteArray, text: str, x: int, y: int, tint: Colour, scale: float) -> int:
    """Write a label with its upper left corner at a point, moved to stay inside the picture.

    Returns:
        Its height in pixels.
    """
    label = chip(text, tint, scale)[: image.shape[0], : image.shape[1]]
    height, width = label.shape[:2]
    x, y = max(0, min(x, image.shape[1] - width)), max(0, min(y, image.shape[0] - height))
    image[y : y + height, x : x + width] = label
    return height


def chip(text: str, tint: Colour, scale: float) -> ByteArray:
    """Return a label as a picture, not to be changed: (h, w, 3) u8 BGR."""
    return _chip(text, tint, max(_SMALLEST_TEXT_PX, round(_TEXT_PX * scale)))


@lru_cache(maxsize=256)
def _chip(text: str, tint: Colour, size: int) -> ByteArray:
    """Make a chip. Kept, because setting type costs more than all the rest."""
    font = cv2.FontFace("sans")
    pad = size // 4
    width = cv2.getTextSize((0, 0), text, (0, 0), font, size, _WEIGHT)[2]
    chip = np.full((size + pad, width + 2 * pad, 3), tint, np.uint8)
    baseline = (pad, size - size // 8)
    cv2.putText(chip, text, baseline, text_colour(tint), font, size, _WEIGHT)
    return chip
