"""Backbones: what a picture looks like at strides of 8, 16 and 32."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np
from openvino import opset13 as op

from yolact_live.infer.network.weights import Node, Weights, named, normed
from yolact_live.types import FloatArray

Backbone = Callable[[Weights, Node, FloatArray], list[Node]]
"""Takes weights, BGR picture with the mean taken off, and the factor (3,) that its RGB channels
still need; returns the features of stride 8, 16 and 32 (C3, C4, C5)."""

LEAK = 0.1
"""Slope of DarkNet's activation below zero."""


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
        stages.append(named(x, f"C{stage + 2}"))
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
        groups.append(named(x, f"C{group + 1}"))
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
            stages.append(named(x, f"C{len(stages) + 3}"))
    return stages


RESNET50: Backbone = partial(resnet, blocks=(3, 4, 6, 3))
RESNET101: Backbone = partial(resnet, blocks=(3, 4, 23, 3))
DARKNET53: Backbone = partial(darknet, blocks=(1, 2, 8, 8, 4))
LITE = {"lite0": (1.0, 1.0), "lite2": (1.1, 1.2)}
"""Multipliers of width and depth of the variants of EfficientNet-Lite."""
