"""Pictures: one file, a folder, a glob."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from yolact_live.capture.source import Source, SourceInfo
from yolact_live.errors import SourceError
from yolact_live.types import ByteArray, Frame


class Stills(Source):
    """Pictures, each shown for one second. Turned upright as their EXIF data says.

    Args:
        paths: files, in the order in which they are shown.
        name: fit to be shown.

    Raises:
        SourceError: none of them can be read.
    """

    def __init__(self, paths: Sequence[Path], name: str) -> None:
        self._paths = paths
        self._name = name
        self._next = 0
        self._delivered = 0
        self._unreadable: set[Path] = set()
        first = self.read()
        if first is None:
            raise SourceError(f"no picture can be read from {name}", "choose another one")
        self._next = self._delivered = 0
        self.info = SourceInfo(
            name=name,
            size=first.size,
            rate=Fraction(1),
            mean_rate=Fraction(1),
            duration=Fraction(len(paths)),
            frames=len(paths),
            seekable=True,
            pictures=True,
        )

    def read(self) -> Frame | None:
        while self._next < len(self._paths):
            path = self._paths[self._next]
            self._next += 1
            image = load(path)
            if image is None:
                self._unreadable.add(path)
                continue
            self._delivered += 1
            return Frame(
                seq=self._delivered - 1,
                pts=Fraction(self._next - 1),
                duration=Fraction(1),
                t_capture_ns=time.perf_counter_ns(),
                image=image,
                source_id=path.name,
            )
        return None

    def seek(self, pts: Fraction, patience_s: float = math.inf) -> None:
        self._next = min(max(int(pts), 0), len(self._paths) - 1)

    def close(self) -> None:
        self._paths = ()

    @property
    def problem(self) -> str | None:
        if not self._unreadable:
            return None
        total = self.info.frames
        return f"{len(self._unreadable)} of {total} pictures could not be read"


def load(path: Path) -> ByteArray | None:
    """Return a picture file as (H, W, 3) u8 BGR, upright; None if it cannot be read."""
    try:
        data = np.fromfile(path, np.uint8)  # imread cannot open every Unicode name on Windows
        image = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    except (OSError, cv2.error):
        return None
    return image if image is None else image.astype(np.uint8, copy=False)
