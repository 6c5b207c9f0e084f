from __future__ import annotations

import time

import numpy as np
import pytest

from yolact_live.pipeline.metrics import Histogram, Metrics
from yolact_live.types import Trace


@pytest.mark.parametrize("percent", [50, 95, 99])
def test_percentiles_are_right_to_two_percent(percent: int) -> None:
    values = np.random.default_rng(0).lognormal(1, 1, 20_000)
    histogram = Histogram()
    for value in values:
        histogram.add(value)
    assert histogram.percentile(percent) == pytest.approx(np.percentile(values, percent), rel=0.02)


def test_extreme_durations_are_counted() -> None:
    histogram = Histogram()
    for value in (0.0, 1e9):
        histogram.add(value)
    assert histogram.percentile(50) < 0.01
    assert histogram.percentile(100) > 1e5


def test_fps_counts_intervals_not_stamps() -> None:
    metrics = Metrics()
    now = time.perf_counter_ns()
    for i in range(11):
        metrics.add(Trace(composited=now - (10 - i) * 100_000_000))
    snapshot = metrics.snapshot()
    assert snapshot.frames == 11
    assert snapshot.fps == pytest.approx(10)
    assert snapshot.mean_fps == pytest.approx(10)


def test_two_results_at_once_are_no_speed() -> None:
    metrics = Metrics()
    now = time.perf_counter_ns()
    for stamp in (now - 4_000_000, now):
        metrics.add(Trace(composited=stamp))
    assert metrics.snapshot().fps < 5


def test_nothing_has_no_speed() -> None:
    assert Metrics().snapshot().fps == 0


def test_stages_are_the_gaps_between_hops() -> None:
    metrics = Metrics()
    metrics.add(
        Trace(
            requested=1,
            captured=2_000_001,
            inference_start=5_000_000,
            inference_end=9_000_000,
            composited=12_000_001,
        )
    )
    metrics.time("record", 7_000_000)
    stages = metrics.snapshot().stages
    assert stages["decode"]["p50"] == pytest.approx(2, rel=0.02)
    assert stages["inference"]["p99"] == pytest.approx(4, rel=0.02)
    assert stages["total"]["p95"] == pytest.approx(10, rel=0.02)
    assert stages["record"]["p50"] == pytest.approx(7, rel=0.02)
    assert "postprocess" not in stages, "a hop that was not reached has no duration"


def test_delay_is_from_capture_to_the_screen_of_frames_that_are_new() -> None:
    metrics = Metrics()
    now = time.perf_counter_ns()
    for delay_ms in (300, 100, 200):
        captured = now - delay_ms * 1_000_000
        metrics.presented(Trace(requested=1, captured=captured, composited=now - 50_000_000, presented=now))
    metrics.presented(Trace(captured=1, composited=2, presented=now))  # drawn again
    snapshot = metrics.snapshot()
    assert snapshot.delay_ms == pytest.approx(200, abs=20)
    assert snapshot.stages["delay"]["p99"] == pytest.approx(300, abs=30)
    assert snapshot.stages["show"]["p50"] == pytest.approx(50, abs=20)
    assert snapshot.frames == 0, "results are counted when they are made"


def test_drops_are_counted_by_cause() -> None:
    metrics = Metrics()
    metrics.drop("stale")
    metrics.drop("full", 3)
    metrics.drop("full", 0)
    metrics.drop("still", 5)
    assert metrics.snapshot().dropped == {"stale": 1, "full": 3, "still": 5}
    assert metrics.snapshot().lost == 4
