"""The window on real pipelines: what a person does, and what then can be seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import av
import pytest
from PySide6.QtCore import QCoreApplication, QEventLoop, QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QDockWidget, QSlider

from tests.clips import write_clip
from tests.gui.conftest import close, hold, play, spin, state, until
from tests.pipeline.test_live import Plug
from yolact_live.capture import live
from yolact_live.gui.panels.controls import Choice, Level
from yolact_live.gui.window import Window
from yolact_live.pipeline import reader
from yolact_live.settings import Settings
from yolact_live.settings_file import SettingsFile

OpenWindow = Callable[..., Window]


# ---------------------------------------------------------------- opening


@pytest.mark.filterwarnings("ignore:.*QDragEnterEvent.*deprecated:DeprecationWarning")
def test_a_dropped_file_opens(open_window: OpenWindow, clip: Path, tiny: Settings) -> None:
    window = open_window(tiny)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(clip))])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(50, 90), Qt.DropAction.CopyAction, data, buttons, keys)
    QCoreApplication.sendEvent(window, enter)
    assert enter.isAccepted()
    drop = QDropEvent(QPointF(50, 90), Qt.DropAction.CopyAction, data, buttons, keys)
    QCoreApplication.sendEvent(window, drop)
    until(lambda: window.view.has_picture)
    assert window.session.result.frame.source_id == "clip.mp4"


@pytest.mark.parametrize("quoted", [False, True])
def test_a_pasted_path_opens(open_window: OpenWindow, clip: Path, tiny: Settings, quoted: bool) -> None:
    window = open_window(tiny)
    QGuiApplication.clipboard().setText(f'"{clip}"\n' if quoted else str(clip))
    window.actions_by_name["paste"].trigger()
    until(lambda: window.view.has_picture)


def test_a_source_that_fails_shows_a_banner_and_can_be_retried(
    open_window: OpenWindow, tmp_path: Path, tiny: Settings
) -> None:
    window = open_window(tiny)
    window.open(str(tmp_path / "later.mp4"))
    until(lambda: "source" in window.banners.shown)
    banner = window.banners.shown["source"]
    assert (banner.kind, banner.isVisible()) == ("error", True)
    assert "later.mp4 does not exist" in banner.text
    assert "Check" in banner.text, "it says what to do"
    assert window.failure
    assert state(window) == "Failed"
    write_clip(tmp_path / "later.mp4")
    banner.button.click()
    until(lambda: window.view.has_picture)
    assert not window.banners.shown
    assert window.failure is None


def test_a_banner_can_be_dismissed(open_window: OpenWindow, tmp_path: Path) -> None:
    window = open_window()
    window.open(str(tmp_path / "missing.mp4"))
    until(lambda: window.banners.shown)
    window.banners.shown["source"].dismiss.click()
    assert not window.banners.isVisible()
    spin(0.5)
    assert not window.banners.shown, "it does not come back"


def test_cameras_are_listed_when_the_menu_opens(open_window: OpenWindow) -> None:
    window = open_window()
    menu = window.tools.cameras
    menu.aboutToShow.emit()
    assert menu.actions()[0].text() == "Looking for cameras …"
    until(lambda: any(action.text() == "Moving shapes" for action in menu.actions()))
    assert menu.actions()[0].text() != "Looking for cameras …"


def test_the_test_card_plays_from_the_menu(open_window: OpenWindow, tiny: Settings) -> None:
    window = open_window(tiny)
    window.tools.cameras.aboutToShow.emit()
    until(lambda: len(window.tools.cameras.actions()) > 1)
    next(a for a in window.tools.cameras.actions() if a.text() == "Moving shapes").trigger()
    until(lambda: window.view.has_picture)
    assert not window.transport.isVisible() or window.session.player.pipeline.info.seekable


# ---------------------------------------------------------------- settings


def test_the_score_slider_changes_what_a_paused_picture_shows(
    open_window: OpenWindow, clip: Path, tiny: Settings
) -> None:
    window = open_window(tiny)
    play(window, clip)
    hold(window)
    frame = window.session.result.frame
    assert len(window.session.result.instances) == 1
    score = window.panels.controls["score"]
    assert isinstance(score, Level)
    score.slider.setValue(90)
    until(lambda: len(window.session.result.instances) == 0)
    assert window.session.result.frame is frame
    assert score.spin.value() == 0.9
    QTest.keyClick(window, Qt.Key.Key_BracketLeft)
    for _ in range(4):
        QTest.keyClick(window, Qt.Key.Key_BracketLeft)
    assert window.chosen.settings.score == 0.65
    until(lambda: len(window.session.result.instances) == 1)


def test_keys_turn_parts_of_the_picture_off_and_on(
    open_window: OpenWindow, clip: Path, tiny: Settings
) -> None:
    window = open_window(tiny)
    play(window, clip)
    hold(window)
    full = window.session.result.annotated
    for key in (Qt.Key.Key_V, Qt.Key.Key_B, Qt.Key.Key_N):
        QTest.keyClick(window, key)
    window.chosen.choose(scores=False)
    until(lambda: (window.session.result.annotated == window.session.result.frame.image).all())
    assert not window.actions_by_name["boxes"].isChecked()
    assert not window.actions_by_name["masks"].isChecked()
    for key in (Qt.Key.Key_V, Qt.Key.Key_B, Qt.Key.Key_N):
        QTest.keyClick(window, key)
    window.chosen.choose(scores=True)
    until(lambda: (window.session.result.annotated == full).all())


def test_the_device_list_has_full_names_and_another_device_runs(
    open_window: OpenWindow, clip: Path, tiny: Settings
) -> None:
    window = open_window(tiny)
    play(window, clip)
    device = window.panels.controls["device"]
    assert isinstance(device, Choice)
    until(lambda: device.box.findData("CPU") >= 0)
    assert device.value() == "AUTO"
    assert len(device.box.itemText(device.box.findData("CPU"))) > len("CPU: ")
    engine = window.session.player.pipeline.engine
    device.box.setCurrentIndex(device.box.findData("CPU"))
    device.box.activated.emit(device.box.currentIndex())
    until(lambda: window.session.player.pipeline.engine is not engine)
    assert window.session.player.pipeline.settings.device == "CPU"


def test_a_device_that_is_not_there_is_a_warning_and_the_old_one_goes_on(
    open_window: OpenWindow, clip: Path, tiny: Settings
) -> None:
    window = open_window(tiny)
    play(window, clip)
    window.chosen.choose(device="GPU.9")
    until(lambda: "engine" in window.banners.shown)
    assert window.banners.shown["engine"].kind == "warning"
    assert "GPU.9" in window.banners.shown["engine"].text
    assert window.chosen.settings.device == "AUTO"
    assert window.panels.controls["device"].value() == "AUTO"
    painted = window.view.painted
    until(lambda: window.view.painted > painted + 3)


def test_a_class_that_the_model_does_not_know_is_told(
    open_window: OpenWindow, clip: Path, tiny: Settings
) -> None:
    window = open_window(tiny)
    play(window, clip)
    window.chosen.choose(classes=("unicorn",))
    until(lambda: "settings" in window.banners.shown)
    assert "unicorn" in window.banners.shown["settings"].text
    painted = window.view.painted
    until(lambda: window.view.painted > painted + 3)
    window.chosen.choose(classes=("person",))
    until(lambda: window.session.player.pipeline.settings.classes == ("person",))
    assert "settings" not in window.banners.shown


# ---------------------------------------------------------------- the window itself


@pytest.mark.parametrize(
    "moment", ["empty", "opening", "compiling", "playing", "paused", "ended", "failed", "away", "recording"]
)
def test_it_closes_from_every_state(
    open_window: OpenWindow,
    clip: Path,
    tiny: Settings,
    tmp_path: Path,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    moment: str,
) -> None:
    window = open_window(Settings() if moment == "compiling" else replace(tiny, reconnect=1000))
    if moment == "failed":
        window.open(str(tmp_path / "missing.mp4"))
        until(lambda: window.failure)
    elif moment == "away":
        plug = Plug()
        monkeypatch.setattr(live, "FIRST_RETRY_S", 100.0)
        monkeypatch.setattr(
            reader, "open_source", lambda text, stop, wait_s: live.LiveSource("camera", plug, stop, wait_s)
        )
        window.open("0")
        until(lambda: window.view.painted > 2)
        plug.pull()
        until(lambda: state(window).startswith("Reconnecting"))
        until(lambda: "camera is gone" in window.view.hint.lower())
    elif moment != "empty":
        window.open(str(clip), loop=moment != "ended")
    if moment == "compiling":
        until(lambda: window.session.pipeline and (window.session.pipeline.info or window.session.result))
    if moment == "ended":
        until(lambda: state(window) == "Ended")
    if moment in ("playing", "paused", "recording"):
        until(lambda: window.view.painted > 2)
    if moment == "paused":
        hold(window)
    if moment == "recording":
        window.actions_by_name["record"].trigger()
        until(lambda: window.keeper.recording.seconds > 0)
    close(window)
    assert not window.session.player.busy
    assert not window.tasks.busy
    if moment == "recording":
        (file,) = (home / "VIDEOS" / "YOLACT Live").iterdir()
        with av.open(str(file)) as container:
            assert sum(1 for _ in container.decode(video=0)) > 0


def test_a_window_that_has_closed_leaves_later_event_loops_alone(open_window: OpenWindow, clip: Path) -> None:
    window = open_window()
    window.open(str(clip))  # so that closing takes a moment, hidden
    close(window)
    loop, turns = QEventLoop(), []
    QTimer.singleShot(0, lambda: (turns.append(1), loop.quit()))
    loop.exec()
    assert turns, "dialogs would return at once"


def test_its_size_is_remembered(open_window: OpenWindow, home: Path) -> None:
    window = open_window(file=SettingsFile())
    window.resize(740, 507)
    until(lambda: window.size().toTuple() == (740, 507))
    close(window)
    assert open_window(file=SettingsFile()).size().toTuple() == (740, 507)


def test_full_screen_shows_only_the_picture(open_window: OpenWindow, clip: Path, tiny: Settings) -> None:
    window = open_window(tiny)
    play(window, clip)
    QTest.keyClick(window, Qt.Key.Key_F)
    until(lambda: window.isFullScreen() and window.surroundings.hidden)
    assert not window.tools.isVisible()
    assert not window.panels.for_detection.isVisible()
    assert not window.status.isVisible()
    QTest.keyClick(window, Qt.Key.Key_Escape)
    until(lambda: not window.isFullScreen() and not window.surroundings.hidden)
    assert window.tools.isVisible()
    assert window.panels.for_detection.isVisible()


def test_space_belongs_to_the_control_that_has_the_focus(
    open_window: OpenWindow, clip: Path, tiny: Settings
) -> None:
    window = open_window(tiny)
    play(window, clip)
    box = window.panels.controls["boxes"].box
    window.activateWindow()
    box.setFocus(Qt.FocusReason.TabFocusReason)
    until(box.hasFocus)
    QTest.keyClick(box, Qt.Key.Key_Space)
    assert window.chosen.settings.boxes is False
    assert state(window) == "Playing"
    window.view.setFocus()
    QTest.keyClick(window.view, Qt.Key.Key_Space)
    assert state(window) == "Paused"


def test_everything_has_a_name_and_a_tool_tip(open_window: OpenWindow, clip: Path, tiny: Settings) -> None:
    window = open_window(tiny)
    play(window, clip)
    for kind in (QAbstractButton, QSlider, QComboBox):
        for widget in window.findChildren(kind):
            if widget.isVisible() and not widget.objectName().startswith("qt_"):
                name = widget.accessibleName() or getattr(widget, "text", str)()
                assert name, widget
                assert widget.toolTip() or widget.parentWidget().toolTip() or widget.accessibleName(), name


def test_alone_the_picture_has_the_controls_over_it_when_the_pointer_moves(
    open_window: OpenWindow, clip: Path, tiny: Settings
) -> None:
    window = open_window(tiny)
    window.chosen.prefer(welcome=True)
    play(window, clip)
    QTest.keyClick(window, Qt.Key.Key_F, Qt.KeyboardModifier.ShiftModifier)
    until(lambda: window.view.size() == window.size())
    assert not window.card.isVisible()
    window.surroundings._timer.setInterval(50)
    until(lambda: not window.transport.isVisible())
    assert window.view.cursor().shape() == Qt.CursorShape.BlankCursor
    window.surroundings._timer.setInterval(60_000)
    QTest.mouseMove(window.view, QPoint(100, 100))
    until(window.transport.isVisible)
    assert window.transport.mapTo(window, QPoint(0, 0)).y() > window.view.height() - 80
    assert window.view.cursor().shape() != Qt.CursorShape.BlankCursor
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert window.tools.isVisible()
    assert window.card.isVisible()
    until(lambda: window.view.geometry().bottom() < window.surroundings.rows.geometry().top())
    assert window.panels.for_detection.isVisible()


def test_panels_that_are_all_over_the_place_come_back(open_window: OpenWindow) -> None:
    window = open_window()
    window.resize(1200, 700)
    docks = {dock.objectName(): dock for dock in window.findChildren(QDockWidget)}
    right, width = Qt.DockWidgetArea.RightDockWidgetArea, docks["detection"].width()
    until(lambda: docks["detection"].titleBarWidget())
    docks["look"].setFloating(True)
    docks["classes"].close()
    window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, docks["statistics"])
    window.resizeDocks([docks["detection"]], [width + 150], Qt.Orientation.Horizontal)
    spin(0.2)
    window.actions_by_name["picture_only"].trigger()
    window.actions_by_name["reset_layout"].trigger()
    until(lambda: all(window.dockWidgetArea(dock) == right for dock in docks.values()))
    assert not [name for name, dock in docks.items() if dock.isFloating() or dock.isHidden()]
    assert len(window.tabifiedDockWidgets(docks["detection"])) == len(docks) - 1
    until(lambda: not docks["detection"].visibleRegion().isEmpty() and docks["detection"].width() == width)


def test_a_panel_has_a_title_only_where_no_tab_names_it(open_window: OpenWindow) -> None:
    window = open_window()
    dock = window.panels.for_detection.parentWidget()
    assert isinstance(dock, QDockWidget)
    until(lambda: dock.titleBarWidget() is not None)  # an empty one
    QTest.keyClick(window, Qt.Key.Key_P, Qt.KeyboardModifier.ShiftModifier)
    until(lambda: dock.isFloating() and dock.titleBarWidget() is None)
    window.actions_by_name["detach"].trigger()
    until(lambda: not dock.isFloating() and dock.titleBarWidget() is not None)
