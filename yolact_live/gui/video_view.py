"""The picture: scaled once for each frame, in the pixels of the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from yolact_live.gui import theme

if TYPE_CHECKING:
    from yolact_live.types import ByteArray

_LOGO_PX = 72
_GAP_PX = 14


class VideoView(QWidget):
    """Shows the newest picture, its aspect ratio kept, or a message where there is none.

    Attributes:
        painted: pictures painted so far; each counts once however often it is painted again.

    Signals:
        double_clicked: with the left button.
    """

    double_clicked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumSize(320, 180)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAccessibleName("Video")
        self.painted = 0
        self.title = self.hint = ""
        self._picture: ByteArray | None = None
        self._scaled: ByteArray | None = None  # the image below is a view of it
        self._image: QImage | None = None
        self._highlighted = False

    @property
    def has_picture(self) -> bool:
        """Whether a picture is shown rather than words."""
        return self._picture is not None

    def show_picture(self, picture: ByteArray) -> None:
        """Show an (H, W, 3) u8 BGR picture. It must not change afterwards."""
        self._picture, self._image = picture, None
        self.update()

    def show_message(self, title: str, hint: str = "") -> None:
        """Show words instead of a picture."""
        self._picture = self._image = self._scaled = None
        self.title, self.hint = title, hint
        self.update()

    def highlight(self, on: bool) -> None:
        """Frame the view while something that can be opened is held over it."""
        self._highlighted = on
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.double_clicked.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.VIDEO_BACKGROUND))
        if self._picture is not None:
            self._paint_picture(painter, self._picture)
        else:
            self._paint_message(painter)
        if self._highlighted:
            painter.setPen(QPen(QColor(theme.DARK.accent), 3))
            painter.drawRect(self.rect().adjusted(1, 1, -2, -2))

    def _paint_picture(self, painter: QPainter, picture: ByteArray) -> None:
        ratio = self.devicePixelRatioF()
        room = QSize(round(self.width() * ratio), round(self.height() * ratio))
        height, width = picture.shape[:2]
        size = QSize(width, height).scaled(room, Qt.AspectRatioMode.KeepAspectRatio).expandedTo(QSize(1, 1))
        if self._image is None or self._image.size() != size:
            self.painted += self._image is None
            self._scaled = _scale(picture, size.width(), size.height())
            self._image = QImage(
                self._scaled.data,
                size.width(),
                size.height(),
                self._scaled.strides[0],
                QImage.Format.Format_RGB32,
            )
            self._image.setDevicePixelRatio(ratio)
        # on whole pixels of the screen, or Qt would smooth the picture a second time
        left, top = (room.width() - size.width()) // 2, (room.height() - size.height()) // 2
        painter.drawImage(QPointF(left / ratio, top / ratio), self._image)

    def _paint_message(self, painter: QPainter) -> None:
        ratio = self.devicePixelRatioF()
        logo = theme.picture("yolact-live", "", round(_LOGO_PX * ratio))
        logo.setDevicePixelRatio(ratio)
        large = QFont(self.font())
        large.setPointSizeF(large.pointSizeF() * 1.5)
        flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
        room = QRectF(24, 0, self.width() - 48, self.height())
        painter.setFont(large)
        title = painter.boundingRect(room, flags, self.title).height()
        painter.setFont(self.font())
        hint = painter.boundingRect(room, flags, self.hint).height()
        top = (self.height() - _LOGO_PX - title - hint - 2 * _GAP_PX) / 2
        painter.drawPixmap(QPointF((self.width() - _LOGO_PX) / 2, top), logo)
        painter.setPen(QColor(theme.VIDEO_MUTED))
        painter.drawText(room.translated(0, top + _LOGO_PX + title + 2 * _GAP_PX), flags, self.hint)
        painter.setFont(large)
        painter.setPen(QColor(theme.VIDEO_TEXT))
        painter.drawText(room.translated(0, top + _LOGO_PX + _GAP_PX), flags, self.title)


def _scale(picture: ByteArray, width: int, height: int) -> ByteArray:
    """Return a picture in another size, as (height, width, 4) u8 BGRA.

    cv2 lets go of the GIL. Its INTER_AREA takes 23 ms from 1080 to 559 lines; halving, for which
    it has a fast path, and then INTER_LINEAR take 1 ms and look the same. Qt draws RGB32 four
    times as fast as BGR888, which pays for the conversion.
    """
    import cv2  # the pipeline has loaded it long before the first picture comes

    image: Any = picture
    while image.shape[1] >= 2 * width and image.shape[0] >= 2 * height:
        half = (image.shape[1] // 2, image.shape[0] // 2)
        image = cv2.resize(image, half, interpolation=cv2.INTER_AREA)
    image = cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR)
    return cv2.cvtColor(image, cv2.COLOR_BGR2BGRA)
