from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from pycocotools import mask as coco_mask

from yolact_live.record.shapes import area, centroid, encode, polygons


@given(arrays.arrays(np.bool_, st.tuples(st.integers(1, 12), st.integers(1, 12))))
def test_encoding_equals_that_of_pycocotools(mask: np.ndarray) -> None:
    wanted = coco_mask.encode(np.asfortranarray(mask, np.uint8))
    assert encode(mask) == {"size": list(mask.shape), "counts": wanted["counts"].decode()}


@pytest.mark.parametrize("fill", [False, True])
def test_encoding_of_large_even_masks(fill: bool) -> None:
    mask = np.full((1080, 1920), fill)
    mask[300:700, 0:50] = mask[1079, 1919] = True
    wanted = coco_mask.encode(np.asfortranarray(mask, np.uint8))
    assert encode(mask)["counts"] == wanted["counts"].decode()


def drawn(outlines: list[list[float]], size: tuple[int, int]) -> np.ndarray:
    return coco_mask.decode(coco_mask.merge(coco_mask.frPyObjects(outlines, *size))).astype(bool)


def blob(seed: int, size: tuple[int, int] = (200, 220)) -> np.ndarray:
    """A mask of several parts, with holes, some at the edge of the picture, with specks."""
    random = np.random.default_rng(seed)
    mask = np.zeros(size, np.uint8)

    def place() -> tuple[int, int]:
        return int(random.integers(size[1])), int(random.integers(size[0]))

    for _ in range(random.integers(1, 5)):
        axes = int(random.integers(8, 60)), int(random.integers(8, 60))
        cv2.ellipse(mask, place(), axes, float(random.integers(180)), 0, 360, 1, -1)
    for _ in range(random.integers(0, 6)):
        cv2.circle(mask, place(), int(random.integers(1, 15)), 0, -1)
    if seed % 3 == 0:
        mask ^= (random.random(size) < 0.002).astype(np.uint8)
    return mask.astype(bool)


def test_polygons_fill_the_mask() -> None:
    worst, corners, edges = 1.0, 0, 0
    for seed in range(60):
        mask = blob(seed)
        if area(mask) <= 32**2:
            continue
        outlines = polygons(mask)
        again = drawn(outlines, mask.shape)
        worst = min(worst, (mask & again).sum() / (mask | again).sum())
        corners += sum(map(len, outlines)) // 2
        edges += np.count_nonzero(np.diff(mask, axis=0)) + np.count_nonzero(np.diff(mask, axis=1))
    assert worst > 0.985
    assert corners < edges / 2


@pytest.mark.parametrize("side", [33, 34, 40])
def test_polygons_of_small_slanted_objects(side: int) -> None:
    box = cv2.boxPoints(((40, 40), (side, side), 30))
    mask = cv2.fillPoly(np.zeros((80, 80), np.uint8), [box.round().astype(np.int32)], 1).astype(bool)
    again = drawn(polygons(mask), mask.shape)
    assert (mask & again).sum() / (mask | again).sum() > 0.98


@given(arrays.arrays(np.bool_, st.tuples(st.integers(1, 12), st.integers(1, 12))))
def test_polygons_of_anything_are_polygons_inside_the_picture(mask: np.ndarray) -> None:
    outlines = polygons(mask)
    assert bool(outlines) == bool(mask.any())
    for outline in outlines:
        assert len(outline) >= 6
        assert len(outline) % 2 == 0
        assert 0 <= min(outline[::2]) <= max(outline[::2]) <= mask.shape[1]
        assert 0 <= min(outline[1::2]) <= max(outline[1::2]) <= mask.shape[0]


@given(arrays.arrays(np.bool_, st.tuples(st.integers(1, 12), st.integers(1, 12))))
def test_area_and_centroid(mask: np.ndarray) -> None:
    ys, xs = np.nonzero(mask)
    assert area(mask) == len(xs)
    middle = centroid(mask)
    assert (middle is None) == (len(xs) == 0)
    if middle:
        assert middle == pytest.approx(((xs + 0.5).mean(), (ys + 0.5).mean()))
