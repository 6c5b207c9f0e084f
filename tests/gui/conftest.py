"""A window on a real pipeline, watched for whatever it leaves behind."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QMessageLogContext,
    QSettings,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtWidgets import QApplication

from tests.clips import write_clip
from tests.models import write_model
from yolact_live.gui import translation
from yolact_live.gui.opencv import forget_opencv_qt
from yolact_live.gui.reports import Reports
from yolact_live.gui.window import Window
from yolact_live.pipeline.pipeline import State
from yolact_live.settings import Settings
from yolact_live.settings_file import SettingsFile

DEADLINE_S = 60.0
HARMLESS = ("This plugin does not support",)
"""Messages of the offscreen platform that say nothing about the window."""


@pytest.fixture(scope="session")
def application() -> QApplication:
    forget_opencv_qt()
    application = QApplication.instance() or QApplication(["yolact-live"])
    assert isinstance(application, QApplication)
    application.setApplicationName("yolact-live-test")
    application.setOrganizationName("yolact-live-test")
    translation.install(application, "en")  # whatever the system speaks
    return application


def spin(seconds: float) -> None:
    """Let the window live for a while."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        QCoreApplication.processEvents()
        time.sleep(0.002)


def until(condition: Callable[[], object]) -> None:
    """Let the window live until something has happened."""
    end = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < end, "it never happened"
        spin(0.005)


def close(window: Window) -> None:
    """Close a window, and wait until nothing of it runs any more."""
    if not window.closed:
        window.close()
    until(lambda: window.closed)
    assert not window.isVisible()


def stands_still(window: Window) -> bool:
    """Whether the last frame that was read is on the screen, however slow the machine is."""
    pipeline, shown = window.session.pipeline, window.session.result
    if not (pipeline and shown and pipeline.state in (State.PAUSED, State.ENDED)):
        return False
    read = pipeline._last is not None and pipeline._last.frame.seq == pipeline._reader.last_seq
    return read and not len(pipeline.display) and window.view._counted is shown.annotated


def settle(window: Window) -> None:
    """Wait until no picture comes any more."""
    painted = -1
    while painted != window.view.painted:
        until(lambda: stands_still(window))
        painted = window.view.painted
        spin(0.4)


def play(window: Window, source: Path, frames: int = 3) -> None:
    window.open(str(source), loop=True)
    until(lambda: window.view.painted >= frames)


def hold(window: Window) -> None:
    window.actions_by_name["play_pause"].trigger()
    settle(window)


def state(window: Window) -> str:
    window.refresh()
    return window.status.state.text()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user whose videos, pictures and settings are in a folder of the test."""
    config = tmp_path / "config"
    config.mkdir()
    for name in ("VIDEOS", "PICTURES"):
        (tmp_path / name).mkdir()
    lines = [f'XDG_{name}_DIR="{tmp_path / name}"' for name in ("VIDEOS", "PICTURES")]
    (config / "user-dirs.dirs").write_text("\n".join(lines) + "\n")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(config))
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(config))
    return tmp_path


@pytest.fixture
def open_window(application: QApplication, home: Path) -> Iterator[Callable[..., Window]]:
    """Make windows; afterwards they close, and leave neither threads nor complaints of Qt."""
    windows: list[Window] = []
    complaints: list[str] = []
    before = set(threading.enumerate())

    def note(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
        if not any(words in text for words in HARMLESS):
            complaints.append(text)

    def make(
        settings: Settings | None = None, file: SettingsFile | None = None, reports: Reports | None = None
    ) -> Window:
        window = Window(settings or Settings(), file, reports)
        windows.append(window)
        if not file:
            window.resize(900, 600)
        window.show()
        until(window.isActiveWindow)  # keys go nowhere before
        return window

    previous = qInstallMessageHandler(note)
    yield make
    for window in windows:
        close(window)
        window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    spin(0.05)
    qInstallMessageHandler(previous)
    assert not [thread.name for thread in set(threading.enumerate()) - before]
    assert not complaints


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Two seconds of a moving bar, 25 frames a second."""
    return write_clip(tmp_path / "clip.mp4", frames=50)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings with a small model that always finds one person, with a score of 0.75."""
    return Settings(model=str(write_model(tmp_path_factory.mktemp("model") / "tiny.xml")))
