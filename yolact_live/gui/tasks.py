"""Work that would make the window wait, on plain threads whose results the window fetches."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Generic, TypeVar

Wish = TypeVar("Wish")
Made = TypeVar("Made")
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


class Latest(Generic[Wish, Made]):
    """Runs one function beside the window, again and again; of what is asked meanwhile the newest counts.

    Args:
        make: what turns a wish into something; always on the same thread.
        name: of that thread.
    """

    def __init__(self, make: Callable[[Wish], Made], name: str) -> None:
        self._make = make
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._running: Future[Made] | None = None
        self._next: Wish | None = None

    def want(self, wish: Wish) -> None:
        """Ask for something."""
        self._next = wish

    def poll(self) -> Made | None:
        """Return what is ready, if there is something new, and begin the next."""
        made = None
        if self._running and self._running.done():
            made, self._running = self._running.result(), None
        if self._next is not None and not self._running:
            self._running, self._next = self._executor.submit(self._make, self._next), None
        return made

    def forget(self) -> None:
        """Nobody wants what is under way any more."""
        self._running = self._next = None

    def close(self, finish: Callable[[], object] = bool) -> None:
        """Make no more; ``finish`` is called at the end, on the thread. Does not wait."""
        self.forget()
        self._executor.submit(finish)
        self._executor.shutdown(wait=False)
