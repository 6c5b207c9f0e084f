"""Counts, lines and zones."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from fractions import Fraction

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.track.worlds import view
from yolact_live.track.count import Counts, Event, Line, Zone, _inside


def step(counts: Counts, places: dict[int, tuple[float, float]], second: float) -> list[Event]:
    """Add a frame in which identities stand at relative places."""
    instances = view({i: (x, y - 0.05, 0.05) for i, (x, y) in places.items()}, Fraction(0)).instances
    found = replace(instances, ids=np.array(list(places), np.int64))
    return counts.add(found, Fraction(second))


GATE = Line("gate", (0.5, 1.0), (0.5, 0.0))  # upwards: its right side is the right of the picture
DOOR = Zone("door", ((0.4, 0.4), (0.8, 0.4), (0.8, 0.9), (0.4, 0.9)))


def test_now_and_in_total() -> None:
    counts = Counts()
    step(counts, {0: (0.2, 0.5), 1: (0.4, 0.5)}, 0)
    step(counts, {1: (0.4, 0.5), 2: (0.8, 0.5)}, 1)
    assert (counts.now, counts.total) == (Counter(person=2), Counter(person=3))
    step(counts, {-1: (0.5, 0.5)}, 2)
    assert (counts.now, counts.total) == (Counter(), Counter(person=3))
    step(counts, {0: (0.2, 0.5)}, 9)
    assert counts.total == Counter(person=3), "an identity is counted once, however long it was away"


def test_a_line_counts_each_direction_once() -> None:
    counts = Counts(lines=(GATE,))
    path = [0.3, 0.45, 0.55, 0.7, 0.52, 0.48, 0.2]
    events = [event for k, x in enumerate(path) for event in step(counts, {4: (x, 0.5)}, k)]
    assert [(e.what, e.pts, e.identity, e.place) for e in events] == [
        ("forward", 2, 4, "gate"),
        ("backward", 5, 4, "gate"),
    ]
    assert counts.crossings == {("gate", "forward", "person"): 1, ("gate", "backward", "person"): 1}


def test_past_the_end_of_a_line_is_not_across_it() -> None:
    counts = Counts(lines=(Line("short", (0.5, 0.3), (0.5, 0.1)),))
    assert not [e for k, x in enumerate((0.3, 0.7, 0.3)) for e in step(counts, {0: (x, 0.6)}, k)]


def test_one_hidden_while_it_crosses_counts() -> None:
    counts = Counts(lines=(GATE,))
    events = [*step(counts, {0: (0.4, 0.5)}, 0), *step(counts, {}, 0.5), *step(counts, {0: (0.6, 0.5)}, 1)]
    assert [event.what for event in events] == ["forward"]


def test_dwell_in_a_zone() -> None:
    counts = Counts(zones=(DOOR,))
    events = []
    for k, x in enumerate((0.2, 0.5, 0.6, 0.7, 0.9)):
        events += step(counts, {0: (x, 0.6)}, k)
        assert list(counts.inside("door")) == ([0] if 1 <= k <= 3 else [])
    assert [(e.what, e.pts, e.dwell) for e in events] == [("enter", 1, 0), ("leave", 4, 3)]


def test_one_that_vanishes_in_a_zone_has_left_it_when_it_was_last_seen() -> None:
    counts = Counts(zones=(DOOR,))
    for k in range(4):
        step(counts, {0: (0.5, 0.6)}, k / 2)
    assert step(counts, {}, 2) == []
    (event,) = step(counts, {}, 4)
    assert (event.what, event.pts, event.dwell) == ("leave", Fraction(3, 2), Fraction(3, 2))
    assert counts.inside("door") == {}


def test_a_seek_backwards_ends_all_stays() -> None:
    counts = Counts(zones=(DOOR,))
    step(counts, {0: (0.5, 0.6)}, 10)
    (left, entered) = step(counts, {1: (0.5, 0.6)}, 2)
    assert (left.what, left.identity, entered.what, entered.identity) == ("leave", 0, "enter", 1)


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=3, max_size=7),
    st.tuples(st.integers(0, 40), st.integers(0, 40)),
)
def test_inside_is_what_opencv_says_of_convex_polygons(
    corners: list[tuple[int, int]], point: tuple[int, int]
) -> None:
    hull = cv2.convexHull(np.array(corners, np.float32))[:, 0]
    where = cv2.pointPolygonTest(hull, (float(point[0]), float(point[1])), True) if len(hull) > 2 else 0
    if abs(where) > 1e-3:
        assert _inside(tuple(map(tuple, hull.tolist())), point) == (where > 0)


def test_state_does_not_grow() -> None:
    counts = Counts(zones=(DOOR,))
    for k in range(1500):
        step(counts, {k: (0.5, 0.6)}, k)
    assert counts.total["person"] == 1500
    assert len(counts._seen) <= 3
    assert len(counts._counted) <= 1024
    assert counts.now["person"] == pytest.approx(1)
