"""The line at the bottom: speed, state, what really runs, what it runs on."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget


class ElidedLabel(QLabel):
    """A label that gives way where there is little room; its tool tip has the whole text."""

    def __init__(self, mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight) -> None:
        super().__init__(objectName="muted")
        self._mode = mode
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)

    def minimumSizeHint(self) -> QSize:
        return QSize(30, super().minimumSizeHint().height())

    def setText(self, text: str) -> None:
        if text != self.text():
            super().setText(text)
            self.setToolTip(text)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        text = QFontMetrics(self.font()).elidedText(self.text(), self._mode, self.width())
        painter.setPen(self.palette().windowText().color())
        painter.drawText(self.rect(), int(self.alignment()), text)


class StatusLine(QWidget):
    """FPS in large figures, then words. Texts that did not change cost nothing."""

    def __init__(self) -> None:
        super().__init__(objectName="status")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.fps = QLabel("–")
        font = self.fps.font()
        font.setPointSizeF(font.pointSizeF() * 1.6)
        font.setBold(True)
        self.fps.setFont(font)
        self.fps.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.fps.setMinimumWidth(QFontMetrics(font).horizontalAdvance("000.0"))
        self.fps.setAccessibleName("Frames per second")
        unit = QLabel("FPS", objectName="muted")
        self.recording = QLabel(objectName="recording")
        self.recording.hide()
        self.state = QLabel()
        self.facts = ElidedLabel()
        self.source = ElidedLabel(Qt.TextElideMode.ElideMiddle)
        self.source.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 4, 14, 4)
        layout.setSpacing(0)
        for widget, gap, stretch in (
            (self.fps, 5, 0),
            (unit, 18, 0),
            (self.recording, 18, 0),
            (self.state, 18, 0),
            (self.facts, 18, 2),
            (self.source, 0, 1),
        ):
            layout.addWidget(widget, stretch)
            layout.addSpacing(gap)

    def show_texts(self, fps: str, state: str, facts: list[str], source: str, recording: str) -> None:
        """Show other texts; an empty one disappears."""
        for label, text in (
            (self.fps, fps),
            (self.state, state),
            (self.facts, "   ".join(facts)),
            (self.source, source),
            (self.recording, f"● {recording}" if recording else ""),
        ):
            if label.text() != text:
                label.setText(text)
        self.recording.setVisible(bool(recording))
