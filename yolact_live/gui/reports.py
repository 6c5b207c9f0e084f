"""Reports of crashes: written when something fails that should not, offered at the next start."""

from __future__ import annotations

import faulthandler
import sys
import threading
import traceback
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TextIO

import platformdirs

_FAULT = "fault.log"
"""What Python's fault handler writes when the process dies of a signal."""


class Reports:
    """Writes reports into a folder, and hands over those that nobody has seen.

    Args:
        folder: the user's own if None.
        describe: returns what the program is and runs on, in words.

    Attributes:
        fresh: reports of this run that have not been told.
    """

    def __init__(self, describe: Callable[[], str], folder: Path | None = None) -> None:
        self.folder = folder or platformdirs.user_state_path("yolact-live", False) / "crashes"
        self.fresh: list[Path] = []
        self._describe = describe
        self._told: set[str] = set()
        self._writing = threading.Lock()
        self._fault: TextIO | None = None

    def install(self) -> None:
        """Write a report of whatever nobody catches, from now on."""
        self._take_fault()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._fault = (self.folder / _FAULT).open("w", encoding="utf-8")
            faulthandler.enable(self._fault)
        except OSError:
            faulthandler.enable()  # without a folder the terminal must do
        before, before_thread = sys.excepthook, threading.excepthook

        def note(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
            before(kind, error, trace)
            self.write(error)

        def note_thread(args: threading.ExceptHookArgs) -> None:
            before_thread(args)
            if args.exc_value:
                self.write(args.exc_value)

        sys.excepthook, threading.excepthook = note, note_thread

    def write(self, error: BaseException) -> None:
        """Write a report of an error; once for each place, and never one of its own failure."""
        if not isinstance(error, Exception) or not self._writing.acquire(blocking=False):
            return
        try:
            trace = "".join(traceback.format_exception(error))
            if trace not in self._told:
                self._told.add(trace)
                self.fresh.append(self._save(trace))
        except Exception:
            traceback.print_exc()
        finally:
            self._writing.release()

    def left(self) -> list[Path]:
        """Return the reports there are, the newest first."""
        return sorted(self.folder.glob("crash *.txt"), reverse=True)

    def discard(self) -> None:
        """Throw all reports away."""
        for path in self.left():
            path.unlink(missing_ok=True)

    def close(self) -> None:
        """The program ends as it should."""
        if self._fault:
            faulthandler.disable()
            self._fault.close()
            (self.folder / _FAULT).unlink(missing_ok=True)
            self._fault = None

    def _take_fault(self) -> None:
        """Make a report of what the last run's fault handler wrote."""
        path = self.folder / _FAULT
        try:
            trace = path.read_text("utf-8")
            path.unlink()
        except OSError:
            return
        if trace.strip():
            self._save(trace)

    def _save(self, trace: str) -> Path:
        from yolact_live.gui.diagnostics import anonymous

        path = self.folder / f"crash {datetime.now():%Y-%m-%d %H-%M-%S.%f}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{self._describe()}\n\n{anonymous(trace)}", "utf-8")
        return path
