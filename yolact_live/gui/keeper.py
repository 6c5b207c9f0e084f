"""Recordings and snapshots, and what the window says about them."""

from __future__ import annotations

import re
import shutil
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QStandardPaths, QUrl
from PySide6.QtGui import QAction, QDesktopServices, QGuiApplication, QImage

from yolact_live.errors import RecordError
from yolact_live.gui.actions import set_icon
from yolact_live.gui.banner import Banners
from yolact_live.gui.captions import Recorded
from yolact_live.gui.chosen import Chosen
from yolact_live.gui.opencv import forget_opencv_qt
from yolact_live.gui.seek_bar import clock
from yolact_live.gui.session import Session
from yolact_live.gui.sources import short_name
from yolact_live.gui.tasks import Tasks
from yolact_live.gui.translation import spoken, tr
from yolact_live.record.output import free_name

if TYPE_CHECKING:
    from yolact_live.pipeline.pipeline import Pipeline
    from yolact_live.pipeline.recording import Recording
    from yolact_live.pipeline.writers import Outputs

_FOLDER = "YOLACT Live"
_MEASURE_S = 0.5
_Place = QStandardPaths.StandardLocation
_KINDS = {"record_video": "video", "record_annotations": "annotations", "record_both": "both"}
"""Action → what recordings keep from then on."""
_ANNOTATIONS = {"json-lines": "lines", "coco": "coco", "csv": "table", "label-maps": "masks"}
"""How annotations are kept → field of :class:`~yolact_live.pipeline.writers.Outputs`."""


class Keeper:
    """Writes files beside the window; never replaces one. Its methods without arguments are actions.

    Attributes:
        recording: the one that runs; None = none.
        finishing: recordings being completed.
        written: bytes of the recording that runs, a moment ago.
        free: bytes that its disk has left; 0 = not known yet.
        failure: why the last recording failed.
    """

    def __init__(
        self,
        session: Session,
        chosen: Chosen,
        tasks: Tasks,
        banners: Banners,
        actions: dict[str, QAction],
    ) -> None:
        self.recording: Recording | None = None
        self.finishing = 0
        self.written = self.free = 0
        self.failure: Exception | None = None
        self._session = session
        self._chosen = chosen
        self._tasks = tasks
        self._banners = banners
        self._actions = actions
        self._measured_s = 0.0
        session.opening.connect(self.finish)
        session.stopped.connect(self.finish)
        session.failed.connect(self.finish)

    @property
    def recorded(self) -> Recorded | None:
        """How far the recording is; None without one."""
        recording = self.recording
        return Recorded(clock(float(recording.seconds)), recording.paused) if recording else None

    # ---------------------------------------------------------------- recordings

    def record(self) -> None:
        """Start or finish a recording."""
        if self.recording:
            self.finish()
        elif self._session.pipeline and self._session.result:
            self.start(self._session.pipeline)

    def record_pause(self) -> None:
        """Leave out what comes, or go on."""
        if self.recording:
            self.recording.paused = not self.recording.paused

    def record_video(self) -> None:
        """Record what is seen."""
        self._chosen.prefer(record="video")

    def record_annotations(self) -> None:
        """Record what was found, and no picture."""
        self._chosen.prefer(record="annotations")

    def record_both(self) -> None:
        """Record what is seen, and what was found beside it."""
        self._chosen.prefer(record="both")

    def start(self, pipeline: Pipeline, path: Path | None = None, overwrite: bool = False) -> None:
        """Start a recording, by default with date and time in the user's folder of videos."""
        from yolact_live.pipeline.recording import Recording
        from yolact_live.pipeline.writers import Outputs

        self.failure = None
        try:
            outputs = Outputs(annotated=path, overwrite=overwrite) if path else self._outputs(pipeline.source)
        except RecordError as error:
            self._banners.show_error("file", error)
            return
        self._banners.clear("file")
        self.written = self.free = 0
        self._measured_s = 0.0
        self.recording = Recording(pipeline, outputs)

    def finish(self, *_: object) -> None:
        """Complete the recording, if there is one."""
        recording, self.recording = self.recording, None
        if recording:
            self.finishing += 1
            self._tasks.run(recording.finish, partial(self._recorded, recording))

    def recordings(self) -> None:
        """Open the folder of recordings."""
        self._open_place(_Place.MoviesLocation)

    def _outputs(self, source: str) -> Outputs:
        from yolact_live.pipeline.writers import ENDINGS, Outputs

        chosen = self._chosen.preferences
        output = _ANNOTATIONS[chosen.annotations]
        ending = ENDINGS[output]
        first = ending if chosen.record == "annotations" else ".mp4"
        path = free_name(_folder(_Place.MoviesLocation), _stem(source), first)
        kept: dict[str, Any] = {} if chosen.record == "annotations" else {"annotated": path}
        if chosen.record != "video":
            kept[output] = path.with_name(path.name.removesuffix(first) + ending)
        return Outputs(**kept)

    def _recorded(self, recording: Recording, outcome: list[Path] | Exception) -> None:
        self.finishing -= 1
        if isinstance(outcome, Exception):
            self.failure = outcome
        self._kept(tr("Recorded"), outcome, *recording.notices)

    def _measure(self, recording: Recording) -> None:
        """Look at the disk, beside the window: one that is far away may take its time."""
        self._measured_s = time.monotonic()
        folder = recording.outputs.paths[0].parent

        def note(outcome: tuple[int, int] | Exception) -> None:
            if recording is self.recording and not isinstance(outcome, Exception):
                self.written, self.free = outcome

        self._tasks.run(lambda: (recording.size, shutil.disk_usage(folder).free), note)

    # ---------------------------------------------------------------- snapshots

    def snapshot(self, overlay: bool = True) -> None:
        """Save the picture that is shown, in the size of the source, in the user's folder of pictures.

        Args:
            overlay: with masks, boxes and labels.
        """
        if not (self._session.result and self._session.source):
            return
        result, source, pipeline = self._session.result, self._session.source, self._session.pipeline
        model = pipeline.engine.name if pipeline and pipeline.engine else ""

        def save() -> list[Path]:
            from yolact_live.record.pictures import save_snapshot

            folder, stem = _folder(_Place.PicturesLocation), _stem(source)
            return [save_snapshot(folder, stem, result, model=model, overlay=overlay)]

        self._tasks.run(save, partial(self._kept, tr("Saved")))

    def snapshot_plain(self) -> None:
        """Save the picture as the source has it."""
        self.snapshot(overlay=False)

    def snapshot_copy(self) -> None:
        """Put the picture that is shown on the clipboard, in the size of the source."""
        if self._session.result:
            picture = self._session.result.annotated
            height, width = picture.shape[:2]
            image = QImage(picture.data, width, height, picture.strides[0], QImage.Format.Format_BGR888)
            QGuiApplication.clipboard().setImage(image.copy())
            self._banners.show_message("file", "info", tr("the picture is on the clipboard"))

    def snapshots(self) -> None:
        """Open the folder of snapshots."""
        self._open_place(_Place.PicturesLocation)

    # ---------------------------------------------------------------- what is said of it

    def refresh(self) -> None:
        """Let the actions say what can be done now; complete a recording that has come to its end."""
        recording, act = self.recording, self._actions
        if recording and (recording.error or self._session.state == "ended"):
            self.finish()
            recording = None
        if recording and time.monotonic() - self._measured_s > _MEASURE_S:
            self._measure(recording)
        act["record"].setChecked(recording is not None)
        act["record"].setText(tr("Finish") if recording else tr("Record"))
        set_icon(act["record"], "recording" if recording else "record")
        act["record_pause"].setEnabled(recording is not None)
        act["record_pause"].setChecked(recording is not None and recording.paused)
        for name, kind in _KINDS.items():
            act[name].setChecked(self._chosen.preferences.record == kind)
        for name in ("record", "snapshot", "snapshot_plain", "snapshot_copy"):
            act[name].setEnabled(self._session.result is not None)

    def _kept(self, verb: str, outcome: list[Path] | Exception, *notices: str) -> None:
        if isinstance(outcome, Exception):
            self._banners.show_error("file", outcome)
            return
        button = (tr("Open folder"), partial(_open_folder, outcome[0].parent))
        words = f"{verb}: {', '.join(map(str, outcome))}"
        self._banners.show_message("file", "info", words, ". ".join(map(spoken, notices)), button=button)

    def _open_place(self, place: QStandardPaths.StandardLocation) -> None:
        try:
            _open_folder(_folder(place))
        except RecordError as error:
            self._banners.show_error("file", error)


def _open_folder(folder: Path) -> None:
    forget_opencv_qt()  # the file manager may be a Qt program
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))


def _folder(place: QStandardPaths.StandardLocation) -> Path:
    folder = Path(QStandardPaths.writableLocation(place)) / _FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RecordError(f"{folder} cannot be made ({error.strerror})", "check its permissions") from error
    return folder


def _stem(source: str) -> str:
    return re.sub(r"[^\w. -]+", " ", Path(short_name(source)).stem).strip() or "recording"  # of an address
