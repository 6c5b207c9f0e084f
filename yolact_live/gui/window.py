"""The main window: its parts, how they are laid out, and how it closes."""

from __future__ import annotations

import faulthandler
import os
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QCoreApplication, QEvent, QSettings, Qt, QTimer
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QGuiApplication,
    QIcon,
    QKeyEvent,
    QKeySequence,
    QWindowStateChangeEvent,
)
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow, QStatusBar, QVBoxLayout, QWidget

from yolact_live.errors import AccessError
from yolact_live.gui import theme
from yolact_live.gui.actions import ACTIONS, Spec, make_actions, set_icon
from yolact_live.gui.banner import Banners, Button
from yolact_live.gui.chosen import Chosen
from yolact_live.gui.devices import Devices
from yolact_live.gui.dialogs import Dialogs
from yolact_live.gui.docks import Docks
from yolact_live.gui.keeper import Keeper
from yolact_live.gui.panels import Panels
from yolact_live.gui.playback import Playback
from yolact_live.gui.recent import Recent
from yolact_live.gui.record_bar import RecordBar
from yolact_live.gui.reports import Reports
from yolact_live.gui.saver import Saver
from yolact_live.gui.session import Session
from yolact_live.gui.shortcuts import Shortcuts
from yolact_live.gui.sources import Sources, short_name, source_in
from yolact_live.gui.status import StatusLine, outage_of
from yolact_live.gui.surroundings import Surroundings
from yolact_live.gui.tasks import Tasks
from yolact_live.gui.toolbar import ToolBar
from yolact_live.gui.translation import spoken, tr
from yolact_live.gui.transport import Transport
from yolact_live.gui.tuning import Tuning
from yolact_live.gui.video_view import VideoView
from yolact_live.gui.welcome import Card
from yolact_live.gui.zones import Zones
from yolact_live.settings import Preferences, Settings
from yolact_live.settings_file import SettingsFile

if TYPE_CHECKING:
    from yolact_live.capture import SourceInfo
    from yolact_live.gui.player import Prepare
    from yolact_live.types import FrameResult

TICK_MS = 8
IDLE_MS, IDLE_TICKS = 33, 125  # so rarely after a second in which nothing has moved
TEXT_MS, IDLE_TEXT_MS = 220, 500
CLOSE_S = 60.0
"""A pipeline that has not stopped after so long hangs. Nothing can interrupt the compilation of kernels."""
EMPTY = ("Drop a video here", "or open a file, pick a camera, or paste an address")


class Window(QMainWindow):
    """Video, panels, transport and status. A timer pulls frames; nothing here ever waits.

    Args:
        settings: what to start with.
        file: where settings are kept. Size, place and panels are remembered, too; None = nothing is.
        reports: of crashes, to be offered; None = there are none.

    Attributes:
        chosen: the settings that hold; saver keeps them.
        session: what is open and shown.
        view, transport, banners, tools, status: what is seen of it.
        docks, panels: what is around it.
        closed: nothing is left of it: all is saved, and all threads have ended.
    """

    def __init__(
        self, settings: Settings, file: SettingsFile | None = None, reports: Reports | None = None
    ) -> None:
        super().__init__()
        self.setAcceptDrops(True)
        self.tasks = Tasks()
        self.actions_by_name = make_actions(self, self._trigger)
        self.chosen = Chosen(settings, file.preferences if file else Preferences(welcome=False))
        theme.prefer(self.chosen.preferences.theme)
        self.session = Session(lambda: self.chosen.settings)
        self.tools = ToolBar(self.actions_by_name, self.tasks)
        self.view = VideoView()
        self.banners = Banners(reports.write) if reports else Banners()
        self.transport = Transport(self.actions_by_name)
        self.status = StatusLine()
        self.docks = Docks(self)
        self.devices = Devices(self.tasks)
        self.panels = Panels(self.docks, self.chosen, self.session, self.devices, self.tasks, self.banners)
        self.sources = Sources(self, self.tools, self.actions_by_name, Recent(kept=file is not None))
        self.playback = Playback(self.session, self.transport, self.tasks, self.actions_by_name)
        self.keeper = Keeper(self.session, self.chosen, self.tasks, self.banners, self.actions_by_name)
        self.record_bar = RecordBar(self.actions_by_name)
        self.tuning = Tuning(self.chosen, self.session, self.banners, self.actions_by_name)
        self.zones = Zones(
            file.path.with_name("zones.toml") if file else None,
            self.view,
            self.session,
            self.chosen,
            self.tasks,
            self.banners,
            self.actions_by_name,
        )
        self.saver = Saver(file, self.chosen, self.tasks, self.banners)
        self.keys = Shortcuts(self.actions_by_name, file.keys if file else {}, self.saver)
        self.dialogs = Dialogs(self, self.actions_by_name, self.chosen, self.panels, self.keys, self.devices)
        self.card: Card | None = None
        self._reports = reports
        self.doers: dict[str, object] = {
            "source": self.sources,
            "playback": self.playback,
            "keep": self.keeper,
            "show": self.tuning,
            "count": self.zones,
            "view": self.view,
            "panels": self.panels,
            "window": self,
            "help": self.dialogs,
        }
        """Group of actions → what does them."""
        self.closed = False
        self._close_due_s: float | None = None
        self._remembers = file is not None
        self._lay_out()
        self._connect()
        self._follow_preferences()
        self._clear("", *map(tr, EMPTY))
        if reports and reports.left():
            self._offer_report(tr("the program failed the last time"))

    # ---------------------------------------------------------------- making

    def _lay_out(self) -> None:
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        bottom = QStatusBar()
        bottom.setSizeGripEnabled(False)
        bottom.addWidget(self.status, 1)
        column.addWidget(self.banners)
        column.addWidget(self.view, 1)
        under = [self.transport, self.record_bar]
        self.surroundings = Surroundings(column, self.view, under, [self.tools, bottom], self.docks)
        self.tools.setObjectName("tools")
        self.addToolBar(self.tools)
        self.setCentralWidget(centre)
        self.setStatusBar(bottom)
        self.view.setFocus()
        self.resize(1280, 800)
        if self._remembers:
            geometry, layout = QSettings().value("geometry"), QSettings().value("layout")
            if isinstance(geometry, QByteArray):
                self.restoreGeometry(geometry)
            if isinstance(layout, QByteArray):
                self.docks.restore(layout)

    def _connect(self) -> None:
        session = self.session
        session.opening.connect(self._show_opening)
        session.stopped.connect(partial(self._clear, "", tr("Stopped"), tr("Press Play to start again")))
        session.opened.connect(self._show_opened)
        session.failed.connect(self._show_failure)
        session.damaged.connect(lambda words: self.banners.show_message("source", "warning", spoken(words)))
        self.sources.chosen.connect(self.open)
        self.view.double_clicked.connect(self.full_screen)
        self.surroundings.changed.connect(self._leave_picture)
        self.view.presented.connect(session.note_presented)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self.apply_theme)
        self.chosen.preferences_changed.connect(self._follow_preferences)
        self._still_ticks = 0
        self._tick_timer = QTimer(self)
        self._tick_timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._tick_timer.timeout.connect(self._tick)
        self._tick_timer.start(TICK_MS)
        self._text_timer = QTimer(self)
        self._text_timer.timeout.connect(self.refresh)
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
                set_icon(self.actions_by_name[spec.name], spec.icon)
        self.banners.set_theme(colours)

    def _follow_preferences(self) -> None:
        now = self.chosen.preferences
        theme.prefer(now.theme)
        self.apply_theme()
        if now.welcome and not self.card:
            self.card = Card(self.view, self.actions_by_name, self.chosen)
        elif self.card and not now.welcome:
            self.card.deleteLater()
            self.card = None

    def _trigger(self, spec: Spec) -> None:
        if spec.setting:
            self.tuning.change(spec)
        else:
            getattr(self.doers[spec.group], spec.name)()
        self.refresh()

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
        prepare: Prepare | None = None
        if record:
            prepare = partial(self.keeper.start, path=record, overwrite=overwrite)
        self.session.open(source, loop, prepare)
        self.refresh()

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

    def _show_opening(self, source: str) -> None:
        for topic in ("source", "engine"):
            self.banners.clear(topic)
        name = short_name(source)
        key = self.actions_by_name["stop"].shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        hint = tr("Press {key} to cancel", key=key or self.actions_by_name["stop"].text())
        self._clear(f"{name} – ", tr("Opening {name} …", name=name), hint)

    def _show_opened(self, info: SourceInfo) -> None:
        source = self.session.source
        file = source if info.seekable and source and os.path.isfile(source) else None
        self.transport.set_source(file, info.duration)
        self.transport.setVisible(info.seekable)
        self.setWindowTitle(f"{info.name} – YOLACT Live")
        if source:
            self.sources.recent.add(source)

    def _show_failure(self, error: BaseException) -> None:
        if self.session.result is None:
            self.view.show_message(*map(tr, EMPTY))
        button: Button = (tr("Retry"), self.session.retry)
        if isinstance(error, AccessError) and self.session.source:
            button = (tr("Log in…"), partial(self.sources.log_in, self.session.source))
        self.banners.show_error("source", error, button)

    def _offer_report(self, words: str) -> None:
        assert self._reports
        show = (tr("Show report"), partial(self.dialogs.crash, self._reports))
        self.banners.show_message("crash", "warning", words, tr("a report tells where"), show)

    def _clear(self, title: str, message: str, hint: str = "") -> None:
        """Show words until the next frame."""
        self.transport.hide()
        self.view.show_message(message, hint)
        self.setWindowTitle(f"{title}YOLACT Live")

    # ---------------------------------------------------------------- window

    def settings(self) -> None:
        """Show or hide the panels."""
        self.docks.show(not self.docks.shown)

    def detach(self) -> None:
        """Let the panel in front float, or dock it again."""
        self.docks.detach()

    def reset_layout(self) -> None:
        """Bring all panels back to where they were at first."""
        self.surroundings.hide(False)
        self.docks.reset()

    def menu(self) -> None:
        """Show all actions."""
        self.tools.show_menu(self.actions_by_name["menu"])

    def picture_only(self) -> None:
        """Hide everything else, or bring it back."""
        self.surroundings.hide(not self.surroundings.hidden)

    def _leave_picture(self, alone: bool) -> None:
        if self.card:
            self.card.give_way(alone)

    def full_screen(self) -> None:
        """Only the picture, on all of the screen, or everything again."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def changeEvent(self, event: QEvent) -> None:
        if isinstance(event, QWindowStateChangeEvent):
            was = bool(event.oldState() & Qt.WindowState.WindowFullScreen)
            if was != self.isFullScreen():
                self.surroundings.hide(self.isFullScreen())
        super().changeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.isFullScreen():
            self.full_screen()
        elif event.key() == Qt.Key.Key_Escape and self.surroundings.hidden:
            self.picture_only()
        else:
            super().keyPressEvent(event)

    def quit(self) -> None:
        """Close the window."""
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._close_due_s is None:
            if self._remembers:
                QSettings().setValue("geometry", self.saveGeometry())
                QSettings().setValue("layout", self.surroundings.layout)
            self._close_due_s = time.monotonic() + CLOSE_S
            self.saver.save()
            self.panels.close()
            self.dialogs.close()
            for dialog in self.findChildren(QDialog):
                dialog.reject()
            self.keeper.finish()
            self.zones.finish()
            self.session.close()
            self.view.show_message(tr("Closing …"))
        if self._busy:
            event.ignore()  # the timer comes back to it
            return
        self._tick_timer.stop()
        self._text_timer.stop()
        self.view.shut()
        self.transport.bar.set_file(None)
        self.tasks.close()
        self.closed = True
        event.accept()
        if not self.isVisible():
            QCoreApplication.quit()  # Qt itself does it when a window closes that can be seen

    @property
    def _busy(self) -> bool:
        return self.session.player.busy or self.tasks.busy or self.panels.busy

    def _go_on_closing(self) -> None:
        if self._close_due_s is None:
            return
        # a person sees a recording being completed; what is only stopping needs nobody to watch
        self.setVisible(self.keeper.finishing > 0)
        if not self._busy:
            self.close()
        elif self.session.player.busy and time.monotonic() > self._close_due_s:
            print("yolact-live: a thread did not stop; this is where it is:", file=sys.stderr, flush=True)
            faulthandler.dump_traceback()
            os._exit(1)

    # ---------------------------------------------------------------- pulling

    @property
    def failure(self) -> BaseException | None:
        """Why the source, or else the last recording, failed."""
        return self.session.failure or self.keeper.failure

    def _tick(self) -> None:
        first = self.session.result is None
        result = self.session.poll()
        if result is not None:
            self._show(result)
            if first:
                self.refresh()
        self._slow_down(self.view.poll() or result is not None)
        self.transport.bar.poll()
        self.tuning.hand_on()
        self.tasks.poll()
        self._go_on_closing()

    def _slow_down(self, moved: bool) -> None:
        """Look for news rarely while there are none: a picture that stands still shall cost nothing."""
        self._still_ticks = 0 if moved else self._still_ticks + 1
        interval = TICK_MS if self._still_ticks < IDLE_TICKS else IDLE_MS
        if self._tick_timer.interval() != interval:
            self._tick_timer.setInterval(interval)
            self._text_timer.setInterval(TEXT_MS if interval == TICK_MS else IDLE_TEXT_MS)

    def _show(self, result: FrameResult) -> None:
        self.view.show_result(result)
        self.transport.set_position(result.frame.pts)

    def refresh(self) -> None:
        """Follow what changes slowly: texts, which actions make sense, what went wrong."""
        session = self.session
        session.follow()
        self.devices.follow(session.pipeline.engine if session.pipeline else None)
        self.panels.follow()
        if self._reports and self._reports.fresh:
            self._reports.fresh.clear()
            self._offer_report(tr("something went wrong inside the program"))
        self.playback.refresh()
        self.keeper.refresh()
        self.zones.refresh()
        self.actions_by_name["settings"].setChecked(self.docks.shown)
        self.actions_by_name["picture_only"].setChecked(self.surroundings.hidden)
        if session.pipeline and session.pipeline.outage:
            self.view.veil(outage_of(session.pipeline), spoken(session.pipeline.outage.reason.message))
        self.record_bar.follow(self.keeper)
        # where the bar is out of sight, the picture must tell
        self.view.tell_recorded(None if self.record_bar.isVisible() else self.keeper.recorded)
        self.status.follow(session, self.devices.runs_on)
