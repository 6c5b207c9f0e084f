"""Counts: how many there are and were, which lines they crossed, how long they stayed in zones.

An object stands where its box touches the ground: the middle of the lower side. What wavers about
a line or an edge has not crossed it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from yolact_live.places import AtLine, Event, InZone, Line, Place, Point, Tally, Zone
from yolact_live.track.tracker import HIDDEN_MEMORY_S
from yolact_live.types import Instances

# So many identities are known to have been counted, far more than a tracker follows at a time.
_REMEMBERED = 1024

# So far, in sizes of the object, it must be from a line or an edge to be clearly on one side.
_CLEAR = 0.05


@dataclass
class _Seen:
    label: str
    point: Point
    size: float
    pts: Fraction
    clear: dict[str, Point] = field(default_factory=dict)  # line → where it was, clearly on one side
    entered: dict[str, Fraction] = field(default_factory=dict)  # zone → since when


class Counts:
    """Counts identities of a tracker, frame by frame.

    Args:
        places: where to count; their names are unique.

    Attributes:
        places: may be changed between two frames; what was counted at a name stays.
    """

    def __init__(self, places: tuple[Place, ...] = ()) -> None:
        self.places = places
        self._total: Counter[str] = Counter()
        self._happened: dict[tuple[str, str], Counter[str]] = {}  # place, what → class → how often
        self._seen: dict[int, _Seen] = {}
        self._counted: dict[int, None] = {}  # identities in the total; last seen is last

    def add(self, instances: Instances, pts: Fraction) -> Tally:
        """Count one frame.

        Args:
            instances: from a tracker; those without an identity do not count.
            pts: time of the frame, seconds. If it goes back, all that were there have gone.
        """
        gone = [i for i, seen in self._seen.items() if not 0 <= pts - seen.pts <= HIDDEN_MEMORY_S]
        events = [event for i in gone for event in _stays(i, self._seen.pop(i), "leave")]
        for i in np.flatnonzero(instances.ids >= 0).tolist():
            events += self._see(int(instances.ids[i]), _seen_now(instances, i, pts))
        while len(self._counted) > _REMEMBERED:
            del self._counted[next(iter(self._counted))]
        for event in events:
            self._happened.setdefault((event.place, event.what), Counter())[event.label] += 1
        return self._tally(pts, tuple(events))

    def _see(self, identity: int, seen: _Seen) -> list[Event]:
        if identity not in self._counted:
            self._total[seen.label] += 1
        self._counted.pop(identity, None)
        self._counted[identity] = None
        before = self._seen.get(identity)
        if before:
            seen.clear, seen.entered = before.clear, before.entered
        self._seen[identity] = seen
        events: list[Event] = []
        for place in self.places:
            events += self._cross(identity, seen, place) if isinstance(place, Line) else ()
            events += self._move(identity, seen, place) if isinstance(place, Zone) else ()
        return events

    def _cross(self, identity: int, seen: _Seen, line: Line) -> Iterator[Event]:
        start, end = line.points
        side = _side(start, end, seen.point)
        if abs(side) < _CLEAR * seen.size * math.dist(start, end):
            return
        before = seen.clear.get(line.name)
        seen.clear[line.name] = seen.point
        if before is None or (_side(start, end, before) > 0) == (side > 0):
            return
        if (_side(before, seen.point, start) >= 0) != (_side(before, seen.point, end) >= 0):
            yield Event(seen.pts, identity, seen.label, line.name, "forward" if side > 0 else "backward")

    def _move(self, identity: int, seen: _Seen, zone: Zone) -> Iterator[Event]:
        inside, known = _inside(zone.points, seen.point), zone.name in seen.entered
        if inside and not known:
            seen.entered[zone.name] = seen.pts
            yield Event(seen.pts, identity, seen.label, zone.name, "enter")
        elif known and not inside and _distance(zone.points, seen.point) >= _CLEAR * seen.size:
            dwell = seen.pts - seen.entered.pop(zone.name)
            yield Event(seen.pts, identity, seen.label, zone.name, "leave", dwell)

    def _tally(self, pts: Fraction, events: tuple[Event, ...]) -> Tally:
        lines, zones = [], []
        for place in self.places:
            if isinstance(place, Line):
                lines.append(AtLine(place, self._times(place, "forward"), self._times(place, "backward")))
            else:
                there = {i: seen for i, seen in self._seen.items() if place.name in seen.entered}
                now = Counter(seen.label for seen in there.values() if seen.pts == pts)
                stays = {i: float(pts - seen.entered[place.name]) for i, seen in there.items()}
                zones.append(InZone(place, dict(now), self._times(place, "enter"), stays))
        seen_now = Counter(seen.label for seen in self._seen.values() if seen.pts == pts)
        inside = tuple(event for i, seen in self._seen.items() for event in _stays(i, seen, "inside"))
        return Tally(pts, dict(seen_now), dict(self._total), tuple(lines), tuple(zones), events, inside)

    def _times(self, place: Place, what: str) -> dict[str, int]:
        return dict(self._happened.get((place.name, what), {}))


def _seen_now(instances: Instances, i: int, pts: Fraction) -> _Seen:
    height, width = instances.size
    x1, y1, x2, y2 = instances.boxes[i].tolist()
    size = math.sqrt((x2 - x1) * (y2 - y1) / (width * height))
    return _Seen(instances.name(i), ((x1 + x2) / 2 / width, y2 / height), size, pts)


def _stays(identity: int, seen: _Seen, what: str) -> Iterator[Event]:
    """Yield the stays of one in zones, up to when it was last seen."""
    for zone, since in seen.entered.items():
        yield Event(seen.pts, identity, seen.label, zone, what, seen.pts - since)


def _side(start: Point, end: Point, point: Point) -> float:
    """Return on which side of a line a point lies: > 0 right (y points down), < 0 left."""
    return (end[0] - start[0]) * (point[1] - start[1]) - (end[1] - start[1]) * (point[0] - start[0])


def _inside(corners: tuple[Point, ...], point: Point) -> bool:
    """Say whether a point is in a polygon, by the even-odd rule."""
    x, y = point
    inside = False
    for (x1, y1), (x2, y2) in zip(corners, corners[1:] + corners[:1], strict=True):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) / (y2 - y1) * (x2 - x1):
            inside = not inside
    return inside


def _distance(corners: tuple[Point, ...], point: Point) -> float:
    """Return how far a point is from the edge of a polygon."""
    nearest = math.inf
    for start, end in zip(corners, corners[1:] + corners[:1], strict=True):
        dx, dy = end[0] - start[0], end[1] - start[1]
        along = ((point[0] - start[0]) * dx + (point[1] - start[1]) * dy) / ((dx * dx + dy * dy) or 1)
        along = min(max(along, 0), 1)
        nearest = min(nearest, math.dist(point, (start[0] + along * dx, start[1] + along * dy)))
    return nearest
