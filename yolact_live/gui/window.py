"""The main window."""

from __future__ import annotations

import faulthandler
import os
import sys
import time
import traceback
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QByteArray, QEvent, QSettings, QSize, QStandardPaths, Qt, QTimer, QUrl
from PySide6.QtGui import (
    QCloseEvent,
    QDesktopServices,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QGuiApplication,
    QIcon,
    QKeyEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QHBoxLayout,
    QMainWindow,
    QMenu,
    QSizePolicy,
    QToolBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from yolact_live.errors import UsageError, YolactLiveError
from yolact_live.gui import theme
from yolact_live.gui.actions import ACTIONS, Spec, make_actions
from yolact_live.gui.banner import Banners, Button
from yolact_live.gui.panels import SettingsPanel
from yolact_live.gui.player import Player
from yolact_live.gui.recording import Recording, free_name
from yolact_live.gui.status import StatusLine
from yolact_live.gui.tasks import Tasks
from yolact_live.gui.transport import Transport, clock
from yolact_live.gui.video_view import VideoView
from yolact_live.settings import Settings

if TYPE_CHECKING:
    from yolact_live.pipeline.pipeline import Pipeline
    from yolact_live.types import FrameResult

TICK_MS = 16
TEXT_MS = 220
_CLOSE_S = 3.0
_SEEK_S = 5
_ENGINE_DELAY_S = 0.4
"""Another model or device is built when nothing has been changed for so long."""
_ENGINE_SETTINGS = ("model", "device", "precision", "threads")
_SCORE_STEP = 0.05
_EMPTY = ("Drop a video here", "or open a file, pick a camera, or paste an address")
_TOOLS = ("open_file", "camera", "", "play_pause", "stop", "", "record", "snapshot")
_VIDEO_FILTER = "Videos (*.mp4 *.mov *.mkv *.webm *.avi *.m4v *.ts *.mpg *.mpeg);;All files (*)"


class Window(QMainWindow):
    """Video, settings, transport and status. A timer pulls frames; nothing here ever waits.

    Attributes:
        result: what is shown now.
        failure: why the source or the recording failed, until another source is opened.
    """

    def __init__(self, settings: Settings, remember_geometry: bool = True) -> None:
        super().__init__()
        self.setWindowTitle("YOLACT Live")
        self.setAcceptDrops(True)
        self.result: FrameResult | None = None
        self.failure: BaseException | None = None
        self.player = Player()
        self.tasks = Tasks()
        self._source: str | None = None
        self._reported: object = None
        self._noticed: object = None
        self._prepared = False
        self._recording: Recording | None = None
        self._hidden_masks: dict[str, Any] | None = None
        self._settings_due_s: float | None = None
        self._close_deadline_s: float | None = None
        self._remember_geometry = remember_geometry
        self.actions_by_name = make_actions(self, self._trigger)
        self.view = VideoView()
        self.banners = Banners()
        self.panel = SettingsPanel(settings)
        self.transport = Transport(self.actions_by_name)
        self.status = StatusLine()
        self.tools = self._make_tools()
        self._lay_out()
        self._connect()
        self._restore_geometry()
        self.apply_theme()
        self.view.show_message(*_EMPTY)
        self._refresh_texts()

    # ---------------------------------------------------------------- making

    def _make_tools(self) -> QToolBar:
        tools = QToolBar("Tools", movable=False)
        tools.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        tools.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        tools.setIconSize(QSize(20, 20))
        for name in _TOOLS:
            if name:
                tools.addAction(self.actions_by_name[name])
            else:
                tools.addSeparator()
        spacer = QWidget()
        spacer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        tools.addWidget(spacer)
        for name in ("full_screen", "panel"):
            tools.addAction(self.actions_by_name[name])
            self._button(tools, name).setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self.menu_button = QToolButton(toolTip="All actions and their shortcuts (F10)")
        self.menu_button.setMenu(self._make_menu())
        tools.addWidget(self.menu_button)
        camera = self._button(tools, "camera")
        camera.setMenu(QMenu(camera))
        for button in (camera, self.menu_button):
            button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        for button in tools.findChildren(QToolButton):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.menu_button.setAccessibleName("Menu")
        self.addToolBar(tools)
        return tools

    def _button(self, tools: QToolBar, name: str) -> QToolButton:
        button = tools.widgetForAction(self.actions_by_name[name])
        assert isinstance(button, QToolButton)
        return button

    def _make_menu(self) -> QMenu:
        menu = QMenu(self)
        group = ACTIONS[0].group
        for spec in ACTIONS:
            if spec.group != group:
                menu.addSeparator()
                group = spec.group
            menu.addAction(self.actions_by_name[spec.name])
        return menu

    def _lay_out(self) -> None:
        left, row, whole = QVBoxLayout(), QHBoxLayout(), QVBoxLayout()
        for layout in (left, row, whole):
            layout.setContentsMargins(0, 0, 0, 0)
            layout.setSpacing(0)
        left.addWidget(self.banners)
        left.addWidget(self.view, 1)
        left.addWidget(self.transport)
        row.addLayout(left, 1)
        row.addWidget(self.panel)
        whole.addLayout(row, 1)
        whole.addWidget(self.status)
        centre = QWidget()
        centre.setLayout(whole)
        self.setCentralWidget(centre)
        self.transport.hide()

    def _connect(self) -> None:
        self.panel.changed.connect(self._settings_changed)
        self.panel.rejected.connect(self._settings_rejected)
        self.transport.sought.connect(self._seek)
        self._button(self.tools, "camera").menu().aboutToShow.connect(self._list_cameras)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self.apply_theme)
        self.actions_by_name["panel"].setChecked(True)
        self._ticker = QTimer(self, interval=TICK_MS, timerType=Qt.TimerType.PreciseTimer)
        self._ticker.timeout.connect(self._tick)
        self._ticker.start()
        self._texts = QTimer(self, interval=TEXT_MS)
        self._texts.timeout.connect(self._refresh_texts)
        self._texts.start()

    def _restore_geometry(self) -> None:
        self.resize(1280, 800)
        saved = QSettings().value("geometry") if self._remember_geometry else None
        if isinstance(saved, QByteArray):
            self.restoreGeometry(saved)

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
        self.menu_button.setIcon(theme.icon("menu", colours.text, colours.disabled))
        self.banners.set_theme(colours)

    def _set_icon(self, action: str, name: str) -> None:
        colours = theme.current()
        self.actions_by_name[action].setIcon(theme.icon(name, colours.text, colours.disabled))

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
        self.finish_recording()
        for topic in ("source", "engine"):
            self.banners.clear(topic)
        self._source, self.failure, self.result = source, None, None
        self._reported = self._noticed = None
        self._prepared = False
        self.actions_by_name["loop"].setChecked(loop)
        self.transport.hide()
        self.view.show_message(f"Opening {_short(source)} …")

        def prepare(pipeline: Pipeline) -> None:
            if record:
                self._recording = Recording(record, pipeline, overwrite)

        self.player.open(source, self.panel.settings, loop, prepare)
        self._refresh_texts()

    def retry(self) -> None:
        """Open the same source again."""
        if self._source:
            self.open(self._source, self.actions_by_name["loop"].isChecked())

    def stop(self) -> None:
        """Let go of the source."""
        self.finish_recording()
        self.player.stop()
        self.result = None
        self.transport.hide()
        if self._source:
            self.view.show_message("Stopped", "Press Play to start again")
        self._refresh_texts()

    def open_file(self) -> None:
        """Ask for a file."""
        start = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.MoviesLocation)
        name, _ = QFileDialog.getOpenFileName(self, "Open a video", start, _VIDEO_FILTER)
        if name:
            self.open(name)

    def camera(self) -> None:
        """Show the list of cameras."""
        self._button(self.tools, "camera").showMenu()

    def _list_cameras(self) -> None:
        menu = self._button(self.tools, "camera").menu()
        menu.clear()
        for index in range(2):
            menu.addAction(f"Camera {index}", partial(self.open, str(index)))
        menu.addSeparator()
        menu.addAction("Test card", partial(self.open, "testcard"))

    def paste(self) -> None:
        """Open what the clipboard names."""
        data = QGuiApplication.clipboard().mimeData()
        source = _source_of(data.urls(), data.text()) if data else None
        if source:
            self.open(source)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        data = event.mimeData()
        if _source_of(data.urls(), data.text()):
            event.acceptProposedAction()
            self.view.highlight(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.view.highlight(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self.view.highlight(False)
        source = _source_of(event.mimeData().urls(), event.mimeData().text())
        if source:
            event.acceptProposedAction()
            self.open(source)

    # ---------------------------------------------------------------- playback

    def play_pause(self) -> None:
        """Pause what plays; play what does not."""
        pipeline = self.player.pipeline
        if pipeline is None or pipeline.state.value in ("failed", "stopped"):
            self.retry()
        elif pipeline.state.value in ("paused", "ended"):
            pipeline.resume()
        elif pipeline.state.value == "running":
            pipeline.pause()
        self._refresh_texts()

    def loop(self) -> None:
        """Start again at the end, or do not."""
        if self.player.pipeline:
            self.player.pipeline.loop = self.actions_by_name["loop"].isChecked()

    def seek_back(self) -> None:
        """Go back a little."""
        self._seek_by(-_SEEK_S)

    def seek_forward(self) -> None:
        """Go on a little."""
        self._seek_by(_SEEK_S)

    def step_back(self) -> None:
        """Pause at the frame before."""
        if self.result:
            self._step(self.result.frame.pts - Fraction(1, 1_000_000))

    def step_forward(self) -> None:
        """Pause at the next frame."""
        if self.result:
            self._step(self.result.frame.pts + self.result.frame.duration)

    def _seek_by(self, seconds: int) -> None:
        if self._seekable:
            self.transport.seek(self.transport.position + seconds)

    def _step(self, pts: Fraction) -> None:
        if self._seekable and self.player.pipeline:
            self.player.pipeline.pause()
            self.transport.seek(pts)

    def _seek(self, pts: Fraction) -> None:
        if self.player.pipeline:
            self.player.pipeline.seek(pts)

    @property
    def _seekable(self) -> bool:
        pipeline = self.player.pipeline
        return bool(pipeline and pipeline.info and pipeline.info.seekable)

    # ---------------------------------------------------------------- keeping

    def record(self) -> None:
        """Start or finish a recording."""
        if self._recording:
            self.finish_recording()
        elif self.player.pipeline and self.result:
            path = self._new_file(QStandardPaths.StandardLocation.MoviesLocation, ".mp4")
            if path:
                self._recording = Recording(path, self.player.pipeline)
        self._refresh_texts()

    def finish_recording(self) -> None:
        """Complete the recording, if there is one, beside the window."""
        recording, self._recording = self._recording, None
        if recording:
            self.tasks.run("finish", recording.finish, partial(self._kept, "Recorded"))

    def snapshot(self) -> None:
        """Save the picture that is shown, in the size of the source."""
        if self.result is None:
            return
        picture = self.result.annotated
        path = self._new_file(QStandardPaths.StandardLocation.PicturesLocation, ".png")

        def save() -> Path:
            import cv2

            assert path is not None
            path.write_bytes(cv2.imencode(".png", picture)[1].tobytes())
            return path

        if path:
            self.tasks.run("snapshot", save, partial(self._kept, "Saved"))

    def _new_file(self, place: QStandardPaths.StandardLocation, extension: str) -> Path | None:
        folder = Path(QStandardPaths.writableLocation(place)) / "YOLACT Live"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            self.banners.show_message("file", "error", f"{folder} cannot be made ({error.strerror})")
            return None
        return free_name(folder, Path(_short(self._source or "")).stem, extension)

    def _kept(self, verb: str, outcome: Path | Exception) -> None:
        if isinstance(outcome, Exception):
            self.failure = self.failure or outcome
            self._show_error("file", outcome)
            return
        folder = QUrl.fromLocalFile(str(outcome.parent))
        button: Button = ("Open folder", lambda: (QDesktopServices.openUrl(folder), None)[1])
        self.banners.show_message("file", "info", f"{verb} {outcome}", button=button)

    # ---------------------------------------------------------------- settings

    def toggle_masks(self) -> None:
        """Hide masks and contours; show them as they were."""
        settings = self.panel.settings
        if settings.opacity or settings.contours:
            self._hidden_masks = {"opacity": settings.opacity, "contours": settings.contours}
            self.panel.choose(opacity=0.0, contours=False)
        else:
            fallback = {"opacity": Settings.opacity, "contours": Settings.contours}
            self.panel.choose(**(self._hidden_masks or fallback))

    def score_down(self) -> None:
        """Show more objects."""
        self._move_score(-_SCORE_STEP)

    def score_up(self) -> None:
        """Show fewer objects."""
        self._move_score(_SCORE_STEP)

    def _move_score(self, step: float) -> None:
        score = round(self.panel.settings.score + step, 2)
        self.panel.choose(score=min(max(score, 0.0), 1.0))

    def _settings_changed(self) -> None:
        self.banners.clear("settings")
        pipeline, settings = self.player.pipeline, self.panel.settings
        for spec in ACTIONS:
            if spec.setting:
                self.actions_by_name[spec.name].setChecked(getattr(settings, spec.setting))
        self.actions_by_name["toggle_masks"].setChecked(bool(settings.opacity or settings.contours))
        rebuild = pipeline and any(
            getattr(pipeline.settings, name) != getattr(settings, name) for name in _ENGINE_SETTINGS
        )
        self._settings_due_s = time.monotonic() + (_ENGINE_DELAY_S if rebuild else 0)

    def _settings_rejected(self, error: UsageError) -> None:
        self._show_error("settings", error)

    def _apply_settings(self) -> None:
        if self._settings_due_s is None or time.monotonic() < self._settings_due_s:
            return
        self._settings_due_s = None
        if self.player.pipeline:
            self.player.pipeline.update(self.panel.settings)

    # ---------------------------------------------------------------- window

    def full_screen(self) -> None:
        """Only the picture, or everything again."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.WindowStateChange:
            self._show_frame_parts()
        super().changeEvent(event)

    def _show_frame_parts(self) -> None:
        around = not self.isFullScreen()
        self.tools.setVisible(around)
        self.status.setVisible(around)
        self.panel.setVisible(around and self.actions_by_name["panel"].isChecked())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.isFullScreen():
            self.full_screen()
        elif event.key() == Qt.Key.Key_F10:
            self.menu_button.showMenu()
        else:
            super().keyPressEvent(event)

    def quit(self) -> None:
        """Close the window."""
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._close_deadline_s is None:
            if self._remember_geometry:
                QSettings().setValue("geometry", self.saveGeometry())
            self.finish_recording()
            self.player.stop()
            self._close_deadline_s = time.monotonic() + _CLOSE_S
            self.view.show_message("Closing …")
        if self.player.busy or self.tasks.busy:
            event.ignore()  # the timer comes back
            return
        self._ticker.stop()
        self._texts.stop()
        event.accept()

    def _check_closing(self) -> None:
        if self._close_deadline_s is None:
            return
        if not (self.player.busy or self.tasks.busy):
            self.close()
        elif self.player.busy and time.monotonic() > self._close_deadline_s:
            print("yolact-live: a thread did not end in time; this is where it is:", file=sys.stderr)
            faulthandler.dump_traceback()
            os._exit(1)

    # ---------------------------------------------------------------- pulling

    def _trigger(self, spec: Spec) -> None:
        if spec.setting:
            self.panel.choose(**{spec.setting: not getattr(self.panel.settings, spec.setting)})
        elif spec.name == "panel":
            self._show_frame_parts()
        else:
            getattr(self, spec.name)()

    def _tick(self) -> None:
        pipeline = self.player.pipeline
        result = pipeline.display.poll() if pipeline else None
        if result is not None:
            self._show(result)
        self._apply_settings()
        self.tasks.poll()
        self._check_closing()

    def _show(self, result: FrameResult) -> None:
        self.result = result
        self.view.show_picture(result.annotated)
        self.transport.set_position(result.frame.pts)
        if self._recording:
            self._recording.shown(result.frame.pts)

    def _refresh_texts(self) -> None:
        pipeline = self.player.pipeline
        self._report(pipeline)
        if pipeline and pipeline.info and not self._prepared:
            self._prepared = True
            self.transport.set_duration(pipeline.info.duration)
            self.transport.setVisible(pipeline.info.seekable)
        if pipeline and pipeline.engine and "devices" not in self._listed:
            self._list_devices()
        state = self._state(pipeline)
        playing = state in ("Playing", "Live")
        self._set_actions(playing)
        now = pipeline.metrics.snapshot() if pipeline else None
        facts = []
        if pipeline and pipeline.engine:
            facts.append(f"{pipeline.engine.device} · {pipeline.engine.precision}")
        if now and now.frames:
            facts.append(f"{now.frames:,} frames")
            facts += _drops(now.dropped)
        source = ""
        if pipeline and pipeline.info:
            source = f"{pipeline.info.name} · {pipeline.info.size[1]}×{pipeline.info.size[0]}"
        self.status.show_texts(
            fps=f"{now.fps:.1f}" if now and playing and now.fps else "–",
            state=state,
            facts=facts,
            source=source,
            recording=clock(float(self._recording.seconds)) if self._recording else "",
        )

    _listed: frozenset[str] = frozenset()

    def _list_devices(self) -> None:
        self._listed = frozenset({"devices"})

        def find() -> dict[str, str]:
            from yolact_live.infer.engine import devices

            return devices()

        def offer(found: dict[str, str] | Exception) -> None:
            if not isinstance(found, Exception):
                choices = [(name, f"{full} ({name})") for name, full in found.items()]
                self.panel.set_choices("device", [("AUTO", "Automatic"), *choices])

        self.tasks.run("devices", find, offer)

    def _set_actions(self, playing: bool) -> None:
        act = self.actions_by_name
        text = "Pause" if playing else "Play"
        if act["play_pause"].text() != text:
            act["play_pause"].setText(text)
            self._set_icon("play_pause", text.lower())
        recording = "Stop recording" if self._recording else "Record"
        if act["record"].text() != recording:
            act["record"].setText(recording)
            self._set_icon("record", "recording" if self._recording else "record")
        act["play_pause"].setEnabled(self._source is not None)
        act["stop"].setEnabled(self.player.pipeline is not None or self.player.busy)
        act["record"].setEnabled(self.result is not None)
        act["snapshot"].setEnabled(self.result is not None)
        for name in ("step_back", "step_forward", "seek_back", "seek_forward", "loop"):
            act[name].setEnabled(self._seekable)

    def _state(self, pipeline: Pipeline | None) -> str:
        if self._close_deadline_s is not None:
            return "Closing …"
        if pipeline is None:
            return "Stopping …" if self.player.busy and not self._source else self._idle_state()
        if pipeline.state.value == "opening":
            if pipeline.info is None:
                return "Opening …"
            return "Starting …" if pipeline.engine else "Compiling the model …"
        if pipeline.state.value == "running":
            return "Live" if pipeline.live else "Playing"
        return pipeline.state.value.capitalize()

    def _idle_state(self) -> str:
        if self.failure is not None:
            return "Failed"
        if self.player.busy:
            return "Opening …"
        return "Stopped" if self._source else "Ready"

    def _report(self, pipeline: Pipeline | None) -> None:
        error = self.player.error or (pipeline.error if pipeline else None)
        if error is not None and error is not self._reported:
            self._reported = self.failure = error
            self.finish_recording()
            if self.result is None:
                self.view.show_message(*_EMPTY)
            self._show_error("source", error, ("Retry", self.retry))
        if self._recording and self._recording.failed:
            self.finish_recording()
        if pipeline is None:
            return
        notice = pipeline.notice or pipeline.problem
        if notice is not None and notice is not self._noticed:
            self._noticed = notice
            if isinstance(notice, YolactLiveError):
                self.banners.show_message("engine", "warning", notice.message, notice.remedy)
                self.panel.set_settings(pipeline.settings)
            else:
                self.banners.show_message("source", "warning", notice)

    def _show_error(self, topic: str, error: BaseException, button: Button | None = None) -> None:
        if isinstance(error, YolactLiveError):
            self.banners.show_message(topic, "error", error.message, error.remedy, button)
            return
        traceback.print_exception(error)
        self.banners.show_message(
            topic, "error", f"something went wrong inside the program ({error!r})", "", button
        )


def _drops(dropped: dict[str, int]) -> list[str]:
    if not sum(dropped.values()):
        return []
    causes = ", ".join(f"{count} {cause}" for cause, count in dropped.items() if count)
    return [f"{sum(dropped.values()):,} dropped ({causes})"]


def _short(source: str) -> str:
    """Return a source fit to be shown: the name of a file, an address without its password."""
    from yolact_live.capture.source import redact

    return redact(source) if "://" in source else Path(source).name or source


def _source_of(urls: list[QUrl], text: str) -> str | None:
    """Return the source that dropped or pasted data names."""
    if urls:
        return urls[0].toLocalFile() or urls[0].toString()
    lines = text.strip().strip("\"'").splitlines()
    if not lines:
        return None
    url = QUrl(lines[0])
    return url.toLocalFile() if url.isLocalFile() else lines[0]
