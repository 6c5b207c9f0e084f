"""Sources as people hand them over: chosen, dropped, pasted."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, QStandardPaths, Qt, QUrl, Signal
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from yolact_live.gui.address import Address
from yolact_live.gui.recent import Recent, needs_login, spelled
from yolact_live.gui.toolbar import ToolBar
from yolact_live.gui.translation import tr

_VIDEOS = "*.mp4 *.mov *.mkv *.webm *.avi *.m4v *.ts *.mpg *.mpeg"
_PICTURES = "*.jpg *.jpeg *.png *.webp *.bmp *.tif *.tiff"
_WIDEST_PX = 560


class Sources(QObject):
    """Ways to choose a source. Its methods are actions.

    Args:
        recent: what was opened before.

    Signals:
        chosen(str): a person wants this source.
    """

    chosen = Signal(str)

    def __init__(self, window: QWidget, tools: ToolBar, actions: dict[str, QAction], recent: Recent) -> None:
        super().__init__(window)
        self._window = window
        self._tools = tools
        self._actions = actions
        self.recent = recent
        tools.chosen.connect(self.chosen)
        tools.open.aboutToShow.connect(self._fill)

    def open_file(self) -> None:
        """Ask for a file."""
        kinds = tr("Videos and pictures ({patterns});;All files (*)", patterns=f"{_VIDEOS} {_PICTURES}")
        title = tr("Open a video or a picture")
        name, _ = QFileDialog.getOpenFileName(self._window, title, self._start(), kinds)
        if name:
            self.chosen.emit(name)

    def open_folder(self) -> None:
        """Ask for a folder of pictures."""
        name = QFileDialog.getExistingDirectory(self._window, tr("Open a folder of pictures"), self._start())
        if name:
            self.chosen.emit(name)

    def open_address(self) -> None:
        """Ask for an address; one on the clipboard is probably meant."""
        text = source_in(QGuiApplication.clipboard().mimeData()) or ""
        self.ask_address(text if "://" in text else "")

    def ask_address(self, address: str) -> None:
        """Ask for an address.

        Args:
            address: to begin with.
        """
        dialog = Address(self._window, address, self.chosen.emit)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def log_in(self, source: str) -> None:
        """Ask for the login of an address that refuses access."""
        from yolact_live.capture import redact

        self.ask_address(redact(source))

    def camera(self) -> None:
        """Show the list of cameras."""
        self._tools.show_menu(self._actions["camera"])

    def paste(self) -> None:
        """Open what the clipboard names."""
        source = source_in(QGuiApplication.clipboard().mimeData())
        if source:
            self.chosen.emit(source)

    def again(self, kept: str) -> None:
        """Open a recent source, and ask for its login where that is not known any more."""
        source = self.recent.full(kept)
        if needs_login(source):
            self.ask_address(source)
        else:
            self.chosen.emit(source)

    def _start(self) -> str:
        movies = QStandardPaths.StandardLocation.MoviesLocation
        return self.recent.folder() or QStandardPaths.writableLocation(movies)

    def _fill(self) -> None:
        """Offer every way to open something, and what was open before."""
        menu: QMenu = self._tools.open
        menu.clear()
        menu.addActions(
            [self._actions[name] for name in ("open_file", "open_folder", "open_address", "paste")]
        )
        if not self.recent.sources:
            return
        menu.addSection(tr("Recent"))
        for source in self.recent.sources:
            text = menu.fontMetrics().elidedText(spelled(source), Qt.TextElideMode.ElideMiddle, _WIDEST_PX)
            # an ampersand would underline the letter behind it
            menu.addAction(text.replace("&", "&&"), partial(self.again, source))
        menu.addSeparator()
        menu.addAction(tr("Clear list"), self.recent.clear)


def source_in(data: QMimeData | None) -> str | None:
    """Return the source that dropped or pasted data names: the path of a file, or an address."""
    if data is None:  # whoever filled the clipboard has gone
        return None
    for url in data.urls():
        return url.toLocalFile() or bytes(url.toEncoded().data()).decode()
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
