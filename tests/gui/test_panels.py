"""The panels on a window that runs."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, fields, replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from tests.gui.conftest import close, spin, until
from tests.infer.test_store import published, write_weights
from tests.loopback import Loopback, hang, hang_after, loopback_server, serve, status
from tests.models import build_model, write_model
from yolact_live.gui import command
from yolact_live.gui.panels.classes import _HIDE, _NAME, _NOW, _ONLY, ClassesPanel
from yolact_live.gui.panels.model import _PROGRESS, _gains
from yolact_live.gui.panels.statistics import StageBars, _ceiling
from yolact_live.gui.saver import QUIET_MS
from yolact_live.gui.window import Window
from yolact_live.infer import store
from yolact_live.infer.agreement import Agreement
from yolact_live.infer.optimise import Report
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
    close(window)
    assert file.path.read_text() == "opacity = 0.3\n", "closing does not wait for the pause"


def test_many_changes_are_written_once(open_window: OpenWindow, home: Path) -> None:
    file = SettingsFile()
    writes = []
    file.change = writes.append  # type: ignore[method-assign]
    window = open_window(file.settings, file)
    for step in range(20):  # no time passes for the window between them, however slow the machine is
        window.chosen.choose(opacity=step / 100)
    until(lambda: writes)
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
    until(lambda: rows(panel)[0][1:] == (True, "1", True))  # the list shows what holds
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


# ---------------------------------------------------------------- models


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    """Commands of the window find weights named ``tiny`` on this server, and a store of their own."""
    weights = write_weights(tmp_path / "yolact_resnet50_1_2.pth")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    with loopback_server() as server:
        offer = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from dataclasses import asdict
from pathlib import Path
from tests.infer import test_store
from yolact_live.infer import network, store
network.PUBLISHED["yolact_resnet50"] = test_store.TINY
entry = test_store.published(Path({str(weights)!r}), {server.url + "/weights"!r})
store.read_catalogue = lambda: {{"tiny": entry}}
"""
        program = tmp_path / "program.py"
        program.write_text(f"{offer}\nfrom yolact_live.cli import main\nmain()\n")
        monkeypatch.setattr(command, "PROGRAM", (sys.executable, str(program)))
        entry = published(weights, server.url + "/weights")
        monkeypatch.setattr(store, "read_catalogue", lambda: {"tiny": entry})
        server.content = weights.read_bytes()  # type: ignore[attr-defined]
        yield server


@pytest.fixture
def models(open_window: OpenWindow, shop: Loopback, tiny: Settings) -> Window:
    window = open_window(tiny)
    window.resize(1000, 700)
    window.docks.toggle("model")
    until(lambda: "tiny" in window.panels.for_model.downloads)
    return window


def test_a_model_is_downloaded_and_used(models: Window, shop: Loopback) -> None:
    shop.at("/weights", serve(shop.content))
    job = models.panels.for_model.downloads["tiny"]
    assert "2 classes" in job.words.parentWidget().findChildren(QLabel)[0].text()
    job.start.click()
    assert (job.start.isVisible(), job.stop.isVisible(), job.bar.isVisible()) == (False, True, True)
    until(lambda: "models" in models.banners.shown)
    banner = models.banners.shown["models"]
    assert banner.text == "Tiny is installed."
    until(lambda: not job.isVisible())
    banner.button.click()
    assert models.chosen.settings.model == "tiny"
    assert "Tiny YOLACT. 2 classes" in models.panels.for_model.about.text()


def test_a_download_that_hangs_can_be_cancelled_and_goes_on(
    models: Window, shop: Loopback, tmp_path: Path
) -> None:
    half = len(shop.content) // 2
    shop.at("/weights", hang_after(shop.content, half), serve(shop.content))
    job = models.panels.for_model.downloads["tiny"]
    job.start.click()
    until(lambda: [path for path in tmp_path.rglob("*.part") if path.stat().st_size])
    job.stop.click()
    until(lambda: job.start.isVisible())
    (part,) = tmp_path.rglob("*.part")
    kept = part.stat().st_size
    assert not models.banners.shown
    job.start.click()
    until(lambda: "models" in models.banners.shown)
    assert "installed" in models.banners.shown["models"].text
    assert shop.requests[-1].range == f"bytes={kept}-"


def test_a_download_that_fails_is_told_and_can_be_tried_again(models: Window, shop: Loopback) -> None:
    shop.at("/weights", status(404))
    models.panels.for_model.downloads["tiny"].start.click()
    until(lambda: "models" in models.banners.shown)
    banner = models.banners.shown["models"]
    assert (banner.kind, banner.button.text()) == ("error", "Try again")
    assert "404" in banner.text
    shop.at("/weights", serve(shop.content))
    banner.button.click()
    until(lambda: "installed" in models.banners.shown["models"].text)


def test_closing_does_not_wait_for_a_download(models: Window, shop: Loopback) -> None:
    shop.at("/weights", hang)
    models.panels.for_model.downloads["tiny"].start.click()
    until(lambda: shop.requests)
    began = time.monotonic()
    close(models)
    assert time.monotonic() - began < 10, "the server keeps it for 20 seconds"


def test_devices_are_checked(models: Window) -> None:
    models.chosen.choose(model="builtin")
    check = models.panels.for_model.check
    check.start.click()
    until(lambda: "CPU in" in check.words.text())
    assert "agrees" in check.words.text()


def test_what_tqdm_writes_is_understood() -> None:
    line = " 43%|████▎     | 54.5M/127M [00:10<00:14, 5.1MB/s]"
    assert _PROGRESS.search(line).groupdict() == {"percent": "43", "done": "54.5M/127M"}
    assert not _PROGRESS.search("measuring speed, round 1 of 3")


def test_what_int8_gains_and_costs_is_told_in_words() -> None:
    agreement = Agreement(1200, 3, 2, 1, score_difference=0.01, mask_iou=0.97)
    report = Report(8, 2, {"f32": 10.0}, 23.0, "f32", pictures=25, agreement=agreement)
    assert _gains(json.dumps(asdict(report))).splitlines() == [
        "2.3 times as fast as in f32",
        "1,200 objects compared:",
        "3 lost, 2 new, 1 of another class; mask IoU 0.970",
    ]
    nothing = replace(report, agreement=replace(agreement, objects=0))
    assert "not known" in _gains(json.dumps(asdict(nothing)))


def test_the_figures_of_a_stage_are_under_the_pointer(application: QApplication) -> None:
    bars = StageBars()
    bars.show_stages({name: {"p50": 1.0, "p95": 2.5, "p99": 1234.5} for name in ("queue", "total")})
    bars.resize(bars.sizeHint())
    bars.show()
    QTest.mouseMove(bars, QPoint(20, bars.height() - 5))
    until(lambda: bars.toolTip().startswith("Total: median 1.0 ms"))
    assert "1,234.5 ms" in bars.toolTip()
    bars.close()
