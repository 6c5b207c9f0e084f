"""Words over the picture."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen
from PySide6.QtWidgets import QWidget

from yolact_live.gui import theme
from yolact_live.gui.inspector import Facts
from yolact_live.gui.translation import percent, tr, whole
from yolact_live.gui.viewport import Viewport

_LOGO_PX = 72
_GAP_PX = 14
_PAD_PX = 8
_MARGIN_PX = 12
_DOT_PX = 10
_DOT_ROOM = "\u2003 "
_VEIL = QColor(13, 15, 18, 160)
_PLATE = QColor(13, 15, 18, 225)


@dataclass(frozen=True)
class Recorded:
    """What is said of a recording that runs: how long it is, and whether it waits."""

    time: str
    paused: bool


def paint_plate(painter: QPainter, where: QRectF, lines: tuple[str, ...], anchor: QPointF) -> QRectF:
    """Write lines on a dark plate that stays inside ``where``; return its place.

    Args:
        anchor: its upper left corner, if there is room.
    """
    metrics = painter.fontMetrics()
    width = max(metrics.horizontalAdvance(line) for line in lines) + 2 * _PAD_PX
    height = metrics.height() * len(lines) + _PAD_PX
    plate = QRectF(anchor.x(), anchor.y(), width, height)
    plate.moveLeft(max(where.left(), min(plate.left(), where.right() - width)))
    plate.moveTop(max(where.top(), min(plate.top(), where.bottom() - height)))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_PLATE)
    painter.drawRoundedRect(plate, 6, 6)
    for i, line in enumerate(lines):
        painter.setPen(QColor(theme.VIDEO_MUTED if i else theme.VIDEO_TEXT))
        baseline = plate.top() + _PAD_PX / 2 + metrics.ascent() + i * metrics.height()
        painter.drawText(QPointF(plate.left() + _PAD_PX, baseline), line)
    return plate


def paint_pointed(painter: QPainter, view: QWidget, facts: Facts, pointer: QPoint) -> None:
    """Name the instance under the pointer."""
    text = f"{facts.name} · {percent(facts.score)} · {whole(facts.area)} px ({percent(facts.share, 1)})"
    paint_plate(painter, _inside(view), (text,), QPointF(pointer.x() + 14, pointer.y() + 18))


def paint_pinned(painter: QPainter, view: QWidget, facts: Facts, seen: bool, corner: QPointF) -> None:
    """Say all about the instance that is followed, below ``corner``."""
    lines = (
        facts.name if seen else tr("{name} – out of sight", name=facts.name),
        tr("score {score}", score=percent(facts.score)),
        tr("{area} px · {share} of the picture", area=whole(facts.area), share=percent(facts.share, 1)),
    )
    paint_plate(painter, _inside(view), lines, corner)


def paint_corner(painter: QPainter, view: QWidget, viewport: Viewport, recording: Recorded | None) -> QPointF:
    """Say how long a recording runs already, and how much the picture is enlarged.

    It stands on the right: on the left, the picture itself may tell what has been counted.

    Returns:
        Corner below which there is room for more.
    """
    corner = QPointF(view.width(), _MARGIN_PX)
    if recording:
        plate = paint_plate(painter, _inside(view), (_DOT_ROOM + recording.time,), corner)
        red = QColor(theme.RED)
        painter.setPen(QPen(red, 2))
        painter.setBrush(Qt.BrushStyle.NoBrush if recording.paused else red)
        middle = QPointF(plate.left() + _PAD_PX + _DOT_PX / 2, plate.center().y())
        painter.drawEllipse(middle, _DOT_PX / 2, _DOT_PX / 2)
        corner.setY(plate.bottom() + _PAD_PX / 2)
    if viewport.zoom is not None:
        plate = paint_plate(painter, _inside(view), (percent(viewport.scale),), corner)
        corner.setY(plate.bottom() + _PAD_PX / 2)
    return corner


def paint_veil(painter: QPainter, view: QWidget, title: str, hint: str) -> None:
    """Dim a picture that is not of now, and say why."""
    painter.fillRect(view.rect(), _VEIL)
    _paint_words(painter, view, title, hint, 0)


def paint_message(painter: QPainter, view: QWidget, title: str, hint: str) -> None:
    """Write words where there is no picture, under the program's sign."""
    ratio = view.devicePixelRatioF()
    logo = theme.picture("yolact-live", "", round(_LOGO_PX * ratio))
    logo.setDevicePixelRatio(ratio)
    top = _paint_words(painter, view, title, hint, _LOGO_PX + _GAP_PX)
    painter.drawPixmap(QPointF((view.width() - _LOGO_PX) / 2, top), logo)


def _paint_words(painter: QPainter, view: QWidget, title: str, hint: str, above: float) -> float:
    """Write in the middle, with ``above`` pixels kept free over it; return where those begin."""
    large = QFont(view.font())
    large.setPointSizeF(large.pointSizeF() * 1.5)
    flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
    room = QRectF(24, 0, view.width() - 48, view.height())
    painter.setFont(large)
    title_px = painter.boundingRect(room, flags, title).height()
    painter.setFont(view.font())
    hint_px = painter.boundingRect(room, flags, hint).height()
    top = (view.height() - above - title_px - hint_px - _GAP_PX) / 2
    painter.setPen(QColor(theme.VIDEO_MUTED))
    painter.drawText(room.translated(0, top + above + title_px + _GAP_PX), flags, hint)
    painter.setFont(large)
    painter.setPen(QColor(theme.VIDEO_TEXT))
    painter.drawText(room.translated(0, top + above), flags, title)
    return top


def _inside(view: QWidget) -> QRectF:
    return QRectF(view.rect()).adjusted(_MARGIN_PX, _MARGIN_PX, -_MARGIN_PX, -_MARGIN_PX)
