"""Annotating a source without a window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from yolact_live.capture import local_files, redact
from yolact_live.errors import RecordError
from yolact_live.pipeline.pipeline import Pipeline
from yolact_live.pipeline.recording import Recording
from yolact_live.pipeline.writers import Outputs
from yolact_live.places import Place
from yolact_live.record.output import check_output
from yolact_live.record.report import REPORT_EXTENSIONS, write_report
from yolact_live.settings import Settings

_POLL_S = 0.05


def annotate(
    source: str,
    settings: Settings,
    outputs: Outputs,
    stats: Path | None,
    progress: Callable[[Pipeline, list[str]], None],
    interrupted: Callable[[], bool],
    places: tuple[Place, ...] = (),
) -> Pipeline:
    """Run a source to its end and keep what was asked for.

    Args:
        source: in the grammar of :func:`yolact_live.capture.open_source`.
        settings: what to run and how to draw it.
        outputs: what to write.
        stats: file for counts, rates and stage times; None = none.
        progress: called many times a second while it runs, with what the user should know so far.
        interrupted: when it says so, the run ends early and what was written is finalised.
        places: lines and zones to count at.

    Returns:
        The pipeline, at its end; its metrics and ``problem`` tell how it went.

    Raises:
        YolactLiveError: it failed. What was annotated before a source failed is kept.
    """
    outputs.check(source)
    if stats:
        check_output(
            stats, overwrite=outputs.overwrite, extensions=REPORT_EXTENSIONS, inputs=local_files(source)
        )
        if stats.absolute() in [path.absolute() for path in outputs.paths]:
            raise RecordError("two outputs have one name", "choose another one")
    pipeline = Pipeline(source, settings)
    pipeline.places = places
    recording = Recording(pipeline, outputs)
    pipeline.start()
    while not pipeline.join(_POLL_S):
        progress(pipeline, recording.notices)
        if interrupted() or recording.error:
            pipeline.stop()
    progress(pipeline, recording.notices)
    for error in (pipeline.error, recording.error):
        if error:
            raise error
    if stats:
        write_report(stats, statistics(pipeline))
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
