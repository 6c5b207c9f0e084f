"""The window on real pipelines: what a person does, and what then can be seen."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QDockWidget, QSlider

from tests.clips import picture, write_clip
from tests.gui.conftest import close, settle, spin, until
from tests.pipeline.test_live import Plug
from yolact_live.assets import asset
from yolact_live.capture import live
from yolact_live.gui import theme
from yolact_live.gui.go_to import GoTo
from yolact_live.gui.panels.controls import Choice, Level
from yolact_live.gui.window import Window
from yolact_live.pipeline import reader
from yolact_live.settings import Settings
from yolact_live.settings_file import SettingsFile

OpenWindow = Callable[..., Window]


def play(window: Window, source: Path, frames: int = 3) -> None:
    window.open(str(source), loop=True)
    until(lambda: window.view.painted >= frames)


def hold(window: Window) -> None:
    window.actions_by_name["play_pause"].trigger()
    settle(window)


def state(window: Window) -> str:
    window.refresh()
    return window.status.state.text()


# ---------------------------------------------------------------- playing


def test_a_clip_plays_and_the_status_says_what_runs(
    open_window: OpenWindow, clip: Path, tiny: Settings
) -> None:
    window = open_window(tiny)
    assert "Drop a video here" in window.view.title
    play(window, clip, frames=10)
    assert state(window) == "Playing"
    until(lambda: "CPU" in window.status.facts.text())
    assert "frames" in window.status.facts.text()
    assert window.status.source.text() == "clip.mp4 · 128 × 96 · 25 fps"
    until(lambda: window.status.fps.text()[0].isdigit())
    assert "clip.mp4" in window.windowTitle()
    assert window.transport.isVisible()
    assert window.transport.duration.text() == "0:02.00"


def test_a_result_knows_when_it_came_to_the_screen(
    open_window: OpenWindow, clip: Path, tiny: Settings
) -> None:
    window = open_window(tiny)
    traces = []
    window.view.presented.connect(traces.append)
    play(window, clip)
    hold(window)
    assert len(traces) == window.view.painted, "each picture once"
    assert window.session.result.trace is traces[-1]
    assert all(trace.presented > trace.composited for trace in traces)
    delays_ms = [(trace.presented - trace.captured) / 1e6 for trace in traces]
    told = window.session.pipeline.metrics.snapshot().stages["delay"]
    assert told["p50"] == pytest.approx(sorted(delays_ms)[(len(delays_ms) - 1) // 2], rel=0.05)


def test_the_demo_clip_shows_masks(open_window: OpenWindow) -> None:
    demo = asset("demo.mp4")
    if not demo.exists():
        pytest.skip("this checkout has no demo clip")
    window = open_window()
    window.open(str(demo), loop=True)
    until(lambda: window.session.result and len(window.session.result.instances))
    assert (window.session.result.annotated != window.session.result.frame.image).any()


def test_pause_holds_the_picture_and_play_goes_on(
    open_window: OpenWindow, clip: Path, tiny: Settings
) -> None:
    window = open_window(tiny)
    play(window, clip)
    hold(window)
    assert state(window) == "Paused"
    assert window.actions_by_name["play_pause"].text() == "Play"
    painted, shown = window.view.painted, window.session.result
    spin(0.5)
    assert (window.view.painted, window.session.result) == (painted, shown)
    window.actions_by_name["play_pause"].trigger()
    until(lambda: window.view.painted > painted + 3)
    assert window.actions_by_name["play_pause"].text() == "Pause"


def test_seeking_shows_the_frame_and_its_time(open_window: OpenWindow, clip: Path, tiny: Settings) -> None:
    window = open_window(tiny)
    play(window, clip)
    hold(window)
    window.transport.seek(Fraction(31, 25))
    until(lambda: window.session.result.frame.pts == Fraction(31, 25))
    settle(window)
    assert window.transport.bar.value() == 1240
    assert window.transport.time.text() == "0:01.24"
    assert state(window) == "Paused"


def test_a_click_on_the_seek_bar_goes_there(open_window: OpenWindow, clip: Path, tiny: Settings) -> None:
    window = open_window(tiny)
    play(window, clip)
    hold(window)
    bar = window.transport.bar
    QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=QPoint(bar.width() // 2, bar.height() // 2))
    until(lambda: abs(window.session.result.frame.pts - 1) <= Fraction(2, 25))


def test_steps_are_one_frame_both_ways(open_window: OpenWindow, clip: Path, tiny: Settings) -> None:
    window = open_window(tiny)
    play(window, clip)
    hold(window)
    window.transport.seek(Fraction(1))
    until(lambda: window.session.result.frame.pts == 1)
    window.actions_by_name["step_forward"].trigger()
    until(lambda: window.session.result.frame.pts == Fraction(26, 25))
    window.actions_by_name["step_back"].trigger()
    until(lambda: window.session.result.frame.pts == 1)
    window.actions_by_name["step_back"].trigger()
    until(lambda: window.session.result.frame.pts == Fraction(24, 25))


def test_what_has_no_end_can_be_stepped_through(open_window: OpenWindow, tiny: Settings) -> None:
    window = open_window(tiny)
    window.open("testcard")
    until(lambda: window.session.result and window.session.result.frame.seq > 5)
    assert not window.transport.bar.isVisible(), "it would have no end"
    window.refresh()
    assert not window.actions_by_name["go_to"].isEnabled()
    hold(window)
    shown = window.session.result.frame.pts
    window.actions_by_name["step_back"].trigger()
    until(lambda: window.session.result.frame.pts == shown - Fraction(1, 30))
    window.actions_by_name["step_forward"].trigger()
    until(lambda: window.session.result.frame.pts == shown)


def test_holding_the_step_key_reads_on_without_seeking(
    open_window: OpenWindow, clip: Path, tiny: Settings
) -> None:
    window = open_window(tiny)
    play(window, clip)
    hold(window)
    window.transport.seek(Fraction(1))
    until(lambda: window.session.result.frame.pts == 1)
    for i in range(1, 6):
        window.actions_by_name["step_forward"].trigger()
        until(lambda i=i: window.session.result.frame.pts == 1 + Fraction(i, 25))


def test_key_frames_are_found_both_ways(open_window: OpenWindow, tmp_path: Path, tiny: Settings) -> None:
    clip = tmp_path / "keys.mp4"
    with av.open(clip, "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"g": "15", "sc_threshold": "0"})
        stream.height, stream.width, stream.pix_fmt = 96, 128, "yuv420p"
        for i in range(50):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture(i), format="bgr24")))
        container.mux(stream.encode())
    window = open_window(tiny)
    play(window, clip)
    hold(window)
    window.transport.seek(Fraction(20, 25))
    until(lambda: window.session.result.frame.pts == Fraction(20, 25))
    for key, frame in (
        (Qt.Key.Key_Right, 30),
        (Qt.Key.Key_Left, 15),
        (Qt.Key.Key_Left, 0),
        (Qt.Key.Key_Right, 15),
    ):
        QTest.keyClick(window, key, Qt.KeyboardModifier.AltModifier)
        until(lambda frame=frame: window.session.result.frame.pts == Fraction(frame, 25))


def test_marks_bound_what_is_played(open_window: OpenWindow, clip: Path, tiny: Settings) -> None:
    window = open_window(tiny)
    play(window, clip)
    hold(window)
    for seconds, key in ((Fraction(20, 25), Qt.Key.Key_I), (Fraction(30, 25), Qt.Key.Key_O)):
        window.transport.seek(seconds)
        until(lambda seconds=seconds: window.session.result.frame.pts == seconds)
        QTest.keyClick(window, key)
    seen = []
    show = window.view.show_result
    window.view.show_result = lambda result: (seen.append(result.frame.pts), show(result))
    window.actions_by_name["play_pause"].trigger()
    until(lambda: {Fraction(20, 25), Fraction(30, 25)} <= set(seen[1:]))
    until(lambda: any(later < sooner for sooner, later in pairwise(seen)))
    assert (min(seen), max(seen)) == (Fraction(20, 25), Fraction(30, 25)), "the loop stays inside"
    window.actions_by_name["loop"].trigger()
    until(lambda: state(window) == "Ended")
    settle(window)
    assert window.session.result.frame.pts == Fraction(30, 25)
    QTest.keyClick(window, Qt.Key.Key_X)
    assert window.session.pipeline.span == (0, None)


def test_speed_keys_change_the_speed_and_it_stays_for_the_next_file(
    open_window: OpenWindow, clip: Path, tiny: Settings
) -> None:
    window = open_window(tiny)
    play(window, clip)
    for _ in range(2):
        QTest.keyClick(window, Qt.Key.Key_L)
    assert window.session.pipeline.speed == 1.5
    assert window.transport.speed.text() == "1.5×"
    window.open(str(clip))
    until(lambda: window.session.result)
    assert window.session.pipeline.speed == 1.5
    QTest.keyClick(window, Qt.Key.Key_J)
    assert window.session.pipeline.speed == 1.25
    QTest.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ShiftModifier)
    assert window.session.pipeline.speed == 1


def test_go_to_takes_a_time_and_nothing_else(open_window: OpenWindow, clip: Path, tiny: Settings) -> None:
    window = open_window(tiny)
    play(window, clip)
    hold(window)
    QTest.keyClick(window, Qt.Key.Key_G)
    (dialog,) = window.findChildren(GoTo)
    ok = dialog.buttons.button(dialog.buttons.StandardButton.Ok)
    for text, allowed in (("soon", False), ("0:09", False), ("0:01.2", True)):
        dialog.edit.setText(text)
        assert ok.isEnabled() == allowed
    QTest.keyClick(dialog.edit, Qt.Key.Key_Return)
    until(lambda: window.session.result.frame.pts == Fraction(30, 25))


def test_the_seek_bar_shows_the_picture_under_the_pointer(
    open_window: OpenWindow, clip: Path, tiny: Settings
) -> None:
    window = open_window(tiny)
    play(window, clip)
    hold(window)
    bar = window.transport.bar
    QTest.mouseMove(bar, QPoint(bar.width() // 2, bar.height() // 2))
    until(lambda: bar.preview and bar.preview.isVisible() and not bar.preview.picture.pixmap().isNull())
    half = bar.preview.picture.pixmap().toImage()
    assert bar.preview.time.text().startswith(("0:00.9", "0:01.0"))
    QTest.mouseMove(bar, QPoint(bar.width() - 30, bar.height() // 2))
    until(lambda: bar.preview.picture.pixmap().toImage() != half)


def test_at_the_end_play_starts_again(open_window: OpenWindow, clip: Path, tiny: Settings) -> None:
    window = open_window(tiny)
    window.open(str(clip))
    until(lambda: state(window) == "Ended")
    settle(window)
    assert window.session.result.frame.pts > 1
    window.actions_by_name["play_pause"].trigger()
    until(lambda: window.session.result.frame.pts < 1)


def test_stop_lets_go_and_play_opens_again(open_window: OpenWindow, clip: Path, tiny: Settings) -> None:
    window = open_window(tiny)
    play(window, clip)
    window.actions_by_name["stop"].trigger()
    until(lambda: not window.session.player.busy)
    assert state(window) == "Stopped"
    assert not window.view.has_picture
    assert not window.actions_by_name["record"].isEnabled()
    window.actions_by_name["play_pause"].trigger()
    until(lambda: window.view.has_picture)


def test_of_several_sources_in_a_row_the_last_one_plays(
    open_window: OpenWindow, clip: Path, tiny: Settings, tmp_path: Path
) -> None:
    window = open_window(tiny)
    for name in ("a.mp4", "b.mp4"):
        window.open(str(write_clip(tmp_path / name, frames=5)))
    window.open(str(clip))
    until(lambda: window.session.result)
    assert window.session.result.frame.source_id == "clip.mp4"
    until(lambda: window.status.source.text())
    spin(0.3)
    assert window.status.source.text().startswith("clip.mp4")


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


# ---------------------------------------------------------------- keeping


def test_a_recording_plays_afterwards(
    open_window: OpenWindow, clip: Path, tiny: Settings, home: Path
) -> None:
    window = open_window(tiny)
    play(window, clip)
    window.actions_by_name["record"].trigger()
    assert window.actions_by_name["record"].isChecked()
    until(lambda: "●" in window.record_bar.state.text())
    until(lambda: window.keeper.recording.seconds > Fraction(1, 2))
    window.actions_by_name["record"].trigger()
    until(lambda: "file" in window.banners.shown)
    files = list((home / "VIDEOS" / "YOLACT Live").iterdir())
    assert len(files) == 1
    assert str(files[0]) in window.banners.shown["file"].text
    with av.open(str(files[0])) as container:
        frames = [frame.time for frame in container.decode(video=0)]
    assert len(frames) > 8
    assert frames[-1] == pytest.approx(len(frames) / 25, abs=0.2)
    assert not window.actions_by_name["record"].isChecked()


@pytest.mark.parametrize(
    ("action", "extensions"), [("record_annotations", [".jsonl"]), ("record_both", [".jsonl", ".mp4"])]
)
def test_a_recording_keeps_what_was_chosen(
    open_window: OpenWindow, clip: Path, tiny: Settings, home: Path, action: str, extensions: list[str]
) -> None:
    window = open_window(tiny)
    window.actions_by_name[action].trigger()
    assert window.actions_by_name[action].isChecked()
    assert not window.actions_by_name["record_video"].isChecked()
    play(window, clip)
    window.actions_by_name["record"].trigger()
    until(lambda: window.keeper.recording.seconds > Fraction(1, 4))
    window.actions_by_name["record"].trigger()
    until(lambda: "file" in window.banners.shown)
    files = sorted((home / "VIDEOS" / "YOLACT Live").iterdir(), key=lambda file: file.suffix)
    assert [file.suffix for file in files] == extensions
    assert len({file.stem for file in files}) == 1
    lines = [json.loads(line) for line in files[0].read_text().splitlines()]
    assert lines[0]["time"] == 0
    assert lines[0]["instances"][0]["label"] == "person"


@pytest.mark.parametrize(("form", "ending"), [("coco", ".json"), ("csv", ".csv"), ("label-maps", " masks")])
@pytest.mark.parametrize("record", ["annotations", "both"])
def test_annotations_are_kept_in_the_form_that_was_chosen(
    open_window: OpenWindow, clip: Path, tiny: Settings, home: Path, form: str, ending: str, record: str
) -> None:
    window = open_window(tiny)
    window.chosen.prefer(record=record, annotations=form)
    play(window, clip)
    window.actions_by_name["record"].trigger()
    until(lambda: window.keeper.recording.seconds > Fraction(1, 10))
    window.actions_by_name["record"].trigger()
    until(lambda: "file" in window.banners.shown)
    files = sorted(file.name for file in (home / "VIDEOS" / "YOLACT Live").iterdir())
    stem = files[0].removesuffix(ending).removesuffix(".mp4")
    assert files == sorted([stem + ending] + [f"{stem}.mp4"] * (record == "both"))


def test_the_record_bar_tells_time_size_and_room(open_window: OpenWindow, clip: Path, tiny: Settings) -> None:
    window = open_window(tiny)
    bar = window.record_bar
    play(window, clip)
    assert not bar.isVisible()
    window.actions_by_name["record"].trigger()
    assert bar.isVisible()
    until(lambda: bar.time.text() >= "0:02")
    until(lambda: bar.amount.text().endswith(("kB", "MB")) and "left" in bar.left.text())
    assert bar.file.text().startswith("clip 2")
    assert not bar.lost.isVisible(), "nothing of a file is dropped"
    window.actions_by_name["record"].trigger()
    until(lambda: "file" in window.banners.shown and not bar.isVisible())


def test_a_paused_recording_leaves_out_what_is_played(
    open_window: OpenWindow, clip: Path, tiny: Settings
) -> None:
    window = open_window(tiny)
    play(window, clip)
    assert not window.actions_by_name["record_pause"].isEnabled()
    window.actions_by_name["record"].trigger()
    until(lambda: window.keeper.recording.seconds > 0)
    QTest.keyClick(window, Qt.Key.Key_R, Qt.KeyboardModifier.ShiftModifier)
    assert "Paused" in window.record_bar.state.text()
    painted = window.view.painted
    until(lambda: window.view.painted > painted + 1)  # the frame on its way when it was paused is through
    recorded = window.keeper.recording.seconds
    until(lambda: window.view.painted > painted + 6)
    assert window.keeper.recording.seconds == recorded
    QTest.keyClick(window, Qt.Key.Key_R, Qt.KeyboardModifier.ShiftModifier)
    until(lambda: window.keeper.recording.seconds > recorded)


def test_another_source_finishes_the_recording(
    open_window: OpenWindow, clip: Path, tiny: Settings, home: Path
) -> None:
    window = open_window(tiny)
    play(window, clip)
    window.actions_by_name["record"].trigger()
    until(lambda: window.keeper.recording.seconds > 0)
    window.open(str(clip))
    until(lambda: "file" in window.banners.shown)
    (file,) = (home / "VIDEOS" / "YOLACT Live").iterdir()
    with av.open(str(file)) as container:
        assert sum(1 for _ in container.decode(video=0)) > 0


def test_a_recording_that_cannot_be_kept_is_told(
    open_window: OpenWindow, clip: Path, tiny: Settings, home: Path
) -> None:
    (home / "VIDEOS" / "YOLACT Live").write_text("in the way")
    window = open_window(tiny)
    play(window, clip)
    window.actions_by_name["record"].trigger()
    assert window.banners.shown["file"].kind == "error"
    assert window.keeper.recording is None
    painted = window.view.painted
    until(lambda: window.view.painted > painted + 3)


@pytest.mark.parametrize("name", ["snapshot", "snapshot_plain"])
def test_a_snapshot_has_the_size_of_the_source(
    open_window: OpenWindow, clip: Path, tiny: Settings, home: Path, name: str
) -> None:
    import cv2

    window = open_window(tiny)
    play(window, clip)
    hold(window)
    window.actions_by_name[name].trigger()
    window.actions_by_name[name].trigger()
    folder = home / "PICTURES" / "YOLACT Live"
    until(lambda: folder.is_dir() and len(list(folder.glob("*.png"))) == 2 and not window.tasks.busy)
    result = window.session.result
    assert (result.annotated != result.frame.image).any()
    wanted = result.annotated if name == "snapshot" else result.frame.image
    for file in folder.iterdir():
        assert (cv2.imread(str(file)) == wanted).all()


def test_a_copied_snapshot_is_what_is_shown(open_window: OpenWindow, clip: Path, tiny: Settings) -> None:
    window = open_window(tiny)
    play(window, clip)
    hold(window)
    QTest.keyClick(window, Qt.Key.Key_C, Qt.KeyboardModifier.ShiftModifier)
    image = QGuiApplication.clipboard().image().convertToFormat(QImage.Format.Format_BGR888)
    shown = window.session.result.annotated
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    assert (pixels[:, : shown.shape[1] * 3].reshape(shown.shape) == shown).all()


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


def test_a_picture_that_is_alone_tells_of_a_recording(
    open_window: OpenWindow, clip: Path, tiny: Settings
) -> None:
    window = open_window(tiny)
    play(window, clip)

    def red() -> bool:
        """Whether there is a dot in the upper right corner; a ring has less of it."""
        image, right = window.view.grab().toImage(), window.view.width()
        return sum(image.pixelColor(x, 25).name() == theme.RED for x in range(right - 100, right)) > 6

    window.actions_by_name["record"].trigger()
    until(lambda: window.keeper.recording.seconds > 0)
    assert not red(), "the bar tells"
    window.surroundings._timer.setInterval(50)
    window.actions_by_name["picture_only"].trigger()
    until(lambda: not window.record_bar.isVisible() and red())
    window.actions_by_name["record_pause"].trigger()
    until(lambda: not red())
    assert window.view.recorded.paused
    window.actions_by_name["record_pause"].trigger()
    until(red)
    window.actions_by_name["picture_only"].trigger()
    until(lambda: window.record_bar.isVisible() and not red())


def test_a_panel_has_a_title_only_where_no_tab_names_it(open_window: OpenWindow) -> None:
    window = open_window()
    dock = window.panels.for_detection.parentWidget()
    assert isinstance(dock, QDockWidget)
    until(lambda: dock.titleBarWidget() is not None)  # an empty one
    QTest.keyClick(window, Qt.Key.Key_P, Qt.KeyboardModifier.ShiftModifier)
    until(lambda: dock.isFloating() and dock.titleBarWidget() is None)
    window.actions_by_name["detach"].trigger()
    until(lambda: not dock.isFloating() and dock.titleBarWidget() is not None)


def test_shift_makes_more_of_slower_and_faster(open_window: OpenWindow, clip: Path, tiny: Settings) -> None:
    window = open_window(tiny)
    play(window, clip)
    speeds = []
    for key in (Qt.Key.Key_L, Qt.Key.Key_L, Qt.Key.Key_L, Qt.Key.Key_J, Qt.Key.Key_J):
        QTest.keyClick(window, key, Qt.KeyboardModifier.ShiftModifier)
        speeds.append(window.session.pipeline.speed)
    assert speeds == [2, 4, 4, 2, 1]
