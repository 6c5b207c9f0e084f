"""Live sources, over devices that behave and devices that do not."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from yolact_live.capture import live
from yolact_live.capture.live import LiveSource
from yolact_live.capture.source import Source
from yolact_live.errors import SourceError
from yolact_live.types import ByteArray, Frame


def read_until_failure(source: Source, words: str) -> list[Frame]:
    frames: list[Frame] = []

    def read() -> None:
        while (frame := source.read()) is not None:
            frames.append(frame)

    with pytest.raises(SourceError, match=words):
        read()
    return frames


class FakeDevice:
    """A camera of software.

    Args:
        pictures: after so many it ends, or does what ``then`` says.
        then: "end", "fail" or "hang".
        gap_s: time between two pictures.
    """

    rate: Fraction | None = Fraction(50)
    coding = "test"

    def __init__(self, pictures: int = 10**9, then: str = "end", gap_s: float = 0.02) -> None:
        self.pictures, self.then, self.gap_s = pictures, then, gap_s
        self.grabbed = 0
        self.closed, self.release = threading.Event(), threading.Event()
        self.thread = threading.current_thread()

    def grab(self) -> ByteArray | None:
        assert threading.current_thread() is self.thread
        if self.grabbed == self.pictures:
            if self.then == "fail":
                raise SourceError("the cable was pulled", "plug it in again")
            if self.then == "hang":
                self.release.wait(20)
            return None
        time.sleep(self.gap_s)
        self.grabbed += 1
        return np.full((24, 32, 3), self.grabbed % 256, np.uint8)

    def close(self) -> None:
        assert threading.current_thread() is self.thread
        self.closed.set()


@pytest.fixture
def opened() -> Iterator[list[FakeDevice]]:
    """Devices that were opened; all must be closed in the end, by the thread that opened them."""
    devices: list[FakeDevice] = []
    yield devices
    for device in devices:
        device.release.set()
        assert device.closed.wait(10)


def source_of(opened: list[FakeDevice], cancel: threading.Event | None = None, **how: object) -> LiveSource:
    def open_device() -> FakeDevice:
        opened.append(FakeDevice(**how))  # type: ignore[arg-type]
        return opened[-1]

    return LiveSource("fake", open_device, cancel)


def test_frames_carry_the_time_of_their_arrival(opened: list[FakeDevice]) -> None:
    with source_of(opened, pictures=20) as source:
        assert (source.info.live, source.info.seekable) == (True, False)
        assert (source.info.size, source.info.rate) == ((24, 32), 50)
        frames = list(iter(source.read, None))
    assert 2 < len(frames) <= 20
    for a, b in pairwise(frames):
        assert b.seq > a.seq
        assert b.pts - a.pts == Fraction(b.t_capture_ns - a.t_capture_ns, 10**9) > 0
    assert all(frame.image[0, 0, 0] == frame.seq + 1 for frame in frames)


def test_a_slow_reader_gets_the_newest_frame_and_can_count_what_it_missed(opened: list[FakeDevice]) -> None:
    with source_of(opened) as source:
        first = source.read()
        time.sleep(0.3)
        later = source.read()
        assert first is not None
        assert later is not None
        assert later.seq > first.seq + 1
        assert later.t_capture_ns - first.t_capture_ns > 100e6


def test_failure_to_open_is_told(opened: list[FakeDevice]) -> None:
    def refuse() -> FakeDevice:
        raise SourceError("it is busy", "close the other program")

    with pytest.raises(SourceError, match="it is busy: close the other program"):
        LiveSource("fake", refuse)


def test_a_device_that_never_opens_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "OPEN_S", 0.2)
    release = threading.Event()
    late: list[FakeDevice] = []

    def open_late() -> FakeDevice:
        release.wait(20)
        late.append(FakeDevice())
        return late[-1]

    with pytest.raises(SourceError, match=r"fake did not open within 0\.2 s"):
        LiveSource("fake", open_late)
    release.set()
    deadline = time.monotonic() + 10
    while not late and time.monotonic() < deadline:
        time.sleep(0.01)
    assert late[0].closed.wait(10)
    assert late[0].grabbed <= 1


def test_a_device_without_pictures_is_refused(opened: list[FakeDevice]) -> None:
    with pytest.raises(SourceError, match="fake has sent no picture"):
        source_of(opened, pictures=0)


def test_a_device_that_fails_is_told_after_its_last_frame(opened: list[FakeDevice]) -> None:
    with source_of(opened, pictures=3, then="fail") as source:
        assert read_until_failure(source, "the cable was pulled: plug it in again")[-1].seq == 2


def test_a_device_that_falls_silent_is_given_up(
    opened: list[FakeDevice], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "STALL_S", 0.3)
    with source_of(opened, pictures=2, then="hang") as source:
        began = time.monotonic()
        assert read_until_failure(source, r"no picture for 0\.3 s")
        assert time.monotonic() - began < 10


def test_cancel_ends_a_read_that_waits(opened: list[FakeDevice]) -> None:
    cancel = threading.Event()
    with source_of(opened, cancel, pictures=1, then="hang") as source:
        assert source.read() is not None
        threading.Timer(0.1, cancel.set).start()
        began = time.monotonic()
        assert source.read() is None
        assert time.monotonic() - began < 10


def test_cancel_ends_opening() -> None:
    cancel, release = threading.Event(), threading.Event()
    threading.Timer(0.1, cancel.set).start()

    def never() -> FakeDevice:
        release.wait(20)
        raise SourceError("too late")

    began = time.monotonic()
    with pytest.raises(SourceError, match="cancelled"):
        LiveSource("fake", never, cancel)
    assert time.monotonic() - began < 10
    release.set()


def test_close_may_be_repeated(opened: list[FakeDevice]) -> None:
    source = source_of(opened)
    source.close()
    source.close()
    assert opened[0].closed.is_set()
