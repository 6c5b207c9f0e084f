"""Mask assembly: from prototypes and coefficients to pixels.

The rules are those of the reference implementation (dbolya/yolact, ``layers/output_utils.py``):
probability = sigmoid(prototype · coefficient), zero outside the crop, resized to the frame
bilinearly with half-pixel centres, inside where it is above one half. This lies beneath
:mod:`yolact_live.types` because drawing, tracking and export all need it.

The result is exact, and still cheap: a row of prototype pixels is resized horizontally once, two of
them make the rows between with one multiplication and addition a pixel, without a branch, and
only where a prototype pixel above one half (logit above zero) is near. The cost follows the area
of the masks.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from yolact_live.jit import inline, kernel


@lru_cache(maxsize=8)
def _cells(length: int, cells: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    """Map output pixels to the prototype pixels left of (above) them.

    Half-pixel mapping: position = (i + 0.5) · cells / length − 0.5, at least that of the first
    prototype pixel and at most that of the last, in single precision as the reference computes it.

    Returns:
        (cells + 2,) i32, the first output pixel of each cell, from the one before the first
        prototype pixel on, which has none; (length,) f32, the distance of each output pixel to
        that prototype pixel, 0 to 1.
    """
    half = np.float32(0.5)
    scale = np.float32(cells) / np.float32(length)
    position = np.clip(scale * (np.arange(length, dtype=np.float32) + half) - half, 0, cells - 1)
    cell = position.astype(np.int32)
    first = np.searchsorted(cell, np.arange(-1, cells + 1)).astype(np.int32)
    return first, position - cell.astype(np.float32)


@inline
def logits(prototypes, coefficients, evidence, offset, x1, y1, x2, y2, out):  # type: ignore[no-untyped-def]
    """Write the logits of a crop into ``out``, which has a border of one −inf pixel.

    They are those of the prototypes if ``offset`` is negative, else they lie in ``evidence``.
    """
    for y in range(y2 - y1 + 2):
        for x in range(x2 - x1 + 2):
            out[y, x] = -np.inf
    for y in range(y1, y2):
        for x in range(x1, x2):
            if offset < 0:
                total = np.float32(0.0)
                for k in range(coefficients.shape[0]):
                    total += prototypes[y, x, k] * coefficients[k]
                out[y - y1 + 1, x - x1 + 1] = total
            else:
                out[y - y1 + 1, x - x1 + 1] = evidence[offset + (y - y1) * (x2 - x1) + x - x1]


def label_map(
    prototypes: npt.NDArray[np.float32],
    coefficients: npt.NDArray[np.float32],
    crops: npt.NDArray[np.int32],
    evidence: npt.NDArray[np.float32],
    offsets: npt.NDArray[np.int64],
    out: npt.NDArray[np.uint16],
) -> npt.NDArray[np.int32]:
    """Paint the masks of one frame, the last instance first, so that the first is on top.

    Args:
        prototypes: (M, M, K) f32.
        coefficients: (N, K) f32.
        crops: (N, 4) i32, x1, y1, x2, y2 in prototype pixels, half-open.
        evidence: (L,) f32, logits of masks that do not come from the prototypes.
        offsets: (N,) i64, where in ``evidence`` a mask's crop begins, row by row; −1 = it
            comes from the prototypes.
        out: (H, W) u16, overwritten: 0 = none, i + 1 = instance i.

    Returns:
        (N, 4) i32, the extent of each mask: x1, y1, x2, y2 in output pixels, half-open, inside the
        output, at most a prototype pixel larger than the mask.
    """
    rows, columns = prototypes.shape[:2]
    height, width = out.shape
    window = np.empty((rows + 2, columns + 2), np.float32)
    across = np.empty((2, width), np.float32)
    extents = np.zeros((len(crops), 4), np.int32)
    out.fill(0)
    _paint(
        prototypes,
        coefficients,
        crops,
        evidence,
        offsets,
        *_cells(height, rows),
        *_cells(width, columns),
        window,
        across,
        extents,
        out,
    )
    return extents


@inline
def _probabilities(window, width, height):  # type: ignore[no-untyped-def]
    """Turn logits into probabilities where a logit above zero is near.

    Returns:
        x1, y1, x2, y2, half-open, of the logits above zero; empty if there are none.
    """
    x1, y1, x2, y2 = width, height, 0, 0
    for y in range(1, height + 1):
        for x in range(1, width + 1):
            if window[y, x] > 0:
                x1, x2 = min(x1, x), max(x2, x + 1)
                y1, y2 = min(y1, y), y + 1
    for y in range(y1 - 1, y2 + 1):
        for x in range(x1 - 1, x2 + 1):
            window[y, x] = np.float32(1.0) / (np.float32(1.0) + math.exp(-window[y, x]))
    return x1, y1, x2, y2


@kernel(
    "void(f4[:,:,::1], f4[:,::1], i4[:,::1], f4[::1], i8[::1], "
    "i4[::1], f4[::1], i4[::1], f4[::1], f4[:,::1], f4[:,::1], i4[:,::1], u2[:,::1])"
)
def _paint(  # type: ignore[no-untyped-def]
    prototypes,
    coefficients,
    crops,
    evidence,
    offsets,
    first_y,
    weight_y,
    first_x,
    weight_x,
    window,
    across,
    extents,
    out,
):
    """Paint masks over a label map; see :func:`label_map` and :func:`_cells`.

    Args:
        window: (M + 2, M + 2) f32, overwritten: a crop of the prototypes with its border.
        across: (2, W) f32, overwritten: two rows of it, resized horizontally.
        extents: (N, 4) i32, zeros.
    """
    one, half = np.float32(1.0), np.float32(0.5)
    for n in range(len(crops) - 1, -1, -1):
        left, top = crops[n, 0], crops[n, 1]
        width, height = crops[n, 2] - left, crops[n, 3] - top
        if width <= 0 or height <= 0:
            continue
        logits(prototypes, coefficients[n], evidence, offsets[n], left, top, crops[n, 2], crops[n, 3], window)
        x1, y1, x2, y2 = _probabilities(window, width, height)
        if x1 >= x2:
            continue
        extents[n, 0], extents[n, 2] = first_x[left + x1 - 1], first_x[left + x2]
        extents[n, 1], extents[n, 3] = first_y[top + y1 - 1], first_y[top + y2]
        value = np.uint16(n + 1)
        begin, end = x2, x1  # cells of a row that are next to a pixel inside
        for row in range(y1 - 1, y2 + 1):
            begin_above, end_above = begin, end
            begin, end = x2, x1
            new = np.uintp(row & 1)
            old = np.uintp(1) - new
            for x in range(x1 - 1, x2):
                a, b = window[row, x], window[row, x + 1]
                if a > half or b > half:
                    begin, end = min(begin, x), x + 1
                for i in range(np.uintp(first_x[left + x]), np.uintp(first_x[left + x + 1])):
                    across[new, i] = (one - weight_x[i]) * a + weight_x[i] * b
            start, stop = min(begin, begin_above), max(end, end_above)
            if row < y1 or start >= stop:
                continue
            for y in range(np.uintp(first_y[top + row - 1]), np.uintp(first_y[top + row])):
                lower = weight_y[y]
                upper = one - lower
                for i in range(np.uintp(first_x[left + start]), np.uintp(first_x[left + stop])):
                    below = out[y, i]
                    inside = upper * across[old, i] + lower * across[new, i] > half
                    out[y, i] = value if inside else below
