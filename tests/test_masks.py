"""Masks on demand: exact, topmost first, inside their extents."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.scenes import SIDE, discs
from yolact_live import masks


def reference_mask(prototypes: np.ndarray, coefficients: np.ndarray, crop: np.ndarray, size: tuple[int, int]):
    """The rule of the reference, pixel by pixel, in double precision: (H, W) f64 probabilities."""
    probability = 1 / (1 + np.exp(-(prototypes.astype(float) @ coefficients.astype(float))))
    inside = np.zeros(probability.shape, bool)
    inside[crop[1] : crop[3], crop[0] : crop[2]] = True
    probability[~inside] = 0
    for axis, length in enumerate(size):
        cells = probability.shape[axis]
        position = np.maximum((np.arange(length) + 0.5) * cells / length - 0.5, 0)
        low = np.minimum(position.astype(int), cells - 1)
        high = np.minimum(low + 1, cells - 1)
        weight = (position - low).reshape((-1, 1) if axis == 0 else (1, -1))
        probability = (1 - weight) * probability.take(low, axis) + weight * probability.take(high, axis)
    return probability


sizes = st.tuples(st.integers(1, 130), st.integers(1, 130))


@given(size=sizes, seed=st.integers(0, 2**32 - 1))
def test_mask_equals_crop_resize_and_threshold(size: tuple[int, int], seed: int) -> None:
    random = np.random.default_rng(seed)
    side = int(random.integers(1, 24))
    prototypes = random.normal(size=(side, side, 8)).clip(0).astype(np.float32)
    coefficients = random.normal(size=(1, 8)).astype(np.float32)
    crop = np.sort(random.integers(0, side + 1, (2, 2)), axis=0).reshape(4)
    out = np.full(size, 7, np.uint16)
    evidence, offsets = np.empty(0, np.float32), np.full(1, -1)
    extents = masks.label_map(prototypes, coefficients, crop[None].astype(np.int32), evidence, offsets, out)
    expected = reference_mask(prototypes, coefficients[0], crop, size)
    clear = np.abs(expected - 0.5) > 1e-4  # single precision may decide otherwise only at the edge
    np.testing.assert_array_equal(out[clear], (expected > 0.5)[clear])
    x1, y1, x2, y2 = extents[0]
    assert 0 <= x1 <= x2 <= size[1]
    assert 0 <= y1 <= y2 <= size[0]
    out[y1:y2, x1:x2] = 0
    assert not out.any(), "a mask pixel outside its extent"
    logits = np.full((side, side), -1.0, np.float32)
    kept = np.s_[crop[1] : crop[3], crop[0] : crop[2]]
    logits[kept] = prototypes[kept] @ coefficients[0]
    inside = np.argwhere(logits > 0)
    for axis, (first, last) in enumerate(((y1, y2), (x1, x2))):
        for pixel in {first, last - 1} if first < last else ():
            position = max((pixel + 0.5) * side / size[axis] - 0.5, 0)
            reach = inside[:, axis].min() - 1.001, inside[:, axis].max() + 1.001
            assert reach[0] < position < reach[1], "an extent larger than need be"


def test_the_highest_score_is_on_top() -> None:
    instances = discs([(0.4, 0.5, 0.2), (0.6, 0.5, 0.2)], (240, 320))
    labels = instances.label_map(240, 320)
    first, second = instances.mask(0), instances.mask(1)
    assert (first & second).any()
    np.testing.assert_array_equal(labels == 1, first)
    np.testing.assert_array_equal(labels == 2, second & ~first)


def test_label_map_at_another_size_shows_the_same_shapes() -> None:
    instances = discs([(0.3, 0.4, 0.2), (0.7, 0.6, 0.15)], (480, 640))
    large, small = instances.label_map(480, 640), instances.label_map(48, 64)
    for value, (x, y, radius) in ((1, (0.3, 0.4, 0.2)), (2, (0.7, 0.6, 0.15))):
        area = np.pi * radius**2
        assert (large == value).mean() == pytest.approx(area, rel=0.08)
        assert (small == value).mean() == pytest.approx(area, rel=0.12)
        rows, columns = np.nonzero(large == value)
        assert columns.mean() / 640 == pytest.approx(x, abs=0.01)
        assert rows.mean() / 480 == pytest.approx(y, abs=0.01)


def test_no_instances_make_an_empty_map() -> None:
    instances = discs([], (90, 160))
    stale = np.full((90, 160), 3, np.uint16)
    assert not instances.label_map(90, 160, out=stale).any()


def test_an_empty_crop_paints_nothing() -> None:
    instances = discs([(0.5, 0.5, 0.3)], (90, 160))
    instances.crops[:] = (SIDE // 2, 0, SIDE // 2, SIDE)
    assert not instances.mask(0).any()


def test_choosing_instances_keeps_their_masks() -> None:
    instances = discs([(0.2, 0.5, 0.1), (0.5, 0.5, 0.1), (0.8, 0.5, 0.1)], (120, 160))
    chosen = instances[np.array([2, 0])]
    np.testing.assert_array_equal(chosen.mask(0), instances.mask(2))
    np.testing.assert_array_equal(chosen.mask(1), instances.mask(0))
    assert chosen.scores.tolist() == [instances.scores[2], instances.scores[0]]
