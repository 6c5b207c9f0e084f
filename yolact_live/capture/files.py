"""Video files."""

from __future__ import annotations

import time
from fractions import Fraction
from pathlib import Path

import av

from yolact_live.capture.decode import Decoder, PictureConverter, fraction
from yolact_live.capture.source import Source, SourceInfo
from yolact_live.errors import SourceError
from yolact_live.types import Frame


class VideoFile(Source):
    """A video file, decoded with FFmpeg. Every frame comes, in order, with its true time.

    Raises:
        SourceError: it cannot be opened, or nothing in it can be decoded.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._convert = PictureConverter().convert
        self._open()
        self._delivered = 0
        first = self._next()
        if first is None:
            self.close()
            raise SourceError(f"{path} has no frame that can be decoded", "is the file complete?")
        self._pending = [first]
        self.info = self._describe(first)

    def _open(self) -> None:
        try:
            self._container = av.open(str(self._path), metadata_errors="ignore")
        except av.error.FFmpegError as error:
            raise SourceError(f"{self._path} is not a video that can be read", error.strerror) from error
        stream = self._container.streams.best("video")
        if stream is None:
            self._container.close()
            raise SourceError(f"{self._path} has no video in it", "choose a file with pictures")
        stream.thread_type = "SLICE"
        self._stream = stream
        self._time_base = fraction(stream.time_base) or Fraction(1, 90_000)
        self._rate = fraction(stream.average_rate) or fraction(stream.guessed_rate)
        self._origin = stream.start_time
        self._decoder = Decoder(self._container, stream)
        self._last: Frame | None = None

    def _describe(self, first: Frame) -> SourceInfo:
        units = self._stream.duration
        if units:
            duration = units * self._time_base
        else:
            total = self._container.duration
            duration = Fraction(total, av.time_base) if total else None
        frames = self._stream.frames or (round(duration * self._rate) if duration and self._rate else None)
        return SourceInfo(
            name=self._path.name,
            size=first.size,
            rate=self._rate,
            duration=duration,
            frames=frames,
            seekable=True,
        )

    def read(self) -> Frame | None:
        frame = self._pending.pop(0) if self._pending else self._next()
        return frame

    def _next(self) -> Frame | None:
        picture = self._decoder.next()
        if picture is None:
            return None
        frame = Frame(
            seq=self._delivered,
            pts=self._pts(picture),
            duration=(picture.duration or 0) * self._time_base or 1 / (self._rate or Fraction(25)),
            t_capture_ns=time.perf_counter_ns(),
            image=self._convert(picture, fraction(self._stream.sample_aspect_ratio)),
            source_id=self._path.name,
        )
        self._delivered += 1
        self._last = frame
        return frame

    def _pts(self, picture: av.VideoFrame) -> Fraction:
        if picture.pts is None:
            return self._last.pts + self._last.duration if self._last else Fraction(0)
        if self._origin is None:
            self._origin = picture.pts
        pts = (picture.pts - self._origin) * self._time_base
        return max(pts, self._last.pts + self._time_base) if self._last else pts

    def seek(self, pts: Fraction) -> None:
        raise SourceError("seeking is not there yet")

    def close(self) -> None:
        self._container.close()
