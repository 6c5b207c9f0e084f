"""Counts in files."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from tests.scenes import discs
from yolact_live.places import Line, Zone
from yolact_live.record.annotations import JsonLines
from yolact_live.record.counts import Events
from yolact_live.track.count import Counts
from yolact_live.types import Frame, FrameResult, Trace

SIZE = (90, 160)
PLACES = (
    Line("gate", ((0.5, 1.0), (0.5, 0.0))),
    Zone("door", ((0.6, 0.0), (1.0, 0.0), (1.0, 1.0), (0.6, 1.0))),
)
BEGAN = Fraction(100)  # a recording that began in the middle of the source


def results() -> list[FrameResult]:
    """One walks to the right, through the gate and into the zone, and out of the picture."""
    counts, made = Counts(PLACES), []
    for k in range(12):
        found = discs([(0.1 + 0.1 * k, 0.5, 0.05)] if k < 9 else [], SIZE)
        found = replace(found, ids=np.array([7] if k < 9 else [], np.int64))
        tally = counts.add(found, BEGAN + k)
        image = np.zeros((*SIZE, 3), np.uint8)
        frame = Frame(k, Fraction(k), Fraction(1), 0, image, "test")
        made.append(FrameResult(frame, found, Trace(), image, tally))
    return made


def test_lines_tell_counts_and_events_in_their_own_time(tmp_path: Path) -> None:
    with JsonLines(tmp_path / "a.jsonl") as lines:
        for result in results():
            lines.write(result)
    found = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text().splitlines()]
    assert found[0]["counts"] == {"now": {"person": 1}, "total": {"person": 1}}
    assert found[8]["lines"] == {"gate": {"forward": {"person": 1}, "backward": {}}}
    assert found[8]["zones"] == {"door": {"now": {"person": 1}, "total": {"person": 1}, "stays": {"7": 3.0}}}
    events = [event for line in found for event in line["events"]]
    assert [(event["time"], event["place"], event["event"]) for event in events] == [
        (5.0, "gate", "forward"),
        (5.0, "door", "enter"),
        (8.0, "door", "leave"),
    ]
    assert events[2] == {
        "time": 8.0, "place": "door", "event": "leave", "id": 7, "label": "person", "dwell": 3.0
    }  # fmt: skip
    assert found[11]["counts"] == {"now": {}, "total": {"person": 1}}


def test_table_of_events(tmp_path: Path) -> None:
    with Events(tmp_path / "a.csv") as table:
        for result in results():
            table.write(result)
    with open(tmp_path / "a.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["time"], row["event"], row["dwell"]) for row in rows] == [
        ("5.0", "forward", ""),
        ("5.0", "enter", ""),
        ("8.0", "leave", "3.0"),
    ]


def test_where_nothing_is_counted_lines_say_nothing_of_it(tmp_path: Path) -> None:
    with JsonLines(tmp_path / "a.jsonl") as lines:
        lines.write(replace(results()[0], tally=None))
    assert set(json.loads((tmp_path / "a.jsonl").read_text())) == {"frame", "time", "instances"}
