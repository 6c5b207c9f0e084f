"""Figures of objects that are followed through a video."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.models import write_model
from tests.track.worlds import view
from yolact_live.errors import SourceError
from yolact_live.evaluation.video import Judge, Presence, evaluate
from yolact_live.settings import Settings
from yolact_live.track.tracker import Tracker

LEFT, RIGHT = (0.3, 0.5, 0.1), (0.7, 0.5, 0.1)


def judged(seen: list[dict[int, tuple[float, float, float]]], ids: list[list[int]]) -> Judge:
    """Judge frames, one a second, in which two discs are the truth."""
    both = view({0: LEFT, 1: RIGHT}, Fraction(0)).instances
    truth = both.mask(0) * 7 + both.mask(1) * 9
    judge = Judge()
    for k, (discs, identities) in enumerate(zip(seen, ids, strict=True)):
        shown = replace(view(discs, Fraction(0)).instances, ids=np.array(identities, np.int64))
        judge.add(shown, Fraction(k), truth)
    return judge


def test_a_perfect_result() -> None:
    figures = judged([{0: LEFT, 1: RIGHT}] * 4, [[3, 5]] * 4).figures()
    assert figures["iou_by_object"] == {7: 1.0, 9: 1.0}
    assert (figures["switches"], figures["fragmentations"]) == (0, 0)
    assert (figures["flicker"], figures["blinks"]) == (0, 0)


def test_switches_gaps_and_flicker_are_counted() -> None:
    both = {0: LEFT, 1: RIGHT}
    seen = [both, {0: LEFT}, both, both, both]
    judge = judged(seen, [[3, 5], [3], [3, 6], [6, 3], [6, 3]])
    figures = judge.figures()
    assert figures["iou_by_object"] == {7: pytest.approx(1), 9: pytest.approx(4 / 5)}
    assert figures["iou"] == pytest.approx(0.9)
    assert figures["switches"] == 3  # the right one came back as another, then both changed
    assert figures["fragmentations"] == 1
    assert figures["flicker"] == pytest.approx(2 / (7 / 60))  # gone and back in 7 visible seconds


def presence(shown: list[bool], rate: int = 10) -> tuple[int, int]:
    """Return changes and blinks of a disc that walks, beside one that stays."""
    found = Presence()
    for k, there in enumerate(shown):
        walker = {0: (0.1 + 0.01 * k, 0.3, 0.05)} if there else {}
        found.add(view({**walker, 1: (0.5, 0.8, 0.1)}, Fraction(0)).instances, Fraction(k, rate))
    return found.changes, found.blinks


def test_who_enters_stays_and_leaves_does_not_blink() -> None:
    yes, no = [True], [False]
    assert presence(no * 15 + yes * 30 + no * 15) == (2, 0)
    assert presence(yes * 15 + no * 15 + yes * 15) == (2, 0)
    assert presence(no * 15 + yes * 5 + no * 15) == (2, 2), "a flash"
    assert presence(no * 15 + yes * 15 + no * 5 + yes * 15 + no * 15) == (4, 2), "a gap"
    assert presence(yes * 15 + (no + yes) * 6 + yes * 15) == (12, 12)
    assert presence(no * 15 + yes + no * 2 + yes * 30) == (3, 3), "it comes after a flash"
    assert presence(yes * 20 + no * 5 + yes * 3 + no * 10) == (3, 3), "it goes with a flash"


def test_iou_is_that_of_the_masks() -> None:
    moved = (0.33, 0.5, 0.1)
    a, b = (view({0: disc}, Fraction(0)).instances.mask(0) for disc in (LEFT, moved))
    figures = judged([{0: moved, 1: RIGHT}], [[0, 1]]).figures()
    assert figures["iou_by_object"][7] == pytest.approx((a & b).sum() / (a | b).sum())


@pytest.mark.parametrize("speed", [0.05, 0.4])
def test_steadiness_ends_flicker_and_costs_no_iou(speed: float) -> None:
    """Three who walk to and fro; boxes shake, scores waver about the threshold, some are missed."""
    random = np.random.default_rng(1)
    trackers = {steady: Tracker(0.5, steady) for steady in ("off", "low", "high")}
    judges = {steady: Judge() for steady in trackers}
    for k in range(75):
        pts = Fraction(k, 25)
        xs = 0.5 + 0.35 * np.sin(speed * k / 25 / 0.35 + 2 * np.arange(3))
        discs = {i: (float(x), 0.2 + 0.3 * i, 0.1) for i, x in enumerate(xs)}
        exact = view(discs, pts).instances
        truth = sum(exact.mask(i) * (i + 1) for i in range(3))
        seen = {
            i: tuple(random.normal(disc, 0.004))
            for i, disc in discs.items()
            if not k or random.random() > 0.05
        }
        scores = random.normal(0.58, 0.07, len(seen)).tolist()
        for steady, tracker in trackers.items():
            judges[steady].add(tracker.update(view(seen, pts, scores).instances, pts), pts, truth)
    off, low, high = (judge.figures() for judge in judges.values())
    assert off["flicker"] > 100
    assert max(low["flicker"], high["flicker"]) < off["flicker"] / 5
    assert min(low["iou"], high["iou"]) > off["iou"]
    assert low["switches"] == high["switches"] == 0


def test_eval_of_a_folder_of_frames(tmp_path: Path) -> None:
    """The tiny model always finds the same box; the truth is its mask, then something else."""
    model = write_model(tmp_path / "tiny.xml")
    frames, truth = tmp_path / "frames", tmp_path / "truth"
    frames.mkdir()
    truth.mkdir()
    for k in range(6):
        cv2.imwrite(str(frames / f"{k:03}.png"), np.full((96, 128, 3), 90, np.uint8))
    labels = np.zeros((96, 128, 3), np.uint8)
    labels[24:72, 32:96] = (0, 0, 128)
    for k in (1, 2):
        cv2.imwrite(str(truth / f"{k:03}.png"), labels)
    report = tmp_path / "report.json"
    command = [sys.executable, "-m", "yolact_live", "eval", "--video", frames, "--truth", truth]
    command += ["--model", model, "--json", report, "--rate", "10"]
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    figures = json.loads(report.read_text())
    assert list(figures) == ["untracked", "off", "low", "high"]
    assert figures["untracked"]["switches"] is None
    for way in figures.values():
        assert way["iou"] > 0.5
        assert way["flicker"] == 0
        assert len(way["iou_by_object"]) == 1
    cv2.imwrite(str(truth / "003.png"), labels[:50])
    with pytest.raises(SourceError, match="003"):
        evaluate(frames, truth, Settings(model=str(model)))
    with pytest.raises(SourceError, match="no PNG"):
        evaluate(frames, tmp_path, Settings(model=str(model)))


def test_eval_without_anything_to_measure_is_wrong_usage() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "yolact_live", "eval"], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 2
    assert "--video" in done.stderr
    assert "Traceback" not in done.stderr
