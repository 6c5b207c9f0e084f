"""What cameras offer, asked of a kernel of software that answers as Linux does."""

from __future__ import annotations

import errno
import struct
import sys
from pathlib import Path

import pytest

from yolact_live.capture.modes import Mode, best, list_modes, modes_in, v4l2_modes


class Kernel:
    """Answers the three questions of V4L2, in the structures of <linux/videodev2.h>.

    Args:
        formats: pixel format → size → intervals between frames, (numerator, denominator) of a second.
    """

    def __init__(self, formats: dict[bytes, dict[tuple[int, int], list[tuple[int, int]]]]) -> None:
        self.formats = formats

    def __call__(self, request: int, answer: bytearray) -> None:
        assert len(answer) == request >> 16 & 0x3FFF, "the request tells the length"
        index, about = struct.unpack_from("2I", answer)
        try:
            match request & 0xFF:
                case 2:
                    assert about == 1, "video capture"
                    answer[44:48] = list(self.formats)[index]
                case 74:
                    size = list(self.formats[answer[4:8].decode().encode()])[index]
                    struct.pack_into("3I", answer, 8, 1, *size)
                case 75:
                    size = struct.unpack_from("2I", answer, 8)
                    interval = self.formats[answer[4:8].decode().encode()][size][index]
                    struct.pack_into("3I", answer, 16, 1, *interval)
        except IndexError:
            raise OSError(errno.EINVAL, "the list has ended") from None


WEBCAM = {
    b"YUYV": {(640, 480): [(1, 30), (1, 15)], (1280, 720): [(1, 10)], (320, 240): [(1001, 30000)]},
    b"MJPG": {(640, 480): [(1, 30), (1, 60)], (1920, 1080): [(1, 30)], (1280, 720): []},
    b"H264": {(1920, 1080): [(1, 60)], (3840, 2160): [(1, 30)]},
}


def test_every_mode_is_read() -> None:
    modes = list(v4l2_modes(Kernel(WEBCAM)))
    assert [(mode.fourcc, mode.width, mode.height) for mode in modes] == [
        (fourcc.decode(), *size) for fourcc, sizes in WEBCAM.items() for size in sizes
    ]
    assert [round(mode.rate, 2) for mode in modes] == [30, 10, 29.97, 60, 30, 0, 60, 30]


def test_each_size_once_the_largest_first_in_the_format_that_is_asked_for() -> None:
    modes = best(v4l2_modes(Kernel(WEBCAM)))
    assert [str(mode) for mode in modes] == ["1920x1080@30", "1280x720", "640x480@60", "320x240@29.97"]
    assert [mode.fourcc for mode in modes] == ["MJPG", "MJPG", "MJPG", "YUYV"]


def test_of_a_range_the_largest() -> None:
    def ask(request: int, answer: bytearray) -> None:
        if struct.unpack_from("I", answer)[0]:
            raise OSError(errno.EINVAL, "a range is one entry")
        if request & 0xFF == 2:
            answer[44:48] = b"NV12"
        elif request & 0xFF == 74:
            struct.pack_into("7I", answer, 8, 3, 32, 4096, 2, 16, 3072, 2)
        else:
            struct.pack_into("7I", answer, 16, 2, 1, 120, 1, 1, 1, 1)

    assert list(v4l2_modes(ask)) == [Mode("NV12", 4096, 3072, 120.0)]


def test_the_listing_of_windows() -> None:
    listing = """
  pixel_format=yuyv422  min s=640x480 fps=5 max s=640x480 fps=30
  pixel_format=yuyv422  min s=640x480 fps=5 max s=640x480 fps=30 (tv, bt470bg/bt709/unknown, topleft)
  vcodec=mjpeg  min s=1280x720 fps=30 max s=1280x720 fps=60.0002
"""
    assert [str(mode) for mode in best(modes_in(listing))] == ["1280x720@60", "640x480@30"]


@pytest.mark.skipif(sys.platform != "linux", reason="the file is a camera's on Linux only")
def test_what_is_no_camera_offers_nothing(tmp_path: Path) -> None:
    (tmp_path / "video0").write_bytes(b"")
    assert list_modes("none", str(tmp_path / "video0")) == []
    assert list_modes("none", str(tmp_path / "video1")) == []
    assert list_modes("none", "/dev/null") == []
