"""Annotating a source without a window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yolact_live.capture import redact
from yolact_live.pipeline.pipeline import Pipeline
from yolact_live.pipeline.writers import annotations_sink, video_sink
from yolact_live.record.output import LINES_EXTENSIONS, VIDEO_EXTENSIONS, check_output
from yolact_live.record.report import REPORT_EXTENSIONS, write_report
from yolact_live.settings import Settings

_POLL_S = 0.05


@dataclass(frozen=True)
class Outputs:
    """Files to be written; None = not wanted.

    Attributes:
        video: annotated video.
        lines: instances, one JSON object a frame.
        stats: counts, rates and stage times.
        overwrite: existing files may be replaced.
    """

    video: Path | None = None
    lines: Path | None = None
    stats: Path | None = None
    overwrite: bool = False

    def check(self, source: str) -> None:
        """Make sure, before any work starts, that all of them may be written.

        Raises:
            RecordError: one may not.
        """
        for path, extensions in (
            (self.video, VIDEO_EXTENSIONS),
            (self.lines, LINES_EXTENSIONS),
            (self.stats, REPORT_EXTENSIONS),
        ):
            if path:
                check_output(path, overwrite=self.overwrite, extensions=extensions, inputs=[Path(source)])


def annotate(
    source: str,
    settings: Settings,
    outputs: Outputs,
    progress: Callable[[Pipeline], None],
    interrupted: Callable[[], bool],
) -> Pipeline:
    """Run a source to its end and keep what was asked for.

    Args:
        source: in the grammar of :func:`yolact_live.capture.open_source`.
        settings: what to run and how to draw it.
        outputs: files to write.
        progress: called many times a second while it runs.
        interrupted: when it says so, the run ends early and what was written is finalised.

    Returns:
        The pipeline, at its end; its metrics and ``problem`` tell how it went.

    Raises:
        YolactLiveError: it failed. What was annotated before a source failed is kept.
    """
    outputs.check(source)
    pipeline = Pipeline(source, settings)
    sinks = []
    if outputs.video:
        file = Path(source) if Path(source).is_file() else None
        sinks.append(video_sink(outputs.video, pipeline, outputs.overwrite, audio_from=file))
    if outputs.lines:
        sinks.append(annotations_sink(outputs.lines, pipeline, outputs.overwrite))
    for sink in sinks:
        pipeline.add(sink)
    pipeline.start()
    while not pipeline.join(_POLL_S):
        progress(pipeline)
        if interrupted() or any(sink.error for sink in sinks):
            pipeline.stop()
    progress(pipeline)
    for error in (pipeline.error, *(sink.error for sink in sinks)):
        if error:
            raise error
    if outputs.stats:
        write_report(outputs.stats, statistics(pipeline))
    return pipeline


def statistics(pipeline: Pipeline) -> dict[str, Any]:
    """Return what ``--stats`` writes: counts, rates, and milliseconds of every stage."""
    now = pipeline.metrics.snapshot()
    engine = pipeline.engine
    return {
        "source": pipeline.info.name if pipeline.info else redact(pipeline.source),
        "model": engine.name if engine else None,
        "device": engine.device if engine else None,
        "precision": engine.precision if engine else None,
        "frames": now.frames,
        "dropped": now.lost,
        "drops": now.dropped,
        "fps": round(now.mean_fps, 2),
        "stages": now.stages,
    }
