"""What is around the picture, and how it gives way to the picture alone."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from yolact_live.gui.docks import Docks

LINGER_MS = 2500
"""The rows over a picture that is alone, and the pointer, disappear when nothing moves for so long."""


class Surroundings(QObject):
    """Hides all but the picture, and brings it back as it was.

    While the picture is alone, the rows that belong under it lie over its lower edge when the
    pointer moves.

    Args:
        column: holds the picture; gets what stands under it.
        view: the picture.
        under: what stands under it, from top to bottom.
        around: what else is hidden.

    Attributes:
        rows: holds what stands under the picture.

    Signals:
        changed(bool): whether the picture is alone now.
    """

    changed = Signal(bool)

    def __init__(
        self,
        column: QBoxLayout,
        view: QWidget,
        under: list[QWidget],
        around: list[QWidget],
        docks: Docks,
    ) -> None:
        super().__init__(view)
        self._column = column
        self._view = view
        self._around = around
        self._docks = docks
        self._panels: QByteArray | None = None  # to come back; None = the picture is not alone
        self.rows = QWidget()
        inside = QVBoxLayout(self.rows)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(0)
        for widget in under:
            inside.addWidget(widget)
        column.addWidget(self.rows)
        self._timer = QTimer(self, singleShot=True, interval=LINGER_MS)
        self._timer.timeout.connect(self._sink)
        view.installEventFilter(self)

    @property
    def hidden(self) -> bool:
        """Whether the picture is alone."""
        return self._panels is not None

    @property
    def layout(self) -> QByteArray:
        """Where the panels are, or will be again."""
        return self._panels or self._docks.layout()

    def hide(self, on: bool) -> None:
        """Leave the picture alone, or bring everything back."""
        if on == self.hidden:
            return
        if self._panels is not None:
            self._docks.restore(self._panels)
            self._panels = None
            self._timer.stop()
            self._view.unsetCursor()
            self._column.addWidget(self.rows)
            self.rows.show()
        else:
            self._panels = self._docks.layout()
            self._docks.show(False)
            self.rows.setParent(self._view)
            self._rise()
        for widget in self._around:
            widget.setVisible(not on)
        self.changed.emit(on)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if self.hidden and event.type() in (QEvent.Type.MouseMove, QEvent.Type.Resize):
            self._rise()
        return False

    def _rise(self) -> None:
        """Lay the rows over the picture for a while."""
        height = self.rows.sizeHint().height()
        self.rows.setGeometry(0, self._view.height() - height, self._view.width(), height)
        self.rows.show()
        if self._view.cursor().shape() == Qt.CursorShape.BlankCursor:
            self._view.unsetCursor()
        self._timer.start()

    def _sink(self) -> None:
        if self.rows.underMouse() or self.rows.isAncestorOf(self._view.window().focusWidget() or self._view):
            self._timer.start()
            return
        self.rows.hide()
        self._view.setCursor(Qt.CursorShape.BlankCursor)
