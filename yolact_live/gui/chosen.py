"""The settings that hold now. Whatever shows or changes one shares this object."""

from __future__ import annotations

import dataclasses
from typing import Any

from PySide6.QtCore import QObject, Signal

from yolact_live.errors import UsageError
from yolact_live.settings import Preferences, Settings


class Chosen(QObject):
    """Settings and preferences, and who wants to know of a change.

    Attributes:
        settings, preferences: what holds now.

    Signals:
        changed: other settings hold.
        preferences_changed: other preferences hold.
        rejected(UsageError): what a person wanted cannot be.
    """

    changed = Signal()
    preferences_changed = Signal()
    rejected = Signal(object)

    def __init__(self, settings: Settings, preferences: Preferences | None = None) -> None:
        super().__init__()
        self.settings = settings
        self.preferences = preferences or Preferences()

    def choose(self, **values: Any) -> None:
        """Change some settings, as a person does."""
        try:
            settings = dataclasses.replace(self.settings, **values)
        except UsageError as error:
            self.rejected.emit(error)
        else:
            self.set(settings)

    def prefer(self, **values: Any) -> None:
        """Change some preferences."""
        preferences = dataclasses.replace(self.preferences, **values)
        if preferences != self.preferences:
            self.preferences = preferences
            self.preferences_changed.emit()

    def set(self, settings: Settings) -> None:
        """Let other settings hold."""
        if settings != self.settings:
            self.settings = settings
            self.changed.emit()
