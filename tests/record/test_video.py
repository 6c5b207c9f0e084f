from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from tests.media import constant, number_of, picture, variable, write_sound, write_video
from yolact_live.capture import open_source
from yolact_live.errors import RecordError
from yolact_live.record import video
from yolact_live.record.finish import Sound, Span
from yolact_live.record.output import part_path
from yolact_live.record.video import VideoRecorder, fit, time_base
from yolact_live.types import Frame

RATE = Fraction(30)
SIZE = (32, 128)
NTSC = Fraction(30_000, 1001)


def record(
    path: Path,
    times: Sequence[Fraction],
    rate: Fraction | None = RATE,
    last: Fraction | None = None,
    **how: object,
) -> Path:
    size = how.pop("size", SIZE)
    with VideoRecorder(path, size, rate, **how) as recorder:  # type: ignore[arg-type]
        for i, pts in enumerate(times):
            recorder.write(picture(i, *size), pts, last or 1 / (rate or RATE))  # type: ignore[misc]
    return path


def read_all(path: Path) -> list[Frame]:
    with open_source(str(path)) as source:
        frames = list(iter(source.read, None))
        assert source.problem is None
    return frames


# ------------------------------------------------------------------------ what was written is read


@pytest.mark.parametrize("extension", ["mp4", "mov", "mkv", "webm"])
@pytest.mark.parametrize(
    ("times", "rate"),
    [
        (constant(75, RATE), RATE),
        (constant(75, NTSC), NTSC),
        (constant(75, Fraction(24_000, 1001)), Fraction(24_000, 1001)),
        (variable(75), None),
        (variable(40), RATE),  # a rate that was announced, and not kept
        (constant(3, Fraction(1, 7)), Fraction(1, 7)),
        ([Fraction(0)], RATE),
    ],
    ids=["30", "29.97", "23.976", "variable", "announced", "slow", "one frame"],
)
def test_frames_times_and_duration(
    tmp_path: Path, extension: str, times: list[Fraction], rate: Fraction | None
) -> None:
    last = 1 / (rate or RATE)
    path = record(tmp_path / f"a.{extension}", times, rate)
    frames = read_all(path)
    exact = Fraction(1, 20_000) if extension in ("mp4", "mov") else Fraction(1, 1000)
    assert [number_of(frame.image) for frame in frames] == list(range(len(times)))
    assert max(abs(frame.pts - time) for frame, time in zip(frames, times, strict=True)) <= exact
    with open_source(str(path)) as source:
        assert source.info.duration is not None
        assert abs(source.info.duration - times[-1] - last) <= 2 * exact
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_the_first_time_becomes_zero_and_times_always_rise(tmp_path: Path) -> None:
    times = [Fraction(100), Fraction(100), Fraction(99), 100 + Fraction(1, 10), 100 + Fraction(1, 5)]
    frames = read_all(record(tmp_path / "a.mp4", times))
    assert [number_of(frame.image) for frame in frames] == [0, 1, 2, 3, 4]
    assert frames[0].pts == 0
    assert frames[3].pts == Fraction(1, 10)
    assert all(a.pts < b.pts for a, b in pairwise(frames))


def test_the_last_frame_is_shown_as_long_as_it_was_told(tmp_path: Path) -> None:
    path = record(tmp_path / "a.mp4", constant(10, RATE), last=Fraction(1, 2))
    assert read_all(path)[-1].duration == Fraction(1, 2)


@pytest.mark.parametrize("size", [(33, 129), (1, 129), (145, 256), (144, 257)])
def test_odd_sizes_are_padded_by_a_pixel(tmp_path: Path, size: tuple[int, int]) -> None:
    frame = read_all(record(tmp_path / "a.mp4", constant(3, RATE), size=size))[2]
    height, width = size
    assert frame.size == (height + height % 2, width + width % 2)
    error = np.abs(frame.image[:height, :width].astype(int) - picture(2, *size))
    assert error.mean() < 5


def test_pictures_of_another_size_are_fitted_in(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with VideoRecorder(path, (64, 128), RATE) as recorder:
        for i, size in enumerate([(64, 128), (128, 128), (32, 200), (640, 1280)]):
            recorder.write(np.full((*size, 3), 200, np.uint8), i / RATE, 1 / RATE)
    frames = read_all(path)
    assert {frame.size for frame in frames} == {(64, 128)}
    shares = [float((frame.image > 100).all(axis=2).mean()) for frame in frames]
    assert shares == pytest.approx([1.0, 0.5, 20 / 64, 1.0], abs=0.03)


def test_fit_pads_by_repeating_the_edge() -> None:
    image = np.arange(27, dtype=np.uint8).reshape(3, 3, 3)
    np.testing.assert_array_equal(fit(image, 4, 4), np.pad(image, ((0, 1), (0, 1), (0, 0)), "edge"))


@pytest.mark.parametrize(
    ("rate", "frame"), [(RATE, 1 / RATE), (NTSC, 1 / NTSC), (Fraction(179, 6), Fraction(6, 179))]
)
def test_a_frame_is_a_whole_number_of_ticks(rate: Fraction, frame: Fraction) -> None:
    unit = time_base(rate)
    assert (frame / unit).denominator == 1
    assert Fraction(1, 65_536) < unit <= Fraction(1, 30_000)


def test_any_rate_has_a_time_base() -> None:
    for rate in (None, Fraction(0), Fraction(6_688_125, 224_183), Fraction(-5), Fraction(1, 100)):
        assert Fraction(1, 65_536) < time_base(rate) <= Fraction(1, 30_000)


@pytest.mark.parametrize(("size", "tag"), [((144, 256), 6), ((720, 1280), 1)], ids=["BT.601", "BT.709"])
@pytest.mark.parametrize("extension", ["mp4", "mkv", "webm"])
def test_colours_are_right_and_tagged(
    tmp_path: Path, size: tuple[int, int], tag: int, extension: str
) -> None:
    colours = [(b, g, r) for b in (0, 255) for g in (0, 255) for r in (0, 255)]
    image = np.array(colours, np.uint8).repeat(size[1] // 8, axis=0)[None].repeat(size[0], axis=0)
    path = tmp_path / f"a.{extension}"
    with VideoRecorder(path, size, RATE) as recorder:
        recorder.write(image, Fraction(0), 1 / RATE)
    shown = read_all(path)[0].image
    error = np.abs(shown[:, size[1] // 16 :: size[1] // 8].astype(int) - colours)
    assert error.max() <= 6
    with av.open(str(path)) as container:
        context = container.streams.video[0].codec_context
        assert (context.colorspace, context.color_primaries, context.color_trc, context.color_range) == (
            tag,
        ) * 3 + (1,)


def test_key_frames_come_at_least_every_two_seconds_and_the_index_is_in_front(tmp_path: Path) -> None:
    path = record(tmp_path / "a.mp4", constant(70, Fraction(10)), Fraction(10))
    with av.open(str(path)) as container:
        keys = [float(p.pts * p.time_base) for p in container.demux(video=0) if p.size and p.is_keyframe]
    assert keys == pytest.approx([0, 2, 4, 6])
    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    assert b"moof" not in data


def test_the_best_encoder_that_works_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encoders = (("no-such-encoder", {}), ("h264_nvenc", {"preset": "nonsense"}), ("mpeg4", {}))
    monkeypatch.setattr(video, "_H264", encoders)
    path = record(tmp_path / "a.mp4", constant(30, NTSC), NTSC)
    frames = read_all(path)
    assert [number_of(frame.image) for frame in frames] == list(range(30))
    assert frames[29].pts == 29 / NTSC
    with av.open(str(path)) as container:
        assert container.streams.video[0].codec_context.name == "mpeg4"


def test_no_encoder_takes_it(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="no encoder here writes 100000×2 pictures"):
        VideoRecorder(tmp_path / "a.webm", (2, 100_000), RATE)
    assert not list(tmp_path.iterdir())


def test_a_read_only_picture_with_gaps_between_its_rows(tmp_path: Path) -> None:
    image = np.zeros((SIZE[0], SIZE[1] + 5, 3), np.uint8)
    image[:, : SIZE[1]] = picture(77)
    image.flags.writeable = False
    with VideoRecorder(tmp_path / "a.mp4", SIZE, RATE) as recorder:
        recorder.write(image[:, : SIZE[1]], Fraction(0), 1 / RATE)
    assert number_of(read_all(tmp_path / "a.mp4")[0].image) == 77


# ------------------------------------------------------------------------ files


def test_an_existing_file_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_text("precious")
    with pytest.raises(RecordError, match="--overwrite"):
        VideoRecorder(path, SIZE, RATE)
    recorder = VideoRecorder(path, SIZE, RATE, overwrite=True)
    recorder.write(picture(0), Fraction(0), 1 / RATE)
    assert path.read_text() == "precious"
    recorder.close()
    assert len(read_all(path)) == 1


def test_close_may_be_repeated(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    recorder = VideoRecorder(path, SIZE, RATE)
    recorder.write(picture(0), Fraction(0), 1 / RATE)
    recorder.close()
    recorder.close()
    assert len(read_all(path)) == 1


@pytest.mark.parametrize("extension", ["mp4", "mkv"])
def test_without_a_frame_there_is_no_file(tmp_path: Path, extension: str) -> None:
    VideoRecorder(tmp_path / f"a.{extension}", SIZE, RATE).close()
    assert not list(tmp_path.iterdir())


def test_no_room_to_make_it_plain_leaves_it_in_fragments(tmp_path: Path) -> None:
    """What stands in the way here is a folder of the name that the plain file would have."""
    path = tmp_path / "a.mp4"
    obstacle = part_path(part_path(path))
    obstacle.mkdir()
    record(path, constant(40, RATE))
    obstacle.rmdir()
    assert [number_of(frame.image) for frame in read_all(path)] == list(range(40))
    assert b"moof" in path.read_bytes()
    assert list(tmp_path.iterdir()) == [path]


# ------------------------------------------------------------------------ disasters

_RECORD_NOISE = """
import sys, time
from fractions import Fraction
from pathlib import Path
import numpy as np
from yolact_live.record.video import VideoRecorder

path, count, delay = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
noise = np.random.default_rng(0)
with VideoRecorder(path, (144, 256), Fraction(30), overwrite=True) as recorder:
    for i in range(count):
        image = noise.integers(0, 256, (144, 256, 3), dtype=np.uint8)
        recorder.write(image, Fraction(i, 30), Fraction(1, 30))
        print(i, flush=True)
        time.sleep(delay)
"""


def record_noise(path: Path, limit: int) -> str:
    """Record where a file may hold ``limit`` bytes; return what the recorder said."""
    code = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))\n" + _RECORD_NOISE
    command = [sys.executable, "-c", code, str(path), "200", "0"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    return done.stderr.splitlines()[-1]


@pytest.mark.skipif(os.name != "posix", reason="RLIMIT_FSIZE")
@pytest.mark.parametrize("extension", ["mp4", "mkv"])
def test_a_full_disk_ends_the_recording_with_what_there_is(tmp_path: Path, extension: str) -> None:
    path = tmp_path / f"a.{extension}"
    message = record_noise(path, 2_000_000)
    frames = read_all(path)
    seconds = float(frames[-1].pts + frames[-1].duration)
    assert len(frames) > 20
    assert f"its first {seconds:.1f} s are kept in {path}" in message
    assert "File too large" in message
    assert "free some space" in message
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


@pytest.mark.skipif(os.name != "posix", reason="RLIMIT_FSIZE")
def test_a_full_disk_does_not_cost_the_file_that_was_to_be_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_text("precious")
    message = record_noise(path, 2_000_000)
    assert path.read_text() == "precious"
    part = part_path(path)
    assert f"are kept in {part}" in message
    assert len(read_all(part)) > 20
    assert sorted(tmp_path.iterdir()) == sorted([path, part])


@pytest.mark.skipif(os.name != "posix", reason="RLIMIT_FSIZE")
def test_a_disk_that_was_full_before_leaves_nothing(tmp_path: Path) -> None:
    message = record_noise(tmp_path / "a.mp4", 200)
    assert "nothing is kept of it" in message
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
@pytest.mark.parametrize("extension", ["mp4", "mkv"])
def test_killed_it_plays_up_to_the_last_second(tmp_path: Path, extension: str) -> None:
    path = tmp_path / f"a.{extension}"
    command = [sys.executable, "-c", _RECORD_NOISE, str(path), "100000", "0.01"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        for line in process.stdout:
            if int(line) >= 130:
                break
        process.send_signal(signal.SIGKILL)
        written = int((process.stdout.read().split() or [130])[-1])
    with open_source(str(part_path(path))) as source:
        frames = list(iter(source.read, None))
    assert (written - len(frames)) / 30 < 2
    assert not path.exists()


# ------------------------------------------------------------------------ sound


def clicks(path: Path) -> list[float]:
    """Return when clicks are heard, in seconds from the start of the video."""
    with av.open(str(path)) as container:
        stream, video = container.streams.audio[0], container.streams.video[0]
        zero = float(video.start_time * video.time_base)
        loud: list[float] = []
        for frame in container.decode(stream):
            samples = np.abs(frame.to_ndarray()[0])
            start = float(frame.pts * stream.time_base) - zero
            loud += [start + i / stream.rate for i in np.flatnonzero(samples > 0.4)]
    return [time for i, time in enumerate(loud) if i == 0 or time - loud[i - 1] > 0.1]


def all_of(source: Path) -> Callable[[Fraction, Fraction], Sound]:
    """The sound of a recording that has the times of its source."""
    return lambda start, end: Sound(source, [Span(start, end, Fraction(0))])


@pytest.mark.parametrize("extension", ["mp4", "mov", "mkv", "webm"])
@pytest.mark.parametrize(("begin", "heard"), [(0, [0.0, 1.0, 2.0]), (45, [0.5])])
def test_sound_is_kept_and_stays_in_time(
    tmp_path: Path, extension: str, begin: int, heard: list[float]
) -> None:
    source = write_sound(tmp_path / "in.mp4", 4, constant(120, RATE))
    frames = read_all(source)[begin:80]
    path = tmp_path / f"a.{extension}"
    with VideoRecorder(path, SIZE, RATE, sound=all_of(source)) as recorder:
        for frame in frames:
            recorder.write(frame.image, frame.pts, frame.duration)
    assert clicks(path) == pytest.approx(heard, abs=0.02)
    assert len(read_all(path)) == len(frames)
    with av.open(str(path)) as container:  # copied where that can be
        assert container.streams.audio[0].codec_context.name == ("opus" if extension == "webm" else "aac")


@pytest.mark.parametrize("extension", ["mp4", "webm"])
def test_sound_of_parts_of_a_source(tmp_path: Path, extension: str) -> None:
    """From 2.5 to 4.2 s, then from 0.5 to 1.5 s, then the same again: clicks at 3, 4, 1 and 1 s."""
    source = write_sound(tmp_path / "in.mp4", 6, constant(180, RATE))
    spans = [
        Span(Fraction(5, 2), Fraction(21, 5), Fraction(0)),
        Span(Fraction(1, 2), Fraction(3, 2), Fraction(17, 10)),
        Span(Fraction(1, 2), Fraction(3, 2), Fraction(27, 10)),
    ]
    path = record(
        tmp_path / f"a.{extension}", constant(111, RATE), sound=lambda start, end: Sound(source, spans)
    )
    assert clicks(path) == pytest.approx([0.5, 1.5, 2.2, 3.2], abs=0.02)
    with av.open(str(path)) as container:
        ends = [float(p.pts * p.time_base) for p in container.demux(audio=0) if p.size]
    assert ends == sorted(ends)
    assert ends[-1] < 3.75


def test_damaged_sound_does_not_cost_the_picture(tmp_path: Path) -> None:
    source = tmp_path / "in.mp4"
    source.write_bytes(b"no sound")
    assert len(read_all(record(tmp_path / "a.mp4", constant(30, RATE), sound=all_of(source)))) == 30


def test_a_source_without_sound(tmp_path: Path) -> None:
    source = write_video(tmp_path / "in.mp4", constant(30, RATE))
    assert len(read_all(record(tmp_path / "a.mp4", constant(30, RATE), sound=all_of(source)))) == 30
