"""The tool bar, with the menus of sources and of all actions."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolBar, QToolButton, QWidget

from yolact_live.gui.actions import ACTIONS, GROUPS, OwnKeys
from yolact_live.gui.tasks import Tasks
from yolact_live.gui.translation import short, spoken, tr

if TYPE_CHECKING:
    from yolact_live.capture import Listed

REFRESH_MS = 2000
"""Cameras that are plugged in or out while their list is open appear and go within this time."""

_LEFT = ("open_file", "camera", "", "play_pause", "stop", "", "record", "snapshot")
_RIGHT = ("full_screen", "settings", "menu")
_MORE = {
    "record": ("record_video", "record_annotations", "record_both", "", "record_pause", "", "recordings"),
    "snapshot": ("snapshot_plain", "snapshot_copy", "", "snapshots"),
}
"""Action → what is in the menu beside its button."""
_BESIDE = QToolButton.ToolButtonPopupMode.MenuButtonPopup


class ToolBar(QToolBar):
    """What is used most.

    Signals:
        chosen(str): a person picked this source.
    """

    chosen = Signal(str)

    def __init__(self, actions: dict[str, QAction], tasks: Tasks) -> None:
        super().__init__(tr("Tools"))
        self._tasks = tasks
        self.setMovable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setIconSize(QSize(20, 20))
        for name in _LEFT:
            if name:
                self.addAction(actions[name])
            else:
                self.addSeparator()
        spacer = QWidget()
        spacer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(spacer)
        for name in _RIGHT:
            self.addAction(actions[name])
            self._button(actions[name]).setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self._leave_room(actions["play_pause"], tr("Pause"))
        for name, more in _MORE.items():
            self._add_more(actions[name], [actions[other] if other else None for other in more])
        self._leave_room(actions["record"], tr("Finish"))
        self.open = self._add_menu(actions["open_file"], _BESIDE)
        self.cameras = self._add_menu(actions["camera"])
        self.cameras.aboutToShow.connect(self._list_cameras)
        self._listed: list[Listed] | None = None
        self._refresh = QTimer(self.cameras)
        self._refresh.setInterval(REFRESH_MS)
        self._refresh.setSingleShot(True)
        self._refresh.timeout.connect(self._find)
        self.cameras.aboutToHide.connect(self._refresh.stop)
        self.all = self._add_menu(actions["menu"])
        _fill(self.all, actions)
        keys = OwnKeys(self, Qt.Key.Key_Space)
        for button in self.findChildren(QToolButton):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.installEventFilter(keys)

    def show_menu(self, action: QAction) -> None:
        """Open the menu of a button, as the keyboard does it."""
        self._button(action).showMenu()

    def _button(self, action: QAction) -> QToolButton:
        button = self.widgetForAction(action)
        assert isinstance(button, QToolButton)
        return button

    def _leave_room(self, action: QAction, text: str) -> None:
        """The buttons beside it must not move when its text becomes this one."""
        button, measure = self._button(action), self.fontMetrics().horizontalAdvance
        more = max(0, measure(text) - measure(button.text()))
        button.setMinimumWidth(button.sizeHint().width() + more)

    def _add_more(self, action: QAction, more: list[QAction | None]) -> None:
        """Put a menu beside a button; None is a line."""
        menu = self._add_menu(action, _BESIDE)
        for other in more:
            if other:
                menu.addAction(other)
            else:
                menu.addSeparator()

    def _add_menu(
        self,
        action: QAction,
        mode: QToolButton.ToolButtonPopupMode = QToolButton.ToolButtonPopupMode.InstantPopup,
    ) -> QMenu:
        button = self._button(action)
        menu = QMenu(button)
        button.setMenu(menu)
        button.setPopupMode(mode)
        return menu

    def _list_cameras(self) -> None:
        if self.cameras.isEmpty():
            self.cameras.addAction(tr("Looking for cameras …")).setEnabled(False)
        self._find()

    def _find(self) -> None:
        def find() -> list[Listed]:
            from yolact_live.capture import list_sources

            return list_sources()

        self._tasks.run(find, self._offer)

    def _offer(self, found: list[Listed] | Exception) -> None:
        if self.cameras.isVisible():
            self._refresh.start()
        sources = [] if isinstance(found, Exception) else found
        if sources == self._listed:
            return  # what is under the pointer stays there
        self._listed = sources
        self.cameras.clear()
        for modes in self.cameras.findChildren(QMenu):
            modes.deleteLater()
        cameras = [listed for listed in sources if listed.kind == "camera"]
        if not cameras:
            self.cameras.addAction(tr("No camera found")).setEnabled(False)
        for camera in cameras:
            self._offer_camera(camera)
        kind = "camera"
        for listed in sources[len(cameras) :]:
            if listed.kind != kind:
                self.cameras.addSeparator()
                kind = listed.kind
            self.cameras.addAction(spoken(listed.name), partial(self.chosen.emit, listed.source))

    def _offer_camera(self, camera: Listed) -> None:
        name = camera.name.replace("&", "&&")
        self.cameras.addAction(name, partial(self.chosen.emit, camera.source))
        if not camera.modes:
            return
        modes = self.cameras.addMenu(tr("{camera} at", camera=name))
        for mode in camera.modes:
            size = f"{mode.width} × {mode.height}"
            text = tr("{size} · {rate} fps", size=size, rate=short(mode.rate)) if mode.rate else size
            modes.addAction(text, partial(self.chosen.emit, f"{camera.source}@{mode}"))


def _fill(menu: QMenu, actions: dict[str, QAction]) -> None:
    """Put all actions into a menu, each group in one of its own."""
    for group, title in GROUPS.items():
        part = menu.addMenu(tr(title))
        for spec in ACTIONS:
            if spec.group == group and spec.name not in ("camera", "menu"):  # they are menus themselves
                part.addAction(actions[spec.name])
