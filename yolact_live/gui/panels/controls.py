"""Controls of single settings, made from the schema of :mod:`yolact_live.settings`."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QCheckBox,
    QColorDialog,
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QGridLayout,
    QLineEdit,
    QSlider,
    QSpinBox,
    QToolButton,
    QWidget,
)

from yolact_live.gui.translation import duration, tr
from yolact_live.settings import Option, option_of

_SPIN_PX = 72
_STEPS = 100
_DURATIONS_S = (0, 10, 30, 60, 120, 300, 600, 1800, 3600, 6 * 3600, 86_400)
WORDS = {
    "AUTO": "Automatic",
    "builtin": "Built-in",
    "en": "English",
    "de": "Deutsch",
    "cutout": "Cut-out",
    "json-lines": "JSON lines",
    "coco": "COCO",
    "csv": "CSV",
    "okabe-ito": "Okabe–Ito",
    "tol-bright": "Tol, bright",
    "tol-muted": "Tol, muted",
}
"""What choices are called, where it is not their value."""
_Field = dataclasses.Field[Any]


class Control(QWidget):
    """A control of one setting.

    Signals:
        changed: a person chose another value.
    """

    changed = Signal()
    wide = False
    """Takes the whole width, its label above."""

    def value(self) -> Any:
        """Return the value as the schema has it."""
        raise NotImplementedError

    def set_value(self, value: Any) -> None:
        """Show another value; ``changed`` is not emitted."""
        raise NotImplementedError

    def _hold(self, *widgets: QWidget) -> None:
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for column, widget in enumerate(widgets):
            layout.addWidget(widget, 0, column)
        self.setFocusProxy(widgets[0])


class Toggle(Control):
    """On or off."""

    def __init__(self, label: str) -> None:
        super().__init__()
        self.box = QCheckBox(label)
        self.box.clicked.connect(self.changed)
        self._hold(self.box)

    def value(self) -> bool:
        return self.box.isChecked()

    def set_value(self, value: bool) -> None:
        self.box.setChecked(value)


class Choice(Control):
    """One of several.

    Args:
        choices: values.
        wide: they have long names.
        other: asks for a value that is not among them, and returns it; "" = none.
    """

    def __init__(
        self,
        choices: tuple[str, ...],
        wide: bool = False,
        other: Callable[[QWidget, str], str] | None = None,
    ) -> None:
        super().__init__()
        self.wide = wide
        self.box = QComboBox()
        self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.set_choices([(choice, words_of(choice)) for choice in choices])
        self.box.activated.connect(self.changed)
        if other is None:
            self._hold(self.box)
            return
        self._other = other
        button = QToolButton()
        button.setObjectName("browse")
        button.setText("…")
        button.setToolTip(tr("Choose another"))
        button.clicked.connect(self._ask)
        self._hold(self.box, button)

    def _ask(self) -> None:
        value = self._other(self, self.value())
        if value:
            self.set_value(value)
            self.changed.emit()

    def choices(self) -> list[tuple[Any, str]]:
        """Return the values, and what each is called."""
        return [(self.box.itemData(i), self.box.itemText(i)) for i in range(self.box.count())]

    def set_choices(self, choices: list[tuple[Any, str]]) -> None:
        """Offer other choices, each a value and what it is called; the value chosen stays."""
        chosen = self.value()
        self.box.clear()
        for value, text in choices:
            self.box.addItem(text, value)
            self.box.setItemData(self.box.count() - 1, text, Qt.ItemDataRole.ToolTipRole)
        if chosen is not None:
            self.set_value(chosen)

    def value(self) -> Any:
        return self.box.currentData()

    def set_value(self, value: Any) -> None:
        if self.box.findData(value) < 0:
            self.box.addItem(self._name_of(value), value)
            self.box.setItemData(self.box.count() - 1, str(value), Qt.ItemDataRole.ToolTipRole)
        self.box.setCurrentIndex(self.box.findData(value))

    def _name_of(self, value: Any) -> str:
        """Return what a value is called that is not among the choices: it may be a path."""
        return os.path.basename(value)


class Duration(Choice):
    """Some seconds: one of the usual ones, or what the settings file has."""

    def __init__(self, spec: Option) -> None:
        self._empty = tr(spec.empty)
        super().__init__(())
        self.set_choices([(seconds, self._name_of(seconds)) for seconds in _DURATIONS_S])

    def _name_of(self, value: Any) -> str:
        return duration(value) if value else self._empty


class Level(Control):
    """A number between two others: a slider, and the number itself."""

    wide = True

    def __init__(self, spec: Option) -> None:
        super().__init__()
        assert spec.minimum is not None
        assert spec.maximum is not None
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(round(spec.minimum * _STEPS), round(spec.maximum * _STEPS))
        self.slider.setPageStep(_STEPS // 10)
        self.spin = QDoubleSpinBox()
        self.spin.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.spin.setDecimals(2)
        self.spin.setSingleStep(0.01)
        self.spin.setKeyboardTracking(False)
        self.spin.setRange(spec.minimum, spec.maximum)
        self.spin.setFixedWidth(_SPIN_PX)
        self.slider.valueChanged.connect(lambda step: self._choose(step / _STEPS))
        self.spin.valueChanged.connect(self._choose)
        self._hold(self.slider, self.spin)

    def value(self) -> float:
        return self.spin.value()

    def set_value(self, value: float) -> None:
        with QSignalBlocker(self.slider), QSignalBlocker(self.spin):
            self.slider.setValue(round(value * _STEPS))
            self.spin.setValue(value)

    def _choose(self, value: float) -> None:
        self.set_value(value)
        self.changed.emit()


class Count(Control):
    """A whole number."""

    def __init__(self, spec: Option) -> None:
        super().__init__()
        self.spin = QSpinBox()
        self.spin.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.spin.setKeyboardTracking(False)
        self.spin.setRange(int(spec.minimum or 0), int(spec.maximum or 1_000_000))
        self.spin.setGroupSeparatorShown(True)
        self.spin.setSpecialValueText(tr(spec.empty))
        self.spin.valueChanged.connect(self.changed)
        self._hold(self.spin)

    def value(self) -> int:
        return self.spin.value()

    def set_value(self, value: int) -> None:
        with QSignalBlocker(self.spin):
            self.spin.setValue(value)


class Names(Control):
    """Several names, comma-separated.

    Args:
        empty: what no names mean.
    """

    wide = True

    def __init__(self, empty: str) -> None:
        super().__init__()
        self.edit = QLineEdit()
        self.edit.setPlaceholderText(tr(empty))
        self.edit.editingFinished.connect(self.changed)
        self._hold(self.edit)

    def value(self) -> tuple[str, ...]:
        names = (name.strip() for name in self.edit.text().split(","))
        return tuple(name for name in names if name)

    def set_value(self, value: tuple[str, ...]) -> None:
        self.edit.setText(", ".join(value))


def make_control(field: _Field) -> Control:
    """Make the control that suits a field of :class:`Settings`."""
    spec = option_of(field)
    if isinstance(field.default, bool):
        return Toggle(label_of(field))
    if isinstance(field.default, float):
        return Level(spec)
    if isinstance(field.default, int):
        return Duration(spec) if spec.metavar == "SECONDS" else Count(spec)
    if isinstance(field.default, tuple):
        return Names(spec.empty)
    if spec.choices:
        return Choice(spec.choices, other=ask_colour if spec.colour else None)
    return Choice(
        (str(field.default),), wide=True, other=ask_file if "PATH" in (spec.metavar or "") else None
    )


def ask_file(parent: QWidget, now: str) -> str:
    """Let a person look for a model."""
    kinds = tr("Models (*.xml *.onnx);;All files (*)")
    return QFileDialog.getOpenFileName(parent, tr("Choose a file"), "", kinds)[0]


def ask_colour(parent: QWidget, now: str) -> str:
    """Let a person mix a colour."""
    colour = QColorDialog.getColor(QColor(now), parent, tr("Choose a colour"))
    return colour.name() if colour.isValid() else ""


def words_of(choice: str) -> str:
    """Return what a value is called."""
    return tr(WORDS.get(choice) or choice[:1].upper() + choice[1:].replace("-", " "))


def label_of(field: _Field) -> str:
    """Return what the panel calls a setting."""
    return tr(option_of(field).label or field.name.replace("_", " ").capitalize())
