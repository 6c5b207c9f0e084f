"""What can be kept of a pipeline: annotated pictures, and what was found in them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import count
from pathlib import Path

from yolact_live.capture import SourceInfo, is_picture, local_files
from yolact_live.errors import RecordError
from yolact_live.pipeline.sinks import Writer
from yolact_live.record.annotations import JsonLines, Table
from yolact_live.record.coco import Coco
from yolact_live.record.counts import Events
from yolact_live.record.finish import Sound
from yolact_live.record.output import VIDEO_EXTENSIONS, check_output, part_path
from yolact_live.record.pictures import (
    PICTURE_EXTENSIONS,
    AnnotatedPicture,
    AnnotatedPictures,
    LabelMaps,
    PictureNames,
    check_picture_folder,
)
from yolact_live.record.video import VideoRecorder
from yolact_live.types import FrameResult


@dataclass(frozen=True)
class Facts:
    """What a writer has to know beside the results.

    Attributes:
        info: the source.
        model: name of the model.
        hear: returns what shall be heard between two times of the recording.
        tell: takes what the user should know, in words.
    """

    info: SourceInfo
    model: str
    hear: Callable[[Fraction, Fraction], Sound | None]
    tell: Callable[[str], None]


Open = Callable[[Facts], Writer]

ENDINGS = {"lines": ".jsonl", "coco": ".json", "table": ".csv", "masks": " masks"}
"""How names of annotations end, by field of :class:`Outputs`, where nobody chose them."""


@dataclass(frozen=True)
class Outputs:
    """Files and folders to be written; None = not wanted.

    Attributes:
        annotated: a video, by its extension; or a picture, if the source is one; or, without an
            extension, a folder for one picture a frame.
        lines: instances, one JSON object a frame.
        coco: instances as COCO annotations.
        table: instances as comma-separated values.
        masks: folder for one label map a frame.
        events: what happened at lines and zones, as comma-separated values.
        polygons: outlines in place of masks, in lines and coco.
        overwrite: what exists may be replaced.
    """

    annotated: Path | None = None
    lines: Path | None = None
    coco: Path | None = None
    table: Path | None = None
    masks: Path | None = None
    events: Path | None = None
    polygons: bool = False
    overwrite: bool = False

    @property
    def paths(self) -> list[Path]:
        """Everything that will be written."""
        every = (self.annotated, self.lines, self.coco, self.table, self.masks, self.events)
        return [path for path in every if path]

    def check(self, source: str) -> None:
        """Make sure, before any work starts, that all of them may be written.

        Raises:
            RecordError: one may not.
        """
        inputs = local_files(source)
        if self.annotated:
            self._check_annotated(self.annotated, source, inputs)
        if self.masks:
            check_picture_folder(self.masks, overwrite=self.overwrite, inputs=inputs)
        for path, extensions in (
            (self.lines, JsonLines.EXTENSIONS),
            (self.coco, Coco.EXTENSIONS),
            (self.table, Table.EXTENSIONS),
            (self.events, Events.EXTENSIONS),
        ):
            if path:
                check_output(path, overwrite=self.overwrite, extensions=extensions, inputs=inputs)
        if len({path.absolute() for path in self.paths}) < len(self.paths):
            raise RecordError("two outputs have one name", "choose another one")

    def _check_annotated(self, path: Path, source: str, inputs: list[Path]) -> None:
        pictures = bool(inputs) and all(map(is_picture, inputs))
        if path.is_dir() or (pictures and not path.suffix):
            check_picture_folder(path, overwrite=self.overwrite, inputs=inputs)
            return
        kinds = VIDEO_EXTENSIONS + PICTURE_EXTENSIONS * pictures
        check_output(path, overwrite=self.overwrite, extensions=kinds, inputs=inputs)
        if path.suffix.lower() in PICTURE_EXTENSIONS and len(inputs) > 1:
            raise RecordError(f"{path} holds one picture, and {source} has {len(inputs)}", "give a folder")

    def writers(self) -> list[tuple[str, Open]]:
        """Return for each of them the stage under which its time is counted, and what makes its writer."""
        over, outlines = self.overwrite, self.polygons

        def names(facts: Facts) -> PictureNames:
            return PictureNames(facts.info.pictures)

        kinds: list[tuple[Path | None, str, Callable[[Path, Facts], Writer]]] = [
            (self.annotated, "record", self._annotated),
            (self.lines, "json", lambda path, _: JsonLines(path, over, outlines)),
            (self.coco, "coco", lambda path, facts: Coco(path, names(facts), over, outlines)),
            (self.table, "csv", lambda path, _: Table(path, over)),
            (self.events, "events", lambda path, _: Events(path, over)),
            (self.masks, "masks", lambda path, facts: LabelMaps(path, names(facts), over)),
        ]
        return [(stage, partial(make, path)) for path, stage, make in kinds if path]

    def _annotated(self, path: Path, facts: Facts) -> Writer:
        kind = path.suffix.lower()
        if kind in VIDEO_EXTENSIONS:
            return AnnotatedVideo(path, facts, self.overwrite)
        if kind in PICTURE_EXTENSIONS:
            return AnnotatedPicture(path, facts.model, self.overwrite)
        return AnnotatedPictures(path, PictureNames(facts.info.pictures), facts.model, self.overwrite)


class AnnotatedVideo:
    """Writes annotated pictures to a video.

    Where a video or a camera changes its size the file is completed, and another one begins, with a
    number. Pictures of a folder are fitted into the size of the first.
    """

    def __init__(self, path: Path, facts: Facts, overwrite: bool) -> None:
        self._path = path
        self._facts = facts
        self._overwrite = overwrite
        self._recorder: VideoRecorder | None = None
        self._size = 0, 0
        self._completed = 0

    @property
    def size(self) -> int:
        """Bytes on the disk so far."""
        return self._completed + (self._recorder.size if self._recorder else 0)

    def write(self, result: FrameResult) -> None:
        frame = result.frame
        if self._recorder and frame.size != self._size and not self._facts.info.pictures:
            self._recorder.close()
            self._recorder = None
            self._completed += self._path.stat().st_size
            self._path = _next_free(self._path)
            height, width = frame.size
            self._facts.tell(f"the picture is {width}×{height} now: the recording goes on in {self._path}")
        if self._recorder is None:
            self._size = frame.size
            self._recorder = VideoRecorder(
                self._path,
                frame.size,
                self._facts.info.rate,
                overwrite=self._overwrite,
                sound=self._facts.hear,
            )
        self._recorder.write(result.annotated, frame.pts, frame.duration)

    def close(self) -> None:
        if self._recorder:
            self._recorder.close()


def _next_free(path: Path) -> Path:
    """Return ``a (2).mp4`` for ``a.mp4``, or the next number that no file has."""
    for number in count(2):
        numbered = path.with_name(f"{re.sub(r' [(][0-9]+[)]$', '', path.stem)} ({number}){path.suffix}")
        if not numbered.exists() and not part_path(numbered).exists():
            return numbered
    raise AssertionError("numbers do not end")
