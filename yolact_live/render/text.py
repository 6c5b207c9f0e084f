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


def write(image: ByteArray, text: str, x: int, y: int, tint: Colour, scale: float, below: int = 0) -> int:
    """Write a label, moved to stay inside the picture; return its height in pixels.

    Args:
        image: (H, W, 3) u8 BGR, changed in place.
        x, y: its lower left corner.
        tint: BGR of the chip.
        scale: size of the picture, 1 = 720 lines.
        below: where there is no room above ``y``, it stands so many pixels under it.
    """
    chip = _chip(text, tint, max(_SMALLEST_TEXT_PX, round(_TEXT_PX * scale)))
    height, width = image.shape[:2]
    chip = chip[:height, :width]
    x = max(0, min(x, width - chip.shape[1]))
    top = y - chip.shape[0] if y >= chip.shape[0] else y + below
    top = max(0, min(top, height - chip.shape[0]))
    image[top : top + chip.shape[0], x : x + chip.shape[1]] = chip
    return chip.shape[0]


@lru_cache(maxsize=1024)
def _chip(text: str, tint: Colour, size: int) -> ByteArray:
    """Return a label as a picture. Kept, because setting type costs more than all the rest."""
    font = cv2.FontFace("sans")
    pad = size // 4
    width = cv2.getTextSize((0, 0), text, (0, 0), font, size, _WEIGHT)[2]
    chip = np.full((size + pad, width + 2 * pad, 3), tint, np.uint8)
    baseline = (pad, size - size // 8)
    cv2.putText(chip, text, baseline, text_colour(tint), font, size, _WEIGHT)
    return chip
