"""``yolact-live devices``, and what ``run`` says of a device that fails."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.clips import write_clip
from tests.gpu import plug_in
from tests.models import build_model, write_model
from yolact_live.cli import cli
from yolact_live.devices_cli import devices
from yolact_live.infer.engine import _image_input


@pytest.fixture
def tiny(tmp_path: Path) -> str:
    return str(write_model(tmp_path / "tiny.xml"))


def test_devices_are_listed_with_what_they_can_do(monkeypatch: pytest.MonkeyPatch) -> None:
    plug_in(monkeypatch)
    text = CliRunner().invoke(devices).stdout
    assert "INT8" in text
    assert "driver 32.0.1" in text
    cpu, gpu = json.loads(CliRunner().invoke(devices, ["--json"]).stdout)
    assert (cpu["name"], gpu["name"], gpu["driver"]) == ("CPU", "GPU", "32.0.1")
    assert "FP32" in cpu["capabilities"]
    assert cpu["openvino"] in text


def test_the_check_is_made_on_the_demo_clip() -> None:
    result = CliRunner().invoke(devices, ["--check"])
    assert result.exit_code == 0, result.output
    rows = [line.split() for line in result.stdout.splitlines()[1:]]
    assert rows[0][:3] == ["CPU", "f32", "int8+f32"]
    assert int(rows[0][3]) >= 3, "three people are to be seen"
    assert {row[-1] for row in rows} == {"agrees"}


def test_a_check_that_fails_is_told(tiny: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plug_in(monkeypatch, lasts=None)
    result = CliRunner().invoke(devices, ["--check", "--model", tiny])
    assert result.exit_code == 1
    assert "fails: GPU cannot run tiny ([GPU] clBuildProgram failed)" in result.stdout


def test_a_check_that_differs_is_told(tiny: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plug_in(monkeypatch, runs=_image_input(build_model([(0.6, 0.6, 0.9, 0.9)], [[0.75]], "person")))
    result = CliRunner().invoke(devices, ["--check", "--model", tiny])
    assert result.exit_code == 1
    lines = [line for line in result.stdout.splitlines() if line.startswith("GPU")]
    assert lines
    assert all(line.endswith("DIFFERS") for line in lines)
    checks = json.loads(CliRunner().invoke(devices, ["--check", "--json", "--model", tiny]).stdout)
    assert {check["agrees"] for check in checks if check["device"] == "GPU"} == {False}
    assert checks[0]["agreement"]["objects"] == 1


def test_run_says_that_the_cpu_took_over(tiny: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plug_in(monkeypatch, lasts=None)
    monkeypatch.setattr("signal.signal", lambda *_: None)  # Ctrl-C stays the test runner's
    clip, stats = write_clip(tmp_path / "clip.mp4", frames=5), tmp_path / "stats.json"
    result = CliRunner().invoke(
        cli, ["run", str(clip), "--stats", str(stats), "--model", tiny, "--device", "GPU"]
    )
    assert result.exit_code == 0, result.output
    message = "yolact-live: GPU cannot run tiny ([GPU] clBuildProgram failed): the CPU runs it instead"
    assert result.stderr.count(message) == 1
    assert json.loads(stats.read_text())["device"] == "CPU"
