"""Instances with shapes that are known exactly."""

from __future__ import annotations

import numpy as np

from yolact_live.types import Instances

SIDE = 48


def discs(
    circles: list[tuple[float, float, float]],
    size: tuple[int, int],
    names: tuple[str, ...] = ("person", "cat"),
    scores: list[float] | None = None,
) -> Instances:
    """Return instances whose masks are discs.

    Args:
        circles: centre x, centre y and radius of each, relative to the frame's sides.
        size: height and width of the frame.
    """
    count, (height, width) = len(circles), size
    ys, xs = (np.mgrid[0:SIDE, 0:SIDE] + 0.5) / SIDE
    prototypes = np.zeros((SIDE, SIDE, 32), np.float32)
    prototypes[:, :, 31] = 1
    coefficients = np.zeros((count, 32), np.float32)
    boxes, crops = np.zeros((count, 4), np.float32), np.zeros((count, 4), np.int32)
    for i, (x, y, radius) in enumerate(circles):
        prototypes[:, :, i] = np.maximum(0, 2 - np.hypot(xs - x, ys - y) / radius) * 20
        coefficients[i, i], coefficients[i, 31] = 1, -20
        corners = np.array([x - radius, y - radius, x + radius, y + radius])
        boxes[i] = np.clip(corners, 0, 1) * [width, height, width, height]
        crops[i] = np.clip([*np.floor(corners[:2] * SIDE - 1), *np.ceil(corners[2:] * SIDE + 1)], 0, SIDE)
    return Instances(
        boxes=boxes,
        scores=np.array(scores or np.linspace(0.9, 0.5, count), np.float32),
        labels=np.zeros(count, np.int32),
        ids=np.full(count, -1, np.int64),
        coefficients=coefficients,
        crops=crops,
        prototypes=prototypes,
        size=size,
        names=names,
    )
