"""How large a network is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import openvino


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
