"""The pipeline behind the window, and its recording. No Qt in here."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from yolact_live.settings import Settings

if TYPE_CHECKING:
    from yolact_live.pipeline.pipeline import Pipeline

    Prepare = Callable[[Pipeline], None]


@dataclass(frozen=True, eq=False)
class _Request:
    source: str
    settings: Settings
    loop: bool
    prepare: Prepare


class Player:
    """Starts, stops and replaces pipelines on threads of its own, so that the window never waits.

    Attributes:
        pipeline: the one that runs; None before it is made, and after a stop.
        error: why it could not be made.
    """

    def __init__(self) -> None:
        self.pipeline: Pipeline | None = None
        self.error: Exception | None = None
        self._wanted: _Request | None = None
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def open(self, source: str, settings: Settings, loop: bool, prepare: Prepare) -> None:
        """Replace what runs by ``source``.

        Args:
            prepare: called with the new pipeline, on another thread, before it starts.
        """
        self._switch(_Request(source, settings, loop, prepare))

    def stop(self) -> None:
        """Stop what runs; :attr:`busy` until that is done."""
        self._switch(None)

    @property
    def opening(self) -> bool:
        """Whether a pipeline is wanted that is not there yet."""
        return self._wanted is not None and self.pipeline is None

    @property
    def busy(self) -> bool:
        """Whether a pipeline is being stopped or made."""
        return self._thread is not None and self._thread.is_alive()

    def _switch(self, request: _Request | None) -> None:
        with self._lock:
            self._wanted, self.error = request, None
            old, self.pipeline = self.pipeline, None
        before = self._thread
        self._thread = threading.Thread(target=self._run, args=(before, old, request), name="yl-player")
        self._thread.start()

    def _run(self, before: threading.Thread | None, old: Pipeline | None, request: _Request | None) -> None:
        if before:
            before.join()
        if old:
            old.stop()
        if request:
            try:
                self._start(request)
            except Exception as error:
                self.error = error

    def _start(self, request: _Request) -> None:
        # PyAV and numpy load here, beside the window that is already shown
        from yolact_live.pipeline.pipeline import Pipeline

        with self._lock:
            if self._wanted is not request:
                return
            pipeline = Pipeline(request.source, request.settings, interactive=True, loop=request.loop)
            request.prepare(pipeline)
            pipeline.start()
            self.pipeline = pipeline
