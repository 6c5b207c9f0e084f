"""Quantisation with the real NNCF, on a tiny YOLACT."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import openvino
import pytest

from tests.infer.test_optimise import needs_nncf, pictures
from tests.infer.test_store import TINY, write_weights
from yolact_live.infer import network, store
from yolact_live.infer import quantise as module
from yolact_live.infer.contract import Contract, read_contract
from yolact_live.infer.quantise import quantise


@pytest.fixture(autouse=True)
def _tiny_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(network.PUBLISHED, "yolact_resnet50", TINY)


def tiny_model(tmp_path: Path) -> openvino.Model:
    return store.build(write_weights(tmp_path / "tiny.pth"), "yolact_resnet50")


def infer(model: openvino.Model, picture: np.ndarray) -> dict[str, np.ndarray]:
    side = read_contract(model).input_size[0]
    image = cv2.resize(picture, (side, side)).transpose(2, 0, 1)[None].astype(np.float32)
    compiled = openvino.Core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    result = compiled(image)
    return {port.any_name: result[port][0] for port in compiled.outputs}


@needs_nncf
def test_convolutions_become_int8_but_for_the_last_of_boxes_and_masks(tmp_path: Path) -> None:
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
    boxes, coefficients, prototypes = 3 * 4, 3 * 32, 32  # of three priors a cell; classes are not there
    assert sorted(shape[1] for shape in exact) == sorted([boxes, coefficients] * 5 + [prototypes])
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
    blob = module._blob(picture, contract)
    assert blob.shape == (1, 3, 2, 4)
    assert blob.dtype == np.float32
    np.testing.assert_allclose(blob[0, :, 0, 0], [(30 - 10) / 2, (60 - 20) / 4, (130 - 30) / 5])
    plain = module._blob(picture, Contract((2, 4), True, {}, 1, ("a",), 0.5))
    assert plain.shape == (1, 2, 4, 3)
    np.testing.assert_array_equal(plain[0, 0, 0], [130, 60, 30])


@needs_nncf
def test_nncf_does_not_report_to_anyone() -> None:
    code = """
from yolact_live.infer.quantise import import_nncf
import_nncf()
from nncf.telemetry.wrapper import telemetry
print(type(telemetry).__name__)
"""
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "MagicMock", found.stdout  # what NNCF puts in place of its own
