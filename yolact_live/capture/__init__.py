"""Where frames come from: files, cameras, streams, stills, the screen, a test card."""

from __future__ import annotations

import glob
import os
import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from urllib.parse import urlsplit

from yolact_live.capture.modes import Mode, list_modes
from yolact_live.capture.source import Outage, Source, SourceInfo, redact, source_key
from yolact_live.errors import SourceError

__all__ = [
    "Listed",
    "Outage",
    "Source",
    "SourceInfo",
    "is_live",
    "is_picture",
    "is_video",
    "list_sources",
    "local_files",
    "open_source",
    "redact",
    "source_key",
]

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)
_SCHEMES = ("rtsp", "rtsps", "http", "https", "rtmp", "rtmps", "srt", "udp", "tcp", "rtp")
_SCREEN = re.compile(r"screen(?::(\d+))?(?:@(\d+)x(\d+)\+(\d+)\+(\d+))?")
_TEST_CARD = re.compile(r"testcard(?::(\d+(?:\.\d+)?))?")
_MISTAKES = {
    "screen": "write screen, screen:2, or a part of it: screen@800x600+100+50",
    "testcard": "write testcard, or testcard:10 for ten seconds",
}
_STILL_EXTENSIONS = frozenset(
    ".avif .bmp .dib .jp2 .jpe .jpeg .jpg .pbm .pgm .png .pnm .ppm .tif .tiff .webp".split()  # noqa: SIM905
)
_VIDEO_EXTENSIONS = frozenset(
    ".avi .flv .m4v .mkv .mov .mp4 .mpeg .mpg .ogv .webm .wmv".split()  # noqa: SIM905
)


@dataclass(frozen=True)
class Listed:
    """A source that is there.

    Attributes:
        source: what :func:`open_source` takes: of a camera its name, which stays when others come
            and go, or its index where two have the same name.
        name: what a person calls it.
        kind: camera, screen or test card.
        index: of a camera; :func:`open_source` takes it, too.
        modes: what a camera offers, the largest first; write one behind ``source`` and ``@``.
    """

    source: str
    name: str
    kind: str
    index: int | None = None
    modes: tuple[Mode, ...] = ()


def open_source(text: str, cancel: threading.Event | None = None, reconnect_s: float = 0.0) -> Source:
    """Open a source by the one grammar of the window, the command line and the settings.

    Args:
        text: ``0``, ``1``, … or a camera's name, with ``@1280x720``, ``@60`` (frames a second) or
            both if a mode is wanted | file | folder or glob of images (one second each) |
            ``rtsp://``, ``http://`` … | ``screen``, ``screen:2`` (second monitor),
            ``screen@800x600+100+50`` (a part: size, then x and y) | ``testcard`` (endless),
            ``testcard:10`` (seconds). ``./0`` is a file of that name.
        cancel: set it from another thread to end the wait for a camera or stream: opening
            then fails at once, and reading ends.
        reconnect_s: how long to wait for a camera or stream that was lost after it was opened.

    Raises:
        SourceError: there is no such source, or it cannot be opened.
    """
    if match := _TEST_CARD.fullmatch(text):
        from yolact_live.capture.testcard import TestCard

        return TestCard(Fraction(match[1]) if match[1] else None)
    if match := _SCREEN.fullmatch(text):
        from yolact_live.capture.screen import open_screen

        part = (int(match[2]), int(match[3]), int(match[4]), int(match[5])) if match[2] else None
        return open_screen(text, int(match[1] or 1), part, cancel, reconnect_s)
    if text.isdecimal():
        return _open_camera(text, cancel, reconnect_s)
    if _is_address(text):
        from yolact_live.capture.network import open_stream

        _check_address(text)
        return open_stream(text, is_live(text), cancel, reconnect_s)
    return _open_path(text, cancel, reconnect_s)


def is_live(text: str) -> bool:
    """Say whether frames of this source arrive when they happen (a camera, a stream, a screen).

    An address is live unless its path ends like a video file.
    """
    if _TEST_CARD.fullmatch(text):
        return False
    if _SCREEN.fullmatch(text) or text.isdecimal():
        return True
    if _is_address(text):
        parts = urlsplit(text)
        return not (parts.scheme.lower().startswith("http") and _extension(parts.path) in _VIDEO_EXTENSIONS)
    return not os.path.exists(_path(text)) and not glob.has_magic(text)


def local_files(text: str) -> list[Path]:
    """Return the files that a source reads, in order; none for a camera, an address or the screen."""
    if text.isdecimal() or _is_address(text):
        return []
    path = Path(_path(text))
    if os.path.isdir(path):
        return _stills(path.iterdir())
    if os.path.exists(path):
        return [path]
    return _stills(map(Path, glob.glob(str(path), recursive=True))) if glob.has_magic(text) else []


def list_sources() -> list[Listed]:
    """Return the sources that can be found: cameras, screens, the test card."""
    from yolact_live.capture.camera import list_cameras
    from yolact_live.capture.screen import count_screens

    found = list_cameras()
    names = [camera.name for camera in found]
    cameras = [
        Listed(
            name if names.count(name) == 1 else str(camera.index),
            name,
            "camera",
            camera.index,
            tuple(list_modes(name, camera.node)),
        )
        for name, camera in zip(names, found, strict=True)
    ]
    screens = [
        Listed("screen" if i == 1 else f"screen:{i}", f"Screen {i}", "screen")
        for i in range(1, count_screens() + 1)
    ]
    return [*cameras, *screens, Listed("testcard", "Moving shapes", "test card")]


def _open_path(text: str, cancel: threading.Event | None, reconnect_s: float) -> Source:
    if not text:
        raise SourceError("no source is given", "name a file, a camera, an address, screen or testcard")
    path = Path(_path(text))
    if os.path.isdir(path):
        return _open_stills(path.iterdir(), str(path))
    if os.path.exists(path):
        if is_picture(path):
            return _open_stills([path], path.name)
        from yolact_live.capture.files import open_file

        return open_file(path)
    if glob.has_magic(text):
        return _open_stills(map(Path, glob.glob(str(path), recursive=True)), text)
    return _open_camera(text, cancel, reconnect_s)


def is_picture(path: Path) -> bool:
    """Say whether a file is a still picture, by its name."""
    return _extension(path.name) in _STILL_EXTENSIONS


def is_video(path: Path) -> bool:
    """Say whether a file is a video, by its name."""
    return _extension(path.name) in _VIDEO_EXTENSIONS


def _stills(paths: Iterable[Path]) -> list[Path]:
    from natsort import natsorted

    return natsorted(filter(is_picture, paths), key=str)


def _open_stills(paths: Iterable[Path], name: str) -> Source:
    from yolact_live.capture.stills import Stills

    stills = _stills(paths)
    if not stills:
        raise SourceError(f"{name} has no pictures in it", "choose another one, or one video file")
    return Stills(stills, name)


def _open_camera(text: str, cancel: threading.Event | None, reconnect_s: float) -> Source:
    from yolact_live.capture.camera import find_camera, list_cameras, open_camera

    found = find_camera(text, list_cameras())
    if found:
        return open_camera(*found, cancel=cancel, reconnect_s=reconnect_s)
    if mistake := _MISTAKES.get(re.split("[:@]", text)[0]):
        raise SourceError(f"{text} is no source", mistake)
    if os.path.dirname(text) or _extension(text):
        raise SourceError(f"{text} does not exist", "check the path")
    raise SourceError(f"{text} is neither a file nor a camera", "see `yolact-live sources`")


def _check_address(text: str) -> None:
    """Raise :class:`SourceError` if no stream can have this address."""
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:  # a port that is no number, brackets that do not match; it may name the password
        raise SourceError(
            f"{redact(text)} is no address",
            "write it like rtsp://user:password@camera.local:554/stream, in a password %40 for @, %2F for /",
        ) from None
    if parts.scheme.lower() not in _SCHEMES:
        raise SourceError(f"{redact(text)} is no address of a stream", f"use {', '.join(_SCHEMES)}")
    if not host and parts.scheme.lower() not in ("udp", "rtp", "srt", "tcp"):  # these may listen
        raise SourceError(f"{redact(text)} names no host", "write it like rtsp://camera.local/stream")


def _is_address(text: str) -> bool:
    return bool(_ADDRESS.match(text)) and not text.lower().startswith("file://")


def _path(text: str) -> str:
    if text.lower().startswith("file://"):
        from urllib.request import url2pathname  # slow to import

        text = url2pathname(urlsplit(text).path)
    return os.path.expanduser(text)


def _extension(name: str) -> str:
    return os.path.splitext(name)[1].lower()
