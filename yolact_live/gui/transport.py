"""Play, pause, seek: the row under the picture."""

from __future__ import annotations

import math
import time
from fractions import Fraction
from functools import partial

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QAction, QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QToolButton, QWidget

from yolact_live.gui.actions import OwnKeys
from yolact_live.gui.seek_bar import UNITS, SeekBar, Span, clock
from yolact_live.gui.translation import tr

SPEEDS = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0, 4.0)

_SETTLE_S = 1.0
"""After a seek, frames from before it may still come for so long; the seek bar ignores them."""

_NEAR_S = 0.5
_SCRUB_S = 0.12
"""While the handle is dragged, a picture must not take longer to be found."""


class Transport(QWidget):
    """Buttons, seek bar, time, duration and speed of a source that can be sought.

    Attributes:
        length: seconds of the source, 0 = unknown.
        position: seconds of what is shown or was asked for last.

    Signals:
        sought(Fraction, float): a person wants the frame at so many seconds; one before it will
            do after so many seconds of work.
        sped(float): a person wants this speed.
    """

    sought = Signal(object, float)
    sped = Signal(float)

    def __init__(self, actions: dict[str, QAction]) -> None:
        super().__init__()
        self.setObjectName("transport")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.length = Fraction(0)
        self.bar = SeekBar()
        self.bar.valueChanged.connect(self._moved)
        self.bar.released.connect(self._settle)
        self.time, self.duration = QLabel(clock(0, parts=True)), QLabel(clock(0))
        self.time.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.time.setAccessibleName(tr("Time"))
        self.duration.setAccessibleName(tr("Duration"))
        self.duration.setObjectName("muted")
        for label in (self.time, self.duration):
            label.setFont(even_digits(label.font()))
        self.speed = self._make_speed()
        self.position = Fraction(0)
        self._target: Fraction | None = None
        self._until_s = 0.0
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 5, 8, 5)
        layout.setSpacing(4)
        for name in ("step_back", "play_pause", "step_forward"):
            layout.addWidget(action_button(actions[name]))
        layout.addSpacing(4)
        layout.addWidget(self.time)
        self._slash = QLabel("/")
        self._slash.setObjectName("muted")
        layout.addWidget(self._slash)
        layout.addWidget(self.duration)
        layout.addSpacing(8)
        layout.addWidget(self.bar, 1)
        layout.addStretch()
        layout.addSpacing(4)
        layout.addWidget(self.speed)
        layout.addWidget(action_button(actions["loop"]))

    def _make_speed(self) -> QToolButton:
        button = QToolButton()
        button.setToolTip(tr("Speed"))
        button.setAccessibleName(tr("Speed"))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.installEventFilter(OwnKeys(button, Qt.Key.Key_Space))
        menu = QMenu(button)
        for speed in SPEEDS:
            menu.addAction(_times(speed), partial(self.sped.emit, speed))
        button.setMenu(menu)
        button.setText(_times(1.0))
        widest = max(button.fontMetrics().horizontalAdvance(_times(speed)) for speed in SPEEDS)
        button.setMinimumWidth(widest + 24)  # the bar must not move when it changes
        return button

    def set_source(self, path: str | None, duration: Fraction | None) -> None:
        """Say what is open.

        Args:
            path: of a file, for small pictures; None = there are none.
            duration: None or 0 = unknown.
        """
        self.length = duration or Fraction(0)
        with QSignalBlocker(self.bar):
            self.bar.setRange(0, int(self.length * UNITS))
        for widget in (self.bar, self._slash, self.duration):
            widget.setVisible(self.length > 0)
        self.bar.set_file(path)
        self.duration.setText(clock(float(self.length), parts=True))
        # the row must not move when a digit is added
        self.time.setMinimumWidth(self.time.fontMetrics().horizontalAdvance(self.duration.text()) + 2)
        self._target = None

    def show_speed(self, speed: float) -> None:
        """Say how fast it plays."""
        if self.speed.text() != _times(speed):
            self.speed.setText(_times(speed))

    def show_span(self, span: Span) -> None:
        """Mark what is played."""
        if self.bar.span != span:
            self.bar.set_span(span)

    def set_position(self, pts: Fraction) -> None:
        """Follow the picture that is shown, unless a person holds the handle."""
        settling = self._target is not None and time.monotonic() < self._until_s
        if settling and abs(pts - (self._target or 0)) > _NEAR_S:
            return
        self._target = None
        if not self.bar.isSliderDown():
            self.position = pts
            with QSignalBlocker(self.bar):
                self.bar.setValue(int(pts * UNITS))
            self._show_time(pts)

    def seek(self, pts: Fraction, patience_s: float = math.inf) -> None:
        """Ask for another position; a frame before it will do after ``patience_s``."""
        last = Fraction(self.bar.maximum(), UNITS) if self.length else pts
        self.position = self._target = min(max(pts, Fraction(0)), last)
        self._until_s = time.monotonic() + _SETTLE_S
        with QSignalBlocker(self.bar):
            self.bar.setValue(int(self._target * UNITS))
        self._show_time(self._target)
        self.sought.emit(self._target, _SCRUB_S if self.bar.isSliderDown() else patience_s)

    def _moved(self, value: int) -> None:
        self.seek(Fraction(value, UNITS))

    def _settle(self) -> None:
        """Where the handle was let go, the picture is exact."""
        self.seek(Fraction(self.bar.value(), UNITS))

    def _show_time(self, pts: Fraction) -> None:
        text = clock(float(pts), parts=True)
        if text != self.time.text():
            self.time.setText(text)


def _times(speed: float) -> str:
    return f"{speed:g}×"


def even_digits(font: QFont) -> QFont:
    """Return a font whose digits are all as wide."""
    even = QFont(font)
    even.setFeature(QFont.Tag("tnum"), 1)
    return even


def action_button(action: QAction) -> QToolButton:
    """Return a button with the icon of an action; the space bar belongs to it while it has the focus."""
    button = QToolButton()
    button.setDefaultAction(action)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.installEventFilter(OwnKeys(button, Qt.Key.Key_Space))
    return button
