"""Mask assembly: from prototypes and coefficients to pixels.

The rules are those of the reference implementation (dbolya/yolact, ``layers/output_utils.py``):
probability = sigmoid(prototype · coefficient), zero outside the crop, resized to the frame
bilinearly with half-pixel centres, inside where it is above one half. This lies beneath
:mod:`yolact_live.types` because drawing, tracking and export all need it.

The result is exact, and still cheap: between four neighbouring prototype pixels the resized
probability is a convex combination, so where all four are above one half (logit above zero)
the whole cell is inside, where none is, it is outside, and only the cells that the outline
crosses are interpolated pixel by pixel. The cost follows the area of the boxes.
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

    Half-pixel mapping: position = max((i + 0.5) · cells / length − 0.5, 0), in single
    precision as the reference computes it.

    Returns:
        (cells + 1,) i32, the first output pixel of each cell; (length,) f32, the distance of each
        output pixel to that prototype pixel, 0 to 1.
    """
    half = np.float32(0.5)
    scale = np.float32(cells) / np.float32(length)
    position = np.maximum(scale * (np.arange(length, dtype=np.float32) + half) - half, 0)
    cell = np.minimum(position.astype(np.int32), cells - 1)
    first = np.searchsorted(cell, np.arange(cells + 1)).astype(np.int32)
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


@inline
def _sigmoid(x):  # type: ignore[no-untyped-def]
    return np.float32(1.0) / (np.float32(1.0) + math.exp(-x))


def label_map(
    prototypes: npt.NDArray[np.float32],
    coefficients: npt.NDArray[np.float32],
    crops: npt.NDArray[np.int32],
    evidence: npt.NDArray[np.float32],
    offsets: npt.NDArray[np.int64],
    out: npt.NDArray[np.uint16],
) -> None:
    """Paint the masks of one frame, the last instance first, so that the first is on top.

    Args:
        prototypes: (M, M, K) f32.
        coefficients: (N, K) f32.
        crops: (N, 4) i32, x1, y1, x2, y2 in prototype pixels, half-open.
        evidence: (L,) f32, logits of masks that do not come from the prototypes.
        offsets: (N,) i64, where in ``evidence`` a mask's crop begins, row by row; −1 = it
            comes from the prototypes.
        out: (H, W) u16, overwritten: 0 = none, i + 1 = instance i.
    """
    rows, columns = prototypes.shape[:2]
    height, width = out.shape
    window = np.empty((rows + 2, columns + 2), np.float32)
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
        out,
    )


@kernel(
    "void(f4[:,:,::1], f4[:,::1], i4[:,::1], f4[::1], i8[::1], "
    "i4[::1], f4[::1], i4[::1], f4[::1], f4[:,::1], u2[:,::1])"
)
def _paint(  # type: ignore[no-untyped-def]
    prototypes, coefficients, crops, evidence, offsets, first_y, weight_y, first_x, weight_x, window, out
):
    """Paint masks over a label map; see :func:`label_map` and :func:`_cells`.

    Args:
        window: (M + 2, M + 2) f32, overwritten.
    """
    rows, columns = prototypes.shape[0], prototypes.shape[1]
    for n in range(len(crops) - 1, -1, -1):
        x1, y1, x2, y2 = crops[n, 0], crops[n, 1], crops[n, 2], crops[n, 3]
        if x1 >= x2 or y1 >= y2:
            continue
        value = np.uint16(n + 1)
        logits(prototypes, coefficients[n], evidence, offsets[n], x1, y1, x2, y2, window)
        for row in range(max(y1 - 1, 0), y2):
            top, bottom = first_y[row], first_y[row + 1]
            if top == bottom:
                continue
            above = window[row - y1 + 1]
            # the last prototype row and column are their own neighbours
            below = window[min(row + 1, rows - 1) - y1 + 1]
            for column in range(max(x1 - 1, 0), x2):
                left, right = first_x[column], first_x[column + 1]
                i, j = column - x1 + 1, min(column + 1, columns - 1) - x1 + 1
                a, b, c, d = above[i], above[j], below[i], below[j]
                inside = (a > 0) + (b > 0) + (c > 0) + (d > 0)
                if inside == 0:
                    continue
                if inside == 4:
                    for y in range(top, bottom):
                        for x in range(left, right):
                            out[y, x] = value
                    continue
                a, b, c, d = _sigmoid(a), _sigmoid(b), _sigmoid(c), _sigmoid(d)
                for y in range(top, bottom):
                    lower = weight_y[y]
                    upper = np.float32(1.0) - lower
                    start = upper * a + lower * c
                    step = upper * b + lower * d - start
                    for x in range(left, right):
                        if start + weight_x[x] * step > np.float32(0.5):
                            out[y, x] = value


def crops(boxes: np.ndarray, size: tuple[int, int], prototypes: tuple[int, int]) -> np.ndarray:
    """Return the prototype pixels that boxes touch and one more on every side.

    Args:
        boxes: (N, 4), x1, y1, x2, y2 in frame pixels.
        size: height and width of the frame.
        prototypes: height and width of the prototypes.

    Returns:
        (N, 4) i32, x1, y1, x2, y2 in prototype pixels, half-open.
    """
    side = np.array(prototypes[::-1] * 2)
    cells = boxes * (side / np.array(size[::-1] * 2))
    cells[:, :2] = np.ceil(cells[:, :2] - 1)
    cells[:, 2:] = np.floor(cells[:, 2:] + 1)
    return np.clip(cells, 0, side).astype(np.int32)


def extents(crops: np.ndarray, prototypes: tuple[int, int], size: tuple[int, int]) -> np.ndarray:
    """Return the pixels that each mask can reach.

    Args:
        crops: (N, 4) i32 in prototype pixels.
        prototypes: height and width of the prototypes.
        size: height and width of the output.

    Returns:
        (N, 4) i32, x1, y1, x2, y2 in output pixels, half-open, inside the output. One
        prototype pixel wider than the crop, as the resize blurs its edge.
    """
    rows, columns = prototypes
    height, width = size
    scale = np.array([width / columns, height / rows] * 2)
    grown = (crops + np.array([-1, -1, 1, 1])) * scale
    grown[:, :2] = np.floor(grown[:, :2])
    grown[:, 2:] = np.ceil(grown[:, 2:])
    return np.clip(grown, 0, [width, height, width, height]).astype(np.int32)
