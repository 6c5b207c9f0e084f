"""Which detection continues which track: overlaps of boxes and masks, and the assignment."""

from __future__ import annotations

import lap  # imports in 5 ms and weighs 2 MB; scipy, which has a solver too, 100 ms and 35 MB
import numpy as np
import numpy.typing as npt

from yolact_live.boxes import iou
from yolact_live.jit import inline, kernel
from yolact_live.types import ByteArray, FloatArray

# Masks are compared as windows of so many samples each way, spread over their boxes.
WINDOW = 16


def windows(
    prototypes: FloatArray, coefficients: FloatArray, crops: npt.NDArray[np.int32], boxes: FloatArray
) -> ByteArray:
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
    _sample(prototypes, coefficients, crops, boxes, out)
    return out


@kernel("void(f4[:,:,::1], f4[:,::1], i4[:,::1], f4[:,::1], u1[:,:,::1])")
def _sample(prototypes, coefficients, crops, boxes, out):  # type: ignore[no-untyped-def]
    half, steps = np.float32(0.5), np.float32(WINDOW)
    for n in range(len(boxes)):
        x1, y1 = boxes[n, 0], boxes[n, 1]
        step_x, step_y = (boxes[n, 2] - x1) / steps, (boxes[n, 3] - y1) / steps
        for i in range(WINDOW):
            y = np.int64(y1 + step_y * (np.float32(i) + half))
            if y < crops[n, 1] or y >= crops[n, 3]:
                continue
            for j in range(WINDOW):
                x = np.int64(x1 + step_x * (np.float32(j) + half))
                if x < crops[n, 0] or x >= crops[n, 2]:
                    continue
                total = np.float32(0.0)
                for k in range(coefficients.shape[1]):
                    total += prototypes[y, x, k] * coefficients[n, k]
                out[n, i, j] = total > 0


def similarity(
    track_boxes: FloatArray,
    track_windows: ByteArray,
    track_labels: npt.NDArray[np.int32],
    boxes: FloatArray,
    windows: ByteArray,
    labels: npt.NDArray[np.int32],
) -> FloatArray:
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
    _compare(track_boxes, track_windows, track_labels, boxes, windows, labels, out)
    return out


def covered(boxes: FloatArray, windows: ByteArray, labels: npt.NDArray[np.int32]) -> FloatArray:
    """Return the share of each mask that lies inside the mask of one earlier of its class.

    Args:
        boxes: (N, 4) f32, best first.
        windows: (N, WINDOW, WINDOW) u8.
        labels: (N,) i32.

    Returns:
        (N,) f32, the largest share.
    """
    out = np.zeros(len(boxes), np.float32)
    _cover(boxes, windows, labels, out)
    return out


@inline
def _filled(windows, n):  # type: ignore[no-untyped-def]
    """Return how many samples of a window are inside its mask."""
    count = 0
    for i in range(WINDOW):
        for j in range(WINDOW):
            count += windows[n, i, j]
    return np.float32(count)


@inline
def _common(boxes, windows, n, other_boxes, other_windows, m):  # type: ignore[no-untyped-def]
    """Return how many samples of window ``n`` are inside its mask and the other."""
    half, steps = np.float32(0.5), np.float32(WINDOW)
    left, top = other_boxes[m, 0], other_boxes[m, 1]
    per_x, per_y = steps / (other_boxes[m, 2] - left), steps / (other_boxes[m, 3] - top)
    from_x, from_y = (boxes[n, 0] - left) * per_x, (boxes[n, 1] - top) * per_y
    step_x = (boxes[n, 2] - boxes[n, 0]) * per_x / steps
    step_y = (boxes[n, 3] - boxes[n, 1]) * per_y / steps
    count = 0
    for i in range(WINDOW):
        v = from_y + step_y * (np.float32(i) + half)
        if v < 0 or v >= steps:
            continue
        row = np.int64(v)
        for j in range(WINDOW):
            u = from_x + step_x * (np.float32(j) + half)
            if u >= 0 and u < steps:
                count += windows[n, i, j] & other_windows[m, row, np.int64(u)]
    return np.float32(count)


@kernel("void(f4[:,::1], u1[:,:,::1], i4[::1], f4[:,::1], u1[:,:,::1], i4[::1], f4[:,::1])")
def _compare(boxes, windows, labels, other_boxes, other_windows, other_labels, out):  # type: ignore[no-untyped-def]
    """Do what :func:`similarity` says; ``out`` is all zeros."""
    for n in range(len(boxes)):
        # areas in samples of this window
        sample = (boxes[n, 2] - boxes[n, 0]) * (boxes[n, 3] - boxes[n, 1])
        area = _filled(windows, n)
        for m in range(len(other_boxes)):
            if labels[n] != other_labels[m]:
                continue
            overlap = iou(boxes, n, other_boxes, m)
            if overlap <= 0:
                continue
            size = (other_boxes[m, 2] - other_boxes[m, 0]) * (other_boxes[m, 3] - other_boxes[m, 1])
            other = _filled(other_windows, m) * size / sample
            if area > 0 and other > 0:
                both = _common(boxes, windows, n, other_boxes, other_windows, m)
                overlap = (overlap + both / (area + other - both)) / 2
            out[n, m] = overlap


@kernel("void(f4[:,::1], u1[:,:,::1], i4[::1], f4[::1])")
def _cover(boxes, windows, labels, out):  # type: ignore[no-untyped-def]
    """Do what :func:`covered` says; ``out`` is all zeros."""
    for n in range(len(boxes)):
        area = max(_filled(windows, n), np.float32(1))
        for m in range(n):
            if labels[n] == labels[m] and iou(boxes, n, boxes, m) > 0:
                out[n] = max(out[n], _common(boxes, windows, n, boxes, windows, m) / area)


def shared(a: FloatArray, b: FloatArray) -> FloatArray:
    """Return the area that each of T boxes shares with each of D boxes, (T, D)."""
    top_left, bottom_right = np.maximum(a[:, None, :2], b[:, :2]), np.minimum(a[:, None, 2:], b[:, 2:])
    areas: FloatArray = np.maximum(bottom_right - top_left, 0).prod(axis=2)
    return areas


def assign(similar: FloatArray, least: float) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Match rows and columns so that the sum of their similarities is largest.

    Args:
        similar: (T, D) f32, 0 to 1.
        least: pairs less alike than this are never matched.

    Returns:
        Rows and their columns, equally many.
    """
    possible = similar >= least
    rows, columns = possible.nonzero()
    if len(set(rows.tolist())) == len(rows) == len(set(columns.tolist())):
        return rows, columns
    weights = np.where(possible, similar**2, 0)
    rows, columns = np.unique(rows), np.unique(columns)
    _, partners, _ = lap.lapjv(1.0 - weights[rows[:, None], columns].astype(np.float64), extend_cost=True)
    columns = columns[partners]
    matched = (partners >= 0) & possible[rows, columns]
    return rows[matched], columns[matched]
