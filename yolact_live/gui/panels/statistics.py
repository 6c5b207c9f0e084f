"""The statistics panel: how fast, how late, what was lost, and the last minute as a chart."""

from __future__ import annotations

import time
from collections import Counter, deque
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from yolact_live.gui import theme
from yolact_live.gui.panels.form import Panel
from yolact_live.gui.session import Session
from yolact_live.gui.status import causes_of
from yolact_live.gui.translation import decimal, tr, whole

SPAN_S = 60.0
_SAMPLE_S = 0.5
_MOST_CLASSES = 4
STAGES = {
    "decode": "Decode",
    "queue": "Wait",
    "prepare": "Prepare",
    "inference": "Inference",
    "order": "Order",
    "postprocess": "Masks",
    "composite": "Draw",
    "record": "Record",
    "total": "Total",
}
"""Stage of the metrics → what it is called, in the order of the pipeline."""
FACTS = ("Frames a second", "Delay", "Frames", "Dropped")


@dataclass(frozen=True)
class Sample:
    """What was so at one moment.

    Attributes:
        at_s: monotonic seconds.
        fps: frames a second.
        objects: class → how many were seen.
    """

    at_s: float
    fps: float
    objects: Counter[str]


class StatisticsPanel(Panel):
    """Figures and pictures of the metrics; painted twice a second, and only while they are seen."""

    def __init__(self) -> None:
        super().__init__()
        self.samples: deque[Sample] = deque(maxlen=round(SPAN_S / _SAMPLE_S))
        self.facts = {name: QLabel("–") for name in FACTS}
        self.bars = StageBars()
        self.speed = Chart(tr("Frames a second, last minute"))
        self.objects = Chart(tr("Objects, last minute"))
        self.add_section(tr("Now"))
        grid = QGridLayout()
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        for row, (name, value) in enumerate(self.facts.items()):
            label = QLabel(tr(name))
            label.setObjectName("muted")
            value.setWordWrap(True)
            value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
            value.setAccessibleName(tr(name))
            grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(value, row, 1)
        self.column.addLayout(grid)
        for title, widget in (
            (tr("Stages, milliseconds"), self.bars),
            (tr("Frames a second"), self.speed),
            (tr("Objects"), self.objects),
        ):
            self.add_section(title)
            self.column.addWidget(widget)

    def follow(self, session: Session) -> None:
        """Take a sample if it is time, and show it."""
        now_s = time.monotonic()
        if self.samples and now_s - self.samples[-1].at_s < _SAMPLE_S:
            return
        pipeline = session.pipeline
        snapshot = pipeline.metrics.snapshot() if pipeline else None
        fps = snapshot.fps if snapshot and session.state == "running" else 0.0
        found = session.result.instances if session.result else None
        objects = Counter(found.name(i) for i in range(len(found))) if found else Counter[str]()
        self.samples.append(Sample(now_s, fps, objects))
        if not self.isVisible():
            return
        self._show("Frames a second", decimal(fps) if fps else "–")
        delay_ms = snapshot.delay_ms if snapshot else 0.0
        self._show("Delay", f"{decimal(delay_ms, 0)} ms" if delay_ms else "–")
        self._show("Frames", whole(snapshot.frames) if snapshot else "–")
        self._show("Dropped", causes_of(snapshot.dropped if snapshot else {}) or tr("none"))
        self.bars.show_stages(snapshot.stages if snapshot else {})
        self.speed.show_lines({"": [(sample.at_s, sample.fps) for sample in self.samples]})
        self.objects.show_lines(self._objects_by_class())

    def _show(self, name: str, text: str) -> None:
        if self.facts[name].text() != text:
            self.facts[name].setText(text)

    def _objects_by_class(self) -> dict[str, list[tuple[float, float]]]:
        """Return a line for each of the commonest classes, and one for all others."""
        total = sum((sample.objects for sample in self.samples), Counter[str]())
        common = [name for name, _ in total.most_common(_MOST_CLASSES)]
        lines = {
            name: [(sample.at_s, float(sample.objects[name])) for sample in self.samples] for name in common
        }
        if len(total) > _MOST_CLASSES:
            lines[tr("others")] = [
                (sample.at_s, float(sum(n for name, n in sample.objects.items() if name not in common)))
                for sample in self.samples
            ]
        return lines


class StageBars(QWidget):
    """A bar for each stage: solid to the median, pale to the 95th, a mark at the 99th percentile."""

    _ROW_PX, _BAR_PX = 20, 8

    def __init__(self) -> None:
        super().__init__()
        self._stages: dict[str, dict[str, float]] = {}
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip(tr("Solid: median. Pale: 95 of 100 frames. Mark: 99 of 100 frames."))
        self.setMouseTracking(True)
        self.setAccessibleName(tr("Times of the stages"))

    def show_stages(self, stages: dict[str, dict[str, float]]) -> None:
        """Show stage → {"p50": ms, "p95": ms, "p99": ms}."""
        rows = len(self._stages)
        self._stages = {name: stages[name] for name in STAGES if name in stages}
        if len(self._stages) != rows:
            self.updateGeometry()
        self.update()
        medians = {tr(STAGES[name]): decimal(times["p50"]) for name, times in self._stages.items()}
        self.setAccessibleDescription("; ".join(f"{name} {median} ms" for name, median in medians.items()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Let the tool tip tell the figures of the stage under the pointer."""
        row = int(event.position().y() // self._ROW_PX)
        if 0 <= row < len(self._stages):
            name, times = list(self._stages.items())[row]
            figures = {percentile: decimal(times[percentile]) for percentile in ("p50", "p95", "p99")}
            self.setToolTip(
                tr(
                    "{stage}: median {p50} ms, 95 of 100 frames {p95} ms, 99 of 100 frames {p99} ms",
                    stage=tr(STAGES[name]),
                    **figures,
                )
            )

    def sizeHint(self) -> QSize:
        return QSize(200, self._ROW_PX * max(len(self._stages), 1))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, colours = QPainter(self), theme.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        measure = QFontMetrics(self.font())
        names = max((measure.horizontalAdvance(tr(STAGES[name])) for name in self._stages), default=0) + 10
        medians = [decimal(times["p50"]) for times in self._stages.values()]
        figures = max(map(measure.horizontalAdvance, (*medians, "0,000.0")))
        room = max(self.width() - names - figures - 8, 1)
        longest = max((times["p99"] for times in self._stages.values()), default=1.0) or 1.0
        pale = QColor(colours.accent)
        pale.setAlphaF(0.35)
        for row, (median, (name, times)) in enumerate(zip(medians, self._stages.items(), strict=True)):
            line = QRectF(0, row * self._ROW_PX, self.width(), self._ROW_PX)
            painter.setPen(QColor(colours.muted))
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, tr(STAGES[name]))
            painter.setPen(QColor(colours.text))
            right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            painter.drawText(line, right, median)
            top = line.center().y() - self._BAR_PX / 2
            painter.fillRect(QRectF(names, top, room * times["p95"] / longest, self._BAR_PX), pale)
            solid = QRectF(names, top, room * times["p50"] / longest, self._BAR_PX)
            painter.fillRect(solid, QColor(colours.accent))
            mark = QRectF(names + (room - 2) * times["p99"] / longest, top - 1, 2, self._BAR_PX + 2)
            painter.fillRect(mark, QColor(colours.muted))


class Chart(QWidget):
    """Lines over the last minute."""

    _HEIGHT_PX = 96

    def __init__(self, name: str) -> None:
        super().__init__()
        self._lines: dict[str, list[tuple[float, float]]] = {}
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)
        self.setToolTip(name)

    def show_lines(self, lines: dict[str, list[tuple[float, float]]]) -> None:
        """Show name → points: monotonic seconds, value. A line without a name has no entry below."""
        self._lines = lines
        self.updateGeometry()
        self.update()
        last = [f"{name} {points[-1][1]:.0f}".strip() for name, points in lines.items() if points]
        self.setAccessibleDescription(", ".join(last))

    def sizeHint(self) -> QSize:
        return QSize(200, self._HEIGHT_PX + self._legend_height())

    def _legend_height(self) -> int:
        return QFontMetrics(self.font()).height() + 6 if any(self._lines) else 0

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, colours = QPainter(self), theme.current()
        measure = QFontMetrics(self.font())
        top = max((value for points in self._lines.values() for _, value in points), default=0.0)
        ceiling = _ceiling(top)
        margin = measure.horizontalAdvance("000") + 8
        plot = QRectF(
            margin, measure.height() / 2, self.width() - margin - 1, self._HEIGHT_PX - measure.height()
        )
        for value in (0.0, ceiling / 2, ceiling):
            y = plot.bottom() - plot.height() * value / ceiling
            painter.setPen(QColor(colours.border))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(QColor(colours.muted))
            label = QRectF(0, y - measure.height() / 2, margin - 8, measure.height())
            painter.drawText(label, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{value:g}")
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        now_s = max((points[-1][0] for points in self._lines.values() if points), default=0.0)
        for points, colour in zip(self._lines.values(), colours.lines, strict=False):
            painter.setPen(QPen(QColor(colour), 2))
            painter.drawPolyline(
                [
                    QPointF(
                        plot.right() - plot.width() * (now_s - at_s) / SPAN_S,
                        plot.bottom() - plot.height() * min(value / ceiling, 1.0),
                    )
                    for at_s, value in points
                    if now_s - at_s <= SPAN_S
                ]
            )
        self._paint_legend(painter, colours, measure, margin)

    def _paint_legend(
        self, painter: QPainter, colours: theme.Theme, measure: QFontMetrics, margin: float
    ) -> None:
        x, y = margin, self._HEIGHT_PX + measure.height() / 2
        for name, colour in zip(filter(None, self._lines), colours.lines, strict=False):
            width = measure.horizontalAdvance(name)
            if x + 18 + width > self.width():
                break
            painter.setPen(QPen(QColor(colour), 3))
            painter.drawLine(QPointF(x, y), QPointF(x + 12, y))
            painter.setPen(QColor(colours.text))
            painter.drawText(QPointF(x + 18, y + measure.ascent() / 2 - 1), name)
            x += 18 + width + 14


def _ceiling(top: float) -> float:
    """Return the next round number: 2, 4, 10, 20, 40, 100, …"""
    step = 1.0
    while True:
        for factor in (2, 4, 10):
            if top <= factor * step:
                return factor * step
        step *= 10
