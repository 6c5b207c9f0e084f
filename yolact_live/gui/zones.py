"""The lines and zones of a source: drawn, counted at, and kept for the next time."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QAction

from yolact_live.errors import UsageError
from yolact_live.gui.banner import Banners
from yolact_live.gui.chosen import Chosen
from yolact_live.gui.session import Session
from yolact_live.gui.tasks import Tasks
from yolact_live.gui.video_view import VideoView
from yolact_live.gui.zone_editor import ZoneEditor
from yolact_live.places import PlacesFile


class Zones:
    """Lets a person draw where to count. Its public methods without arguments are actions.

    Args:
        path: file that keeps what was drawn; None = it is forgotten with the window.
    """

    def __init__(
        self,
        path: Path | None,
        view: VideoView,
        session: Session,
        chosen: Chosen,
        tasks: Tasks,
        banners: Banners,
        actions: dict[str, QAction],
    ) -> None:
        self._file = PlacesFile(path) if path else None
        self._view = view
        self._session = session
        self._chosen = chosen
        self._tasks = tasks
        self._banners = banners
        self._action = actions["zones"]
        self._key: str | None = None
        self._unsaved = False
        self.editor = ZoneEditor(view)
        self.editor.changed.connect(self._take)
        self.editor.left.connect(self.zones)
        session.opening.connect(self._open)

    def zones(self) -> None:
        """Begin or end drawing."""
        if self.editor.isVisible():
            self.finish()
        elif self._view.has_picture:
            self._chosen.choose(track=True)  # only what is followed can be counted
            self._chosen.prefer(welcome=False)  # the card would lie on the picture
            self.editor.begin(self._session.places)
        self.refresh()

    def finish(self) -> None:
        """Draw no more, and keep what was drawn."""
        self.editor.end()
        self._save()

    def refresh(self) -> None:
        """Follow whether there is something to draw on."""
        if self.editor.isVisible() and not self._view.has_picture:
            self.finish()
        self._action.setEnabled(self._view.has_picture)
        self._action.setChecked(self.editor.isVisible())

    def _open(self, source: str) -> None:
        from yolact_live.capture import source_key

        self.finish()
        key = source_key(source)
        if key == self._key:
            return
        self._key = key
        self._session.count_at(())
        try:
            self._session.count_at(self._file.read(key) if self._file else ())
        except UsageError as error:
            self._banners.show_error("zones", error)

    def _take(self) -> None:
        self._unsaved = True
        self._session.count_at(self.editor.places)

    def _save(self) -> None:
        if not (self._unsaved and self._file and self._key):
            return
        self._unsaved = False
        file, key, places = self._file, self._key, self._session.places
        self._tasks.run(lambda: file.write(key, places), self._saved)

    def _saved(self, error: BaseException | None) -> None:
        if error:
            self._banners.show_error("zones", error)
