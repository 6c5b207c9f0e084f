"""All shortcuts, to look at and to change."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from yolact_live.gui.actions import ACTIONS, BY_NAME, GROUPS
from yolact_live.gui.shortcuts import Shortcuts, readable
from yolact_live.gui.translation import tr

_NAME = Qt.ItemDataRole.UserRole


class ShortcutsDialog(QDialog):
    """A table of actions and keys; below it the keys of the one that is chosen."""

    def __init__(self, window: QWidget, shortcuts: Shortcuts) -> None:
        super().__init__(window)
        self.setWindowTitle(tr("Keyboard shortcuts"))
        self._shortcuts = shortcuts
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Search actions and keys"))
        self.search.setAccessibleName(tr("Search actions and keys"))
        self.search.setToolTip(tr("Show only actions with these letters in their names or keys"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)
        self.list = QTreeWidget()
        self.list.setHeaderLabels([tr("Action"), tr("Keys")])
        self.list.setAccessibleName(tr("Shortcuts"))
        self.list.setToolTip(tr("Choose an action to change its keys"))
        self.list.setIndentation(14)
        self.list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.list.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.list.header().setStretchLastSection(False)
        self.list.currentItemChanged.connect(lambda: self._choose())
        self.keys = QKeySequenceEdit()
        self.keys.setMaximumSequenceLength(1)
        self.keys.setAccessibleName(tr("New key"))
        self.keys.setToolTip(tr("Press the keys that the action shall have"))
        self.keys.keySequenceChanged.connect(lambda: self._warn())
        self.add = self._button(tr("Add"), tr("Give the action these keys besides its own"), self._add)
        self.clear = self._button(tr("Remove keys"), tr("The action has no keys then"), lambda: self._set(()))
        self.back = self._button(
            tr("Default"), tr("Give the action the keys that it was made with"), self._reset
        )
        self.all_back = self._button(
            tr("All defaults"), tr("Give all actions the keys they were made with"), self._reset_all
        )
        self.note = QLabel()
        self.note.setObjectName("muted")
        self.note.setWordWrap(True)
        row = QHBoxLayout()
        row.addWidget(self.keys, 1)
        for button in (self.add, self.clear, self.back):
            row.addWidget(button)
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        bottom = QHBoxLayout()
        bottom.addWidget(self.all_back)
        bottom.addStretch(1)
        bottom.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(10)
        column.addWidget(self.search)
        column.addWidget(self.list, 1)
        column.addLayout(row)
        column.addWidget(self.note)
        column.addLayout(bottom)
        self.resize(560, min(620, window.height() - 40))
        self._items: dict[str, QTreeWidgetItem] = {}
        self._groups: list[tuple[QTreeWidgetItem, list[QTreeWidgetItem]]] = []
        for group, title in GROUPS.items():
            heading = QTreeWidgetItem([tr(title)])
            heading.setFlags(Qt.ItemFlag.ItemIsEnabled)
            self.list.addTopLevelItem(heading)
            self._groups.append((heading, []))
            for spec in ACTIONS:
                if spec.group == group:
                    item = self._items[spec.name] = QTreeWidgetItem([tr(spec.text).rstrip("…"), ""])
                    item.setData(0, _NAME, spec.name)
                    item.setToolTip(0, tr(spec.tip))
                    heading.addChild(item)
                    self._groups[-1][1].append(item)
        self.list.expandAll()
        self._show()
        self._choose()
        self.search.setFocus()

    def _button(self, text: str, tip: str, press: object) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(tip)
        button.setAutoDefault(False)
        button.clicked.connect(press)
        return button

    @property
    def _chosen(self) -> str | None:
        item = self.list.currentItem()
        return item.data(0, _NAME) if item else None

    def _show(self) -> None:
        clashes = self._shortcuts.clashes()
        for name, item in self._items.items():
            keys = self._shortcuts.keys(name)
            item.setText(1, readable(keys))
            font = item.font(1)
            font.setBold(self._shortcuts.changed(name))
            item.setFont(1, font)
            rivals = [other for key in keys for other in clashes.get(key, ()) if other != name]
            others = [tr(BY_NAME[other].text) for other in rivals]
            item.setToolTip(1, "")
            if others:
                names = ", ".join(others)
                item.setToolTip(1, tr("Does nothing: the same keys as {names}", names=names))
                item.setText(1, tr("{keys}  ⚠ also {names}", keys=readable(keys), names=names))

    def _choose(self) -> None:
        self.keys.clear()
        for widget in (self.keys, self.clear, self.back):
            widget.setEnabled(self._chosen is not None)
        self._warn()

    def _warn(self) -> None:
        """Say whose keys these are."""
        key, name = self.keys.keySequence().toString(), self._chosen
        owner = self._shortcuts.owner(key) if key else None
        self.add.setEnabled(bool(key and name and owner != name))
        self.add.setText(tr("Take over") if owner and owner != name else tr("Add"))
        if owner:
            action = tr(BY_NAME[owner].text)
            self.note.setText(tr("{keys} is used by “{action}”.", keys=readable((key,)), action=action))
        elif name:
            self.note.setText(tr(BY_NAME[name].tip))
        else:
            self.note.setText(tr("Choose an action to change its keys. Changed ones are bold."))

    def _add(self) -> None:
        if self._chosen:
            self._set((*self._shortcuts.keys(self._chosen), self.keys.keySequence().toString()))

    def _set(self, keys: tuple[str, ...]) -> None:
        if self._chosen:
            self._shortcuts.set(self._chosen, keys)
            self._show()
            self._choose()

    def _reset(self) -> None:
        if self._chosen:
            self._set(BY_NAME[self._chosen].keys)

    def _reset_all(self) -> None:
        for name in self._items:
            self._shortcuts.reset(name)
        self._show()
        self._choose()

    def _filter(self, text: str) -> None:
        wanted = text.strip().lower()
        for item in self._items.values():
            item.setHidden(wanted not in f"{item.text(0)} {item.text(1)}".lower())
        for heading, items in self._groups:
            heading.setHidden(all(item.isHidden() for item in items))
