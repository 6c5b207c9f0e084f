"""Counts, lines and zones."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.track.worlds import view
from yolact_live.places import Event, Line, Tally, Zone
from yolact_live.track.count import Counts, _distance, _inside


def tally(counts: Counts, places: dict[int, tuple[float, float]], second: float) -> Tally:
    """Add a frame in which identities stand at relative places."""
    instances = view({i: (x, y - 0.05, 0.05) for i, (x, y) in places.items()}, Fraction(0)).instances
    found = replace(instances, ids=np.array(list(places), np.int64))
    return counts.add(found, Fraction(second))


def step(counts: Counts, places: dict[int, tuple[float, float]], second: float) -> tuple[Event, ...]:
    return tally(counts, places, second).events


GATE = Line("gate", ((0.5, 1.0), (0.5, 0.0)))  # upwards: its right side is the right of the picture
DOOR = Zone("door", ((0.4, 0.4), (0.8, 0.4), (0.8, 0.9), (0.4, 0.9)))


def test_now_and_in_total() -> None:
    counts = Counts()
    tally(counts, {0: (0.2, 0.5), 1: (0.4, 0.5)}, 0)
    found = tally(counts, {1: (0.4, 0.5), 2: (0.8, 0.5)}, 1)
    assert (found.now, found.total) == ({"person": 2}, {"person": 3})
    found = tally(counts, {-1: (0.5, 0.5)}, 2)
    assert (found.now, found.total) == ({}, {"person": 3})
    found = tally(counts, {0: (0.2, 0.5)}, 9)
    assert found.total == {"person": 3}, "an identity is counted once, however long it was away"


def test_a_line_counts_each_direction_once() -> None:
    counts = Counts((GATE,))
    path = [0.3, 0.45, 0.55, 0.7, 0.52, 0.48, 0.2]
    events = [event for k, x in enumerate(path) for event in step(counts, {4: (x, 0.5)}, k)]
    assert [(e.what, e.pts, e.identity, e.place) for e in events] == [
        ("forward", 2, 4, "gate"),
        ("backward", 5, 4, "gate"),
    ]
    (line,) = tally(counts, {}, 8).lines
    assert (line.line, line.forward, line.backward) == (GATE, {"person": 1}, {"person": 1})


def test_one_that_wavers_on_a_line_or_an_edge_crosses_it_once() -> None:
    counts = Counts((GATE, DOOR))
    path = [0.3, 0.38, 0.401, 0.399, 0.402, 0.398, 0.45, 0.499, 0.501, 0.498, 0.502, 0.499, 0.55]
    events = [event for k, x in enumerate(path) for event in step(counts, {4: (x, 0.6)}, k / 5)]
    assert [(event.what, event.place) for event in events] == [("enter", "door"), ("forward", "gate")]


def test_past_the_end_of_a_line_is_not_across_it() -> None:
    counts = Counts((Line("short", ((0.5, 0.3), (0.5, 0.1))),))
    assert not [e for k, x in enumerate((0.3, 0.7, 0.3)) for e in step(counts, {0: (x, 0.6)}, k)]


def test_one_hidden_while_it_crosses_counts() -> None:
    counts = Counts((GATE,))
    events = [*step(counts, {0: (0.4, 0.5)}, 0), *step(counts, {}, 0.5), *step(counts, {0: (0.6, 0.5)}, 1)]
    assert [event.what for event in events] == ["forward"]


def test_dwell_in_a_zone() -> None:
    counts = Counts((DOOR,))
    events = []
    for k, x in enumerate((0.2, 0.5, 0.6, 0.7, 0.9)):
        found = tally(counts, {0: (x, 0.6)}, k)
        events += found.events
        (door,) = found.zones
        assert door.now == ({"person": 1} if 1 <= k <= 3 else {})
        assert door.stays == ({0: k - 1} if 1 <= k <= 3 else {})
    assert [(e.what, e.pts, e.dwell) for e in events] == [("enter", 1, 0), ("leave", 4, 3)]


def test_one_that_vanishes_in_a_zone_has_left_it_when_it_was_last_seen() -> None:
    counts = Counts((DOOR,))
    for k in range(4):
        step(counts, {0: (0.5, 0.6)}, k / 2)
    assert step(counts, {}, 2) == ()
    (event,) = step(counts, {}, 5)
    assert (event.what, event.pts, event.dwell) == ("leave", Fraction(3, 2), Fraction(3, 2))
    (door,) = tally(counts, {}, 6).zones
    assert (door.now, door.total, door.stays) == ({}, {"person": 1}, {})


def test_places_can_be_changed_and_keep_their_counts() -> None:
    counts = Counts((GATE,))
    for k, x in enumerate((0.3, 0.7)):
        step(counts, {0: (x, 0.6)}, k)
    counts.places = (DOOR, Line("gate", ((0.9, 1.0), (0.9, 0.0))))
    found = tally(counts, {0: (0.75, 0.6)}, 2)
    assert [event.what for event in found.events] == ["enter"]
    assert found.lines[0].forward == {"person": 1}
    assert [event.place for event in step(counts, {0: (0.97, 0.6)}, 3)] == ["door", "gate"]


def test_a_seek_backwards_ends_all_stays() -> None:
    counts = Counts((DOOR,))
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
        corners_ = tuple(map(tuple, hull.tolist()))
        assert _inside(corners_, point) == (where > 0)
        assert _distance(corners_, point) == pytest.approx(abs(where), abs=1e-3)


def test_state_does_not_grow() -> None:
    counts = Counts((DOOR, GATE))
    for k in range(1500):
        found = tally(counts, {k: (0.5, 0.6)}, k)
    assert found.total["person"] == 1500
    assert found.now["person"] == 1
    assert len(counts._seen) <= 4
    assert len(counts._counted) <= 1024
    assert len(counts._happened) <= 4
