"""What was counted, for files: in JSON, and as a table of what happened at lines and zones."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from fractions import Fraction
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
        "events": [_event(event, time) for event, time in _timed(tally, pts)],
    }


class Events(Exporter):
    """Comma-separated values, one row for each time that one crossed a line, came or left a zone.

    The dwell, in seconds, is of those that leave.
    """

    EXTENSIONS = (".csv",)
    HEADER = b"time,place,event,id,label,dwell\n"

    def append(self, result: FrameResult) -> None:
        if not result.tally:
            return
        rows = io.StringIO()
        writer = csv.writer(rows, lineterminator="\n")
        for event, time in _timed(result.tally, result.frame.pts):
            values = _event(event, time)
            writer.writerow([values.get(key, "") for key in self.HEADER.decode().strip().split(",")])
        self._file.append(rows.getvalue().encode())


def _timed(tally: Tally, pts: Fraction) -> Iterator[tuple[Event, float]]:
    """Yield events with their times in the file."""
    for event in tally.events:
        yield event, round(float(event.pts - tally.pts + pts), 6)


def _event(event: Event, time: float) -> dict[str, Any]:
    values = {
        "time": time,
        "place": event.place,
        "event": event.what,
        "id": event.identity,
        "label": event.label,
    }
    return {**values, "dwell": round(float(event.dwell), 3)} if event.what == "leave" else values
