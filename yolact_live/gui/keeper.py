"""Recordings and snapshots, and what the window says about them."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QStandardPaths, QUrl
from PySide6.QtGui import QDesktopServices

from yolact_live.errors import RecordError
from yolact_live.gui.banner import Banners
from yolact_live.gui.opencv import forget_opencv_qt
from yolact_live.gui.recording import Recording, free_name
from yolact_live.gui.sources import short_name
from yolact_live.gui.tasks import Tasks

if TYPE_CHECKING:
    from yolact_live.pipeline.pipeline import Pipeline
    from yolact_live.types import ByteArray

_FOLDER = "YOLACT Live"
_Place = QStandardPaths.StandardLocation


class Keeper:
    """Writes files beside the window; never replaces one.

    Attributes:
        recording: the one that runs; None = none.
        finishing: files being completed.
        failure: why the last recording failed.
    """

    def __init__(self, tasks: Tasks, banners: Banners) -> None:
        self.recording: Recording | None = None
        self.finishing = 0
        self.failure: Exception | None = None
        self._tasks = tasks
        self._banners = banners

    def record(self, pipeline: Pipeline, path: Path | None = None, overwrite: bool = False) -> None:
        """Start a recording, by default with date and time in the user's folder of videos."""
        self.failure = None
        try:
            path = path or _new_file(_Place.MoviesLocation, pipeline.source, ".mp4")
        except RecordError as error:
            self._banners.show_error("file", error)
        else:
            self.recording = Recording(path, pipeline, overwrite)

    def finish(self) -> None:
        """Complete the recording, if there is one."""
        recording, self.recording = self.recording, None
        if recording:
            self.finishing += 1
            self._tasks.run("finish", recording.finish, self._recorded)

    def snapshot(self, picture: ByteArray, source: str) -> None:
        """Save an (H, W, 3) u8 BGR picture in the user's folder of pictures."""

        def save() -> Path:
            import cv2

            data = cv2.imencode(".png", picture)[1].tobytes()
            while True:
                path = _new_file(_Place.PicturesLocation, source, ".png")
                with suppress(FileExistsError):  # another snapshot was quicker
                    return _write(path, data)

        self._tasks.run("snapshot", save, partial(self._kept, "Saved"))

    def _recorded(self, outcome: Path | Exception) -> None:
        self.finishing -= 1
        if isinstance(outcome, Exception):
            self.failure = outcome
        self._kept("Recorded", outcome)

    def _kept(self, verb: str, outcome: Path | Exception) -> None:
        if isinstance(outcome, Exception):
            self._banners.show_error("file", outcome)
            return
        button = ("Open folder", partial(_open_folder, outcome.parent))
        self._banners.show_message("file", "info", f"{verb} {outcome}", button=button)


def _open_folder(folder: Path) -> None:
    forget_opencv_qt()  # the file manager may be a Qt program
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))


def _write(path: Path, data: bytes) -> Path:
    with path.open("xb") as file:
        try:
            file.write(data)
            file.flush()
        except OSError as error:
            path.unlink()
            raise RecordError(f"{path} cannot be written ({error.strerror})", "free some space") from error
    return path


def _new_file(place: QStandardPaths.StandardLocation, source: str, extension: str) -> Path:
    folder = Path(QStandardPaths.writableLocation(place)) / _FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RecordError(f"{folder} cannot be made ({error.strerror})", "check its permissions") from error
    stem = re.sub(r"[^\w. -]+", " ", Path(short_name(source)).stem).strip()  # an address has slashes
    return free_name(folder, stem or "recording", extension)
