"""What the times of a video's frames say about its rate."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

PEEK = 48
"""Packets that are looked at."""

_REORDERED = 16
"""Pictures at most by which an encoder changes the order: the last of those peeked at may have gaps."""

_JITTER = 0.1
"""Steps that differ by this much of the usual one make the rate variable."""

_SAME = Fraction(1, 10_000)
"""Containers that count in milliseconds or nanoseconds miss a standard rate by less than this."""


def standard_rate(rate: Fraction) -> Fraction:
    """Return the whole or NTSC rate that is meant by one which is nearly it.

    >>> standard_rate(Fraction(19001, 317))
    Fraction(60000, 1001)
    """
    for candidate in (Fraction(round(rate)), Fraction(round(rate * Fraction(1001, 1000)) * 1000, 1001)):
        if candidate and abs(rate / candidate - 1) < _SAME:
            return candidate
    return rate


def steps_of(times: list[int], whole: bool) -> list[int]:
    """Return the times between frames.

    Args:
        times: presentation times of packets, in the order of the file.
        whole: these are all of them.
    """
    shown = sorted(set(times))
    return np.diff(shown if whole else shown[:-_REORDERED]).tolist()


def is_variable(steps: list[int]) -> bool:
    """Say whether frames do not come at a constant rate; rounding to whole units does not count."""
    if len(steps) < 2:
        return False
    return max(steps) - min(steps) > max(2, _JITTER * float(np.median(steps)))
