"""One recording of a pipeline: all that is kept of it, from its start to the finished files."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path

from yolact_live.capture import is_picture, local_files
from yolact_live.errors import RecordError
from yolact_live.pipeline.pipeline import Pipeline
from yolact_live.pipeline.sinks import Sink, Writer
from yolact_live.pipeline.timeline import Timeline
from yolact_live.pipeline.writers import Facts, Outputs
from yolact_live.record.finish import Sound
from yolact_live.types import FrameResult


class Recording:
    """Writes outputs side by side, with one clock, each on a thread of its own.

    It begins at once; the time of its first frame is 0. It has no gap where the source is sought or
    begins anew, nor while it is paused. The sound of a video file is kept.

    Args:
        pipeline: what is recorded.
        outputs: what shall be written; :meth:`Outputs.check` them first.

    Attributes:
        notices: what the user should know, in words.
    """

    def __init__(self, pipeline: Pipeline, outputs: Outputs) -> None:
        self.outputs = outputs
        self.notices: list[str] = []
        self._pipeline = pipeline
        self._timeline = Timeline()
        self._paused = False
        self._pauses = self._pauses_seen = 0
        self._closed = False
        self._turn = threading.Lock()
        files = local_files(pipeline.source)
        self._sound = files[0] if len(files) == 1 and not is_picture(files[0]) else None
        self._sinks = [
            Sink(stage, partial(self._open, make), pipeline.live, pipeline.metrics)
            for stage, make in outputs.writers()
        ]
        pipeline.add(self)

    def _open(self, make: Callable[[Facts], Writer]) -> Writer:
        info, engine = self._pipeline.info, self._pipeline.engine
        assert info, "there is a result, and so a source"
        return make(Facts(info, engine.name if engine else "", self._hear, self.notices.append))

    def _hear(self, start: Fraction, end: Fraction) -> Sound | None:
        return Sound(self._sound, list(self._timeline.spans(start, end))) if self._sound else None

    @property
    def paused(self) -> bool:
        """What comes is left out, and leaves no gap; set it from any thread, it does not wait."""
        return self._paused

    @paused.setter
    def paused(self, paused: bool) -> None:
        self._paused = paused
        self._pauses += paused  # also one in which no frame comes is cut out

    @property
    def seconds(self) -> Fraction:
        """How much has been recorded, pauses left out."""
        return self._timeline.end

    @property
    def size(self) -> int:
        """Bytes on the disk so far, of all outputs."""
        return sum(sink.size for sink in self._sinks)

    @property
    def dropped(self) -> int:
        """Frames of a live source that came too fast for an output; of several, for the slowest."""
        return max((sink.dropped for sink in self._sinks), default=0)

    @property
    def error(self) -> BaseException | None:
        """Why an output gave up; the others go on until :meth:`close`."""
        return next((sink.error for sink in self._sinks if sink.error), None)

    def put(self, result: FrameResult) -> None:
        """Take a result of the pipeline."""
        with self._turn:
            if self._closed:
                return
            if self._pauses != self._pauses_seen:
                self._pauses_seen = self._pauses
                self._timeline.cut()
            if self._paused:
                return
            placed = replace(result, frame=self._timeline.place(result.frame))
            for sink in self._sinks:
                sink.put(placed)

    def close(self) -> None:
        """Write what is waiting and complete the files; ``error`` tells how it went."""
        with self._turn:  # a frame that has its time gets into all of them
            self._closed = True
        for sink in self._sinks:
            sink.close()

    def finish(self) -> list[Path]:
        """End the recording while the pipeline goes on; may take a while.

        Returns:
            What was written.

        Raises:
            RecordError: something could not be written, or there was no frame to write.
        """
        self._pipeline.remove(self)
        self.close()
        if self.error:
            raise self.error
        if not any(sink.written for sink in self._sinks):
            raise RecordError("nothing was recorded", "start the recording while a video plays")
        return self.outputs.paths
