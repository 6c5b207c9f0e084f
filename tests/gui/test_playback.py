"""Playing, pausing, and moving within a source."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from tests.clips import picture, write_clip
from tests.gui.conftest import hold, play, settle, spin, state, until
from yolact_live.assets import asset
from yolact_live.gui.go_to import GoTo
from yolact_live.gui.window import Window
from yolact_live.settings import Settings

OpenWindow = Callable[..., Window]


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


def test_what_played_before_is_freed_at_once(open_window: OpenWindow, clip: Path, tiny: Settings) -> None:
    window = open_window(tiny)
    play(window, clip)
    until(lambda: window.status.facts.text())
    before = weakref.ref(window.session.pipeline)
    gc.disable()  # nobody knows when it comes next
    try:
        window.open(str(clip))
        until(lambda: before() is None)
    finally:
        gc.enable()


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


def test_shift_makes_more_of_slower_and_faster(open_window: OpenWindow, clip: Path, tiny: Settings) -> None:
    window = open_window(tiny)
    play(window, clip)
    speeds = []
    for key in (Qt.Key.Key_L, Qt.Key.Key_L, Qt.Key.Key_L, Qt.Key.Key_J, Qt.Key.Key_J):
        QTest.keyClick(window, key, Qt.KeyboardModifier.ShiftModifier)
        speeds.append(window.session.pipeline.speed)
    assert speeds == [2, 4, 4, 2, 1]
