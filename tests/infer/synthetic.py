"""Weights of any YOLACT by their published keys, and a plain numpy YOLACT to compare with.

The reference is written from the paper's and the published model's description, layer by
layer: RGB input, batch-norm not folded, one image, loops where loops are clear.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np

Shapes = dict[str, tuple[int, ...]]
Arrays = dict[str, np.ndarray]


# ---------------------------------------------------------------------------------- weights


def _norm(key: str, channels: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    for part in ("weight", "bias", "running_mean", "running_var"):
        yield f"{key}.{part}", (channels,)
    yield f"{key}.num_batches_tracked", ()


def resnet_shapes(blocks: Sequence[int] = (3, 4, 6, 3), stem: int = 64) -> Shapes:
    shapes: Shapes = {"backbone.conv1.weight": (stem, 3, 7, 7), **dict(_norm("backbone.bn1", stem))}
    inputs = stem
    for stage, count in enumerate(blocks):
        planes = stem * 2**stage
        for block in range(count):
            key = f"backbone.layers.{stage}.{block}"
            sizes = [(planes, inputs, 1, 1), (planes, planes, 3, 3), (4 * planes, planes, 1, 1)]
            for i, size in enumerate(sizes, 1):
                shapes |= {f"{key}.conv{i}.weight": size, **dict(_norm(f"{key}.bn{i}", size[0]))}
            if block == 0:
                shapes[f"{key}.downsample.0.weight"] = (4 * planes, inputs, 1, 1)
                shapes |= dict(_norm(f"{key}.downsample.1", 4 * planes))
            inputs = 4 * planes
    return shapes


def darknet_shapes(blocks: Sequence[int] = (1, 2, 8, 8, 4), stem: int = 32) -> Shapes:
    shapes: Shapes = {}

    def layer(key: str, inputs: int, outputs: int, kernel: int) -> None:
        shapes[f"{key}.0.weight"] = (outputs, inputs, kernel, kernel)
        shapes.update(_norm(f"{key}.1", outputs))

    layer("backbone._preconv", 3, stem, 3)
    for group, count in enumerate(blocks):
        channels = stem * 2 ** (group + 1)
        layer(f"backbone.layers.{group}.0", channels // 2, channels, 3)
        for block in range(1, count + 1):
            layer(f"backbone.layers.{group}.{block}.conv1", channels, channels // 2, 1)
            layer(f"backbone.layers.{group}.{block}.conv2", channels // 2, channels, 3)
    return shapes


def head_shapes(
    features: Sequence[int], width: int = 256, classes: int = 80, coefficients: int = 32, anchors: int = 3
) -> Shapes:
    """Everything but the backbone, whose ``features`` C3, C4, C5 have these channels."""
    shapes: Shapes = {}

    def conv(key: str, inputs: int, outputs: int, kernel: int) -> None:
        shapes[f"{key}.weight"] = (outputs, inputs, kernel, kernel)
        shapes[f"{key}.bias"] = (outputs,)

    for i in (0, 2, 4, 8):
        conv(f"proto_net.{i}", width, width, 3)
    conv("proto_net.10", width, coefficients, 1)
    for i in range(3):
        conv(f"fpn.lat_layers.{i}", features[2 - i], width, 1)
        conv(f"fpn.pred_layers.{i}", width, width, 3)
    for i in range(2):
        conv(f"fpn.downsample_layers.{i}", width, width, 3)
    conv("prediction_layers.0.upfeature.0", width, width, 3)
    for name, columns in (("bbox", 4), ("conf", classes + 1), ("mask", coefficients)):
        conv(f"prediction_layers.0.{name}_layer", width, anchors * columns, 3)
    conv("semantic_seg_conv", width, classes, 1)
    return shapes


def zeros(shapes: Shapes) -> Arrays:
    return {key: np.zeros(shape, np.float32) for key, shape in shapes.items()}


def random(shapes: Shapes, seed: int = 0) -> Arrays:
    """Weights that keep the size of activations, so that every layer matters in the outputs."""
    rng = np.random.default_rng(seed)
    arrays: Arrays = {}
    for key, shape in shapes.items():
        if len(shape) == 4:
            array = rng.standard_normal(shape) * np.sqrt(2 / np.prod(shape[1:]))
        elif key.endswith("running_var"):
            array = rng.uniform(0.5, 2, shape)
        elif "bn" in key and key.endswith(".weight"):
            array = rng.uniform(0.6, 1.2, shape)
        else:
            array = rng.uniform(-0.3, 0.3, shape)
        arrays[key] = np.asarray(array, np.float32)
    return arrays


# -------------------------------------------------------------------------------- reference


def _conv(x: np.ndarray, weight: np.ndarray, stride: int = 1) -> np.ndarray:
    kernel = weight.shape[2]
    pad = kernel // 2
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (kernel, kernel), (1, 2))[
        :, ::stride, ::stride
    ]
    return np.einsum("ocij,chwij->ohw", weight.astype(np.float64), windows, optimize=True)


def _resize(x: np.ndarray, height: int, width: int) -> np.ndarray:
    """cv2's linear resize: half-pixel centres, no smoothing."""
    return np.stack([cv2.resize(plane, (width, height), interpolation=cv2.INTER_LINEAR) for plane in x])


class Reference:
    """A forward pass, f64. ``forward`` returns conf, mask, proto, boxes without the batch axis."""

    def __init__(self, arrays: Arrays) -> None:
        self.w = arrays

    def plain(self, x: np.ndarray, key: str, stride: int = 1) -> np.ndarray:
        return _conv(x, self.w[f"{key}.weight"], stride) + self.w[f"{key}.bias"][:, None, None]

    def normed(self, x: np.ndarray, conv: str, norm: str, stride: int = 1) -> np.ndarray:
        x = _conv(x, self.w[f"{conv}.weight"], stride)
        weight, bias, mean, var = (
            self.w[f"{norm}.{part}"].astype(np.float64)[:, None, None]
            for part in ("weight", "bias", "running_mean", "running_var")
        )
        return (x - mean) / np.sqrt(var + 1e-5) * weight + bias

    def resnet(self, x: np.ndarray, blocks: Sequence[int]) -> list[np.ndarray]:
        x = np.maximum(self.normed(x, "backbone.conv1", "backbone.bn1", 2), 0)
        padded = np.pad(x, ((0, 0), (1, 1), (1, 1)), constant_values=-np.inf)
        x = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), (1, 2))[:, ::2, ::2].max((3, 4))
        stages = []
        for stage, count in enumerate(blocks):
            for block in range(count):
                key = f"backbone.layers.{stage}.{block}"
                stride = 2 if block == 0 and stage > 0 else 1
                y = np.maximum(self.normed(x, f"{key}.conv1", f"{key}.bn1"), 0)
                y = np.maximum(self.normed(y, f"{key}.conv2", f"{key}.bn2", stride), 0)
                y = self.normed(y, f"{key}.conv3", f"{key}.bn3")
                if block == 0:
                    x = self.normed(x, f"{key}.downsample.0", f"{key}.downsample.1", stride)
                x = np.maximum(x + y, 0)
            stages.append(x)
        return stages[1:]

    def darknet(self, x: np.ndarray, blocks: Sequence[int]) -> list[np.ndarray]:
        def layer(x: np.ndarray, key: str, stride: int = 1) -> np.ndarray:
            x = self.normed(x, f"{key}.0", f"{key}.1", stride)
            return np.where(x > 0, x, 0.1 * x)

        x = layer(x, "backbone._preconv")
        groups = []
        for group, count in enumerate(blocks):
            x = layer(x, f"backbone.layers.{group}.0", 2)
            for block in range(1, count + 1):
                key = f"backbone.layers.{group}.{block}"
                x = x + layer(layer(x, f"{key}.conv1"), f"{key}.conv2")
            groups.append(x)
        return groups[2:]

    def heads(
        self, features: list[np.ndarray], size: int, scales: Sequence[int], square: bool
    ) -> dict[str, np.ndarray]:
        c3, c4, c5 = features
        x5 = self.plain(c5, "fpn.lat_layers.0")
        x4 = self.plain(c4, "fpn.lat_layers.1") + _resize(x5, *c4.shape[1:])
        x3 = self.plain(c3, "fpn.lat_layers.2") + _resize(x4, *c3.shape[1:])
        p5, p4, p3 = (
            np.maximum(self.plain(x, f"fpn.pred_layers.{i}"), 0) for i, x in enumerate((x5, x4, x3))
        )
        p6 = self.plain(p5, "fpn.downsample_layers.0", 2)
        p7 = self.plain(p6, "fpn.downsample_layers.1", 2)
        proto = p3
        for i in (0, 2, 4):
            proto = np.maximum(self.plain(proto, f"proto_net.{i}"), 0)
        proto = _resize(proto, 2 * proto.shape[1], 2 * proto.shape[2])
        proto = np.maximum(self.plain(proto, "proto_net.8"), 0)
        proto = np.maximum(self.plain(proto, "proto_net.10"), 0).transpose(1, 2, 0)
        conf, mask, boxes = [], [], []
        for level, scale in zip((p3, p4, p5, p6, p7), scales, strict=True):
            shared = np.maximum(self.plain(level, "prediction_layers.0.upfeature.0"), 0)
            loc, scores, coefficients = (
                self.plain(shared, f"prediction_layers.0.{name}_layer") for name in ("bbox", "conf", "mask")
            )
            side = level.shape[1]
            for row in range(side):
                for column in range(side):
                    for a, ratio in enumerate((1, 0.5, 2)):
                        w = scale * np.sqrt(ratio) / size
                        h = w if square else scale / np.sqrt(ratio) / size
                        dx, dy, dw, dh = loc[a * 4 : a * 4 + 4, row, column]
                        x = (column + 0.5) / side + dx * 0.1 * w
                        y = (row + 0.5) / side + dy * 0.1 * h
                        w, h = w * np.exp(0.2 * dw), h * np.exp(0.2 * dh)
                        boxes.append([x - w / 2, y - h / 2, x + w / 2, y + h / 2])
                        count = len(scores) // 3
                        logits = scores[a * count : (a + 1) * count, row, column]
                        conf.append(np.exp(logits) / np.exp(logits).sum())
                        count = len(coefficients) // 3
                        mask.append(np.tanh(coefficients[a * count : (a + 1) * count, row, column]))
        return {"conf": np.array(conf), "mask": np.array(mask), "proto": proto, "boxes": np.array(boxes)}
