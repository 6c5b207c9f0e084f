"""Work that would make the window wait, on plain threads whose results the window fetches."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any


class Tasks:
    """Runs functions beside the window. Not for frames: those are pulled from the pipeline."""

    def __init__(self) -> None:
        self._running: list[tuple[threading.Thread, dict[str, Any], Callable[[Any], None]]] = []

    def run(self, name: str, work: Callable[[], Any], then: Callable[[Any], None]) -> None:
        """Start ``work`` on a thread; ``then`` gets what it returned or the exception it raised."""
        box: dict[str, Any] = {}

        def run() -> None:
            try:
                box["result"] = work()
            except Exception as error:
                box["result"] = error

        thread = threading.Thread(target=run, name=f"yl-{name}")
        self._running.append((thread, box, then))
        thread.start()

    def poll(self) -> None:
        """Hand over what is done. Called by the window's timer."""
        for entry in list(self._running):
            thread, box, then = entry
            if not thread.is_alive():
                self._running.remove(entry)
                then(box["result"])

    @property
    def busy(self) -> bool:
        """Whether something is still running or not yet handed over."""
        return bool(self._running)
