"""Consumers of results that keep them: each writes on a thread of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from yolact_live.pipeline.mailbox import Closed, Mailbox
from yolact_live.pipeline.metrics import Metrics
from yolact_live.record.annotations import JsonLines
from yolact_live.record.video import VideoRecorder
from yolact_live.types import FrameResult

if TYPE_CHECKING:
    from yolact_live.pipeline.pipeline import Pipeline

# Results waiting for a writer: enough to ride out one slow key frame.
_BACKLOG = 4


class Writer(Protocol):
    """Something that keeps results."""

    def write(self, result: FrameResult) -> None: ...

    def close(self) -> None: ...

    def abort(self) -> None: ...


class Sink:
    """A thread that hands results to a writer.

    Args:
        name: stage under which its time is counted.
        open_writer: makes the writer when the first result is there, and so its size known.
        live: drop results, counted, when the writer is slower than the pipeline;
            otherwise the pipeline waits.

    Attributes:
        error: why it gave up; it then ignores further results.
        written: results kept so far.
    """

    def __init__(
        self, name: str, open_writer: Callable[[FrameResult], Writer], live: bool, metrics: Metrics
    ) -> None:
        self.name = name
        self.error: BaseException | None = None
        self.written = 0
        self._open_writer = open_writer
        self._metrics = metrics
        self._mailbox: Mailbox[FrameResult] = Mailbox(_BACKLOG, newest=live)
        self._thread = threading.Thread(target=self._run, name=f"yl-{name}")
        self._thread.start()

    def put(self, result: FrameResult) -> None:
        """Hand over a result; waits if the writer is slow and the source is not live."""
        with suppress(Closed):
            self._metrics.drop(f"{self.name} full", self._mailbox.put(result))

    def close(self) -> None:
        """Write what is waiting and finalise; ``error`` tells how it went."""
        self._mailbox.close()
        self._thread.join()

    def _run(self) -> None:
        writer: Writer | None = None
        try:
            for result in self._mailbox:
                writer = writer or self._open_writer(result)
                began = time.perf_counter_ns()
                writer.write(result)
                self._metrics.time(self.name, time.perf_counter_ns() - began)
                self.written += 1
            if writer:
                writer.close()
        except Exception as error:  # whatever it was, the pipeline must not wait for this thread
            self.error = error
            self._mailbox.abort()
            if writer:
                writer.abort()


@dataclass
class AnnotatedVideo:
    """Writes annotated pictures to a video, with their own times.

    Where the source jumps back (it loops, or the user seeks), the recording goes on from
    where it was.
    """

    recorder: VideoRecorder
    _shift: Fraction = Fraction(0)
    _end: Fraction | None = None

    def write(self, result: FrameResult) -> None:
        frame = result.frame
        if self._end is not None and frame.pts + self._shift < self._end:
            self._shift = self._end - frame.pts
        time_s = frame.pts + self._shift
        self._end = time_s + max(frame.duration, Fraction(1, 1000))
        self.recorder.write(result.annotated, time_s, frame.duration)

    def close(self) -> None:
        self.recorder.close()

    def abort(self) -> None:
        self.recorder.abort()


@dataclass
class Annotations:
    """Writes instances to a JSON-lines file."""

    lines: JsonLines

    def write(self, result: FrameResult) -> None:
        self.lines.write(result.frame, result.instances)

    def close(self) -> None:
        self.lines.close()

    def abort(self) -> None:
        self.lines.abort()


def video_sink(
    path: Path, pipeline: Pipeline, overwrite: bool = False, audio_from: Path | None = None
) -> Sink:
    """Make a sink that records annotated pictures to ``path``, with the sound of a file if given."""

    def open_writer(result: FrameResult) -> Writer:
        rate = pipeline.info.rate if pipeline.info else None
        recorder = VideoRecorder(path, result.frame.size, rate, overwrite=overwrite, audio_from=audio_from)
        return AnnotatedVideo(recorder)

    return Sink("record", open_writer, pipeline.live, pipeline.metrics)


def annotations_sink(path: Path, pipeline: Pipeline, overwrite: bool = False) -> Sink:
    """Make a sink that writes instances to a JSON-lines file."""

    def open_writer(_: FrameResult) -> Writer:
        return Annotations(JsonLines(path, overwrite=overwrite))

    return Sink("annotate", open_writer, pipeline.live, pipeline.metrics)
