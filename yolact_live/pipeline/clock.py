"""Playing a file at its own speed."""

from __future__ import annotations

import threading
import time
from fractions import Fraction

# Later than this, the clock starts anew rather than hurrying through what was missed.
_GIVE_UP_S = 0.1


class Pacer:
    """Holds each frame back until its time has come.

    Args:
        stop: ends every wait at once.
    """

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._start_s: float | None = None

    def restart(self) -> None:
        """Let the next frame pass at once and count from it."""
        self._start_s = None

    def wait(self, pts: Fraction) -> None:
        """Wait until the frame at ``pts`` is due."""
        now_s = time.perf_counter()
        if self._start_s is None or now_s - (self._start_s + float(pts)) > _GIVE_UP_S:
            self._start_s = now_s - float(pts)
        delay_s = self._start_s + float(pts) - now_s
        if delay_s > 0:
            self._stop.wait(delay_s)
