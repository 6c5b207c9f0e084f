"""Sources that do not wait, with a device that stands in for a camera."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tests.clips import picture, write_clip
from tests.loopback import hang, loopback_server
from tests.pipeline.test_pipeline import Collector, collect, settled, tiny, until  # noqa: F401
from yolact_live.capture import live
from yolact_live.capture.live import LiveSource
from yolact_live.errors import SourceError
from yolact_live.pipeline import reader as module
from yolact_live.pipeline.inferrer import MAX_AGE_S
from yolact_live.pipeline.pipeline import Pipeline, State
from yolact_live.pipeline.sinks import Sink
from yolact_live.settings import Settings
from yolact_live.types import FrameResult


class Device:
    """Delivers pictures at a rate; the first pixel of picture i is i."""

    coding = "test"

    def __init__(self, rate: int, frames: int | None = None) -> None:
        self.rate = Fraction(rate)
        self.delivered = 0
        self.closed = False
        self.failure: SourceError | None = None
        self._frames = frames
        self._due = time.perf_counter()

    def grab(self) -> np.ndarray | None:
        if self.failure:
            raise self.failure
        if self._frames is not None and self.delivered >= self._frames:
            return None
        self._due = max(self._due + 1 / float(self.rate), time.perf_counter() - 0.1)
        time.sleep(max(0.0, self._due - time.perf_counter()))
        image = picture(self.delivered)
        image[0, 0, 0] = self.delivered % 256
        self.delivered += 1
        return image

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch, tiny: str) -> Callable[..., Pipeline]:  # noqa: F811
    """Return what makes a pipeline on a device, or on what opens one."""

    def make(device: Device | Callable[[], Device], reconnect: int = 0) -> Pipeline:
        opener = (lambda: device) if isinstance(device, Device) else device

        def open_source(text: str, cancel: threading.Event, reconnect_s: float) -> LiveSource:
            return LiveSource("camera", opener, cancel, reconnect_s)

        monkeypatch.setattr(module, "open_source", open_source)
        return Pipeline("0", Settings(model=tiny, reconnect=reconnect), interactive=True)

    return make


def test_a_camera_that_is_too_fast_loses_frames_before_work_and_counts_them(
    connect: Callable[..., Pipeline],
) -> None:
    """The consumer is made slow, as a large model is, by a writer that everyone waits for."""
    device = Device(rate=100)
    pipeline = connect(device)
    slow = Collector(delay_s=0.04)
    pipeline.add(Sink("collect", lambda: slow, False, pipeline.metrics))
    pipeline.start()
    until(lambda: len(slow.results) >= 30)
    pipeline.stop()
    numbers = [result.frame.seq for result in slow.results]
    assert numbers == sorted(set(numbers))
    for result in slow.results:
        assert result.frame.image[0, 0, 0] == result.frame.seq % 256, "a frame was overwritten"
        assert (result.trace.taken - result.trace.captured) / 1e9 <= MAX_AGE_S
    dropped = pipeline.metrics.snapshot().dropped
    assert dropped["full"] > 20
    assert len(numbers) + sum(dropped.values()) == pytest.approx(numbers[-1] + 1, abs=10)
    assert device.closed


def test_a_paused_camera_stays_open_and_goes_on_with_the_present(
    connect: Callable[..., Pipeline],
) -> None:
    device = Device(rate=50)
    pipeline = connect(device)
    pipeline.start()
    try:
        until(lambda: pipeline.state is State.RUNNING)
        held = settled(pipeline)
        until(lambda: device.delivered > held.frame.seq + 30)
        assert not device.closed
        pipeline.resume()
        until(lambda: len(pipeline.display))
        shown = pipeline.display.poll()
        assert shown is not None
        assert shown.frame.seq > held.frame.seq + 25
    finally:
        pipeline.stop()
    assert device.closed


def test_a_camera_that_dies_is_told_and_what_was_recorded_is_kept(
    connect: Callable[..., Pipeline],
) -> None:
    device = Device(rate=50)
    pipeline = connect(device)
    writer = Collector()
    pipeline.add(Sink("collect", lambda: writer, True, pipeline.metrics))
    pipeline.start()
    until(lambda: len(writer.results) > 5)
    device.failure = SourceError("the camera was unplugged", "connect it again")
    until(lambda: pipeline.state is State.FAILED)
    assert pipeline.join(30)
    assert pipeline.error is device.failure
    assert writer.closed
    assert device.closed


def test_a_stream_that_ends_is_no_failure(connect: Callable[..., Pipeline]) -> None:
    pipeline = connect(Device(rate=200, frames=20))
    pipeline._reader._interactive = False
    results = collect(pipeline).results
    assert pipeline.error is None
    assert results[-1].frame.seq == 19


class Plug:
    """A camera that can be unplugged and plugged in again."""

    def __init__(self) -> None:
        self.devices: list[Device] = []
        self.tries = 0
        self.absent: SourceError | None = None

    def __call__(self) -> Device:
        self.tries += 1
        if self.absent:
            raise self.absent
        self.devices.append(Device(rate=50))
        return self.devices[-1]

    def pull(self) -> None:
        self.absent = SourceError("camera is gone", "plug it in again")
        self.devices[-1].failure = self.absent


def test_an_unplugged_camera_comes_back_by_itself(
    connect: Callable[..., Pipeline], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "FIRST_RETRY_S", 0.1)
    plug = Plug()
    pipeline = connect(plug, reconnect=60)
    writer = Collector()
    pipeline.add(Sink("collect", lambda: writer, True, pipeline.metrics))
    pipeline.start()
    until(lambda: len(writer.results) > 5)
    plug.pull()
    until(lambda: pipeline.state is State.RECONNECTING)
    until(lambda: plug.tries > 2)
    assert pipeline.outage
    assert pipeline.outage.reason.message == "camera is gone"
    assert 0 <= pipeline.outage.wait_s <= live.LAST_RETRY_S
    before = len(writer.results)
    pipeline.display.clear()
    pipeline.update(Settings(model=pipeline.settings.model, opacity=0.1))
    until(lambda: len(pipeline.display))  # the picture that stands still follows the settings
    assert len(writer.results) == before, "but it is not recorded again"
    plug.absent = None
    until(lambda: len(writer.results) > before + 5)
    assert pipeline.state is State.RUNNING
    assert pipeline.outage is None
    pipeline.stop()
    assert pipeline.error is None
    frames = [result.frame for result in writer.results]
    assert all(a.pts < b.pts and a.seq < b.seq for a, b in pairwise(frames))
    assert len(plug.devices) == 2
    assert all(device.closed for device in plug.devices)
    gap_s = max(float(b.pts - a.pts) for a, b in pairwise(frames))
    lost = pipeline.metrics.snapshot().dropped["reconnect"]
    assert gap_s > 0.3
    assert lost == pytest.approx(gap_s * 50, rel=0.3), "as many as come in that time"


def test_stop_while_a_camera_is_away(
    connect: Callable[..., Pipeline], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "FIRST_RETRY_S", 100.0)
    plug = Plug()
    pipeline = connect(plug, reconnect=1000)
    pipeline.start()
    until(lambda: pipeline.state is State.RUNNING)
    plug.pull()
    until(lambda: pipeline.state is State.RECONNECTING)
    began = time.monotonic()
    pipeline.stop()
    assert time.monotonic() - began < 5
    assert pipeline.state is State.STOPPED
    assert pipeline.error is None


def test_a_camera_that_stays_away_is_given_up(
    connect: Callable[..., Pipeline], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "FIRST_RETRY_S", 0.05)
    plug = Plug()
    pipeline = connect(plug, reconnect=1)
    pipeline.start()
    until(lambda: pipeline.state is State.RUNNING)
    plug.pull()
    until(lambda: pipeline.state is State.FAILED)
    assert pipeline.join(30)
    assert str(pipeline.error) == ("camera is gone, and it did not come back within 1 s: plug it in again")
    assert plug.tries > 2


def test_stop_while_a_camera_opens(monkeypatch: pytest.MonkeyPatch, tiny: str) -> None:  # noqa: F811
    release = threading.Event()

    def stuck() -> Device:
        release.wait(30)
        raise SourceError("gone", "")

    monkeypatch.setattr(module, "open_source", lambda text, cancel, _: LiveSource("camera", stuck, cancel))
    pipeline = Pipeline("0", Settings(model=tiny))
    pipeline.start()
    time.sleep(0.2)
    began = time.monotonic()
    pipeline.stop()
    assert time.monotonic() - began < 5
    release.set()


def _shown(pipeline: Pipeline, pts: int) -> FrameResult:
    """Return the result for the frame at ``pts`` as soon as it is there; the first frame comes twice."""
    results: list[FrameResult] = []

    def comes() -> bool:
        result = pipeline.display.poll()
        results.extend([result] if result else [])
        return bool(results) and results[-1].frame.pts == pts

    until(comes)
    return results[-1]


def test_a_person_need_not_wait_for_the_next_frame_of_a_slow_file(tmp_path: Path, tiny: str) -> None:  # noqa: F811
    path = write_clip(tmp_path / "a.mkv", frames=4, times=[Fraction(600 * i) for i in range(4)])
    pipeline = Pipeline(str(path), Settings(model=tiny), interactive=True)
    pipeline.start()
    try:
        until(lambda: len(pipeline.display))
        for minutes in (20, 10):
            pipeline.seek(Fraction(60 * minutes + 3))
            shown = _shown(pipeline, 60 * minutes)
        pipeline.pause()
        pipeline.seek(shown.frame.pts + shown.frame.duration)
        _shown(pipeline, 60 * 20)
    finally:
        pipeline.stop()


def test_stop_while_a_server_does_not_answer(tiny: str) -> None:  # noqa: F811
    with loopback_server() as server:
        for path in ("/a.mp4", "/camera"):
            pipeline = Pipeline(server.at(path, hang), Settings(model=tiny), interactive=True)
            pipeline.start()
            until(lambda: len(server.requests))
            began = time.monotonic()
            pipeline.stop()
            assert time.monotonic() - began < 5
            assert pipeline.state is State.STOPPED
            assert pipeline.error is None, "to be stopped is no failure"
            server.requests.clear()


def test_live_timing_shows_frames_before_their_inference_and_keeps_exact_ones(
    tiny: str,  # noqa: F811
    tmp_path: Path,
) -> None:
    clip = write_clip(tmp_path / "clip.mp4", frames=50)
    pipeline = Pipeline(str(clip), Settings(model=tiny, sync="live"), interactive=True, loop=True)
    kept, shown = Collector(), []
    pipeline.add(Sink("collect", lambda: kept, pipeline.live, pipeline.metrics))
    pipeline.start()

    def look() -> bool:
        result = pipeline.display.poll()
        if result is not None:
            shown.append(result)
        return len([r for r in shown if not r.trace.inference_end]) > 10

    until(look)
    early = [r for r in shown if not r.trace.inference_end]
    assert all(len(r.instances) for r in early), "the newest masks are on it"
    assert all((r.annotated != r.frame.image).any() for r in early)
    held = settled(pipeline)
    assert held.trace.inference_end, "a picture that stands still has its own masks"
    pipeline.stop()
    assert all(r.trace.inference_end for r in kept.results)
    numbers = [r.frame.seq for r in kept.results]
    assert numbers == list(range(len(numbers)))
