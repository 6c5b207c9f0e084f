"""Counts in files."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

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


def seen_at(
    places: list[dict[int, tuple[float, float]]], leap: tuple[int, int] = (0, 0)
) -> list[FrameResult]:
    """Frames, one a second, in which identities stand at places; the source leaps at a frame by seconds."""
    counts, made = Counts(PLACES), []
    for k, there in enumerate(places):
        found = discs([(x, y, 0.05) for x, y in there.values()], SIZE)
        found = replace(found, ids=np.array(list(there), np.int64))
        tally = counts.add(found, BEGAN + k + (leap[1] if leap[0] and k >= leap[0] else 0))
        image = np.zeros((*SIZE, 3), np.uint8)
        frame = Frame(k, Fraction(k), Fraction(1), 0, image, "test")
        made.append(FrameResult(frame, found, Trace(), image, tally))
    return made


def table(path: Path, made: list[FrameResult]) -> list[tuple[float, str, str, str]]:
    with Events(path) as events:
        for result in made:
            events.write(result)
    with open(path, newline="") as file:
        return [(float(r["time"]), r["event"], r["id"], r["dwell"]) for r in csv.DictReader(file)]


INSIDE, OUTSIDE = (0.8, 0.5), (0.2, 0.5)


def test_rows_are_in_order_of_time_and_end_with_who_is_still_there(tmp_path: Path) -> None:
    """One vanishes in the zone while another walks in and out; a third stays to the end."""
    made = seen_at(
        [{1: INSIDE, 2: OUTSIDE, 3: OUTSIDE}]
        + [{2: INSIDE, 3: OUTSIDE}]
        + [{2: OUTSIDE, 3: OUTSIDE}]
        + [{3: INSIDE}] * 3
    )
    assert table(tmp_path / "a.csv", made) == [
        (0, "enter", "1", ""),
        (0, "leave", "1", "0.0"),
        (1, "forward", "2", ""),
        (1, "enter", "2", ""),
        (2, "backward", "2", ""),
        (2, "leave", "2", "1.0"),
        (3, "forward", "3", ""),
        (3, "enter", "3", ""),
        (5, "inside", "3", "2.0"),
    ]


def test_rows_are_on_the_disk_as_soon_as_none_can_come_before_them(tmp_path: Path) -> None:
    made = seen_at([{1: INSIDE}, {2: INSIDE}, {2: INSIDE}, {2: INSIDE}])
    lines = []
    with Events(tmp_path / "a.csv") as events:
        for result in made:
            events.write(result)
            lines.append(len(events.part.read_text().splitlines()) - 1)
    assert lines == [1, 1, 1, 3], "who left in frame 0 is known in frame 3"


def test_times_are_in_microseconds(tmp_path: Path) -> None:
    counts, made = Counts(PLACES), seen_at([{1: INSIDE}, {1: OUTSIDE}, {1: INSIDE}])
    for k, result in enumerate(made):
        frame = replace(result.frame, pts=Fraction(k, 3))
        made[k] = replace(result, frame=frame, tally=counts.add(result.instances, BEGAN + frame.pts))
    table(tmp_path / "a.csv", made)
    times = [line.split(",")[0] for line in (tmp_path / "a.csv").read_text().splitlines()[1:]]
    assert set(times) == {"0.0", "0.333333", "0.666667"}


@pytest.mark.parametrize("leap", [-50, 300])
def test_where_the_source_leaps_times_stay_within_the_file(tmp_path: Path, leap: int) -> None:
    made = seen_at([{1: INSIDE}, {1: INSIDE}, {2: INSIDE}, {2: INSIDE}], leap=(2, leap))
    rows = table(tmp_path / "a.csv", made)
    assert [(event, identity, dwell) for _, event, identity, dwell in rows] == [
        ("enter", "1", ""),
        ("leave", "1", "1.0"),
        ("enter", "2", ""),
        ("inside", "2", "1.0"),
    ]
    times = [time for time, *_ in rows]
    assert times == sorted(times)
    assert 1 <= times[1] <= 2


def test_where_nothing_is_counted_lines_say_nothing_of_it(tmp_path: Path) -> None:
    with JsonLines(tmp_path / "a.jsonl") as lines:
        lines.write(replace(results()[0], tally=None))
    assert set(json.loads((tmp_path / "a.jsonl").read_text())) == {"frame", "time", "instances"}
