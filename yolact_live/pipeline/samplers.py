"""Which frames are worth an inference; the others keep the instances of the last one."""

from __future__ import annotations

import cv2
import numpy as np

from yolact_live.settings import Settings
from yolact_live.types import ByteArray, Frame

# Pictures are compared at this size: small enough to cost nothing and to average noise away,
# large enough to notice a hand.
_WIDTH, _HEIGHT = 64, 36
# Grey levels by which one cell must change: above the noise of a webcam in a dim room (about 2
# after averaging), below a person who moves against a background of nearly the same brightness.
_CHANGE = 6


class Sampler:
    """Decides frame by frame; sees every frame in order."""

    def __init__(self) -> None:
        self._count = 0
        self._seen: ByteArray | None = None

    def skips(self, frame: Frame, settings: Settings) -> str | None:
        """Return why a frame needs no inference, ``"skipped"`` or ``"still"``; None if it does."""
        number, self._count = self._count, self._count + 1
        if number % settings.every:
            return "skipped"
        if not settings.skip_still:
            self._seen = None
            return None
        small = cv2.resize(frame.image, (_WIDTH, _HEIGHT), interpolation=cv2.INTER_AREA)
        if self._seen is not None and int(cv2.absdiff(small, self._seen).max()) < _CHANGE:
            return "still"
        self._seen = np.asarray(small, np.uint8)
        return None
