"""Tiny models that keep YOLACT's contract, for tests that need certain detections."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openvino
from openvino import opset13 as ops

SIDE = 64
PROTO = 16
COEFFICIENTS = 8


def build_model(
    boxes: list[tuple[float, float, float, float]],
    scores: list[list[float]],
    labels: str | None = None,
    names: tuple[str, ...] | None = ("conf", "mask", "proto", "boxes"),
    batch: int = 1,
    side: int = SIDE,
) -> openvino.Model:
    """Return a model that always finds the same boxes, each filled by its mask.

    Args:
        boxes: relative x1, y1, x2, y2.
        scores: for each box one score a class.
        labels: class names for ``rt_info``, separated by spaces.
        names: names of the outputs, in the order conf, mask, proto, boxes; None = nameless.
        batch: of the input; −1 = dynamic.
        side: of the input, pixels.
    """
    image = ops.parameter([batch, 3, side, side], np.float32, name="input.1")
    image.output(0).get_tensor().set_names({"input.1"})
    nothing = ops.multiply(ops.reduce_mean(image, np.array([1, 2, 3]), keep_dims=True), np.float32(0))
    row = ops.squeeze(nothing, np.array([3]))
    classes = np.array(scores, np.float32)
    conf = np.concatenate([1 - classes.sum(1, keepdims=True), classes], 1)[None]
    mask = np.zeros((1, len(boxes), COEFFICIENTS), np.float32)
    mask[..., 0] = 1
    proto = np.full((1, PROTO, PROTO, COEFFICIENTS), 9, np.float32)
    values = [(conf, row), (mask, row), (proto, nothing), (np.array(boxes, np.float32)[None], row)]
    outputs = [ops.add(ops.constant(value), zero) for value, zero in values]
    for output, name in zip(outputs, names or (), strict=False):
        output.output(0).get_tensor().set_names({name})
    model = openvino.Model([ops.result(output) for output in outputs], [image], "tiny")
    if labels is not None:
        model.set_rt_info(labels, ["model_info", "labels"])
    return model


def write_model(path: Path, model: openvino.Model | None = None) -> Path:
    """Save a model, by default one that always finds one person in the middle."""
    openvino.save_model(model or build_model([(0.25, 0.25, 0.75, 0.75)], [[0.75]], "person"), path)
    return path
