"""Checks of an output before any work starts, and the life of the file: part, then whole."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from yolact_live.errors import RecordError

VIDEO_EXTENSIONS = (".mp4", ".mov", ".mkv", ".webm")


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
    if path.is_dir():
        raise RecordError(f"{path} is a folder", "give the name of a file")
    if path.suffix.lower() not in extensions:
        kind = f"files of type {path.suffix}" if path.suffix else "files without an extension"
        raise RecordError(f"{path}: {kind} cannot be written here", f"use {', '.join(extensions)}")
    if not path.parent.is_dir():
        raise RecordError(f"the folder {path.parent} does not exist", "make it first, or choose another")
    if not os.access(path.parent, os.W_OK):
        raise RecordError(f"the folder {path.parent} may not be written to", "choose another folder")
    if path.exists():
        if any(file.exists() and path.samefile(file) for file in inputs):
            raise RecordError(f"{path} is the input itself", "choose another name for the output")
        if not overwrite:
            raise RecordError(f"{path} exists", "choose another name, or add --overwrite")


def part_path(path: Path) -> Path:
    """Name of the file while it is being written: ``a/b.mp4`` → ``a/b.part.mp4``."""
    return path.with_name(f"{path.stem}.part{path.suffix}")
