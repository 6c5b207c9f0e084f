"""The settings panel: its controls are made from the schema of :mod:`yolact_live.settings`."""

from __future__ import annotations

import dataclasses
import os
from typing import Any

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSlider,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from yolact_live.errors import UsageError
from yolact_live.gui.actions import OwnKeys
from yolact_live.settings import Option, Settings, option_of

WIDTH = 286
_GROUPS = ("detection", "look", "model")
_SPIN_PX = 72
_STEPS = 100
_MODEL_FILTER = "Models (*.xml *.onnx);;All files (*)"
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
        browse: offer to look for a file too.
    """

    def __init__(self, choices: tuple[str, ...], wide: bool = False, browse: bool = False) -> None:
        super().__init__()
        self.wide = wide
        self.box = QComboBox()
        self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.set_choices([(choice, choice) for choice in choices])
        self.box.activated.connect(self.changed)
        if not browse:
            self._hold(self.box)
            return
        button = QToolButton()
        button.setObjectName("browse")
        button.setText("…")
        button.setToolTip("Choose a file")
        button.clicked.connect(self._browse)
        self._hold(self.box, button)

    def _browse(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "Choose a file", "", _MODEL_FILTER)
        if name:
            self.set_value(name)
            self.changed.emit()

    def set_choices(self, choices: list[tuple[str, str]]) -> None:
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

    def set_value(self, value: str) -> None:
        if self.box.findData(value) < 0:
            self.box.addItem(os.path.basename(value), value)
            self.box.setItemData(self.box.count() - 1, value, Qt.ItemDataRole.ToolTipRole)
        self.box.setCurrentIndex(self.box.findData(value))


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
        if not spec.minimum:
            self.spin.setSpecialValueText("auto")
        self.spin.valueChanged.connect(self.changed)
        self._hold(self.spin)

    def value(self) -> int:
        return self.spin.value()

    def set_value(self, value: int) -> None:
        with QSignalBlocker(self.spin):
            self.spin.setValue(value)


class Names(Control):
    """Several names, comma-separated; none means all."""

    wide = True

    def __init__(self) -> None:
        super().__init__()
        self.edit = QLineEdit()
        self.edit.setPlaceholderText("all")
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
        return Count(spec)
    if isinstance(field.default, tuple):
        return Names()
    if spec.choices:
        return Choice(spec.choices)
    return Choice((str(field.default),), wide=True, browse="PATH" in (spec.metavar or ""))


def label_of(field: _Field) -> str:
    """Return what the panel calls a setting."""
    return option_of(field).label or field.name.replace("_", " ").capitalize()


class SettingsPanel(QScrollArea):
    """A control for every setting.

    Attributes:
        settings: what the controls show.

    Signals:
        changed: a person chose other settings.
        rejected(object): a :class:`UsageError` that says why they cannot be.
    """

    changed = Signal()
    rejected = Signal(object)

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.setWidgetResizable(True)
        self.setFixedWidth(WIDTH)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.settings = settings
        self.controls: dict[str, Control] = {}
        self._keys = OwnKeys(self, Qt.Key.Key_Space, Qt.Key.Key_Left, Qt.Key.Key_Right)
        content = QWidget()
        self._layout = QVBoxLayout(content)
        self._layout.setContentsMargins(16, 12, 16, 12)
        self._layout.setSpacing(8)
        fields = dataclasses.fields(Settings)
        groups = dict.fromkeys((*_GROUPS, *(option_of(field).group for field in fields)))
        for group in groups:
            self._add_group(group, [field for field in fields if option_of(field).group == group])
        reset = QPushButton("Reset to defaults")
        reset.setToolTip("Set everything back to how it was made")
        reset.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        reset.installEventFilter(self._keys)
        reset.clicked.connect(lambda: self.choose(**dataclasses.asdict(Settings())))
        self._layout.addSpacing(10)
        self._layout.addWidget(reset)
        self._layout.addStretch(1)
        self.setWidget(content)
        self.set_settings(settings)

    def set_settings(self, settings: Settings) -> None:
        """Show other settings; ``changed`` is not emitted."""
        self.settings = settings
        for name, control in self.controls.items():
            control.set_value(getattr(settings, name))

    def choose(self, **values: Any) -> None:
        """Change settings as if a person had used the controls."""
        self.set_settings(dataclasses.replace(self.settings, **values))
        self.changed.emit()

    def set_choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        """Say what can be chosen for a setting: values and what they are called."""
        control = self.controls[name]
        assert isinstance(control, Choice)
        control.set_choices(choices)

    def _add_group(self, title: str, fields: list[_Field]) -> None:
        if self._layout.count():
            self._layout.addSpacing(10)
        heading = QLabel(title.capitalize())
        heading.setObjectName("section")
        self._layout.addWidget(heading)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        self._layout.addLayout(grid)
        toggles = 0
        for field in fields:
            control = self._make(field)
            row = grid.rowCount()
            if isinstance(control, Toggle):
                grid.addWidget(control, row - toggles % 2, toggles % 2)
                toggles += 1
                continue
            label = QLabel(label_of(field))
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
        control.setToolTip(option_of(field).help)
        for child in control.findChildren(QWidget):
            child.setAccessibleName(label_of(field))
            child.setAccessibleDescription(option_of(field).help)
            child.installEventFilter(self._keys)
            child.installEventFilter(self)
            if isinstance(child, QLineEdit):
                child.returnPressed.connect(lambda: self.window().setFocus())
            elif not isinstance(child, QAbstractSpinBox):
                # a click leaves the keyboard to the shortcuts; Tab still gets here
                child.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        control.changed.connect(lambda: self._changed(field.name))
        self.controls[field.name] = control
        return control

    def _changed(self, name: str) -> None:
        value = self.controls[name].value()
        if value == getattr(self.settings, name):
            return
        try:
            self.settings = dataclasses.replace(self.settings, **{name: value})
        except UsageError as error:
            self.rejected.emit(error)
        else:
            self.changed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the wheel scroll the panel instead of changing what happens to be under the pointer."""
        if event.type() == QEvent.Type.Wheel and not (isinstance(watched, QWidget) and watched.hasFocus()):
            event.ignore()
            return True
        return False
