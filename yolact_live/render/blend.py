"""The compositing kernel: masks and outlines over a picture, in one pass inside the boxes.

Indices are unsigned: numba guards signed ones against wrapping around, which keeps the
compiler from making vector instructions of the inner loops (a factor of three here).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from yolact_live.jit import inline, kernel
from yolact_live.types import ByteArray

# Pixels looked at together; most blocks are all inside or all outside a mask.
_BLOCK = np.uintp(32)
_THREE = np.uintp(3)


@inline
def _uniform(row, x):  # type: ignore[no-untyped-def]
    """Say whether the block at ``x`` has one label."""
    first = row[x]
    other = np.uint16(0)
    for i in range(_BLOCK):
        other |= row[x + i] ^ first
    return other == 0


@inline
def _surrounded(row, above, below, x, outline, value):  # type: ignore[no-untyped-def]
    """Say whether all that surrounds the block, as far as the outline is wide, has one label."""
    other = np.uint16(0)
    for i in range(_BLOCK):
        other |= (above[x + i] ^ value) | (below[x + i] ^ value)
        other |= (row[x + i - outline] ^ value) | (row[x + i + outline] ^ value)
    return other == 0


@inline
def _tint(pixels, x, count, keep, tint):  # type: ignore[no-untyped-def]
    for i in range(_THREE * count):
        j = _THREE * x + i
        pixels[j] = (pixels[j] * keep + tint[i]) >> 8


def blend(
    image: ByteArray,
    labels: npt.NDArray[np.uint16],
    extents: npt.NDArray[np.int32],
    colours: ByteArray,
    opacity: int,
    outline: int,
) -> None:
    """Tint every pixel of an instance with its colour; outlines are opaque.

    Each pixel belongs to one instance only, so that where masks overlap the topmost is seen
    and no third colour appears. The rim of the picture is no outline.

    Args:
        image: (H, 3 · W) u8, changed in place.
        labels: (H, W) u16 label map, 0 = none, i + 1 = instance i.
        extents: (N, 4) i32, x1, y1, x2, y2, the pixels that instance i can reach.
        colours: (N, 3) u8.
        opacity: 0 to 256.
        outline: width of the outline in pixels, inside the mask; 0 = none.
    """
    tints = np.tile(colours.astype(np.uint16) * np.uint16(opacity), int(_BLOCK))
    _blend(image, labels, extents, colours, tints, 256 - opacity, outline)


@kernel("void(u1[:,::1], u2[:,::1], i4[:,::1], u1[:,::1], u2[:,::1], u2, i8)")
def _blend(image, labels, extents, colours, tints, keep, outline):  # type: ignore[no-untyped-def]
    """Do what :func:`blend` says.

    Args:
        tints: (N, 3 · _BLOCK) u16, what is added to a block of pixels.
        keep: what remains of them, 0 to 256.
    """
    height, width = labels.shape
    rim, last = np.uintp(outline), np.uintp(width - 1)
    one = np.uintp(1)
    for n in range(len(extents)):
        value = np.uint16(n + 1)
        right = np.uintp(extents[n, 2])
        tint = tints[n]
        for y in range(extents[n, 1], extents[n, 3]):
            row, pixels = labels[y], image[y]
            above, below = labels[max(y - outline, 0)], labels[min(y + outline, height - 1)]
            x = np.uintp(extents[n, 0])
            while x < right:
                end = min(x + _BLOCK, right)
                if end == x + _BLOCK and _uniform(row, x):
                    if row[x] != value:
                        x = end
                        continue
                    if x >= rim and end + rim <= last and _surrounded(row, above, below, x, rim, value):
                        _tint(pixels, x, _BLOCK, keep, tint)
                        x = end
                        continue
                while x < end:
                    if row[x] == value:
                        before, after = row[max(x, rim) - rim], row[min(x + rim, last)]
                        if (above[x] ^ value) | (below[x] ^ value) | (before ^ value) | (after ^ value):
                            for c in range(_THREE):
                                pixels[_THREE * x + c] = colours[n, c]
                        else:
                            _tint(pixels, x, one, keep, tint)
                    x += one
