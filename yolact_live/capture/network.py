"""Streams from the network: RTSP, RTMP, HTTP (MJPEG, HLS, files)."""

from __future__ import annotations

import threading
import time
from fractions import Fraction

import av
from av.container import InputContainer

from yolact_live.capture.decode import TOLERANT, Converter, Decoder, fraction, video_stream
from yolact_live.capture.files import VideoFile
from yolact_live.capture.live import OPEN_S, STALL_S, LiveSource
from yolact_live.capture.source import Source, redact
from yolact_live.errors import SourceError
from yolact_live.types import ByteArray


class StreamDevice:
    """An opened stream.

    Raises:
        SourceError: it cannot be opened, or has no video.
    """

    def __init__(self, url: str) -> None:
        self._name = redact(url)
        self._container = connect(url)
        stream = video_stream(self._container)
        if stream is None:
            self._container.close()
            raise SourceError(f"{self._name} has no video in it", "check the address")
        self.rate = fraction(stream.average_rate)
        self._aspect = fraction(stream.sample_aspect_ratio)
        self._time_base = fraction(stream.time_base) or Fraction(1, 90_000)
        self._decoder = Decoder(self._container, stream)
        self._convert = Converter().convert
        # a file that is offered as a stream arrives as fast as the network can
        self._finite = bool(self._container.duration)
        self._start: tuple[float, int] | None = None

    def grab(self) -> ByteArray | None:
        try:
            picture = self._decoder.next()
        except av.error.FFmpegError as error:
            raise _failure(self._name, error, "was lost") from None
        if picture is None:
            if self._finite:
                return None
            raise SourceError(f"{self._name} has ended", "check the address and the network")
        if self._finite and picture.pts is not None:
            self._pace(picture.pts)
        return self._convert(picture, self._aspect)

    def _pace(self, pts: int) -> None:
        now = time.monotonic()
        start, first_pts = self._start = self._start or (now, pts)
        time.sleep(min(max(start + float((pts - first_pts) * self._time_base) - now, 0.0), 1.0))

    def close(self) -> None:
        self._container.close()


def connect(url: str) -> InputContainer:
    """Open an address within the time-out, RTSP over TCP.

    Raises:
        SourceError: it cannot be opened; passwords are left out of the message.
    """
    options = {"rtsp_transport": "tcp"} if url.startswith("rtsp") else {}
    try:
        return av.open(url, options=options, timeout=(OPEN_S, STALL_S), **TOLERANT)
    except av.error.FFmpegError as error:
        raise _failure(redact(url), error, "cannot be opened") from None


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
    name = redact(url)
    if live:
        return LiveSource(name, lambda: StreamDevice(url), cancel, reconnect_s)
    return VideoFile(name, lambda: connect(url))


def _failure(name: str, error: av.error.FFmpegError, what: str) -> SourceError:
    """Say why a stream failed. Raise it from None: the cause knows the password."""
    if isinstance(error, av.error.ExitError):
        return SourceError(f"{name} has sent nothing for too long", "check that it is on and reachable")
    if isinstance(error, av.error.HTTPUnauthorizedError | av.error.HTTPForbiddenError):
        remedy = "put user name and password into the address, like rtsp://user:password@host"
        return SourceError(f"{name} refuses access", remedy)
    return SourceError(f"{name} {what} ({error.strerror})", "check the address and the network")
