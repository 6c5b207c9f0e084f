"""Playing a file at its own speed."""

from __future__ import annotations

import math
import threading
import time
from fractions import Fraction

# Later than this, the clock starts anew rather than hurrying through what was missed.
_GIVE_UP_S = 0.1


class Pacer:
    """Holds each frame back until its time has come.

    Args:
        stop: ends every wait at once.

    Attributes:
        speed: seconds of the file in one second.
    """

    def __init__(self, stop: threading.Event) -> None:
        self.speed = 1.0
        self._stop = stop
        self._start: tuple[float, float] | None = None  # when a frame was shown, and its time

    def restart(self) -> None:
        """Let the next frame pass at once and count from it."""
        self._start = None

    def wait(self, pts: Fraction, at_most_s: float = math.inf) -> bool:
        """Wait until the frame at ``pts`` is due, but not too long; return whether it is."""
        now_s, pts_s, speed = time.perf_counter(), float(pts), self.speed
        began_s, first_s = self._start or (now_s, pts_s)
        due_s = began_s + (pts_s - first_s) / speed
        if now_s - due_s > _GIVE_UP_S:
            due_s = now_s
        self._stop.wait(min(max(due_s - now_s, 0.0), at_most_s))
        if due_s - now_s > at_most_s:
            return False
        # from frame to frame, so that another speed holds from now on
        self._start = (due_s, pts_s)
        return True
