"""What cameras offer: sizes and frame rates."""

from __future__ import annotations

import os
import re
import struct
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Mode:
    """What to ask a camera for. It grants what it can.

    Attributes:
        fourcc: pixel format.
        rate: frames a second.
    """

    fourcc: str = "MJPG"  # over USB 2, uncompressed 720p is limited to 5 to 10 frames a second
    width: int = 1280
    height: int = 720
    rate: float = 30.0

    def __str__(self) -> str:
        """As it is written behind a camera: ``1280x720@30``."""
        return f"{self.width}x{self.height}" + (f"@{self.rate:.4g}" if self.rate else "")


_UNREADABLE = frozenset(("H264", "HEVC", "h264", "hevc"))
"""Formats that OpenCV does not decode."""


def list_modes(name: str, path: str) -> list[Mode]:
    """Return the sizes that a camera offers, the largest first, with the highest rate of each.

    None where the system does not say. A rate that it does not say is 0.

    Args:
        name: as listed.
        path: device file (Linux).
    """
    listers: dict[str, Callable[[], Iterable[Mode]]] = {
        "linux": lambda: _ask_kernel(path),
        "win32": lambda: modes_in(_directshow_listing(name)),
    }
    try:
        return best(listers.get(sys.platform, list)())
    except OSError:  # unplugged meanwhile, forbidden, or no camera
        return []


def best(modes: Iterable[Mode]) -> list[Mode]:
    """Return one mode for each size: the fastest of the format that will be asked for."""
    found: dict[tuple[int, int], Mode] = {}
    for mode in sorted(modes, key=lambda mode: (mode.fourcc == Mode.fourcc, mode.rate)):
        if mode.fourcc not in _UNREADABLE:
            found[mode.width, mode.height] = mode
    return sorted(found.values(), key=lambda mode: (mode.width * mode.height, mode.width), reverse=True)


# ------------------------------------------------------------------------ Linux

# requests of <linux/videodev2.h>, and where in their structures the answers are
_FORMAT, _SIZE, _INTERVAL = 0xC0405602, 0xC02C564A, 0xC034564B
_LENGTHS = {_FORMAT: 64, _SIZE: 44, _INTERVAL: 52}
_CAPTURE, _DISCRETE = 1, 1

Ask = Callable[[int, bytearray], object]
"""Sends a request with a structure that the kernel fills in; raises OSError at the end of a list."""


def _ask_kernel(path: str) -> list[Mode]:
    import fcntl

    handle = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    try:
        return list(v4l2_modes(lambda request, answer: fcntl.ioctl(handle, request, answer)))
    finally:
        os.close(handle)


def v4l2_modes(ask: Ask) -> Iterator[Mode]:
    """Yield every mode of a camera of Linux; of a range of sizes or rates the largest."""
    for entry in _entries(ask, _FORMAT, _CAPTURE):
        code = bytes(entry[44:48])
        (pixel_format,) = struct.unpack("I", code)
        for size in _entries(ask, _SIZE, pixel_format):
            kind, a, b, _, _, c = struct.unpack_from("6I", size, 8)
            width, height = (a, b) if kind == _DISCRETE else (b, c)
            rates = [
                # the shortest interval; of a range it is the first
                denominator / numerator
                for interval in _entries(ask, _INTERVAL, pixel_format, width, height)
                for numerator, denominator in [struct.unpack_from("2I", interval, 20)]
                if numerator
            ]
            fourcc = code.decode("ascii", "replace").strip()
            yield Mode(fourcc, width, height, max(rates, default=0.0))


def _entries(ask: Ask, request: int, *about: int) -> Iterator[bytearray]:
    """Yield the entries of one of the kernel's lists; what is not discrete has one."""
    for index in range(256):
        answer = bytearray(_LENGTHS[request])
        struct.pack_into(f"{1 + len(about)}I", answer, 0, index, *about)
        try:
            ask(request, answer)
        except OSError:
            return
        yield answer


# ------------------------------------------------------------------------ Windows


def _directshow_listing(name: str) -> str:
    import av

    level = av.logging.get_level()
    av.logging.set_level(av.logging.INFO)
    try:
        with av.logging.Capture() as lines:
            av.open(f"video={name}", format="dshow", options={"list_options": "true"}).close()
    except (av.error.FFmpegError, ValueError):  # having listed them, it opens nothing
        pass
    finally:
        av.logging.set_level(level)
    return "".join(text for _, _, text in lines)


def modes_in(listing: str) -> Iterator[Mode]:
    """Yield the modes in FFmpeg's list of what a camera of Windows offers."""
    for line in re.finditer(r"(?:vcodec|pixel_format)=(\S+) .*max s=(\d+)x(\d+) fps=([\d.]+)", listing):
        fourcc = "MJPG" if line[1] == "mjpeg" else line[1]
        yield Mode(fourcc, int(line[2]), int(line[3]), float(line[4]))
