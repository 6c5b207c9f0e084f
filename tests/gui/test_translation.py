"""The window speaks German, too, all of it."""

from __future__ import annotations

import importlib.util
import re
import string
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from PySide6.QtCore import QLocale, QTranslator
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialog,
    QSpinBox,
    QTabBar,
    QTableWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QTreeWidgetItemIterator,
    QWidget,
)

from tests.gui.conftest import until
from yolact_live.assets import asset
from yolact_live.errors import SourceError
from yolact_live.gui import translation
from yolact_live.gui.dialogs.about import About
from yolact_live.gui.translation import CONTEXT, decimal, percent, plural, spoken, tr, whole
from yolact_live.gui.window import Window
from yolact_live.settings import Preferences, Settings
from yolact_live.settings_file import SettingsFile

OpenWindow = Callable[..., Window]
CHECKOUT = Path(__file__).resolve().parents[2]
GERMAN = asset("translations", "yolact-live_de.ts")
UPDATE = "run packaging/translations.py, and translate what it lists"


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    """packaging/translations.py"""
    spec = importlib.util.spec_from_file_location("translations", CHECKOUT / "packaging" / "translations.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def german(application: QApplication) -> Iterator[None]:
    translation.install(application, "de")
    yield
    translation.install(application, "en")


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_every_text_of_the_window_is_translated(tool: ModuleType) -> None:
    known = tool.read(GERMAN)
    missing = [
        text
        for text, counts in tool.window_texts().items()
        if len(known.get(text, ())) != 1 + counts or not all(known[text])
    ]
    assert not missing, UPDATE


def test_translations_have_the_values_of_the_texts(tool: ModuleType) -> None:
    for text, forms in tool.read(GERMAN).items():
        for form in filter(None, forms):
            assert fields(form) == fields(text), form
            assert form[:1].isspace() == text[:1].isspace(), form
            assert form.endswith(".") == text.endswith("."), form
            assert ("…" in form) == ("…" in text), form


def test_the_compiled_file_says_the_same(tool: ModuleType) -> None:
    compiled = QTranslator()
    assert compiled.load(str(GERMAN.with_suffix(".qm")))
    for text, forms in tool.read(GERMAN).items():
        for n, form in zip((1, 5), forms, strict=False):
            assert compiled.translate(CONTEXT, text, "", n) == (form or ""), UPDATE


@pytest.mark.usefixtures("german")
def test_words_and_numbers() -> None:
    assert tr("Opening {name} …", name="a.mp4") == "a.mp4 wird geöffnet …"
    assert plural(1, "1 frame", "{n} frames") == "1 Bild"
    assert plural(12345, "1 frame", "{n} frames") == "12.345 Bilder"
    assert (whole(1000), decimal(1.25, 2), percent(0.5)) == ("1.000", "1,25", "50 %")


def test_english_needs_no_file(application: QApplication) -> None:
    assert (plural(1, "1 frame", "{n} frames"), plural(12345, "1 frame", "{n} frames")) == (
        "1 frame",
        "12,345 frames",
    )
    assert percent(0.5) == "50%"


@pytest.mark.usefixtures("german")
def test_errors_are_translated_with_the_values_in_them() -> None:
    error = SourceError("/tmp/a (b).mp4 does not exist", "check the path")
    assert spoken(error.message) == "/tmp/a (b).mp4 existiert nicht"
    assert spoken(error.remedy) == "prüfen Sie den Pfad"
    assert spoken("camera 0 is in use by zoom") == "Kamera 0 wird von zoom benutzt"
    assert spoken("a.toml cannot be read (it is busy)") == "a.toml lässt sich nicht lesen (it is busy)"
    assert spoken("nobody has written this") == "nobody has written this"


@pytest.mark.parametrize(
    ("wanted", "system", "expected"),
    [("de", "en_GB", "de"), ("en", "de_AT", "en"), ("system", "de_AT", "de"), ("system", "fr_FR", "en")],
)
def test_the_language_is_the_persons(
    application: QApplication,
    monkeypatch: pytest.MonkeyPatch,
    wanted: str,
    system: str,
    expected: str,
) -> None:
    monkeypatch.setattr(QLocale, "system", lambda: QLocale(system))
    translation.install(application, wanted)
    assert tr("Camera") == {"de": "Kamera", "en": "Camera"}[expected]
    assert decimal(0.5) == {"de": "0,5", "en": "0.5"}[expected]
    monkeypatch.undo()
    translation.install(application, "en")


def test_the_preference_is_kept_and_told_of(open_window: OpenWindow, home: Path) -> None:
    file = SettingsFile(home / "settings.toml")
    window = open_window(file.settings, file)
    window.actions_by_name["preferences"].trigger()
    dialog = window.dialogs.open
    assert not dialog.hint.isVisible()
    box = dialog.controls["language"].box
    box.setCurrentIndex(box.findData("de"))
    box.activated.emit(box.currentIndex())
    assert dialog.hint.isVisible()
    window.saver.save()
    until(lambda: not window.tasks.busy)
    assert SettingsFile(file.path).preferences == Preferences(language="de")


# ---------------------------------------------------------------- nothing is forgotten


class Marks(QTranslator):
    """Marks every text that is asked for, and notes it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[str] = set()

    def isEmpty(self) -> bool:
        return False

    def translate(self, context: str, text: str, disambiguation: str | None = None, n: int = -1) -> str:
        if context == CONTEXT:
            self.asked.add(text)
        return f"‹{text}"


def words_of(widget: QWidget) -> Iterator[str]:
    """All words of a widget, seen or heard."""
    yield from (widget.windowTitle(), widget.toolTip())
    yield from (widget.accessibleName(), widget.accessibleDescription())
    for name in ("text", "placeholderText", "title"):
        words = getattr(widget, name, "")
        yield words() if callable(words) else words
    if isinstance(widget, QSpinBox):
        yield widget.specialValueText()
    if isinstance(widget, QComboBox):
        yield from map(widget.itemText, range(widget.count()))
    if isinstance(widget, QTabBar):
        yield from map(widget.tabText, range(widget.count()))
    if isinstance(widget, QTableWidget):
        headings = [widget.horizontalHeaderItem(i) for i in range(widget.columnCount())]
        cells = [widget.item(0, i) for i in range(widget.columnCount())]
        for item in filter(None, (*headings, *cells)):
            yield from (item.text(), item.toolTip())
    if isinstance(widget, QTreeWidget):
        header = widget.headerItem()
        yield from map(header.text, range(widget.columnCount() if not widget.isHeaderHidden() else 0))
        walk = QTreeWidgetItemIterator(widget)
        while not isinstance(widget.window(), About) and (item := walk.value()):
            assert isinstance(item, QTreeWidgetItem)
            yield from (item.text(0), item.toolTip(0))
            walk += 1


KEYS = r"((Ctrl|Shift|Alt)\+)*(\S|F\d+|Left|Right|Up|Down|Home|End|Space|Esc)"
NO_WORDS = re.compile(
    rf"‹.*|[^A-Za-z]*|({KEYS}( +|$))+|\d+ s|[\d.,]+ [kMG]B|FPS|#rrggbb"
    r"|(.* – )?YOLACT Live.*|clip.*|yolact-.*|person.*|tiny.*|CPU.*",
    re.DOTALL,
)
"""Translated, or nothing that could be: figures, keys, names."""


@pytest.fixture
def marks(application: QApplication) -> Iterator[Marks]:
    made = Marks()
    application.installTranslator(made)
    yield made
    application.removeTranslator(made)


def test_nothing_is_said_past_the_translation(
    marks: Marks, open_window: OpenWindow, home: Path, tiny: Settings, clip: Path, tool: ModuleType
) -> None:
    file = SettingsFile(home / "settings.toml")
    window = open_window(tiny, file)
    window.open(str(clip), loop=True)
    until(lambda: window.session.result and window.panels.for_classes.table.rowCount())
    until(lambda: window.panels.for_model.downloads)
    window.actions_by_name["record"].trigger()
    until(lambda: window.keeper.recording)
    window.open("/nowhere/video.mp4")
    until(lambda: window.failure)
    said: set[str] = set()

    def listen(root: QWidget) -> None:
        for widget in (root, *root.findChildren(QWidget)):
            said.update(words_of(widget))

    for action in window.findChildren(QAction):
        said.update((action.text(), action.toolTip()))
    for dialog in ("", "palette", "shortcuts", "preferences", "about"):
        if dialog:
            window.actions_by_name[dialog].trigger()
            assert isinstance(window.dialogs.open, QDialog)
        listen(window)
    assert [text for text in said if not NO_WORDS.fullmatch(text)] == []
    assert len(said) > 300
    known = tool.read(GERMAN)
    engine = "/nowhere/video.mp4 does not exist"
    unknown = {text for text in marks.asked - {engine} if text not in known and any(map(str.isalpha, text))}
    assert not unknown, UPDATE
