"""From the times of a source to those of a recording."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from yolact_live.record.finish import Span
from yolact_live.types import Frame

# How long a frame is shown that does not say so and after which the source jumps.
_BRIEFLY = Fraction(1, 30)


class Timeline:
    """Times that begin at 0 and go on where the source jumps: when it loops, is sought, or is cut.

    Gaps that a source has of itself are kept.

    Attributes:
        end: how long the recording is so far, seconds.
    """

    def __init__(self) -> None:
        self.end = Fraction(0)
        self._spans: list[Span] = []
        self._last: Frame | None = None
        self._cut = False

    def place(self, frame: Frame) -> Frame:
        """Return the next frame with its time in the recording."""
        last, self._last = self._last, frame
        if last is None or self._cut or frame.jump or frame.pts <= last.pts:
            self._spans.append(Span(frame.pts, frame.pts, self.end))
            self._cut = False
        span = self._spans[-1]
        pts = frame.pts - span.start + span.at
        span.end = frame.pts + (frame.duration or _BRIEFLY)
        self.end = pts + (frame.duration or _BRIEFLY)
        return replace(frame, pts=pts)

    def cut(self) -> None:
        """Leave out whatever comes before the next frame that is placed."""
        self._cut = True

    def spans(self, start: Fraction, end: Fraction) -> Iterator[Span]:
        """Yield which parts of the source lie between two times of the recording.

        Their ``at`` counts from ``start``.
        """
        for span in self._spans:
            shift = span.start - span.at
            first, last = max(span.at, start), min(span.end - shift, end)
            if first < last:
                yield Span(first + shift, last + shift, first - start)
