"""Counting from the source to the files, with the real pipeline."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clips import write_clip
from tests.models import write_model
from yolact_live.pipeline.pipeline import Pipeline
from yolact_live.places import Line, Zone
from yolact_live.settings import Settings

# the tiny model's person stands at (0.5, 0.75)
THERE = Zone("there", ((0.3, 0.6), (0.7, 0.6), (0.7, 0.9), (0.3, 0.9)))
ELSEWHERE = Zone("elsewhere", ((0.3, 0.1), (0.7, 0.1), (0.7, 0.3), (0.3, 0.3)))


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "yolact_live", "run", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_run_counts_at_the_zones_of_a_file(tmp_path: Path) -> None:
    model, clip = write_model(tmp_path / "tiny.xml"), write_clip(tmp_path / "clip.mp4", frames=10)
    zones = tmp_path / "zones.toml"
    zones.write_text(
        '[[zone]]\nname = "there"\npoints = [[0.3, 0.6], [0.7, 0.6], [0.7, 0.9], [0.3, 0.9]]\n'
        f'[[zone]]\nname = "mine"\npoints = [[0, 0], [1, 0], [1, 1]]\nsource = "{clip}"\n'
        '[[zone]]\nname = "another"\npoints = [[0, 0], [1, 0], [1, 1]]\nsource = "/other.mp4"\n'
    )
    lines, events = tmp_path / "out.jsonl", tmp_path / "out.csv"
    done = run(clip, "--model", model, "--zones", zones, "--json", lines, "--events", events)
    assert done.returncode == 0, done.stderr
    frames = [json.loads(line) for line in lines.read_text().splitlines()]
    assert list(frames[-1]["zones"]) == ["there", "mine"]
    assert frames[-1]["zones"]["there"]["now"] == {"person": 1}
    assert frames[-1]["zones"]["there"]["stays"] == {"0": pytest.approx(9 / 25)}
    assert frames[-1]["counts"] == {"now": {"person": 1}, "total": {"person": 1}}
    with open(events, newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["place"], row["event"], row["id"], row["dwell"]) for row in rows] == [
        ("there", "enter", "0", ""),
        ("there", "inside", "0", "0.36"),
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--events", "{}/e.csv"], "--zones"),
        (["--zones", "{}/none.toml", "--json", "{}/a.jsonl"], "does not exist"),
        (["--zones", "{}/bad.toml", "--json", "{}/a.jsonl"], "three points"),
        (["--zones", "{}/bad.toml", "--no-track", "--json", "{}/a.jsonl"], "--no-track"),
    ],
)
def test_mistakes_are_told_before_anything_is_opened(
    tmp_path: Path, arguments: list[str], words: str
) -> None:
    (tmp_path / "bad.toml").write_text('[[zone]]\nname = "a"\npoints = [[0, 0], [1, 1]]\n')
    done = run("no-such-source", *[argument.format(tmp_path) for argument in arguments])
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.glob("*.jsonl"))


def test_places_take_effect_while_it_runs_and_are_on_the_picture(tmp_path: Path) -> None:
    model, clip = write_model(tmp_path / "tiny.xml"), write_clip(tmp_path / "clip.mp4", frames=40)
    pipeline = Pipeline(str(clip), Settings(model=str(model)))
    seen = []

    class Watch:
        def put(self, result) -> None:  # type: ignore[no-untyped-def]
            seen.append(result)
            if len(seen) == 10:
                pipeline.places = (THERE, ELSEWHERE, Line("gate", ((0.1, 0.1), (0.1, 0.9))))
            if len(seen) == 30:
                pipeline.places = ()

        def close(self) -> None:
            pass

    pipeline.add(Watch())
    pipeline.start()
    assert pipeline.join(60)
    assert pipeline.error is None
    assert seen[5].tally is None
    assert seen[-1].tally is None
    tally = seen[20].tally
    assert [zone.now for zone in tally.zones] == [{"person": 1}, {}]
    assert tally.zones[0].total == {"person": 1}
    assert (seen[20].annotated[12:28, 42:84] != seen[5].annotated[12:28, 42:84]).any(), "a zone is drawn"
