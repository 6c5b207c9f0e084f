"""Which models are YOLACT, and what is read from them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openvino
import pytest
from openvino import opset13 as ops

from tests.models import COEFFICIENTS, PROTO, SIDE, build_model, write_model
from yolact_live.errors import ModelError
from yolact_live.infer.contract import load, read_contract
from yolact_live.infer.engine import Engine
from yolact_live.infer.labels import COCO80, PASCAL20
from yolact_live.settings import Settings

BOXES = [(0.0, 0.0, 0.5, 0.5), (0.5, 0.5, 1.0, 1.0), (0.1, 0.1, 0.2, 0.2)]


def model(classes: int = 2, **kwargs: object) -> openvino.Model:
    scores = [[0.5 / classes] * classes for _ in BOXES]
    return build_model(BOXES, scores, **kwargs)  # type: ignore[arg-type]


def test_facts_come_from_the_model() -> None:
    contract = read_contract(model(labels="person traffic_light"))
    assert contract.input_size == (SIDE, SIDE)
    assert contract.priors == 3
    assert contract.labels == ("person", "traffic light")
    assert contract.ports == {"conf": 0, "mask": 1, "proto": 2, "boxes": 3}


def test_outputs_without_names_are_told_by_shape() -> None:
    assert read_contract(model(names=None)).ports == {"conf": 0, "mask": 1, "proto": 2, "boxes": 3}


def test_names_win_over_order_and_shape() -> None:
    """With eight columns, class scores look like mask coefficients."""
    built = model(classes=COEFFICIENTS - 1, names=("mask", "conf", "proto", "boxes"))
    assert read_contract(built).ports == {"mask": 0, "conf": 1, "proto": 2, "boxes": 3}


@pytest.mark.parametrize("classes", [3, COEFFICIENTS - 1])
def test_ambiguous_shapes_follow_the_order_of_the_reference(classes: int) -> None:
    built = model(classes=classes, names=None)
    assert read_contract(built).ports == {"conf": 0, "mask": 1, "proto": 2, "boxes": 3}


@pytest.mark.parametrize(
    ("classes", "labels"), [(80, COCO80), (20, PASCAL20), (3, ("class 1", "class 2", "class 3"))]
)
def test_labels_by_class_count_when_the_model_has_none(classes: int, labels: tuple[str, ...]) -> None:
    assert read_contract(model(classes=classes)).labels == labels


def test_labels_that_start_with_background() -> None:
    assert read_contract(model(labels="background person cat")).labels == ("person", "cat")


def test_labels_of_a_wrong_number_are_not_believed() -> None:
    assert read_contract(model(labels="person")).labels == ("class 1", "class 2")


def test_dynamic_batch_is_fixed(tmp_path: Path) -> None:
    path = write_model(tmp_path / "dynamic.xml", model(batch=-1, labels="a b"))
    assert read_contract(load(path)).input_size == (SIDE, SIDE)
    engine = Engine(Settings(model=str(path)))
    slot = engine.acquire(1)
    assert slot is not None
    slot.start(np.zeros((32, 32, 3), np.uint8))
    assert slot.wait(30)
    assert slot.outputs.proto.shape == (PROTO, PROTO, COEFFICIENTS)
    slot.release()
    engine.close()


def foreign(*shapes: tuple[int, ...]) -> openvino.Model:
    image = ops.parameter([1, 3, 8, 8], np.float32)
    zero = ops.multiply(ops.reduce_mean(image, np.array([0, 1, 2, 3])), np.float32(0))
    outputs = [ops.result(ops.add(ops.constant(np.zeros(shape, np.float32)), zero)) for shape in shapes]
    return openvino.Model(outputs, [image])


@pytest.mark.parametrize(
    "shapes",
    [
        [(1, 1000)],
        [(1, 100, 85)],
        [(1, 100, 81), (1, 100, 32), (1, 138, 138, 32)],
        [(1, 100, 81), (1, 100, 32), (1, 138, 138, 16), (1, 100, 4)],
        [(1, 100, 81), (1, 99, 32), (1, 138, 138, 32), (1, 100, 4)],
        [(1, 100, 1), (1, 100, 32), (1, 138, 138, 32), (1, 100, 4)],
        [(1, 100, 81), (1, 100, 32), (1, 32, 138, 138), (1, 100, 4)],
    ],
)
def test_what_cannot_be_yolact_is_refused_with_what_was_found(shapes: list[tuple[int, ...]]) -> None:
    with pytest.raises(ModelError) as error:
        read_contract(foreign(*shapes))
    assert "expected" in str(error.value)
    assert str(list(shapes[0])) in str(error.value)


@pytest.mark.parametrize("content", [b"", b"<net>", b"\x00" * 100, b"not a model"])
def test_damaged_files_are_refused_in_one_line(content: bytes, tmp_path: Path) -> None:
    for name in ("m.xml", "m.onnx"):
        path = tmp_path / name
        path.write_bytes(content)
        path.with_suffix(".bin").write_bytes(b"")
        with pytest.raises(ModelError) as error:
            load(path)
        assert "\n" not in str(error.value)
        assert name in str(error.value)


def test_weights_cut_short_are_refused(tmp_path: Path) -> None:
    path = write_model(tmp_path / "m.xml")
    weights = path.with_suffix(".bin")
    weights.write_bytes(weights.read_bytes()[:-40])
    with pytest.raises(ModelError):
        load(path)


def mean_model(path: Path, info: dict[str, str]) -> str:
    """A model whose first three mask coefficients are the mean of each input channel."""
    image = ops.parameter([1, 3, SIDE, SIDE], np.float32)
    mean = ops.reduce_mean(image, np.array([2, 3]))
    conf = ops.constant(np.array([[[0.25, 0.75]]], np.float32))
    mask = ops.reshape(mean, np.array([1, 1, 3]), special_zero=False)
    proto, boxes = np.ones((1, 4, 4, 3), np.float32), np.array([[[0, 0, 1, 1]]], np.float32)
    nodes = [conf, mask, ops.constant(proto), ops.constant(boxes)]
    built = openvino.Model([ops.result(node) for node in nodes], [image])
    for key, value in info.items():
        built.set_rt_info(value, ["model_info", key])
    return str(write_model(path, built))


@pytest.mark.parametrize(
    ("info", "expected"),
    [
        ({}, [10, 20, 30]),
        ({"reverse_input_channels": "YES"}, [30, 20, 10]),
        ({"mean_values": "1 2 3", "scale_values": "2 2 4"}, [4.5, 9, 6.75]),
        ({"mean_values": "1 2 3", "scale_values": "2 2 4", "reverse_input_channels": "YES"}, [14.5, 9, 1.75]),
        ({"mean_values": "nonsense"}, [10, 20, 30]),
    ],
)
def test_the_picture_reaches_the_network_as_rt_info_says(
    info: dict[str, str], expected: list[float], tmp_path: Path
) -> None:
    engine = Engine(Settings(model=mean_model(tmp_path / "mean.xml", info), precision="f32"))
    slot = engine.acquire(1)
    assert slot is not None
    slot.start(np.full((20, 30, 3), (10, 20, 30), np.uint8))
    assert slot.wait(30)
    np.testing.assert_allclose(slot.outputs.mask[0], expected, rtol=1e-5)
    slot.release()
    engine.close()


def test_onnx_is_given_the_picture_as_open_model_zoo_exports_want_it(tmp_path: Path) -> None:
    """RGB, normalised; its IR does that itself."""
    onnx = pytest.importorskip("onnx", reason="onnx writes the model of this test")
    make, floats = onnx.helper, onnx.TensorProto.FLOAT
    constants = {
        "conf": np.array([[[0.25, 0.75]]], np.float32),
        "proto": np.ones((1, 4, 4, 3), np.float32),
        "boxes": np.array([[[0, 0, 1, 1]]], np.float32),
    }
    nodes = [
        make.make_node("Constant", [], [name], value=onnx.numpy_helper.from_array(value))
        for name, value in constants.items()
    ]
    nodes.append(make.make_node("ReduceMean", ["input.1"], ["mean"], axes=[2, 3], keepdims=0))
    shape = onnx.numpy_helper.from_array(np.array([1, 1, 3], np.int64))
    nodes.append(make.make_node("Constant", [], ["shape"], value=shape))
    nodes.append(make.make_node("Reshape", ["mean", "shape"], ["mask"]))
    shapes = {"conf": [1, 1, 2], "mask": [1, 1, 3], "proto": [1, 4, 4, 3], "boxes": [1, 1, 4]}
    outputs = [make.make_tensor_value_info(name, floats, size) for name, size in shapes.items()]
    inputs = [make.make_tensor_value_info("input.1", floats, [1, 3, SIDE, SIDE])]
    graph = make.make_graph(nodes, "tiny", inputs, outputs)
    opset = [make.make_opsetid("", 11)]
    onnx.save(make.make_model(graph, opset_imports=opset, ir_version=7), tmp_path / "tiny.onnx")
    engine = Engine(Settings(model=str(tmp_path / "tiny.onnx"), precision="f32"))
    slot = engine.acquire(1)
    assert slot is not None
    slot.start(np.full((20, 30, 3), (10, 20, 30), np.uint8))
    assert slot.wait(30)
    expected = [(30 - 123.675) / 58.395, (20 - 116.78) / 57.12, (10 - 103.94) / 57.375]
    np.testing.assert_allclose(slot.outputs.mask[0], expected, rtol=1e-4)
    slot.release()
    engine.close()
