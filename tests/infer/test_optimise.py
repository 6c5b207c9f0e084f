"""INT8 with the real NNCF, on a tiny YOLACT."""

from __future__ import annotations

import json
import sys
from dataclasses import fields
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from tests.clips import write_clip
from tests.infer.test_store import TINY, write_weights
from yolact_live.errors import ModelError, UsageError
from yolact_live.infer import network, optimise, store
from yolact_live.infer.agreement import Agreement
from yolact_live.infer.engine import Engine
from yolact_live.infer.optimise import Report
from yolact_live.infer.store import Store
from yolact_live.models_cli import models
from yolact_live.settings import Settings

needs_nncf = pytest.mark.skipif(
    find_spec("nncf") is None, reason='NNCF is not there: pip install "yolact-live[optimise]"'
)


@pytest.fixture(autouse=True)
def _user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(network.PUBLISHED, "yolact_resnet50", TINY)
    monkeypatch.setattr(store, "default_root", lambda: tmp_path / "models")
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *_: str(tmp_path / "cache"))
    monkeypatch.setattr(optimise, "_ROUND_S", 0.01)


@pytest.fixture
def installed(tmp_path: Path) -> Store:
    """A store with the model ``tiny``."""
    result = Store()
    result.add(write_weights(tmp_path / "tiny.pth"), "tiny", "yolact_resnet50")
    return result


def pictures(count: int, seed: int = 0) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (count, 6, 8, 3), np.uint8)
    return [cv2.resize(one, (128, 96)) for one in coarse]


@needs_nncf
def test_an_accepted_model_is_installed_and_runs(installed: Store) -> None:
    reports: list[Report] = []

    def accept(report: Report) -> bool:
        reports.append(report)
        return True

    made = optimise.optimise(installed, "tiny", pictures(25), "a clip", accept)
    assert made is not None
    assert made.name == "tiny-int8"
    assert made.title == f"{installed.get('tiny').title}, INT8"
    assert made.origin == "tiny, calibrated on a clip"
    assert made.classes == 2
    installed.verify("tiny-int8")
    (report,) = reports
    assert report.pictures == 5
    assert "f32" in report.fps
    assert min(*report.fps.values(), report.int8_fps) > 0
    assert report.int8_precision.startswith("int8")
    weights = made.path.with_suffix(".bin").stat().st_size
    assert report.int8_size == made.path.stat().st_size + weights
    engine = Engine(Settings(model="tiny-int8", precision="f32"))
    assert engine.precision == "int8+f32"
    engine.close()


@needs_nncf
def test_a_declined_model_leaves_nothing(installed: Store, tmp_path: Path) -> None:
    before = {path for path in tmp_path.rglob("*") if "cache" not in path.parts}
    assert optimise.optimise(installed, "tiny", pictures(12), "a clip", lambda _: False) is None
    assert installed.names() == ["builtin", "tiny"]
    assert {path for path in tmp_path.rglob("*") if "cache" not in path.parts} == before


def test_refusals_come_before_any_work(installed: Store) -> None:
    def no_frames() -> None:
        raise AssertionError("the footage was opened")
        yield

    def refused(name: str) -> str:
        with pytest.raises((UsageError, ModelError)) as caught:
            optimise.optimise(installed, name, no_frames(), "a clip", lambda _: True)
        return str(caught.value)

    (installed.root / "tiny-int8").mkdir()
    assert "tiny-int8 is installed already: use --overwrite" in refused("tiny")
    assert "INT8 already" in refused("builtin")
    assert "unknown model nonsense" in refused("nonsense")


@needs_nncf
def test_too_little_footage_is_refused(installed: Store) -> None:
    with pytest.raises(UsageError, match="a clip has only 9 frames: give 10 or more"):
        optimise.optimise(installed, "tiny", pictures(9), "a clip", lambda _: True)


def test_without_nncf_one_line_says_how_to_install_it(
    installed: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "nncf", None)
    with pytest.raises(ModelError) as caught:
        optimise.optimise(installed, "tiny", pictures(12), "a clip", lambda _: True)
    assert str(caught.value) == 'INT8 needs NNCF: install it with `pip install "yolact-live[optimise]"`'


@needs_nncf
def test_the_command_reports_and_asks(installed: Store, tmp_path: Path) -> None:
    clip = str(write_clip(tmp_path / "clip.mp4", frames=30))
    command = ["optimise", "tiny", "--calibration", clip, "--frames", "15"]
    declined = CliRunner().invoke(models, command, input="n\n")
    assert declined.exit_code == 0, declined.output
    assert "Keep tiny-int8?" in declined.stdout
    assert installed.names() == ["builtin", "tiny"]
    original, int8, *agreement = declined.stdout.splitlines()[:4]
    assert original.startswith("original")
    assert "FPS in f32" in original
    assert "times f32" in int8
    assert "on 3 other frames" in agreement[0]
    accepted = CliRunner().invoke(models, [*command, "--yes", "--json"])
    assert accepted.exit_code == 0, accepted.output
    assert installed.names() == ["builtin", "tiny", "tiny-int8"]
    report = json.loads(accepted.stdout)
    assert report["pictures"] == 3
    assert set(report["agreement"]) == {field.name for field in fields(Agreement)}
    again = CliRunner().invoke(models, command)
    assert isinstance(again.exception, UsageError)
