"""The network: its numbers against the reference, its configurations, its refusals."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import math
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import openvino
import pytest

from tests.golden import GOLDEN, needs_golden
from tests.infer import synthetic
from tests.infer.torch_format import tensor, write_legacy
from yolact_live.errors import ModelError, UsageError
from yolact_live.infer import build_network, read_checkpoint
from yolact_live.infer.contract import read_contract
from yolact_live.infer.labels import COCO80, PASCAL20
from yolact_live.infer.network import PUBLISHED, Config, config_of, measure, tell_config
from yolact_live.infer.network.backbones import darknet, resnet
from yolact_live.infer.network.priors import priors

F32 = {"INFERENCE_PRECISION_HINT": "f32"}
BLOCKS = (1, 2, 1, 1)
TINY = Config(
    "tiny", partial(resnet, blocks=BLOCKS, stem=4), ("cat", "traffic light"), 97, width=8, coefficients=5
)
TINY_SHAPES = synthetic.resnet_shapes(BLOCKS, 4) | synthetic.head_shapes((32, 64, 128), 8, 2, 5)
RESNET50_SHAPES = synthetic.resnet_shapes() | synthetic.head_shapes((512, 1024, 2048))


def picture(size: int, seed: int = 0) -> np.ndarray:
    """A BGR picture with an object, [S,S,3] u8: colours differ, so that a channel swap shows."""
    rng = np.random.default_rng(seed)
    image = np.empty((size, size, 3), np.uint8)
    image[:] = (200, 90, 20)
    image[size // 4 : size // 2, size // 3 :] = (10, 60, 230)
    return image ^ rng.integers(0, 32, image.shape, np.uint8)


def run(model: openvino.Model, image: np.ndarray) -> dict[str, np.ndarray]:
    compiled = openvino.Core().compile_model(model, "CPU", F32)
    result = compiled(image.transpose(2, 0, 1)[None].astype(np.float32))
    return {port.any_name: result[port][0] for port in compiled.outputs}


# ------------------------------------------------------------------------------- numbers


@pytest.mark.parametrize("square", [True, False])
def test_resnet_computes_what_the_reference_computes(square: bool) -> None:
    config = dataclasses.replace(TINY, square=square)
    arrays = synthetic.random(TINY_SHAPES)
    image = picture(config.size)
    rgb = (image[..., ::-1] - np.array([123.675, 116.78, 103.94])) / np.array([58.395, 57.12, 57.375])
    reference = synthetic.Reference(arrays)
    features = reference.resnet(rgb.transpose(2, 0, 1), BLOCKS)
    scales = [int(scale / 550 * 97) for scale in (24, 48, 96, 192, 384)]
    assert_close(run(build_network(arrays, config), image), reference.heads(features, 97, scales, square))


def test_darknet_computes_what_the_reference_computes() -> None:
    blocks = (1, 1, 2, 1, 1)
    config = dataclasses.replace(
        PUBLISHED["yolact_darknet53"],
        backbone=partial(darknet, blocks=blocks, stem=4),
        labels=("cat",),
        size=96,
        width=8,
        coefficients=5,
    )
    arrays = synthetic.random(
        synthetic.darknet_shapes(blocks, 4) | synthetic.head_shapes((32, 64, 128), 8, 1, 5)
    )
    image = picture(96)
    reference = synthetic.Reference(arrays)
    features = reference.darknet(image[..., ::-1].transpose(2, 0, 1) / 255, blocks)
    scales = [int(scale / 550 * 96) for scale in (24, 48, 96, 192, 384)]
    assert_close(run(build_network(arrays, config), image), reference.heads(features, 96, scales, True))


def assert_close(found: dict[str, np.ndarray], wanted: dict[str, np.ndarray]) -> None:
    assert list(found) == ["conf", "mask", "proto", "boxes"]
    for name, array in wanted.items():
        assert array.std() > 0.02, f"{name} hardly varies: the comparison would prove nothing"
        np.testing.assert_allclose(found[name], array, atol=2e-5, rtol=2e-5, err_msg=name)


def test_a_batch_gives_what_its_pictures_give() -> None:
    model = build_network(synthetic.random(TINY_SHAPES), TINY)
    images = [picture(97, seed) for seed in (1, 2)]
    single = [run(model, image) for image in images]
    model.reshape([2, 3, 97, 97])
    compiled = openvino.Core().compile_model(model, "CPU", F32)
    result = compiled(np.stack(images).transpose(0, 3, 1, 2).astype(np.float32))
    for i in range(2):
        for name, array in single[i].items():
            np.testing.assert_allclose(result[name][i], array, atol=1e-5)


def golden_module() -> Any:
    spec = importlib.util.spec_from_file_location("synthetic_weights", GOLDEN / "synthetic_weights.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def golden_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The synthetic checkpoint of the golden outputs, 356 tensors, in the legacy format."""
    state = golden_module().make_state_dict(seed=0)
    path = tmp_path_factory.mktemp("golden") / "yolact_resnet50_54_800000.pth"
    return write_legacy(path, {key: tensor(array) for key, array in state.items()})


@needs_golden
def test_golden_checkpoint_is_read_bit_by_bit(golden_checkpoint: Path) -> None:
    digest = "2537d16a69677e4ddf8f361740b4b763b99c18fb90103836004625fcf805a2c6"
    assert golden_module().digest(read_checkpoint(golden_checkpoint)) == digest


@needs_golden
def test_golden_network_outputs(golden_checkpoint: Path) -> None:
    golden = dict(np.load(GOLDEN / "network_seed0.npz"))
    model = build_network(read_checkpoint(golden_checkpoint))
    inner = {node.get_friendly_name(): node for node in model.get_ops()}
    model.add_outputs([inner[name].output(0) for name in golden["inter_names"]])
    compiled = openvino.Core().compile_model(model, "CPU", F32)
    result = compiled(golden["image"].transpose(2, 0, 1)[None].astype(np.float32))
    rows = golden["prior_index"]
    full = {name: result[name][0] for name in ("conf", "mask", "boxes", "proto")}
    for name in ("conf", "mask", "boxes"):
        np.testing.assert_allclose(full[name][rows], golden[name], rtol=0, atol=1e-4, err_msg=name)
    np.testing.assert_allclose(full["proto"][1::3, 1::3], golden["proto"], rtol=0, atol=1e-4)
    for name, array in full.items():
        stats = [array.mean(dtype=np.float64), array.std(dtype=np.float64), array.min(), array.max()]
        np.testing.assert_allclose(stats, golden[f"stats_{name}"], rtol=0, atol=1e-4, err_msg=name)
    for i, name in enumerate(golden["inter_names"]):
        values = result[4 + i][0]
        assert list(values.shape) == list(golden["inter_shapes"][i])
        np.testing.assert_allclose(
            values.ravel()[golden["inter_pos"][i]], golden["inter_val"][i], rtol=0, atol=5e-4, err_msg=name
        )


@needs_golden
def test_golden_priors() -> None:
    golden = dict(np.load(GOLDEN / "network_seed0.npz"))
    found = priors(PUBLISHED["yolact_resnet50"])
    np.testing.assert_allclose(found[golden["prior_index"]], golden["priors"], rtol=0, atol=1e-7)


@needs_golden
@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of memory from /proc")
def test_import_to_a_saved_f16_ir_takes_little_memory_and_62_mb(
    golden_checkpoint: Path, tmp_path: Path
) -> None:
    program = (
        "import re, sys, openvino\n"
        "from yolact_live.infer import build_network, read_checkpoint\n"
        "openvino.save_model(build_network(read_checkpoint(sys.argv[1])), sys.argv[2])\n"
        # not ru_maxrss, which starts with what the test runner had when it forked
        "print(re.search(r'VmHWM:\\s+(\\d+) kB', open('/proc/self/status').read())[1])\n"
    )
    command = [sys.executable, "-c", program, str(golden_checkpoint), str(tmp_path / "x.xml")]
    shown = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    assert int(shown.stdout) < 1_000_000
    assert 61e6 < (tmp_path / "x.bin").stat().st_size < 63e6


# -------------------------------------------------------------------------------- priors


def test_priors_of_a_known_row() -> None:
    """Row 2, column 60 of the finest level: x comes first, and the sides are equal."""
    found = priors(PUBLISHED["yolact_resnet50"])
    np.testing.assert_allclose(found[594], [60.5 / 69, 2.5 / 69, 24 / 550, 24 / 550], atol=1e-7)
    np.testing.assert_allclose(found[595, 2:] * 550, np.sqrt([288, 288]), atol=1e-4)
    for offset, side in zip((0, 14283, 17958, 18930, 19173), (24, 48, 96, 192, 384), strict=True):
        np.testing.assert_allclose(found[offset, 2:] * 550, [side, side], atol=1e-4)


def test_priors_of_pascal_have_their_aspect_ratio() -> None:
    found = priors(PUBLISHED["yolact_resnet50_pascal"])
    np.testing.assert_allclose(found[1, 2:] * 550, [32 * np.sqrt(0.5), 32 * np.sqrt(2)], atol=1e-4)
    np.testing.assert_allclose(found[2, 2:] * 550, [32 * np.sqrt(2), 32 * np.sqrt(0.5)], atol=1e-4)


@pytest.mark.parametrize(
    ("size", "count", "scales"),
    [
        (550, 19248, [24, 48, 96, 192, 384]),
        (400, 10077, [17, 34, 69, 139, 279]),
        (700, 30963, [30, 61, 122, 244, 488]),
        (544, 18525, [23, 47, 94, 189, 379]),
    ],
)
def test_priors_of_other_sizes(size: int, count: int, scales: list[int]) -> None:
    found = priors(dataclasses.replace(PUBLISHED["yolact_resnet50"], size=size))
    assert len(found) == count
    sides = found[:, 2] * size
    assert np.abs(sides[:, None] - np.array(scales)).min(axis=0).max() < 1e-3
    assert sides.max() == pytest.approx(scales[-1] * np.sqrt(2), abs=1e-3)


def test_priors_of_the_builtin_model_can_be_described() -> None:
    config = dataclasses.replace(PUBLISHED["yolact_resnet50"], size=384, square=False)
    found = priors(config)
    assert len(found) == 9207
    np.testing.assert_allclose(found[0, 2:] * 384, [16, 16], atol=1e-4)
    np.testing.assert_allclose(found[-1, 2:] * 384, [268 * np.sqrt(2), 268 / np.sqrt(2)], atol=1e-3)


def test_priors_stay_exact_in_an_f16_ir(tmp_path: Path) -> None:
    """With offsets of zero the boxes are the priors; stored as f16 they would be 2e-4 off."""
    arrays = synthetic.random(TINY_SHAPES)
    arrays["prediction_layers.0.bbox_layer.weight"][:] = 0
    arrays["prediction_layers.0.bbox_layer.bias"][:] = 0
    openvino.save_model(build_network(arrays, TINY), tmp_path / "x.xml", compress_to_fp16=True)
    boxes = run(openvino.Core().read_model(tmp_path / "x.xml"), picture(97))["boxes"]
    wanted = priors(TINY)
    corners = np.concatenate([wanted[:, :2] - wanted[:, 2:] / 2, wanted[:, :2] + wanted[:, 2:] / 2], axis=1)
    np.testing.assert_allclose(boxes, corners, rtol=0, atol=2e-7)


# ------------------------------------------------------------------------ configurations


@pytest.fixture(scope="module")
def resnet50() -> synthetic.Arrays:
    return synthetic.zeros(RESNET50_SHAPES)


def shapes_of(model: openvino.Model) -> dict[str, list[int]]:
    return {port.any_name: list(port.shape) for port in model.outputs}


def test_contract_of_resnet50(resnet50: synthetic.Arrays) -> None:
    model = build_network(resnet50)
    (port,) = model.inputs
    assert (port.any_name, list(port.shape), port.element_type.to_string()) == (
        "input.1",
        [1, 3, 550, 550],
        "f32",
    )
    assert list(shapes_of(model).items()) == [
        ("conf", [1, 19248, 81]),
        ("mask", [1, 19248, 32]),
        ("proto", [1, 138, 138, 32]),
        ("boxes", [1, 19248, 4]),
    ]
    contract = read_contract(model)
    assert contract.labels == COCO80
    assert contract.input_size == (550, 550)
    assert model.get_rt_info(["model_info", "labels"]).astype(str).split()[9] == "traffic_light"
    facts = measure(model)
    assert facts.parameters == 31_144_383
    assert facts.gflop == pytest.approx(118.28, abs=0.005)


def test_facts_survive_saving_and_are_counted_where_a_model_does_not_tell(
    resnet50: synthetic.Arrays, tmp_path: Path
) -> None:
    model = build_network(resnet50)
    openvino.save_model(model, tmp_path / "x.xml")
    assert measure(openvino.Core().read_model(tmp_path / "x.xml")).parameters == 31_144_383
    bare = openvino.Model(model.get_results(), model.get_parameters())
    # Each of the 26,560 channels that batch-norm scaled and shifted keeps its shift alone.
    assert measure(bare).parameters == 31_144_383 - 26_560


def test_shared_head_is_stored_once() -> None:
    model = build_network(synthetic.random(TINY_SHAPES), TINY)
    weights = [
        node.input_value(1).get_node().get_friendly_name()
        for node in model.get_ops()
        if node.get_type_name() == "Convolution"
    ]
    backbone = sum(key.startswith("backbone") and len(shape) == 4 for key, shape in TINY_SHAPES.items())
    others = 3 + 3 + 2 + 5  # lateral, prediction, downsampling, prototypes
    assert len(weights) == backbone + others + 5 * 4
    assert len(set(weights)) == backbone + others + 4


@pytest.mark.parametrize(
    ("name", "size", "count", "columns", "proto"),
    [
        ("yolact_resnet50", None, 19248, 81, 138),
        ("yolact_resnet50", 400, 10077, 81, 100),
        ("yolact_resnet50_pascal", None, 19248, 21, 138),
        ("yolact_darknet53", None, 19248, 81, 138),
        ("yolact_base", None, 19248, 81, 138),
        ("yolact_im400", None, 10077, 81, 100),
        ("yolact_im700", None, 30963, 81, 176),
    ],
)
def test_published_configurations(name: str, size: int | None, count: int, columns: int, proto: int) -> None:
    config = PUBLISHED[name]
    backbones = {
        "yolact_darknet53": synthetic.darknet_shapes() | synthetic.head_shapes((256, 512, 1024)),
        "yolact_resnet50": RESNET50_SHAPES,
        "yolact_resnet50_pascal": synthetic.resnet_shapes()
        | synthetic.head_shapes((512, 1024, 2048), classes=20),
    }
    resnet101 = synthetic.resnet_shapes((3, 4, 23, 3)) | synthetic.head_shapes((512, 1024, 2048))
    arrays = synthetic.zeros(backbones.get(name, resnet101))
    model = build_network(arrays, name, size)
    assert shapes_of(model) == {
        "conf": [1, count, columns],
        "mask": [1, count, 32],
        "proto": [1, proto, proto, 32],
        "boxes": [1, count, 4],
    }
    assert read_contract(model).labels == config.labels
    told = tell_config(arrays)
    assert told.name == (name if name not in ("yolact_im400", "yolact_im700") else "yolact_base")
    assert dataclasses.replace(told, name=name, size=config.size) == config


@needs_golden
@pytest.mark.parametrize(
    "name",
    ["yolact_resnet50", "yolact_resnet50_pascal", "yolact_darknet53", "yolact_base", "yolact_im700"],
)
def test_key_lists_of_the_reference(name: str) -> None:
    entry = json.loads((GOLDEN / "keys.json").read_text())["configs"][name]
    rows = entry["state_dict"] + entry["checkpoint_extra"]
    arrays = {key: np.zeros(shape, dtype) for key, shape, dtype in rows}
    model = build_network(arrays, config_of(f"{name}_54_800000.pth"))
    assert model.get_friendly_name() == name
    if name == "yolact_im700":
        assert list(model.input(0).shape) == [1, 3, 700, 700]


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("yolact_resnet50_54_800000.pth", "yolact_resnet50"),
        ("weights/yolact_resnet50_pascal_120_120000.pth", "yolact_resnet50_pascal"),
        ("yolact_im700.pth", "yolact_im700"),
        ("yolact_base_54_800000_interrupt.pth", "yolact_base"),
        ("yolact_plus_base_54_800000.pth", None),
        ("yolact_based_on_mine.pth", None),
        ("mine.pth", None),
    ],
)
def test_configuration_in_a_file_name(file: str, name: str | None) -> None:
    assert config_of(file) == name
    assert config_of(Path(file)) == name


def test_custom_class_counts() -> None:
    arrays = synthetic.zeros(synthetic.resnet_shapes() | synthetic.head_shapes((512, 1024, 2048), classes=3))
    model = build_network(arrays, size=128)
    assert shapes_of(model)["conf"][2] == 4
    assert read_contract(model).labels == ("class 1", "class 2", "class 3")


def test_twenty_classes_are_pascal_unless_named_otherwise() -> None:
    arrays = synthetic.zeros(synthetic.resnet_shapes() | synthetic.head_shapes((512, 1024, 2048), classes=20))
    assert tell_config(arrays).labels == PASCAL20
    assert not tell_config(arrays).square
    assert tell_config(arrays, "yolact_resnet50").square
    assert tell_config(arrays, "yolact_resnet50").labels[0] == "class 1"


def test_half_precision_weights_are_accepted() -> None:
    arrays = {key: array.astype(np.float16) for key, array in synthetic.random(TINY_SHAPES).items()}
    wide = {key: array.astype(np.float32) for key, array in arrays.items()}
    found, wanted = (run(build_network(given, TINY), picture(97)) for given in (arrays, wide))
    np.testing.assert_array_equal(found["conf"], wanted["conf"])


def test_rt_info_carries_score_and_size() -> None:
    model = build_network(synthetic.zeros(TINY_SHAPES), dataclasses.replace(TINY, score=0.3), size=128)
    contract = read_contract(model)
    assert contract.score == 0.3
    assert contract.labels == ("cat", "traffic light")
    assert model.get_rt_info(["model_info", "orig_width"]).astype(str) == "128"
    assert model.get_rt_info(["model_info", "model_type"]).astype(str) == "YOLACT"


# ------------------------------------------------------------------------------ refusals


def refusal(arrays: synthetic.Arrays, config: Config | str | None = TINY, size: int | None = None) -> str:
    with pytest.raises(ModelError) as caught:
        build_network(arrays, config, size)
    assert caught.value.remedy
    return caught.value.message


def test_drops_surplus_and_training_only_keys() -> None:
    arrays = synthetic.random(TINY_SHAPES)
    surplus = [
        "fpn.downsample_layers.2.weight",
        "fpn.downsample_layers.10.bias",
        "backbone.layer1.0.conv1.weight",
    ]
    surplus += ["semantic_seg_conv.weight", "backbone.bn1.num_batches_tracked"]
    more = arrays | {key: np.ones(3, np.float32) for key in surplus}
    less = {key: array for key, array in arrays.items() if not key.endswith(("tracked", "seg_conv.bias"))}
    found, wanted = (run(build_network(given, TINY), picture(97)) for given in (more, less))
    for name, array in wanted.items():
        np.testing.assert_array_equal(found[name], array)


@pytest.mark.parametrize(
    "key", sorted(key for key in TINY_SHAPES if "tracked" not in key and "seg_conv" not in key)
)
def test_each_missing_key_is_listed(key: str) -> None:
    arrays = synthetic.zeros(TINY_SHAPES)
    del arrays[key]
    message = refusal(arrays)
    assert f"1 missing ({key} {list(TINY_SHAPES[key])})" in message
    assert "misshapen" not in message
    assert "unknown" not in message


def test_misshapen_and_unknown_keys_are_listed() -> None:
    arrays = synthetic.zeros(TINY_SHAPES)
    arrays["proto_net.10.bias"] = np.zeros(7, np.float32)
    arrays["fpn.lat_layers.3.weight"] = np.zeros(1, np.float32)
    arrays["backbone.layers.3.1.conv1.weight"] = np.zeros(1, np.float32)
    message = refusal(arrays)
    assert "1 misshapen (proto_net.10.bias [7], not [5])" in message
    assert "2 unknown (fpn.lat_layers.3.weight, backbone.layers.3.1.conv1.weight)" in message


def test_a_long_list_is_cut_but_counted() -> None:
    message = refusal(
        {key: array for key, array in synthetic.zeros(TINY_SHAPES).items() if "backbone" not in key}
    )
    missing = sum("backbone" in key and "tracked" not in key for key in TINY_SHAPES)
    assert f"{missing} missing (" in message
    assert len(message) < 1000


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("backbone.layers.1.0.conv2.conv_offset_mask.weight", "deformable convolutions"),
        ("maskiou_net.0.weight", "deformable convolutions"),
        ("fpn_phase_1.lat_layers.0.weight", "YolactEdge"),
        ("proto_net.proto1.0.weight", "Yolact_minimal"),
    ],
)
def test_relatives_are_refused_with_the_reason(key: str, reason: str, resnet50: synthetic.Arrays) -> None:
    assert reason in refusal(resnet50 | {key: np.zeros(1, np.float32)}, None)


@pytest.mark.parametrize("count", [0, 3, 242])
def test_weights_of_another_network_are_refused(count: int, resnet50: synthetic.Arrays) -> None:
    bias = {"prediction_layers.0.conf_layer.bias": np.zeros(count, np.float32)}
    assert "not weights of YOLACT" in refusal(resnet50 | bias, None)
    assert "not weights of YOLACT" in refusal({"fc.weight": np.zeros((10, 3), np.float32)}, None)
    assert "not weights of YOLACT" in refusal({}, None)


def test_a_name_must_fit_the_weights(resnet50: synthetic.Arrays) -> None:
    message = refusal(resnet50, "yolact_base")
    assert "backbone of yolact_resnet50, not of yolact_base" in message
    with pytest.raises(UsageError, match="yolact_im700"):
        build_network(resnet50, "yolact_resnet18")


@pytest.mark.parametrize("size", [0, -550, 63, 2049])
def test_sizes_out_of_range_are_refused(size: int) -> None:
    with pytest.raises(UsageError, match="64 to 2048"):
        build_network(synthetic.zeros(TINY_SHAPES), TINY, size)


@pytest.mark.parametrize("size", [64, 65, 127, 200])
def test_any_size_in_range_builds(size: int) -> None:
    shapes = shapes_of(build_network(synthetic.zeros(TINY_SHAPES), TINY, size))
    finest = math.ceil(size / 8)
    assert shapes["proto"] == [1, 2 * finest, 2 * finest, 5]
    assert shapes["conf"][1] == 3 * sum(math.ceil(size / stride) ** 2 for stride in (8, 16, 32, 64, 128))
