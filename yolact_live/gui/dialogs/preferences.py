"""What concerns the window itself."""

from __future__ import annotations

import dataclasses

from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from yolact_live.gui.chosen import Chosen
from yolact_live.gui.panels.controls import Control, Toggle, label_of, make_control
from yolact_live.gui.translation import tr
from yolact_live.settings import Preferences, option_of

_WIDTH_PX = 380


class PreferencesDialog(QDialog):
    """A control for each preference. They hold at once, but for the language.

    Attributes:
        controls: preference → its control.
    """

    def __init__(self, window: QWidget, chosen: Chosen, actions: dict[str, QAction]) -> None:
        super().__init__(window)
        self.setWindowTitle(tr("Preferences"))
        self.setMinimumWidth(_WIDTH_PX)
        self._chosen = chosen
        self.controls: dict[str, Control] = {}
        form = QFormLayout()
        form.setHorizontalSpacing(24)
        form.setVerticalSpacing(10)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.hint = QLabel(tr("The language changes at the next start."))
        self.hint.setObjectName("muted")
        self.hint.setWordWrap(True)
        self.hint.hide()
        for field in dataclasses.fields(Preferences):
            control = self.controls[field.name] = make_control(field)
            control.set_value(getattr(chosen.preferences, field.name))
            control.setToolTip(tr(option_of(field).help))
            for child in control.findChildren(QWidget):
                child.setAccessibleName(label_of(field))
            control.changed.connect(lambda name=field.name: self._choose(name))
            form.addRow("" if isinstance(control, Toggle) else label_of(field), control)
            if field.name == "language":
                form.addRow("", self.hint)
        for title, name, text in (
            (tr("Keys"), "shortcuts", tr("Keyboard shortcuts…")),
            (tr("Settings"), "reset", tr("Reset all to defaults")),
        ):
            button = QPushButton(text)
            button.setToolTip(actions[name].toolTip())
            button.setAutoDefault(False)
            button.clicked.connect(actions[name].trigger)
            form.addRow(title, button)
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(16)
        column.addLayout(form)
        column.addWidget(close)

    def _choose(self, name: str) -> None:
        self._chosen.prefer(**{name: self.controls[name].value()})
        if name == "language":
            self.hint.show()
            self.adjustSize()
