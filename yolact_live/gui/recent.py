"""Sources that were opened before."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import QSettings

from yolact_live.assets import asset

_MOST = 12
_KEY = "recent"
LEFT_OUT = "…"
"""Stands in an address for its login."""


class Recent:
    """The sources that were opened last, the newest first.

    Addresses are kept without user names and passwords; these are known only as long as the
    window is there.

    Args:
        kept: for the next start, too.

    Attributes:
        sources: as they are shown and kept.
    """

    def __init__(self, kept: bool) -> None:
        self._kept = kept
        self._full: dict[str, str] = {}
        stored = QSettings().value(_KEY) if kept else None
        # Qt makes a list of one text a text
        stored = [stored] if isinstance(stored, str) else stored or []
        self.sources = (
            [text for text in stored if isinstance(text, str)][:_MOST] if isinstance(stored, list) else []
        )

    def add(self, source: str) -> None:
        """Note that a source was opened."""
        from yolact_live.capture import source_key

        if source == str(asset("demo.mp4")):
            return
        key = source_key(source)
        self._full[key] = source
        self.sources = [key, *(one for one in self.sources if one != key)][:_MOST]
        self._keep()

    def clear(self) -> None:
        """Forget them all."""
        self.sources, self._full = [], {}
        self._keep()

    def full(self, kept: str) -> str:
        """Return a source with its login, if that is known."""
        return self._full.get(kept, kept)

    def folder(self) -> str | None:
        """Return where the last file was that is still there."""
        return next((os.path.dirname(one) for one in self.sources if os.path.isfile(one)), None)

    def _keep(self) -> None:
        if self._kept:
            QSettings().setValue(_KEY, self.sources)


def needs_login(source: str) -> bool:
    """Say whether an address was kept without its login."""
    return "://" in source and LEFT_OUT in source


def spelled(source: str) -> str:
    """Return what a menu calls a source: a file's name, then its folder."""
    path = Path(source)
    if "://" in source or not path.is_absolute():
        return source
    folder, home = str(path.parent), str(Path.home())
    inside = folder == home or folder.startswith(home + os.sep)
    return f"{path.name}  –  {'~' + folder[len(home) :] if inside else folder}"
