"""Text files that grow by one record a frame, and are whole whatever happens."""

from __future__ import annotations

import io
import os
from abc import abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from yolact_live.closing import Closing
from yolact_live.record.output import Hold, check_output, disk_error, part_path, sync
from yolact_live.types import FrameResult


class GrowingFile:
    """A file to which whole records are appended.

    There is no buffer: what was appended is on its way to the disk. Nobody else may write the
    file meanwhile.

    Args:
        path: file to be written; an old one is replaced.
        header: what it begins with.

    Attributes:
        size: bytes so far.

    Raises:
        OSError: it cannot be made.
    """

    def __init__(self, path: Path, header: bytes = b"") -> None:
        self.path = path
        self.size = 0
        self._file = io.FileIO(path, "w")
        self._hold = Hold(path)
        try:
            self.append(header)
        except OSError:
            self.close()
            raise

    def append(self, record: bytes) -> None:
        """Append all of a record or nothing.

        Raises:
            OSError: it cannot be written, for example because the disk is full.
        """
        rest = memoryview(record)
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError:
            with suppress(OSError):
                self._file.truncate(self.size)
            raise
        self.size += len(record)

    def close(self) -> None:
        """Let go of the file. May be called more than once."""
        if not self._file.closed:
            self._file.close()
            self._hold.release()


class Exporter(Closing):
    """Writes what was found in each frame to a text file. A context manager; used from one thread.

    While it is written the file is called ``NAME.part.EXT``, and holds every frame that was written.

    Args:
        path: file to be written.
        overwrite: replace an existing file.

    Raises:
        RecordError: the output may not or cannot be written.
    """

    EXTENSIONS: ClassVar[Sequence[str]]
    HEADER: ClassVar[bytes] = b""

    def __init__(self, path: Path, overwrite: bool = False) -> None:
        check_output(path, overwrite=overwrite, extensions=self.EXTENSIONS)
        self.path = path
        self.part = part_path(path)
        self._frames = 0
        self._closed = False
        try:
            self._file = GrowingFile(self.part, self.HEADER)
        except OSError as error:
            self.part.unlink(missing_ok=True)
            raise disk_error(path, error, "nothing is kept of it") from error

    @property
    def size(self) -> int:
        """Bytes on the disk so far."""
        return self._file.size

    def write(self, result: FrameResult) -> None:
        """Append one frame.

        Raises:
            RecordError: it cannot be written, for example because the disk is full. The file
                is then closed; the message says what is kept.
        """
        try:
            self.append(result)
        except OSError as error:
            raise self._failure(error) from error
        self._frames += 1

    @abstractmethod
    def append(self, result: FrameResult) -> None:
        """Append the record of one frame, all of it or nothing.

        Raises:
            OSError: it cannot be written.
        """

    def complete(self, room: int | None = None) -> int:
        """Make a whole file of what was appended, and let go of it; it keeps its name.

        Args:
            room: it may not be longer, bytes.

        Returns:
            How many frames it has.

        Raises:
            OSError: it cannot be completed.
        """
        self._file.close()
        return self._frames

    def close(self) -> None:
        """Complete the file and give it its name. May be called more than once.

        Raises:
            RecordError: it cannot be completed; the message says what is kept.
        """
        if self._closed:
            return
        try:
            self.complete()
            sync(self.part)
            self.part.replace(self.path)
        except OSError as error:
            raise self._failure(error) from error
        self._closed = True

    def _failure(self, error: OSError) -> Exception:
        """Save the whole frames, and say so. A file that was to be replaced stays."""
        self._file.close()
        self._closed = True
        kept = "nothing is kept of it"
        with suppress(OSError):
            frames = self._complete_what_fits()
            if frames:
                target = self.part if self.path.exists() else self.path
                self.part.replace(target)
                kept = f"its first {frames} frames are kept in {target}"
            else:
                self.part.unlink()
        return disk_error(self.path, error, kept)

    def _complete_what_fits(self) -> int:
        try:
            return self.complete()
        except OSError:  # so far it could be written
            return self.complete(self.part.stat().st_size)


def whole_lines(path: Path) -> int:
    """Cut a file after its last whole line; return how many lines there are.

    Raises:
        OSError: it cannot be read or cut.
    """
    lines = end = 0
    with path.open("rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                lines, end = lines + 1, end + len(line)
    if end < path.stat().st_size:
        os.truncate(path, end)
    return lines
