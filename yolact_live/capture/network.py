"""Streams from the network: RTSP, RTMP, HTTP (MJPEG, HLS, files)."""

from __future__ import annotations

import math
import queue
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from fractions import Fraction
from typing import TypeVar
from urllib.parse import urlsplit

import av
from av.container import InputContainer

from yolact_live.capture.decode import TOLERANT, Converter, Decoder, fraction, video_stream
from yolact_live.capture.files import VideoFile
from yolact_live.capture.live import OPEN_S, STALL_S, LiveSource
from yolact_live.capture.source import Source, redact
from yolact_live.errors import AccessError, SourceError
from yolact_live.types import ByteArray, Frame

T = TypeVar("T")

_GIVE_PASSWORD = "put user name and password into the address, like rtsp://user:password@host"
_CANNOT_OPEN = "cannot be opened"
_POLL_S = 0.05

LATE_S = 1.0
"""A stream of segments that is later than this has been held up, and goes on from where it is."""


class StreamDevice:
    """An opened stream.

    Raises:
        SourceError: it cannot be opened, or has no video.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        rtsp = urlsplit(url).scheme.lower().startswith("rtsp")
        self._container = connect(url, **({"rtsp_flags": "prefer_tcp"} if rtsp else {}))  # some have UDP only
        stream = video_stream(self._container)
        if stream is None:
            self._container.close()
            raise SourceError(f"{redact(url)} has no video in it", "check the address")
        self.rate = fraction(stream.average_rate)
        self.coding = f"{stream.codec_context.name} {stream.codec_context.pix_fmt}"
        self._aspect = fraction(stream.sample_aspect_ratio)
        self._time_base = fraction(stream.time_base) or Fraction(1, 90_000)
        self._decoder = Decoder(self._container, stream)
        self._convert = Converter().convert
        self._finite = bool(self._container.duration)
        # files and their segments arrive as fast as the network can
        self._paced = self._finite or self._container.format.name in ("hls", "dash")
        self._zero_s: float | None = None

    def grab(self) -> ByteArray | None:
        try:
            picture = self._decoder.next()
        except av.error.FFmpegError as error:
            raise _failure(self._url, error, "was lost") from None
        if picture is None:
            if self._finite:
                return None
            raise SourceError(f"{redact(self._url)} has ended", "check the address and the network")
        if self._paced and picture.pts is not None:
            self._pace(float(picture.pts * self._time_base))
        return self._convert(picture, self._aspect)

    def _pace(self, pts_s: float) -> None:
        """Wait until a picture is due; after a gap or a jump the clock starts anew."""
        now_s = time.monotonic()
        if self._zero_s is None or not -LATE_S <= self._zero_s + pts_s - now_s <= STALL_S:
            self._zero_s = now_s - pts_s
        time.sleep(max(self._zero_s + pts_s - now_s, 0.0))

    def close(self) -> None:
        self._container.close()


class RemoteFile(Source):
    """A video file on a server.

    FFmpeg cannot be interrupted while it waits for the network. So a thread of its own does all
    the work, and when ``cancel`` is set the others wait no longer: every call then fails.

    Raises:
        SourceError: it cannot be opened, or has no video.
    """

    def __init__(self, url: str, cancel: threading.Event) -> None:
        self._url = url
        self._cancel = cancel
        self._calls: queue.SimpleQueue[Callable[[], object] | None] = queue.SimpleQueue()
        self._file: VideoFile | None = None
        threading.Thread(target=self._work, name="yl-remote", daemon=True).start()
        try:
            self._opened = self._do(self._open, OPEN_S)
        except SourceError:
            self.close()
            raise
        self.info = self._opened.info

    def read(self) -> Frame | None:
        return self._do(self._opened.read)

    def seek(self, pts: Fraction, patience_s: float = math.inf) -> None:
        self._do(lambda: self._opened.seek(pts, patience_s))

    def close(self) -> None:
        self._calls.put(None)

    @property
    def problem(self) -> str | None:
        return self._opened.problem

    def _do(self, call: Callable[[], T], within_s: float = math.inf) -> T:
        """Let the thread do something, and return its result."""
        deadline_s = time.monotonic() + within_s
        done: Future[T] = Future()

        def work() -> None:
            try:
                done.set_result(call())
            except Exception as error:  # for the one who waits
                done.set_exception(error)

        self._calls.put(work)
        while not self._cancel.is_set():
            if wait([done], _POLL_S).done:
                return done.result()
            if time.monotonic() > deadline_s:  # FFmpeg has a time-out for each step only
                raise SourceError(
                    f"{redact(self._url)} did not open within {within_s:g} s",
                    "check the address and the network",
                )
        raise SourceError(f"reading {redact(self._url)} was cancelled")

    def _open(self) -> VideoFile:
        self._file = VideoFile(redact(self._url), lambda: connect(self._url, reconnect="1"))
        return self._file

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            call()
        if self._file:
            self._file.close()


def connect(url: str, **options: str) -> InputContainer:
    """Open an address within the time-out.

    Args:
        options: of FFmpeg's protocols.

    Raises:
        SourceError: it cannot be opened; passwords are left out of the message.
    """
    try:
        return av.open(url, options=options, timeout=(OPEN_S, STALL_S), **TOLERANT)
    except av.error.FFmpegError as error:
        raise _failure(url, error, _CANNOT_OPEN) from None


def open_stream(
    url: str, live: bool, cancel: threading.Event | None = None, reconnect_s: float = 0.0
) -> Source:
    """Open an address.

    Args:
        url: where.
        live: what is not read in time is lost; otherwise it is read like a file.
        cancel, reconnect_s: see :class:`LiveSource`.

    Raises:
        SourceError: it cannot be opened, or has no video.
    """
    if live:
        return LiveSource(redact(url), lambda: StreamDevice(url), cancel, reconnect_s)
    return RemoteFile(url, cancel or threading.Event())


def _failure(url: str, error: av.error.FFmpegError, what: str) -> SourceError:
    """Say why a stream failed. Raise it from None: the cause knows the password."""
    name = redact(url)
    if isinstance(error, av.error.ExitError):
        return SourceError(f"{name} has sent nothing for too long", "check that it is on and reachable")
    if isinstance(error, av.error.HTTPUnauthorizedError | av.error.HTTPForbiddenError):
        known = "check user name and password" if "@" in urlsplit(url).netloc else _GIVE_PASSWORD
        return AccessError(f"{name} refuses access", known)
    if isinstance(error, av.error.InvalidDataError):
        return SourceError(f"{name} sends no video", "give the address of the stream itself, not of its page")
    if what == _CANNOT_OPEN and not _resolves(url):
        host = urlsplit(url).hostname
        return SourceError(f"there is no host {host}", "check the address and the network")
    return SourceError(f"{name} {what} ({error.strerror})", "check the address and the network")


def _resolves(url: str) -> bool:
    """Say whether the host of an address is known; FFmpeg calls that an input/output error."""
    try:
        socket.getaddrinfo(urlsplit(url).hostname, None)
    except (OSError, UnicodeError):
        return False
    return True
