"""Lines, zones and counts in the picture."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from yolact_live.places import AtLine, InZone, Line, Tally, Zone
from yolact_live.render.tally import draw_tally

GREY = 100
GATE = Line("gate", ((0.5, 0.9), (0.5, 0.1)))
DOOR = Zone("door", ((0.1, 0.3), (0.4, 0.3), (0.4, 0.8), (0.1, 0.8)))


def drawn(tally: Tally, size: tuple[int, int], classes: bool = False) -> np.ndarray:
    image = np.full((*size, 3), GREY, np.uint8)
    draw_tally(image, tally, min(size) / 720, classes)
    return image


def tally(lines: tuple[AtLine, ...] = (), zones: tuple[InZone, ...] = (), **total: int) -> Tally:
    return Tally(Fraction(0), total, total, lines, zones, ())


@pytest.mark.parametrize("size", [(180, 320), (720, 1280)])
def test_a_line_goes_from_end_to_end_and_points_forward(size: tuple[int, int]) -> None:
    height, width = size
    out = drawn(tally((AtLine(GATE, {"person": 2}, {}),)), size)
    light = (out > 180).all(axis=2)
    rows = np.flatnonzero(light[:, width // 2 - 2 : width // 2 + 3].any(axis=1))
    assert rows.min() <= 0.12 * height + 2
    assert len(rows) > 0.6 * height
    middle = light[height // 2 - 2 : height // 2 + 3].any(axis=0)
    assert middle[: width // 2 - 3].sum() == 0
    assert middle[width // 2 + 3 :].sum() > 0


def test_a_zone_is_lighter_inside_and_nothing_changes_elsewhere() -> None:
    out = drawn(tally(zones=(InZone(DOOR, {"person": 1}, {"person": 3}, {4: 12.3}),)), (720, 1280))
    assert GREY < out[430, 300, 0] < GREY + 40
    assert (out[600:, 600:] == GREY).all()
    without = drawn(tally(zones=(InZone(DOOR, {}, {}, {}),)), (720, 1280))
    changed = (out != without).any(axis=2)
    assert changed.any(), "the chip says how many"
    assert not changed[240:].any()


def test_counts_of_classes_stand_in_the_corner_the_most_frequent_first() -> None:
    out = drawn(tally(person=3, car=1), (720, 1280), classes=True)
    rows = np.flatnonzero((out != GREY).any(axis=(1, 2)))
    assert rows.max() < 80
    alone = drawn(tally(person=3), (720, 1280), classes=True)
    np.testing.assert_array_equal(out[:33], alone[:33])
    np.testing.assert_array_equal(drawn(tally(person=3), (720, 1280)), GREY)


def test_places_at_the_rim_and_in_tiny_pictures() -> None:
    rim = Zone("a rather long name", ((0, 0), (1, 0), (1, 1), (0, 1)))
    for size in ((1, 1), (16, 16), (20, 300)):
        out = drawn(tally((AtLine(Line("x", ((0, 0), (1, 1))), {}, {}),), (InZone(rim, {}, {}, {}),)), size)
        assert out.shape == (*size, 3)
        assert (out != GREY).any()
