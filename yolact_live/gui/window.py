"""The main window."""

from __future__ import annotations

import faulthandler
import os
import statistics
import sys
import time
from collections import deque
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QEvent, QSettings, QStandardPaths, Qt, QTimer
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QGuiApplication,
    QIcon,
    QKeyEvent,
)
from PySide6.QtWidgets import QApplication, QFileDialog, QHBoxLayout, QMainWindow, QVBoxLayout, QWidget

from yolact_live.errors import UsageError, YolactLiveError
from yolact_live.gui import theme
from yolact_live.gui.actions import ACTIONS, Spec, make_actions
from yolact_live.gui.banner import Banners
from yolact_live.gui.keeper import Keeper
from yolact_live.gui.panels import SettingsPanel
from yolact_live.gui.player import Player
from yolact_live.gui.sources import short_name, source_in
from yolact_live.gui.status import StatusLine, facts_of, source_of, state_of
from yolact_live.gui.tasks import Tasks
from yolact_live.gui.toolbar import ToolBar
from yolact_live.gui.transport import Transport, clock
from yolact_live.gui.video_view import VideoView
from yolact_live.settings import Settings

if TYPE_CHECKING:
    from yolact_live.infer.engine import Engine
    from yolact_live.pipeline.pipeline import Pipeline
    from yolact_live.types import FrameResult

TICK_MS = 16
TEXT_MS = 220
CLOSE_S = 3.0
"""A pipeline that has not stopped after so long hangs."""
_ENGINE_DELAY_S = 0.4
"""Another model or device is built when nothing has been changed for so long."""
_ENGINE_GROUP = ("model", "device", "precision", "threads")
_RUNS_ON_S = 3.0
_SEEK_S = 5
_SCORE_STEP = 0.05
_DELAYS = 30
_EMPTY = ("Drop a video here", "or open a file, pick a camera, or paste an address")
_VIDEO_FILTER = "Videos (*.mp4 *.mov *.mkv *.webm *.avi *.m4v *.ts *.mpg *.mpeg);;All files (*)"


class Window(QMainWindow):
    """Video, settings, transport and status. A timer pulls frames; nothing here ever waits.

    Args:
        settings: what to start with.
        remember_geometry: take size and place from the last time, and keep them for the next.

    Attributes:
        result: what is shown now.
    """

    def __init__(self, settings: Settings, remember_geometry: bool = True) -> None:
        super().__init__()
        self.setAcceptDrops(True)
        self.result: FrameResult | None = None
        self.player = Player()
        self.tasks = Tasks()
        self.actions_by_name = make_actions(self, self._trigger)
        self.tools = ToolBar(self.actions_by_name, self.tasks)
        self.view = VideoView()
        self.banners = Banners()
        self.panel = SettingsPanel(settings)
        self.transport = Transport(self.actions_by_name)
        self.status = StatusLine()
        self.keeper = Keeper(self.tasks, self.banners)
        self._source: str | None = None
        self._failure: BaseException | None = None
        self._known: list[object] = []  # facts of the pipeline that the window has followed
        self._delays_ms: deque[float] = deque(maxlen=_DELAYS)
        self._hidden_masks: tuple[float, bool] | None = None
        self._settings_due_s: float | None = None
        self._close_due_s: float | None = None
        self._devices_listed = False
        self._runs_on = ""
        self._runs_on_due_s = 0.0
        self._remember_geometry = remember_geometry
        self._lay_out()
        self._connect()
        self._follow_settings()
        self.apply_theme()
        self._clear("", *_EMPTY)

    # ---------------------------------------------------------------- making

    def _lay_out(self) -> None:
        left, row, whole = QVBoxLayout(), QHBoxLayout(), QVBoxLayout()
        for layout in (left, row, whole):
            layout.setContentsMargins(0, 0, 0, 0)
            layout.setSpacing(0)
        for widget in (self.banners, self.view, self.transport):
            left.addWidget(widget, int(widget is self.view))
        row.addLayout(left, 1)
        row.addWidget(self.panel)
        whole.addLayout(row, 1)
        whole.addWidget(self.status)
        centre = QWidget()
        centre.setLayout(whole)
        self.addToolBar(self.tools)
        self.setCentralWidget(centre)
        self.actions_by_name["settings"].setChecked(True)
        self.view.setFocus()
        self.resize(1280, 800)
        geometry = QSettings().value("geometry") if self._remember_geometry else None
        if isinstance(geometry, QByteArray):
            self.restoreGeometry(geometry)

    def _connect(self) -> None:
        self.tools.chosen.connect(self.open)
        self.view.double_clicked.connect(self.full_screen)
        self.panel.changed.connect(self._follow_settings)
        self.panel.rejected.connect(lambda error: self.banners.show_error("settings", error))
        self.transport.sought.connect(self._seek)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self.apply_theme)
        self._tick_timer = QTimer(self)
        self._tick_timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._tick_timer.timeout.connect(self._tick)
        self._tick_timer.start(TICK_MS)
        self._text_timer = QTimer(self)
        self._text_timer.timeout.connect(self._refresh)
        self._text_timer.start(TEXT_MS)

    def apply_theme(self) -> None:
        """Give the window the colours of the theme in force."""
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        colours = theme.current()
        theme.apply(application, colours)
        self.setWindowIcon(QIcon(theme.picture("yolact-live", "", 256)))
        for spec in ACTIONS:
            if spec.icon:
                self._set_icon(spec.name, spec.icon)
        self.banners.set_theme(colours)

    def _set_icon(self, action: str, name: str) -> None:
        colours = theme.current()
        icon = theme.icon(name, colours.text, colours.disabled)
        if self.actions_by_name[action].icon().cacheKey() != icon.cacheKey():
            self.actions_by_name[action].setIcon(icon)

    def _trigger(self, spec: Spec) -> None:
        if spec.setting:
            self.panel.choose(**{spec.setting: not getattr(self.panel.settings, spec.setting)})
        else:
            getattr(self, spec.name)()

    # ---------------------------------------------------------------- source

    def open(
        self, source: str, loop: bool = False, record: Path | None = None, overwrite: bool = False
    ) -> None:
        """Open a source instead of what is shown.

        Args:
            source: in the grammar of :func:`yolact_live.capture.open_source`.
            loop: start it again at its end.
            record: file to be recorded from the first frame on.
            overwrite: that file may be replaced.
        """
        if self._close_due_s is not None:
            return
        self.keeper.finish()
        for topic in ("source", "engine"):
            self.banners.clear(topic)
        self._source, self._failure = source, None
        self.actions_by_name["loop"].setChecked(loop)
        name = short_name(source)
        self._clear(f"{name} – ", f"Opening {name} …")

        def prepare(pipeline: Pipeline) -> None:
            if record:
                self.keeper.record(pipeline, record, overwrite)

        self.player.open(source, self.panel.settings, loop, prepare)
        self._refresh()

    def _clear(self, title: str, message: str, hint: str = "") -> None:
        """Show words until the next frame."""
        self.result = None
        self._known.clear()
        self._runs_on = ""
        self._delays_ms.clear()
        self.transport.hide()
        self.view.show_message(message, hint)
        self.setWindowTitle(f"{title}YOLACT Live")

    def retry(self) -> None:
        """Open the same source again."""
        if self._source is not None:
            self.open(self._source, self.actions_by_name["loop"].isChecked())

    def stop(self) -> None:
        """Let go of the source."""
        self.keeper.finish()
        self.player.stop()
        self._clear("", "Stopped", "Press Play to start again")
        self._refresh()

    def open_file(self) -> None:
        """Ask for a file."""
        start = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.MoviesLocation)
        name, _ = QFileDialog.getOpenFileName(self, "Open a video", start, _VIDEO_FILTER)
        if name:
            self.open(name)

    def camera(self) -> None:
        """Show the list of cameras."""
        self.tools.show_menu(self.actions_by_name["camera"])

    def paste(self) -> None:
        """Open what the clipboard names."""
        source = source_in(QGuiApplication.clipboard().mimeData())
        if source:
            self.open(source)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if source_in(event.mimeData()):
            event.acceptProposedAction()
            self.view.highlight(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.view.highlight(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self.view.highlight(False)
        source = source_in(event.mimeData())
        if source:
            event.acceptProposedAction()
            self.open(source)

    # ---------------------------------------------------------------- playback

    def play_pause(self) -> None:
        """Pause what plays; play what does not."""
        pipeline = self.player.pipeline
        state = pipeline.state.value if pipeline else "stopped"
        if pipeline is None or state in ("failed", "stopped"):
            self.retry()
        elif state == "running":
            pipeline.pause()
        elif state != "opening":
            pipeline.resume()
        self._refresh()

    def loop(self) -> None:
        """Start again at the end, or do not."""
        if self.player.pipeline:
            self.player.pipeline.loop = self.actions_by_name["loop"].isChecked()

    def seek_back(self) -> None:
        """Go back a little."""
        self.transport.seek(self.transport.position - _SEEK_S)

    def seek_forward(self) -> None:
        """Go on a little."""
        self.transport.seek(self.transport.position + _SEEK_S)

    def step_back(self) -> None:
        """Pause at the frame before: the one shown just before this one began."""
        if self.result:
            self._step(self.result.frame.pts - Fraction(1, 1_000_000))

    def step_forward(self) -> None:
        """Pause at the next frame: the one shown when this one ends."""
        if self.result:
            self._step(self.result.frame.pts + self.result.frame.duration)

    def _step(self, pts: Fraction) -> None:
        if self.player.pipeline:
            self.player.pipeline.pause()
            self.transport.seek(pts)

    def _seek(self, pts: Fraction) -> None:
        if self.player.pipeline:
            self.player.pipeline.seek(pts)

    # ---------------------------------------------------------------- keeping

    def record(self) -> None:
        """Start or finish a recording."""
        if self.keeper.recording:
            self.keeper.finish()
        elif self.player.pipeline and self.result:
            self.keeper.record(self.player.pipeline)
        self._refresh()

    def snapshot(self) -> None:
        """Save the picture that is shown, in the size of the source."""
        if self.result and self._source:
            self.keeper.snapshot(self.result.annotated, self._source)

    # ---------------------------------------------------------------- settings

    def masks(self) -> None:
        """Hide masks and contours; show them as they were."""
        now = self.panel.settings
        if now.opacity or now.contours:
            self._hidden_masks = (now.opacity, now.contours)
            self.panel.choose(opacity=0.0, contours=False)
        else:
            opacity, contours = self._hidden_masks or (Settings.opacity, Settings.contours)
            self.panel.choose(opacity=opacity, contours=contours)

    def score_down(self) -> None:
        """Show more objects."""
        self._move_score(-_SCORE_STEP)

    def score_up(self) -> None:
        """Show fewer objects."""
        self._move_score(_SCORE_STEP)

    def _move_score(self, step: float) -> None:
        self.panel.choose(score=min(max(round(self.panel.settings.score + step, 2), 0.0), 1.0))

    def _follow_settings(self) -> None:
        """Let actions and pipeline follow the panel."""
        self.banners.clear("settings")
        pipeline, now = self.player.pipeline, self.panel.settings
        for spec in ACTIONS:
            if spec.setting:
                self.actions_by_name[spec.name].setChecked(getattr(now, spec.setting))
        self.actions_by_name["masks"].setChecked(bool(now.opacity or now.contours))
        rebuild = pipeline and any(getattr(pipeline.settings, x) != getattr(now, x) for x in _ENGINE_GROUP)
        self._settings_due_s = time.monotonic() + (_ENGINE_DELAY_S if rebuild else 0)

    def _hand_on_settings(self) -> None:
        if self._settings_due_s is None or time.monotonic() < self._settings_due_s:
            return
        self._settings_due_s = None
        pipeline = self.player.pipeline
        if pipeline is None or pipeline.settings == self.panel.settings:
            return
        if pipeline.engine:
            from yolact_live.pipeline.inferrer import wanted_classes

            try:
                wanted_classes(self.panel.settings.classes, pipeline.engine.contract.labels)
            except UsageError as error:
                self.banners.show_error("settings", error)
                return
        pipeline.update(self.panel.settings)

    # ---------------------------------------------------------------- window

    def settings(self) -> None:
        """Show or hide the panel."""
        self._show_surroundings()

    def menu(self) -> None:
        """Show all actions."""
        self.tools.show_menu(self.actions_by_name["menu"])

    def full_screen(self) -> None:
        """Only the picture, or everything again."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.WindowStateChange:
            self._show_surroundings()
        super().changeEvent(event)

    def _show_surroundings(self) -> None:
        around = not self.isFullScreen()
        self.tools.setVisible(around)
        self.status.setVisible(around)
        self.panel.setVisible(around and self.actions_by_name["settings"].isChecked())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.isFullScreen():
            self.full_screen()
        else:
            super().keyPressEvent(event)

    def quit(self) -> None:
        """Close the window."""
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._close_due_s is None:
            if self._remember_geometry:
                QSettings().setValue("geometry", self.saveGeometry())
            self._close_due_s = time.monotonic() + CLOSE_S
            self.keeper.finish()
            self.player.stop()
            self.view.show_message("Closing …")
        if self.player.busy or self.tasks.busy:
            event.ignore()  # the timer comes back to it
            return
        self._tick_timer.stop()
        self._text_timer.stop()
        event.accept()

    def _go_on_closing(self) -> None:
        if self._close_due_s is None:
            return
        if not (self.player.busy or self.tasks.busy):
            self.close()
        elif self.player.busy and time.monotonic() > self._close_due_s:
            print("yolact-live: a thread did not stop; this is where it is:", file=sys.stderr, flush=True)
            faulthandler.dump_traceback()
            os._exit(1)

    # ---------------------------------------------------------------- pulling

    @property
    def failure(self) -> BaseException | None:
        """Why the source, or else the last recording, failed."""
        return self._failure or self.keeper.failure

    def _tick(self) -> None:
        pipeline = self.player.pipeline
        result = pipeline.display.poll() if pipeline else None
        if result is not None and self._close_due_s is None:
            self._show(result)
        self._hand_on_settings()
        self.tasks.poll()
        self._go_on_closing()

    def _show(self, result: FrameResult) -> None:
        first, self.result = self.result is None, result
        self.view.show_picture(result.annotated)
        self.transport.set_position(result.frame.pts)
        self._delays_ms.append((time.perf_counter_ns() - result.frame.t_capture_ns) / 1e6)
        if self.keeper.recording:
            self.keeper.recording.shown(result.frame.pts)
        if first:
            self._refresh()

    def _refresh(self) -> None:
        """Follow what changes slowly: texts, which actions make sense, what went wrong."""
        pipeline = self.player.pipeline
        error = self.player.error or (pipeline.error if pipeline else None)
        if error is not None and self._is_new(error):
            self._fail(error)
        if pipeline:
            self._follow(pipeline)
        if not self._devices_listed and (self.result or error or self._source is None):
            self._list_devices()
        self._enable_actions(pipeline)
        self._refresh_status(pipeline)

    def _is_new(self, fact: object) -> bool:
        if any(fact is known for known in self._known):
            return False
        self._known.append(fact)
        return True

    def _fail(self, error: BaseException) -> None:
        self._failure = error
        self.keeper.finish()
        if self.result is None:
            self.view.show_message(*_EMPTY)
        self.banners.show_error("source", error, ("Retry", self.retry))

    def _follow(self, pipeline: Pipeline) -> None:
        if pipeline.info and self._is_new(pipeline.info):
            self.transport.set_duration(pipeline.info.duration)
            self.transport.setVisible(pipeline.info.seekable)
        if pipeline.engine:
            self._ask_engine(pipeline.engine)
        if pipeline.notice and self._is_new(pipeline.notice):
            self._show_notice(pipeline.notice)
            self.panel.set_settings(pipeline.settings)
            self._follow_settings()
        if pipeline.problem and self._is_new(pipeline.problem):
            self.banners.show_message("source", "warning", pipeline.problem)
        ended = pipeline.state.value == "ended"
        if self.keeper.recording and (self.keeper.recording.failed or ended):
            self.keeper.finish()

    def _show_notice(self, notice: YolactLiveError) -> None:
        self.banners.show_message("engine", "warning", notice.message, notice.remedy)

    def _ask_engine(self, engine: Engine) -> None:
        """Ask now and then what runs the model: the answer takes as long as an inference."""
        if self._is_new(engine) or time.monotonic() > self._runs_on_due_s:
            self._runs_on_due_s = time.monotonic() + _RUNS_ON_S

            def offer(answer: str | Exception) -> None:
                self._runs_on = "" if isinstance(answer, Exception) else answer

            self.tasks.run("device", lambda: f"{engine.device} · {engine.precision}", offer)

    def _list_devices(self) -> None:
        self._devices_listed = True

        def find() -> dict[str, str]:
            from yolact_live.infer.devices import devices

            return {device.name: device.full_name for device in devices()}

        def offer(found: dict[str, str] | Exception) -> None:
            devices = {} if isinstance(found, Exception) else found
            choices = [(name, f"{name}: {full}") for name, full in devices.items()]
            self.panel.set_choices("device", [("AUTO", "Automatic"), *choices])

        self.tasks.run("devices", find, offer)

    def _enable_actions(self, pipeline: Pipeline | None) -> None:
        act = self.actions_by_name
        state = pipeline.state.value if pipeline else "stopped"
        playing = state == "running"
        seekable = bool(pipeline and pipeline.info and pipeline.info.seekable)
        recording = self.keeper.recording is not None
        act["play_pause"].setText("Pause" if playing else "Play")
        self._set_icon("play_pause", "pause" if playing else "play")
        act["record"].setChecked(recording)
        self._set_icon("record", "recording" if recording else "record")
        act["play_pause"].setEnabled(self._source is not None)
        act["stop"].setEnabled(state not in ("stopped", "failed") or self.player.opening)
        for name in ("record", "snapshot"):
            act[name].setEnabled(self.result is not None)
        for name in ("step_back", "step_forward", "seek_back", "seek_forward", "loop"):
            act[name].setEnabled(seekable)

    def _refresh_status(self, pipeline: Pipeline | None) -> None:
        recording = "finishing …" if self.keeper.finishing else ""
        if self.keeper.recording:
            recording = clock(float(self.keeper.recording.seconds))
        if pipeline is None:
            self.status.show_texts(self._idle_state(), recording)
            return
        now = pipeline.metrics.snapshot()
        running = pipeline.state.value == "running"
        delay_ms = statistics.median(self._delays_ms) if self._delays_ms else 0.0
        self.status.show_texts(
            state_of(pipeline),
            recording,
            now.fps if running else 0.0,
            facts_of(pipeline, now, self._runs_on, delay_ms),
            source_of(pipeline),
        )

    def _idle_state(self) -> str:
        if self._close_due_s is not None:
            return "Closing …"
        if self._failure:
            return "Failed"
        if self.player.busy:
            return "Opening …" if self.player.opening else "Stopping …"
        return "Stopped" if self._source else "Ready"
