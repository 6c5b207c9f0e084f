"""The screen."""

from __future__ import annotations

import threading
import time
from fractions import Fraction

import mss
import numpy as np
from mss.exception import ScreenShotError

from yolact_live.capture.live import LiveSource
from yolact_live.errors import SourceError
from yolact_live.types import ByteArray

RATE = 30


class ScreenDevice:
    """Pictures of one monitor, at most 30 a second.

    Args:
        number: 1 = the first monitor.

    Raises:
        SourceError: there is no such monitor, or the screen cannot be read.
    """

    rate: Fraction | None = Fraction(RATE)

    def __init__(self, number: int) -> None:
        try:
            self._shooter = mss.MSS()
            self._monitor = self._shooter.monitors[number]
        except ScreenShotError as error:
            raise SourceError(
                f"the screen cannot be read ({error})", "start this in a graphical session (on Linux: X11)"
            ) from error
        except IndexError:
            count = len(self._shooter.monitors) - 1
            self._shooter.close()
            raise SourceError(f"there is no screen {number}", f"use screen:1 to screen:{count}") from None
        self._due = time.monotonic()

    def grab(self) -> ByteArray | None:
        time.sleep(max(self._due - time.monotonic(), 0.0))
        self._due = max(self._due + 1 / RATE, time.monotonic())
        try:
            shot = self._shooter.grab(self._monitor)
        except ScreenShotError as error:
            raise SourceError(f"the screen cannot be read ({error})", "try again") from error
        return np.ascontiguousarray(np.asarray(shot)[:, :, :3])

    def close(self) -> None:
        self._shooter.close()


def count_screens() -> int:
    """Return how many monitors can be read."""
    try:
        with mss.MSS() as shooter:
            return len(shooter.monitors) - 1
    except ScreenShotError:
        return 0


def open_screen(number: int, cancel: threading.Event | None = None, reconnect_s: float = 0.0) -> LiveSource:
    """Open a monitor; 1 = the first.

    Raises:
        SourceError: it cannot be read.
    """
    name = "screen" if number == 1 else f"screen:{number}"
    return LiveSource(name, lambda: ScreenDevice(number), cancel, reconnect_s)
