"""Overlaps of masks, and the assignment."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.track.worlds import SIZE, view
from yolact_live.track.associate import WINDOW, assign, covered, similarity, windows
from yolact_live.types import Instances


def views(instances: Instances) -> tuple[np.ndarray, np.ndarray]:
    side = instances.prototypes.shape[0]
    boxes = instances.boxes * np.array([side / SIZE[1], side / SIZE[0]] * 2, np.float32)
    return boxes, windows(instances.prototypes, instances.coefficients, instances.crops, boxes)


def test_windows_show_the_mask_over_its_box() -> None:
    _, (disc,) = views(view({0: (0.5, 0.5, 0.3)}, 0).instances)
    steps = (np.arange(WINDOW) + 0.5) / WINDOW - 0.5
    inside = np.hypot(steps[:, None], steps) < 0.5
    assert (disc.astype(bool) == inside).mean() > 0.95


def test_overlap_of_masks_is_that_of_the_pixels() -> None:
    instances = view({0: (0.4, 0.5, 0.2), 1: (0.55, 0.5, 0.2), 2: (0.52, 0.55, 0.1)}, 0).instances
    boxes, seen = views(instances)
    exact = [instances.mask(i) for i in range(3)]
    table = similarity(boxes, seen, instances.labels, boxes, seen, instances.labels)
    assert table.diagonal() == pytest.approx(1, abs=0.01)
    np.testing.assert_allclose(table, table.T, atol=0.04)
    a, b = boxes[:2]
    width, height = min(a[2], b[2]) - max(a[0], b[0]), a[3] - a[1]
    box_iou = width * height / (2 * (a[2] - a[0]) * height - width * height)
    mask_iou = (exact[0] & exact[1]).sum() / (exact[0] | exact[1]).sum()
    assert table[0, 1] == pytest.approx((box_iou + mask_iou) / 2, abs=0.03)
    assert covered(boxes, seen, instances.labels)[2] == pytest.approx(
        max((exact[2] & exact[i]).sum() for i in range(2)) / exact[2].sum(), abs=0.05
    )


def test_other_classes_are_never_alike() -> None:
    instances = view({0: (0.4, 0.5, 0.2)}, 0).instances
    boxes, seen = views(instances)
    assert similarity(boxes, seen, instances.labels, boxes, seen, instances.labels + 1) == 0


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.integers(1, 4))
def test_assignment_is_the_best_of_all(seed: int, rows: int, columns: int) -> None:
    random = np.random.default_rng(seed)
    similar = (random.random((rows, columns)) * (random.random((rows, columns)) < 0.7)).astype(np.float32)
    i, j = assign(similar, 0.3)
    assert len(set(i.tolist())) == len(set(j.tolist())) == len(i)
    assert (similar[i, j] >= 0.3).all()
    weight = np.where(similar >= 0.3, similar.astype(float) ** 2, 0)
    square = np.zeros((4, 4))
    square[:rows, :columns] = weight
    best = max(sum(square[r, c] for r, c in enumerate(p)) for p in permutations(range(4)))
    assert weight[i, j].sum() == pytest.approx(best)
