"""The settings that hold now. Whatever shows or changes one shares this object."""

from __future__ import annotations

import dataclasses
from typing import Any

from PySide6.QtCore import QObject, Signal

from yolact_live.errors import UsageError
from yolact_live.settings import Settings


class Chosen(QObject):
    """Settings, and who wants to know of a change.

    Attributes:
        settings: what holds now.

    Signals:
        changed: other settings hold.
        rejected(UsageError): what a person wanted cannot be.
    """

    changed = Signal()
    rejected = Signal(object)

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.settings = settings

    def choose(self, **values: Any) -> None:
        """Change some settings, as a person does."""
        try:
            settings = dataclasses.replace(self.settings, **values)
        except UsageError as error:
            self.rejected.emit(error)
        else:
            self.set(settings)

    def set(self, settings: Settings) -> None:
        """Let other settings hold."""
        if settings != self.settings:
            self.settings = settings
            self.changed.emit()
