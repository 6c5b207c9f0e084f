"""What the window remembers of the user's choices: one TOML file.

::

    score = 0.4               # a setting that is not as it was made
    [window]
    theme = "dark"            # a preference
    [keys]
    record = ["R", "Ctrl+R"]  # shortcuts of an action

Only what differs from the defaults is in it. What a newer version wrote stays. A file that cannot
be read is set aside, and whatever cannot be used is told, but the program starts all the same.
"""

from __future__ import annotations

import dataclasses
import os
import tempfile
import threading
import tomllib
from pathlib import Path
from typing import Any, TypeVar

import platformdirs

from yolact_live.errors import UsageError
from yolact_live.settings import WINDOW_SETTINGS, Preferences, Settings

_INSTEAD = "the default is used instead"
_Schema = TypeVar("_Schema", Settings, Preferences)
Changes = dict[str, dict[str, Any]]
"""Table (``""`` is the file's top) → key → value; None = as it was made."""


class SettingsFile:
    """The file, read once, changed entry by entry.

    Args:
        path: the file; the user's own if None.

    Attributes:
        settings, preferences: what the file says, else the defaults of the window.
        keys: action → shortcuts, where they are not as they were made.
        problems: what cannot be used, in words.
        is_new: there was no file.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or platformdirs.user_config_path("yolact-live", False) / "settings.toml"
        self.problems: list[UsageError] = []
        self._lock = threading.Lock()
        self.is_new = not self.path.exists()
        try:
            document = self._read()
        except UsageError as error:
            self.problems.append(error)
            document = {}
        self.settings = self._fill(WINDOW_SETTINGS, document)
        self.preferences = self._fill(Preferences(), _table(document, "window"))
        self.keys: dict[str, tuple[str, ...]] = {}
        for action, keys in _table(document, "keys").items():
            if isinstance(keys, list) and all(isinstance(key, str) for key in keys):
                self.keys[action] = tuple(keys)
            else:
                words = f"{self.path.name}: the shortcuts of {action} are no list of texts"
                self.problems.append(UsageError(words, _INSTEAD))

    def change(self, changes: Changes) -> None:
        """Write other values into the file, as it is now: other windows may have written, too.

        Raises:
            UsageError: it cannot be written.
        """
        with self._lock:
            self._change(changes)

    def _change(self, changes: Changes) -> None:
        document = self._read()
        defaults = {
            "": dataclasses.asdict(WINDOW_SETTINGS),
            "window": dataclasses.asdict(Preferences()),
        }
        for name, values in changes.items():
            table = document
            if name:
                table = document[name] = _table(document, name)
            for key, value in values.items():
                if value is None or value == defaults.get(name, {}).get(key):
                    table.pop(key, None)
                else:
                    table[key] = list(value) if isinstance(value, tuple) else value
            if name and not table:
                del document[name]
        self._write(document)

    def _read(self) -> dict[str, Any]:
        """Return what is in the file; set it aside if that is no TOML.

        Raises:
            UsageError: it can neither be read nor set aside; it must not be replaced then.
        """
        try:
            return tomllib.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            aside = self.path.with_name(self.path.name + ".broken")
            words = f"{self.path} is damaged ({error})"
            try:
                os.replace(self.path, aside)
            except OSError:
                raise UsageError(words, "delete it") from error
            self.problems.append(UsageError(words, f"it is now {aside.name}; the defaults are used"))
            return {}
        except OSError as error:
            message = f"{self.path} cannot be read ({error.strerror})"
            raise UsageError(message, "check its permissions") from error

    def _write(self, document: dict[str, Any]) -> None:
        import tomli_w  # what tomllib leaves out, by its author's standard: TOML 1.0, no dependencies

        path = self.path.resolve()  # a link to a file that is kept elsewhere stays one
        if path.exists() and not path.stat().st_mode & 0o222:
            raise UsageError(f"the settings cannot be kept ({path} is read-only)", "let it be written to")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(".toml", ".settings-", path.parent)
            try:
                with os.fdopen(handle, "wb") as file:
                    tomli_w.dump(document, file)
                os.replace(name, path)  # whoever reads has the old file or the new one
            except OSError:
                os.unlink(name)
                raise
        except OSError as error:
            raise UsageError(
                f"the settings cannot be kept ({error.strerror})", f"check {self.path.parent}"
            ) from error

    def _fill(self, schema: _Schema, table: dict[str, Any]) -> _Schema:
        """Return a schema's object with what a table says, as far as it can be used."""
        for field in dataclasses.fields(schema):
            if field.name not in table:
                continue
            value: Any = table[field.name]
            default = field.default
            if isinstance(value, list) and all(isinstance(item, str) for item in value):
                value = tuple(value)
            if isinstance(default, float) and type(value) is int:
                value = float(value)
            if type(value) is not type(default):
                words = f"{self.path.name}: {field.name} = {value!r} is not of the right kind"
                self.problems.append(UsageError(words, _INSTEAD))
                continue
            change: dict[str, Any] = {field.name: value}
            try:
                schema = dataclasses.replace(schema, **change)
            except UsageError as error:
                words = f"{self.path.name}: {field.name} = {value!r} cannot be used ({error.remedy})"
                self.problems.append(UsageError(words, _INSTEAD))
        return schema


def _table(document: dict[str, Any], name: str) -> dict[str, Any]:
    table = document.get(name, {})
    return table if isinstance(table, dict) else {}
