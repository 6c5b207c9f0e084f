"""Play, pause, seek: the row under the picture."""

from __future__ import annotations

import time
from fractions import Fraction

from PySide6.QtCore import QPoint, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QAction, QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QStyle, QToolButton, QToolTip, QWidget

from yolact_live.gui.actions import OwnKeys

_UNITS = 1000
"""Positions of the seek bar are milliseconds."""

_SETTLE_S = 1.0
"""After a seek, frames from before it may still come for so long; the seek bar ignores them."""

_NEAR_S = 0.5


def clock(seconds: float) -> str:
    """Return a time as people write it.

    >>> clock(65.9), clock(3725)
    ('1:05', '1:02:05')
    """
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


class SeekBar(QSlider):
    """A slider that jumps to where it is clicked and says the time under the pointer."""

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setMouseTracking(True)
        self.setSingleStep(5 * _UNITS)
        self.setPageStep(10 * _UNITS)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName("Position")
        self.installEventFilter(OwnKeys(self, Qt.Key.Key_Left, Qt.Key.Key_Right))

    def _time_at(self, x: float) -> int:
        handle = self.style().pixelMetric(QStyle.PixelMetric.PM_SliderLength, None, self)
        room = max(1, self.width() - handle)
        return QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), round(x - handle / 2), room)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self.setValue(self._time_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = self._time_at(event.position().x())
        if self.isSliderDown():
            self.setValue(at)
        where = self.mapToGlobal(QPoint(round(event.position().x()) - 16, -38))
        QToolTip.showText(where, clock(at / _UNITS), self)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(False)


class Transport(QWidget):
    """Buttons, seek bar, time and duration of a source that can be sought.

    Signals:
        sought(Fraction): a person wants the frame at so many seconds.
    """

    sought = Signal(object)

    def __init__(self, actions: dict[str, QAction]) -> None:
        super().__init__()
        self.setObjectName("transport")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.bar = SeekBar()
        self.bar.valueChanged.connect(self._moved)
        self.time = QLabel("0:00")
        self.duration = QLabel("0:00")
        self.duration.setObjectName("muted")
        self._target: Fraction | None = None
        self._until_s = 0.0
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 5, 8, 5)
        layout.setSpacing(4)
        for name in ("step_back", "play_pause", "step_forward"):
            layout.addWidget(_button(actions[name]))
        layout.addSpacing(6)
        layout.addWidget(self.time)
        layout.addSpacing(6)
        layout.addWidget(self.bar, 1)
        layout.addSpacing(6)
        layout.addWidget(self.duration)
        layout.addSpacing(6)
        layout.addWidget(_button(actions["loop"]))

    def set_duration(self, duration: Fraction | None) -> None:
        """Say how long the source is; None or 0 = unknown."""
        total = duration or Fraction(0)
        with QSignalBlocker(self.bar):
            self.bar.setRange(0, int(total * _UNITS))
        self.bar.setEnabled(total > 0)
        self.duration.setText(clock(float(total)))
        # the row must not move when a digit is added
        self.time.setMinimumWidth(self.time.fontMetrics().horizontalAdvance(self.duration.text()))
        self._target = None

    def set_position(self, pts: Fraction) -> None:
        """Follow the picture that is shown, unless a person holds the handle."""
        settling = self._target is not None and time.monotonic() < self._until_s
        if settling and abs(pts - (self._target or 0)) > _NEAR_S:
            return
        self._target = None
        if not self.bar.isSliderDown():
            with QSignalBlocker(self.bar):
                self.bar.setValue(int(pts * _UNITS))
            self._show_time(pts)

    @property
    def position(self) -> Fraction:
        """Seconds that the seek bar shows."""
        return Fraction(self.bar.value(), _UNITS)

    def seek(self, pts: Fraction) -> None:
        """Ask for another position."""
        last = Fraction(self.bar.maximum(), _UNITS)
        self._target = min(max(pts, Fraction(0)), last)
        self._until_s = time.monotonic() + _SETTLE_S
        with QSignalBlocker(self.bar):
            self.bar.setValue(int(self._target * _UNITS))
        self._show_time(self._target)
        self.sought.emit(self._target)

    def _moved(self, value: int) -> None:
        self.seek(Fraction(value, _UNITS))

    def _show_time(self, pts: Fraction) -> None:
        text = clock(float(pts))
        if text != self.time.text():
            self.time.setText(text)


def _button(action: QAction) -> QToolButton:
    button = QToolButton()
    button.setDefaultAction(action)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.installEventFilter(OwnKeys(button, Qt.Key.Key_Space))
    return button
