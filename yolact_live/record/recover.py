"""Finishing what was broken off."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import av

from yolact_live.errors import RecordError
from yolact_live.record import coco
from yolact_live.record.annotations import JsonLines, Table
from yolact_live.record.finish import length, plays, remux
from yolact_live.record.growing import whole_lines
from yolact_live.record.output import (
    VIDEO_EXTENSIONS,
    check_output,
    disk_error,
    in_use,
    part_path,
    sync,
    whole_path,
)


def recover(part: Path, path: Path | None = None, *, overwrite: bool = False) -> tuple[Path, str]:
    """Make a whole file of what a recording left when the program was killed or the power failed.

    Nothing is encoded anew. The part is removed when the whole file is there, not before.

    Args:
        part: ``NAME.part.mp4``, and so on for every kind of recording and annotation.
        path: name of the whole file; None is that of the part without ``.part``.
        overwrite: an existing file may be replaced.

    Returns:
        The file, and in words how much there is in it.

    Raises:
        RecordError: nothing can be saved, or the file cannot be written. The part is then still there.
    """
    if not part.is_file():
        raise RecordError(f"{part} does not exist", "give the file that a recording left, NAME.part.mp4")
    path = path or whole_path(part)
    if path is None:
        raise RecordError(f"{part} is no part of a recording", "give the name of the result: -o FILE")
    if in_use(part):
        raise RecordError(f"{part} is still being written", "end that recording first")
    check_output(path, overwrite=True, extensions=_KINDS)
    if path.exists() and not overwrite:
        raise RecordError(f"{path} exists", "give another name with -o FILE, or add --overwrite")
    if part.suffix.lower() != path.suffix.lower() or part == path:
        raise RecordError(f"{path} is not of the kind of {part}", f"give another name in {part.suffix}")
    try:
        return path, _KINDS[path.suffix.lower()](part, path)
    except OSError as error:
        raise disk_error(path, error, f"{part} is still there") from error


def _video(part: Path, path: Path) -> str:
    if not plays(part):
        raise RecordError(f"there is no frame in {part}", "it was broken off too early; remove it")
    whole = part_path(part_path(path))
    try:
        remux(part, whole)
        sync(whole)
        whole.replace(path)
    except (OSError, av.error.FFmpegError) as error:
        whole.unlink(missing_ok=True)
        raise error if isinstance(error, OSError) else OSError(error.errno, error.strerror) from error
    part.unlink()
    return f"{float(length(path)):.1f} s"


def _lines(part: Path, path: Path) -> str:
    lines = whole_lines(part)
    shutil.move(part, path)
    return f"{lines} frames"


def _rows(part: Path, path: Path) -> str:
    rows = whole_lines(part) - 1
    shutil.move(part, path)
    return f"{rows} rows"


def _coco(part: Path, path: Path) -> str:
    images = coco.images_path(part)
    if not images.is_file():
        raise RecordError(f"{images} is missing", f"it belongs beside {part.name}")
    frames = coco.complete(part)
    shutil.move(part, path)
    images.unlink()
    return f"{frames} frames"


_KINDS: dict[str, Callable[[Path, Path], str]] = {
    **dict.fromkeys(VIDEO_EXTENSIONS, _video),
    **dict.fromkeys(JsonLines.EXTENSIONS, _lines),
    **dict.fromkeys(Table.EXTENSIONS, _rows),
    **dict.fromkeys(coco.Coco.EXTENSIONS, _coco),
}
