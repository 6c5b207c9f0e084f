"""``yolact-live batch``: annotating many files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from yolact_live.errors import RecordError, SourceError, UsageError
from yolact_live.flags import PATH, settings_flags
from yolact_live.run_cli import Interrupt, Progress
from yolact_live.settings import Settings

if TYPE_CHECKING:
    from yolact_live.pipeline.batch import Job
    from yolact_live.pipeline.pipeline import Pipeline


@click.command()
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option("-o", "--output", type=PATH, required=True, metavar="DIR", help="Folder for the results.")
@click.option("--video/--no-video", "annotated", default=True, help="The annotated video or pictures.")
@click.option("--json", "lines", is_flag=True, help="Instances of each frame: NAME.jsonl.")
@click.option("--coco", is_flag=True, help="Instances as COCO annotations: NAME.json.")
@click.option("--csv", "table", is_flag=True, help="Instances as a table: NAME.csv.")
@click.option("--masks", is_flag=True, help="A 16-bit label map of each frame, in a folder NAME masks.")
@click.option("--polygons", is_flag=True, help="Outlines in place of masks, in --json and --coco.")
@click.option("--overwrite", is_flag=True, help="Make again what is there already.")
@settings_flags
def batch(
    inputs: tuple[str, ...],
    output: Path,
    annotated: bool,
    lines: bool,
    coco: bool,
    table: bool,
    masks: bool,
    polygons: bool,
    overwrite: bool,
    settings: Settings,
) -> None:
    """Annotate many files: videos, pictures, and folders of them.

    Each gets results of its own, named after it. What is there already is not made again: after
    an interruption the same command goes on. A file that fails does not stop the others.
    """
    wanted = {"annotated": annotated, "lines": lines, "coco": coco, "table": table, "masks": masks}
    kinds = [kind for kind, is_wanted in wanted.items() if is_wanted]
    if not kinds:
        raise UsageError("nothing to write", "leave out --no-video, or add --json, --coco, --csv or --masks")
    from yolact_live.pipeline.batch import plan, run

    jobs = plan(inputs, output, kinds, polygons=polygons, overwrite=overwrite)
    if not jobs:
        raise SourceError(f"there is no video and no picture in {' '.join(inputs)}", "give other files")
    todo = [job for job in jobs if job.missing]
    frames, failed, interrupt = 0, 0, Interrupt()
    with BatchProgress(len(todo)) as progress:
        for job in todo:
            progress.begin(job)
            try:
                pipeline = run(job, settings, progress, interrupt)
            except (SourceError, RecordError) as error:  # of this file; other errors are everyone's
                failed += 1
                progress.tell(f"{error} (so far: {job.work})" if job.work.exists() else error)
                continue
            if interrupt.status:
                break
            frames += pipeline.metrics.snapshot().frames
            if pipeline.problem:
                progress.tell(pipeline.problem)
            progress.done += 1
    there, left = len(jobs) - len(todo), len(todo) - progress.done - failed
    facts = [f"{progress.done} of {len(jobs)} done, {frames} frames → {output}"]
    facts += [f"{there} there already"] * (there > 0) + [f"{failed} failed"] * (failed > 0)
    facts += [f"{left} left: the same command goes on"] * (left > 0)
    click.echo("; ".join(facts))
    sys.exit(interrupt.status or failed > 0)


class BatchProgress(Progress):
    """A progress bar of files, with the name and the FPS of the one in work.

    Attributes:
        done: files so far.
    """

    def __init__(self, files: int) -> None:
        shape = "{percentage:3.0f}%|{bar}| {desc} [{elapsed}<{remaining}{postfix}]"
        super().__init__(total=files, bar_format=shape)
        self.done = 0
        self._begun = 0
        self._name = ""

    def begin(self, job: Job) -> None:
        """Go on with the next file."""
        self._name = Path(job.source).name
        self._begun += 1
        self._told.clear()
        self._bar.set_postfix_str("", refresh=False)
        self._bar.set_description_str(f"{self._begun}/{self._bar.total} {self._name}")

    def tell(self, what: object) -> None:
        """Tell the user something about this file."""
        self._write(what)

    def _advance(self, pipeline: Pipeline) -> None:
        now, frames = pipeline.metrics.snapshot(), pipeline.info and pipeline.info.frames
        self._bar.set_postfix_str(f"{now.fps:.1f} FPS", refresh=False)
        self._bar.update(self._begun - 1 + (min(now.frames / frames, 1) if frames else 0) - self._bar.n)

    def _write(self, what: object) -> None:
        super()._write(what if self._name in str(what) else f"{self._name}: {what}")
