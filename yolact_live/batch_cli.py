"""``yolact-live batch``: annotating many files."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from yolact_live.errors import RecordError, SourceError, UsageError, YolactLiveError
from yolact_live.flags import PATH, settings_flags
from yolact_live.run_cli import Interrupt, Progress
from yolact_live.settings import Settings

if TYPE_CHECKING:
    from yolact_live.pipeline.batch import Done, Job
    from yolact_live.pipeline.pipeline import Pipeline

    Outcome = tuple[Job, Done | YolactLiveError]


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
@click.option("--scheduler", metavar="ADDRESS", help="Let the workers of this Dask scheduler do the work.")
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
    scheduler: str | None,
    settings: Settings,
) -> None:
    """Annotate many files: videos, pictures, and folders of them.

    Each gets results of its own, named after it. What is there already is not made again: after
    an interruption the same command goes on. A file that fails does not stop the others.

    With --scheduler, other machines do the work, on files that all see under the same names. On one of
    them run `dask scheduler`, on each `dask worker --nthreads 1 ADDRESS`, where this program is installed.
    """
    wanted = {"annotated": annotated, "lines": lines, "coco": coco, "table": table, "masks": masks}
    kinds = [kind for kind, is_wanted in wanted.items() if is_wanted]
    if not kinds:
        raise UsageError("nothing to write", "leave out --no-video, or add --json, --coco, --csv or --masks")
    from yolact_live.pipeline.batch import plan

    jobs = plan(inputs, output, kinds, polygons=polygons, overwrite=overwrite)
    if not jobs:
        raise SourceError(f"there is no video and no picture in {' '.join(inputs)}", "give other files")
    todo = [job for job in jobs if job.missing]
    frames, failed, interrupt = 0, 0, Interrupt()
    with BatchProgress(len(todo)) as progress:
        if scheduler:
            outcomes = _on_others(scheduler, todo, settings, interrupt)
        else:
            outcomes = _one_by_one(todo, settings, progress, interrupt)
        for job, outcome in outcomes:
            if isinstance(outcome, (SourceError, RecordError)):  # of this file
                failed += 1
                progress.tell(job, f"{outcome} (so far: {job.work})" if job.work.exists() else outcome)
            elif isinstance(outcome, YolactLiveError):  # of all
                raise outcome
            else:
                frames += outcome.frames
                if outcome.problem:
                    progress.tell(job, outcome.problem)
                progress.done += 1
    there, left = len(jobs) - len(todo), len(todo) - progress.done - failed
    facts = [f"{progress.done} of {len(jobs)} done, {frames} frames → {output}"]
    facts += [f"{there} there already"] * (there > 0) + [f"{failed} failed"] * (failed > 0)
    facts += [f"{left} left: the same command goes on"] * (left > 0)
    click.echo("; ".join(facts))
    sys.exit(interrupt.status or failed > 0)


def _one_by_one(
    jobs: list[Job], settings: Settings, progress: BatchProgress, interrupt: Interrupt
) -> Iterator[Outcome]:
    from yolact_live.pipeline.batch import run

    for job in jobs:
        progress.begin(job)
        try:
            done = run(job, settings, progress, interrupt)
        except YolactLiveError as error:
            yield job, error
        else:
            if interrupt.status:
                return
            yield job, done


def _on_others(
    scheduler: str, jobs: list[Job], settings: Settings, interrupt: Interrupt
) -> Iterator[Outcome]:
    try:
        from yolact_live.pipeline.cluster import run_on
    except ModuleNotFoundError as error:
        what = f"--scheduler needs {error.name}"
        raise UsageError(what, "install it: pip install 'yolact-live[batch]'") from error
    return run_on(scheduler, jobs, settings, interrupt)


class BatchProgress(Progress):
    """A progress bar of files, with the name and the FPS of the one in work."""

    def __init__(self, files: int) -> None:
        shape = "{percentage:3.0f}%|{bar}| {desc} [{elapsed}<{remaining}{postfix}]"
        super().__init__(total=files, bar_format=shape)
        self._done = self._begun = 0
        self._name = ""

    @property
    def done(self) -> int:
        """Files so far."""
        return self._done

    @done.setter
    def done(self, done: int) -> None:
        self._done = done
        if not self._begun:  # elsewhere
            self._bar.set_description_str(f"{done}/{self._bar.total}", refresh=False)
            self._bar.update(done - self._bar.n)

    def begin(self, job: Job) -> None:
        """Go on with the next file."""
        self._name = Path(job.source).name
        self._begun += 1
        self._told.clear()
        self._bar.set_postfix_str("", refresh=False)
        self._bar.set_description_str(f"{self._begun}/{self._bar.total} {self._name}")

    def tell(self, job: Job, what: object) -> None:
        """Tell the user something about a file."""
        self._name = Path(job.source).name
        self._write(what)

    def _advance(self, pipeline: Pipeline) -> None:
        now, frames = pipeline.metrics.snapshot(), pipeline.info and pipeline.info.frames
        self._bar.set_postfix_str(f"{now.fps:.1f} FPS", refresh=False)
        self._bar.update(self._begun - 1 + (min(now.frames / frames, 1) if frames else 0) - self._bar.n)

    def _write(self, what: object) -> None:
        super()._write(what if self._name in str(what) else f"{self._name}: {what}")
