"""Small pictures of a file at any of its times. No Qt in here."""

from __future__ import annotations

from collections import OrderedDict
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from yolact_live.capture import Source
    from yolact_live.types import ByteArray

DENSITY = 2
"""Pixels per logical pixel: sharp on any screen, and still small."""
HEIGHT_PX = 90 * DENSITY
_KEPT = 100
_PATIENCE_S = 0.15
"""A picture from before the time will do, if it takes longer to get there."""


class Thumbnails:
    """A small second reader of a file. One thread uses it.

    Args:
        source: path of the file.
    """

    def __init__(self, source: str) -> None:
        self._text = source
        self._source: Source | None = None
        self._kept: OrderedDict[Fraction, ByteArray] = OrderedDict()

    def make(self, pts: Fraction) -> tuple[Fraction, ByteArray | None]:
        """Return the time and an (``HEIGHT_PX``, W, 4) u8 BGRA picture; None = there is none."""
        from yolact_live.capture import open_source
        from yolact_live.errors import SourceError
        from yolact_live.gui.picture import scale

        if pts in self._kept:
            self._kept.move_to_end(pts)
            return pts, self._kept[pts]
        try:
            self._source = self._source or open_source(self._text)
            self._source.seek(pts, _PATIENCE_S)
            frame = self._source.read()
        except SourceError:  # the pipeline reads the same file and tells
            return pts, None
        if frame is None:
            return pts, None
        height, width = frame.size
        picture = scale(frame.image, max(1, round(width * HEIGHT_PX / height)), HEIGHT_PX)
        self._kept[pts] = picture
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return pts, picture

    def close(self) -> None:
        """Let go of the file."""
        if self._source:
            self._source.close()
