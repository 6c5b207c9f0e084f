"""``yolact-live models``: what models there are, and how to get, check and drop them."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from yolact_live.closing import Closing
from yolact_live.errors import UsageError, YolactLiveError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from yolact_live.infer.optimise import Report
    from yolact_live.infer.store import Card
    from yolact_live.types import ByteArray

_FILE = click.Path(path_type=Path)
_LIVE_STEP = 10
"""Of a live source one frame in so many is taken: neighbours show the same."""
_JSON = click.option("--json", "as_json", is_flag=True, help="Machine-readable.")


@click.group()
def models() -> None:
    """List, download, import, check and remove models.

    An installed model is used by its name: `yolact-live run VIDEO --model yolact-resnet50 ...`.
    """


@models.command("list")
@_JSON
def list_models(as_json: bool) -> None:
    """List the models that are installed or can be downloaded."""
    from yolact_live.infer.store import Store

    store = Store()
    rows = []
    for name in store.names():
        try:
            found = store.get(name)
            state = "built-in" if name == "builtin" else "installed"
            rows.append(_row(name, state, found.size, found))
        except YolactLiveError:
            rows.append(_row(name, "damaged", None, None))
    rows += [
        _row(name, "available", published.size, published)
        for name, published in store.catalogue.items()
        if name not in store.names()
    ]
    if as_json:
        _echo_json(rows)
        return
    width = max(len(row["name"]) for row in rows)
    click.echo(
        f"{'NAME':{width}} {'STATE':10} {'SIZE':>9} {'CLASSES':>8} {'MASK AP':>8} {'BOX AP':>7}  LICENCE"
    )
    for row in rows:
        numbers = f"{_text(row['classes']):>8} {_text(row['mask_ap']):>8} {_text(row['box_ap']):>7}"
        line = f"{row['name']:{width}} {row['state']:10} {_megabytes(row['size']):>9} {numbers}"
        click.echo(f"{line}  {_text(row['licence'])}")


@models.command()
@click.argument("name")
def download(name: str) -> None:
    """Download published weights and make them usable by NAME.

    A download that breaks off is continued by the next one. Size and hashes are checked.
    """
    from yolact_live.infer.store import Store

    store = Store()
    if name in store.names():
        store.get(name)
        click.echo(f"{name} is installed already")
        return
    published = store.catalogue.get(name)
    if published:
        licence = f"licence {published.licence} ({published.credit})"
        click.echo(f"{published.title}, {_megabytes(published.size)}, {licence}")
    with _Bar() as bar:
        installed = store.download(name, bar)
    click.echo(f"{name} is installed; use it with --model {name}")
    if published and not published.sha256:
        click.echo(
            f"No hash of these weights is published: they were trusted and their SHA-256 "
            f"{installed.source_sha256} noted; a later download must have it too"
        )


@models.command("import")
@click.argument("file", type=_FILE)
@click.option("--name", help="Name to use it by; that of the file without it.")
@click.option(
    "--config", help="Configuration of a checkpoint, such as yolact_im700; told from the file without it."
)
@click.option("--size", type=int, metavar="PIXELS", help="Another input side for a checkpoint.")
@click.option(
    "--labels", metavar="FILE|A,B", help="Class names: a text file, one a line, or a comma-separated list."
)
@click.option("--overwrite", is_flag=True, help="Replace an installed model of this name.")
def import_model(
    file: Path, name: str | None, config: str | None, size: int | None, labels: str | None, overwrite: bool
) -> None:
    """Install a checkpoint (.pth, .pt, .safetensors), OpenVINO IR (.xml) or ONNX FILE of a YOLACT."""
    from yolact_live.infer.store import Store

    installed = Store().add(file, name, config, size, _labels(labels), overwrite)
    click.echo(
        f"{installed.title}: {installed.classes} classes, {_megabytes(installed.size)}; "
        f"use it with --model {installed.name}"
    )


@models.command()
@click.argument("name", required=False)
def verify(name: str | None) -> None:
    """Check that installed models are what was installed, and load; all of them without NAME."""
    from yolact_live.infer.store import Store

    store = Store()
    if name:
        store.verify(name)
        click.echo(f"{name} is good")
        return
    damaged = 0
    for each in store.names():
        try:
            store.verify(each)
            click.echo(f"{each} is good")
        except YolactLiveError as error:
            click.echo(error, err=True)
            damaged += 1
    sys.exit(1 if damaged else 0)


@models.command()
@click.argument("name")
def remove(name: str) -> None:
    """Remove an installed model."""
    from yolact_live.infer.store import Store

    Store().remove(name)
    click.echo(f"{name} is removed")


@models.command()
@click.argument("name")
@click.option(
    "--calibration",
    "source",
    required=True,
    metavar="SOURCE",
    help="Footage of what the model will see: a camera, file, folder, address or `screen`.",
)
@click.option(
    "--frames",
    type=click.IntRange(10, 1000),
    default=125,
    show_default=True,
    help="Frames to take from it; one in five is kept to compare.",
)
@click.option("--yes", is_flag=True, help="Keep the result without a question.")
@click.option("--overwrite", is_flag=True, help="Replace an installed NAME-int8.")
@_JSON
def optimise(name: str, source: str, frames: int, yes: bool, overwrite: bool, as_json: bool) -> None:
    """Make NAME-int8, a faster form of an installed model, and report what it gains and costs.

    Needs the extra `optimise` (NNCF). Takes some minutes.
    """
    from yolact_live.capture import redact
    from yolact_live.infer.optimise import optimise as make
    from yolact_live.infer.store import Store

    def accept(report: Report) -> bool:
        if as_json:
            _echo_json(asdict(report))
        else:
            click.echo(_comparison(report))
        return yes or click.confirm(f"Keep {name}-int8?", default=True, err=as_json)

    def progress(text: str) -> None:
        click.echo(text, err=True)

    made = make(Store(), name, _footage(source, frames), redact(source), accept, overwrite, progress)
    if made:
        click.echo(f"{made.name} is installed; use it with --model {made.name}", err=as_json)
    else:
        click.echo(f"{name}-int8 is not kept", err=as_json)


def _comparison(report: Report) -> str:
    """Say in words what INT8 gains and costs."""
    agreement = report.agreement
    gains = [f"{report.int8_fps / fps:.1f} times {precision}" for precision, fps in report.fps.items()]
    rates = [f"{fps:.1f} FPS in {precision}" for precision, fps in report.fps.items()]
    rate = f"{report.int8_fps:.1f} FPS in {report.int8_precision}"
    lines = [
        f"original  {_megabytes(report.size):>8}  {', '.join(rates)}",
        f"INT8      {_megabytes(report.int8_size):>8}  {rate}: {', '.join(gains)}",
    ]
    where = f"on {report.pictures} other frames"
    if not agreement.objects:
        return "\n".join([*lines, f"The original finds nothing {where}: whether they agree is not known."])
    return "\n".join(
        [
            *lines,
            f"{agreement.objects} objects {where}: {agreement.missing} not found by INT8, "
            f"{agreement.extra} found by it alone, {agreement.relabelled} with another class;",
            f"mean IoU of the masks {agreement.mask_iou:.3f}, mean difference of the scores "
            f"{agreement.score_difference:.3f}",
        ]
    )


def _footage(text: str, count: int) -> Iterator[ByteArray]:
    """Return so many frames of a source, spread over its length; of a live one, some a second."""
    from tqdm import tqdm

    from yolact_live.capture import open_source

    with open_source(text) as source, tqdm(total=count, unit=" frames", dynamic_ncols=True) as bar:
        step = _LIVE_STEP if source.info.live else max((source.info.frames or 0) // count, 1)
        number = 0
        while bar.n < count and (frame := source.read()) is not None:
            if number % step == 0:
                bar.update()
                yield frame.image
            number += 1


@models.command()
@click.argument("model", metavar="NAME|PATH")
@_JSON
def info(model: str, as_json: bool) -> None:
    """Tell what a model is: size, cost, classes, input, licence.

    PATH may be a checkpoint, an OpenVINO IR or an ONNX file.
    """
    facts = _facts(model)
    if as_json:
        _echo_json(facts)
        return
    ap = f"{_text(facts['mask_ap'])} mask, {_text(facts['box_ap'])} box ({facts['measured']})"
    lines = {
        "model": f"{facts['name']}: {facts['title']}",
        "file": facts["path"],
        "made from": facts.get("origin"),
        "SHA-256 of that": facts.get("source_sha256"),
        "licence": f"{facts['licence']} {facts['credit']}".strip(),
        "published AP": ap if facts["measured"] else None,
        "input": "{} x {} pixels".format(*facts["input_size"]),
        "cost": f"{facts['gflop']:.1f} GFLOP",
        "parameters": f"{facts['parameters'] / 1e6:.3f} M",
        "priors": f"{facts['priors']:,}",
        "score": f"{facts['score']:g} recommended",
        "classes": f"{facts['classes']}: {', '.join(facts['labels'])}",
    }
    for title, text in lines.items():
        if text:
            click.echo(f"{title:16} {text}")


def _facts(model: str) -> dict[str, Any]:
    from yolact_live.infer.contract import read_contract
    from yolact_live.infer.network import measure
    from yolact_live.infer.store import Card, Store, build

    store, path = Store(), Path(model).expanduser()
    found = store.find(model)
    if not found and not path.is_file():
        found = store.get(model)
    path = found.path if found else path
    card = asdict(found or Card(name=path.stem, title=path.name))
    network = build(path)
    contract, size = read_contract(network), measure(network)
    return {key: value for key, value in card.items() if key not in ("folder", "files")} | {
        "path": str(path),
        "input_size": contract.input_size[::-1],
        "gflop": size.gflop,
        "parameters": size.parameters,
        "priors": contract.priors,
        "score": contract.score,
        "classes": len(contract.labels),
        "labels": contract.labels,
    }


def _labels(text: str | None) -> list[str]:
    """Read a class list from a file or from ``a,b``."""
    if text is None:
        return []
    path = Path(text)
    try:
        names = path.read_text("utf-8").splitlines() if path.is_file() else text.split(",")
    except (OSError, ValueError) as error:
        raise UsageError(
            f"--labels {text} cannot be read ({error})", "give a text file, one name a line"
        ) from error
    return [name.strip() for name in names if name.strip()]


def _row(name: str, state: str, size: int | None, card: Card | None) -> dict[str, Any]:
    keys = ("title", "licence", "classes", "mask_ap", "box_ap", "measured")
    return {"name": name, "state": state, "size": size} | {key: getattr(card, key, None) for key in keys}


def _text(value: Any) -> str:
    return "-" if value is None else str(value)


def _megabytes(size: int | None) -> str:
    return "-" if size is None else f"{size / 1e6:.1f} MB"


def _echo_json(value: Any) -> None:
    import json

    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


class _Bar(Closing):
    """Progress bar of a download; appears with the first bytes."""

    def __init__(self) -> None:
        from tqdm import tqdm

        interval = 0.1 if sys.stderr.isatty() else 1
        self._bar = tqdm(unit="B", unit_scale=True, dynamic_ncols=True, mininterval=interval, delay=1e-9)

    def close(self) -> None:
        self._bar.close()

    def __call__(self, done: int, total: int | None) -> None:
        if done <= self._bar.n:  # a connection: what earlier ones brought has no part in the rate
            self._bar.reset(total)
            self._bar.initial = self._bar.n = done
        self._bar.update(done - self._bar.n)
