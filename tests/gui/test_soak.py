"""A window whose controls are moved at random, and what that leaves behind.

The long form runs with ``python -m pytest -m soak -s``.
"""

from __future__ import annotations

import gc
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QSlider,
    QSpinBox,
    QWidget,
)

from tests.clips import write_clip
from tests.gui.conftest import spin, until
from yolact_live.gui.actions import ACTIONS
from yolact_live.gui.window import Window
from yolact_live.memory import share_arenas
from yolact_live.settings import WINDOW_SETTINGS, Settings
from yolact_live.settings_file import SettingsFile

OpenWindow = Callable[..., Window]
share_arenas()  # as the command does, before there are threads
SHORT_S, LONG_S = 8.0, 60.0  # between two rests
LEAVE_ALONE = {
    "quit",
    "open_file",  # dialogs of the system, which wait for a person
    "open_folder",
    "paste",
    "recordings",  # other programs
    "snapshots",
    "camera",  # menus wait for a person
    "menu",
}
SEPARATOR = "qt_qmainwindow_extended_splitter"
"""Qt makes another one, and keeps it, whenever all panels are hidden and shown again."""
MORE = 15
"""Widgets that may be more after a while: a preview, a tab bar, which are made when they are wanted."""


class Monkey:
    """Does what a person could do, at random."""

    def __init__(self, window: Window, sources: list[str], dice: random.Random) -> None:
        self.window = window
        self.sources = sources
        self.dice = dice
        self.done = 0

    def act(self) -> None:
        self.done += 1
        self.dice.choice(
            [self.trigger] * 6 + [self.move] * 6 + [self.point] * 3 + [self.press_escape, self.open]
        )()

    def trigger(self) -> None:
        spec = self.dice.choice([spec for spec in ACTIONS if spec.name not in LEAVE_ALONE])
        self.window.actions_by_name[spec.name].trigger()

    def move(self) -> None:
        """Move a control of a panel."""
        kinds = (QSlider, QSpinBox, QDoubleSpinBox, QComboBox, QCheckBox)
        panels = self.window.panels
        every: list[QWidget] = [
            widget
            for panel in (panels.for_detection, panels.for_look)
            for kind in kinds
            for widget in panel.findChildren(kind)
            if widget.isEnabled()
        ]
        widget = self.dice.choice(every)
        if isinstance(widget, QAbstractButton):
            widget.click()
        elif isinstance(widget, QComboBox):
            widget.setCurrentIndex(self.dice.randrange(widget.count()))
            widget.activated.emit(widget.currentIndex())
        else:
            share = self.dice.random() ** 3  # large values make it slow
            widget.setValue(
                type(widget.minimum())(widget.minimum() + share * (widget.maximum() - widget.minimum()))
            )

    def point(self) -> None:
        """Move, click, or turn the wheel over the picture."""
        view = self.window.view
        at = QPoint(self.dice.randrange(view.width()), self.dice.randrange(view.height()))
        QTest.mouseMove(view, at)
        if self.dice.random() < 0.3:
            QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=at)
        elif self.dice.random() < 0.5:
            none = (Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase)
            turn = QPoint(0, self.dice.choice((-240, -120, 120)))
            QApplication.sendEvent(
                view, QWheelEvent(QPointF(at), QPointF(view.mapToGlobal(at)), QPoint(), turn, *none, False)
            )

    def press_escape(self) -> None:
        QTest.keyClick(QApplication.focusWidget() or self.window, Qt.Key.Key_Escape)

    def open(self) -> None:
        self.window.open(self.dice.choice(self.sources), loop=True)

    def rest(self) -> None:
        """Bring the window to where it can be compared with itself."""
        window = self.window
        for dialog in window.findChildren(QDialog):
            dialog.reject()
        if window.isFullScreen():
            window.full_screen()
        window.surroundings.hide(False)
        window.keeper.finish()
        window.chosen.set(Settings(model=window.chosen.settings.model, steady="low"))
        window.actions_by_name["zoom_fit"].trigger()
        window.open(self.sources[0], loop=True)
        until(lambda: window.session.result and not window.tasks.busy and not window.session.player.busy)
        for topic in list(window.banners.shown):
            window.banners.clear(topic)
        spin(1.0)
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # exec() would do it
        gc.collect()
        spin(0.2)


def live(window: Window) -> Counter[str]:
    """Count by kind what must not become more."""
    widgets = (widget for widget in QApplication.allWidgets() if widget.objectName() != SEPARATOR)
    living = Counter(type(widget).__name__ for widget in widgets)
    living["timers"] = len(window.findChildren(QTimer))
    living["threads"] = sum(not thread.name.startswith("yl-task") for thread in threading.enumerate())
    return living


def let_loose(
    window: Window, sources: list[str], seconds: float, rests: int, dice: random.Random
) -> list[int]:
    """Play with a window; return the megabytes of memory at each rest."""
    monkey = Monkey(window, sources, dice)
    slowest_ms = 0.0
    tick = window._tick

    def timed() -> None:
        nonlocal slowest_ms
        began = time.thread_time_ns()
        tick()
        slowest_ms = max(slowest_ms, (time.thread_time_ns() - began) / 1e6)

    window._tick_timer.timeout.disconnect()
    window._tick_timer.timeout.connect(timed)
    monkey.rest()
    for _ in range(20):
        monkey.act()
        spin(0.05)
    monkey.rest()
    before, memory_mb = live(window), []
    for _ in range(rests):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            monkey.act()
            spin(dice.uniform(0.02, 0.4))
            told = " ".join(banner.text for banner in window.banners.shown.values())
            assert "something went wrong" not in told
        monkey.rest()
        memory_mb.append(round(psutil.Process().memory_info().rss / 1e6))
    after = live(window)
    print(f"\n{monkey.done} moves; {before.total()} things live; more: {after - before}")
    print(f"memory {memory_mb} MB; slowest tick {slowest_ms:.1f} ms of the processor")
    assert (after - before).total() <= MORE
    assert not (after - before)["threads"]
    return memory_mb


def play_with(
    open_window: OpenWindow, tiny: Settings, home: Path, clip: Path, seconds: float, rests: int, seed: int
) -> list[int]:
    file = SettingsFile()
    window = open_window(replace(WINDOW_SETTINGS, model=tiny.model), file)
    return let_loose(
        window, [str(clip), "testcard", str(home / "missing.mp4")], seconds, rests, random.Random(seed)
    )


def test_random_moves_leave_nothing_behind(
    open_window: OpenWindow, tiny: Settings, home: Path, clip: Path
) -> None:
    play_with(open_window, tiny, home, clip, SHORT_S, 1, 1)


@pytest.mark.soak
@pytest.mark.timeout(20 * LONG_S)
def test_ten_minutes_of_random_moves(
    open_window: OpenWindow, tiny: Settings, home: Path, tmp_path: Path
) -> None:
    clip = write_clip(tmp_path / "large.mp4", frames=100, size=(1080, 1920))
    memory_mb = play_with(open_window, tiny, home, clip, LONG_S, 10, int(time.time()))
    middle, last = sorted(memory_mb[3:6])[1], sorted(memory_mb[-3:])[1]
    assert last < 1.1 * middle, "what is kept for reuse has been there for long"
