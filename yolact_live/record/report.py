"""Figures of a run, as a JSON file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from yolact_live.record.output import check_output, disk_error, part_path

REPORT_EXTENSIONS = (".json",)


def check_report(path: Path | None) -> None:
    """Make sure, before the work, that a report may be written; an old one is replaced.

    Raises:
        RecordError: it may not.
    """
    if path:
        check_output(path, overwrite=True, extensions=REPORT_EXTENSIONS)


def write_report(path: Path, content: dict[str, Any]) -> None:
    """Write a report whole or not at all.

    Raises:
        RecordError: it cannot be written, for example because the disk is full.
    """
    part = part_path(path)
    try:
        part.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise disk_error(path, error, "nothing is kept") from error
