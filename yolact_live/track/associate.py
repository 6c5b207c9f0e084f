"""Which detection continues which track: overlaps of boxes and masks, and the assignment."""

from __future__ import annotations

import lap  # imports in 5 ms and weighs 2 MB; scipy, which has a solver too, 100 ms and 35 MB
import numpy as np
import numpy.typing as npt

from yolact_live.jit import inline, kernel
from yolact_live.types import FloatArray

# Masks are compared as windows of so many samples each way, spread over their boxes.
WINDOW = 16


@kernel("u1[:,:,::1](f4[:,:,::1], f4[:,::1], i4[:,::1], f4[:,::1])")
def windows(prototypes, coefficients, crops, boxes):  # type: ignore[no-untyped-def]
    """Sample masks on a grid over their boxes.

    Args:
        prototypes: (M, M, K) f32.
        coefficients: (N, K) f32.
        crops: (N, 4) i32 in prototype pixels.
        boxes: (N, 4) f32, x1, y1, x2, y2 in prototype pixels.

    Returns:
        (N, WINDOW, WINDOW) u8, 1 = inside the mask.
    """
    out = np.zeros((len(boxes), WINDOW, WINDOW), np.uint8)
    for n in range(len(boxes)):
        x1, y1, x2, y2 = boxes[n, 0], boxes[n, 1], boxes[n, 2], boxes[n, 3]
        for i in range(WINDOW):
            y = int(y1 + (y2 - y1) * (i + 0.5) / WINDOW)
            if y < crops[n, 1] or y >= crops[n, 3]:
                continue
            for j in range(WINDOW):
                x = int(x1 + (x2 - x1) * (j + 0.5) / WINDOW)
                if x < crops[n, 0] or x >= crops[n, 2]:
                    continue
                total = np.float32(0.0)
                for k in range(coefficients.shape[1]):
                    total += prototypes[y, x, k] * coefficients[n, k]
                out[n, i, j] = total > 0
    return out


@inline
def _box_iou(a, b):  # type: ignore[no-untyped-def]
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return np.float32(0.0)
    shared = width * height
    return shared / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared)


@inline
def _mask_areas(a, window_a, b, window_b):  # type: ignore[no-untyped-def]
    """Area of the first mask, of the second, and of what they share, in the boxes' pixels."""
    aw, ah, bw, bh = a[2] - a[0], a[3] - a[1], b[2] - b[0], b[3] - b[1]
    inside_a = inside_b = shared = 0
    for i in range(WINDOW):
        v = (a[1] + ah * (i + np.float32(0.5)) / WINDOW - b[1]) / bh * WINDOW
        for j in range(WINDOW):
            inside_b += window_b[i, j]
            if window_a[i, j]:
                inside_a += 1
                u = (a[0] + aw * (j + np.float32(0.5)) / WINDOW - b[0]) / bw * WINDOW
                if u >= 0 and v >= 0 and u < WINDOW and v < WINDOW:
                    shared += window_b[int(v), int(u)]
    cell_a, cell_b = aw * ah / (WINDOW * WINDOW), bw * bh / (WINDOW * WINDOW)
    return inside_a * cell_a, inside_b * cell_b, shared * cell_a


@kernel("f4[:,::1](f4[:,::1], u1[:,:,::1], i4[::1], f4[:,::1], u1[:,:,::1], i4[::1])")
def similarity(track_boxes, track_windows, track_labels, boxes, windows, labels):  # type: ignore[no-untyped-def]
    """Say how alike tracks and detections are: the mean of box IoU and mask IoU.

    Args:
        track_boxes: (T, 4) f32, where the tracks should be now.
        track_windows: (T, WINDOW, WINDOW) u8, their last masks.
        track_labels: (T,) i32.
        boxes, windows, labels: the same of D detections.

    Returns:
        (T, D) f32, 0 to 1; 0 between classes.
    """
    out = np.zeros((len(track_boxes), len(boxes)), np.float32)
    for t in range(len(track_boxes)):
        for d in range(len(boxes)):
            if track_labels[t] != labels[d]:
                continue
            iou = _box_iou(track_boxes[t], boxes[d])
            if iou > 0:
                first, second, shared = _mask_areas(track_boxes[t], track_windows[t], boxes[d], windows[d])
                if first > 0 and second > 0:
                    iou = (iou + shared / max(first + second - shared, np.float32(1e-6))) / 2
            out[t, d] = iou
    return out


@kernel("f4[::1](f4[:,::1], u1[:,:,::1], i4[::1])")
def covered(boxes, windows, labels):  # type: ignore[no-untyped-def]
    """Return the share of each mask that lies inside the mask of one earlier of its class.

    Args:
        boxes: (N, 4) f32, best first.
        windows: (N, WINDOW, WINDOW) u8.
        labels: (N,) i32.

    Returns:
        (N,) f32, the largest share.
    """
    out = np.zeros(len(boxes), np.float32)
    for n in range(len(boxes)):
        for m in range(n):
            if labels[n] == labels[m] and _box_iou(boxes[n], boxes[m]) > 0:
                own, _, shared = _mask_areas(boxes[n], windows[n], boxes[m], windows[m])
                if own > 0:
                    out[n] = max(out[n], shared / own)
    return out


def assign(similar: FloatArray, least: float) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Match rows and columns so that the sum of their similarities is largest.

    Args:
        similar: (T, D) f32, 0 to 1.
        least: pairs less alike than this are never matched.

    Returns:
        Rows and their columns, equally many.
    """
    gated = np.where(similar >= least, similar**2, 0.0).astype(np.float64)
    if not gated.any():
        none = np.empty(0, np.intp)
        return none, none
    _, columns, _ = lap.lapjv(1.0 - gated, extend_cost=True)
    rows = np.arange(len(gated))
    matched = (columns >= 0) & (gated[rows, columns] > 0)
    return rows[matched], columns[matched].astype(np.intp)
