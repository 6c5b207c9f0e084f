"""Video files, and streams that are as good as files."""

from __future__ import annotations

import math
import re
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.codec.hwaccel import HWAccel
from av.container import InputContainer
from av.format import Flags

from yolact_live.capture.decode import (
    TOLERANT,
    Converter,
    Decoder,
    accelerated,
    fraction,
    shown_size,
    video_stream,
)
from yolact_live.capture.source import Source, SourceInfo
from yolact_live.capture.timing import PEEK, is_variable, standard_rate, steps_of
from yolact_live.errors import SourceError
from yolact_live.types import Frame

FALLBACK_RATE = 25
"""Frames a second of a stream that gives neither times nor a rate."""

VARIABLE_RATE = Fraction(1, 100)
"""A mean rate this far from the nominal one makes the rate variable."""

JUMP_S = 10
"""A gap of this length, or a step back of a second, where streams were put together is no pause."""

ABSURD_RATE = 1000
"""From here on a rate is not one, but the unit of time of a container that gives no rate."""

_CAN_JUMP: Any = Flags.ts_discont.value


@dataclass(frozen=True)
class _Shown:
    picture: av.VideoFrame
    pts: Fraction
    duration: Fraction

    @property
    def end(self) -> Fraction:
        return self.pts + self.duration


class VideoFile(Source):
    """A finite video. Every frame comes, in order, with its true time.

    Args:
        name: fit to be shown.
        opener: opens the container anew.

    Raises:
        SourceError: there is no video in it, or nothing that can be decoded.
    """

    def __init__(self, name: str, opener: Callable[[], InputContainer]) -> None:
        self._name = name
        self._opener = opener
        self._convert = Converter().convert
        self._delivered = 0
        self._sought = False
        self._problem: str | None = None
        self._open()
        try:
            packets = self._decoder.peek(PEEK)
            first = self._next()
        except av.error.FFmpegError as error:
            self.close()
            raise self._unreadable(error) from None
        if first is None:
            self.close()
            raise SourceError(f"{name} has no frame that can be decoded", "choose another file")
        self._pending = deque([first])
        self._timed = first.picture.pts is not None
        self._duration = self._stream_duration()
        times = [packet.pts for packet in packets if packet.pts is not None]
        self._steps = steps_of(times, whole=len(packets) < PEEK)
        self.info = self._describe(first)

    def _open(self) -> None:
        self._container = self._opener()
        stream = video_stream(self._container)
        if stream is None:
            self._container.close()
            raise SourceError(f"{self._name} has no video in it", "choose a file with moving pictures")
        self._stream = stream
        self._time_base = fraction(stream.time_base) or Fraction(1, 90_000)
        self._aspect = fraction(stream.sample_aspect_ratio)
        mean = fraction(stream.average_rate) or fraction(stream.guessed_rate)
        self._mean_rate = standard_rate(mean) if mean and mean < ABSURD_RATE else None
        self._origin = stream.start_time
        self._may_jump = bool(self._container.format.flags & _CAN_JUMP)
        self._decoder = Decoder(self._container, stream)
        self._last: _Shown | None = None

    def _describe(self, first: _Shown) -> SourceInfo:
        mean, nominal = self._mean_rate, fraction(self._stream.base_rate)
        constant = mean and nominal and abs(mean / nominal - 1) <= VARIABLE_RATE
        if is_variable(self._steps):
            constant, mean = False, len(self._steps) / (sum(self._steps) * self._time_base)
        duration = self._duration
        if duration is None and self._container.duration:
            duration = Fraction(self._container.duration, av.time_base)  # perhaps that of the sound
        frames, estimate = self._stream.frames, round(duration * mean) if duration and mean else None
        if estimate and (constant or not frames):  # an edit list may leave some out
            frames = min(frames or estimate, estimate)
        return SourceInfo(
            name=self._name,
            size=shown_size(first.picture, self._aspect),
            rate=standard_rate(nominal) if constant and nominal else None,
            mean_rate=mean,
            duration=duration,
            frames=frames or None,
            seekable=True,
            interlaced=first.picture.interlaced_frame,
            coding=f"{self._stream.codec_context.name} {first.picture.format.name}",
        )

    def _stream_duration(self) -> Fraction | None:
        """Duration of the video alone, as the container says; None if it does not."""
        if self._stream.duration:
            return self._stream.duration * self._time_base
        # Matroska counts from time 0: "00:00:06.666000000"
        tag = re.fullmatch(r"(\d+):(\d+):(\d+\.?\d*)", self._stream.metadata.get("DURATION", ""))
        if tag:
            end = int(tag[1]) * 3600 + int(tag[2]) * 60 + Fraction(tag[3])
            return end - (self._stream.start_time or 0) * self._time_base
        if len(self._container.streams) == 1 and self._container.duration:
            return Fraction(self._container.duration, av.time_base)
        return None

    # ---------------------------------------------------------------- reading

    def read(self) -> Frame | None:
        while (shown := self._take()) is not None:
            try:
                image = self._convert(shown.picture, self._aspect)
            except av.error.FFmpegError:
                self._decoder.errors += 1
                continue
            self._delivered += 1
            return Frame(
                seq=self._delivered - 1,
                pts=shown.pts,
                duration=shown.duration,
                t_capture_ns=time.perf_counter_ns(),
                image=image,
                source_id=self._name,
            )
        self._problem = self._loss()
        return None

    def _take(self) -> _Shown | None:
        """Return what is shown next, and until when: what containers say of that is often wrong."""
        shown = self._pending.popleft() if self._pending else self._next()
        if shown is None:
            return None
        following = self._pending[0] if self._pending else self._next()
        if following is None:
            return shown
        self._pending = deque([following])
        return replace(shown, duration=following.pts - shown.pts)

    def _next(self) -> _Shown | None:
        try:
            picture = self._decoder.next()
        except av.error.FFmpegError as error:
            raise self._unreadable(error) from None  # the cause knows passwords
        if picture is None:
            return None
        pts = self._pts(picture)
        duration = (picture.duration or 0) * self._time_base or 1 / (
            self._mean_rate or Fraction(FALLBACK_RATE)
        )
        self._last = _Shown(picture, pts, duration)
        return self._last

    def _unreadable(self, error: av.error.FFmpegError) -> SourceError:
        return SourceError(
            f"{self._name} cannot be read on ({error.strerror})", "check the disk or the network"
        )

    def _pts(self, picture: av.VideoFrame) -> Fraction:
        if picture.pts is None:
            return self._last.end if self._last else Fraction(0)
        if self._origin is None:
            self._origin = picture.pts
        pts = (picture.pts - self._origin) * self._time_base
        if self._last is None:
            return pts
        if pts < self._last.pts - 1 or (self._may_jump and pts > self._last.end + JUMP_S):
            self._origin = picture.pts - round(self._last.end / self._time_base)
            # from now on, times of the container tell neither a position nor its length
            self._timed, self._duration = False, None
            return self._last.end
        return max(pts, self._last.pts + self._time_base)

    # ---------------------------------------------------------------- seeking

    def seek(self, pts: Fraction, patience_s: float = math.inf) -> None:
        self._sought = True
        deadline_s = time.monotonic() + patience_s
        shown = self._land(pts)
        previous = None
        while shown is not None and shown.pts <= pts and time.monotonic() < deadline_s:
            previous, shown = shown, self._next()
        self._pending = deque(one for one in (previous, shown) if one is not None)

    def _land(self, pts: Fraction) -> _Shown | None:
        """Move to a key frame shown at or before ``pts``; return the first picture from there.

        A container may land too late, and pictures shown before their key frame may need the
        one before it: then it tries from farther back, at last from the start.
        """
        target = int(pts // self._time_base) + (self._origin or 0)
        back = Fraction(0)
        while self._timed and back <= pts:
            try:
                self._container.seek(target - int(back / self._time_base), stream=self._stream)
            except av.error.FFmpegError:
                break
            self._decoder.restart()
            self._last = None
            shown = self._next()
            key_pts = self._decoder.key_pts
            if shown is not None and shown.pts <= pts and key_pts is not None and key_pts <= target:
                return shown
            back = back * 2 or Fraction(1)
        self._container.close()
        self._open()
        return self._next()

    # ---------------------------------------------------------------- the end

    def close(self) -> None:
        self._container.close()

    @property
    def problem(self) -> str | None:
        return self._problem

    def _loss(self) -> str | None:
        """Say, at the end, what could not be read."""
        if not self._decoder.errors and not self._cut_short():
            return None
        frames = self.info.frames
        if self._sought or frames is None:
            return "the file is damaged: parts of it could not be read"
        if self._delivered >= frames:
            return None
        return f"the file is damaged: {self._delivered} of about {frames} frames could be read"

    def _cut_short(self) -> bool:
        """Say whether the video ends clearly before the time that its container gives."""
        duration = self._duration
        if duration is None or self._last is None:
            return False
        return duration - self._last.end > max(duration / 50, Fraction(1, 4))


def next_key(path: Path, pts: Fraction) -> Fraction | None:
    """Return when the first key frame after ``pts`` seconds is shown; None if there is none.

    Nothing is decoded.
    """
    try:
        with av.open(f"file:{path}", **TOLERANT) as container:
            stream = video_stream(container)
            base = fraction(stream.time_base) if stream else None
            if stream is None or base is None:
                return None
            origin = stream.start_time or 0
            now = origin + int(pts / base)
            container.seek(now, stream=stream)
            for packet in container.demux(stream):
                if packet.is_keyframe and packet.pts is not None and packet.pts > now:
                    return (packet.pts - origin) * base
    except av.error.FFmpegError:
        pass  # the pipeline tells what is wrong with the file
    return None


def open_file(path: Path) -> VideoFile:
    """Open a video file.

    Raises:
        SourceError: it cannot be read, or is no video.
    """
    if not path.is_file():
        raise SourceError(f"{path} is no ordinary file", "give a video file; cameras have numbers")
    try:
        with path.open("rb") as file:
            head = file.read(12)
    except OSError as error:
        raise SourceError(f"{path} cannot be read ({error.strerror})", "check its permissions") from error
    if not head:
        raise SourceError(f"{path} is empty", "choose another file, or copy it again")

    def opened(hardware: HWAccel | None = None) -> InputContainer:
        # the prefix keeps FFmpeg from taking a colon in a name for a protocol
        return av.open(f"file:{path}", hwaccel=hardware, **TOLERANT)

    def opener() -> InputContainer:
        try:
            return accelerated(opened(), opened)
        except av.error.FFmpegError as error:
            if head[4:8] == b"ftyp":
                raise SourceError(
                    f"{path} was cut short: the index at its end is missing", "copy or record it again"
                ) from error
            raise SourceError(f"{path} is not a video or picture", "choose another file") from error

    return VideoFile(path.name, opener)
