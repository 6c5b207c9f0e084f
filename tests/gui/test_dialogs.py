"""Command palette, shortcuts, preferences, about, reports of crashes, and the first start."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import threading
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.gui.conftest import spin, until
from yolact_live import capture
from yolact_live.assets import asset
from yolact_live.capture import Listed
from yolact_live.errors import YolactLiveError
from yolact_live.gui import theme
from yolact_live.gui.actions import ACTIONS
from yolact_live.gui.diagnostics import diagnostics, libraries
from yolact_live.gui.dialogs.crash import CrashDialog
from yolact_live.gui.dialogs.palette import Palette, likeness
from yolact_live.gui.dialogs.shortcuts import ShortcutsDialog
from yolact_live.gui.reports import Reports
from yolact_live.gui.shortcuts import normal
from yolact_live.gui.welcome import first_source
from yolact_live.gui.window import Window
from yolact_live.settings import WINDOW_SETTINGS, Settings
from yolact_live.settings_file import SettingsFile

OpenWindow = Callable[..., Window]
ROOT = Path(__file__).parents[2]


@pytest.fixture
def window(open_window: OpenWindow, home: Path) -> Window:
    file = SettingsFile()
    return open_window(file.settings, file)


def kept(window: Window) -> dict[str, object]:
    """What is in the settings file, once all is written."""
    window.saver.save()
    until(lambda: not window.tasks.busy)
    path = SettingsFile().path
    return tomllib.loads(path.read_text()) if path.exists() else {}


# ---------------------------------------------------------------- palette


def test_letters_in_order_fit_best_at_the_starts_of_words() -> None:
    texts = ["Show: Masks", "View: Masks", "Zoom: Move up", "Playback: Play", "Palette: Okabe–Ito"]

    def best(wanted: str) -> str:
        return max(texts, key=lambda text: likeness(wanted, text) or -1)

    assert best("sm") == "Show: Masks"
    assert best("view masks") == "View: Masks"
    assert best("mup") == "Zoom: Move up"
    assert best("play") == "Playback: Play"
    assert likeness("xyz", "Show: Masks") is None
    assert likeness("ms", "sm") is None, "the order counts"


def search(window: Window, wanted: str) -> Palette:
    QTest.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    palette = window.dialogs.open
    assert isinstance(palette, Palette)
    QTest.keyClicks(palette.line, wanted)
    return palette


def test_the_palette_does_actions(window: Window) -> None:
    palette = search(window, "show boxes")
    assert palette.list.currentItem().text(0) == "Show: Boxes"
    assert palette.list.currentItem().text(1) == "B"
    QTest.keyClick(palette.line, Qt.Key.Key_Return)
    assert window.chosen.settings.boxes is False
    until(lambda: window.dialogs.open is None)


def test_the_palette_chooses_values_of_settings_with_the_arrows(window: Window) -> None:
    palette = search(window, "precision")
    texts = [palette.list.topLevelItem(i).text(0) for i in range(palette.list.topLevelItemCount())]
    assert texts[:3] == ["Precision: F32", "Precision: F16", "Precision: Bf16"] or len(texts) >= 3
    QTest.keyClick(palette.line, Qt.Key.Key_Down)
    wanted = palette.list.currentItem().text(0)
    assert wanted == texts[1]
    QTest.keyClick(palette.line, Qt.Key.Key_Return)
    assert window.chosen.settings.precision == wanted.partition(": ")[2].lower()


def test_what_makes_no_sense_now_is_not_offered(window: Window) -> None:
    window.refresh()
    palette = search(window, "snapshot")
    texts = [palette.list.topLevelItem(i).text(0) for i in range(palette.list.topLevelItemCount())]
    assert not [text for text in texts if "Snapshot" in text]
    QTest.keyClick(palette.line, Qt.Key.Key_Escape)
    until(lambda: window.dialogs.open is None)


# ---------------------------------------------------------------- shortcuts


def test_every_key_of_the_table_is_written_as_it_is_kept() -> None:
    for spec in ACTIONS:
        assert all(normal(key) for key in spec.keys), spec.name


def test_a_key_that_is_given_works_at_once_and_is_kept(window: Window) -> None:
    window.keys.set("boxes", ("Ctrl+Alt+B",))
    QTest.keyClick(window, Qt.Key.Key_B)
    assert window.chosen.settings.boxes is True
    QTest.keyClick(
        window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    )
    assert window.chosen.settings.boxes is False
    assert "Ctrl+Alt+B" in window.actions_by_name["boxes"].toolTip()
    assert kept(window)["keys"] == {"boxes": ["Ctrl+Alt+B"]}
    window.keys.reset("boxes")
    assert "keys" not in kept(window)


def test_kept_keys_come_back_and_nonsense_is_ignored(open_window: OpenWindow, home: Path) -> None:
    SettingsFile().change({"keys": {"boxes": ("W", "no such key"), "teleport": ("Y",), "names": ()}})
    file = SettingsFile()
    window = open_window(file.settings, file)
    assert window.keys.keys("boxes") == ("W",)
    assert window.keys.keys("names") == ()
    assert window.keys.clashes() == {"W": ["boxes", "next_look"]}


def test_the_dialog_shows_whose_a_key_is_and_takes_it_over(window: Window) -> None:
    QTest.keyClick(window, Qt.Key.Key_Question)
    dialog = window.dialogs.open
    assert isinstance(dialog, ShortcutsDialog)
    dialog.search.setText("boxes")
    shown = [name for name, item in dialog._items.items() if not item.isHidden()]
    assert shown == ["boxes"]
    dialog.list.setCurrentItem(dialog._items["boxes"])
    dialog.keys.setKeySequence(QKeySequence("R"))
    assert "“Record”" in dialog.note.text()
    assert dialog.add.text() == "Take over"
    dialog.add.click()
    assert window.keys.keys("boxes") == ("B", "R")
    assert window.keys.keys("record") == ()
    assert not window.keys.clashes()
    dialog.all_back.click()
    assert window.keys.keys("record") == ("R",)
    assert "keys" not in kept(window)


def test_keys_that_two_actions_have_are_marked(open_window: OpenWindow, home: Path) -> None:
    SettingsFile().change({"keys": {"boxes": ("R",)}})
    file = SettingsFile()
    window = open_window(file.settings, file)
    window.actions_by_name["shortcuts"].trigger()
    dialog = window.dialogs.open
    assert "also Record" in dialog._items["boxes"].text(1)
    assert "also Boxes" in dialog._items["record"].text(1)


# ---------------------------------------------------------------- preferences


def test_a_theme_holds_at_once_and_is_kept(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(theme.ENVIRONMENT, raising=False)
    window.actions_by_name["preferences"].trigger()
    control = window.dialogs.open.controls["theme"]
    for name in ("dark", "light"):
        control.set_value(name)
        control.changed.emit()
        assert theme.current().name == name
        colours = theme.DARK if name == "dark" else theme.LIGHT
        assert window.palette().window().color().name() == colours.window
        assert kept(window)["window"] == {"theme": name}
    control.set_value("system")
    control.changed.emit()
    assert "window" not in kept(window)


def test_everything_can_be_reset(window: Window) -> None:
    window.chosen.choose(opacity=0.1, classes=("person",), steady="off")
    assert "opacity" in kept(window)
    window.actions_by_name["reset"].trigger()
    assert window.chosen.settings == WINDOW_SETTINGS
    assert kept(window) == {}


def test_keys_set_the_opacity_and_the_view(window: Window) -> None:
    QTest.keyClick(window, Qt.Key.Key_3)
    assert window.chosen.settings.opacity == 0.3
    QTest.keyClick(window, Qt.Key.Key_0)
    assert window.chosen.settings.opacity == 1.0
    views = []
    for _ in range(4):
        QTest.keyClick(window, Qt.Key.Key_W)
        views.append(window.chosen.settings.view)
    assert views == ["masks", "cutout", "blur", "overlay"]
    QTest.keyClick(window, Qt.Key.Key_T)
    assert window.chosen.settings.track is False


def test_a_key_opens_a_panel_and_closes_it(window: Window) -> None:
    panel = window.panels.for_statistics
    for shown in (True, False, True):
        QTest.keyClick(window, Qt.Key.Key_D)
        until(lambda shown=shown: panel.visibleRegion().isEmpty() is not shown)


# ---------------------------------------------------------------- about


def test_the_diagnostics_can_be_copied_and_tell_nothing_private(window: Window) -> None:
    model = str(Path.home() / "secret" / "mine.xml")
    window.chosen.choose(model=model, opacity=0.2)
    window.actions_by_name["about"].trigger()
    window.dialogs.open.copy.click()
    text = QGuiApplication.clipboard().text()
    for words in ("YOLACT Live 0.1.0", "openvino 20", "PySide6", "opacity = 0.2", "secret"):
        assert words in text
    assert str(Path.home()) not in text


def test_passwords_are_not_in_diagnostics() -> None:
    text = diagnostics(dataclasses.replace(Settings(), model="rtsp://user:hunter2@camera/live"))
    assert "hunter2" not in text


def test_the_libraries_have_versions_and_licences() -> None:
    found = {library.name: library for library in libraries()}
    assert {"openvino", "numpy", "opencv-python", "av"} <= found.keys()
    assert found["openvino"].version[:2] == "20"
    assert all(library.licence != "not stated" for library in found.values()), found


# ---------------------------------------------------------------- reports


@pytest.fixture
def reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reports:
    monkeypatch.setattr(sys, "excepthook", lambda *_: None)
    monkeypatch.setattr(threading, "excepthook", lambda *_: None)
    return Reports(lambda: "YOLACT Live of this test", tmp_path / "crashes")


def fail(words: str = "out of cheese") -> Exception:
    try:
        raise ValueError(words)
    except ValueError as error:
        return error


def test_a_report_says_what_failed_and_where_once(reports: Reports) -> None:
    error = fail(f"cannot read {Path.home()}/film.mp4 of rtsp://user:hunter2@camera/live")
    for _ in range(3):
        reports.write(error)
    (path,) = reports.left()
    text = path.read_text()
    assert text.startswith("YOLACT Live of this test")
    assert "ValueError: cannot read ~/film.mp4" in text
    assert "in fail" in text
    assert "hunter2" not in text
    reports.write(fail("something else"))
    assert len(reports.left()) == 2
    reports.discard()
    assert not reports.left()


def test_threads_that_die_are_reported_and_a_failing_report_is_not(reports: Reports) -> None:
    reports.install()
    thread = threading.Thread(target=lambda: 1 // 0)
    thread.start()
    thread.join()
    assert "ZeroDivisionError" in reports.left()[0].read_text()
    reports.discard()
    reports._describe = lambda: {}["no such thing"]
    reports.write(fail())
    assert not reports.left()
    reports.close()


def test_a_process_that_dies_of_a_signal_leaves_a_report(tmp_path: Path) -> None:
    program = f"""
import os, signal
from pathlib import Path
from yolact_live.gui.reports import Reports
Reports(lambda: "", Path({str(tmp_path)!r})).install()
def inner():
    os.kill(os.getpid(), signal.SIGSEGV)
inner()
"""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    subprocess.run([sys.executable, "-c", program], env=environment, cwd=ROOT, timeout=60)
    reports = Reports(lambda: "the next run", tmp_path)
    assert not reports.left()
    reports._take_fault()
    text = reports.left()[0].read_text()
    assert "Segmentation fault" in text
    assert "in inner" in text


def test_the_next_start_offers_the_report(open_window: OpenWindow, home: Path, reports: Reports) -> None:
    reports.write(fail())
    reports.fresh.clear()
    window = open_window(Settings(), None, reports)
    banner = window.banners.shown["crash"]
    assert "failed the last time" in banner.text
    banner.button.click()
    dialog = window.dialogs.open
    assert isinstance(dialog, CrashDialog)
    dialog.copy.click()
    assert "out of cheese" in QGuiApplication.clipboard().text()
    dialog.discard.click()
    assert not reports.left()


def test_a_failure_while_the_window_runs_is_told(
    open_window: OpenWindow, home: Path, reports: Reports
) -> None:
    window = open_window(Settings(), None, reports)
    assert "crash" not in window.banners.shown
    reports.write(fail())
    until(lambda: "crash" in window.banners.shown)
    window.banners.clear("crash")
    spin(0.5)
    assert "crash" not in window.banners.shown, "told once"


def test_a_bug_that_a_banner_tells_of_is_reported(
    open_window: OpenWindow, home: Path, reports: Reports
) -> None:
    window = open_window(Settings(), None, reports)
    window.banners.show_error("source", YolactLiveError("the camera is in use", "close the other program"))
    assert not reports.left(), "a user's trouble is no bug"
    window.banners.show_error("source", fail())
    assert "out of cheese" in reports.left()[0].read_text()


# ---------------------------------------------------------------- first start


def test_without_a_camera_the_demo_clip_is_opened(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [Listed("screen", "Screen 1", "screen")]
    monkeypatch.setattr(capture, "list_sources", lambda: list(found))
    opened: list[str] = []
    first_source(window.tasks, opened.append)
    until(lambda: opened)
    assert opened.pop() == str(asset("demo.mp4"))
    found.append(Listed("1", "A camera", "camera"))
    first_source(window.tasks, opened.append)
    until(lambda: opened)
    assert opened == ["1"]


def test_the_card_says_what_to_try_until_it_has_been_seen(window: Window, open_window: OpenWindow) -> None:
    assert window.card.isVisible()
    assert window.view.rect().contains(window.card.geometry())
    window.card.button.click()
    assert window.card is None
    assert kept(window)["window"] == {"welcome": False}
    file = SettingsFile()
    assert open_window(file.settings, file).card is None


def test_the_card_gives_way_where_there_is_no_room(application: QApplication, window: Window) -> None:
    window.resize(700, 320)
    until(lambda: not window.card.isVisible())
    window.resize(900, 700)
    until(window.card.isVisible)
