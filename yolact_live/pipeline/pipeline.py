"""Capture → infer → render, each on its own thread.

::

    Source ─ yl-capture ─► mailbox ─ yl-infer ─► ring of requests ─ yl-post ─┬─► display (newest)
              Reader                  Inferrer                      Finisher └─► sinks

The capture thread opens the source, the infer thread compiles the model, the post thread loads
the kernels: all at the same time, so that nothing waits for its turn at the start.
"""

from __future__ import annotations

import math
import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import fields, replace
from enum import Enum
from fractions import Fraction
from typing import TYPE_CHECKING

from yolact_live.capture import Outage, SourceInfo
from yolact_live.errors import YolactLiveError
from yolact_live.pipeline.finisher import Finisher
from yolact_live.pipeline.inferrer import Inferrer
from yolact_live.pipeline.live_view import LiveView
from yolact_live.pipeline.mailbox import Closed, Mailbox
from yolact_live.pipeline.metrics import Metrics
from yolact_live.pipeline.reader import Reader
from yolact_live.pipeline.sinks import Consumer
from yolact_live.places import Place
from yolact_live.settings import Settings, option_of
from yolact_live.types import FrameResult

if TYPE_CHECKING:
    from yolact_live.infer.engine import Engine

# These need another engine; all others take effect with the next frame.
_ENGINE_SETTINGS = [field.name for field in fields(Settings) if option_of(field).group == "model"]


class State(Enum):
    """What the pipeline is doing."""

    OPENING = "opening"
    RUNNING = "running"
    RECONNECTING = "reconnecting"
    PAUSED = "paused"
    ENDED = "ended"
    STOPPED = "stopped"
    FAILED = "failed"


class Pipeline:
    """Runs a source through a model and hands the results out.

    Args:
        source: a source in the grammar of :func:`yolact_live.capture.open_source`.
        settings: what to run and how to draw it; change later with :meth:`update`.
        interactive: a person watches: a file plays at its own speed, stays open at its end
            and can be paused and sought. Otherwise it runs as fast as it can.
        loop: start a file again at its end.

    Attributes:
        metrics: counts, rates and stage times.
        display: the newest result that has not been shown yet; take it with ``poll()``.
        error: why the pipeline failed.
    """

    def __init__(
        self, source: str, settings: Settings, *, interactive: bool = False, loop: bool = False
    ) -> None:
        self.source = source
        self.settings = settings
        self.metrics = Metrics()
        self.display: Mailbox[FrameResult] = Mailbox(1, newest=True)
        self.error: BaseException | None = None
        self._stop = threading.Event()
        self._sinks: list[Consumer] = []
        self._last: FrameResult | None = None
        self._places: tuple[Place, ...] = ()

        # Nothing that the pipeline keeps refers to it: when it is stopped and let go of, its frames and its
        # model are freed at once, not with the next full garbage collection, which may be minutes away.
        this = weakref.ref(self)

        def current() -> Settings:
            pipeline = this()
            return pipeline.settings if pipeline else settings

        self._reader = Reader(source, interactive, loop, settings.reconnect, self._stop, self.metrics)
        self._inferrer = Inferrer(self._reader, current, self._stop, self.metrics)
        finisher = Finisher(self._inferrer, current, lambda: self._places, self._deliver, self._stop)
        live_view = LiveView(self._reader, finisher, current, self._show_live)
        self._threads = [
            self._thread("yl-capture", self._reader.run),
            self._thread("yl-infer", self._inferrer.run),
            self._thread("yl-post", finisher.run),
            self._thread("yl-live", live_view.run),
        ]

    # ---------------------------------------------------------------- control

    def start(self) -> None:
        """Start the threads; returns at once. Failures show up in ``state`` and ``error``."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop from whatever state, wait for the threads, and finalise recordings."""
        self._halt()
        self.join()

    def join(self, timeout: float | None = None) -> bool:
        """Wait until all frames are through; then finalise the sinks. Return whether that is done."""
        deadline = None if timeout is None else time.monotonic() + timeout
        for thread in self._threads:
            if thread.is_alive():
                thread.join(None if deadline is None else max(0.0, deadline - time.monotonic()))
        if any(thread.is_alive() for thread in self._threads):
            return False
        for sink in self._sinks:
            sink.close()
        return True

    def pause(self) -> None:
        """Hold the picture. A camera stays open."""
        self._reader.paused.set()
        if self.settings.sync == "live" and self._last and self._stands_still(self._last):
            self.display.put(self._last)

    def resume(self) -> None:
        """Go on; at the end of a file, from its start, or that of the span."""
        if self._reader.ended.is_set():
            self._reader.seek(self.span[0])
        self._reader.paused.clear()

    def seek(self, pts: Fraction, patience_s: float = math.inf) -> None:
        """Show the frame at ``pts`` seconds, also while paused. Only if ``info.seekable``.

        A frame before it will do after ``patience_s``.
        """
        self._reader.seek(pts, patience_s)

    def update(self, settings: Settings) -> None:
        """Use other settings from the next frame on; a picture that stands still follows, too.

        Another model, device or precision is built in the background and swapped in between
        two frames; if that fails, ``notice`` says why and the old one stays.
        """
        old, self.settings = self.settings, settings
        if any(getattr(old, name) != getattr(settings, name) for name in _ENGINE_SETTINGS):
            builder = self._thread("yl-compile", lambda: self._swap(old))
            self._threads.append(builder)
            builder.start()
        else:
            self._show_again()

    @property
    def places(self) -> tuple[Place, ...]:
        """Lines and zones to count at; a picture that stands still follows, too."""
        return self._places

    @places.setter
    def places(self, places: tuple[Place, ...]) -> None:
        self._places = places
        self._show_again()

    def add(self, sink: Consumer) -> None:
        """Hand all further results to a sink."""
        self._sinks = [*self._sinks, sink]

    def remove(self, sink: Consumer) -> None:
        """Hand nothing more to a sink. It is not closed."""
        self._sinks = [other for other in self._sinks if other is not sink]

    # ---------------------------------------------------------------- what it says of itself

    @property
    def state(self) -> State:
        """What the pipeline is doing."""
        if self.error is not None:
            return State.FAILED
        if self._stop.is_set() or not any(thread.is_alive() for thread in self._threads):
            return State.STOPPED
        if self._reader.paused.is_set():
            return State.PAUSED
        if self._reader.ended.is_set():
            return State.ENDED
        if self.outage:
            return State.RECONNECTING
        return State.RUNNING if self._last is not None else State.OPENING

    @property
    def outage(self) -> Outage | None:
        """Why a camera or stream is away, and when it is tried again; None while all is well."""
        return self._reader.outage

    @property
    def live(self) -> bool:
        """Frames that come too fast are dropped, never delayed."""
        return self._reader.live

    @property
    def loop(self) -> bool:
        """A file starts again at its end."""
        return self._reader.loop

    @loop.setter
    def loop(self, loop: bool) -> None:
        self._reader.loop = loop

    @property
    def speed(self) -> float:
        """Seconds of a file that pass in one second, if inference keeps up."""
        return self._reader.speed

    @speed.setter
    def speed(self, speed: float) -> None:
        self._reader.speed = speed

    @property
    def span(self) -> tuple[Fraction, Fraction | None]:
        """From when to when a file is played, seconds; None = to its end."""
        return self._reader.span

    @span.setter
    def span(self, span: tuple[Fraction, Fraction | None]) -> None:
        self._reader.span = span

    @property
    def info(self) -> SourceInfo | None:
        """Facts of the source; None until it is open."""
        return self._reader.info

    @property
    def problem(self) -> str | None:
        """What a source lost, in words, after its end."""
        return self._reader.problem

    @property
    def engine(self) -> Engine | None:
        """The model in use; None until it is compiled."""
        return self._inferrer.engine

    @property
    def notice(self) -> YolactLiveError | None:
        """Why a model or device that was asked for is not the one in use."""
        return self._inferrer.notice

    # ---------------------------------------------------------------- threads

    def _thread(self, name: str, target: Callable[[], None]) -> threading.Thread:
        def run() -> None:
            try:
                target()
            except Closed:
                pass
            except Exception as error:  # no thread may die in silence
                self.error = self.error or error
                self._halt()

        return threading.Thread(target=run, name=name)

    def _halt(self) -> None:
        self._stop.set()
        self._reader.frames.abort()
        self._reader.newest.abort()
        self._inferrer.jobs.abort()

    def _deliver(self, result: FrameResult, again: bool) -> None:
        self._last = result
        if self.settings.sync == "exact" or again or self._stands_still(result):
            self.display.put(result)
        if not again:
            self.metrics.add(result.trace)
            for sink in self._sinks:
                sink.put(result)

    def _show_live(self, result: FrameResult) -> None:
        if not self._stop.is_set():
            self.display.put(result)

    def _stands_still(self, result: FrameResult) -> bool:
        """Whether no frame comes after this one, so that its own masks belong on the screen."""
        reader = self._reader
        waits = reader.paused.is_set() or reader.ended.is_set() or reader.outage is not None
        return waits and result.frame.seq == reader.last_seq

    def _show_again(self) -> None:
        if self._last:
            self._reader.show_again(self._last.frame)

    def _swap(self, old: Settings) -> None:
        if self._inferrer.swap(self.settings):
            self._show_again()
        else:
            kept = {name: getattr(old, name) for name in _ENGINE_SETTINGS}
            self.settings = replace(self.settings, **kept)
