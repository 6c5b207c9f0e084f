"""The classes panel: which are looked for, which are made unrecognisable, how many there are now."""

from __future__ import annotations

from collections import Counter

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
)

from yolact_live.gui import theme
from yolact_live.gui.chosen import Chosen
from yolact_live.gui.panels.form import Panel
from yolact_live.gui.session import Session
from yolact_live.gui.translation import tr

_NAME, _NOW, _ONLY, _HIDE = range(4)
HEADINGS = ("Class", "Now", "", "Hide")
TIPS = (
    "Look for this class",
    "How many are seen now",
    "Look for this class only",
    "Make objects of this class unrecognisable",
)


class ClassesPanel(Panel):
    """A row for each class that the model knows."""

    def __init__(self, chosen: Chosen) -> None:
        super().__init__(fills=True)
        self._chosen = chosen
        self._names: tuple[str, ...] = ()
        self._cells: dict[tuple[int, int], QTableWidgetItem] = {}
        self._nothing_checked = False  # a person has cleared the list, and will check some
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Search"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)
        tip = tr("Show only classes with these letters in their names")
        self.adopt(self.search, tr("Search classes"), tip)
        self.search.setToolTip(tip)
        self.table = _Table()
        self.table.itemChanged.connect(self._changed)
        self.table.cellClicked.connect(lambda row, column: self.solo(row) if column == _ONLY else None)
        self.table.chosen.connect(self.solo)
        self.table.setToolTip(tr("What to look for, and what to hide"))
        self.adopt(self.table, tr("Classes"), tr("Space checks a cell, Enter looks for one class only"))
        buttons = QHBoxLayout()
        self.all = self._add(buttons, tr("All"), tr("Look for every class"), self._check_all)
        self.none = self._add(buttons, tr("None"), tr("Check nothing, to choose some then"), self._check_none)
        self.hint = QLabel(tr("The classes are listed once a model runs."))
        self.hint.setWordWrap(True)
        self.hint.setObjectName("muted")
        self.column.addWidget(self.search)
        self.column.addLayout(buttons)
        self.column.addWidget(self.hint)
        self.column.addWidget(self.table)
        chosen.changed.connect(self._show)
        chosen.rejected.connect(self._show)

    def follow(self, session: Session) -> None:
        """Show the model's classes, and how many of each are in the picture."""
        pipeline = session.pipeline
        if pipeline and pipeline.engine and pipeline.engine.contract.labels != self._names:
            self._names = pipeline.engine.contract.labels
            self._nothing_checked = False
            self._fill()
        if not self._names or not self.isVisible():
            return
        self._colour()
        counts: Counter[int] = Counter()
        if session.result and session.result.instances.names == self._names:
            counts.update(session.result.instances.labels.tolist())
        for row in range(len(self._names)):
            text, item = str(counts[row] or ""), self._cells[row, _NOW]
            if item.text() != text:
                with QSignalBlocker(self.table):
                    item.setText(text)
                self.table.viewport().update()

    def _colour(self) -> None:
        """Let what can be clicked look like it, in the theme in force."""
        link = QColor(theme.current().accent)
        if self._cells[0, _ONLY].foreground().color() != link:
            with QSignalBlocker(self.table):
                for row in range(len(self._names)):
                    self._cells[row, _ONLY].setForeground(link)

    def solo(self, row: int) -> None:
        """Look for one class only, besides those that must be found to be hidden; again: for all."""
        name, hidden = self._names[row], self._chosen.settings.blur
        only = tuple(other for other in self._names if other == name or other in hidden)
        self._nothing_checked = False
        self._chosen.choose(classes=() if only == self._chosen.settings.classes else only)

    def _add(self, layout: QHBoxLayout, text: str, tip: str, press: object) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(tip)
        button.clicked.connect(press)
        self.adopt(button, text, tip)
        layout.addWidget(button)
        return button

    def _fill(self) -> None:
        with QSignalBlocker(self.table):
            self.table.setRowCount(0)
            self.table.setRowCount(len(self._names))
            for row, name in enumerate(self._names):
                for column, text in ((_NAME, name), (_NOW, ""), (_ONLY, tr("only")), (_HIDE, "")):
                    item = self._cells[row, column] = _item(column, text, name)
                    self.table.setItem(row, column, item)
        self._show()
        self._filter(self.search.text())

    def _show(self, *_: object) -> None:
        now = self._chosen.settings
        if now.classes:
            self._nothing_checked = False
        with QSignalBlocker(self.table):
            for row, name in enumerate(self._names):
                looked_for = not self._nothing_checked and (not now.classes or name in now.classes)
                for column, on in ((_NAME, looked_for), (_HIDE, name in now.blur)):
                    self._cells[row, column].setCheckState(
                        Qt.CheckState.Checked if on else Qt.CheckState.Unchecked
                    )
        self.table.viewport().update()
        hint = tr("Nothing is checked: check what to look for.") if self._nothing_checked else ""
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint) or not self._names)

    def _changed(self, item: QTableWidgetItem) -> None:
        now, name = self._chosen.settings, self._names[item.row()]
        if item.column() == _HIDE:
            hidden = tuple(other for other in self._names if self._checked(other, _HIDE))
            classes = now.classes
            if classes and name in hidden and name not in classes:
                classes = (*classes, name)
            self._chosen.choose(blur=hidden, classes=classes)
        elif item.column() == _NAME:
            checked = tuple(other for other in self._names if self._checked(other, _NAME))
            self._nothing_checked = not checked
            if checked:
                self._chosen.choose(classes=() if checked == self._names else checked)
        self._show()

    def _checked(self, name: str, column: int) -> bool:
        return self._cells[self._names.index(name), column].checkState() == Qt.CheckState.Checked

    def _check_all(self) -> None:
        self._nothing_checked = False
        self._chosen.choose(classes=())
        self._show()

    def _check_none(self) -> None:
        self._nothing_checked = bool(self._names)
        self._chosen.choose(classes=())
        self._show()

    def _filter(self, text: str) -> None:
        for row, name in enumerate(self._names):
            self.table.setRowHidden(row, text.strip().lower() not in name.lower())


class _Table(QTableWidget):
    """The rows.

    Signals:
        chosen(int): Enter was pressed on a row.
    """

    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__(0, len(HEADINGS))
        for column, (heading, tip) in enumerate(zip(HEADINGS, TIPS, strict=True)):
            item = QTableWidgetItem(tr(heading))
            item.setToolTip(tr(tip))
            self.setHorizontalHeaderItem(column, item)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(_NAME, QHeaderView.ResizeMode.Stretch)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        header.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(26)
        self.setShowGrid(False)
        self.setMinimumHeight(180)
        self.setTabKeyNavigation(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentRow() >= 0:
            self.chosen.emit(self.currentRow())
        else:
            super().keyPressEvent(event)


def _item(column: int, text: str, name: str) -> QTableWidgetItem:
    item = QTableWidgetItem(text)
    item.setToolTip(tr(TIPS[column]))
    flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
    if column in (_NAME, _HIDE):
        flags |= Qt.ItemFlag.ItemIsUserCheckable
    else:
        item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    item.setFlags(flags)
    item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{name}: {tr(TIPS[column])}")
    return item
