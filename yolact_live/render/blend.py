"""The compositing kernel: masks and outlines over a picture, row by row.

A row is copied and blended while it is in the cache, which halves what large pictures take. The
inner loop has no branches, so that the compiler makes vector instructions of it. Indices are
unsigned for the same reason: numba guards signed ones against wrapping around.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from yolact_live.jit import kernel
from yolact_live.types import ByteArray

_ONE, _TWO, _THREE = np.uintp(1), np.uintp(2), np.uintp(3)


def blend(
    image: ByteArray,
    labels: npt.NDArray[np.uint16],
    extents: npt.NDArray[np.int32],
    colours: ByteArray,
    opacity: int,
    outline: int,
) -> ByteArray:
    """Return a picture whose instances are tinted with their colours; outlines are opaque.

    Each pixel belongs to one instance only, so that where masks overlap the topmost is seen
    and no third colour appears. The rim of the picture is no outline.

    Args:
        image: (H, W, 3) u8, contiguous.
        labels: (H, W) u16 label map, 0 = none, i + 1 = instance i.
        extents: (N, 4) i32, x1, y1, x2, y2, the pixels that instance i can reach.
        colours: (N, 3) u8.
        opacity: 0 to 256.
        outline: width of the outline in pixels, inside the mask; 0 = none.

    Returns:
        (H, W, 3) u8.
    """
    rows = image.reshape(len(image), -1)
    out = np.empty_like(rows)
    _blend(rows, labels, extents, colours, opacity, 256 - opacity, outline, out)
    return out.reshape(image.shape)


@kernel("void(Array(u1, 2, 'C', True), u2[:,::1], i4[:,::1], u1[:,::1], u2, u2, u8, u1[:,::1])")
def _blend(image, labels, extents, colours, opacity, keep, outline, out):  # type: ignore[no-untyped-def]
    """Do what :func:`blend` says.

    Args:
        image, out: (H, 3 · W) u8.
        keep: what remains of the picture, 0 to 256.
    """
    height, width = np.uintp(labels.shape[0]), np.uintp(labels.shape[1])
    for y in range(height):
        for i in range(_THREE * width):
            out[y, i] = image[y, i]
        above, below = max(y, outline) - outline, min(y + outline, height - _ONE)
        for n in range(np.uintp(len(extents))):
            if y < np.uintp(extents[n, 1]) or y >= np.uintp(extents[n, 3]):
                continue
            value = np.uint16(n + _ONE)
            b, g, r = colours[n, 0], colours[n, 1], colours[n, 2]
            tint_b, tint_g, tint_r = b * opacity, g * opacity, r * opacity
            x, right = np.uintp(extents[n, 0]), np.uintp(extents[n, 2])
            while x < right:
                # next to the sides of the picture pixel by pixel, between them all at once
                before, after = min(x, outline), min(width - _ONE - x, outline)
                between = before == outline and after == outline
                end = min(right, width - outline) if between else x + _ONE
                for i in range(x, end):
                    inside = labels[y, i] == value
                    other = (labels[above, i] ^ value) | (labels[below, i] ^ value)
                    other |= (labels[y, i - before] ^ value) | (labels[y, i + after] ^ value)
                    edge = other != 0
                    old_b = out[y, _THREE * i]
                    old_g = out[y, _THREE * i + _ONE]
                    old_r = out[y, _THREE * i + _TWO]
                    new_b = b if edge else np.uint8((old_b * keep + tint_b) >> 8)
                    new_g = g if edge else np.uint8((old_g * keep + tint_g) >> 8)
                    new_r = r if edge else np.uint8((old_r * keep + tint_r) >> 8)
                    out[y, _THREE * i] = new_b if inside else old_b
                    out[y, _THREE * i + _ONE] = new_g if inside else old_g
                    out[y, _THREE * i + _TWO] = new_r if inside else old_r
                x = end
