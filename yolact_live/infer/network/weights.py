"""The arrays of a checkpoint, made into convolutions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from openvino import opset13 as op

from yolact_live.errors import ModelError
from yolact_live.types import FloatArray

Node = Any  # a node or an output of one: OpenVINO takes either
Arrays = Mapping[str, npt.NDArray[Any]]

BATCH_NORM_EPSILON = 1e-5
LISTED = 6
"""Keys of each kind that an error message lists."""
ORIGINAL = "give weights of the original YOLACT, or name their configuration"
SURPLUS = (
    r"fpn\.downsample_layers\.([2-9]|\d\d)"  # levels that were never used
    r"|semantic_seg_conv\.|.*\.num_batches_tracked$"  # training only
    r"|backbone\.layer(?!s)"  # the backbone once more, under torchvision's names
)
"""Keys that a published checkpoint may hold although inference does not need them."""


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


def named(x: Node, name: str) -> Node:
    """Name a node, and return it."""
    x.set_friendly_name(name)
    return x
