"""Checks of an output before any work starts, and its name while it is being written."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from yolact_live.errors import RecordError

try:
    import fcntl
except ImportError:  # Windows, where a file that is being written can be neither renamed nor removed
    fcntl = None  # type: ignore[assignment]

VIDEO_EXTENSIONS = (".mp4", ".mov", ".mkv", ".webm")
_PART = ".part"
_SYNC_S = 1


def check_output(
    path: Path, *, overwrite: bool, extensions: Iterable[str], inputs: Iterable[Path] = ()
) -> None:
    """Make sure that ``path`` may be written.

    Args:
        path: file to be written.
        overwrite: an existing file, and what is left of a recording of this name, may be replaced.
        extensions: those allowed, lower case with the dot.
        inputs: files that must not be replaced, whatever ``overwrite`` says.

    Raises:
        RecordError: it may not; the message says why, the remedy what to do.
    """
    if path.is_dir():
        raise RecordError(f"{path} is a folder", "give the name of a file")
    if path.suffix.lower() not in extensions:
        words = f"{path} has an unknown extension" if path.suffix else f"{path} has no extension"
        raise RecordError(words, f"use {' or '.join(extensions)}")
    check_folder(path.parent)
    if any(same_file(path, file) for file in inputs):
        raise RecordError(f"{path} is the input itself", "choose another name for the output")
    if path.exists() and not overwrite:
        raise RecordError(f"{path} exists", "choose another name, or add --overwrite")
    part = part_path(path)
    if in_use(part):
        raise RecordError(f"{path} is being written by another program", "choose another name")
    if part.exists() and not overwrite:
        what = f"{part} is left of a recording that was broken off"
        raise RecordError(what, f"see `yolact-live recover {part}`, or add --overwrite")


def check_folder(folder: Path) -> None:
    """Make sure that files can be made in a folder.

    Raises:
        RecordError: they cannot.
    """
    if not folder.is_dir():
        raise RecordError(f"the folder {folder} does not exist", "make it, or choose another one")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise RecordError(f"the folder {folder} may not be written to", "choose another one")


def part_path(path: Path) -> Path:
    """Name of a file while it is being written: ``a/b.mp4`` → ``a/b.part.mp4``."""
    return path.with_name(f"{path.stem}{_PART}{path.suffix}")


def whole_path(part: Path) -> Path | None:
    """Name that a file gets when it is whole: ``a/b.part.mp4`` → ``a/b.mp4``; None if it is no part."""
    if not part.stem.endswith(_PART):
        return None
    return part.with_name(part.stem.removesuffix(_PART) + part.suffix)


def free_name(folder: Path, stem: str, extension: str) -> Path:
    """Return a name with date and time that no file in ``folder`` has."""
    base = f"{stem} {datetime.now():%Y-%m-%d %H-%M-%S}"
    path, count = folder / f"{base}{extension}", 2
    while path.exists() or part_path(path).exists():
        path, count = folder / f"{base} ({count}){extension}", count + 1
    return path


class Hold:
    """Marks a file as being written, until it is released or the process dies.

    Every second, on a thread of its own, what was written goes to the disk itself, which else takes
    half a minute: so little is lost when the power fails.
    """

    def __init__(self, part: Path) -> None:
        self._file = os.open(part, os.O_RDWR)
        if fcntl:
            with suppress(OSError):  # some network file systems have no locks
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._released = threading.Event()
        # a file that nobody completes, after an error, must not keep the program from ending
        self._thread = threading.Thread(target=self._sync, name="yl-sync", daemon=True)
        self._thread.start()

    def release(self) -> None:
        """Let go of the file. May be called more than once."""
        if not self._released.is_set():
            self._released.set()
            self._thread.join()
            os.close(self._file)

    def _sync(self) -> None:
        while not self._released.wait(_SYNC_S):
            with suppress(OSError):  # whoever writes the file notices
                os.fsync(self._file)


def sync(path: Path) -> None:
    """Return when a file is on the disk itself, and a loss of power does not matter any more.

    Raises:
        OSError: it cannot be written there.
    """
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def in_use(part: Path) -> bool:
    """Say whether somebody writes a file, as :class:`Hold` marks it."""
    if not fcntl or not part.is_file():
        return False
    probe = os.open(part, os.O_RDONLY)
    try:
        fcntl.flock(probe, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(probe)
    return False


def disk_error(path: Path, error: OSError, kept: str) -> RecordError:
    """Say in words why a file could not be written on, and what is kept of it."""
    full = error.errno in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)
    remedy = "free some space, or choose another disk" if full else "choose another name or folder"
    return RecordError(f"{path} cannot be written ({error.strerror}); {kept}", remedy)


def same_file(path: Path, other: Path) -> bool:
    """Say whether two names are of one existing file."""
    try:
        return path.samefile(other)
    except OSError:
        return False
