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


Region = tuple[int, int, int, int]
"""Width, height, and where its upper left corner is on the monitor: x, y."""


class ScreenDevice:
    """Pictures of one monitor, at most 30 a second.

    Args:
        number: 1 = the first monitor, 0 = all of them.
        region: part of it; None = the whole.

    Raises:
        SourceError: there is no such monitor or part, or the screen cannot be read.
    """

    rate: Fraction | None = Fraction(RATE)
    coding = ""

    def __init__(self, number: int, region: Region | None = None) -> None:
        try:
            self._shooter = mss.MSS()
            monitor = self._shooter.monitors[number]
        except ScreenShotError as error:
            raise SourceError(
                f"the screen cannot be read ({error})", "start this in a graphical session (on Linux: X11)"
            ) from error
        except IndexError:
            count = len(self._shooter.monitors) - 1
            self._shooter.close()
            raise SourceError(f"there is no screen {number}", f"use screen:1 to screen:{count}") from None
        self._area = dict(monitor) if region is None else _part_of(monitor, region)
        self._due = time.monotonic()

    def grab(self) -> ByteArray | None:
        time.sleep(max(self._due - time.monotonic(), 0.0))
        self._due = max(self._due + 1 / RATE, time.monotonic())
        try:
            shot = self._shooter.grab(self._area)
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


def _part_of(monitor: dict[str, int], region: Region) -> dict[str, int]:
    width, height, x, y = region
    if not (width and height and x + width <= monitor["width"] and y + height <= monitor["height"]):
        size = f"{monitor['width']}x{monitor['height']}"
        raise SourceError(
            f"{width}x{height}+{x}+{y} is no part of the screen", f"its size is {size}; x and y count from 0"
        )
    return {"left": monitor["left"] + x, "top": monitor["top"] + y, "width": width, "height": height}


def open_screen(
    name: str,
    number: int,
    region: Region | None = None,
    cancel: threading.Event | None = None,
    reconnect_s: float = 0.0,
) -> LiveSource:
    """Open a monitor or a part of it; see :class:`ScreenDevice`.

    Raises:
        SourceError: it cannot be read.
    """
    return LiveSource(name, lambda: ScreenDevice(number, region), cancel, reconnect_s)
