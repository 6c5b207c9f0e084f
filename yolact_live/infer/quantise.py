"""Post-training quantisation to INT8."""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from yolact_live.errors import ModelError
from yolact_live.infer.contract import Contract, read_contract
from yolact_live.types import ByteArray, FloatArray

if TYPE_CHECKING:
    import openvino


def quantise(model: openvino.Model, pictures: Sequence[ByteArray], thorough: bool = False) -> openvino.Model:
    """Return a model in INT8.

    What follows the last convolutions stays as exact as it was, and so do the last convolutions
    of boxes, coefficients and prototypes: on the built-in network the error of masks is a twelfth
    smaller for it. That of the classes is INT8: with 80 of them it is more than twice as large as the
    others together. Leaving more of the protonet or of the head as it was did not help, the rest
    of the error comes from the backbone.

    Args:
        model: a YOLACT, not quantised.
        pictures: (H, W, 3) u8 BGR, for NNCF to see what values occur; 100 to 300 are enough.
        thorough: correct biases layer by layer instead of all at once. That takes many times as
            long, and makes the error of scores smaller by another fifth.

    Raises:
        ModelError: NNCF is not installed, or the model is no YOLACT.
    """
    nncf = import_nncf()
    contract = read_contract(model)
    with contextlib.redirect_stdout(sys.stderr):  # its progress bars are no result
        quantised: openvino.Model = nncf.quantize(
            model,
            nncf.Dataset(pictures, lambda picture: _blob(picture, contract)),
            preset=nncf.QuantizationPreset.MIXED,
            subset_size=len(pictures),
            fast_bias_correction=not thorough,
            ignored_scope=nncf.IgnoredScope(names=_exact(model, contract.ports), validate=False),
        )
    return quantised


def import_nncf() -> Any:
    """Return NNCF, which nothing else needs.

    Raises:
        ModelError: it is not installed.
    """
    # It reports its use to a server without asking, unless this module is missing.
    sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
    try:
        import nncf
    except ImportError as error:
        raise ModelError(
            "INT8 needs NNCF", 'install it with `pip install "yolact-live[optimise]"`'
        ) from error
    nncf.set_log_level(logging.ERROR)
    return nncf


def _blob(picture: ByteArray, contract: Contract) -> FloatArray:
    """Return a picture as the network itself takes it: resized, (1, 3, H, W) or (1, H, W, 3) f32."""
    pixels: FloatArray = resized(picture, contract.input_size).astype(np.float32)
    if contract.rgb:
        pixels = pixels[..., ::-1]
    mean, scale = np.array(contract.mean or (0.0,)), np.array(contract.scale or (1.0,))
    pixels = ((pixels - mean) / scale).astype(np.float32)
    return np.ascontiguousarray((pixels if contract.channels_last else pixels.transpose(2, 0, 1))[None])


def resized(picture: ByteArray, size: tuple[int, int]) -> ByteArray:
    """Return a picture at a model's input size (height, width), as the engine resizes it."""
    return np.asarray(cv2.resize(picture, size[::-1]), np.uint8)


def _exact(model: openvino.Model, ports: dict[str, int]) -> list[str]:
    """Return the names of the operations that are not to be quantised, see :func:`quantise`."""
    names: set[str] = set()
    for output, port in ports.items():
        left, seen = [model.results[port].input_value(0).get_node()], set()
        while left:
            node = left.pop()
            name, last = node.get_friendly_name(), node.get_type_name() == "Convolution"
            if name not in seen:
                seen.add(name)
                left += [] if last else [value.get_node() for value in node.input_values()]
                if not (last and output == "conf"):
                    names.add(name)
    return sorted(names)
