"""Masks that move with their boxes and gather evidence over time.

Evidence is a mask's logits in its crop, cut off at ±LIMIT, so that a mean of it is a mean of
probabilities (of a sigmoid with straight sides) without an exponential for every pixel.
"""

from __future__ import annotations

import numpy as np

from yolact_live.jit import kernel
from yolact_live.masks import logits

LIMIT = 4.0


@kernel(
    "void(f4[:,:,::1], f4[:,::1], i4[:,::1], f4[::1], i8[::1], f4[:,::1], "
    "i8[::1], f4[:,::1], i4[:,::1], i8[::1], f4[::1])"
)
def move(  # type: ignore[no-untyped-def]
    prototypes, coefficients, crops, evidence, offsets, boxes, rows, to_boxes, to_crops, to_offsets, out
):
    """Resample masks so that they move and grow as their boxes do.

    Args:
        prototypes, coefficients, crops, evidence, offsets: the masks as they were, as in
            :func:`yolact_live.masks.label_map`.
        boxes: (N, 4) f32, x1, y1, x2, y2 in prototype pixels, their boxes.
        rows: (R,) i64, which of them to move; −1 = nothing, whose evidence is all outside.
        to_boxes: (R, 4) f32, where they go.
        to_crops: (R, 4) i32, prototype pixels wanted there.
        to_offsets: (R,) i64, where in ``out`` each begins.
        out: f32, evidence, written.
    """
    limit = np.float32(LIMIT)
    half = np.float32(0.5)
    height, width = prototypes.shape[0], prototypes.shape[1]
    source = np.empty((height + 2, width + 2), np.float32)
    for n in range(len(rows)):
        x1, y1, x2, y2 = to_crops[n, 0], to_crops[n, 1], to_crops[n, 2], to_crops[n, 3]
        at = to_offsets[n]
        r = rows[n]
        if r < 0:
            out[at : at + max(x2 - x1, 0) * max(y2 - y1, 0)] = -limit
            continue
        left, top, right, bottom = crops[r, 0], crops[r, 1], crops[r, 2], crops[r, 3]
        logits(prototypes, coefficients[r], evidence, offsets[r], left, top, right, bottom, source)
        rows_in, columns_in = max(bottom - top, 0), max(right - left, 0)
        for y in range(rows_in + 2):
            for x in range(columns_in + 2):
                source[y, x] = min(max(source[y, x], -limit), limit)
        old, new = boxes[r], to_boxes[n]
        step_x = (old[2] - old[0]) / (new[2] - new[0])
        step_y = (old[3] - old[1]) / (new[3] - new[1])
        for y in range(y1, y2):
            # pixels have their values at their centres; the border of ``source`` is one pixel
            v = old[1] + (y + half - new[1]) * step_y - half - top + 1
            inside_y = v > 0 and v < rows_in + 1
            j = int(v)
            fy = v - j
            for x in range(x1, x2):
                u = old[0] + (x + half - new[0]) * step_x - half - left + 1
                if inside_y and u > 0 and u < columns_in + 1:
                    i = int(u)
                    fx = u - i
                    upper = source[j, i] + fx * (source[j, i + 1] - source[j, i])
                    lower = source[j + 1, i] + fx * (source[j + 1, i + 1] - source[j + 1, i])
                    out[at] = upper + fy * (lower - upper)
                else:
                    out[at] = -limit
                at += 1


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
