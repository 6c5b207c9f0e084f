"""The graph: feature pyramid, prototypes, head and boxes on a backbone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import openvino
from openvino import opset13 as op

from yolact_live.errors import UsageError
from yolact_live.infer.contract import OUTPUTS
from yolact_live.infer.network.config import Config, tell_config
from yolact_live.infer.network.priors import decode
from yolact_live.infer.network.weights import Arrays, Node, Weights, named, plain
from yolact_live.types import FloatArray

SIZES = (64, 2048)
"""Smallest and largest input side: the coarsest level must exist, priors must be exact in f16."""


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
    outputs = (op.softmax(conf, 2), op.tanh(mask), proto, decode(loc, config))
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
    return [named(x, f"P{i + 3}") for i, x in enumerate(levels)]


def _prototypes(weights: Weights, x: Node, config: Config) -> Node:
    """Return the prototypes [1,M,M,K], M twice the side of P3."""
    width = config.width

    def layer(x: Node, i: int) -> Node:
        return op.relu(plain(weights, f"proto_net.{i}", width, width, 3)(x))

    for i in (0, 2, 4):
        x = layer(x, i)
    x = layer(_resize(x, 2 * x.shape[2], 2 * x.shape[3]), 8)
    x = named(plain(weights, "proto_net.10", width, config.coefficients, 1)(x), "proto_preact")
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
