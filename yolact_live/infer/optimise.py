"""INT8: quantisation on a user's own pictures, and what it gains and costs on this computer."""

from __future__ import annotations

import contextlib
import logging
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from yolact_live.errors import ModelError, UsageError
from yolact_live.infer.agreement import Agreement, compare
from yolact_live.infer.contract import Contract, load, read_contract
from yolact_live.infer.engine import Engine
from yolact_live.infer.segmenter import Segmenter
from yolact_live.infer.store import Installed, Store
from yolact_live.infer.throughput import throughput
from yolact_live.settings import Settings
from yolact_live.types import ByteArray, FloatArray

if TYPE_CHECKING:
    import openvino

SUFFIX = "-int8"
HELD_OUT = 5
"""One frame in so many is not used to calibrate, but to compare."""
FEWEST = 10
"""Frames without which there is nothing to calibrate with."""
_ROUNDS, _ROUND_S = 3, 2.0


@dataclass(frozen=True)
class Report:
    """What quantisation gains and costs.

    Attributes:
        size, int8_size: bytes of the original and of the INT8 model.
        fps: inferences a second of the original by arithmetic: ``"f32"``, and what
            ``--precision auto`` uses, for example ``"bf16"``.
        int8_fps: the same of the INT8 model, in the arithmetic ``int8_precision``.
        pictures: how many frames were compared; none of them was used to calibrate.
        agreement: of the INT8 model with the original in f32, on these.
    """

    size: int
    int8_size: int
    fps: dict[str, float]
    int8_fps: float
    int8_precision: str
    pictures: int
    agreement: Agreement


def optimise(
    store: Store,
    name: str,
    frames: Iterable[ByteArray],
    origin: str,
    accept: Callable[[Report], bool],
    overwrite: bool = False,
) -> Installed | None:
    """Quantise an installed model to INT8 and, if that is accepted, install it as ``<name>-int8``.

    Args:
        store: where it is installed.
        name: the model.
        frames: (H, W, 3) u8 BGR pictures like those that it will see, a hundred or more. One in
            :data:`HELD_OUT` is kept to compare the two models.
        origin: what the frames are of, in words.
        accept: decides on the report.
        overwrite: an installed ``<name>-int8`` is replaced.

    Returns:
        The new model; None if it was not accepted.

    Raises:
        UsageError: unknown model, INT8 already, the new name is taken, or too few frames.
        ModelError: not installed, damaged, or NNCF is not installed.
    """
    import openvino

    found = store.get(name)
    model = load(found.path)
    if any(op.get_type_name() == "FakeQuantize" for op in model.get_ops()):
        raise UsageError(f"{name} is INT8 already", "choose another model")
    card = replace(
        found.card, name=name + SUFFIX, title=f"{found.title}, INT8", mask_ap=None, box_ap=None, measured=""
    )
    store.check_free(card.name, overwrite)
    _nncf()
    size = read_contract(model).input_size
    pictures = [_resized(frame, size) for frame in frames]
    if len(pictures) < FEWEST:
        raise UsageError(f"{origin} has only {len(pictures)} frames", f"give {FEWEST} or more")
    held_out = pictures[HELD_OUT - 1 :: HELD_OUT]
    del pictures[HELD_OUT - 1 :: HELD_OUT]
    quantised = quantise(model, pictures)
    with tempfile.TemporaryDirectory(prefix="yolact-live-") as folder:
        path = Path(folder, f"{card.name}.xml")
        openvino.save_model(quantised, path)
        if not accept(measure(found.path, path, held_out)):
            return None
    return store.derive(quantised, card, f"{name}, calibrated on {origin}", found.source_sha256, overwrite)


def quantise(model: openvino.Model, pictures: Sequence[ByteArray], thorough: bool = False) -> openvino.Model:
    """Return a model in INT8. The last convolutions and what follows them stay as exact as they were.

    On the built-in network this makes the error of scores a seventh smaller and costs 8 % of the
    speed. Leaving more of the protonet or of the head did not help: the rest of the error comes
    from the backbone.

    Args:
        model: a YOLACT, not quantised.
        pictures: (H, W, 3) u8 BGR, for NNCF to see what values occur; 100 to 300 are enough.
        thorough: correct biases layer by layer instead of all at once. That takes many times as
            long, and makes the error of scores smaller by another fifth.

    Raises:
        ModelError: NNCF is not installed, or the model is no YOLACT.
    """
    nncf = _nncf()
    contract = read_contract(model)
    with contextlib.redirect_stdout(sys.stderr):  # its progress bars are no result
        quantised: openvino.Model = nncf.quantize(
            model,
            nncf.Dataset(pictures, lambda picture: _blob(picture, contract)),
            preset=nncf.QuantizationPreset.MIXED,
            subset_size=len(pictures),
            fast_bias_correction=not thorough,
            ignored_scope=nncf.IgnoredScope(names=_results(model), validate=False),
        )
    return quantised


def _nncf() -> Any:
    """Import NNCF, which nothing else needs."""
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
    pixels: FloatArray = _resized(picture, contract.input_size).astype(np.float32)
    if contract.rgb:
        pixels = pixels[..., ::-1]
    mean, scale = np.array(contract.mean or (0.0,)), np.array(contract.scale or (1.0,))
    pixels = ((pixels - mean) / scale).astype(np.float32)
    return np.ascontiguousarray((pixels if contract.channels_last else pixels.transpose(2, 0, 1))[None])


def _resized(picture: ByteArray, size: tuple[int, int]) -> ByteArray:
    return np.asarray(cv2.resize(picture, size[::-1]), np.uint8)


def _results(model: openvino.Model) -> list[str]:
    """Return the names of the operations from the last convolution before each output onwards."""
    names: set[str] = set()
    left = [result.input_value(0).get_node() for result in model.get_results()]
    while left:
        node = left.pop()
        if node.get_friendly_name() not in names:
            names.add(node.get_friendly_name())
            if node.get_type_name() != "Convolution":
                left += [port.get_node() for port in node.input_values()]
    return sorted(names)


def measure(original: Path, int8: Path, pictures: Sequence[ByteArray]) -> Report:
    """Compare a model with its INT8 form: run in turn, several times, on the default device.

    Args:
        original, int8: their graphs.
        pictures: (H, W, 3) u8 BGR, not used to calibrate.
    """
    with contextlib.ExitStack() as stack:

        def engine(path: Path, precision: str) -> Engine:
            settings = Settings(model=str(path), precision=precision)
            return stack.enter_context(contextlib.closing(Engine(settings)))

        originals = {one.precision: one for one in (engine(original, "f32"), engine(original, "auto"))}
        new = engine(int8, "auto")
        rates: dict[Engine, list[float]] = {one: [] for one in (*originals.values(), new)}
        for _ in range(_ROUNDS):
            for one, measured in rates.items():
                measured.append(throughput(one, _ROUND_S))
        return Report(
            _size(original),
            _size(int8),
            {precision: median(rates[one]) for precision, one in originals.items()},
            median(rates[new]),
            new.precision,
            len(pictures),
            _agreement(original, int8, pictures),
        )


def _agreement(original: Path, int8: Path, pictures: Sequence[ByteArray]) -> Agreement:
    with Segmenter(str(original), precision="f32") as first, Segmenter(str(int8)) as second:
        score, first.score, second.score = first.score, 0.0, 0.0
        return compare(((first.segment(picture), second.segment(picture)) for picture in pictures), score)


def _size(graph: Path) -> int:
    """Return the bytes of a graph and its weights."""
    return sum(file.stat().st_size for file in {graph, graph.with_suffix(".bin")})
