"""Recordings and snapshots: what is kept, and what is said of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest

from tests.gui.conftest import hold, play, until
from yolact_live.gui import theme
from yolact_live.gui.window import Window
from yolact_live.settings import Settings

OpenWindow = Callable[..., Window]


def record(window: Window, source: Path, seconds: Fraction = Fraction(0)) -> None:
    """Play a source, and record more than so many seconds of it."""
    play(window, source)
    window.actions_by_name["record"].trigger()
    until(lambda: window.keeper.recording.seconds > seconds)


def finish(window: Window) -> None:
    """End a recording, and wait until it is told where it is."""
    window.actions_by_name["record"].trigger()
    until(lambda: "file" in window.banners.shown)


def test_a_recording_plays_afterwards(
    open_window: OpenWindow, clip: Path, tiny: Settings, home: Path
) -> None:
    window = open_window(tiny)
    play(window, clip)
    window.actions_by_name["record"].trigger()
    assert window.actions_by_name["record"].isChecked()
    until(lambda: "●" in window.record_bar.state.text())
    until(lambda: window.keeper.recording.seconds > Fraction(1, 2))
    finish(window)
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
    record(window, clip, Fraction(1, 4))
    finish(window)
    files = sorted((home / "VIDEOS" / "YOLACT Live").iterdir(), key=lambda file: file.suffix)
    assert [file.suffix for file in files] == extensions
    assert len({file.stem for file in files}) == 1
    lines = [json.loads(line) for line in files[0].read_text().splitlines()]
    assert lines[0]["time"] == 0
    assert lines[0]["instances"][0]["label"] == "person"


@pytest.mark.parametrize(("form", "ending"), [("coco", ".json"), ("csv", ".csv"), ("label-maps", " masks")])
@pytest.mark.parametrize("kind", ["annotations", "both"])
def test_annotations_are_kept_in_the_form_that_was_chosen(
    open_window: OpenWindow, clip: Path, tiny: Settings, home: Path, form: str, ending: str, kind: str
) -> None:
    window = open_window(tiny)
    window.chosen.prefer(record=kind, annotations=form)
    record(window, clip, Fraction(1, 10))
    finish(window)
    files = sorted(file.name for file in (home / "VIDEOS" / "YOLACT Live").iterdir())
    stem = files[0].removesuffix(ending).removesuffix(".mp4")
    assert files == sorted([stem + ending] + [f"{stem}.mp4"] * (kind == "both"))


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
    record(window, clip)
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
