"""Keeping what was chosen: a moment after the last change, and when the window closes."""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import Any

from PySide6.QtCore import QTimer

from yolact_live.errors import YolactLiveError
from yolact_live.gui.banner import Banners
from yolact_live.gui.chosen import Chosen
from yolact_live.gui.tasks import Tasks
from yolact_live.gui.translation import spoken
from yolact_live.settings import Preferences, Settings
from yolact_live.settings_file import Changes, SettingsFile

QUIET_MS = 500


class Saver:
    """Writes changes, and only changes, to the settings file: flags of a session are not kept.

    Args:
        file: None = nothing is kept.
    """

    def __init__(self, file: SettingsFile | None, chosen: Chosen, tasks: Tasks, banners: Banners) -> None:
        self._file = file
        self._last: dict[str, Settings | Preferences] = {"": chosen.settings, "window": chosen.preferences}
        self._changes: Changes = {}
        self._tasks = tasks
        self._banners = banners
        self._timer = QTimer(singleShot=True, interval=QUIET_MS)
        self._timer.timeout.connect(self.save)
        chosen.changed.connect(lambda: self._note_all("", chosen.settings))
        chosen.preferences_changed.connect(lambda: self._note_all("window", chosen.preferences))
        if file and file.problems:
            words = ". ".join(spoken(problem.message) for problem in file.problems)
            remedy = spoken(file.problems[-1].remedy)
            banners.show_message("file of settings", "warning", words, remedy)

    def note(self, table: str, key: str, value: Any) -> None:
        """Note a change, in the words of :class:`SettingsFile`."""
        if self._file:
            self._changes.setdefault(table, {})[key] = value
            self._timer.start()

    def save(self) -> None:
        """Write what has been noted, beside the window."""
        self._timer.stop()
        changes, self._changes = self._changes, {}
        if self._file and changes:
            self._tasks.run(partial(self._file.change, changes), self._saved)

    def _note_all(self, table: str, now: Settings | Preferences) -> None:
        for field in dataclasses.fields(now):
            value = getattr(now, field.name)
            if value != getattr(self._last[table], field.name):
                self.note(table, field.name, value)
        self._last[table] = now

    def _saved(self, outcome: YolactLiveError | None) -> None:
        if outcome is not None:
            self._banners.show_error("file of settings", outcome)
