"""What scripts need of the window: closing it by the clock or a signal, a picture of it."""

from __future__ import annotations

import signal
import time
from pathlib import Path
from types import FrameType

from PySide6.QtCore import QObject, QTimer

from yolact_live.errors import RecordError
from yolact_live.gui.window import Window

_POLL_MS = 50
_MOMENT_S = 1.0
_PATIENCE_S = 20.0


class Automation(QObject):
    """Takes the screenshot and closes the window when it is time.

    Args:
        window: about to be shown.
        screenshot: file for a picture of the window, None = none.
        quit_after: seconds from now; without it, and with ``screenshot``, masks must have been
            shown for a moment, or the source must have failed or have had its chance.

    Attributes:
        signal: number of the signal that closed the window, 0 = none.
        failure: why the screenshot could not be saved.
    """

    def __init__(self, window: Window, screenshot: Path | None, quit_after: float | None) -> None:
        super().__init__(window)
        self.signal = 0
        self.failure: RecordError | None = None
        self._window = window
        self._screenshot = screenshot
        self._quit_after = quit_after
        self._started_s = self._since_s = time.monotonic()
        self._ready_s: float | None = None
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._note)
        # Python runs signal handlers when the interpreter gets control: the timer gives it that
        self._timer = QTimer(self, interval=_POLL_MS)
        self._timer.timeout.connect(self._check)
        self._timer.start()

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.signal = number
        signal.signal(number, signal.SIG_DFL)  # a second one ends it at once

    def _check(self) -> None:
        if not self.signal and not self._due():
            return
        self._timer.stop()
        if self._screenshot and not self._window.grab().save(str(self._screenshot)):
            self.failure = RecordError(f"{self._screenshot} cannot be written", "free some space")
        self._window.close()

    def _due(self) -> bool:
        now_s = time.monotonic()
        if self._quit_after is not None:
            return now_s - self._started_s >= self._quit_after
        if self._screenshot is None:
            return False
        if self._ready_s is None and (self._window.failure or self._has_shown(now_s)):
            self._ready_s = now_s
        return self._ready_s is not None and now_s - self._ready_s >= _MOMENT_S

    def _has_shown(self, now_s: float) -> bool:
        """Whether there are masks, or none came for long enough.

        The first picture may be shown, but is not counted nor recorded, while kernels compile.
        """
        pipeline, result = self._window.session.pipeline, self._window.session.result
        if pipeline and not pipeline.metrics.snapshot().frames:
            self._since_s = now_s
            return False
        return bool(result and len(result.instances)) or now_s - self._since_s > _PATIENCE_S
