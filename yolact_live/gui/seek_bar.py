"""The seek bar: where one is in a file, and what is elsewhere in it."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QHideEvent, QImage, QMouseEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QFrame, QLabel, QSlider, QStyle, QVBoxLayout, QWidget

from yolact_live.gui import theme
from yolact_live.gui.actions import OwnKeys
from yolact_live.gui.tasks import Latest
from yolact_live.gui.thumbnails import DENSITY, Thumbnails
from yolact_live.gui.translation import tr

if TYPE_CHECKING:
    from yolact_live.types import ByteArray

UNITS = 1000
"""Positions are milliseconds."""
_GAP_PX = 6
_MARK_PX = 3

Span = tuple[Fraction, Fraction | None]


def clock(seconds: float, parts: bool = False) -> str:
    """Return a time as people write it.

    Args:
        parts: with hundredths.

    >>> clock(65.9), clock(3725), clock(65.999, parts=True)
    ('1:05', '1:02:05', '1:05.99')
    """
    hundredths = int(seconds * 100 + 1e-6)
    minutes, rest = divmod(hundredths // 100, 60)
    hours, minutes = divmod(minutes, 60)
    text = f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
    return f"{text}.{hundredths % 100:02}" if parts else text


class SeekBar(QSlider):
    """A slider that jumps to where it is clicked, and shows the picture under the pointer.

    Attributes:
        span: what is played of the file; the rest is marked.
        preview: what stands over the pointer; None until it is wanted.

    Signals:
        released: a person has let go of the handle.
    """

    released = Signal()

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setMouseTracking(True)
        self.setSingleStep(5 * UNITS)
        self.setPageStep(10 * UNITS)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(tr("Position"))
        self.installEventFilter(OwnKeys(self, Qt.Key.Key_Left, Qt.Key.Key_Right))
        self.span: Span = (Fraction(0), None)
        self._thumbnails: Latest[Fraction, tuple[Fraction, ByteArray | None]] | None = None
        self._reader: Thumbnails | None = None
        self.preview: Preview | None = None

    def set_file(self, path: str | None) -> None:
        """Show pictures of another file; None = none."""
        if self._thumbnails and self._reader:
            self._thumbnails.close(self._reader.close)
        self._thumbnails = self._reader = None
        if path is not None:
            self._reader = Thumbnails(path)
            self._thumbnails = Latest(self._reader.make, "yl-thumbnails")

    def set_span(self, span: Span) -> None:
        """Mark what is played."""
        self.span = span
        self.update()

    def poll(self) -> None:
        """Take a picture that is ready. Called by a timer."""
        made = self._thumbnails.poll() if self._thumbnails else None
        if made and self.preview and self.preview.isVisible():
            self.preview.take(made[1])

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self.setValue(self._time_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = self._time_at(event.position().x())
        if self.isSliderDown():
            self.setValue(at)
        self._show_preview(Fraction(at, UNITS), round(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(False)
            self.released.emit()

    def leaveEvent(self, event: QEvent) -> None:
        self._hide_preview()

    def hideEvent(self, event: QHideEvent) -> None:
        self._hide_preview()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        start, end = self.span
        if not start and end is None:
            return
        painter = QPainter(self)
        left, right = (
            self._x_of(start),
            self._x_of(end if end is not None else Fraction(self.maximum(), UNITS)),
        )
        surface = QColor(theme.current().surface)
        surface.setAlpha(170)
        painter.fillRect(QRectF(0, 0, left, self.height()), surface)
        painter.fillRect(QRectF(right, 0, self.width() - right, self.height()), surface)
        accent = QColor(theme.current().accent)
        for x, set_ in ((left - _MARK_PX, bool(start)), (right, end is not None)):
            if set_:
                painter.fillRect(QRectF(x, 2, _MARK_PX, self.height() - 4), accent)

    def _handle_px(self) -> int:
        return self.style().pixelMetric(QStyle.PixelMetric.PM_SliderLength, None, self)

    def _time_at(self, x: float) -> int:
        handle = self._handle_px()
        room = max(1, self.width() - handle)
        return QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), round(x - handle / 2), room)

    def _x_of(self, pts: Fraction) -> float:
        handle = self._handle_px()
        share = float(pts) * UNITS / max(1, self.maximum())
        return handle / 2 + min(share, 1.0) * (self.width() - handle)

    def _show_preview(self, pts: Fraction, x: int) -> None:
        if self.preview is None:
            self.preview = Preview(self.window())
        self.preview.point(clock(float(pts), parts=True), self.mapTo(self.window(), QPoint(x, 0)))
        if self._thumbnails:
            self._thumbnails.want(pts)

    def _hide_preview(self) -> None:
        if self.preview:
            self.preview.hide()
        if self._thumbnails:
            self._thumbnails.forget()


class Preview(QFrame):
    """A small picture and its time, above the pointer."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("preview")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.picture = QLabel()
        self.time = QLabel()
        for label in (self.picture, self.time):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 4, 4, 2)
        column.setSpacing(2)
        column.addWidget(self.picture)
        column.addWidget(self.time)
        self._foot = QPoint()

    def point(self, text: str, foot: QPoint) -> None:
        """Show the time of a position; its picture follows.

        Args:
            foot: in the window, where the middle of the lower edge shall be.
        """
        self.time.setText(text)
        self._foot = foot
        self._place()
        self.show()
        self.raise_()

    def take(self, picture: ByteArray | None) -> None:
        """Show a picture, (H, W, 4) u8 BGRA, or none."""
        if picture is not None:
            height, width = picture.shape[:2]
            image = QImage(picture.data, width, height, picture.strides[0], QImage.Format.Format_RGB32)
            image.setDevicePixelRatio(DENSITY)
            self.picture.setPixmap(QPixmap.fromImage(image))
            self._place()

    def _place(self) -> None:
        self.adjustSize()
        room = self.window().width()
        x = max(_GAP_PX, min(self._foot.x() - self.width() // 2, room - self.width() - _GAP_PX))
        self.move(x, self._foot.y() - self.height() - _GAP_PX)
