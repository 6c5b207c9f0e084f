"""The picture: scaled once for each frame, in the pixels of the screen."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from yolact_live.gui import theme
from yolact_live.types import ByteArray

_LOGO_PX = 72


class VideoView(QWidget):
    """Shows the newest picture, its aspect ratio kept, or a message where there is none.

    Attributes:
        painted: pictures drawn so far; each counts once however often it is painted again.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumSize(320, 180)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Video")
        self.painted = 0
        self._picture: ByteArray | None = None
        self._scaled: ByteArray | None = None  # the image below is a view of it
        self._image: QImage | None = None
        self._title = self._hint = ""
        self._highlight = False

    def sizeHint(self) -> QSize:
        return QSize(960, 540)

    def show_picture(self, picture: ByteArray) -> None:
        """Show an (H, W, 3) u8 BGR picture. It must not change afterwards."""
        self._picture, self._image = picture, None
        self.update()

    def show_message(self, title: str, hint: str = "") -> None:
        """Show words instead of a picture."""
        if self._picture is not None or (title, hint) != (self._title, self._hint):
            self._picture = self._scaled = self._image = None
            self._title, self._hint = title, hint
            self.update()

    def highlight(self, on: bool) -> None:
        """Frame the view while something that can be opened is held over it."""
        self._highlight = on
        self.update()

    @property
    def has_picture(self) -> bool:
        """Whether a picture is shown rather than words."""
        return self._picture is not None

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.VIDEO_BACKGROUND))
        if self._picture is not None:
            self._paint_picture(painter, self._picture)
        else:
            self._paint_message(painter)
        if self._highlight:
            painter.setPen(QColor(theme.DARK.accent))
            painter.drawRect(self.rect().adjusted(1, 1, -2, -2))

    def _paint_picture(self, painter: QPainter, picture: ByteArray) -> None:
        ratio = self.devicePixelRatioF()
        room = QSize(round(self.width() * ratio), round(self.height() * ratio))
        height, width = picture.shape[:2]
        size = QSize(width, height).scaled(room, Qt.AspectRatioMode.KeepAspectRatio)
        size = size.expandedTo(QSize(1, 1))
        if self._image is None or self._image.size() != size:
            self.painted += self._image is None
            self._image = self._scale(picture, size)
        self._image.setDevicePixelRatio(ratio)
        # on whole pixels of the screen, or Qt would smooth the picture a second time
        left, top = (room.width() - size.width()) // 2, (room.height() - size.height()) // 2
        painter.drawImage(QPointF(left / ratio, top / ratio), self._image)

    def _scale(self, picture: ByteArray, size: QSize) -> QImage:
        # imported by the pipeline long before the first picture comes; cv2 lets go of the GIL
        import cv2

        smaller = size.width() < picture.shape[1]
        self._scaled = cv2.resize(
            picture, size.toTuple(), interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
        )
        data, stride = self._scaled.data, self._scaled.strides[0]
        return QImage(data, size.width(), size.height(), stride, QImage.Format.Format_BGR888)

    def _paint_message(self, painter: QPainter) -> None:
        ratio = self.devicePixelRatioF()
        logo = theme.picture("yolact-live", "", round(_LOGO_PX * ratio))
        logo.setDevicePixelRatio(ratio)
        middle = self.rect().center()
        top = middle.y() - _LOGO_PX
        painter.drawPixmap(middle.x() - _LOGO_PX // 2, top - 8, logo)
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 1.5)
        painter.setFont(font)
        painter.setPen(QColor(theme.VIDEO_TEXT))
        flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
        room = QRectF(24, top + _LOGO_PX + 12, self.width() - 48, self.height())
        used = painter.boundingRect(room, flags, self._title)
        painter.drawText(room, flags, self._title)
        painter.setFont(self.font())
        painter.setPen(QColor(theme.VIDEO_MUTED))
        painter.drawText(room.adjusted(0, used.height() + 8, 0, 0), flags, self._hint)
