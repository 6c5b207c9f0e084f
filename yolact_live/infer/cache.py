"""Compiled models, kept in the user's cache folder for the next start.

OpenVINO names a compiled model by a hash of graph, weights, device and driver, and
compiles again what another version of itself wrote or what it cannot read. What it does not
notice is damage to the weights inside. So each model has, for each version of OpenVINO, device
and driver, a folder of its own, and what is in there is checked before it is used.
"""

from __future__ import annotations

import re
import shutil
import zlib
from contextlib import suppress
from pathlib import Path

import platformdirs

from yolact_live.infer.devices import Device

LIMIT = 1 << 30
"""Bytes that all compiled models may take; those unused for longest make room."""
_CHECKSUM = ".crc32"


def cache_folder(model: Path, device: Device) -> Path | None:
    """Return the folder for a compiled model; what is damaged in it is dropped.

    Args:
        model: the file of the graph.
        device: the device that it is compiled for.

    Returns:
        A folder that exists; None if there can be none, which costs time but is no error.
    """
    files = sorted({model, model.with_suffix(".xml"), model.with_suffix(".bin")})
    content = [f"{_checksum(file):08x}" for file in files if file.is_file()]
    key = "-".join(part for part in (device.openvino, device.name, device.driver, *content) if part)
    root = Path(platformdirs.user_cache_dir("yolact-live", False), "openvino")
    folder = root / re.sub(r"[^\w.-]+", "_", key)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.touch()  # says when it was last used
        for file in _compiled(folder):
            if _noted(file) != _checksum(file):
                file.unlink()
    except OSError:
        return None
    return folder


def note_compiled(folder: Path) -> None:
    """Note the check sums of what was compiled into a folder, and make room if that is needed."""
    with suppress(OSError):  # then it is compiled again next time
        for file in _compiled(folder):
            if _noted(file) is None:
                _note(file).write_text(f"{_checksum(file):08x}", "ascii")
        _make_room(folder)


def _make_room(used: Path) -> None:
    """Remove the folders that have not been used for longest, but not this one."""
    folders = sorted(used.parent.iterdir(), key=lambda folder: folder.stat().st_mtime)
    size = sum(file.stat().st_size for folder in folders for file in folder.rglob("*"))
    for folder in folders:
        if size > LIMIT and folder != used:
            size -= sum(file.stat().st_size for file in folder.rglob("*"))
            shutil.rmtree(folder, ignore_errors=True)


def _compiled(folder: Path) -> list[Path]:
    return [file for file in folder.iterdir() if file.is_file() and file.suffix != _CHECKSUM]


def _note(file: Path) -> Path:
    return file.with_name(file.name + _CHECKSUM)


def _noted(file: Path) -> int | None:
    try:
        return int(_note(file).read_text("ascii"), 16)
    except (OSError, ValueError):
        return None


def _checksum(file: Path) -> int:
    """CRC-32: against damage, not against attackers; the fastest that Python has."""
    value = 0
    with file.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            value = zlib.crc32(chunk, value)
    return value
