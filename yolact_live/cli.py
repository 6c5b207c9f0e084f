"""The command line. Whatever is heavy is imported by the command that needs it."""

from __future__ import annotations

import dataclasses
import sys
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import click

from yolact_live import __version__
from yolact_live.batch_cli import batch
from yolact_live.devices_cli import devices
from yolact_live.errors import UsageError
from yolact_live.flags import PATH, settings_flags
from yolact_live.memory import share_arenas
from yolact_live.models_cli import models
from yolact_live.program import leave
from yolact_live.run_cli import recover, run
from yolact_live.settings import WINDOW_SETTINGS, Settings

PROGRAM = "yolact-live"


class _WindowByDefault(click.Group):
    """``yolact-live [SOURCE]`` is short for ``yolact-live window [SOURCE]``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in ("--help", "--version")):
            args = ["window", *args]
        return super().parse_args(ctx, args)


@click.group(
    cls=_WindowByDefault, context_settings={"max_content_width": 100, "help_option_names": ["--help"]}
)
@click.version_option(__version__, prog_name=PROGRAM)
def cli() -> None:
    """Segment every object in live or recorded video, in real time, on the processor you own.

    `yolact-live` opens the window; `yolact-live SOURCE` opens it on a camera (0, 1, …), a video
    file, a folder of images, an address (rtsp://, http://), `screen` or `testcard`.
    """
    share_arenas()


@cli.command()
@click.argument("source", required=False)
@click.option("--record", type=PATH, metavar="FILE", help="Record the annotated video from the start.")
@click.option(
    "--screenshot", type=PATH, metavar="FILE", help="Save a picture of the window before it closes."
)
@click.option("--quit-after", type=float, metavar="SECONDS", help="Close the window after so many seconds.")
@click.option("--overwrite", is_flag=True, help="Replace existing files.")
@partial(settings_flags, defaults=WINDOW_SETTINGS, window=True)
def window(
    source: str | None,
    record: Path | None,
    screenshot: Path | None,
    quit_after: float | None,
    overwrite: bool,
    changes: dict[str, Any],
) -> None:
    """Open the window (what `yolact-live [SOURCE]` does)."""
    from yolact_live.gui.app import run_window
    from yolact_live.settings_file import SettingsFile

    # a script gets the same window everywhere, and leaves no trace in what a person has chosen
    automatic = bool(record or screenshot or quit_after is not None)
    file = None if automatic else SettingsFile()
    settings = dataclasses.replace(file.settings if file else WINDOW_SETTINGS, **changes)
    sys.exit(run_window(source, settings, file, record, screenshot, quit_after, overwrite))


for command in (run, batch, recover, models, devices):
    cli.add_command(command)


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def sources(as_json: bool) -> None:
    """List the cameras, with what they offer, and the screens that can be opened."""
    import json

    from yolact_live.capture import list_sources

    found = list_sources()
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(listed) for listed in found], indent=2))
    for listed in () if as_json else found:
        short = listed.source if listed.index is None else str(listed.index)
        click.echo(f"{short:18} {listed.kind:10} {listed.name}")
        for mode in listed.modes:
            rate = f", {mode.rate:.4g} frames/s" if mode.rate else ""
            click.echo(f"{f'{short}@{mode}':18} {'':10} {mode.width} × {mode.height}{rate}")
    if not as_json and not any(listed.kind == "camera" for listed in found):
        click.echo("No camera is connected.", err=True)


@cli.command()
@click.option("--source", metavar="FILE", help="Video to run; the demo clip if not given.")
@click.option("--json", "report", type=PATH, metavar="FILE", help="Write the figures there.")
@click.option("--rounds", default=3, show_default=True, type=click.IntRange(1), help="Measure so often.")
@click.option("--seconds", default=5.0, show_default=True, help="Length of each measurement, at least.")
@click.option("--kernels", is_flag=True, help="Time post-processing and drawing by scene, too.")
@settings_flags
def bench(
    source: str | None, report: Path | None, rounds: int, seconds: float, kernels: bool, settings: Settings
) -> None:
    """Measure the pipeline against raw inference, in turn, stage by stage."""
    from yolact_live.assets import asset
    from yolact_live.evaluation.benchmark import benchmark, kernel_times
    from yolact_live.record.report import check_report, write_report

    check_report(report)

    def progress(text: str) -> None:
        click.echo(text, err=True)

    result = benchmark(source or str(asset("demo.mp4")), settings, rounds, seconds, progress)
    content = result.as_json()
    click.echo(_bench_table(content))
    if kernels:
        content["kernels"] = []
        click.echo("\nobjects  lines  postprocess ms  track ms  composite ms")
        for row in kernel_times():
            content["kernels"].append(dataclasses.asdict(row))
            click.echo(
                f"{row.objects:7}  {row.height:5}  {row.postprocess_ms:14.2f}  {row.track_ms:8.2f}  "
                f"{row.composite_ms:12.2f}"
            )
    if report:
        write_report(report, content)


def _bench_table(content: dict[str, Any]) -> str:
    height, width = content["size"]
    lines = [
        f"{content['model']} on {content['device']} ({content['precision']})",
        f"{content['source']}, {width} by {height}",
        "",
        f"raw inference       {content['raw_fps']:7.1f} FPS",
        f"pipeline            {content['pipeline_fps']:7.1f} FPS   ratio {content['ratio']:.2f}",
        f"pipeline, recording {content['recording_fps']:7.1f} FPS   ratio {content['recording_ratio']:.2f}",
        "",
        "stage             p50 ms    p95 ms    p99 ms",
    ]
    for stage, times in content["stages"].items():
        lines.append(f"{stage:14}" + "".join(f"{times[p]:10.2f}" for p in ("p50", "p95", "p99")))
    return "\n".join(lines)


@cli.command("eval")
@click.option("--images", type=PATH, metavar="DIR", help="Folder with the pictures.")
@click.option("--annotations", type=PATH, metavar="FILE", help="COCO annotations.")
@click.option(
    "--video", type=PATH, metavar="FRAMES", help="Instead: a video file, or a folder with its frames."
)
@click.option("--truth", type=PATH, metavar="MASKS", help="Folder with a label PNG for each frame.")
@click.option(
    "--rate", type=click.IntRange(1), default=25, show_default=True, help="Frames a second of a folder."
)
@click.option("--json", "report", type=PATH, metavar="FILE", help="Write the figures there.")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Look at the first N pictures only.")
@settings_flags
def evaluate(
    images: Path | None,
    annotations: Path | None,
    video: Path | None,
    truth: Path | None,
    rate: int,
    report: Path | None,
    limit: int | None,
    settings: Settings,
) -> None:
    """Measure mask and box AP (COCO) of a model on pictures with known instances.

    Detections above a score of 0.05 count, as COCO's rules have it, whatever --score says.

    With --video, measure how well objects are followed, at each strength of --steady: mean mask
    IoU per object, switches of identity and fragmentations where --truth is given; flicker, which
    is appearances and disappearances per visible object and minute; and blinks, those of them that
    are undone within a second.
    """
    if video:
        from yolact_live.evaluation.video import report_video

        report_video(video, truth, settings, rate, report)
        return
    if not images or not annotations:
        raise UsageError("nothing to measure on", "give --images DIR --annotations FILE, or --video FRAMES")
    from tqdm import tqdm

    from yolact_live.evaluation.coco import evaluate as judge
    from yolact_live.record.report import check_report, write_report

    check_report(report)
    progress = partial(_pictures, tqdm)
    figures = judge(images, annotations, settings, limit, progress)
    for word in ("mask", "box"):
        low, high = figures[f"{word}_ap_interval"]
        click.echo(f"{word:4} AP {figures[f'{word}_ap']:.3f} (95 % interval {low:.3f} to {high:.3f})")
        for name in ("ap50", "ap75", "ap_small", "ap_medium", "ap_large"):
            click.echo(f"     {name:9} {figures[f'{word}_{name}']:.3f}")
    click.echo(f"{figures['images']} pictures, {figures['fps']:.1f} a second")
    click.echo(f"{figures['model']} on {figures['device']} ({figures['precision']})")
    if report:
        write_report(report, figures)


def _pictures(bar: Any, pictures: Any, total: int) -> Any:
    return bar(pictures, total=total, unit=" pictures", dynamic_ncols=True)


@cli.command()
@click.argument("data", type=PATH)
@click.option("-o", "--output", type=PATH, required=True, metavar="DIR", help="Folder of the run.")
def train(data: Path, output: Path) -> None:
    """Train a small model on your own pictures; the same command resumes a run.

    DATA is a TOML file that names COCO annotations, as in the README. Bring the result in with
    `yolact-live models import DIR/model.xml`.
    """
    try:
        from yolact_live.training.train import main as train_model
    except ModuleNotFoundError as error:
        raise UsageError(
            f"training needs {error.name}", "install it: pip install 'yolact-live[train]'"
        ) from error
    train_model(data, output)


def main() -> NoReturn:
    """Run the command line and leave with its exit status."""
    leave(cli, PROGRAM)
