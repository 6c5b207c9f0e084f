"""Masks as run lengths, polygons and figures."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from pycocotools import mask as coco_mask

BoolArray = npt.NDArray[np.bool_]

# How far, in pixels, an outline may be from the edge of a mask, as a share of the mask's side, and its
# limits. So the IoU of both is 0.99 or more, with a fraction of the corners that the edge has.
_TOLERANCE = 0.005
_TOLERANCE_PX = 0.3, 1.0


def encode(mask: BoolArray) -> dict[str, Any]:
    """Return a mask as COCO's compressed run-length encoding.

    Equal to what ``pycocotools.mask.encode`` makes of it, but only the columns that the mask
    touches are looked at: 0.2 ms instead of 1 ms for a person at 720p.

    Args:
        mask: (H, W) bool.

    Returns:
        ``{"size": [H, W], "counts": str}``.
    """
    height, width = mask.shape
    columns = np.flatnonzero(mask.any(axis=0))
    left, right = (int(columns[0]), int(columns[-1]) + 1) if columns.size else (0, 0)
    pixels = np.zeros((right - left) * height + 2, np.bool_)  # one outside pixel at either end
    pixels[1:-1] = mask[:, left:right].T.ravel()
    # COCO counts down the columns: outside, inside, outside, …; a last run of none is left out
    edges = np.flatnonzero(pixels[1:] != pixels[:-1]) + left * height
    counts = np.diff(edges, prepend=0, append=height * width)
    if len(counts) > 1 and counts[-1] == 0:
        counts = counts[:-1]
    runs = coco_mask.frPyObjects({"size": [height, width], "counts": counts.tolist()}, height, width)
    return {"size": [height, width], "counts": runs["counts"].decode("ascii")}


def polygons(mask: BoolArray) -> list[list[float]]:
    """Return the outlines of a mask as COCO's polygons, one for each part of it.

    A hole is joined to the outline around it by a cut of no width.

    Args:
        mask: (H, W) bool.

    Returns:
        ``[[x, y, x, y, …], …]``, pixels, the origin at the outer corner of the first pixel.
    """
    left, top, crop = _cropped(mask)
    if not crop.size:
        return []
    # Twice as large, every pixel has a left and a right, an upper and a lower half: an outline through
    # the halves, halved and rounded up, runs along the edges of the pixels, not through their centres.
    double = crop.repeat(2, axis=0).repeat(2, axis=1).astype(np.uint8)
    found, hierarchy = cv2.findContours(double, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    tolerance = float(np.clip(_TOLERANCE * np.sqrt(area(crop)), *_TOLERANCE_PX))
    rings = [
        _simplify((np.asarray(contour, np.int32).reshape(-1, 2) + 1) // 2, tolerance) for contour in found
    ]
    result = []
    for i, (_, _, hole, parent) in enumerate(hierarchy[0]):
        if parent < 0:
            ring = rings[i]
            while hole >= 0:
                ring = _join(ring, rings[hole])
                hole = hierarchy[0][hole][0]
            result.append((ring + np.array([left, top], np.float32)).round(1).ravel().tolist())
    return result


def _simplify(corners: npt.NDArray[np.integer[Any]], tolerance: float) -> npt.NDArray[np.float32]:
    """Return a ring of few points close to one that runs along the edges of pixels.

    It goes through the middles of these edges: there it is on neither side of a slanted outline.
    """
    steps = corners[np.any(corners != np.roll(corners, 1, axis=0), axis=1)]
    middles = ((steps + np.roll(steps, -1, axis=0)) / 2).astype(np.float32)
    few = cv2.approxPolyDP(middles[:, None], tolerance, closed=True).reshape(-1, 2).astype(np.float32)
    return few if len(few) > 2 else middles


def _join(ring: npt.NDArray[np.float32], hole: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return an outline that goes to its hole where that is nearest, around it, and back."""
    distances = np.square(ring[:, None] - hole[None]).sum(axis=2)
    i, j = np.unravel_index(distances.argmin(), distances.shape)
    around = np.roll(hole, -int(j), axis=0)
    return np.concatenate([ring[: i + 1], around, around[:1], ring[i:]])


def area(mask: BoolArray) -> int:
    """Return the size of a mask in pixels."""
    return int(np.count_nonzero(mask))


def centroid(mask: BoolArray) -> tuple[float, float] | None:
    """Return x and y of the middle of a mask in pixels; None if it is empty."""
    left, top, crop = _cropped(mask)
    by_column, by_row = crop.sum(axis=0), crop.sum(axis=1)
    total = by_row.sum()
    if not total:
        return None
    x = (by_column * np.arange(len(by_column))).sum() / total + left + 0.5
    y = (by_row * np.arange(len(by_row))).sum() / total + top + 0.5
    return float(x), float(y)


def _cropped(mask: BoolArray) -> tuple[int, int, BoolArray]:
    """Return the left and upper end of a mask, and what is between its ends."""
    columns = np.flatnonzero(mask.any(axis=0))
    if not columns.size:
        return 0, 0, mask[:0, :0]
    left, right = int(columns[0]), int(columns[-1]) + 1
    rows = np.flatnonzero(mask[:, left:right].any(axis=1))
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    return left, top, mask[top:bottom, left:right]
