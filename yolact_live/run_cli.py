"""``yolact-live run`` and ``recover``: annotating without a window."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from yolact_live.closing import Closing
from yolact_live.errors import UsageError
from yolact_live.flags import PATH, settings_flags
from yolact_live.settings import Settings

if TYPE_CHECKING:
    from yolact_live.pipeline.pipeline import Pipeline


@click.command()
@click.argument("source")
@click.option(
    "-o",
    "--output",
    type=PATH,
    metavar="FILE|DIR",
    help="Annotated video: .mp4, .mov, .mkv or .webm; of pictures: .png, .jpg, or a folder.",
)
@click.option("--json", "lines", type=PATH, metavar="FILE", help="Instances of each frame: .jsonl.")
@click.option("--coco", type=PATH, metavar="FILE", help="Instances as COCO annotations: .json.")
@click.option("--csv", "table", type=PATH, metavar="FILE", help="Instances as a table: .csv.")
@click.option("--masks", type=PATH, metavar="DIR", help="Folder for a 16-bit label map of each frame.")
@click.option(
    "--zones", type=PATH, metavar="FILE", help="Count at the lines and zones of a .toml, as in the README."
)
@click.option("--events", type=PATH, metavar="FILE", help="What happened at lines and zones: .csv.")
@click.option("--polygons", is_flag=True, help="Outlines in place of masks, in --json and --coco.")
@click.option("--stats", type=PATH, metavar="FILE", help="Frames, drops, FPS, stage times: .json.")
@click.option("--overwrite", is_flag=True, help="Replace existing files.")
@settings_flags
def run(
    source: str,
    output: Path | None,
    lines: Path | None,
    coco: Path | None,
    table: Path | None,
    masks: Path | None,
    zones: Path | None,
    events: Path | None,
    polygons: bool,
    stats: Path | None,
    overwrite: bool,
    settings: Settings,
) -> None:
    """Annotate a video, camera or folder of images without a window.

    Ctrl-C ends it early; what was annotated until then is kept.
    """
    if not (output or lines or coco or table or masks or events or stats):
        remedy = "give -o VIDEO, or --json, --coco, --csv, --masks, --events or --stats"
        raise UsageError("nothing to write", remedy)
    if events and not zones:
        raise UsageError("--events needs lines or zones", "give them with --zones FILE")
    if zones and not settings.track:
        raise UsageError("only what is followed can be counted", "leave out --no-track")
    from yolact_live.capture import source_key
    from yolact_live.pipeline.annotate import annotate
    from yolact_live.pipeline.writers import Outputs
    from yolact_live.places import read_places

    places = read_places(zones, source_key(source)) if zones else ()
    outputs = Outputs(output, lines, coco, table, masks, events, polygons, overwrite)
    interrupt = Interrupt()
    with Progress() as progress:
        pipeline = annotate(source, settings, outputs, stats, progress, interrupt, places)
    now = pipeline.metrics.snapshot()
    if pipeline.problem:
        say(pipeline.problem)
    written = ", ".join(str(path) for path in [*outputs.paths, *([stats] if stats else [])])
    click.echo(f"{now.frames} frames at {now.mean_fps:.1f} FPS → {written}")
    if interrupt.status:
        sys.exit(interrupt.status)


@click.command()
@click.argument("file", type=PATH)
@click.option("-o", "--output", type=PATH, metavar="FILE", help="The result; FILE without .part if none.")
@click.option("--overwrite", is_flag=True, help="Replace an existing file.")
def recover(file: Path, output: Path | None, overwrite: bool) -> None:
    """Complete the FILE that a recording left when it was killed, such as `film.part.mp4`.

    Nothing is encoded anew, and FILE goes when the result is there.
    """
    from yolact_live.record.recover import recover as complete

    path, amount = complete(file, output, overwrite=overwrite)
    click.echo(f"{amount} → {path}")


def say(what: object) -> None:
    """Tell the user something on stderr."""
    click.echo(f"yolact-live: {' '.join(str(what).split())}", err=True)


class Interrupt:
    """Notes Ctrl-C and SIGTERM instead of dying of them, so that the output is finalised.

    Attributes:
        status: exit status of the interruption, 0 without one.
    """

    def __init__(self) -> None:
        self.status = 0
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._note)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.status = 128 + number

    def __call__(self) -> bool:
        return self.status != 0


class Progress(Closing):
    """A progress bar with FPS and time left."""

    def __init__(self, **bar: Any) -> None:
        from tqdm import tqdm

        often_s = 0.1 if sys.stderr.isatty() else 5
        self._bar = tqdm(dynamic_ncols=True, mininterval=often_s, **{"unit": " frames", **bar})
        self._told: list[object] = []
        self._away = False

    def close(self) -> None:
        self._bar.close()

    def __call__(self, pipeline: Pipeline, notices: list[str]) -> None:
        for notice in (pipeline.notice, *notices):
            if notice and notice not in self._told:
                self._told.append(notice)
                self._write(notice)
        outage = pipeline.outage
        if self._away != (outage is not None):
            self._away = outage is not None
            self._write(f"{outage.reason.message}; waiting for it to come back" if outage else "it is back")
        self._advance(pipeline)

    def _advance(self, pipeline: Pipeline) -> None:
        if pipeline.info and self._bar.total is None:
            self._bar.total = pipeline.info.frames
        now = pipeline.metrics.snapshot()
        self._bar.set_postfix_str(f"{now.fps:.1f} FPS", refresh=False)
        self._bar.update(now.frames - self._bar.n)

    def _write(self, what: object) -> None:
        with self._bar.external_write_mode(sys.stderr):
            say(what)
