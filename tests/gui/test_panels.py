"""The panels on a window that runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from tests.gui.conftest import spin, until
from tests.models import build_model, write_model
from yolact_live.gui.panels.classes import _HIDE, _NAME, _NOW, _ONLY, ClassesPanel
from yolact_live.gui.panels.statistics import _ceiling
from yolact_live.gui.saver import QUIET_MS
from yolact_live.gui.window import Window
from yolact_live.settings import Settings
from yolact_live.settings_file import SettingsFile

OpenWindow = Callable[..., Window]


@pytest.fixture(scope="session")
def three(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings with a model that knows three classes, and finds one person and one car."""
    boxes = [(0.0, 0.0, 0.4, 0.4), (0.5, 0.5, 0.9, 0.9)]
    model = build_model(boxes, [[0.8, 0.1, 0.0], [0.1, 0.7, 0.0]], "person car traffic_light")
    return Settings(model=str(write_model(tmp_path_factory.mktemp("three") / "three.xml", model)))


# ---------------------------------------------------------------- what is remembered


def test_what_is_chosen_is_remembered_and_flags_are_not(open_window: OpenWindow, home: Path) -> None:
    file = SettingsFile()
    window = open_window(replace(file.settings, top_k=7), file)  # as with --top-k 7
    window.chosen.choose(opacity=0.2)
    window.chosen.choose(opacity=0.3, boxes=False)
    until(lambda: file.path.exists())
    assert file.path.read_text() == "opacity = 0.3\nboxes = false\n"
    window.chosen.choose(boxes=True)
    window.close()
    until(lambda: not window.isVisible())
    assert file.path.read_text() == "opacity = 0.3\n", "closing does not wait for the pause"


def test_many_changes_are_written_once(open_window: OpenWindow, home: Path) -> None:
    file = SettingsFile()
    writes = []
    file.change = writes.append  # type: ignore[method-assign]
    window = open_window(file.settings, file)
    for step in range(20):
        window.chosen.choose(opacity=step / 100)
        spin(0.01)
    spin(2 * QUIET_MS / 1000)
    assert writes == [{"": {"opacity": 0.19}}]


def test_a_damaged_file_is_told_in_a_banner(open_window: OpenWindow, home: Path) -> None:
    path = SettingsFile().path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("score = = 3")
    file = SettingsFile()
    window = open_window(file.settings, file)
    assert "settings.toml.broken" in window.banners.shown["file of settings"].text


def test_every_setting_is_in_a_panel(open_window: OpenWindow) -> None:
    names = {field.name for field in fields(Settings)}
    assert set(open_window().panels.controls) == names - {"classes"}, "classes have a panel of their own"


# ---------------------------------------------------------------- classes


def rows(panel: ClassesPanel) -> list[tuple[str, bool, str, bool]]:
    """Name, looked for, how many now, hidden: of every row that is shown."""

    def checked(row: int, column: int) -> bool:
        return panel.table.item(row, column).checkState() == Qt.CheckState.Checked

    return [
        (
            panel.table.item(row, _NAME).text(),
            checked(row, _NAME),
            panel.table.item(row, _NOW).text(),
            checked(row, _HIDE),
        )
        for row in range(panel.table.rowCount())
        if not panel.table.isRowHidden(row)
    ]


def click(panel: ClassesPanel, row: int, column: int) -> None:
    """Click on a cell, on its check box if it has one."""
    cell = panel.table.visualItemRect(panel.table.item(row, column))
    x = cell.center().x() if column == _ONLY else cell.left() + 12
    QTest.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(x, cell.center().y()))


@pytest.fixture
def classes(open_window: OpenWindow, clip: Path, three: Settings) -> Window:
    window = open_window(three)
    window.resize(1000, 700)
    window.docks.toggle("classes")
    window.open(str(clip), loop=True)
    until(lambda: any(now for _, _, now, _ in rows(window.panels.for_classes)))
    return window


def test_classes_are_listed_and_counted(classes: Window) -> None:
    panel = classes.panels.for_classes
    assert rows(panel) == [
        ("person", True, "1", False),
        ("car", True, "1", False),
        ("traffic light", True, "", False),
    ]
    panel.search.setText("CA")
    assert [name for name, *_ in rows(panel)] == ["car"]


def test_one_click_looks_for_one_class_only_and_one_more_for_all(classes: Window) -> None:
    panel = classes.panels.for_classes
    click(panel, 1, _ONLY)
    assert classes.chosen.settings.classes == ("car",)
    assert [looked_for for _, looked_for, _, _ in rows(panel)] == [False, True, False]
    until(lambda: [now for _, _, now, _ in rows(panel)] == ["", "1", ""])
    click(panel, 1, _ONLY)
    assert classes.chosen.settings.classes == ()


def test_checks_choose_classes_and_none_waits_for_the_first(classes: Window) -> None:
    panel = classes.panels.for_classes
    click(panel, 0, _NAME)
    assert classes.chosen.settings.classes == ("car", "traffic light")
    panel.none.click()
    assert [looked_for for _, looked_for, _, _ in rows(panel)] == [False] * 3
    assert "check what to look for" in panel.hint.text()
    click(panel, 2, _NAME)
    assert classes.chosen.settings.classes == ("traffic light",)
    assert panel.hint.isHidden()
    panel.all.click()
    assert classes.chosen.settings.classes == ()


def test_who_is_to_be_hidden_is_looked_for(classes: Window) -> None:
    panel = classes.panels.for_classes
    click(panel, 1, _ONLY)
    click(panel, 0, _HIDE)
    now = classes.chosen.settings
    assert (now.blur, set(now.classes)) == (("person",), {"car", "person"})
    click(panel, 0, _NAME)
    assert "Person is to be hidden" in classes.banners.shown["settings"].text
    assert rows(panel)[0][1:] == (True, "1", True), "the list shows what holds"
    click(panel, 2, _ONLY)
    assert set(classes.chosen.settings.classes) == {"person", "traffic light"}


def test_the_keyboard_reaches_every_cell(classes: Window) -> None:
    panel = classes.panels.for_classes
    classes.activateWindow()
    panel.table.setFocus(Qt.FocusReason.TabFocusReason)
    panel.table.setCurrentCell(1, _HIDE)
    QTest.keyClick(panel.table, Qt.Key.Key_Space)
    assert classes.chosen.settings.blur == ("car",)
    panel.table.setCurrentCell(0, _NAME)
    QTest.keyClick(panel.table, Qt.Key.Key_Return)
    assert set(classes.chosen.settings.classes) == {"person", "car"}


# ---------------------------------------------------------------- statistics


def test_statistics_follow_what_runs(open_window: OpenWindow, clip: Path, three: Settings) -> None:
    window = open_window(three)
    window.docks.toggle("statistics")
    panel = window.panels.for_statistics
    window.open(str(clip), loop=True)
    until(lambda: len(panel.samples) >= 4 and panel.samples[-1].objects)
    assert panel.samples[-1].objects == {"person": 1, "car": 1}
    until(lambda: panel.samples[-1].fps > 0)
    until(lambda: panel.facts["Frames"].text() not in ("–", "0"))
    assert "Inference" in panel.bars.accessibleDescription()
    assert "person 1" in panel.objects.accessibleDescription()
    before = panel.objects.grab().toImage()
    window.actions_by_name["stop"].trigger()
    until(lambda: not panel.samples[-1].objects)
    assert panel.objects.grab().toImage() != before


def test_charts_end_at_a_round_number() -> None:
    assert [_ceiling(top) for top in (0, 2, 2.1, 7, 10, 11, 35, 99, 101)] == [
        2,
        2,
        4,
        10,
        10,
        20,
        40,
        100,
        200,
    ]
