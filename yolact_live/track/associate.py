"""Which detection continues which track: overlaps of boxes and masks, and the assignment."""

from __future__ import annotations

import lap  # imports in 5 ms and weighs 2 MB; scipy, which has a solver too, 100 ms and 35 MB
import numpy as np
import numpy.typing as npt

from yolact_live.boxes import iou
from yolact_live.jit import kernel
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
    ious, shared = _overlaps(track_boxes, track_windows, track_labels, boxes, windows, labels)
    first, second = _areas(track_boxes, track_windows)[:, None], _areas(boxes, windows)
    masks = shared / np.maximum(first + second - shared, np.float32(1e-6))
    return np.where((first > 0) & (second > 0) & (ious > 0), (ious + masks) / 2, ious)


def covered(boxes: FloatArray, windows: ByteArray, labels: npt.NDArray[np.int32]) -> FloatArray:
    """Return the share of each mask that lies inside the mask of one earlier of its class.

    Args:
        boxes: (N, 4) f32, best first.
        windows: (N, WINDOW, WINDOW) u8.
        labels: (N,) i32.

    Returns:
        (N,) f32, the largest share.
    """
    _, shared = _overlaps(boxes, windows, labels, boxes, windows, labels)
    areas = np.maximum(_areas(boxes, windows), np.float32(1e-6))
    return (np.tril(shared, -1) / areas[:, None]).max(axis=1, initial=0)


def _areas(boxes: FloatArray, windows: ByteArray) -> FloatArray:
    """Return the areas of masks in the boxes' pixels."""
    sizes = boxes[:, 2:] - boxes[:, :2]
    return sizes[:, 0] * sizes[:, 1] * windows.mean(axis=(1, 2), dtype=np.float32)


def _overlaps(
    boxes: FloatArray,
    windows: ByteArray,
    labels: npt.NDArray[np.int32],
    other_boxes: FloatArray,
    other_windows: ByteArray,
    other_labels: npt.NDArray[np.int32],
) -> tuple[FloatArray, FloatArray]:
    """Return IoU of boxes, and area that masks share, in the boxes' pixels: (N, M) f32 both.

    Both are 0 between classes.
    """
    ious, shared = np.zeros((2, len(boxes), len(other_boxes)), np.float32)
    _overlap(boxes, windows, labels, other_boxes, other_windows, other_labels, ious, shared)
    return ious, shared


@kernel("void(f4[:,::1], u1[:,:,::1], i4[::1], f4[:,::1], u1[:,:,::1], i4[::1], f4[:,::1], f4[:,::1])")
def _overlap(  # type: ignore[no-untyped-def]
    boxes, windows, labels, other_boxes, other_windows, other_labels, ious, shared
):
    half, steps = np.float32(0.5), np.float32(WINDOW)
    for n in range(len(boxes)):
        x1, y1 = boxes[n, 0], boxes[n, 1]
        step_x, step_y = (boxes[n, 2] - x1) / steps, (boxes[n, 3] - y1) / steps
        for m in range(len(other_boxes)):
            if labels[n] != other_labels[m]:
                continue
            ious[n, m] = iou(boxes, n, other_boxes, m)
            if ious[n, m] <= 0:
                continue
            left, top = other_boxes[m, 0], other_boxes[m, 1]
            per_x, per_y = steps / (other_boxes[m, 2] - left), steps / (other_boxes[m, 3] - top)
            count = 0
            for i in range(WINDOW):
                v = (y1 + step_y * (np.float32(i) + half) - top) * per_y
                if v < 0 or v >= steps:
                    continue
                row = np.int64(v)
                for j in range(WINDOW):
                    u = (x1 + step_x * (np.float32(j) + half) - left) * per_x
                    if u >= 0 and u < steps:
                        count += windows[n, i, j] & other_windows[m, row, np.int64(u)]
            shared[n, m] = np.float32(count) * step_x * step_y


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
    gated = np.where(similar >= least, similar**2, 0.0).astype(np.float64)
    if not gated.any():
        none = np.empty(0, np.intp)
        return none, none
    _, columns, _ = lap.lapjv(1.0 - gated, extend_cost=True)
    rows = np.arange(len(gated))
    matched = (columns >= 0) & (gated[rows, columns] > 0)
    return rows[matched], columns[matched].astype(np.intp)
