"""The live thread: the newest frame at once, with the newest masks moved onto it."""

from __future__ import annotations

import time
from collections.abc import Callable

from yolact_live.pipeline.finisher import Finisher
from yolact_live.pipeline.reader import Reader
from yolact_live.settings import Settings
from yolact_live.types import FrameResult, Trace


class LiveView:
    """Shows frames without waiting for their inference, where the settings want that.

    Args:
        reader: where the frames come from.
        finisher: knows what was found last, and where it is by now.
        settings: returns the settings of the moment.
        show: called with each result.
    """

    def __init__(
        self,
        reader: Reader,
        finisher: Finisher,
        settings: Callable[[], Settings],
        show: Callable[[FrameResult], object],
    ) -> None:
        self._reader = reader
        self._finisher = finisher
        self._settings = settings
        self._show = show

    def run(self) -> None:
        """Show frames until they end. The body of the live thread."""
        for captured in self._reader.newest:
            settings, frame = self._settings(), captured.frame
            instances = self._finisher.expected(frame.pts) if settings.sync == "live" else None
            if instances is None:
                continue
            postprocessed_ns = time.perf_counter_ns()
            tally = self._finisher.tally
            annotated = self._finisher.draw(frame.image, instances, settings, tally)
            trace = Trace(
                requested=captured.requested_ns,
                captured=frame.t_capture_ns,
                postprocessed=postprocessed_ns,
                composited=time.perf_counter_ns(),
            )
            self._show(FrameResult(frame, instances, trace, annotated, tally))
