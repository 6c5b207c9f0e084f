"""What was counted, for files: in JSON, and as a table of what happened at lines and zones."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Iterator
from fractions import Fraction
from operator import itemgetter
from pathlib import Path
from typing import Any

from yolact_live.places import Event, Tally
from yolact_live.record.growing import Exporter
from yolact_live.types import FrameResult


def describe(tally: Tally, pts: Fraction) -> dict[str, Any]:
    """Return what was counted, for JSON.

    ``{"counts": {"now": {"person": 2}, "total": {…}}, "lines": {"gate": {"forward": {"person": 1},
    "backward": {}}}, "zones": {"door": {"now": {…}, "total": {…}, "stays": {"7": 1.5}}}, "events":
    [{"time", "place", "event", "id", "label", "dwell"}]}``; ``stays`` has the seconds of each
    identity so far, ``dwell`` those of one that left.

    Args:
        pts: time of the frame in the file that is written, seconds.
    """
    return {
        "counts": {"now": tally.now, "total": tally.total},
        "lines": {at.line.name: {"forward": at.forward, "backward": at.backward} for at in tally.lines},
        "zones": {
            there.zone.name: {
                "now": there.now,
                "total": there.total,
                "stays": {str(i): round(seconds, 3) for i, seconds in there.stays.items()},
            }
            for there in tally.zones
        },
        "events": [_event(event, time) for event, time in _timed(tally.events, tally.pts, pts)],
    }


class Events(Exporter):
    """Comma-separated values, one row for each time that one crossed a line, came or left a zone.

    Rows are in order of time. That one has left is known a few seconds later; rows wait as long for
    those that may come before them. The last rows tell who is still in a zone at the end, as
    ``inside``. The dwell, in seconds, is of those that leave, and up to the end of those inside.
    """

    EXTENSIONS = (".csv",)
    HEADER = b"time,place,event,id,label,dwell\n"

    def __init__(self, path: Path, overwrite: bool = False) -> None:
        super().__init__(path, overwrite)
        self._waiting: list[dict[str, Any]] = []
        self._inside: list[dict[str, Any]] = []
        self._told = 0.0  # what happened up to this time is written

    def append(self, result: FrameResult) -> None:
        tally, pts = result.tally, result.frame.pts
        if not tally:
            return
        self._waiting += self._rows(tally.events, tally, pts)
        self._inside = self._rows(tally.inside, tally, pts)
        self._tell(min([row["time"] for row in self._inside], default=_seconds(pts)))

    def close(self) -> None:
        """Tell who is still there, complete the file and give it its name. May be called more than once.

        Raises:
            RecordError: it cannot be completed; the message says what is kept.
        """
        if not self._closed:
            self._waiting += self._inside
            self._inside = []
            try:
                self._tell(math.inf)
            except OSError as error:
                raise self._failure(error) from error
        super().close()

    def _rows(self, events: Iterable[Event], tally: Tally, pts: Fraction) -> list[dict[str, Any]]:
        """Return rows of events that are told at time ``pts`` of the file."""
        rows = []
        for event, time in _timed(events, tally.pts, pts):
            # where the source leapt, what ended with it has no time of its own in the file
            rows.append(_event(event, min(max(time, self._told), _seconds(pts))))
        return rows

    def _tell(self, until: float) -> None:
        """Write the rows that wait and happened up to a time."""
        ready = sorted((row for row in self._waiting if row["time"] <= until), key=itemgetter("time"))
        text = io.StringIO()
        fields = self.HEADER.decode().strip().split(",")
        csv.DictWriter(text, fields, lineterminator="\n").writerows(ready)
        self._file.append(text.getvalue().encode())
        self._waiting = [row for row in self._waiting if row["time"] > until]
        self._told = max(self._told, until)


def _timed(events: Iterable[Event], now: Fraction, pts: Fraction) -> Iterator[tuple[Event, float]]:
    """Yield events with their times in a file whose time is ``pts`` when that of the source is ``now``."""
    for event in events:
        yield event, _seconds(event.pts - now + pts)


def _seconds(time: Fraction) -> float:
    return round(float(time), 6)


def _event(event: Event, time: float) -> dict[str, Any]:
    values = {
        "time": time,
        "place": event.place,
        "event": event.what,
        "id": event.identity,
        "label": event.label,
    }
    stayed = event.what in ("leave", "inside")
    return {**values, "dwell": round(float(event.dwell), 3)} if stayed else values
