"""The capture thread: from a source to frames that are due."""

from __future__ import annotations

import math
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction

from yolact_live.capture import Outage, Source, SourceInfo, is_live, open_source
from yolact_live.errors import SourceError
from yolact_live.pipeline.clock import Pacer
from yolact_live.pipeline.mailbox import Closed, Mailbox
from yolact_live.pipeline.metrics import Metrics
from yolact_live.types import Frame

# Decoded frames of a file that wait for a free request.
_READ_AHEAD = 2
# How often a reader that waits for a person looks whether something is wanted of it.
_IDLE_S = 0.02


@dataclass(frozen=True)
class Captured:
    """A frame that wants to be inferred.

    Attributes:
        requested_ns: when the source was asked for it.
        again: it has been shown before; it is inferred once more because a setting changed.
    """

    frame: Frame
    requested_ns: int
    again: bool = False


class Reader:
    """Opens a source and reads it: at the speed of a person who watches, or as fast as wanted.

    Args:
        source: in the grammar of :func:`yolact_live.capture.open_source`.
        interactive: a file plays at its own speed and stays open at its end.
        loop: start a file again at its end.
        reconnect_s: how long to wait for a camera or stream that was lost.
        stop: ends everything at once.

    Attributes:
        last_seq: number of the last frame that was handed on.
        span: first and last moment that is played of a file, seconds; None = its end. A person
            may look elsewhere, too.
        live: frames that come too fast are dropped, never delayed.
        frames: what was read, to be inferred.
        newest: the newest of these frames.
        paused: set it to hold the picture. A camera stays open.
        ended: a file has reached its end and waits to be sought.
        info: facts of the source; None until it is open.
        problem: what the source lost, in words, after its end.
    """

    def __init__(
        self,
        source: str,
        interactive: bool,
        loop: bool,
        reconnect_s: float,
        stop: threading.Event,
        metrics: Metrics,
    ) -> None:
        self.live = is_live(source)
        self.last_seq = -1
        self.frames: Mailbox[Captured] = Mailbox(1 if self.live else _READ_AHEAD, newest=self.live)
        self.newest: Mailbox[Captured] = Mailbox(1, newest=True)
        self.paused = threading.Event()
        self.ended = threading.Event()
        self.info: SourceInfo | None = None
        self.problem: str | None = None
        self.loop = loop
        self._text = source
        self._interactive = interactive
        self._reconnect_s = reconnect_s
        self._stop = stop
        self._metrics = metrics
        self._pacer = Pacer(stop)
        self.span: tuple[Fraction, Fraction | None] = (Fraction(0), None)
        self._seek: tuple[Fraction, float] | None = None
        self._shown: tuple[Fraction, Fraction] = (Fraction(0), Fraction(0))  # begin and end of the last frame
        self._due: Captured | None = None  # was read, and its time has not come
        self._again: Frame | None = None
        self._expected = 0
        self._missed = 0
        self._source: Source | None = None
        self._jump = False

    @property
    def outage(self) -> Outage | None:
        """The camera or stream is away and expected back; None while all is well."""
        return self._source.outage if self._source else None

    @property
    def speed(self) -> float:
        """Seconds of a file in one second."""
        return self._pacer.speed

    @speed.setter
    def speed(self, speed: float) -> None:
        self._pacer.speed = speed

    def seek(self, pts: Fraction, patience_s: float = math.inf) -> None:
        """Go to the frame at ``pts`` seconds, or near it, and show it, also while paused."""
        self._seek = pts, patience_s

    def show_again(self, frame: Frame) -> None:
        """While the picture stands still, let ``frame`` be inferred once more."""
        if not self.live:
            self._again = frame
        elif self.paused.is_set() or self.ended.is_set() or self.outage:
            # from here: the capture thread may be waiting for the camera
            with suppress(Closed):
                self.frames.put(Captured(frame, 0, again=True))

    def run(self) -> None:
        """Read until the end, or until stopped. The body of the capture thread.

        Raises:
            SourceError: the source cannot be opened or read.
        """
        try:
            with open_source(self._text, self._stop, self._reconnect_s) as source:
                self._source, self.info = source, source.info
                while not self._stop.is_set():
                    if self._waits(source):
                        self._stop.wait(_IDLE_S)
                        self._pacer.restart()
                    elif not self._step(source):
                        break
        except SourceError:
            if not self._stop.is_set():  # otherwise it was cancelled
                raise
        self.frames.close()
        self.newest.close()

    def _waits(self, source: Source) -> bool:
        """Do what was asked for meanwhile; return whether the picture stands still."""
        target, self._seek = self._seek, None
        if target is not None and source.info.seekable:
            self._go(source, *target)
            self.frames.clear()
            self.ended.clear()
            return False
        still = self.ended.is_set() or (self.paused.is_set() and not source.info.live)
        frame, self._again = self._again, None
        if frame is not None and still:
            self.frames.put(Captured(frame, 0, again=True))
        return still

    def _step(self, source: Source) -> bool:
        """Read one frame and hand it on when its time has come; return whether there may be more."""
        captured, self._due = self._due or self._read(source), None
        if captured is None:
            return self._at_end(source)
        frame = captured.frame
        if self._passes_end(frame):
            self._shown = frame.pts, frame.pts + frame.duration
            return self._at_end(source)
        if source.info.live:
            self._count_missed(frame, source.missed)
            if self.paused.is_set():
                return True
        elif self._interactive:
            if not self._pacer.wait(frame.pts, _IDLE_S):
                self._due = captured  # a person may want something else meanwhile
                return True
            frame = replace(frame, t_capture_ns=time.perf_counter_ns(), jump=self._jump)
            captured, self._jump = replace(captured, frame=frame), False
        self._shown = frame.pts, frame.pts + frame.duration
        self.last_seq = frame.seq
        self.newest.put(captured)
        self._metrics.drop("full", self.frames.put(captured))
        return True

    def _read(self, source: Source) -> Captured | None:
        requested_ns = time.perf_counter_ns()
        frame = source.read()
        if frame is None:
            self.problem = source.problem
            return None
        return Captured(frame, requested_ns)

    def _passes_end(self, frame: Frame) -> bool:
        """Say whether what is played ends before this frame."""
        end = self.span[1]
        return end is not None and self._shown[0] < end <= frame.pts and not self.paused.is_set()

    def _go(self, source: Source, pts: Fraction, patience_s: float = math.inf) -> None:
        due, self._due = self._due, None
        if due and due.frame.pts == pts:  # to step is quick
            self._due = due
        elif due or pts != self._shown[1]:  # otherwise the source is there already
            source.seek(pts, patience_s)
            self._jump = True
        self._shown = pts, pts
        self._pacer.restart()

    def _at_end(self, source: Source) -> bool:
        if self.loop and source.info.seekable:
            self._go(source, self.span[0])
        elif self._interactive:
            self.ended.set()
        else:
            return False
        return True

    def _count_missed(self, frame: Frame, missed: int) -> None:
        """Gaps in a live source's numbers are frames that came while it or we were away."""
        gap, self._expected = frame.seq - self._expected, frame.seq + 1
        outage, self._missed = missed - self._missed, missed
        self._metrics.drop("reconnect", outage)
        if not self.paused.is_set():
            self._metrics.drop("full", gap - outage)
