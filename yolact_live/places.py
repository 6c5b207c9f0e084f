"""Lines and zones in the picture, what was counted at them, and the file that holds them.

Points are relative to the frame, 0 to 1, x to the right and y down, so that a source may change
its size. A file of places is TOML::

    [[line]]
    name = "gate"
    points = [[0.5, 1.0], [0.5, 0.0]]        # who crosses to its right side goes forward

    [[zone]]
    name = "door"
    points = [[0.4, 0.4], [0.8, 0.4], [0.8, 0.9]]
    source = "street.mp4"                     # optional: for this source only
"""

from __future__ import annotations

import math
import os
import tempfile
import tomllib
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from yolact_live.errors import UsageError

Point = tuple[float, float]


@dataclass(frozen=True)
class Line:
    """A line from one point to another; who crosses it to its right side goes ``forward``."""

    name: str
    points: tuple[Point, Point]


@dataclass(frozen=True)
class Zone:
    """A polygon, its last corner joined to the first. An object in it is one that stands there."""

    name: str
    points: tuple[Point, ...]


Place = Line | Zone


@dataclass(frozen=True)
class Event:
    """What happened at a line or a zone.

    Attributes:
        pts: seconds of the source.
        identity, label: who.
        place: name of the line or zone.
        what: ``"forward"``, ``"backward"``, ``"enter"``, ``"leave"``, or ``"inside"`` of one that
            has not left.
        dwell: with ``"leave"`` and ``"inside"``: how long it was there, seconds.
    """

    pts: Fraction
    identity: int
    label: str
    place: str
    what: str
    dwell: Fraction = Fraction(0)


@dataclass(frozen=True)
class AtLine:
    """How often a line was crossed: class → times."""

    line: Line
    forward: dict[str, int]
    backward: dict[str, int]


@dataclass(frozen=True)
class InZone:
    """Who is in a zone.

    Attributes:
        now: class → how many are seen there.
        total: class → how often one has come in.
        stays: identity → how long it has been there, seconds.
    """

    zone: Zone
    now: dict[str, int]
    total: dict[str, int]
    stays: dict[int, float]


@dataclass(frozen=True)
class Tally:
    """What was counted up to a frame.

    Attributes:
        pts: time of the frame, seconds of the source.
        now: class → how many are seen.
        total: class → how many identities there were in all.
        lines, zones: at each of them.
        events: what is known to have happened since the frame before.
        inside: those who are in zones, when they were last seen. If they are not seen again they
            left then, so that nothing that happened before is still unknown.
    """

    pts: Fraction
    now: dict[str, int]
    total: dict[str, int]
    lines: tuple[AtLine, ...]
    zones: tuple[InZone, ...]
    events: tuple[Event, ...]
    inside: tuple[Event, ...] = ()


class PlacesFile:
    """A file of lines and zones.

    Args:
        path: the file; it need not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self, source: str | None = None) -> tuple[Place, ...]:
        """Return the places of a source, and those that are for all.

        Args:
            source: the source, as :func:`yolact_live.capture.source_key` has it.

        Raises:
            UsageError: the file cannot be read, or a place in it makes no sense.
        """
        found = [
            self._place(kind, entry)
            for kind, entry in self._entries()
            if not isinstance(entry, dict) or entry.get("source", source) == source
        ]
        names = [place.name for place in found]
        for name in names:
            if names.count(name) > 1:
                raise self._mistake(f"two places are called {name}", "give each its own name")
        return tuple(found)

    def write(self, source: str, places: tuple[Place, ...]) -> None:
        """Replace the places of one source; those of others stay.

        Raises:
            UsageError: the file cannot be read or written.
        """
        import tomli_w  # what tomllib leaves out, by its author's standard: TOML 1.0, no dependencies

        document: dict[str, list[Any]] = {"line": [], "zone": []}
        for kind, entry in self._entries():
            if not (isinstance(entry, dict) and entry.get("source") == source):
                document[kind].append(entry)
        for place in places:
            points = [[round(value, 4) for value in point] for point in place.points]
            kind = "line" if isinstance(place, Line) else "zone"
            document[kind].append({"name": place.name, "points": points, "source": source})
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(".toml", ".zones-", self.path.parent)
            try:
                with os.fdopen(handle, "wb") as file:
                    tomli_w.dump({kind: entries for kind, entries in document.items() if entries}, file)
                os.replace(name, self.path)  # whoever reads has the old file or the new one
            except OSError:
                os.unlink(name)
                raise
        except OSError as error:
            words = f"zones cannot be kept ({error.strerror})"
            raise UsageError(words, f"check {self.path.parent}") from error

    def _entries(self) -> list[tuple[str, Any]]:
        try:
            document = tomllib.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise self._mistake(f"it cannot be read ({error.strerror})", "check the path") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise self._mistake(f"it is no TOML ({error})", "correct it") from error
        for key in document:
            if key not in ("line", "zone") or not isinstance(document[key], list):
                raise self._mistake(f"{key} means nothing there", "use [[line]] and [[zone]]")
        return [(kind, entry) for kind in ("line", "zone") for entry in document.get(kind, [])]

    def _place(self, kind: str, entry: Any) -> Place:
        name = entry.get("name") if isinstance(entry, dict) else None
        if not isinstance(name, str) or not name:
            raise self._mistake(f"a {kind} has no name", 'add name = "…"')
        points = entry.get("points")
        if not isinstance(points, list) or not all(_is_point(point) for point in points):
            remedy = "give points = [[x, y], …], each number from 0 to 1"
            raise self._mistake(f"the points of {name} make no sense", remedy)
        pairs = tuple((float(x), float(y)) for x, y in points)
        if kind == "zone" and len(pairs) >= 3:
            return Zone(name, pairs)
        if kind == "line" and len(pairs) == 2 and pairs[0] != pairs[1]:
            return Line(name, (pairs[0], pairs[1]))
        needed = "two different points" if kind == "line" else "three points or more"
        raise self._mistake(f"the {kind} {name} has {len(pairs)} points", f"give it {needed}")

    def _mistake(self, what: str, remedy: str) -> UsageError:
        return UsageError(f"{self.path}: {what}", remedy)


def read_places(path: Path, source: str | None = None) -> tuple[Place, ...]:
    """Return the lines and zones of a file that a user has named.

    Raises:
        UsageError: there is no such file, it cannot be read, or holds nothing for the source.
    """
    if not path.exists():
        raise UsageError(f"{path} does not exist", "give a TOML file with [[line]] and [[zone]]")
    places = PlacesFile(path).read(source)
    if not places:
        raise UsageError(f"{path} holds no line or zone for {source}", "see the README for an example")
    return places


def _is_point(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(type(x) in (int, float) and math.isfinite(x) and 0 <= x <= 1 for x in value)
    )
