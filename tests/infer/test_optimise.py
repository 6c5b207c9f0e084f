"""INT8 with the real NNCF, on a tiny YOLACT."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import openvino
import pytest
from click.testing import CliRunner

from tests.clips import write_clip
from tests.infer.test_store import TINY, write_weights
from yolact_live.errors import ModelError, UsageError
from yolact_live.infer import network, optimise, store
from yolact_live.infer.contract import Contract, read_contract
from yolact_live.infer.engine import Engine
from yolact_live.infer.optimise import Report, quantise
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


def tiny_model(tmp_path: Path) -> openvino.Model:
    return store.build(write_weights(tmp_path / "tiny.pth"), "yolact_resnet50")


def infer(model: openvino.Model, picture: np.ndarray) -> dict[str, np.ndarray]:
    side = read_contract(model).input_size[0]
    image = cv2.resize(picture, (side, side)).transpose(2, 0, 1)[None].astype(np.float32)
    compiled = openvino.Core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    result = compiled(image)
    return {port.any_name: result[port][0] for port in compiled.outputs}


@needs_nncf
def test_convolutions_become_int8_but_for_the_last(tmp_path: Path) -> None:
    model = tiny_model(tmp_path)
    quantised = quantise(model, pictures(12))
    assert not any(op.get_type_name() == "FakeQuantize" for op in model.get_ops())
    exact = []
    for op in quantised.get_ops():
        if op.get_type_name() == "Convolution":
            before = op.input_value(0).get_node()
            while before.get_type_name() == "MaxPool":
                before = before.input_value(0).get_node()
            if before.get_type_name() != "FakeQuantize":
                exact.append(op.output(0).shape)
    columns = {3 * 4, 3 * 3, 3 * 32}  # boxes, classes, coefficients of three priors a cell
    assert sum(shape[1] in columns for shape in exact) == 3 * 5
    assert sum(shape[1] == 32 for shape in exact) == 1, "the prototypes' last convolution"
    assert len(exact) == 16
    assert read_contract(quantised) == read_contract(model)


@needs_nncf
def test_what_int8_finds_is_what_the_original_finds(tmp_path: Path) -> None:
    model = tiny_model(tmp_path)
    quantised = quantise(model, pictures(20))
    for picture in pictures(3, seed=1):
        expected, found = infer(model, picture), infer(quantised, picture)
        for name, values in expected.items():
            error = np.abs(found[name] - values).mean()
            assert error < 0.1 * values.std(), name
            assert error > 0


def test_pictures_are_prepared_as_the_model_says() -> None:
    contract = Contract((2, 4), False, {}, 1, ("a",), 0.5, (10.0, 20.0, 30.0), (2.0, 4.0, 5.0), rgb=True)
    picture = np.tile(np.array([130, 60, 30], np.uint8), (8, 16, 1))  # BGR
    blob = optimise._blob(picture, contract)
    assert blob.shape == (1, 3, 2, 4)
    assert blob.dtype == np.float32
    np.testing.assert_allclose(blob[0, :, 0, 0], [(30 - 10) / 2, (60 - 20) / 4, (130 - 30) / 5])
    plain = optimise._blob(picture, Contract((2, 4), True, {}, 1, ("a",), 0.5))
    assert plain.shape == (1, 2, 4, 3)
    np.testing.assert_array_equal(plain[0, 0, 0], [130, 60, 30])


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
def test_nncf_does_not_report_to_anyone() -> None:
    code = """
from yolact_live.infer.optimise import _nncf
_nncf()
from nncf.telemetry.wrapper import telemetry
print(type(telemetry).__name__)
"""
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "MagicMock", found.stdout  # what NNCF puts in place of its own


@needs_nncf
def test_the_command_reports_and_asks(installed: Store, tmp_path: Path) -> None:
    clip = str(write_clip(tmp_path / "clip.mp4", frames=30))
    command = ["optimise", "tiny", "--calibration", clip, "--frames", "15"]
    declined = CliRunner().invoke(models, command, input="n\n")
    assert declined.exit_code == 0, declined.output
    assert "Keep tiny-int8?" in declined.stdout
    assert installed.names() == ["builtin", "tiny"]
    accepted = CliRunner().invoke(models, [*command, "--yes"])
    assert accepted.exit_code == 0, accepted.output
    assert installed.names() == ["builtin", "tiny", "tiny-int8"]
    original, int8, *agreement = accepted.stdout.splitlines()[:4]
    assert original.startswith("original")
    assert "FPS in f32" in original
    assert "times f32" in int8
    assert "on 3 other frames" in agreement[0]
    again = CliRunner().invoke(models, command)
    assert isinstance(again.exception, UsageError)
