"""Commands of the command line that the window runs beside itself, where a person can stop them.

What takes minutes (downloads, quantising, checking devices) is a process of its own: to cancel is
to end it, whatever it waits for, and it takes its memory along. A download goes on where it ended.
"""

from __future__ import annotations

import os
import sys

from PySide6.QtCore import QObject, QProcess, Signal

from yolact_live.errors import YolactLiveError
from yolact_live.gui.opencv import forget_opencv_qt

PROGRAM = (sys.executable, "-m", "yolact_live")


class Command(QObject):
    """One run of ``yolact-live``.

    Signals:
        said(str): a line of progress, of tqdm or in words.
        done(object): the text of the standard output, or a :class:`YolactLiveError`; None if it
            was cancelled.
    """

    said = Signal(str)
    done = Signal(object)

    def __init__(self, *arguments: str) -> None:
        super().__init__()
        forget_opencv_qt()  # the process would inherit what opencv set
        self._cancelled = False
        self._errors = ""
        self._process = QProcess(self)
        self._process.readyReadStandardError.connect(self._read)
        self._process.finished.connect(self._finish)
        self._process.errorOccurred.connect(self._fail_to_start)
        program, *first = PROGRAM
        self._process.start(program, [*first, *arguments])

    def cancel(self) -> None:
        """End it at once; what it was making is not kept."""
        self._cancelled = True
        self._process.kill()

    def _read(self) -> None:
        text = bytes(self._process.readAllStandardError().data()).decode(errors="replace")
        self._errors += text
        lines = [line.strip() for line in text.replace("\r", "\n").splitlines() if line.strip()]
        if lines:
            self.said.emit(lines[-1])

    def _finish(self, status: int) -> None:
        self._read()
        output = bytes(self._process.readAllStandardOutput().data()).decode(errors="replace")
        errors = [line for line in self._errors.splitlines() if line.startswith("yolact-live: ")]
        if self._cancelled:
            self.done.emit(None)
        elif errors or (status and not output):
            words = errors[-1].removeprefix("yolact-live: ") if errors else f"it ended with status {status}"
            message, _, remedy = words.partition(": ")
            self.done.emit(YolactLiveError(message, remedy))
        else:
            self.done.emit(output)

    def _fail_to_start(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            program = os.path.basename(PROGRAM[0])
            self.done.emit(YolactLiveError(f"{program} could not be started", "start it in a terminal"))
