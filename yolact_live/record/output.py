"""Checks of an output before any work starts, and its name while it is being written."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from pathlib import Path

from yolact_live.errors import RecordError

VIDEO_EXTENSIONS = (".mp4", ".mov", ".mkv", ".webm")
LINES_EXTENSIONS = (".jsonl",)


def check_output(
    path: Path, *, overwrite: bool, extensions: Iterable[str], inputs: Iterable[Path] = ()
) -> None:
    """Make sure that ``path`` may be written.

    Args:
        path: file to be written.
        overwrite: an existing file may be replaced.
        extensions: those allowed, lower case with the dot.
        inputs: files that must not be replaced, whatever ``overwrite`` says.

    Raises:
        RecordError: it may not; the message says why, the remedy what to do.
    """
    folder = path.parent
    if path.is_dir():
        raise RecordError(f"{path} is a folder", "give the name of a file")
    if path.suffix.lower() not in extensions:
        raise RecordError(f"{path} has an unknown extension", f"use {' or '.join(extensions)}")
    if not folder.is_dir():
        raise RecordError(f"the folder {folder} does not exist", "make it, or choose another one")
    if any(_same(path, file) for file in inputs):
        raise RecordError(f"{path} is the input itself", "choose another name for the output")
    if path.exists() and not overwrite:
        raise RecordError(f"{path} exists", "choose another name, or add --overwrite")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise RecordError(f"the folder {folder} may not be written to", "choose another one")


def part_path(path: Path) -> Path:
    """Name of a file while it is being written: ``a/b.mp4`` → ``a/b.part.mp4``."""
    return path.with_name(f"{path.stem}.part{path.suffix}")


def disk_error(path: Path, error: OSError, kept: str) -> RecordError:
    """Say in words why a file could not be written on, and what is kept of it."""
    full = error.errno in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)
    remedy = "free some space, or choose another disk" if full else "choose another name or folder"
    return RecordError(f"{path} cannot be written ({error.strerror}); {kept}", remedy)


def _same(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except OSError:
        return False
