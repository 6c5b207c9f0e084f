"""Keep the translations of the window in step with the code.

::

    python packaging/translations.py

writes all texts of the window into ``assets/translations/*.ts``, where Qt Linguist or an editor adds
what is new in other languages, and compiles them (``*.qm``), which the program reads. The exit
status is 1 while a translation is missing.
"""

from __future__ import annotations

import ast
import builtins
import dataclasses
import itertools
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import PySide6

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT))

from yolact_live.gui.translation import CONTEXT  # noqa: E402

PACKAGE = CHECKOUT / "yolact_live"
_NOT_SHOWN = (
    *("training", "evaluation"),
    *("cli.py", "run_cli.py", "batch_cli.py", "batch.py", "cluster.py", "flags.py", "app.py"),
)
"""Folders and modules whose errors are for the terminal."""
FOLDER = CHECKOUT / "assets" / "translations"
_SHOWN = ("progress", "Listed", "Camera")
"""What is called with texts that are shown, besides errors: steps of a job, names of sources."""
_LOSSES = ("problem", "_loss", "remedy")
"""Functions that return what the window says."""
_HEAD = '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n'
Texts = dict[str, bool]
"""English → whether it depends on a number."""
Translations = dict[str, list[str]]
"""English → the forms in the other language: one, or singular and plural."""


def window_texts() -> Texts:
    """Return what the window says: what is given to ``tr`` and ``plural``, and its tables."""
    found: Texts = dict.fromkeys(_tables(), False)
    for name, texts in _calls(PACKAGE / "gui"):
        if name == "tr":
            found |= dict.fromkeys(texts, False)
        elif name == "plural":
            found[texts[-1]] = True
    return {text: counts for text, counts in found.items() if any(map(str.isalpha, text))}


def engine_texts() -> Texts:
    """Return the errors of the program; where one is missing, the window shows it in English."""
    found = [text for name, texts in _calls(PACKAGE) if _tells(name) for text in texts]
    return {text: False for text in found if any(map(str.isalpha, text))}


def _calls(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Return name and texts of all calls of plain functions."""
    for path in folder.rglob("*.py"):
        if path.name in _NOT_SHOWN or path.parent.name in _NOT_SHOWN:
            continue
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        named: dict[str, list[ast.expr]] = {}
        for node in nodes:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                named.setdefault(node.targets[0].id, []).append(node.value)
        for node in nodes:
            if isinstance(node, ast.FunctionDef) and node.name in _LOSSES:
                returned = [part.value for part in ast.walk(node) if isinstance(part, ast.Return)]
                yield "SourceError", [text for value in returned if value for text in _templates(value)]
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                arguments = [value for arg in node.args for value in named.get(_name(arg), [arg])]
                if texts := [text for argument in arguments for text in _templates(argument)]:
                    yield node.func.id, texts


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def _tells(name: str) -> bool:
    """Whether this is a class of errors that people are told of, or tells how far something is."""
    return name in _SHOWN or (name.endswith("Error") and not hasattr(builtins, name))


def _templates(node: ast.expr) -> Iterator[str]:
    """Return the texts that an expression may be, their values as ``{0}``, ``{1}`` …"""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from (*_templates(node.body), *_templates(node.orelse))
    elif isinstance(node, ast.JoinedStr):
        numbers = itertools.count()
        parts = (x.value if isinstance(x, ast.Constant) else f"{{{next(numbers)}}}" for x in node.values)
        yield "".join(map(str, parts))


def _tables() -> Iterator[str]:
    """Return the texts that are in tables, and translated when they are used."""
    from yolact_live.gui import actions, status, welcome, window, zone_editor
    from yolact_live.gui.dialogs import about
    from yolact_live.gui.panels import classes, controls, statistics
    from yolact_live.settings import Preferences, Settings, option_of

    yield from (*window.EMPTY, *zone_editor.HINT, about.WORDS, *classes.HEADINGS, *classes.TIPS)
    yield from (*status.CAUSES.values(), *status.STATES.values(), *(words for _, words in welcome.THINGS))
    yield from (*statistics.STAGES.values(), *statistics.FACTS, *controls.WORDS.values())
    for spec in actions.ACTIONS:
        yield from (spec.text, spec.tip)
    yield from actions.GROUPS.values()
    for field in (*dataclasses.fields(Settings), *dataclasses.fields(Preferences)):
        option = option_of(field)
        yield from (option.help, option.empty, controls.label_of(field))
        yield from map(controls.words_of, option.choices)


def read(path: Path) -> Translations:
    """Return what a file translates, finished or not."""
    found: Translations = {}
    for message in ElementTree.parse(path).iter("message") if path.exists() else ():
        translation = message.find("translation")
        assert translation is not None
        forms = [form.text or "" for form in translation.iter("numerusform")]
        found[message.findtext("source", "")] = forms or [translation.text or ""]
    return found


def write(path: Path, language: str, texts: Texts, known: Translations) -> list[str]:
    """Write a file with a translation of each text; return those that have none."""
    root = ElementTree.Element("TS", version="2.1", language=language, sourcelanguage="en")
    context = ElementTree.SubElement(root, "context")
    ElementTree.SubElement(context, "name").text = CONTEXT
    missing = []
    for text, counts in texts.items():
        message = ElementTree.SubElement(context, "message", {"numerus": "yes"} if counts else {})
        ElementTree.SubElement(message, "source").text = text
        translation = ElementTree.SubElement(message, "translation")
        forms = known.get(text, [])
        if len(forms) != 1 + counts or not all(forms):
            translation.set("type", "unfinished")
            missing.append(text)
        elif counts:
            for form in forms:
                ElementTree.SubElement(translation, "numerusform").text = form
        else:
            translation.text = forms[0]
    ElementTree.indent(root)
    path.write_text(_HEAD + ElementTree.tostring(root, encoding="unicode") + "\n", encoding="utf-8")
    return missing


def compiled(source: Path) -> bytes:
    """Return what Qt makes of a file."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder, "made.qm")
        program = Path(PySide6.__file__).parent / "lrelease"
        subprocess.run([program, "-silent", source, "-qm", made], check=True)
        return made.read_bytes()


def main() -> int:
    """Bring the files up to date."""
    now, status = dict(sorted((engine_texts() | window_texts()).items())), 0
    for source in sorted(FOLDER.glob("*.ts")):
        missing = write(source, source.stem.rpartition("_")[2], now, read(source))
        source.with_suffix(".qm").write_bytes(compiled(source))
        print(f"{source.name}: {len(now) - len(missing)} of {len(now)} texts")
        for text in missing:
            print(f"  missing: {text}")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
