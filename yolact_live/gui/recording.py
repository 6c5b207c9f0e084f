"""One recording, from the press of the button to the finished file. No Qt in here."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from yolact_live.errors import RecordError

if TYPE_CHECKING:
    from yolact_live.pipeline.pipeline import Pipeline


class Recording:
    """What a pipeline shows, on its way to a file.

    Attributes:
        path: the file.
        seconds: how much has been recorded, as far as it was shown.
    """

    def __init__(self, path: Path, pipeline: Pipeline, overwrite: bool = False) -> None:
        from yolact_live.pipeline.writers import video_sink

        self.path = path
        self.seconds = Fraction(0)
        self._last: Fraction | None = None
        self._pipeline = pipeline
        self._sink = video_sink(path, pipeline, overwrite)
        pipeline.add(self._sink)

    @property
    def failed(self) -> bool:
        """Whether the writer gave up; :meth:`finish` says why."""
        return self._sink.error is not None

    def shown(self, pts: Fraction) -> None:
        """Note that the frame at ``pts`` is on the screen. Jumps back cost no time in the file."""
        if self._last is not None:
            self.seconds += max(pts - self._last, Fraction(0))
        self._last = pts

    def finish(self) -> Path:
        """Complete the file; may take a while.

        Returns:
            The file.

        Raises:
            RecordError: it could not be written, or there was no frame to write.
        """
        self._pipeline.remove(self._sink)
        self._sink.close()
        if self._sink.error:
            raise self._sink.error
        if not self._sink.written:
            raise RecordError("nothing was recorded", "start the recording while a video plays")
        return self.path


def free_name(folder: Path, stem: str, extension: str) -> Path:
    """Return a name with date and time that no file in ``folder`` has."""
    base = f"{stem} {datetime.now():%Y-%m-%d %H-%M-%S}"
    path, count = folder / f"{base}{extension}", 2
    while path.exists():
        path, count = folder / f"{base} ({count}){extension}", count + 1
    return path
