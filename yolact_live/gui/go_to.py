"""The dialog that asks for a time."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QLineEdit, QVBoxLayout, QWidget

from yolact_live.gui.seek_bar import clock
from yolact_live.gui.translation import tr

_TIME = re.compile(r"(?:(?:(\d+):)?(\d+):)?(\d+(?:[.,]\d*)?)\s*s?")
_SHARE = re.compile(r"(\d+(?:[.,]\d*)?)\s*%")


def parse_time(text: str, length: Fraction) -> Fraction | None:
    """Return the seconds that a person means; None if they mean nothing.

    >>> [parse_time(text, Fraction(600)) for text in ("1:05.5", "25 %", "soon")]
    [Fraction(131, 2), Fraction(150, 1), None]
    """
    text = text.strip()
    if match := _SHARE.fullmatch(text):
        return length * Fraction(match[1].replace(",", ".")) / 100
    if match := _TIME.fullmatch(text):
        hours, minutes, seconds = (Fraction((part or "0").replace(",", ".")) for part in match.groups())
        return hours * 3600 + minutes * 60 + seconds
    return None


class GoTo(QDialog):
    """Asks for a time within a file.

    Args:
        position, length: seconds.
        then: called with the time that was chosen.
    """

    def __init__(
        self, parent: QWidget, position: Fraction, length: Fraction, then: Callable[[Fraction], object]
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Go to time"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._length, self._then = length, then
        self.edit = QLineEdit(clock(float(position), parts=True))
        self.edit.setAccessibleName(tr("Time"))
        self.edit.selectAll()
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        most = clock(float(length), parts=True)
        hint = QLabel(tr("As 1:05.5, 65.5 or 25 %; at most {most}.", most=most))
        hint.setObjectName("muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        for widget in (self.edit, hint, self.buttons):
            column.addWidget(widget)
        self.edit.textChanged.connect(self._check)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)

    def accept(self) -> None:
        pts = parse_time(self.edit.text(), self._length)
        if pts is not None and pts <= self._length:
            super().accept()
            self._then(pts)

    def _check(self, text: str) -> None:
        pts = parse_time(text, self._length)
        ok = pts is not None and pts <= self._length
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(ok)
