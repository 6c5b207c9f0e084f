"""Work that would make the window wait, on plain threads whose results the window fetches."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

_AT_ONCE = 8


class Tasks:
    """Runs functions beside the window. Not for frames: those are pulled from the pipeline.

    The threads are kept: to start one takes as long as the busiest other thread likes.
    """

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="yl-task")
        self._running: list[tuple[Future[Any], Callable[[Any], None]]] = []

    def run(self, work: Callable[[], Any], then: Callable[[Any], None]) -> None:
        """Start ``work`` on a thread; ``then`` gets what it returned or the exception it raised."""
        self._running.append((self._executor.submit(work), then))

    def poll(self) -> None:
        """Hand over what is done. Called by the window's timer."""
        for entry in list(self._running):
            future, then = entry
            if future.done():
                self._running.remove(entry)
                then(future.exception() or future.result())

    @property
    def busy(self) -> bool:
        """Whether something is still running or not yet handed over."""
        return bool(self._running)

    def close(self) -> None:
        """End the threads; nothing may be running."""
        self._executor.shutdown()
