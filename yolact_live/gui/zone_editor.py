"""Drawing lines and zones over the picture with the pointer."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QInputDialog, QWidget

from yolact_live.gui import theme
from yolact_live.gui.actions import OwnKeys
from yolact_live.gui.captions import paint_plate
from yolact_live.gui.translation import tr
from yolact_live.gui.video_view import VideoView
from yolact_live.places import Line, Place, Point, Zone

_NEAR_PX = 10.0
_HANDLE_PX = 5.0
HINT = (
    "Click to draw: two points make a line, more a zone",
    "Enter or double-click finishes, Esc leaves · drag points · Delete removes · F2 renames",
    "Ctrl+Z undoes · without a mouse: arrows move, Space sets a point, Tab selects",
)
_FINISH = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_REMOVE = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
_STEPS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}
# How far a key moves the pointer, in the picture; with Shift.
_STEP, _LONG_STEP = 0.01, 0.1
_Left = Qt.MouseButton.LeftButton


class ZoneEditor(QWidget):
    """Lies over the video while lines and zones are drawn.

    Attributes:
        places: lines and zones, as they are now.
        points: of what is being drawn.
        selected: which place was touched last; None = none.

    Signals:
        changed: ``places`` are others.
        left: the person is done.
    """

    changed = Signal()
    left = Signal()

    def __init__(self, view: VideoView) -> None:
        super().__init__(view)
        self._view = view
        self.places: tuple[Place, ...] = ()
        self.points: list[Point] = []
        self.selected: int | None = None
        self._grabbed: int | None = None  # which of the selected place's points is dragged
        self._pointer: Point | None = None
        self._by_keys = False  # the pointer is moved by keys, and not that of the system
        self._before: list[tuple[Place, ...]] = []  # places before each change
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Lines and zones"))
        own = (*_FINISH, *_REMOVE, *_STEPS, Qt.Key.Key_Space, Qt.Key.Key_Escape, Qt.Key.Key_F2)
        self.installEventFilter(OwnKeys(self, *own))
        view.installEventFilter(self)
        self.hide()

    def begin(self, places: tuple[Place, ...]) -> None:
        """Let a person change these."""
        self.places, self.selected = places, None
        self.points.clear()
        self._before.clear()
        self.setGeometry(self._view.rect())
        self.show()
        self.raise_()
        self.setFocus()

    def end(self) -> None:
        """Draw no more; what was begun is dropped."""
        self.points.clear()
        if self.isVisible():
            self.hide()
            self._view.setFocus()

    def rename(self) -> None:
        """Ask for another name of the selected place."""
        if self.selected is None:
            return
        place = self.places[self.selected]
        taken = {other.name for other in self.places if other is not place}
        name, wanted = QInputDialog.getText(self, tr("Rename"), tr("Name:"), text=place.name)
        name = name.strip()
        if wanted and name and name not in taken:
            kind = Line(name, place.points) if isinstance(place, Line) else Zone(name, place.points)
            self._replace(kind)

    # ---------------------------------------------------------------- changing

    def _finish(self) -> None:
        """Make a place of the points."""
        points = list(dict.fromkeys(self.points))  # a double click gives its point twice
        self.points.clear()
        if len(points) >= 2:
            place: Place
            if len(points) == 2:
                place = Line(self._free_name(tr("line")), (points[0], points[1]))
            else:
                place = Zone(self._free_name(tr("zone")), tuple(points))
            self.selected = len(self.places)
            self._set((*self.places, place))
        self.update()

    def _free_name(self, kind: str) -> str:
        taken = {place.name for place in self.places}
        return next(name for i in range(1, len(taken) + 2) if (name := f"{kind} {i}") not in taken)

    def _remove(self) -> None:
        if self.points:
            self.points.pop()
        elif self.selected is not None:
            gone, self.selected = self.selected, None
            self._set(self.places[:gone] + self.places[gone + 1 :])
        self.update()

    def undo(self) -> None:
        """Take back the last point, or else the last change of places since drawing began."""
        if self.points:
            self.points.pop()
        elif self._before:
            self.places, self.selected = self._before.pop(), None
            self.changed.emit()
        self.update()

    def _drag(self, to: Point) -> None:
        assert self.selected is not None
        assert self._grabbed is not None
        place, i = self.places[self.selected], self._grabbed
        if to in place.points:
            return
        moved = (*place.points[:i], to, *place.points[i + 1 :])
        if isinstance(place, Line):
            self._replace(Line(place.name, (moved[0], moved[1])))
        else:
            self._replace(Zone(place.name, moved))

    def _replace(self, place: Place) -> None:
        assert self.selected is not None
        self._set((*self.places[: self.selected], place, *self.places[self.selected + 1 :]))

    def _set(self, places: tuple[Place, ...]) -> None:
        if self._grabbed is None:
            self._before.append(self.places)
        self.places = places
        self.changed.emit()
        self.update()

    # ---------------------------------------------------------------- pointer and keys

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != _Left:
            return
        point = self._to_picture(event.position())
        touched = None if self.points else self._touched(event.position())
        if touched is None:
            self.selected = None
            self.points.append(point)
        else:
            self.selected, self._grabbed = touched
            if self._grabbed is not None:  # a drag is one change
                self._before.append(self.places)
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer, self._by_keys = self._to_picture(event.position()), False
        if self._grabbed is not None:
            self._drag(self._pointer)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._grabbed is not None and self._before[-1] == self.places:
            self._before.pop()
        self._grabbed = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.points:
            self._finish()
        else:
            self.rename()

    def leaveEvent(self, event: QEvent) -> None:
        self._pointer = None
        self.update()

    def event(self, event: QEvent) -> bool:
        undo = isinstance(event, QKeyEvent) and event.matches(QKeySequence.StandardKey.Undo)
        if undo and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes through the places; Esc gives the focus back."""
        if self.places and not self.points:
            step = 1 if forward else -1
            start = (-1 if forward else 0) if self.selected is None else self.selected
            self.selected = (start + step) % len(self.places)
            self.update()
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if event.matches(QKeySequence.StandardKey.Undo):
            self.undo()
        elif key in _STEPS:
            self._step(*_STEPS[Qt.Key(key)], bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        elif key == Qt.Key.Key_Space:
            self._step(0, 0)
            assert self._pointer is not None
            self.points.append(self._pointer)
        elif key in _FINISH:
            self._finish()
        elif key in _REMOVE:
            self._remove()
        elif key == Qt.Key.Key_F2:
            self.rename()
        elif key == Qt.Key.Key_Escape and self.points:
            self.points.clear()
            self.update()
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def _step(self, x: int, y: int, far: bool = False) -> None:
        """Move the pointer by keys; it begins in the middle."""
        step, (left, top) = (_LONG_STEP if far else _STEP), self._pointer or (0.5, 0.5)
        self._pointer = min(max(left + step * x, 0.0), 1.0), min(max(top + step * y, 0.0), 1.0)
        self._by_keys = True
        self.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.setGeometry(self._view.rect())
        return False

    def _touched(self, at: QPointF) -> tuple[int, int | None] | None:
        """Return which place is under the pointer, and which of its points; the last is on top."""
        for i in reversed(range(len(self.places))):
            corners = [self._to_widget(point) for point in self.places[i].points]
            for k, corner in enumerate(corners):
                if _apart(corner, at) <= _NEAR_PX:
                    return i, k
            ends = corners[1:] + (corners[:1] if isinstance(self.places[i], Zone) else [])
            if any(_beside(a, b, at) <= _NEAR_PX for a, b in zip(corners, ends, strict=False)):
                return i, None
        return None

    # ---------------------------------------------------------------- places

    def _to_picture(self, at: QPointF) -> Point:
        """Return a point of the widget in the picture, 0 to 1."""
        viewport, ratio = self._view.viewport, self.devicePixelRatioF()
        x, y = viewport.to_picture(at.x() * ratio, at.y() * ratio)
        width, height = viewport.picture
        return min(max(x / width, 0.0), 1.0), min(max(y / height, 0.0), 1.0)

    def _to_widget(self, point: Point) -> QPointF:
        viewport, ratio = self._view.viewport, self.devicePixelRatioF()
        width, height = viewport.picture
        x, y = viewport.to_room(point[0] * width, point[1] * height)
        return QPointF(x / ratio, y / ratio)

    # ---------------------------------------------------------------- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for i, place in enumerate(self.places):
            self._paint(painter, list(place.points), isinstance(place, Zone), i == self.selected)
        if self.points:
            self._paint(painter, [*self.points, *([self._pointer] if self._pointer else [])], False, True)
        if self._by_keys and self._pointer:
            self._paint(painter, [self._pointer], False, True)
        room = QRectF(self.rect()).adjusted(12, 12, -12, -12)
        paint_plate(painter, room, tuple(map(tr, HINT)), room.bottomRight())

    def _paint(self, painter: QPainter, points: list[Point], closed: bool, strong: bool) -> None:
        corners = [self._to_widget(point) for point in points]
        accent = QColor(theme.DARK.accent)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(accent if strong else QColor("white"), 2))
        painter.drawPolyline(QPolygonF(corners + corners[:1] if closed else corners))
        painter.setPen(QPen(QColor("black"), 1))
        painter.setBrush(accent if strong else QColor("white"))
        for corner in corners:
            painter.drawEllipse(corner, _HANDLE_PX, _HANDLE_PX)


def _apart(a: QPointF, b: QPointF) -> float:
    return math.hypot(a.x() - b.x(), a.y() - b.y())


def _beside(start: QPointF, end: QPointF, at: QPointF) -> float:
    """Return how far a point is from a stroke."""
    along = end - start
    length2 = QPointF.dotProduct(along, along)
    share = min(max(QPointF.dotProduct(at - start, along) / length2, 0.0), 1.0) if length2 else 0.0
    return _apart(start + along * share, at)
