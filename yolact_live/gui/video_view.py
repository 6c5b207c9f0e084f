"""The picture, in the pixels of the screen, and what a person does with the pointer in it."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from yolact_live.gui import captions, theme
from yolact_live.gui.inspector import Facts, facts_of
from yolact_live.gui.picture import Darkroom, Shot, Wish
from yolact_live.gui.tasks import Latest
from yolact_live.gui.translation import tr
from yolact_live.gui.viewport import Viewport

if TYPE_CHECKING:
    from yolact_live.types import ByteArray, FrameResult, Instances, Trace

_ZOOM_STEP = 1.25
_WHEEL_NOTCH = 120
_PAN_SHARE = 0.1
_Left = Qt.MouseButton.LeftButton


class VideoView(QWidget):
    """Shows the newest picture, or a message where there is none; looks closer where a person wants.

    The wheel zooms to the pointer, dragging moves what is enlarged, the instance under the pointer
    is named, a click pins it: it is followed by its identity. Public methods without arguments are
    actions.

    Attributes:
        painted: pictures painted so far; each counts once however often it is painted again.
        title, hint: words that are shown without a picture, or over one that is not of now.
        viewport: which part is seen.
        pinned: what was known of the pinned instance when it was seen last; None = nothing is pinned.
        pointed: the instance under the pointer.
        recorded: what is said of a recording.

    Signals:
        double_clicked: with the left button.
        presented(Trace): a frame has come to the screen, at the time that the trace tells.
    """

    double_clicked = Signal()
    presented = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumSize(320, 180)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setMouseTracking(True)
        self.setAccessibleName(tr("Video"))
        self.painted = 0
        self.title = self.hint = ""
        self.viewport = Viewport()
        self.pinned: Facts | None = None
        self.pointed: Facts | None = None
        self.recorded: captions.Recorded | None = None
        self._picture: ByteArray | None = None
        self._instances: Instances | None = None
        self._trace: Trace | None = None
        self._shots = Latest(Darkroom().make, "yl-view")
        self._wish: Wish | None = None
        self._shot: Shot | None = None  # the image below is a view of it
        self._image: QImage | None = None
        self._counted: ByteArray | None = None
        self._highlighted = False
        self._clicked = False
        self._pointer: QPoint | None = None
        self._pressed: QPoint | None = None
        self._dragging = False
        self._pinned_before: Facts | None = None

    # ---------------------------------------------------------------- what is shown

    @property
    def has_picture(self) -> bool:
        """Whether a picture is shown rather than words."""
        return self._picture is not None

    def show_result(self, result: FrameResult) -> None:
        """Show an annotated frame; its instances can be pointed at."""
        self.show_picture(result.annotated, result.instances)
        self._trace = result.trace

    def show_picture(self, picture: ByteArray, instances: Instances | None = None) -> None:
        """Show an (H, W, 3) u8 BGR picture as soon as :meth:`poll` gets it. It must not change afterwards."""
        self._picture, self._instances, self._trace = picture, instances, None
        self.title = self.hint = ""
        self.viewport.set_picture(picture.shape[1], picture.shape[0])

    def show_message(self, title: str, hint: str = "") -> None:
        """Show words instead of a picture."""
        self._picture = self._instances = self._wish = self._shot = self._image = None
        self.pinned = self.pointed = None
        self._shots.forget()
        self.title, self.hint = title, hint
        self.update()

    def veil(self, title: str, hint: str = "") -> None:
        """Dim the picture until the next one, and say why none comes."""
        if (title, hint) != (self.title, self.hint):
            self.title, self.hint = title, hint
            self.update()

    def tell_recorded(self, recorded: captions.Recorded | None) -> None:
        """Say in a corner that a recording runs, and that only on the screen; None = say nothing."""
        if recorded != self.recorded:
            self.recorded = recorded
            self.update()

    def poll(self) -> bool:
        """Take a picture that has been made ready, and have the next one made. Called by a timer.

        Returns:
            Whether there was anything to do.
        """
        shot = self._shots.poll()
        if shot is not None and self._picture is not None:
            self._take(shot)
        wish = self._wanted()
        old = self._wish
        if wish is not None and (old is None or wish.picture is not old.picture or wish != old):
            self._wish, self._clicked = wish, False
            self._shots.want(wish)
            self._shots.poll()
            return True
        return shot is not None

    def shut(self) -> None:
        """Make no more pictures."""
        self._shots.close()

    def _wanted(self) -> Wish | None:
        if self._picture is None:
            return None
        self._measure()
        seen, goes = self.viewport.visible()
        where = self._pointed_at()
        return Wish(
            picture=self._picture,
            instances=self._instances,
            seen=seen,
            goes=goes,
            sharp=self.viewport.sharp,
            ratio=self.devicePixelRatioF(),
            pointer=self.viewport.to_picture(*where) if where and not self._dragging else None,
            pinned=self.pinned.identity if self.pinned else None,
            pin=self._clicked,
            trace=self._trace,
        )

    def _take(self, shot: Shot) -> None:
        self._shot, self.pointed = shot, shot.pointed
        if shot.wish.pin:
            self._pin(shot.pointed)
        if self.pinned and shot.followed:
            self.pinned = shot.followed
        self._image = QImage(
            shot.image.data, *shot.wish.goes.size, shot.image.strides[0], QImage.Format.Format_RGB32
        )
        self._image.setDevicePixelRatio(shot.wish.ratio)
        self.update()

    def highlight(self, on: bool) -> None:
        """Frame the view while something that can be opened is held over it."""
        self._highlighted = on
        self.update()

    # ---------------------------------------------------------------- actions

    def zoom_in(self) -> None:
        """Enlarge the middle of the picture."""
        self._zoom(_ZOOM_STEP)

    def zoom_out(self) -> None:
        """See more of the picture."""
        self._zoom(1 / _ZOOM_STEP)

    def zoom_fit(self) -> None:
        """See the whole picture."""
        self._measure()
        self.viewport.fit()
        self.update()

    def zoom_full(self) -> None:
        """Show one pixel of the picture as one of the screen."""
        self._measure()
        self.viewport.set_zoom(1.0, self._pointed_at())
        self.update()

    def pan_left(self) -> None:
        """See more of what is on the left."""
        self._pan(self.width() * _PAN_SHARE, 0)

    def pan_right(self) -> None:
        """See more of what is on the right."""
        self._pan(-self.width() * _PAN_SHARE, 0)

    def pan_up(self) -> None:
        """See more of what is above."""
        self._pan(0, self.height() * _PAN_SHARE)

    def pan_down(self) -> None:
        """See more of what is below."""
        self._pan(0, -self.height() * _PAN_SHARE)

    def pin_next(self) -> None:
        """Follow the next object, after the last one none."""
        found = self._instances
        if found is None:
            return
        after = self.pinned.identity if self.pinned else -1
        later = sorted((identity, i) for i, identity in enumerate(found.ids.tolist()) if identity > after)
        self._pin(facts_of(found, later[0][1]) if later else None)

    def _pin(self, facts: Facts | None) -> None:
        """Follow an instance; one without an identity cannot be followed."""
        self.pinned = facts if facts and facts.identity >= 0 else None
        self.update()

    def _zoom(self, factor: float, at: tuple[float, float] | None = None) -> None:
        self._measure()
        self.viewport.set_zoom(self.viewport.scale * factor, at)
        self.update()

    def _pan(self, dx: float, dy: float) -> None:
        """Move the picture by logical pixels."""
        self._measure()
        ratio = self.devicePixelRatioF()
        self.viewport.pan(dx * ratio, dy * ratio)
        self.update()

    def _measure(self) -> None:
        """The viewport counts pixels of the screen the window is on now."""
        ratio = self.devicePixelRatioF()
        self.viewport.room = (max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio)))

    def _pointed_at(self) -> tuple[float, float] | None:
        """Return where the pointer is, in pixels of the screen; None = elsewhere."""
        ratio = self.devicePixelRatioF()
        return (self._pointer.x() * ratio, self._pointer.y() * ratio) if self._pointer else None

    # ---------------------------------------------------------------- pointer

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == _Left:
            self._pressed = self._pointer = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        before, self._pointer = self._pointer, event.position().toPoint()
        if self._pressed is not None and not self._dragging:
            far = (self._pointer - self._pressed).manhattanLength() >= QApplication.startDragDistance()
            if far and self.viewport.scale > self.viewport.fitting:
                self._dragging = True
                self.setCursor(Qt.CursorShape.ClosedHandCursor)
        if self._dragging and before is not None:
            moved = self._pointer - before
            self._pan(moved.x(), moved.y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != _Left or self._pressed is None:
            return
        if self._dragging:
            self.unsetCursor()
        else:
            self._pinned_before, self._clicked = self.pinned, True
        self._pressed, self._dragging = None, False

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == _Left:
            self._clicked = False
            self._pin(self._pinned_before)  # the first click meant nothing by itself
            self.double_clicked.emit()

    def leaveEvent(self, event: QEvent) -> None:
        self._pointer = None
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self._picture is not None:
            self._pointer = event.position().toPoint()
            self._zoom(_ZOOM_STEP ** (event.angleDelta().y() / _WHEEL_NOTCH), self._pointed_at())

    def event(self, event: QEvent) -> bool:
        """Take the pinch of a touch pad, which has no handler of its own."""
        if not isinstance(event, QNativeGestureEvent):
            return super().event(event)
        if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self._pointer = event.position().toPoint()
            self._zoom(1 + event.value(), self._pointed_at())
        return True

    # ---------------------------------------------------------------- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.VIDEO_BACKGROUND))
        if self._image is None or self._shot is None:
            captions.paint_message(painter, self, self.title, self.hint)
        else:
            self._paint_picture(painter, self._image, self._shot)
            if self.title:
                captions.paint_veil(painter, self, self.title, self.hint)
            corner = captions.paint_corner(painter, self, self.viewport, self.recorded)
            if not self.title:
                self._paint_facts(painter, self._shot, corner)
        if self._highlighted:
            painter.setPen(QPen(QColor(theme.DARK.accent), 3))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(1, 1, -2, -2))

    def _paint_picture(self, painter: QPainter, image: QImage, shot: Shot) -> None:
        if shot.wish.picture is not self._counted:
            self.painted, self._counted = self.painted + 1, shot.wish.picture
            if shot.wish.trace:
                self.presented.emit(replace(shot.wish.trace, presented=time.perf_counter_ns()))
        self._measure()
        seen, ratio = shot.wish.seen, self.devicePixelRatioF()
        if self.viewport.visible() == (seen, shot.wish.goes):
            painter.drawImage(QPointF(shot.wish.goes.x1 / ratio, shot.wish.goes.y1 / ratio), image)
            return
        # until the new size is ready, the old picture is stretched to it
        corners = (self.viewport.to_room(seen.x1, seen.y1), self.viewport.to_room(seen.x2, seen.y2))
        painter.drawImage(QRectF(*(QPointF(x / ratio, y / ratio) for x, y in corners)), image)

    def _paint_facts(self, painter: QPainter, shot: Shot, corner: QPointF) -> None:
        if self.pinned:
            captions.paint_pinned(painter, self, self.pinned, shot.followed is not None, corner)
        if self.pointed and self._pointer:
            captions.paint_pointed(painter, self, self.pointed, self._pointer)
