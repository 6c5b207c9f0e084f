"""What holds for every finite source, and for every kind of file."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.media import constant, number_of, picture, variable, write_video
from yolact_live.capture import open_source
from yolact_live.capture.testcard import TestCard, read_counter
from yolact_live.types import Frame

Case = tuple[str, Callable[[np.ndarray], int], list[Fraction]]
"""What to open, how to read the number of a picture, and when each picture is shown."""


def _clip(name: str, times: list[Fraction], **how: object) -> Callable[[Path], Case]:
    return lambda folder: (str(write_video(folder / name, times, **how)), number_of, times)  # type: ignore[arg-type]


def _raw(folder: Path) -> Case:
    times = constant(12, Fraction(25))
    path = write_video(
        folder / "raw.h264", times, rate=Fraction(25), options={"preset": "ultrafast", "bf": "0"}
    )
    return str(path), number_of, times


def _stills(folder: Path) -> Case:
    for i in range(12):
        cv2.imwrite(str(folder / f"img{i}.png"), picture(i))
    return str(folder), number_of, constant(12, Fraction(1))


_B_FRAMES = {"preset": "medium", "bf": "3", "g": "12"}
_OPEN_GOP = {"preset": "medium", "bf": "3", "x264-params": "open-gop=1:keyint=8:min-keyint=8:scenecut=0"}
_MPEG2 = {"bf": "2", "g": "12", "b": "2000000"}
_CASES: dict[str, Callable[[Path], Case]] = {
    "29.97": _clip("a.mp4", constant(45, Fraction(30_000, 1001)), rate=Fraction(30_000, 1001)),
    "23.976 mov": _clip("a.mov", constant(30, Fraction(24_000, 1001)), rate=Fraction(24_000, 1001)),
    "B-frames": _clip("a.mp4", constant(45, Fraction(30)), options=_B_FRAMES),
    "open GOP": _clip("a.mp4", constant(45, Fraction(30)), options=_OPEN_GOP),
    "variable rate": _clip("a.mp4", variable(45)),
    "variable rate, B-frames": _clip("a.mp4", variable(45), options=_B_FRAMES),
    "Matroska, B-frames": _clip("a.mkv", variable(45), options=_B_FRAMES),
    "WebM": _clip("a.webm", constant(20, Fraction(30)), codec="libvpx-vp9", options={"deadline": "realtime"}),
    "transport stream, open GOP": _clip("a.ts", constant(45, Fraction(30)), options=_OPEN_GOP),
    "fragmented": _clip(
        "a.mp4",
        constant(45, Fraction(30)),
        options=_B_FRAMES,
        container={"movflags": "frag_keyframe+empty_moov"},
    ),
    "HEVC, open GOP": _clip(
        "a.mp4",
        constant(45, Fraction(60_000, 1001)),
        rate=Fraction(60_000, 1001),
        codec="libx265",
        options={
            "preset": "ultrafast",
            "x265-params": "log-level=none:open-gop=1:keyint=9:min-keyint=9:bframes=3:scenecut=0:qp=18",
        },
    ),
    "MPEG-2": _clip(
        "a.ts", constant(45, Fraction(25)), rate=Fraction(25), codec="mpeg2video", options=_MPEG2
    ),
    "one key frame": _clip("a.mkv", constant(60, Fraction(30)), options={"preset": "medium", "g": "1000"}),
    "index in front": _clip("a.mp4", constant(20, Fraction(30)), container={"movflags": "faststart"}),
    "motion JPEG": _clip(
        "a.avi", constant(20, Fraction(30)), codec="mjpeg", pixel_format="yuvj420p", options={"qmax": "2"}
    ),
    "10 bit, 4:2:2": _clip("a.mkv", constant(20, Fraction(30)), pixel_format="yuv422p10le"),
    "one frame": _clip("a.mp4", [Fraction(0)]),
    "without times": _raw,
    "stills": _stills,
    "test card": lambda folder: ("testcard:1", read_counter, constant(30, Fraction(30))),
}


@pytest.fixture(params=_CASES)
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Case:
    return _CASES[request.param](tmp_path)


def read_all(text: str) -> list[Frame]:
    with open_source(text) as source:
        return list(iter(source.read, None))


def close(a: Fraction, b: Fraction) -> bool:
    """Equal, but for containers that count in milliseconds."""
    return abs(a - b) <= Fraction(1, 1000)


def test_every_frame_comes_once_in_order_with_its_true_time(case: Case) -> None:
    text, number, times = case
    with open_source(text) as source:
        frames = list(iter(source.read, None))
        assert source.read() is None
        assert source.problem is None
        info = source.info
    assert [number(frame.image) for frame in frames] == list(range(len(times)))
    assert [frame.seq for frame in frames] == list(range(len(times)))
    assert all(close(frame.pts, time) for frame, time in zip(frames, times, strict=True))
    assert all(a.pts < b.pts and a.t_capture_ns <= b.t_capture_ns for a, b in pairwise(frames))
    for frame, following in pairwise(frames):
        assert frame.pts + frame.duration == following.pts
    for frame in frames:
        assert frame.size == info.size
        assert frame.image.dtype == np.uint8
        assert frame.image.shape == (*info.size, 3)
        assert frame.image.flags.c_contiguous
        assert frame.duration > 0


def test_what_is_said_beforehand_is_true(case: Case) -> None:
    text, _, times = case
    with open_source(text) as source:
        info = source.info
        last = list(iter(source.read, None))[-1]
    assert not info.live
    assert info.seekable
    if info.duration is not None:
        assert abs(info.duration - last.pts - last.duration) <= Fraction(1, 20)
    gaps = {b - a for a, b in pairwise(times)}
    if info.frames is not None and len(gaps) <= 1:
        assert info.frames == len(times)
    if len(gaps) > 1:
        assert info.rate is None
        assert info.mean_rate is not None
        assert info.mean_rate == pytest.approx((len(times) - 1) / (times[-1] - times[0]), rel=0.1)
    elif info.rate is not None and gaps:
        assert info.rate == 1 / gaps.pop()


def test_seek_shows_the_frame_of_that_time(case: Case) -> None:
    text, number, times = case
    with open_source(text) as source:
        # backwards, so that no frame is reached by merely reading on
        for i in reversed(range(len(times))):
            following = times[i + 1] if i + 1 < len(times) else times[i] + Fraction(1, 100)
            source.seek((times[i] + following) / 2)
            frame = source.read()
            assert frame is not None
            assert (number(frame.image), close(frame.pts, times[i])) == (i, True)
            after = source.read()
            assert (after and number(after.image)) == (i + 1 if i + 1 < len(times) else None)


def test_seek_to_the_very_time_of_each_frame(case: Case) -> None:
    text, number, times = case
    frames = read_all(text)
    with open_source(text) as source:
        for i in np.random.default_rng(1).permutation(len(times))[:15]:
            source.seek(frames[i].pts)
            frame = source.read()
            assert frame is not None
            assert (number(frame.image), frame.pts) == (i, frames[i].pts)


def test_seek_beyond_the_ends(case: Case) -> None:
    text, number, times = case
    with open_source(text) as source:
        for target, expected in ((Fraction(10**6), len(times) - 1), (Fraction(-5), 0)):
            source.seek(target)
            frame = source.read()
            assert frame is not None
            assert number(frame.image) == expected


def test_it_can_be_read_again_after_its_end(case: Case) -> None:
    text, number, times = case
    with open_source(text) as source:
        while source.read() is not None:
            pass
        source.seek(Fraction(0))
        again = list(iter(source.read, None))
    assert [number(frame.image) for frame in again] == list(range(len(times)))
    assert [frame.seq for frame in again] == [len(times) + i for i in range(len(times))]


def test_close_may_be_repeated_and_frames_outlive_it(case: Case) -> None:
    text, number, _ = case
    source = open_source(text)
    first = source.read()
    source.close()
    source.close()
    assert first is not None
    assert number(first.image) == 0


def test_the_endless_test_card_has_no_end_and_depends_on_the_number_only() -> None:
    with TestCard() as card, TestCard() as other:
        assert card.info.duration is None
        card.seek(Fraction(10_000))
        other.seek(Fraction(10_000))
        one, two = card.read(), other.read()
    assert one is not None
    assert two is not None
    assert read_counter(one.image) == 300_000
    np.testing.assert_array_equal(one.image, two.image)
