"""What a pipeline can keep: annotated video, instances."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from yolact_live.pipeline.pipeline import Pipeline
from yolact_live.pipeline.sinks import Sink, Writer
from yolact_live.record.annotations import JsonLines
from yolact_live.record.video import VideoRecorder
from yolact_live.types import Frame, FrameResult

# How long a frame is shown that does not say so and is followed by an earlier one.
_BRIEFLY = Fraction(1, 30)


@dataclass
class AnnotatedVideo:
    """Writes annotated pictures to a video, with their own times.

    Where the source jumps back (it loops, or the user seeks), the recording goes on from
    where it was.
    """

    recorder: VideoRecorder
    _shift: Fraction = Fraction(0)
    _last: Frame | None = None

    def write(self, result: FrameResult) -> None:
        frame, last = result.frame, self._last
        if last is not None and frame.pts <= last.pts:
            self._shift += last.pts + (last.duration or _BRIEFLY) - frame.pts
        self._last = frame
        self.recorder.write(result.annotated, frame.pts + self._shift, frame.duration)

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
