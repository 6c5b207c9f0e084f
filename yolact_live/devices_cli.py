"""``yolact-live devices``: what can run a model, and whether it does so rightly."""

from __future__ import annotations

import json
from dataclasses import asdict

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def devices(as_json: bool) -> None:
    """List the devices that can run a model."""
    from yolact_live.infer.devices import devices as list_devices

    found = list_devices()
    if as_json:
        click.echo(json.dumps([asdict(device) for device in found], indent=2))
        return
    for device in found:
        driver = f", driver {device.driver}" if device.driver else ""
        click.echo(f"{device.name:8} {device.full_name}: {', '.join(device.precisions)}{driver}")
