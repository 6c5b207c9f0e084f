"""Sources as people hand them over: dropped, pasted, shown."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QUrl


def source_in(data: QMimeData) -> str | None:
    """Return the source that dropped or pasted data names: the path of a file, or an address."""
    for url in data.urls():
        return url.toLocalFile() or url.toString()
    lines = data.text().strip().splitlines()
    if not lines:
        return None
    text = lines[0].strip().strip("\"'")
    url = QUrl(text)
    return url.toLocalFile() if url.isLocalFile() else text or None


def short_name(source: str) -> str:
    """Return what the window calls a source: the name of a file, an address without its password."""
    from yolact_live.capture.source import redact  # numpy comes with it: after the window is shown

    return redact(source) if "://" in source else Path(source).name or source
