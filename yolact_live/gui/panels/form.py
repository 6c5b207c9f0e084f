"""A panel: a column of sections that scrolls, with the controls of some settings."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from yolact_live.gui.actions import OwnKeys
from yolact_live.gui.chosen import Chosen
from yolact_live.gui.panels.controls import Control, Toggle, label_of, make_control
from yolact_live.gui.translation import tr
from yolact_live.settings import Settings, option_of

WIDTH = 300
_Field = dataclasses.Field[Any]


class Panel(QScrollArea):
    """A column that scrolls. What is put into it gets along with the shortcuts of the window.

    Args:
        fills: what is in it takes all the height there is.
    """

    def __init__(self, fills: bool = False) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.setWidgetResizable(True)
        self.setMinimumWidth(WIDTH)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._keys = OwnKeys(self, Qt.Key.Key_Space, Qt.Key.Key_Left, Qt.Key.Key_Right)
        content = QWidget()
        whole = QVBoxLayout(content)
        whole.setContentsMargins(16, 12, 16, 12)
        whole.setSpacing(0)
        self.column = QVBoxLayout()
        self.column.setSpacing(8)
        whole.addLayout(self.column, int(fills))
        whole.addStretch(int(not fills))
        self.setWidget(content)

    def add_section(self, title: str) -> None:
        """Begin another section."""
        if self.column.count():
            self.column.addSpacing(10)
        heading = QLabel(title)
        heading.setObjectName("section")
        self.column.addWidget(heading)

    def add_button(self, text: str, tip: str, press: Callable[[], object]) -> QPushButton:
        """Add a button as wide as the panel."""
        button = QPushButton(text)
        button.setToolTip(tip)
        button.clicked.connect(lambda: press())
        self.adopt(button, text, tip)
        self.column.addWidget(button)
        return button

    def adopt(self, widget: QWidget, name: str, tip: str) -> None:
        """Name a control for those who hear it, and settle which keys are its own.

        A click leaves the keyboard to the shortcuts, Tab still gets there; the wheel scrolls the
        panel instead of changing what happens to be under the pointer.
        """
        widget.setAccessibleName(name)
        widget.setAccessibleDescription(tip)
        widget.installEventFilter(self._keys)
        widget.installEventFilter(self)
        if isinstance(widget, QLineEdit):
            widget.returnPressed.connect(lambda: self.window().setFocus())
        elif isinstance(widget, QAbstractButton | QComboBox | QSlider):
            widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        changes = isinstance(watched, QSlider | QComboBox | QAbstractSpinBox) and not watched.hasFocus()
        if event.type() == QEvent.Type.Wheel and changes:
            event.ignore()
            return True
        return False


class SettingsPanel(Panel):
    """The controls of some settings.

    Args:
        chosen: what they show and change.
        fields: fields of :class:`Settings`, by section.
        sensible: setting → whether it has an effect now; without an entry it always has.

    Attributes:
        controls: setting → its control.
    """

    def __init__(
        self,
        chosen: Chosen,
        fields: dict[str, Iterable[str]],
        sensible: dict[str, Callable[[Settings], bool]] | None = None,
    ) -> None:
        super().__init__()
        self.chosen = chosen
        self.controls: dict[str, Control] = {}
        self._labels: dict[str, QLabel] = {}
        self._sensible = sensible or {}
        by_name = {field.name: field for field in dataclasses.fields(Settings)}
        for title, names in fields.items():
            self.add_section(title)
            self._add_grid([by_name[name] for name in names])
        chosen.changed.connect(self._show)
        chosen.rejected.connect(self._show)
        self._show()

    def _show(self, *_: object) -> None:
        now = self.chosen.settings
        for name, control in self.controls.items():
            control.set_value(getattr(now, name))
            sensible = name not in self._sensible or self._sensible[name](now)
            control.setEnabled(sensible)
            if name in self._labels:
                self._labels[name].setEnabled(sensible)

    def _add_grid(self, fields: list[_Field]) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        self.column.addLayout(grid)
        toggles = 0
        for field in fields:
            control = self._make(field)
            row = grid.rowCount()
            if isinstance(control, Toggle):
                grid.addWidget(control, row - toggles % 2, toggles % 2)
                toggles += 1
                continue
            toggles = 0
            label = self._labels[field.name] = QLabel(label_of(field))
            label.setBuddy(control)
            label.setToolTip(control.toolTip())
            if control.wide:
                pair = QVBoxLayout()
                pair.setSpacing(2)
                pair.addWidget(label)
                pair.addWidget(control)
                grid.addLayout(pair, row, 0, 1, 2)
            else:
                grid.addWidget(label, row, 0)
                grid.addWidget(control, row, 1)

    def _make(self, field: _Field) -> Control:
        control = make_control(field)
        tip = tr(option_of(field).help)
        control.setToolTip(tip)
        for child in control.findChildren(QWidget):
            self.adopt(child, label_of(field), tip)
        control.changed.connect(lambda: self._choose(field.name))
        self.controls[field.name] = control
        return control

    def _choose(self, name: str) -> None:
        self.chosen.choose(**{name: self.controls[name].value()})
