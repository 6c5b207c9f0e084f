"""The command palette: a person types some letters of what is wanted."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QHeaderView,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from yolact_live.gui.actions import GROUPS, Spec
from yolact_live.gui.chosen import Chosen
from yolact_live.gui.panels.controls import Choice, Control, label_of
from yolact_live.gui.translation import tr

_WIDTH_PX, _ROW_PX, _ROWS, _TOP_PX = 560, 30, 12, 60
_LIST_KEYS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


@dataclass(frozen=True)
class Entry:
    """Something that can be done: its words, its shortcut, and how it is done."""

    text: str
    keys: str
    do: Callable[[], object]


def actions_in(specs: Iterable[Spec], actions: dict[str, QAction]) -> Iterator[Entry]:
    """Return an entry for each action that makes sense now."""
    for spec in specs:
        action = actions[spec.name]
        if action.isEnabled() and spec.name != "palette":
            keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            yield Entry(f"{tr(GROUPS[spec.group])}: {action.text().rstrip('…')}", keys, action.trigger)


def choices_in(chosen: Chosen, controls: dict[str, Control]) -> Iterator[Entry]:
    """Return an entry for each value that a setting can be given."""
    for field in dataclasses.fields(chosen.settings):
        control = controls.get(field.name)
        for value, words in control.choices() if isinstance(control, Choice) else ():
            if value != getattr(chosen.settings, field.name):
                change = partial(chosen.choose, **{field.name: value})
                yield Entry(f"{label_of(field)}: {words}", "", change)


def likeness(wanted: str, text: str) -> float | None:
    """Say how well some letters fit a text: they occur in this order, best at the starts of words.

    Returns:
        The higher the better; None if they do not fit.
    """
    letters, text = wanted.lower().replace(" ", ""), text.lower()
    best: dict[int, float] = {-1: 0.0}  # position of the last letter → how good it is up to there
    for letter in letters:
        reached: dict[int, float] = {}
        for position, known in enumerate(text):
            if known != letter:
                continue
            start = position == 0 or not text[position - 1].isalnum()
            for last, value in best.items():
                if last < position:
                    next_to = last == position - 1 and last >= 0
                    gain = value + (3.0 if next_to else 2.0 if start else 0.5)
                    reached[position] = max(reached.get(position, gain), gain)
        best = reached
    return max(best.values()) - len(text) / 1000 if best else None


class Palette(QDialog):
    """A line to type in, and below it what fits, best first."""

    def __init__(self, window: QWidget, entries: Iterable[Entry]) -> None:
        super().__init__(window, Qt.WindowType.Popup)
        self.setObjectName("palette")
        self.setAccessibleName(tr("Find an action"))
        self._entries = list(entries)
        self.line = QLineEdit()
        self.line.setPlaceholderText(tr("What do you want to do?"))
        self.line.setAccessibleName(tr("What do you want to do?"))
        self.line.setToolTip(tr("Type some letters of an action or setting"))
        self.line.installEventFilter(self)
        self.line.textChanged.connect(self._search)
        self.line.returnPressed.connect(self._do)
        self.list = QTreeWidget()
        self.list.setColumnCount(2)
        self.list.setHeaderHidden(True)
        self.list.setRootIsDecorated(False)
        self.list.setFocusProxy(self.line)
        self.list.setAccessibleName(tr("What fits"))
        self.list.setToolTip(tr("What fits, best first"))
        self.list.header().setStretchLastSection(False)
        self.list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.list.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.list.itemClicked.connect(lambda: self._do())
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.addWidget(self.line)
        column.addWidget(self.list)
        self.setFixedSize(min(_WIDTH_PX, window.width() - 40), _ROW_PX * _ROWS + 60)
        self.move(
            window.mapToGlobal(window.rect().topLeft()).x() + (window.width() - self.width()) // 2,
            window.mapToGlobal(window.rect().topLeft()).y() + _TOP_PX,
        )
        self._search("")
        self.line.setFocus()

    def _search(self, wanted: str) -> None:
        found = [(likeness(wanted, entry.text), entry) for entry in self._entries]
        fitting = [(value, entry) for value, entry in found if value is not None]
        if wanted.strip():
            fitting.sort(key=lambda pair: -pair[0])
        self.list.clear()
        for _, entry in fitting:
            item = QTreeWidgetItem([entry.text, entry.keys])
            item.setData(0, Qt.ItemDataRole.UserRole, entry)
            item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.list.addTopLevelItem(item)
        first = self.list.topLevelItem(0)
        if first:
            self.list.setCurrentItem(first)

    def _do(self) -> None:
        item = self.list.currentItem()
        if item:
            entry: Entry = item.data(0, Qt.ItemDataRole.UserRole)
            self.close()
            entry.do()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the arrows move through the list while a person types."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() in _LIST_KEYS
        ):
            self.list.keyPressEvent(event)
            return True
        return False
