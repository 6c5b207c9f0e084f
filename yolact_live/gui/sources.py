"""Sources as people hand them over: chosen, dropped, pasted."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, QStandardPaths, QUrl, Signal
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from yolact_live.gui.toolbar import ToolBar
from yolact_live.gui.translation import tr

_VIDEOS = "*.mp4 *.mov *.mkv *.webm *.avi *.m4v *.ts *.mpg *.mpeg"


class Sources(QObject):
    """Ways to choose a source. Its methods are actions.

    Signals:
        chosen(str): a person wants this source.
    """

    chosen = Signal(str)

    def __init__(self, window: QWidget, tools: ToolBar, actions: dict[str, QAction]) -> None:
        super().__init__(window)
        self._window = window
        self._tools = tools
        self._actions = actions
        tools.chosen.connect(self.chosen)

    def open_file(self) -> None:
        """Ask for a file."""
        start = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.MoviesLocation)
        kinds = tr("Videos ({patterns});;All files (*)", patterns=_VIDEOS)
        name, _ = QFileDialog.getOpenFileName(self._window, tr("Open a video"), start, kinds)
        if name:
            self.chosen.emit(name)

    def camera(self) -> None:
        """Show the list of cameras."""
        self._tools.show_menu(self._actions["camera"])

    def paste(self) -> None:
        """Open what the clipboard names."""
        source = source_in(QGuiApplication.clipboard().mimeData())
        if source:
            self.chosen.emit(source)


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
