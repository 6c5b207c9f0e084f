"""Windows that are opened for a moment: the command palette, shortcuts, preferences, about.

Each is imported when it is wanted: most starts of the program need none of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QWidget

from yolact_live.gui.actions import ACTIONS
from yolact_live.gui.chosen import Chosen
from yolact_live.gui.panels import Panels
from yolact_live.gui.reports import Reports
from yolact_live.gui.shortcuts import Shortcuts

if TYPE_CHECKING:
    from PySide6.QtGui import QAction

    from yolact_live.gui.devices import Devices


class Dialogs:
    """Opens them. Its methods are actions.

    Attributes:
        open: what is open.
    """

    def __init__(
        self,
        window: QWidget,
        actions: dict[str, QAction],
        chosen: Chosen,
        panels: Panels,
        keys: Shortcuts,
        devices: Devices,
    ) -> None:
        self.open: QDialog | None = None
        self._window = window
        self._actions = actions
        self._chosen = chosen
        self._panels = panels
        self._keys = keys
        self._devices = devices

    def palette(self) -> None:
        """Find an action by some of its letters."""
        from yolact_live.gui.dialogs.palette import Palette, actions_in, choices_in

        entries = [*actions_in(ACTIONS, self._actions), *choices_in(self._chosen, self._panels.controls)]
        self._show(Palette(self._window, entries))

    def shortcuts(self) -> None:
        """Show all shortcuts."""
        from yolact_live.gui.dialogs.shortcuts import ShortcutsDialog

        self._show(ShortcutsDialog(self._window, self._keys))

    def preferences(self) -> None:
        """Show what concerns the window itself."""
        from yolact_live.gui.dialogs.preferences import PreferencesDialog

        self._show(PreferencesDialog(self._window, self._chosen, self._actions))

    def about(self) -> None:
        """Say what this is."""
        from yolact_live.gui.dialogs.about import About

        self._show(About(self._window, self._chosen.settings, self._devices))

    def crash(self, reports: Reports) -> None:
        """Show the report of a failure."""
        from yolact_live.gui.dialogs.crash import CrashDialog

        self._show(CrashDialog(self._window, reports))

    def close(self) -> None:
        """Close what is open."""
        if self.open:
            self.open.close()

    def _show(self, dialog: QDialog) -> None:
        self.close()
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.destroyed.connect(lambda: self._forget(dialog))
        self.open = dialog
        dialog.open()

    def _forget(self, dialog: QDialog) -> None:
        if self.open is dialog:
            self.open = None
