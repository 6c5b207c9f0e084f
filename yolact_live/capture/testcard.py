"""A test card: moving shapes with exact times, and a frame counter that programs can read."""

from __future__ import annotations

import math
import time
from fractions import Fraction

import cv2
import numpy as np

from yolact_live.capture.source import Source, SourceInfo
from yolact_live.errors import SourceError
from yolact_live.types import ByteArray, Frame

SIZE = 720, 1280
RATE = Fraction(30)
_COUNTER_BITS = 32
_BLOCK = 24
_COUNTER_Y, _COUNTER_X = 680, 32
_BARS = ((192, 192, 192), (0, 192, 192), (192, 192, 0), (0, 192, 0), (192, 0, 192), (0, 0, 192), (192, 0, 0))


class TestCard(Source):
    """1280×720 at 30 frames a second, made as fast as it is read. Depends on the frame number only.

    Args:
        duration: seconds; None = endless.

    Raises:
        SourceError: it would be of no duration.
    """

    __test__ = False  # pytest shall not take it for a test

    def __init__(self, duration: Fraction | None = None) -> None:
        if duration == 0:
            raise SourceError("testcard:0 has no frames", "write testcard:10 for ten seconds")
        frames = None if duration is None else math.ceil(duration * RATE)
        self.info = SourceInfo(
            "testcard", SIZE, rate=RATE, mean_rate=RATE, duration=duration, frames=frames, seekable=True
        )
        self._next = 0
        self._delivered = 0
        self._background = _background()

    def read(self) -> Frame | None:
        if self.info.frames is not None and self._next >= self.info.frames:
            return None
        frame = Frame(
            seq=self._delivered,
            pts=self._next / RATE,
            duration=1 / RATE,
            t_capture_ns=time.perf_counter_ns(),
            image=_draw(self._background, self._next),
            source_id=self.info.name,
        )
        self._next += 1
        self._delivered += 1
        return frame

    def seek(self, pts: Fraction, patience_s: float = math.inf) -> None:
        self._next = max(int(pts * RATE), 0)
        if self.info.frames is not None:
            self._next = min(self._next, self.info.frames - 1)

    def close(self) -> None:
        pass


def read_counter(image: ByteArray) -> int:
    """Return the frame number that a test card shows, also after lossy encoding."""
    y = _COUNTER_Y + _BLOCK // 2
    bits = [image[y, _COUNTER_X + i * _BLOCK + _BLOCK // 2].mean() > 128 for i in range(_COUNTER_BITS)]
    return sum(1 << i for i, bit in enumerate(bits) if bit)


def _background() -> ByteArray:
    height, width = SIZE
    columns = np.arange(width) * len(_BARS) // width
    image = np.empty((height, width, 3), np.uint8)
    image[:] = np.array(_BARS, np.uint8)[columns]
    image[height * 2 // 3 :] = (np.arange(width) * 255 // width).astype(np.uint8)[:, None]
    return image


def _draw(background: ByteArray, number: int) -> ByteArray:
    image = background.copy()
    height, width = SIZE
    t = number / 30
    for i in range(3):
        centre = (
            round(width * (0.5 + 0.4 * math.sin(t * (0.7 + 0.3 * i) + i))),
            round(height * (0.45 + 0.3 * math.sin(t * (1.1 - 0.2 * i) + 2 * i))),
        )
        cv2.circle(
            image, centre, 60 + 20 * i, (40 + 80 * i, 220 - 70 * i, 255 - 60 * i), cv2.FILLED, cv2.LINE_AA
        )
        cv2.circle(image, centre, 60 + 20 * i, (0, 0, 0), 3, cv2.LINE_AA)
    left = number * 8 % width
    cv2.rectangle(image, (left, 60), (left + 40, 140), (255, 255, 255), cv2.FILLED)
    strip = image[_COUNTER_Y : _COUNTER_Y + _BLOCK, _COUNTER_X : _COUNTER_X + _COUNTER_BITS * _BLOCK]
    bits = number >> np.arange(_COUNTER_BITS) & 1
    strip[:] = (bits * 255).astype(np.uint8).repeat(_BLOCK)[:, None]
    return image
