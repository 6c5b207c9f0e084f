"""What the window, ``--stats`` and the benchmark say about speed: all from the same traces."""

from __future__ import annotations

import math
import threading
import time
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from statistics import median

from yolact_live.types import Trace

# Stage → the hops between which it lies.
STAGES = {
    "decode": ("requested", "captured"),
    "queue": ("captured", "taken"),
    "prepare": ("taken", "inference_start"),
    "inference": ("inference_start", "inference_end"),
    "order": ("inference_end", "received"),
    "postprocess": ("received", "postprocessed"),
    "composite": ("postprocessed", "composited"),
    "total": ("captured", "composited"),
    "show": ("composited", "presented"),
    "delay": ("captured", "presented"),
}
PERCENTILES = (50, 95, 99)
# Causes after which a frame goes on all the same, with the instances of the one before.
NOT_LOST = ("skipped", "still")
_FPS_SPAN_NS = 2_000_000_000
# Two results may come at once, after a stall or at the start: that is no speed.
_LEAST_SPAN_NS = 500_000_000


class Histogram:
    """Durations in constant memory: buckets of 2 % width from 1 µs to 17 minutes.

    No numpy: it lets go of the GIL for a thousand numbers, and the window would wait to get it back.
    """

    _BASE = 1.02
    _BUCKETS = 1050

    def __init__(self, counts: Mapping[int, int] | None = None) -> None:
        self._counts = Counter(counts)  # by bucket

    def add(self, milliseconds: float) -> None:
        """Count one duration."""
        bucket = int(math.log(max(milliseconds * 1000, 1.0), self._BASE))
        self._counts[min(bucket, self._BUCKETS - 1)] += 1

    def copy(self) -> Histogram:
        """Return one that does not follow what comes."""
        return Histogram(self._counts)

    def percentile(self, percent: float) -> float:
        """Return a percentile in milliseconds, to 1 %; 0 if nothing was counted."""
        rank = max(1, math.ceil(self._counts.total() * percent / 100))
        for bucket, count in sorted(self._counts.items()):
            rank -= count
            if rank <= 0:
                return float(self._BASE ** (bucket + 0.5) / 1000)
        return 0.0


@dataclass(frozen=True)
class Snapshot:
    """The state of the metrics at one moment.

    Attributes:
        frames: results delivered.
        dropped: frames that were not inferred, or a recorder could not take, by cause.
        fps: results a second, over the last two seconds.
        mean_fps: results a second since the first.
        delay_ms: from capture to the screen, median of the last two seconds; 0 without a screen.
        histograms: stage → its durations.
    """

    frames: int
    dropped: dict[str, int]
    fps: float
    mean_fps: float
    delay_ms: float
    histograms: dict[str, Histogram]

    @cached_property
    def stages(self) -> dict[str, dict[str, float]]:
        """Stage → {"p50": ms, "p95": ms, "p99": ms}."""
        return {
            stage: {f"p{p}": round(histogram.percentile(p), 3) for p in PERCENTILES}
            for stage, histogram in self.histograms.items()
        }

    @property
    def lost(self) -> int:
        """Frames that nobody will see; those that inference skipped are shown and recorded."""
        return sum(count for cause, count in self.dropped.items() if cause not in NOT_LOST)


@dataclass
class Metrics:
    """Counts results and drops; safe to use from several threads."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _frames: int = 0
    _first_ns: int = 0
    _last_ns: int = 0
    _recent: deque[int] = field(default_factory=lambda: deque(maxlen=2000))
    _shown: deque[Trace] = field(default_factory=lambda: deque(maxlen=2000))
    _dropped: Counter[str] = field(default_factory=Counter)
    _stages: dict[str, Histogram] = field(default_factory=dict)

    def add(self, trace: Trace) -> None:
        """Count a result."""
        with self._lock:
            self._frames += 1
            self._last_ns = trace.composited
            self._first_ns = self._first_ns or trace.composited
            self._recent.append(trace.composited)
            self._add_stages(trace, shown=False)

    def presented(self, trace: Trace) -> None:
        """Count a result that is on the screen. Not that of a picture that stands still."""
        if trace.requested:
            with self._lock:
                self._shown.append(trace)
                self._add_stages(trace, shown=True)

    def time(self, stage: str, nanoseconds: int) -> None:
        """Count the duration of a stage that is not part of a trace, such as encoding."""
        with self._lock:
            self._add(stage, nanoseconds)

    def drop(self, cause: str, count: int = 1) -> None:
        """Count frames that were lost, and why."""
        if count:
            with self._lock:
                self._dropped[cause] += count

    def _add_stages(self, trace: Trace, shown: bool) -> None:
        """Count the stages that end on the screen, or all others."""
        for stage, (start, end) in STAGES.items():
            began, ended = getattr(trace, start), getattr(trace, end)
            if began and ended and (end == "presented") == shown:
                self._add(stage, ended - began)

    def _add(self, stage: str, nanoseconds: int) -> None:
        self._stages.setdefault(stage, Histogram()).add(nanoseconds / 1e6)

    def snapshot(self) -> Snapshot:
        """Return the figures as they are now."""
        with self._lock:
            horizon = time.perf_counter_ns() - _FPS_SPAN_NS
            while self._recent and self._recent[0] < horizon:
                self._recent.popleft()
            while self._shown and self._shown[0].presented < horizon:
                self._shown.popleft()
            delays_ms = [(trace.presented - trace.captured) / 1e6 for trace in self._shown]
            span = self._recent[-1] - self._recent[0] if self._recent else 0
            return Snapshot(
                frames=self._frames,
                dropped=dict(self._dropped),
                fps=_rate(len(self._recent), max(span, _LEAST_SPAN_NS)),
                mean_fps=_rate(self._frames, self._last_ns - self._first_ns),
                delay_ms=median(delays_ms) if delays_ms else 0.0,
                histograms={stage: histogram.copy() for stage, histogram in self._stages.items()},
            )


def _rate(stamps: int, span_ns: int) -> float:
    """n stamps are n − 1 intervals."""
    return max(stamps - 1, 0) * 1e9 / span_ns if span_ns > 0 else 0.0
