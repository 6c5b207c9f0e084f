"""Counts: how many there are and were, which lines they crossed, how long they stayed in zones.

An object stands where its box touches the ground: the middle of the lower side. Points are
relative to the frame, 0 to 1, so that a source may change its size.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from yolact_live.track.tracker import MEMORY_S
from yolact_live.types import Instances

# So many identities are known to have been counted, far more than a tracker follows at a time.
_REMEMBERED = 1024

Point = tuple[float, float]


@dataclass(frozen=True)
class Line:
    """A line from one point to another; who crosses it to its right side goes ``forward``."""

    name: str
    start: Point
    end: Point


@dataclass(frozen=True)
class Zone:
    """A polygon, its last corner joined to the first. An object in it is one that stands there."""

    name: str
    corners: tuple[Point, ...]


@dataclass(frozen=True)
class Event:
    """What happened at a line or a zone.

    Attributes:
        pts: seconds of the source.
        identity, label: who.
        place: name of the line or zone.
        what: ``"forward"``, ``"backward"``, ``"enter"`` or ``"leave"``.
        dwell: with ``"leave"``: how long it was there, seconds.
    """

    pts: Fraction
    identity: int
    label: str
    place: str
    what: str
    dwell: Fraction = Fraction(0)


@dataclass
class _Seen:
    label: str
    point: Point
    pts: Fraction
    entered: dict[str, Fraction] = field(default_factory=dict)  # zone → since when


class Counts:
    """Counts identities of a tracker, frame by frame.

    Args:
        lines, zones: where to count; names are unique.

    Attributes:
        now: class → how many are shown.
        total: class → how many identities there were in all.
        crossings: (line, direction, class) → how often.
    """

    def __init__(self, lines: tuple[Line, ...] = (), zones: tuple[Zone, ...] = ()) -> None:
        self.lines, self.zones = lines, zones
        self.now: Counter[str] = Counter()
        self.total: Counter[str] = Counter()
        self.crossings: Counter[tuple[str, str, str]] = Counter()
        self._seen: dict[int, _Seen] = {}
        self._counted: dict[int, bool] = {}  # identities in ``total``; last seen is last

    def add(self, instances: Instances, pts: Fraction) -> list[Event]:
        """Count one frame; return what happened since the one before.

        Args:
            instances: from a tracker; those without an identity do not count.
            pts: time of the frame, seconds. If it goes back, all that were there have gone.
        """
        gone = [i for i, seen in self._seen.items() if not 0 <= pts - seen.pts <= MEMORY_S]
        events = [event for i in gone for event in self._leave(i, self._seen.pop(i))]
        self.now.clear()
        height, width = instances.size
        for i in np.flatnonzero(instances.ids >= 0).tolist():
            identity, label = int(instances.ids[i]), instances.name(i)
            x1, _, x2, y2 = instances.boxes[i].tolist()
            point = ((x1 + x2) / 2 / width, y2 / height)
            self.now[label] += 1
            if self._counted.pop(identity, True):
                self.total[label] += 1
            self._counted[identity] = False
            before = self._seen.get(identity)
            seen = _Seen(label, point, pts, before.entered if before else {})
            if before:
                events += self._crossed(identity, before.point, seen)
            events += self._moved(identity, seen)
            self._seen[identity] = seen
        while len(self._counted) > _REMEMBERED:
            del self._counted[next(iter(self._counted))]
        return events

    def inside(self, zone: str) -> dict[int, Fraction]:
        """Return who is in a zone, and since when."""
        return {i: seen.entered[zone] for i, seen in self._seen.items() if zone in seen.entered}

    def _crossed(self, identity: int, before: Point, seen: _Seen) -> Iterator[Event]:
        for line in self.lines:
            sides = _side(line.start, line.end, before), _side(line.start, line.end, seen.point)
            ends = _side(before, seen.point, line.start), _side(before, seen.point, line.end)
            # a point on the line counts to its right, so that no crossing counts twice
            if (sides[0] >= 0) != (sides[1] >= 0) and (ends[0] >= 0) != (ends[1] >= 0):
                what = "forward" if sides[1] >= 0 else "backward"
                self.crossings[line.name, what, seen.label] += 1
                yield Event(seen.pts, identity, seen.label, line.name, what)

    def _moved(self, identity: int, seen: _Seen) -> Iterator[Event]:
        for zone in self.zones:
            inside = _inside(zone.corners, seen.point)
            if inside and zone.name not in seen.entered:
                seen.entered[zone.name] = seen.pts
                yield Event(seen.pts, identity, seen.label, zone.name, "enter")
            elif not inside and zone.name in seen.entered:
                dwell = seen.pts - seen.entered.pop(zone.name)
                yield Event(seen.pts, identity, seen.label, zone.name, "leave", dwell)

    def _leave(self, identity: int, seen: _Seen) -> Iterator[Event]:
        """End the stay of one that has not been seen for too long, when it was last seen."""
        for zone, since in seen.entered.items():
            yield Event(seen.pts, identity, seen.label, zone, "leave", seen.pts - since)


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
