"""YOLACT as an OpenVINO graph, built from the arrays of a checkpoint.

The graph takes a BGR picture of 0..255 and gives what the reference model gives: ``conf``,
``mask``, ``proto``, ``boxes``. Batch-norm, channel swap and scaling are folded into
convolutions; the head's weights are stored once and used on all levels.

One function describes each part of the network. It asks :class:`Weights` for its arrays
by the published key and the shape that follows from the :class:`Config`; what is missing,
misshapen or left over is collected and reported together. A further backbone is one more
function of the type :data:`Backbone`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import openvino
from openvino import opset13 as op

from yolact_live.errors import ModelError, UsageError
from yolact_live.infer.contract import OUTPUTS
from yolact_live.infer.labels import COCO80, PASCAL20
from yolact_live.types import FloatArray

Node = Any  # a node or an output of one: OpenVINO takes either
Arrays = Mapping[str, npt.NDArray[Any]]
Backbone = Callable[["Weights", Node, FloatArray], list[Node]]
"""Takes weights, BGR picture with the mean taken off, and the factor (3,) that its RGB channels
still need; returns the features of stride 8, 16 and 32 (C3, C4, C5)."""

BASE_SIZE = 550
"""Input side, in pixels, at which the scales of a :class:`Config` are given."""
SIZES = (64, 2048)
"""Smallest and largest input side: the coarsest level must exist, priors must be exact in f16."""
BATCH_NORM_EPSILON = 1e-5
LEAK = 0.1
"""Slope of DarkNet's activation below zero."""
LISTED = 6
"""Keys of each kind that an error message lists."""

ORIGINAL = "give weights of the original YOLACT, or name their configuration"
FOREIGN = {
    r"conv_offset|maskiou_net": "YOLACT++, whose deformable convolutions OpenVINO cannot run",
    r"^fpn_phase_": "YolactEdge, whose network is another one",
    r"^proto_net\.proto1\.": "Yolact_minimal, whose network is another one",
}
"""Keys that only relatives of YOLACT have, and why these cannot be used."""
SURPLUS = (
    r"fpn\.downsample_layers\.([2-9]|\d\d)"  # levels that were never used
    r"|semantic_seg_conv\.|.*\.num_batches_tracked$"  # training only
    r"|backbone\.layer(?!s)"  # the backbone once more, under torchvision's names
)
"""Keys that a published checkpoint may hold although inference does not need them."""


# ----------------------------------------------------------------------------- weights


class Weights:
    """Hands out the arrays of a checkpoint and keeps account of them.

    Attributes:
        parameters: trained values handed out so far (running statistics are not trained).
    """

    def __init__(self, arrays: Arrays) -> None:
        self._left = {key: array for key, array in arrays.items() if not re.match(SURPLUS, key)}
        self._missing: list[str] = []
        self._misshapen: list[str] = []
        self.parameters = 0

    def take(self, key: str, *shape: int, trained: bool = True) -> FloatArray:
        """Return an array as f32; zeros, and a note for :meth:`check`, if it is not as it should be."""
        array = self._left.pop(key, None)
        if array is None:
            self._missing.append(f"{key} {list(shape)}")
            return np.zeros(shape, np.float32)
        if array.shape != shape:
            self._misshapen.append(f"{key} {list(array.shape)}, not {list(shape)}")
            return np.zeros(shape, np.float32)
        self.parameters += array.size * trained
        return array.astype(np.float32, copy=False)

    def check(self, name: str) -> None:
        """Raise :class:`ModelError` if anything was missing, misshapen or not used; list it."""
        notes = {"missing": self._missing, "misshapen": self._misshapen, "unknown": list(self._left)}
        parts = [
            f"{len(keys)} {kind} ({', '.join(keys[:LISTED])}{', …' if len(keys) > LISTED else ''})"
            for kind, keys in notes.items()
            if keys
        ]
        if parts:
            raise ModelError(f"the weights are not those of {name}: {'; '.join(parts)}", ORIGINAL)


@dataclass(frozen=True)
class Filter:
    """Weight and bias of a convolution, as constants that several convolutions may share."""

    weight: Node
    bias: Node

    def __call__(self, x: Node, stride: int = 1) -> Node:
        """Convolve [1,C,H,W] with padding (kernel − 1) / 2; a side n becomes ceil(n / stride)."""
        pad = [self.weight.shape[2] // 2] * 2
        return op.add(op.convolution(x, self.weight, [stride] * 2, pad, pad, [1, 1]), self.bias)


def _filter(weight: npt.NDArray[Any], bias: npt.NDArray[Any]) -> Filter:
    return Filter(
        op.constant(np.ascontiguousarray(weight, np.float32)),
        op.constant(bias.astype(np.float32).reshape(1, -1, 1, 1)),
    )


def plain(weights: Weights, key: str, inputs: int, outputs: int, kernel: int) -> Filter:
    """Return convolution ``key`` with its bias."""
    weight = weights.take(f"{key}.weight", outputs, inputs, kernel, kernel)
    return _filter(weight, weights.take(f"{key}.bias", outputs))


def normed(
    weights: Weights,
    conv: str,
    norm: str,
    inputs: int,
    outputs: int,
    kernel: int,
    rgb: FloatArray | None = None,
) -> Filter:
    """Return convolution ``conv`` with batch-norm ``norm`` folded in.

    With ``rgb`` (3,) it takes BGR instead of RGB, and multiplies the channels by these factors first.
    """
    weight = weights.take(f"{conv}.weight", outputs, inputs, kernel, kernel).astype(np.float64)
    if rgb is not None:
        weight = (weight * rgb.reshape(1, 3, 1, 1))[:, ::-1]
    variance = weights.take(f"{norm}.running_var", outputs, trained=False).astype(np.float64)
    mean = weights.take(f"{norm}.running_mean", outputs, trained=False)
    gain = weights.take(f"{norm}.weight", outputs) / np.sqrt(variance + BATCH_NORM_EPSILON)
    return _filter(weight * gain.reshape(-1, 1, 1, 1), weights.take(f"{norm}.bias", outputs) - mean * gain)


# --------------------------------------------------------------------------- backbones


def resnet(
    weights: Weights, x: Node, rgb: FloatArray, *, blocks: tuple[int, ...], stem: int = 64
) -> list[Node]:
    """ResNet of bottlenecks, stride on the 3×3 convolution (a :data:`Backbone`).

    Args:
        blocks: bottlenecks of each of the four stages.
        stem: channels of the first convolution.
    """
    x = op.relu(normed(weights, "backbone.conv1", "backbone.bn1", 3, stem, 7, rgb)(x, 2))
    x = op.max_pool(x, [2, 2], [1, 1], [1, 1], [1, 1], [3, 3]).output(0)
    stages = []
    for stage, count in enumerate(blocks):
        for block in range(count):
            stride = 2 if stage > 0 and block == 0 else 1
            x = _bottleneck(weights, x, f"backbone.layers.{stage}.{block}", stem << stage, stride)
        stages.append(_named(x, f"C{stage + 2}"))
    return stages[1:]


def _bottleneck(weights: Weights, x: Node, key: str, planes: int, stride: int) -> Node:
    inputs, outputs = x.shape[1], 4 * planes
    y = op.relu(normed(weights, f"{key}.conv1", f"{key}.bn1", inputs, planes, 1)(x))
    y = op.relu(normed(weights, f"{key}.conv2", f"{key}.bn2", planes, planes, 3)(y, stride))
    y = normed(weights, f"{key}.conv3", f"{key}.bn3", planes, outputs, 1)(y)
    if key.endswith(".0"):
        x = normed(weights, f"{key}.downsample.0", f"{key}.downsample.1", inputs, outputs, 1)(x, stride)
    return op.relu(op.add(y, x))


def darknet(
    weights: Weights, x: Node, rgb: FloatArray, *, blocks: tuple[int, ...], stem: int = 32
) -> list[Node]:
    """DarkNet of residual pairs (a :data:`Backbone`).

    Args:
        blocks: pairs of each of the five groups.
        stem: channels of the first convolution.
    """

    def layer(
        x: Node, key: str, outputs: int, kernel: int, stride: int = 1, rgb: FloatArray | None = None
    ) -> Node:
        convolved = normed(weights, f"{key}.0", f"{key}.1", x.shape[1], outputs, kernel, rgb)(x, stride)
        return op.prelu(convolved, op.constant(np.float32(LEAK)))

    x = layer(x, "backbone._preconv", stem, 3, rgb=rgb)
    groups = []
    for group, count in enumerate(blocks):
        channels = stem << (group + 1)
        x = layer(x, f"backbone.layers.{group}.0", channels, 3, stride=2)
        for block in range(1, count + 1):
            key = f"backbone.layers.{group}.{block}"
            y = layer(x, f"{key}.conv1", channels // 2, 1)
            x = op.add(x, layer(y, f"{key}.conv2", channels, 3))
        groups.append(_named(x, f"C{group + 1}"))
    return groups[2:]


# kernel, stride, expansion, channels, blocks of the stages of EfficientNet-B0 (arXiv 1905.11946, table 1)
LITE_STAGES = (
    (3, 1, 1, 16, 1),
    (3, 2, 6, 24, 2),
    (5, 2, 6, 40, 2),
    (3, 2, 6, 80, 3),
    (5, 1, 6, 112, 3),
    (5, 2, 6, 192, 4),
    (3, 1, 6, 320, 1),
)
LITE_TAPS = (2, 4, 6)
"""Stages whose outputs are C3, C4 and C5."""


def lite_stages(width: float, depth: float) -> list[tuple[int, int, int, int, int]]:
    """Return :data:`LITE_STAGES` scaled by a variant's multipliers; the first and last keep their blocks."""
    last = len(LITE_STAGES) - 1
    return [
        (kernel, stride, expansion, _rounded(channels * width), math.ceil(n * depth) if 0 < i < last else n)
        for i, (kernel, stride, expansion, channels, n) in enumerate(LITE_STAGES)
    ]


def _rounded(channels: float) -> int:
    """Round to a multiple of eight, down by a tenth at most."""
    result = max(8, int(channels + 4) // 8 * 8)
    return result + 8 if result < 0.9 * channels else result


def efficientnet_lite(
    weights: Weights, x: Node, rgb: FloatArray, *, width: float, depth: float
) -> list[Node]:
    """EfficientNet-Lite: no squeeze-and-excitation, ReLU6, batch-norm already folded (a :data:`Backbone`).

    Args:
        width, depth: multipliers of channels and of blocks.
    """

    def layer(
        x: Node,
        key: str,
        outputs: int,
        kernel: int,
        stride: int = 1,
        groups: int = 1,
        rgb: FloatArray | None = None,
    ) -> Node:
        inputs = x.shape[1] // groups
        weight = weights.take(f"{key}.weight", outputs, inputs, kernel, kernel)
        if rgb is not None:
            weight = np.ascontiguousarray((weight * rgb.reshape(1, 3, 1, 1))[:, ::-1])
        bias = op.constant(weights.take(f"{key}.bias", outputs).reshape(1, -1, 1, 1))
        pad = kernel - stride  # as TensorFlow: an odd pixel goes to the right and the bottom
        how = ([stride] * 2, [pad // 2] * 2, [pad - pad // 2] * 2, [1, 1])
        if groups == 1:
            return op.add(op.convolution(x, op.constant(weight), *how), bias)
        kernels = op.constant(weight.reshape(groups, outputs // groups, inputs, kernel, kernel))
        return op.add(op.group_convolution(x, kernels, *how), bias)

    def active(x: Node) -> Node:
        return op.clamp(x, 0.0, 6.0)

    def block(x: Node, key: str, outputs: int, kernel: int, stride: int, expansion: int) -> Node:
        inner = x.shape[1] * expansion
        y = active(layer(x, f"{key}.expand", inner, 1)) if expansion > 1 else x
        y = active(layer(y, f"{key}.depthwise", inner, kernel, stride, groups=inner))
        y = layer(y, f"{key}.project", outputs, 1)
        return op.add(x, y) if stride == 1 and x.shape[1] == outputs else y

    x = active(layer(x, "backbone.stem", 32, 3, 2, rgb=rgb))
    stages: list[Node] = []
    number = 0
    for stage, (kernel, stride, expansion, channels, count) in enumerate(lite_stages(width, depth)):
        for i in range(count):
            x = block(x, f"backbone.blocks.{number}", channels, kernel, stride if i == 0 else 1, expansion)
            number += 1
        if stage in LITE_TAPS:
            stages.append(_named(x, f"C{len(stages) + 3}"))
    return stages


RESNET50: Backbone = partial(resnet, blocks=(3, 4, 6, 3))
RESNET101: Backbone = partial(resnet, blocks=(3, 4, 23, 3))
DARKNET53: Backbone = partial(darknet, blocks=(1, 2, 8, 8, 4))
LITE = {"lite0": (1.0, 1.0), "lite2": (1.1, 1.2)}
"""Multipliers of width and depth of the variants of EfficientNet-Lite."""


# ---------------------------------------------------------------------- configurations


@dataclass(frozen=True)
class Config:
    """What varies between YOLACT networks.

    Attributes:
        name: name of the configuration.
        backbone: function that builds the backbone.
        labels: class list, background left out.
        size: input side in pixels.
        scales: side of the priors of each level, pixels of a picture of :data:`BASE_SIZE`.
        ratios: aspect ratios of the priors, width / height.
        square: priors are square, of side scale · √ratio: a slip of YOLACT that its weights rely on.
        width: channels of the feature pyramid, the prototypes' branch and the head.
        coefficients: number of prototypes and mask coefficients.
        mean, std: normalisation of the RGB channels, (x − mean) / std of 0..255.
        score: recommended score threshold.
    """

    name: str
    backbone: Backbone
    labels: tuple[str, ...] = COCO80
    size: int = 550
    scales: tuple[int, ...] = (24, 48, 96, 192, 384)
    ratios: tuple[float, ...] = (1.0, 0.5, 2.0)
    square: bool = True
    width: int = 256
    coefficients: int = 32
    mean: tuple[float, float, float] = (123.675, 116.78, 103.94)
    std: tuple[float, float, float] = (58.395, 57.12, 57.375)
    score: float = 0.5


_RESNET50 = Config("yolact_resnet50", RESNET50)
_BASE = Config("yolact_base", RESNET101)
PUBLISHED = {
    config.name: config
    for config in (
        _RESNET50,
        replace(
            _RESNET50,
            name="yolact_resnet50_pascal",
            labels=PASCAL20,
            scales=(32, 64, 128, 256, 512),
            square=False,
        ),
        _BASE,
        replace(_BASE, name="yolact_im400", size=400),
        replace(_BASE, name="yolact_im700", size=700),
        Config("yolact_darknet53", DARKNET53, mean=(0.0, 0.0, 0.0), std=(255.0, 255.0, 255.0)),
    )
}
"""Configurations of the original, by name."""


def config_of(path: str | Path) -> str | None:
    """Return the published configuration that a file name begins with, as in ``yolact_im700_54_800000.pth``.

    The weights of yolact_base, yolact_im400 and yolact_im700 look alike: only the name tells them apart.
    """
    stem = Path(path).stem
    found = [name for name in PUBLISHED if stem == name or stem.startswith(f"{name}_")]
    return max(found, key=len, default=None)


def tell_config(arrays: Arrays, name: str | None = None) -> Config:
    """Return the configuration of weights, told from their keys and shapes.

    Args:
        name: a published configuration that they are said to be of. Without, 20 classes on
            ResNet-50 are taken for yolact_resnet50_pascal, ResNet-101 for yolact_base.

    Returns:
        The published configuration, with the weights' own number of classes.

    Raises:
        UsageError: there is no configuration of this name.
        ModelError: these are not weights of YOLACT, or not of this configuration.
    """
    if name is not None and name not in PUBLISHED:
        raise UsageError(f"configuration {name} is unknown", f"use one of {', '.join(PUBLISHED)}")
    for pattern, what in FOREIGN.items():
        if any(re.search(pattern, key) for key in arrays):
            raise ModelError(f"these are weights of {what}", ORIGINAL)
    conf = arrays.get("prediction_layers.0.conf_layer.bias")
    anchors = len(_RESNET50.ratios)
    if conf is None or conf.ndim != 1 or conf.size % anchors or conf.size < 2 * anchors:
        raise ModelError("these are not weights of YOLACT (prediction_layers.0.conf_layer.bias)", ORIGINAL)
    classes = conf.size // anchors - 1
    if "backbone._preconv.0.weight" in arrays:
        told = "yolact_darknet53"
    elif "backbone.layers.2.6.conv1.weight" in arrays:
        told = "yolact_base"
    else:
        told = "yolact_resnet50_pascal" if classes == len(PASCAL20) else "yolact_resnet50"
    config = PUBLISHED[name or told]
    if config.backbone is not PUBLISHED[told].backbone:
        raise ModelError(f"the weights have the backbone of {told}, not of {name}", f"name them {told}")
    if len(config.labels) == classes:
        return config
    return replace(config, labels=tuple(f"class {i + 1}" for i in range(classes)))


# ----------------------------------------------------------------------------- network


def build_network(
    arrays: Arrays, config: Config | str | None = None, size: int | None = None
) -> openvino.Model:
    """Build YOLACT from weights.

    Save it with ``openvino.save_model(model, path)``, which halves the weights to f16;
    the priors stay exact.

    Args:
        arrays: weights by their published keys, as :func:`~yolact_live.infer.read_checkpoint` gives them.
        config: a configuration, the name of a published one, or None to tell it from the weights
            (see :func:`tell_config`).
        size: another input side in pixels; the priors are made for it.

    Returns:
        Model with input ``input.1`` [1,3,S,S] f32, BGR, 0..255, and the outputs

        - ``conf`` [1,N,C+1] f32: softmax scores, column 0 is the background;
        - ``mask`` [1,N,K] f32: coefficients, −1 to 1;
        - ``proto`` [1,M,M,K] f32: prototypes, not negative;
        - ``boxes`` [1,N,4] f32: x1, y1, x2, y2 relative to the picture, not clipped.

    Raises:
        UsageError: unknown configuration, or a size out of range.
        ModelError: the weights do not fit; missing, misshapen and unknown ones are listed.
    """
    if not isinstance(config, Config):
        config = tell_config(arrays, config)
    if size is not None:
        if not SIZES[0] <= size <= SIZES[1]:
            raise UsageError(f"--size {size} is out of range", f"use {SIZES[0]} to {SIZES[1]}")
        config = replace(config, size=size)
    weights = Weights(arrays)
    picture = op.parameter([1, 3, config.size, config.size], np.float32, name="input.1")
    picture.output(0).tensor.set_names({"input.1"})
    pyramid = _pyramid(weights, config.backbone(weights, *_normalised(picture, config)), config.width)
    proto = _prototypes(weights, pyramid[0], config)
    loc, conf, mask = _head(weights, pyramid, config)
    outputs = (op.softmax(conf, 2), op.tanh(mask), proto, _decode(loc, config))
    weights.check(config.name)
    results = []
    for name, node in zip(OUTPUTS, outputs, strict=True):
        node.output(0).tensor.set_names({name})
        results.append(op.result(node))
    model = openvino.Model(results, [picture], config.name)
    _describe(model, config, weights.parameters)
    return model


def _describe(model: openvino.Model, config: Config, parameters: int) -> None:
    """Write what the model is into its ``rt_info``, as Model API does: names without spaces."""
    info = {
        "model_type": "YOLACT",
        "config": config.name,
        "labels": " ".join(label.replace(" ", "_") for label in config.labels),
        "confidence_threshold": config.score,
        "orig_width": config.size,
        "orig_height": config.size,
        "resize_type": "standard",
        "parameters": parameters,
    }
    for key, value in info.items():
        model.set_rt_info(str(value), ["model_info", key])


def _normalised(picture: Node, config: Config) -> tuple[Node, FloatArray]:
    """Take off the mean, before anything is padded; return the factor that RGB channels still need."""
    if any(config.mean):
        mean = np.array(config.mean[::-1], np.float32).reshape(1, 3, 1, 1)
        picture = op.subtract(picture, op.constant(mean))
    return picture, (1 / np.array(config.std)).astype(np.float32)


def _pyramid(weights: Weights, features: list[Node], width: int) -> list[Node]:
    """Return P3 to P7, [1,width,h,w] each. Layers are stored from the coarsest level down."""
    merged: list[Node] = []
    for i, feature in enumerate(reversed(features)):
        x = plain(weights, f"fpn.lat_layers.{i}", feature.shape[1], width, 1)(feature)
        merged.append(op.add(x, _resize(merged[-1], *x.shape[2:])) if merged else x)
    levels = [
        op.relu(plain(weights, f"fpn.pred_layers.{i}", width, width, 3)(x)) for i, x in enumerate(merged)
    ][::-1]
    for i in range(2):
        levels.append(plain(weights, f"fpn.downsample_layers.{i}", width, width, 3)(levels[-1], 2))
    return [_named(x, f"P{i + 3}") for i, x in enumerate(levels)]


def _prototypes(weights: Weights, x: Node, config: Config) -> Node:
    """Return the prototypes [1,M,M,K], M twice the side of P3."""
    width = config.width

    def layer(x: Node, i: int) -> Node:
        return op.relu(plain(weights, f"proto_net.{i}", width, width, 3)(x))

    for i in (0, 2, 4):
        x = layer(x, i)
    x = layer(_resize(x, 2 * x.shape[2], 2 * x.shape[3]), 8)
    x = _named(plain(weights, "proto_net.10", width, config.coefficients, 1)(x), "proto_preact")
    return op.transpose(op.relu(x), [0, 2, 3, 1])


def _head(weights: Weights, pyramid: list[Node], config: Config) -> list[Node]:
    """Return offsets [1,N,4], class logits [1,N,C+1] and raw coefficients [1,N,K] of all levels.

    Rows are ordered by level, row, column, ratio.
    """
    key = "prediction_layers.0"
    feature = plain(weights, f"{key}.upfeature.0", config.width, config.width, 3)
    columns = {"bbox": 4, "conf": len(config.labels) + 1, "mask": config.coefficients}
    layers = {
        name: plain(weights, f"{key}.{name}_layer", config.width, len(config.ratios) * count, 3)
        for name, count in columns.items()
    }
    shared = [op.relu(feature(level)) for level in pyramid]
    return [op.concat([_rows(layers[name](x), count) for x in shared], 1) for name, count in columns.items()]


def _rows(x: Node, columns: int) -> Node:
    """[1,A·columns,h,w] → [1,h·w·A,columns]."""
    return op.reshape(op.transpose(x, [0, 2, 3, 1]), [0, -1, columns], special_zero=True)


def _resize(x: Node, height: int, width: int) -> Node:
    """Bilinear to an exact size, corners not aligned."""
    return op.interpolate(
        x, [height, width], "linear_onnx", "sizes", [0, 0], [0, 0], "pytorch_half_pixel", axes=[2, 3]
    )


def _named(x: Node, name: str) -> Node:
    x.set_friendly_name(name)
    return x


# ------------------------------------------------------------------------------ priors


def level_sides(size: int) -> list[int]:
    """Side of P3 to P7 for an input side: each layer of stride 2 rounds up."""
    return [math.ceil(size / 2**level) for level in range(3, 8)]


def _prior_terms(config: Config) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return what priors are computed from, as numbers that f16 holds exactly.

    Returns:
        cells (N,2): x, y of the centre in cells; grid (N,1): cells a side;
        scale (N,1): pixels; ratio (N,2): squares of what width and height are stretched by.
    """
    cells, grid, scale, ratio = [], [], [], []
    ratios = np.array(config.ratios)
    stretch = np.stack([ratios, ratios if config.square else 1 / ratios], axis=1)
    for side, base in zip(level_sides(config.size), config.scales, strict=True):
        row, column, kind = np.indices((side, side, len(ratios))).reshape(3, -1)
        cells.append(np.stack([column, row], axis=1) + 0.5)
        grid.append(np.full((len(row), 1), side))
        scale.append(np.full((len(row), 1), base * config.size // BASE_SIZE))
        ratio.append(stretch[kind])
    terms = [np.concatenate(parts).astype(np.float32) for parts in (cells, grid, scale, ratio)]
    return terms[0], terms[1], terms[2], terms[3]


def priors(config: Config) -> FloatArray:
    """Return the priors (N, 4) f32: centre x, y, width, height relative to the picture."""
    cells, grid, scale, ratio = _prior_terms(config)
    return np.concatenate([cells / grid, scale * np.sqrt(ratio) / np.float32(config.size)], axis=1)


def _decode(loc: Node, config: Config) -> Node:
    """Offsets from the priors [1,N,4] → boxes [1,N,4].

    The offsets are in units of 0.1 prior (centre) and 0.2 (logarithm of the size), as in SSD.
    The priors are computed in the graph, on compilation: stored as they are, f16 would shift
    boxes by up to half a pixel of a 1080p frame.
    """
    cells, grid, scale, ratio = (op.constant(term[None]) for term in _prior_terms(config))
    centre = op.divide(cells, grid)
    size = op.divide(op.multiply(scale, op.sqrt(ratio)), op.constant(np.float32(config.size)))
    shift, growth = op.split(loc, 2, 2).outputs()
    centre = op.add(centre, op.multiply(op.divide(shift, op.constant(np.float32(10))), size))
    size = op.multiply(size, op.exp(op.divide(growth, op.constant(np.float32(5)))))
    corner = op.subtract(centre, op.divide(size, op.constant(np.float32(2))))
    return op.concat([corner, op.add(corner, size)], 2)


# ------------------------------------------------------------------------------- facts


@dataclass(frozen=True)
class Facts:
    """How large a model is.

    Attributes:
        parameters: trained values as :func:`build_network` found them, before batch-norm was folded;
            of other models the weights and biases stored.
        gflop: convolutions of one picture, 10⁹ operations, two for each multiply-add.
    """

    parameters: int
    gflop: float


def measure(model: openvino.Model) -> Facts:
    """Return how large a model is; its shapes must be static."""
    operations = 0
    stored: dict[str, int] = {}
    for node in model.get_ops():
        kind = node.get_type_name()
        if kind not in ("Convolution", "GroupConvolution"):
            continue
        kernel = node.input_value(1).shape[1 if kind == "Convolution" else 2 :]
        operations += 2 * math.prod(node.output(0).shape) * math.prod(kernel)
        users = [port.get_node() for port in node.output(0).get_target_inputs()]
        biases = [port for user in users if user.get_type_name() == "Add" for port in user.input_values()]
        for constant in map(_constant, [node.input_value(1), *biases]):
            if constant is not None:
                stored[constant.get_friendly_name()] = math.prod(constant.shape)
    key = ["model_info", "parameters"]
    parameters = int(model.get_rt_info(key).astype(str)) if model.has_rt_info(key) else sum(stored.values())
    return Facts(parameters, operations / 1e9)


def _constant(port: Any) -> Any:
    """Return the constant behind a port, through quantisation and decompression; None if it is computed."""
    node = port.get_node()
    while node.get_type_name() in ("Convert", "FakeQuantize", "Subtract", "Multiply", "Reshape"):
        node = node.input_value(0).get_node()
    return node if node.get_type_name() == "Constant" else None
