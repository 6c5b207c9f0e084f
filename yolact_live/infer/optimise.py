"""INT8 on a user's own pictures: what it gains and costs on this computer, and whether to keep it."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from yolact_live.errors import UsageError
from yolact_live.infer.agreement import Agreement, compare
from yolact_live.infer.contract import load, read_contract
from yolact_live.infer.engine import Engine
from yolact_live.infer.quantise import import_nncf, quantise, resized
from yolact_live.infer.segmenter import Segmenter
from yolact_live.infer.store import Installed, Store
from yolact_live.infer.throughput import throughput
from yolact_live.settings import Settings
from yolact_live.types import ByteArray

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
    progress: Callable[[str], None] = lambda text: None,
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
        progress: told what is being done.

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
    import_nncf()
    size = read_contract(model).input_size
    pictures = [resized(frame, size) for frame in frames]
    if len(pictures) < FEWEST:
        raise UsageError(f"{origin} has only {len(pictures)} frames", f"give {FEWEST} or more")
    held_out = pictures[HELD_OUT - 1 :: HELD_OUT]
    del pictures[HELD_OUT - 1 :: HELD_OUT]
    progress(f"calibrating on {len(pictures)} frames")
    quantised = quantise(model, pictures)
    with tempfile.TemporaryDirectory(prefix="yolact-live-") as folder:
        path = Path(folder, f"{card.name}.xml")
        openvino.save_model(quantised, path)
        if not accept(measure(found.path, path, held_out, progress)):
            return None
    return store.derive(quantised, card, f"{name}, calibrated on {origin}", found.source_sha256, overwrite)


def measure(
    original: Path, int8: Path, pictures: Sequence[ByteArray], progress: Callable[[str], None]
) -> Report:
    """Compare a model with its INT8 form: run in turn, several times, on the default device.

    Args:
        original, int8: their graphs.
        pictures: (H, W, 3) u8 BGR, not used to calibrate.
        progress: told what is being done.
    """
    with contextlib.ExitStack() as stack:

        def engine(path: Path, precision: str) -> Engine:
            settings = Settings(model=str(path), precision=precision)
            return stack.enter_context(contextlib.closing(Engine(settings)))

        originals = {one.precision: one for one in (engine(original, "f32"), engine(original, "auto"))}
        new = engine(int8, "auto")
        rates: dict[Engine, list[float]] = {one: [] for one in (*originals.values(), new)}
        for number in range(_ROUNDS):
            progress(f"measuring speed, round {number + 1} of {_ROUNDS}")
            for one, measured in rates.items():
                measured.append(throughput(one, _ROUND_S))
        fps = {precision: median(rates[one]) for precision, one in originals.items()}
        int8_fps, int8_precision = median(rates[new]), new.precision
    progress(f"comparing on {len(pictures)} other frames")
    agreement = _agreement(original, int8, pictures)
    return Report(_size(original), _size(int8), fps, int8_fps, int8_precision, len(pictures), agreement)


def _agreement(original: Path, int8: Path, pictures: Sequence[ByteArray]) -> Agreement:
    with Segmenter(str(original), precision="f32") as first, Segmenter(str(int8)) as second:
        score, first.score, second.score = first.score, 0.0, 0.0
        return compare(((first.segment(picture), second.segment(picture)) for picture in pictures), score)


def _size(graph: Path) -> int:
    """Return the bytes of a graph and its weights."""
    return sum(file.stat().st_size for file in {graph, graph.with_suffix(".bin")})
