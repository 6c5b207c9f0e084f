"""The clock by which a file is played."""

from __future__ import annotations

import threading
from fractions import Fraction

import pytest

from yolact_live.pipeline import clock
from yolact_live.pipeline.clock import Pacer


class Time(threading.Event):
    """A clock that goes on only while somebody waits."""

    now_s = 100.0

    def wait(self, timeout: float | None = None) -> bool:
        self.now_s += timeout or 0.0
        return False


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    time = Time()
    monkeypatch.setattr(clock.time, "perf_counter", lambda: time.now_s)
    return time


def shown(time: Time, pacer: Pacer, *pts: float) -> list[float]:
    """Return when frames are let through, in seconds from now."""
    began, times = time.now_s, []
    for one in pts:
        pacer.wait(Fraction(one))
        times.append(time.now_s - began)
    return times


@pytest.mark.parametrize("speed", [0.25, 1.0, 4.0])
def test_frames_are_due_at_their_times_and_speed(time: Time, speed: float) -> None:
    pacer = Pacer(time)
    pacer.speed = speed
    assert shown(time, pacer, 3, 3.5, 5) == pytest.approx([0, 0.5 / speed, 2 / speed])


def test_another_speed_holds_from_now_on(time: Time) -> None:
    pacer = Pacer(time)
    shown(time, pacer, 0, 10)
    pacer.speed = 2.0
    assert shown(time, pacer, 11) == pytest.approx([0.5])


def test_what_was_missed_is_not_hurried_through(time: Time) -> None:
    pacer = Pacer(time)
    shown(time, pacer, 0)
    time.now_s += 5
    assert shown(time, pacer, 1, 2) == pytest.approx([0, 1])


def test_a_little_late_is_made_up_for(time: Time) -> None:
    pacer = Pacer(time)
    shown(time, pacer, 0)
    time.now_s += 1.05
    assert shown(time, pacer, 1, 2) == pytest.approx([0, 0.95])
