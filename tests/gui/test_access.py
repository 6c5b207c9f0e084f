"""Everything can be reached with the keyboard, read aloud, and read at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QDockWidget,
    QHeaderView,
    QLineEdit,
    QPlainTextEdit,
    QSlider,
    QWidget,
)

from tests.gui.conftest import until
from yolact_live.gui.reports import Reports
from yolact_live.gui.window import Window
from yolact_live.settings import Settings

OpenWindow = Callable[..., Window]
PANELS = ("detection", "classes", "look", "model", "statistics")
CONTROLS = (
    QAbstractButton, QSlider, QComboBox, QLineEdit, QAbstractSpinBox, QAbstractItemView, QPlainTextEdit
)  # fmt: skip


def controls(root: QWidget) -> Iterator[QWidget]:
    """Every control a person sees; not the parts that Qt makes others of."""
    for kind in CONTROLS:
        for widget in root.findChildren(kind):
            ours = not widget.objectName().startswith("qt_") and not isinstance(widget, QHeaderView)
            part = isinstance(widget.parent(), QAbstractSpinBox | QComboBox | QLineEdit | QAbstractItemView)
            if ours and not part and widget.isVisible() and widget.metaObject().className() not in PARTS:
                yield widget


PARTS = {"QComboBoxListView", "QTableCornerButton", "QComboBoxPrivateContainer", "QKeySequenceEdit"}


def words(widget: QWidget) -> str:
    """What a screen reader says of it."""
    return widget.accessibleName() or getattr(widget, "text", str)()


def check(root: QWidget) -> None:
    seen = list(controls(root))
    assert seen
    for widget in seen:
        inside = widget.parentWidget()
        assert words(widget), f"{widget} has no name"
        # "Close" says it all; the seek bar shows a preview of its own
        tip = widget.toolTip() or (inside.toolTip() if inside else "")
        assert tip or words(widget) in ("Close", "Position"), f"{words(widget)} has no tool tip"
        reached = widget.focusPolicy() & Qt.FocusPolicy.TabFocus or widget.focusProxy()
        shortcut = isinstance(widget, QAbstractButton) and getattr(widget, "defaultAction", lambda: None)()
        assert reached or shortcut or isinstance(inside, Window), f"{words(widget)} is for the mouse only"


@pytest.fixture
def window(open_window: OpenWindow, tiny: Settings, clip: Path) -> Window:
    window = open_window(tiny)
    window.resize(1200, 800)
    window.open(str(clip), loop=True)
    until(lambda: window.session.result)
    until(lambda: window.panels.for_classes.table.rowCount())
    return window


@pytest.mark.parametrize("panel", PANELS)
def test_every_control_of_a_panel_has_a_name_a_tip_and_a_keyboard_path(window: Window, panel: str) -> None:
    dock = window.findChild(QDockWidget, panel)
    dock.raise_()
    until(lambda: not dock.visibleRegion().isEmpty())
    if panel != "statistics":  # it has none
        check(dock)


def test_so_has_everything_around_them(window: Window) -> None:
    check(window)


@pytest.mark.parametrize("dialog", ["palette", "shortcuts", "preferences", "about"])
def test_and_every_dialog(window: Window, dialog: str) -> None:
    window.actions_by_name[dialog].trigger()
    check(window.dialogs.open)


def test_and_the_report_of_a_crash(window: Window, tmp_path: Path) -> None:
    reports = Reports(str, tmp_path / "crashes")
    reports.write(ValueError("x"))
    window.dialogs.crash(reports)
    check(window.dialogs.open)


@pytest.mark.parametrize("panel", ["detection", "look", "model"])
def test_tab_goes_through_a_panel_from_top_to_bottom(window: Window, panel: str) -> None:
    dock = window.findChild(QDockWidget, panel)
    dock.raise_()
    window.activateWindow()
    until(lambda: not dock.visibleRegion().isEmpty())
    form = dock.widget()
    first, *others = [control for control in form.controls.values() if control.isEnabled()]
    first.setFocus(Qt.FocusReason.TabFocusReason)
    heights = []
    for _ in range(40):
        now = window.focusWidget()
        if not form.isAncestorOf(now):
            break
        heights.append(now.mapTo(form.widget(), now.rect().topLeft()).y())
        QTest.keyClick(now, Qt.Key.Key_Tab)
    assert len(heights) > len(others), "every control gets the focus"
    assert all(after > before - 12 for before, after in pairwise(heights)), heights
