"""What is open: its source, the pipeline that plays it, and the frame that is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from yolact_live.gui.player import Player
from yolact_live.places import Place
from yolact_live.settings import Settings

if TYPE_CHECKING:
    from yolact_live.gui.player import Prepare
    from yolact_live.pipeline.pipeline import Pipeline
    from yolact_live.types import FrameResult, Trace

WHOLE: tuple[Fraction, Fraction | None] = (Fraction(0), None)
"""The span of a whole file."""


class Session(QObject):
    """Opens sources one after another, and tells what becomes of them.

    Facts of the pipeline are looked up by the window's timer (:meth:`follow`) and told once each;
    frames are pulled (:meth:`poll`).

    Args:
        settings: returns the settings that a source is opened with.

    Attributes:
        source: what is open or was open last; None = nothing yet.
        loop: a file starts again at its end.
        speed: seconds of a file that pass in one second; stays when another one is opened.
        span: from when to when it is played, seconds; None = to its end.
        places: lines and zones to count at.
        result: what is shown now.
        failure: why the source could not be opened, or failed later.

    Signals:
        opening(str): another source is being opened.
        stopped: the source was let go of.
        opened(SourceInfo): it is open.
        failed(BaseException): it is not, or not any more.
        noticed(YolactLiveError): another model or device runs than was asked for.
        damaged(str): what the source lost, in words.
    """

    opening = Signal(str)
    stopped = Signal()
    opened = Signal(object)
    failed = Signal(object)
    noticed = Signal(object)
    damaged = Signal(str)

    def __init__(self, settings: Callable[[], Settings]) -> None:
        super().__init__()
        self.source: str | None = None
        self.loop = False
        self.speed = 1.0
        self.span = WHOLE
        self.places: tuple[Place, ...] = ()
        self.result: FrameResult | None = None
        self.failure: BaseException | None = None
        self.closed = False
        self.player = Player()
        self._settings = settings
        self._known: list[object] = []  # facts of the pipeline that have been told

    @property
    def pipeline(self) -> Pipeline | None:
        """What plays the source; None until it is made, and after a stop."""
        return self.player.pipeline

    @property
    def state(self) -> str:
        """State of the pipeline; "stopped" without one."""
        return self.pipeline.state.value if self.pipeline else "stopped"

    @property
    def seekable(self) -> bool:
        """Whether there is a file in which one can go back and forth."""
        return bool(self.pipeline and self.pipeline.info and self.pipeline.info.seekable)

    def open(self, source: str, loop: bool = False, prepare: Prepare | None = None) -> None:
        """Open a source instead of what is open.

        Args:
            source: in the grammar of :func:`yolact_live.capture.open_source`.
            loop: start it again at its end.
            prepare: called with the new pipeline, on another thread, before it starts.
        """
        if self.closed:
            return
        if source != self.source:
            self.span = WHOLE
        self.source, self.loop, self.failure = source, loop, None
        self._forget()
        self.opening.emit(source)

        def start(pipeline: Pipeline) -> None:
            pipeline.speed, pipeline.span, pipeline.places = self.speed, self.span, self.places
            if prepare:
                prepare(pipeline)

        self.player.open(source, self._settings(), loop, start)

    def count_at(self, places: tuple[Place, ...]) -> None:
        """Count at these lines and zones from the next frame on."""
        self.places = places
        if self.pipeline:
            self.pipeline.places = places

    def retry(self) -> None:
        """Open the same source again."""
        if self.source is not None:
            self.open(self.source, self.loop)

    def stop(self) -> None:
        """Let go of the source."""
        self.player.stop()
        self._forget()
        self.stopped.emit()

    def close(self) -> None:
        """Let go of the source for good."""
        self.closed = True
        self.player.stop()

    def poll(self) -> FrameResult | None:
        """Return a frame to show, if there is a new one."""
        pipeline = self.pipeline
        result = pipeline.display.poll() if pipeline and not self.closed else None
        if result:
            self.result = result
        return result

    def note_presented(self, trace: Trace) -> None:
        """Count the result that has come to the screen.

        Args:
            trace: of that result, with the time at which it was shown.
        """
        if self.pipeline:
            self.pipeline.metrics.presented(trace)
        if self.result and self.result.trace.composited == trace.composited:
            self.result = replace(self.result, trace=trace)

    def follow(self) -> None:
        """Tell what is new about the pipeline."""
        pipeline = self.pipeline
        error = self.player.error or (pipeline.error if pipeline else None)
        if error is not None and self._is_new(error):
            self.failure = error
            self.failed.emit(error)
        if pipeline is None:
            return
        for fact, signal in (
            (pipeline.info, self.opened),
            (pipeline.notice, self.noticed),
            (pipeline.problem, self.damaged),
        ):
            if fact and self._is_new(fact):
                signal.emit(fact)

    def _forget(self) -> None:
        self.result = None
        self._known.clear()

    def _is_new(self, fact: object) -> bool:
        if any(fact is known for known in self._known):
            return False
        self._known.append(fact)
        return True
