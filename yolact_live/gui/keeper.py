"""Recordings and snapshots, and what the window says about them."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QStandardPaths, QUrl
from PySide6.QtGui import QAction, QDesktopServices

from yolact_live.errors import RecordError
from yolact_live.gui.actions import set_icon
from yolact_live.gui.banner import Banners
from yolact_live.gui.opencv import forget_opencv_qt
from yolact_live.gui.session import Session
from yolact_live.gui.sources import short_name
from yolact_live.gui.tasks import Tasks
from yolact_live.gui.translation import tr
from yolact_live.record.output import free_name

if TYPE_CHECKING:
    from yolact_live.pipeline.pipeline import Pipeline
    from yolact_live.pipeline.recording import Recording

_FOLDER = "YOLACT Live"
_Place = QStandardPaths.StandardLocation


class Keeper:
    """Writes files beside the window; never replaces one. ``record`` and ``snapshot`` are actions.

    Attributes:
        recording: the one that runs; None = none.
        finishing: files being completed.
        failure: why the last recording failed.
    """

    def __init__(self, session: Session, tasks: Tasks, banners: Banners, actions: dict[str, QAction]) -> None:
        self.recording: Recording | None = None
        self.finishing = 0
        self.failure: Exception | None = None
        self._session = session
        self._tasks = tasks
        self._banners = banners
        self._actions = actions
        session.opening.connect(self.finish)
        session.stopped.connect(self.finish)
        session.failed.connect(self.finish)

    def record(self) -> None:
        """Start or finish a recording."""
        if self.recording:
            self.finish()
        elif self._session.pipeline and self._session.result:
            self.start(self._session.pipeline)

    def start(self, pipeline: Pipeline, path: Path | None = None, overwrite: bool = False) -> None:
        """Start a recording, by default with date and time in the user's folder of videos."""
        self.failure = None
        try:
            path = path or _new_file(_Place.MoviesLocation, pipeline.source, ".mp4")
        except RecordError as error:
            self._banners.show_error("file", error)
        else:
            from yolact_live.pipeline.recording import Recording
            from yolact_live.pipeline.writers import Outputs

            self.recording = Recording(pipeline, Outputs(annotated=path, overwrite=overwrite))

    def finish(self, *_: object) -> None:
        """Complete the recording, if there is one."""
        recording, self.recording = self.recording, None
        if recording:
            self.finishing += 1
            self._tasks.run(lambda: recording.finish()[0], self._recorded)

    def snapshot(self) -> None:
        """Save the picture that is shown, in the size of the source, in the user's folder of pictures."""
        if not (self._session.result and self._session.source):
            return
        result, source, pipeline = self._session.result, self._session.source, self._session.pipeline
        model = pipeline.engine.name if pipeline and pipeline.engine else ""

        def save() -> Path:
            from yolact_live.record.pictures import save_snapshot

            return save_snapshot(_folder(_Place.PicturesLocation), _stem(source), result, model=model)

        self._tasks.run(save, partial(self._kept, tr("Saved")))

    def refresh(self) -> None:
        """Let the actions say what can be done now; complete a recording that has come to its end."""
        if self.recording and (self.recording.error or self._session.state == "ended"):
            self.finish()
        self._actions["record"].setChecked(self.recording is not None)
        set_icon(self._actions["record"], "recording" if self.recording else "record")
        for name in ("record", "snapshot"):
            self._actions[name].setEnabled(self._session.result is not None)

    def _recorded(self, outcome: Path | Exception) -> None:
        self.finishing -= 1
        if isinstance(outcome, Exception):
            self.failure = outcome
        self._kept(tr("Recorded"), outcome)

    def _kept(self, verb: str, outcome: Path | Exception) -> None:
        if isinstance(outcome, Exception):
            self._banners.show_error("file", outcome)
            return
        button = (tr("Open folder"), partial(_open_folder, outcome.parent))
        self._banners.show_message("file", "info", f"{verb}: {outcome}", button=button)


def _open_folder(folder: Path) -> None:
    forget_opencv_qt()  # the file manager may be a Qt program
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))


def _new_file(place: QStandardPaths.StandardLocation, source: str, extension: str) -> Path:
    return free_name(_folder(place), _stem(source), extension)


def _folder(place: QStandardPaths.StandardLocation) -> Path:
    folder = Path(QStandardPaths.writableLocation(place)) / _FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RecordError(f"{folder} cannot be made ({error.strerror})", "check its permissions") from error
    return folder


def _stem(source: str) -> str:
    return re.sub(r"[^\w. -]+", " ", Path(short_name(source)).stem).strip() or "recording"  # of an address
