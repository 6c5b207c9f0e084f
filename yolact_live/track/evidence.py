"""Masks that move with their boxes and gather evidence over time.

Evidence is a mask's logits in its crop, cut off at ±LIMIT, so that a mean of it is a mean of
probabilities (of a sigmoid with straight sides) without an exponential for every pixel.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from yolact_live.jit import kernel
from yolact_live.masks import logits
from yolact_live.types import FloatArray

LIMIT = 4.0


@kernel("i8(f4[:,::1], i8[::1], i4[:,::1], i8, i8, i4[:,::1], i8[::1])")
def lay_out(boxes, rows, crops, height, width, to_crops, to_offsets):  # type: ignore[no-untyped-def]
    """Choose the prototype pixels of each mask: those its box touches and one more on every side.

    A box that grows leads the mean of it: the pixels of a new mask are among them, too.

    Args:
        boxes: (R, 4) f32, x1, y1, x2, y2 in prototype pixels.
        rows: (R,) i64, the new mask of each; −1 = none came.
        crops: (N, 4) i32, of the new masks.
        height, width: of the prototypes.
        to_crops: (R, 4) i32, written.
        to_offsets: (R,) i64, where the evidence of each begins, written.

    Returns:
        How many pixels there are.
    """
    total = zero = np.int64(0)
    for n in range(len(boxes)):
        x1, y1 = np.int64(np.ceil(boxes[n, 0] - 1)), np.int64(np.ceil(boxes[n, 1] - 1))
        x2, y2 = np.int64(np.floor(boxes[n, 2] + 1)), np.int64(np.floor(boxes[n, 3] + 1))
        r = rows[n]
        if r >= 0:
            x1, y1 = min(x1, crops[r, 0]), min(y1, crops[r, 1])
            x2, y2 = max(x2, crops[r, 2]), max(y2, crops[r, 3])
        x1, y1 = min(max(x1, zero), width), min(max(y1, zero), height)
        x2, y2 = min(max(x2, x1), width), min(max(y2, y1), height)
        to_crops[n, 0], to_crops[n, 1], to_crops[n, 2], to_crops[n, 3] = x1, y1, x2, y2
        to_offsets[n] = total
        total += (x2 - x1) * (y2 - y1)
    return total


def move(
    prototypes: FloatArray,
    coefficients: FloatArray,
    crops: npt.NDArray[np.int32],
    evidence: FloatArray,
    offsets: npt.NDArray[np.int64],
    rows: npt.NDArray[np.intp],
    from_boxes: FloatArray,
    to_boxes: FloatArray,
    to_crops: npt.NDArray[np.int32],
    to_offsets: npt.NDArray[np.int64],
    out: FloatArray,
) -> None:
    """Resample masks so that they move and grow as their boxes do.

    Args:
        prototypes, coefficients, crops, evidence, offsets: the masks as they were, as in
            :func:`yolact_live.masks.label_map`.
        rows: (R,) i64, which of them to move; −1 = nothing, whose evidence is all outside.
        from_boxes, to_boxes: (R, 4) f32, x1, y1, x2, y2 in prototype pixels, of each the box
            that goes somewhere, and where it goes.
        to_crops: (R, 4) i32, prototype pixels wanted there.
        to_offsets: (R,) i64, where in ``out`` each begins.
        out: f32, evidence, written.
    """
    height, width = prototypes.shape[:2]
    window = np.empty((height + 2, width + 2), np.float32)
    out.fill(-LIMIT)
    _move(
        prototypes, coefficients, crops, evidence, offsets, rows,
        from_boxes, to_boxes, to_crops, to_offsets, window, out,
    )  # fmt: skip


@kernel(
    "void(f4[:,:,::1], f4[:,::1], i4[:,::1], f4[::1], i8[::1], i8[::1], "
    "f4[:,::1], f4[:,::1], i4[:,::1], i8[::1], f4[:,::1], f4[::1])"
)
def _move(  # type: ignore[no-untyped-def]
    prototypes,
    coefficients,
    crops,
    evidence,
    offsets,
    rows,
    from_boxes,
    to_boxes,
    to_crops,
    to_offsets,
    window,
    out,
):
    """Do what :func:`move` says.

    Args:
        window: (M + 2, M + 2) f32, overwritten.
        out: all −LIMIT.
    """
    limit, half = np.float32(LIMIT), np.float32(0.5)
    for n in range(len(rows)):
        r = rows[n]
        if r < 0:
            continue
        x1, y1, x2, y2 = to_crops[n, 0], to_crops[n, 1], to_crops[n, 2], to_crops[n, 3]
        left, top, right, bottom = crops[r, 0], crops[r, 1], crops[r, 2], crops[r, 3]
        logits(prototypes, coefficients[r], evidence, offsets[r], left, top, right, bottom, window)
        for y in range(bottom - top + 2):
            for x in range(right - left + 2):
                window[y, x] = min(max(window[y, x], -limit), limit)
        step_x = (from_boxes[n, 2] - from_boxes[n, 0]) / (to_boxes[n, 2] - to_boxes[n, 0])
        step_y = (from_boxes[n, 3] - from_boxes[n, 1]) / (to_boxes[n, 3] - to_boxes[n, 1])
        # pixels have their values at their centres; the border of the window is one pixel
        from_x = from_boxes[n, 0] + (half - to_boxes[n, 0]) * step_x + half - np.float32(left)
        from_y = from_boxes[n, 1] + (half - to_boxes[n, 1]) * step_y + half - np.float32(top)
        last_x, last_y = np.float32(right - left + 1), np.float32(bottom - top + 1)
        for y in range(y1, y2):
            v = from_y + np.float32(y) * step_y
            if v <= 0 or v >= last_y:
                continue
            j = np.int64(v)
            fy = v - np.float32(j)
            at = to_offsets[n] + (y - y1) * (x2 - x1)
            for x in range(x1, x2):
                u = from_x + np.float32(x) * step_x
                if u > 0 and u < last_x:
                    i = np.int64(u)
                    fx = u - np.float32(i)
                    upper = window[j, i] + fx * (window[j, i + 1] - window[j, i])
                    lower = window[j + 1, i] + fx * (window[j + 1, i + 1] - window[j + 1, i])
                    out[at + x - x1] = upper + fy * (lower - upper)


@kernel("void(f4[:,:,::1], f4[:,::1], i4[:,::1], i8[::1], f4[::1], i4[:,::1], i8[::1], f4[::1])")
def mix(prototypes, coefficients, crops, rows, gains, to_crops, to_offsets, out):  # type: ignore[no-untyped-def]
    """Bring new masks into evidence: an exponential mean over time.

    Args:
        prototypes, coefficients, crops: the new masks.
        rows: (R,) i64, the new mask that belongs to each piece of evidence; −1 = none came.
        gains: (R,) f32, weight of the new mask, 0 to 1.
        to_crops, to_offsets, out: the evidence, as in :func:`move`.
    """
    limit = np.float32(LIMIT)
    for n in range(len(rows)):
        r = rows[n]
        if r < 0:
            continue
        gain, at = gains[n], to_offsets[n]
        for y in range(to_crops[n, 1], to_crops[n, 3]):
            for x in range(to_crops[n, 0], to_crops[n, 2]):
                value = -limit
                if x >= crops[r, 0] and x < crops[r, 2] and y >= crops[r, 1] and y < crops[r, 3]:
                    total = np.float32(0.0)
                    for k in range(coefficients.shape[1]):
                        total += prototypes[y, x, k] * coefficients[r, k]
                    value = min(max(total, -limit), limit)
                out[at] += gain * (value - out[at])
                at += 1
