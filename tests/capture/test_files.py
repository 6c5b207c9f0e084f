from __future__ import annotations

import os
import subprocess
import sys
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from tests.media import SIZE, constant, number_of, picture, write_sound, write_video
from yolact_live.capture import decode, open_source
from yolact_live.capture.decode import square_pixel_size
from yolact_live.capture.timing import standard_rate
from yolact_live.errors import SourceError
from yolact_live.types import Frame

RATE = Fraction(30)


def read_all(path: Path) -> tuple[list[Frame], str | None]:
    with open_source(str(path)) as source:
        return list(iter(source.read, None)), source.problem


def complaint(path: Path | str) -> str:
    """One line that says what is wrong and what to do."""
    with pytest.raises(SourceError) as caught:
        open_source(str(path)).close()
    assert "\n" not in str(caught.value)
    assert caught.value.remedy
    return str(caught.value)


# ------------------------------------------------------------------------ what is not a video


def test_no_such_file(tmp_path: Path) -> None:
    assert "none.mp4 does not exist" in complaint(tmp_path / "none.mp4")


def test_empty_file(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").touch()
    assert "is empty" in complaint(tmp_path / "a.mp4")


def test_text_with_the_name_of_a_video(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_text("Dear diary,\n" * 500)
    assert "is not a video" in complaint(tmp_path / "a.mp4")


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "noname"])
def test_noise(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(np.random.default_rng(0).bytes(100_000))
    complaint(tmp_path / name)


def test_sound_alone(tmp_path: Path) -> None:
    assert "has no video in it" in complaint(write_sound(tmp_path / "a.m4a"))


def test_music_with_a_cover(tmp_path: Path) -> None:
    write_sound(tmp_path / "plain.m4a")
    with (
        av.open(str(tmp_path / "plain.m4a")) as plain,
        av.open(str(tmp_path / "a.m4a"), "w", "mp4") as covered,
    ):
        sound = covered.add_stream_from_template(plain.streams.audio[0])
        cover: Any = covered.add_stream("mjpeg", rate=1, options={"strict": "unofficial"})
        cover.height, cover.width = SIZE
        cover.pix_fmt = "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        for packet in plain.demux(audio=0):
            if packet.dts is not None:
                packet.stream = sound
                covered.mux(packet)
        covered.mux(cover.encode(av.VideoFrame.from_ndarray(picture(0), format="bgr24")))
        covered.mux(cover.encode(None))
    assert "has no video in it" in complaint(tmp_path / "a.m4a")


def test_no_frame_can_be_decoded(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", constant(20, RATE), container={"movflags": "faststart"})
    data = bytearray(path.read_bytes())
    start = data.index(b"mdat") + 4
    data[start:] = bytes(len(data) - start)
    path.write_bytes(data)
    assert "no frame that can be decoded" in complaint(path)


def test_index_missing(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", constant(60, RATE))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert "was cut short" in complaint(path)


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_forbidden_file(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", constant(3, RATE))
    path.chmod(0)
    if os.geteuid() != 0:
        assert "cannot be read (Permission denied)" in complaint(path)
        return
    # root may read everything, nobody may not
    os.chmod(tmp_path, 0o755)
    for folder in tmp_path.parents[:2]:
        os.chmod(folder, 0o755)
    code = (
        "import os, sys; from yolact_live.capture import open_source; import yolact_live.capture.files\n"
        "os.setgid(65534); os.setuid(65534); open_source(sys.argv[1])"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, timeout=60)
    assert "cannot be read (Permission denied): check its permissions" in done.stderr


def test_a_device_is_no_file() -> None:
    if os.name == "posix":
        assert "no ordinary file" in complaint("/dev/null")


# ------------------------------------------------------------------------ damage


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.flv"])
def test_a_file_that_was_cut_short_is_read_as_far_as_it_goes(tmp_path: Path, name: str) -> None:
    path = write_video(
        tmp_path / name, constant(300, RATE), container={"movflags": "faststart"} if "mp4" in name else {}
    )
    size = path.stat().st_size
    os.truncate(path, size // 2)
    frames, problem = read_all(path)
    assert 60 < len(frames) < 250
    assert [number_of(frame.image) for frame in frames[:-1]] == [i % 256 for i in range(len(frames) - 1)]
    assert problem == f"the file is damaged: {len(frames)} of about 300 frames could be read"


def test_every_tenth_of_a_file(tmp_path: Path) -> None:
    whole = write_video(
        tmp_path / "whole.mp4", constant(60, RATE), container={"movflags": "faststart"}
    ).read_bytes()
    counts = []
    for tenth in range(1, 11):
        path = tmp_path / "a.mp4"
        path.write_bytes(whole[: len(whole) * tenth // 10])
        try:
            counts.append(len(read_all(path)[0]))
        except SourceError:
            counts.append(0)
    assert counts == sorted(counts)
    assert counts[4] > 0
    assert counts[-1] == 60


def test_damage_in_the_middle_costs_only_what_is_damaged(tmp_path: Path) -> None:
    options = {"preset": "ultrafast", "g": "10"}
    path = write_video(
        tmp_path / "a.mp4", constant(100, RATE), options=options, container={"movflags": "faststart"}
    )
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 300] = np.random.default_rng(0).bytes(300)
    path.write_bytes(data)
    frames, problem = read_all(path)
    assert 80 <= len(frames) <= 100
    assert number_of(frames[-1].image) == 99
    assert (problem is None) == (len(frames) == 100)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts"])
def test_fuzzed_files_end_in_order(tmp_path: Path, name: str) -> None:
    original = write_video(tmp_path / name, constant(30, RATE)).read_bytes()
    generator = np.random.default_rng(0)
    outcomes = set()
    for _ in range(25):
        data = bytearray(original)
        for position in generator.integers(0, len(data), 12):
            data[position] = generator.integers(256)
        (tmp_path / name).write_bytes(data)
        try:
            frames, _ = read_all(tmp_path / name)
        except SourceError:
            outcomes.add("refused")
        else:
            assert all(a.pts < b.pts for a, b in pairwise(frames))
            outcomes.add("read")
    assert "read" in outcomes


def test_pictures_that_change_size_keep_their_own(tmp_path: Path) -> None:
    for i, size in enumerate([(32, 128), (64, 192)]):
        write_video(tmp_path / f"{i}.ts", constant(10, RATE), size=size)
    path = tmp_path / "a.ts"
    path.write_bytes((tmp_path / "0.ts").read_bytes() + (tmp_path / "1.ts").read_bytes())
    frames, _ = read_all(path)
    assert {frame.size for frame in frames} == {(32, 128), (64, 192)}


def test_streams_put_together_go_on_without_a_gap(tmp_path: Path) -> None:
    """Recordings of broadcasts jump in time wherever parts of them were put together."""
    for i, start in enumerate((0, 70_000, 5)):
        write_video(tmp_path / f"{i}.ts", [start + time for time in constant(20, RATE)], first=20 * i)
    path = tmp_path / "a.ts"
    path.write_bytes(b"".join((tmp_path / f"{i}.ts").read_bytes() for i in range(3)))
    frames, _ = read_all(path)
    assert [number_of(frame.image) for frame in frames] == list(range(60))
    assert all(b.pts - a.pts <= Fraction(3, 30) for a, b in pairwise(frames))
    with open_source(str(path)) as source:
        list(iter(source.read, None))
        for i in (50, 30, 10):
            source.seek(frames[i].pts)
            frame = source.read()
            assert frame is not None
            assert (number_of(frame.image), frame.pts) == (i, frames[i].pts)


def test_two_hours_of_one_picture_a_minute(tmp_path: Path) -> None:
    times = [Fraction(60 * i) for i in range(121)]
    path = write_video(tmp_path / "a.mp4", times, options={"preset": "ultrafast", "g": "1000"})
    with open_source(str(path)) as source:
        assert source.info.duration is not None
        assert abs(source.info.duration - 7200) < 61
        for minute in (119, 3, 60):
            source.seek(Fraction(60 * minute + 59))
            frame = source.read()
            assert frame is not None
            assert (number_of(frame.image), frame.pts) == (minute, 60 * minute)
            assert frame.duration == 60


@pytest.mark.parametrize(
    ("meant", "said"),
    [
        (Fraction(60_000, 1001), Fraction(19_001, 317)),
        (Fraction(24_000, 1001), Fraction(23_976, 1000)),
        (Fraction(30), Fraction(1_000_000, 33_333)),
        (Fraction(1_234, 100), Fraction(1_234, 100)),
    ],
)
def test_rates_that_containers_round(meant: Fraction, said: Fraction) -> None:
    assert standard_rate(said) == meant


def test_interlaced_video_is_flagged(tmp_path: Path) -> None:
    options = {"preset": "ultrafast", "x264-params": "interlaced=1"}
    for name, how in (("a.mp4", options), ("b.mp4", None)):
        path = write_video(tmp_path / name, constant(5, RATE), options=how)
        with open_source(str(path)) as source:
            assert source.info.interlaced is (name == "a.mp4")
            assert source.info.coding == "h264 yuv420p"


@pytest.mark.parametrize("kind", [*decode.HARDWARE, "drm", "nothing-like-this"])
def test_the_processor_decodes_where_hardware_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Hardware that is not here, that does not take this video, or that FFmpeg does not know."""
    monkeypatch.setattr(decode, "ONE_THREAD_PIXELS", 0)
    monkeypatch.setattr(decode, "HARDWARE", (kind,))
    path = write_video(tmp_path / "a.mp4", constant(20, RATE), options={"preset": "medium", "bf": "2"})
    frames, problem = read_all(path)
    assert problem is None
    assert [number_of(frame.image) for frame in frames] == list(range(20))


# ------------------------------------------------------------------------ geometry


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_rotated_pictures_are_turned_upright(tmp_path: Path, rotation: int) -> None:
    path = write_video(tmp_path / "a.mp4", constant(5, RATE), rotation=rotation)
    with open_source(str(path)) as source:
        frame = source.read()
        assert frame is not None
        turned = np.rot90(picture(0), rotation // 90)
        assert source.info.size == frame.size == turned.shape[:2]
        assert np.abs(frame.image.astype(int) - turned).mean() < 3
        assert frame.image.flags.c_contiguous


@pytest.mark.parametrize(
    ("aspect", "size"), [(Fraction(4, 3), (48, 171)), (Fraction(1, 2), (96, 128)), (Fraction(1), (48, 128))]
)
def test_pixels_become_square(tmp_path: Path, aspect: Fraction, size: tuple[int, int]) -> None:
    path = write_video(tmp_path / "a.mp4", constant(3, RATE), size=(48, 128), aspect=aspect)
    with open_source(str(path)) as source:
        frame = source.read()
        assert frame is not None
        assert source.info.size == frame.size == size


def test_an_absurd_aspect_is_ignored() -> None:
    assert square_pixel_size(100, 200, Fraction(1, 1000)) == (100, 200)
    assert square_pixel_size(100, 200, None) == (100, 200)


@pytest.mark.parametrize("size", [(35, 131), (1, 16), (17, 129)])
def test_odd_sizes_are_whole_and_contiguous(tmp_path: Path, size: tuple[int, int]) -> None:
    path = write_video(
        tmp_path / "a.mkv",
        constant(3, RATE),
        size=size,
        codec="ffv1",
        pixel_format="bgr0",
        options={"level": "3"},
    )
    frames, _ = read_all(path)
    for i, frame in enumerate(frames):
        assert frame.image.flags.c_contiguous
        np.testing.assert_array_equal(frame.image, picture(i, *size))


def test_cut_by_an_edit_list(tmp_path: Path) -> None:
    """A cut without re-encoding keeps the pictures before the cut, and says not to show them."""
    options = {"preset": "medium", "g": "30", "bf": "2"}
    whole = write_video(tmp_path / "whole.mp4", constant(90, RATE), options=options)
    path = tmp_path / "a.mp4"
    with av.open(str(whole)) as source, av.open(str(path), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                # the first ten frames come before time zero
                shift = round(Fraction(10, 30) / packet.time_base)
                packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
                packet.stream = stream
                target.mux(packet)
    frames, problem = read_all(path)
    assert problem is None
    assert [number_of(frame.image) for frame in frames] == list(range(10, 90))
    assert frames[0].pts == 0
    with open_source(str(path)) as opened:
        assert opened.info.duration is not None
        assert abs(opened.info.duration - Fraction(80, 30)) < Fraction(1, 1000)
        opened.seek(Fraction(3, 30))
        frame = opened.read()
        assert frame is not None
        assert (number_of(frame.image), frame.pts) == (13, Fraction(3, 30))


def test_a_video_that_starts_late_counts_from_its_start(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mkv", [5 + i / RATE for i in range(10)])
    frames, problem = read_all(path)
    assert frames[0].pts == 0
    assert problem is None


def test_a_colon_in_a_name_is_no_protocol(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_video(tmp_path / "a.mp4", constant(3, RATE)).rename(tmp_path / "http:x.mp4")
    monkeypatch.chdir(tmp_path)
    assert len(read_all(Path("http:x.mp4"))[0]) == 3


# ------------------------------------------------------------------------ colour

_WEIGHTS = {"bt709": (0.2126, 0.0722, 1), "bt601": (0.299, 0.114, 6), "bt2020": (0.2627, 0.0593, 9)}
_PATCHES = [(b, g, r) for b in (0, 128, 255) for g in (0, 128, 255) for r in (0, 128, 255)]
_PATCH = 32


def write_patches(path: Path, matrix: str, full: bool, height: int, tag: bool = True) -> Path:
    """Write patches of pure colour, lossless, converted here by the definition of the standard."""
    kr, kb, number = _WEIGHTS[matrix]
    bgr = np.array(_PATCHES) / 255
    luma = bgr @ [kb, 1 - kr - kb, kr]
    chroma = (bgr[:, 0] - luma) / (2 * (1 - kb)), (bgr[:, 2] - luma) / (2 * (1 - kr))
    scale, offset, chroma_scale = (255, 0, 255) if full else (219, 16, 224)
    planes = [luma * scale + offset, *(values * chroma_scale + 128 for values in chroma)]
    frame: Any = av.VideoFrame(len(_PATCHES) * _PATCH, height, "yuv420p")
    for plane, values, cell in zip(frame.planes, planes, (_PATCH, _PATCH // 2, _PATCH // 2), strict=True):
        row = np.clip(np.rint(values), 0, 255).astype(np.uint8).repeat(cell)
        np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)[:, : row.size] = row
    with av.open(str(path), "w") as output:
        stream: Any = output.add_stream("libx264", rate=30, options={"qp": "0", "preset": "ultrafast"})
        stream.height, stream.width = height, frame.width
        if tag:
            context = stream.codec_context
            context.colorspace = context.color_primaries = context.color_trc = number
            context.color_range = 2 if full else 1
        output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


def worst_error(path: Path) -> int:
    frames, _ = read_all(path)
    centres = frames[0].image[:, _PATCH // 2 :: _PATCH].astype(int)
    return int(np.abs(centres - np.array(_PATCHES)).max())


@pytest.mark.parametrize("full", [False, True], ids=["limited", "full"])
@pytest.mark.parametrize("matrix", _WEIGHTS)
def test_matrix_and_range_are_honoured(tmp_path: Path, matrix: str, full: bool) -> None:
    assert worst_error(write_patches(tmp_path / "a.mp4", matrix, full, height=64)) <= 3


@pytest.mark.parametrize("pixel_format", ["yuv422p", "yuv444p", "yuv420p10le", "yuv422p10le"])
def test_other_samplings_and_depths(tmp_path: Path, pixel_format: str) -> None:
    plain = write_patches(tmp_path / "plain.mp4", "bt709", False, height=64)
    path = tmp_path / "a.mp4"
    with av.open(str(plain)) as source, av.open(str(path), "w") as output:
        stream: Any = output.add_stream("libx264", rate=30, options={"qp": "0", "preset": "ultrafast"})
        stream.height, stream.width, stream.pix_fmt = 64, len(_PATCHES) * _PATCH, pixel_format
        context = stream.codec_context
        context.colorspace = context.color_primaries = context.color_trc = 1
        context.color_range = 1
        for frame in source.decode(video=0):
            output.mux(stream.encode(frame.reformat(format=pixel_format)))
        output.mux(stream.encode(None))
    assert worst_error(path) <= 3


@pytest.mark.parametrize(("height", "matrix"), [(64, "bt601"), (720, "bt709")])
def test_without_a_tag_the_size_decides(tmp_path: Path, height: int, matrix: str) -> None:
    assert worst_error(write_patches(tmp_path / "a.mp4", matrix, False, height, tag=False)) <= 3
