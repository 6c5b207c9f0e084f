"""The line at the bottom: speed, state, what really runs, what it runs on."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from yolact_live.gui.session import Session
from yolact_live.gui.translation import decimal, plural, short, tr, whole

if TYPE_CHECKING:
    from yolact_live.pipeline.metrics import Snapshot
    from yolact_live.pipeline.pipeline import Pipeline

NOTHING = "–"
CAUSES = {
    "skipped": "skipped",
    "still": "still picture",
    "stale": "too late",
    "full": "overload",
    "reconnect": "reconnecting",
    "record full": "recording too slow",
    "json full": "recording too slow",
}
"""Why a frame was not inferred or not recorded → what a person is told."""
STATES = {
    "opening": "Opening …",
    "paused": "Paused",
    "ended": "Ended",
    "failed": "Failed",
    "stopped": "Stopped",
}
"""State of a pipeline → how it is called."""


class ElidedLabel(QLabel):
    """A label that gives way where there is little room; its tool tip has the whole text."""

    def __init__(self, mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight) -> None:
        super().__init__()
        self._mode = mode
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def setText(self, text: str) -> None:
        super().setText(text)
        self.setToolTip(text)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().windowText().color())
        text = QFontMetrics(self.font()).elidedText(self.text(), self._mode, self.width())
        painter.drawText(self.rect(), int(self.alignment()), text)


def put(label: QLabel, text: str) -> None:
    """Show another text; a label without one is hidden. A text that did not change costs nothing."""
    if label.text() != text:
        label.setText(text)
        label.setVisible(bool(text))


class StatusLine(QWidget):
    """FPS in large figures, then words. Texts that did not change cost nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("status")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.fps = QLabel(NOTHING)
        font = self.fps.font()
        font.setPointSizeF(font.pointSizeF() * 1.6)
        font.setBold(True)
        self.fps.setFont(font)
        self.fps.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.fps.setMinimumWidth(QFontMetrics(font).horizontalAdvance("00.0"))
        self.fps.setAccessibleName(tr("Frames per second"))
        unit = QLabel("FPS")
        self.state = QLabel()
        self.facts = ElidedLabel()
        self.source = ElidedLabel(Qt.TextElideMode.ElideMiddle)
        self.source.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for label in (unit, self.facts, self.source):
            label.setObjectName("muted")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 4, 16, 5)
        layout.setSpacing(20)
        speed = QHBoxLayout()
        speed.setSpacing(5)
        speed.addWidget(self.fps)
        speed.addWidget(unit)
        layout.addLayout(speed)
        for widget in (self.state, self.facts):
            layout.addWidget(widget)
        layout.addStretch(1)
        layout.addWidget(self.source)
        for label in (self.state, self.facts, self.source):
            label.hide()

    def follow(self, session: Session, runs_on: str) -> None:
        """Say what is going on."""
        pipeline = session.pipeline
        if pipeline is None:
            self.show_texts(_idle_state(session))
            return
        now = pipeline.metrics.snapshot()
        self.show_texts(
            state_of(pipeline),
            now.fps if session.state == "running" else 0.0,
            facts_of(pipeline, now, runs_on),
            source_of(pipeline),
        )

    def show_texts(self, state: str, fps: float = 0.0, facts: tuple[str, ...] = (), source: str = "") -> None:
        """Show other texts; an empty one disappears."""
        for label, text in (
            (self.fps, decimal(fps) if fps else NOTHING),
            (self.state, state),
            (self.facts, "    ".join(facts)),
            (self.source, source),
        ):
            put(label, text)


def facts_of(pipeline: Pipeline, now: Snapshot, runs_on: str) -> tuple[str, ...]:
    """Return what is worth knowing of a pipeline that runs: device, frames, drops, delay."""
    facts = [runs_on] if runs_on else []
    if now.frames:
        facts.append(plural(now.frames, "1 frame", "{n} frames"))
    facts += _drops(now.dropped)
    if now.delay_ms:
        facts.append(tr("delay {delay} ms", delay=decimal(now.delay_ms, 0)))
    return tuple(facts)


def _drops(dropped: dict[str, int]) -> list[str]:
    """Say what was lost and why, and what inference only skipped."""
    from yolact_live.pipeline.metrics import NOT_LOST

    lost = {cause: count for cause, count in dropped.items() if count and cause not in NOT_LOST}
    skipped = sum(count for cause, count in dropped.items() if cause in NOT_LOST)
    causes = causes_of(lost) if len(lost) > 1 else "".join(tr(CAUSES.get(cause, cause)) for cause in lost)
    texts = [tr("dropped {count} ({causes})", count=whole(sum(lost.values())), causes=causes)] if lost else []
    return texts + ([tr("skipped {count}", count=whole(skipped))] if skipped else [])


def causes_of(dropped: dict[str, int]) -> str:
    """Say how many frames were lost for which reason; empty if none were."""
    counts = Counter[str]()
    for cause, count in dropped.items():
        counts[tr(CAUSES.get(cause, cause))] += count
    return ", ".join(f"{whole(count)} {words}" for words, count in counts.items() if count)


def source_of(pipeline: Pipeline) -> str:
    """Return name, size and rate of a pipeline's source; empty until it is open.

    As is usual, 1080i is interlaced; a rate that varies is that on average.
    """
    info = pipeline.info
    if info is None:
        return ""
    mean = info.rate or info.mean_rate
    rate = f" · {'' if info.rate else '≈ '}{short(float(mean))} fps" if mean else ""
    return f"{info.name} · {info.size[1]} × {info.size[0]}{'i' if info.interlaced else ''}{rate}"


def state_of(pipeline: Pipeline) -> str:
    """Return what a pipeline is doing, in words."""
    state = pipeline.state.value
    if state == "opening" and pipeline.info:
        return tr("Starting …") if pipeline.engine else tr("Compiling the model …")
    if state == "running":
        return tr("Live") if pipeline.live else tr("Playing")
    return outage_of(pipeline) if state == "reconnecting" else tr(STATES[state])


def outage_of(pipeline: Pipeline | None) -> str:
    """Say when a camera or stream that is away is tried again; empty if none is away."""
    outage = pipeline.outage if pipeline else None
    if outage is None:
        return ""
    wait_s = math.ceil(outage.wait_s)
    return tr("Reconnecting in {wait} s …", wait=wait_s) if wait_s else tr("Reconnecting …")


def _idle_state(session: Session) -> str:
    if session.closed:
        return tr("Closing …")
    if session.failure:
        return tr("Failed")
    if session.player.busy:
        return tr("Opening …") if session.player.opening else tr("Stopping …")
    return tr("Stopped") if session.source else tr("Ready")
