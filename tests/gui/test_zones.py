"""Lines and zones drawn in the window, with the pointer and the keyboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QInputDialog

from tests.gui.conftest import close, until
from yolact_live.gui.window import Window
from yolact_live.gui.zone_editor import ZoneEditor
from yolact_live.places import Line, PlacesFile, Zone
from yolact_live.settings import Settings
from yolact_live.settings_file import SettingsFile

OpenWindow = Callable[..., Window]
Left = Qt.MouseButton.LeftButton
SQUARE = [(0.3, 0.6), (0.7, 0.6), (0.7, 0.9), (0.3, 0.9)]


def start(window: Window, clip: Path) -> ZoneEditor:
    window.open(str(clip), loop=True)
    until(lambda: window.session.result and window.view.painted)
    QTest.keyClick(window.view, Qt.Key.Key_Z)
    editor = window.zones.editor
    until(editor.isVisible)
    return editor


def at(editor: ZoneEditor, point: tuple[float, float]) -> QPoint:
    return editor._to_widget(point).toPoint()


def click(editor: ZoneEditor, *points: tuple[float, float]) -> None:
    for point in points:
        QTest.mouseClick(editor, Left, pos=at(editor, point))


def close_to(points: tuple[tuple[float, float], ...], wanted: list[tuple[float, float]]) -> bool:
    flat = [value for point in points for value in point]
    return flat == pytest.approx([value for point in wanted for value in point], abs=0.01)


def test_a_zone_is_drawn_counts_and_is_there_again(
    open_window: OpenWindow, clip: Path, tiny: Settings, home: Path
) -> None:
    file = SettingsFile(home / "kept" / "settings.toml")
    window = open_window(tiny, file)
    editor = start(window, clip)
    click(editor, *SQUARE)
    QTest.keyClick(editor, Qt.Key.Key_Return)
    (zone,) = window.session.places
    assert isinstance(zone, Zone)
    assert zone.name == "zone 1"
    assert close_to(zone.points, SQUARE)
    until(lambda: window.session.result.tally and window.session.result.tally.zones[0].now == {"person": 1})
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    assert not editor.isVisible()
    until(lambda: PlacesFile(home / "kept" / "zones.toml").read(str(clip)))
    close(window)

    again = open_window(tiny, SettingsFile(home / "kept" / "settings.toml"))
    again.open(str(clip))
    until(lambda: again.session.result and again.session.result.tally)
    assert [at.zone.name for at in again.session.result.tally.zones] == ["zone 1"]
    again.open("testcard:1")
    until(lambda: again.session.result and again.session.result.frame.source_id != clip.name)
    assert again.session.places == ()


def test_two_points_make_a_line_and_a_double_click_ends_it(
    open_window: OpenWindow, clip: Path, tiny: Settings
) -> None:
    window = open_window(tiny)
    editor = start(window, clip)
    click(editor, (0.5, 0.9))
    QTest.mouseClick(editor, Left, pos=at(editor, (0.5, 0.1)))
    QTest.mouseDClick(editor, Left, pos=at(editor, (0.5, 0.1)))
    (line,) = window.session.places
    assert isinstance(line, Line)
    assert close_to(line.points, [(0.5, 0.9), (0.5, 0.1)])
    until(lambda: window.session.result.tally and window.session.result.tally.lines)


def test_escape_drops_what_was_begun_first_and_one_point_makes_nothing(
    open_window: OpenWindow, clip: Path, tiny: Settings
) -> None:
    window = open_window(tiny)
    editor = start(window, clip)
    click(editor, (0.2, 0.2), (0.4, 0.2), (0.4, 0.4))
    QTest.keyClick(editor, Qt.Key.Key_Backspace)
    assert len(editor.points) == 2
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    assert editor.isVisible()
    assert editor.points == []
    click(editor, (0.2, 0.2))
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert window.session.places == ()
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    assert not editor.isVisible()
    assert not window.actions_by_name["zones"].isChecked()


def test_points_are_dragged_and_places_removed(open_window: OpenWindow, clip: Path, tiny: Settings) -> None:
    window = open_window(tiny)
    editor = start(window, clip)
    click(editor, *SQUARE)
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QTest.mousePress(editor, Left, pos=at(editor, SQUARE[1]))
    QTest.mouseMove(editor, at(editor, (0.8, 0.5)))
    QTest.mouseMove(editor, at(editor, (0.9, 0.4)))
    QTest.mouseRelease(editor, Left, pos=at(editor, (0.9, 0.4)))
    assert close_to(window.session.places[0].points, [SQUARE[0], (0.9, 0.4), *SQUARE[2:]])
    outside = editor._to_widget((1.0, 0.4)) + QPointF(500, 0)
    assert editor._to_picture(outside)[0] == 1.0, "points stay in the picture"
    click(editor, (0.5, 0.9))  # on its edge
    assert editor.selected == 0
    QTest.keyClick(editor, Qt.Key.Key_Delete)
    assert window.session.places == ()
    until(lambda: window.session.result.tally is None)


def test_a_zone_is_drawn_with_keys_alone(open_window: OpenWindow, clip: Path, tiny: Settings) -> None:
    window = open_window(tiny)
    editor = start(window, clip)
    shift = Qt.KeyboardModifier.ShiftModifier
    for key, times, modifier in (
        (Qt.Key.Key_Left, 2, shift),
        (Qt.Key.Key_Right, 4, shift),
        (Qt.Key.Key_Down, 5, Qt.KeyboardModifier.NoModifier),
    ):
        for _ in range(times):
            QTest.keyClick(editor, key, modifier)
        QTest.keyClick(editor, Qt.Key.Key_Space)
    assert window.session.places == (), "Space has played nothing and drawn nothing yet"
    QTest.keyClick(editor, Qt.Key.Key_Return)
    (zone,) = window.session.places
    assert close_to(zone.points, [(0.3, 0.5), (0.7, 0.5), (0.7, 0.55)])
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    QTest.keyClick(window.view, Qt.Key.Key_Z)
    QTest.keyClick(editor, Qt.Key.Key_Tab)
    QTest.keyClick(editor, Qt.Key.Key_Delete)
    assert window.session.places == ()


def test_changes_are_undone_one_by_one(open_window: OpenWindow, clip: Path, tiny: Settings) -> None:
    window = open_window(tiny)
    editor = start(window, clip)

    def undo() -> None:
        QTest.keyClick(editor, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)

    click(editor, *SQUARE)
    undo()
    assert len(editor.points) == 3
    QTest.keyClick(editor, Qt.Key.Key_Return)
    drawn = window.session.places
    QTest.mousePress(editor, Left, pos=at(editor, SQUARE[1]))
    for point in ((0.8, 0.5), (0.9, 0.4)):
        QTest.mouseMove(editor, at(editor, point))
    QTest.mouseRelease(editor, Left, pos=at(editor, (0.9, 0.4)))
    moved = window.session.places
    click(editor, moved[0].points[0])  # selects, and changes nothing
    QTest.keyClick(editor, Qt.Key.Key_Delete)
    for before in (moved, drawn, (), ()):
        undo()
        assert window.session.places == before
    assert editor.isVisible()


def test_a_place_is_renamed_but_not_to_a_name_that_is_taken(
    open_window: OpenWindow, clip: Path, tiny: Settings
) -> None:
    window = open_window(tiny)
    editor = start(window, clip)
    for x in (0.2, 0.8):
        click(editor, (x, 0.2), (x, 0.8))
        QTest.keyClick(editor, Qt.Key.Key_Return)

    def answer(text: str) -> None:
        for dialog in QApplication.topLevelWidgets():
            if isinstance(dialog, QInputDialog) and dialog.isVisible():
                dialog.setTextValue(text)
                dialog.accept()
                return
        QTimer.singleShot(50, lambda: answer(text))  # it is not there yet

    for text in ("line 1", "exit"):
        QTimer.singleShot(0, lambda text=text: answer(text))
        QTest.keyClick(editor, Qt.Key.Key_F2)
    assert [place.name for place in window.session.places] == ["line 1", "exit"]


def test_without_a_picture_there_is_nothing_to_draw_on(open_window: OpenWindow) -> None:
    window = open_window()
    window.refresh()
    assert not window.actions_by_name["zones"].isEnabled()
    window.zones.zones()
    assert not window.zones.editor.isVisible()


def test_a_damaged_file_is_told_and_left_alone(
    open_window: OpenWindow, clip: Path, tiny: Settings, home: Path
) -> None:
    file = SettingsFile(home / "kept" / "settings.toml")
    file.change({})
    path = home / "kept" / "zones.toml"
    path.write_text("[[zone")
    window = open_window(tiny, file)
    window.open(str(clip))
    assert "zones" in window.banners.shown
    until(lambda: window.session.result)
    assert path.read_text() == "[[zone"
