"""The first start: something to see at once, and a card that says what to try."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from yolact_live.assets import asset
from yolact_live.gui.actions import OwnKeys
from yolact_live.gui.chosen import Chosen
from yolact_live.gui.tasks import Tasks
from yolact_live.gui.translation import tr

_MARGIN_PX = 24
THINGS = (
    ("", "Drop a video onto the picture"),
    ("camera", "Pick a camera"),
    ("record", "Record what you see"),
    ("palette", "Find anything by its name"),
    ("shortcuts", "See all keys"),
)
"""Action, whose key is shown, and what it is good for."""


class Card(QFrame):
    """Says what to try, on the picture, until a person has seen it."""

    def __init__(self, view: QWidget, actions: dict[str, QAction], chosen: Chosen) -> None:
        super().__init__(view)
        self.setObjectName("card")
        self.setAccessibleName(tr("What to try"))
        self._view = view
        self._wanted = True
        title = QLabel(tr("Welcome. Things to try:"))
        title.setObjectName("title")
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        for row, (action, words) in enumerate(THINGS):
            shortcut = actions[action].shortcut() if action else QKeySequence()
            key = QLabel(shortcut.toString(QKeySequence.SequenceFormat.NativeText) or tr("drag"))
            key.setObjectName("key")
            key.setAlignment(Qt.AlignmentFlag.AlignCenter)
            grid.addWidget(key, row, 0)
            grid.addWidget(QLabel(tr(words)), row, 1)
        self.button = QPushButton(tr("Got it"))
        self.button.setToolTip(tr("Do not show this again"))
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.installEventFilter(OwnKeys(self.button, Qt.Key.Key_Space))
        self.button.clicked.connect(partial(chosen.prefer, welcome=False))
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 14, 18, 14)
        column.setSpacing(10)
        column.addWidget(title)
        column.addLayout(grid)
        column.addWidget(self.button)
        view.installEventFilter(self)
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Show):
            self._place()
        return False

    def give_way(self, on: bool) -> None:
        """Disappear for a while, or come back."""
        self._wanted = not on
        self._place()

    def _place(self) -> None:
        """Stay in the lower left corner; give way where the picture has no room for both."""
        self.adjustSize()
        self.move(_MARGIN_PX, self._view.height() - self.height() - _MARGIN_PX)
        self.setVisible(self._wanted and self._view.height() > self.height() + 2 * _MARGIN_PX)


def first_source(tasks: Tasks, then: Callable[[str], None]) -> None:
    """Hand over what to open at the first start: a camera, or the demo clip where there is none."""

    def find() -> str | None:
        from yolact_live.capture import list_sources

        return next((listed.source for listed in list_sources() if listed.kind == "camera"), None)

    def offer(found: str | Exception | None) -> None:
        demo = str(asset("demo.mp4"))
        then(found if isinstance(found, str) else demo)

    tasks.run(find, offer)
