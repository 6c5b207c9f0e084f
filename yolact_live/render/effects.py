"""What lies under masks, outlines and labels: the picture, or another one that is made of it."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from yolact_live.settings import Settings
from yolact_live.types import ByteArray, Instances

_COLOURS = {
    "black": "#000000", "white": "#ffffff", "grey": "#808080", "green": "#00b140", "blue": "#0047bb",
}  # fmt: skip
"""Green and blue are those of studios' screens, which other programs can key out."""
_SQUARE_LINES = 45  # squares of the checker from top to bottom
# Standard deviation of the blur at full strength: of the background, relative to the picture's
# shorter side, and of an object that is hidden, relative to its own, as large objects show more.
_BACKGROUND, _HIDDEN = 0.06, 0.25
_MARGIN = 0.015
"""What is hidden is a little larger than its mask, relative to the picture's shorter side."""
_FINEST = 2.0  # a blur of so many pixels looks smooth when it is made larger


def scene(
    image: ByteArray, instances: Instances, labels: npt.NDArray[np.uint16], settings: Settings
) -> ByteArray:
    """Return what the settings' view shows of a picture.

    Args:
        image: (H, W, 3) u8 BGR.
        instances: what was found in it.
        labels: (H, W) u16, its label map.

    Returns:
        (H, W, 3) u8 BGR, not to be changed: it may be the picture itself.
    """
    height, width = labels.shape
    if settings.view == "masks":
        return _background(height, width, settings.background)
    shown = hide(image, instances, settings)
    if settings.view == "overlay":
        return shown
    objects = (labels != 0).view(np.uint8)
    if settings.view == "cutout":
        behind = _background(height, width, settings.background).copy()
    else:
        behind = _blur_around(shown, objects, settings.blur_strength * _BACKGROUND * min(height, width))
    cv2.copyTo(shown, objects, behind)
    return behind


def hide(image: ByteArray, instances: Instances, settings: Settings) -> ByteArray:
    """Return a picture whose objects of the classes in ``settings.blur`` are unrecognisable.

    Their whole masks and a margin are hidden, whatever is found in front of them.
    """
    chosen = np.isin(np.array([*instances.names, ""]), settings.blur)[instances.labels]
    if not chosen.any():
        return image
    height, width = image.shape[:2]
    margin = max(2, round(_MARGIN * min(height, width)))
    hidden = instances[chosen]
    labels, extents = hidden.paint(height, width)
    grown = extents + np.array([-margin, -margin, margin, margin], np.int32)
    limits = np.array([width, height, width, height], np.int32)
    out = image.copy()
    for i, (x1, y1, x2, y2) in enumerate(np.clip(grown, 0, limits).tolist()):
        room = np.s_[y1:y2, x1:x2]
        mask = (labels[room] == i + 1).view(np.uint8)
        mask = cv2.dilate(mask, np.ones((2 * margin + 1, 2 * margin + 1), np.uint8))
        sigma = settings.blur_strength * _HIDDEN * min(x2 - x1, y2 - y1)
        make = _pixelate if settings.blur_style == "pixelate" else _blur
        cv2.copyTo(make(image[room], sigma), mask, out[room])
    return out


@lru_cache(maxsize=2)
def _background(height: int, width: int, name: str) -> ByteArray:
    """Return a picture of one colour, or the checker that stands for transparency."""
    out = np.empty((height, width, 3), np.uint8)
    if name == "checker":
        side = max(2, height // _SQUARE_LINES)
        ys, xs = np.ogrid[:height, :width]
        out[:] = np.where((ys // side + xs // side) % 2, 204, 255)[:, :, None]
    else:
        code = _COLOURS.get(name, name)
        out[:] = [int(code[i : i + 2], 16) for i in (5, 3, 1)]
    return out


def _shrink(image: ByteArray, sigma: float) -> tuple[ByteArray, float]:
    """Halve a picture as long as a blur stays smooth; return it and the blur in its pixels.

    Halving has a fast path in cv2; the few rows and columns that do not fit are left out.
    """
    factor = 1
    while sigma / factor >= 2 * _FINEST and min(image.shape[:2]) >= 4 * factor:
        factor *= 2
    height, width = (side // factor * factor for side in image.shape[:2])
    small = image[:height, :width]
    for _ in range(factor.bit_length() - 1):
        small = cv2.resize(small, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
    return small, sigma / factor


def _grow(small: ByteArray, like: ByteArray, interpolation: int) -> ByteArray:
    return cv2.resize(small, like.shape[1::-1], interpolation=interpolation)  # type: ignore[return-value]


def _blur(image: ByteArray, sigma: float) -> ByteArray:
    small, rest = _shrink(image, sigma)
    return _grow(cv2.GaussianBlur(small, (0, 0), rest), image, cv2.INTER_LINEAR)  # type: ignore[arg-type]


def _pixelate(image: ByteArray, sigma: float) -> ByteArray:
    """Show squares as wide as a blur would be."""
    side = max(1.0, 2 * sigma)
    size = (max(1, round(image.shape[1] / side)), max(1, round(image.shape[0] / side)))
    small = cv2.resize(_shrink(image, sigma)[0], size, interpolation=cv2.INTER_AREA)
    return _grow(small, image, cv2.INTER_NEAREST)  # type: ignore[arg-type]


def _blur_around(image: ByteArray, objects: ByteArray, sigma: float) -> ByteArray:
    """Blur a picture without its objects, so that none bleeds into what is behind it."""
    rest = (objects == 0).view(np.uint8)
    small, fine = _shrink(cv2.bitwise_and(image, image, mask=rest), sigma)  # type: ignore[arg-type]
    share = _shrink(rest * np.uint8(255), sigma)[0]
    blurred = cv2.GaussianBlur(small.astype(np.float32), (0, 0), fine)
    weight = cv2.GaussianBlur(share.astype(np.float32), (0, 0), fine)[:, :, None] / 255
    out = np.minimum(blurred / np.maximum(weight, 1 / 255), 255).astype(np.uint8)
    return _grow(out, image, cv2.INTER_LINEAR)
