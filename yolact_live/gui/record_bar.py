"""What becomes of a recording: a row under the picture while there is one."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from yolact_live.gui.keeper import Keeper
from yolact_live.gui.seek_bar import clock
from yolact_live.gui.status import ElidedLabel, put
from yolact_live.gui.translation import decimal, tr, whole
from yolact_live.gui.transport import action_button, even_digits

SCARCE = 1_000_000_000
"""Bytes on the disk below which a person should know."""


class RecordBar(QWidget):
    """State, time, size, what the disk has left, what was lost; pause, finish, open the folder."""

    def __init__(self, actions: dict[str, QAction]) -> None:
        super().__init__()
        self.setObjectName("recordbar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.state = QLabel()
        self.state.setObjectName("recording")
        self.time = QLabel()
        self.time.setFont(even_digits(self.time.font()))
        self.time.setAccessibleName(tr("Recorded"))
        self.amount = QLabel()
        self.left = QLabel()
        self.lost = QLabel()
        self.file = ElidedLabel(Qt.TextElideMode.ElideMiddle)
        self.file.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for label in (self.amount, self.left, self.lost, self.file):
            label.setObjectName("muted")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 3, 8, 3)
        layout.setSpacing(14)
        for label in (self.state, self.time, self.amount, self.left, self.lost):
            layout.addWidget(label)
            label.hide()
        layout.addWidget(self.file, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        for name in ("record_pause", "record", "recordings"):
            buttons.addWidget(action_button(actions[name]))
        layout.addLayout(buttons)
        self.hide()

    def follow(self, keeper: Keeper) -> None:
        """Say what is going on."""
        recording = keeper.recording
        self.setVisible(recording is not None or keeper.finishing > 0)
        if recording is None:
            self._show(tr("Finishing …"))
            return
        state = tr("○ Paused") if recording.paused else tr("● Recording")
        self._show(
            state,
            clock(float(recording.seconds)),
            as_bytes(keeper.written),
            tr("{amount} left", amount=as_bytes(keeper.free)) if keeper.free else "",
            tr("{n} dropped", n=whole(recording.dropped)) if recording.dropped else "",
            ", ".join(path.name for path in recording.outputs.paths),
        )
        self._warn(keeper.free < SCARCE)

    def _warn(self, scarce: bool) -> None:
        name = "recording" if scarce else "muted"
        if self.left.objectName() != name:
            self.left.setObjectName(name)
            self.left.style().polish(self.left)

    def _show(self, *texts: str) -> None:
        labels = (self.state, self.time, self.amount, self.left, self.lost, self.file)
        for label, text in zip(labels, texts + ("",) * len(labels), strict=False):
            put(label, text)


def as_bytes(count: int) -> str:
    """Write a number of bytes as people do.

    >>> as_bytes(900), as_bytes(14_230_000), as_bytes(52_100_000_000)
    ('1 kB', '14.2 MB', '52.1 GB')
    """
    for unit, size in (("GB", 1e9), ("MB", 1e6)):
        if count >= size:
            return f"{decimal(count / size)} {unit}"
    return f"{count / 1e3:.0f} kB"
