"""Panels around the picture: a person moves, floats, stacks and closes them."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, Qt, QTimer
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabBar, QTabWidget, QWidget

_VERSION = 2
"""Of the layout that is remembered; another one is ignored."""


class Docks:
    """The panels of a window."""

    def __init__(self, window: QMainWindow) -> None:
        self._window = window
        window.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self._docks: list[QDockWidget] = []
        self._put_away: list[QDockWidget] = []
        self._timer = QTimer(window, singleShot=True, interval=0)  # a move tells several things
        self._timer.timeout.connect(self._title)

    def add(self, name: str, title: str, panel: QWidget) -> QDockWidget:
        """Put a panel beside the picture, behind those that are there.

        Args:
            name: under which its place is remembered.
            title: what a person calls it.
        """
        dock = QDockWidget(title, self._window)
        dock.setObjectName(name)
        dock.setWidget(panel)
        for moved in (dock.topLevelChanged, dock.dockLocationChanged, dock.visibilityChanged):
            moved.connect(self._timer.start)
        self._docks.append(dock)
        self._stack()
        return dock

    def _stack(self) -> None:
        """Put all panels on the right, one behind the other."""
        for i, dock in enumerate(self._docks):
            self._window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
            if i:
                self._window.tabifyDockWidget(self._docks[i - 1], dock)
        self._docks[0].raise_()

    def reset(self) -> None:
        """Bring all panels back to where they were at first, as wide as they want to be."""
        self._put_away = []
        for dock in self._docks:
            dock.setFloating(False)
            dock.show()
        self._stack()
        width = max(widget.sizeHint().width() for widget in (*self._docks, *self._tab_bars()))
        self._window.resizeDocks(self._docks[:1], [width], Qt.Orientation.Horizontal)

    def toggle(self, name: str) -> None:
        """Bring a panel to the front; close the one that is there."""
        (dock,) = (dock for dock in self._docks if dock.objectName() == name)
        if dock.isVisible() and not dock.visibleRegion().isEmpty():
            dock.close()
        else:
            dock.show()
            dock.raise_()

    def detach(self) -> None:
        """Let the panel in front float; dock one that floats again."""
        floating = [dock for dock in self._docks if dock.isFloating() and dock.isVisible()]
        if floating:
            floating[-1].setFloating(False)
        for dock in self._docks:
            if not floating and dock.isVisible() and not dock.visibleRegion().isEmpty():
                dock.setFloating(True)
                break

    def _tab_bars(self) -> list[QTabBar]:
        return self._window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)

    def _title(self) -> None:
        """Give titles to the panels that no tab names; a double click on a tab detaches its panel."""
        for dock in self._docks:
            beside = [other for other in self._window.tabifiedDockWidgets(dock) if not other.isHidden()]
            title = dock.titleBarWidget()
            if beside and not title:
                dock.setTitleBarWidget(QWidget(dock))
            elif title and not beside:
                dock.setTitleBarWidget(None)  # type: ignore[arg-type]
                title.deleteLater()
        for bar in self._tab_bars():
            if not bar.property("detaches"):
                bar.setProperty("detaches", True)
                bar.tabBarDoubleClicked.connect(lambda _: self.detach())

    @property
    def shown(self) -> bool:
        """Whether there is a panel that has not been closed."""
        return any(not dock.isHidden() for dock in self._docks)

    def show(self, on: bool) -> None:
        """Put all panels away, or bring those back that were put away; all if there are none."""
        if on:
            for dock in self._put_away or self._docks:
                dock.show()
            self._put_away = []
        elif self.shown:
            self._put_away = [dock for dock in self._docks if not dock.isHidden()]
            for dock in self._put_away:
                dock.hide()

    def layout(self) -> QByteArray:
        """Where the panels are."""
        return self._window.saveState(_VERSION)

    def restore(self, layout: QByteArray) -> None:
        """Put the panels where they were."""
        self._window.restoreState(layout, _VERSION)
