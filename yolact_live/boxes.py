"""Arithmetic of boxes that kernels share."""

from __future__ import annotations

import numpy as np

from yolact_live.jit import inline


@inline
def iou(a, i, b, j):  # type: ignore[no-untyped-def]
    """Return the IoU of boxes ``a[i]`` and ``b[j]``, x1, y1, x2, y2: intersection over union."""
    width = min(a[i, 2], b[j, 2]) - max(a[i, 0], b[j, 0])
    height = min(a[i, 3], b[j, 3]) - max(a[i, 1], b[j, 1])
    if width <= 0 or height <= 0:
        return np.float32(0.0)
    shared = width * height
    first = (a[i, 2] - a[i, 0]) * (a[i, 3] - a[i, 1])
    second = (b[j, 2] - b[j, 0]) * (b[j, 3] - b[j, 1])
    return shared / (first + second - shared)
