"""``yolact-live devices``: what can run a model, and whether it does so rightly."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from fractions import Fraction
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from yolact_live.infer.agreement import Check
    from yolact_live.types import ByteArray

_SHOWS_PEOPLE = Fraction(5)
"""Seconds into the demo clip at which three people are to be seen."""

_HEADER = (
    f"{'DEVICE':8} {'ASKED':6} {'USED':10} {'OBJECTS':>7} {'MISSING':>7} {'EXTRA':>6} "
    f"{'OTHER CLASS':>11} {'SCORE ±':>8} {'MASK IOU':>8}"
)


@click.command()
@click.option("--check", is_flag=True, help="Compare every device and precision with the CPU in f32.")
@click.option(
    "--model", default="builtin", show_default=True, metavar="NAME|PATH", help="Model to compare with."
)
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def devices(check: bool, model: str, as_json: bool) -> None:
    """List the devices that can run a model.

    With --check each of them, in each precision, looks at a picture of the demo clip. It agrees
    if it finds the same objects of the same classes, with scores within 0.05 and masks with an
    IoU of at least 0.95 on average. The exit status is 1 if one does not.
    """
    if check:
        _check(model, as_json)
        return
    from yolact_live.infer.devices import devices as list_devices

    found = list_devices()
    if as_json:
        click.echo(json.dumps([asdict(device) for device in found], indent=2))
        return
    for device in found:
        driver = f", driver {device.driver}" if device.driver else ""
        click.echo(f"{device.name:8} {device.full_name}")
        click.echo(f"{'':8} {', '.join(device.capabilities)}; OpenVINO {device.openvino}{driver}")


def _check(model: str, as_json: bool) -> None:
    from yolact_live.infer.agreement import check_devices

    checks: list[Check] = []
    for check in check_devices(_picture(), model):
        if not as_json:
            click.echo(_row(check) if checks else f"{_HEADER}\n{_row(check)}")
        checks.append(check)
    if as_json:
        click.echo(json.dumps([asdict(check) | {"agrees": check.agrees} for check in checks], indent=2))
    elif checks[0].agreement and not checks[0].agreement.objects:
        click.echo("the model finds nothing in the picture: this says little", err=True)
    sys.exit(0 if all(check.agrees for check in checks) else 1)


def _row(check: Check) -> str:
    start = f"{check.device:8} {check.precision:6} "
    one = check.agreement
    if one is None:
        return f"{start}fails: {check.problem}"
    counts = f"{one.objects:7} {one.missing:7} {one.extra:6} {one.relabelled:11}"
    numbers = f"{one.score_difference:8.3f} {one.mask_iou:8.3f}"
    return f"{start}{check.used:10} {counts} {numbers}  {'agrees' if check.agrees else 'DIFFERS'}"


def _picture() -> ByteArray:
    from yolact_live.assets import asset
    from yolact_live.capture import open_source

    with open_source(str(asset("demo.mp4"))) as source:
        source.seek(_SHOWS_PEOPLE)
        frame = source.read()
    assert frame is not None
    return frame.image
