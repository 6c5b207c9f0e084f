"""Pipeline against raw inference, in one run and one configuration, stage by stage.

Absolute figures of a busy machine mean little; the ratio of two that were measured in turn,
several times, means much.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from yolact_live.infer.detect import postprocess
from yolact_live.infer.engine import Engine, Outputs
from yolact_live.infer.throughput import throughput
from yolact_live.pipeline import writers
from yolact_live.pipeline.metrics import Snapshot
from yolact_live.pipeline.pipeline import Pipeline
from yolact_live.pipeline.recording import Recording
from yolact_live.render.compositor import draw
from yolact_live.settings import Settings
from yolact_live.track.tracker import Tracker

# Inferences and results that make a rate. They come in bunches, as many as requests run at once;
# of a slow model's ten, 10 % of the rate would be chance.
_LEAST = 30
# Network sizes of the published YOLACT at 550 pixels.
_PRIORS, _CLASSES, _SIDE, _COEFFICIENTS = 19248, 80, 138, 32


@dataclass(frozen=True)
class Report:
    """What ``bench --json`` writes; rates are medians over the rounds.

    Attributes:
        raw_fps: inferences a second with nothing else going on.
        pipeline_fps: results a second of the whole pipeline, annotated, not recorded.
        recording_fps: the same while the result is encoded.
        ratio, recording_ratio: these divided by ``raw_fps``, median of each round's ratio.
        stages: stage → percentiles in milliseconds, while recording.
    """

    model: str
    device: str
    precision: str
    source: str
    size: tuple[int, int]
    rounds: int
    raw_fps: float
    pipeline_fps: float
    recording_fps: float
    ratio: float
    recording_ratio: float
    stages: dict[str, dict[str, float]]

    def as_json(self) -> dict[str, Any]:
        """Return it with rates rounded."""
        values = asdict(self)
        return {key: round(value, 3) if isinstance(value, float) else value for key, value in values.items()}


def benchmark(
    source: str, settings: Settings, rounds: int, seconds: float, progress: Callable[[str], None]
) -> Report:
    """Measure raw inference, the pipeline, and the pipeline while recording, in turn.

    Args:
        source: a file; it is played again as often as needed.
        settings: model, device, precision, threads and look.
        rounds: how often each of the three is measured.
        seconds: how long each measurement lasts, at least; a slow model's lasts longer.
        progress: told what is being measured.
    """
    raw, plain, recorded = [], [], []
    size, last = (0, 0), None
    for number in range(1, rounds + 1):
        progress(f"round {number} of {rounds}: raw inference")
        rate, name, device, precision = _raw_fps(settings, seconds)
        raw.append(rate)
        progress(f"round {number} of {rounds}: pipeline")
        plain.append(_pipeline(source, settings, seconds, record=False)[0].mean_fps)
        progress(f"round {number} of {rounds}: pipeline, recording")
        last, size = _pipeline(source, settings, seconds, record=True)
        recorded.append(last.mean_fps)
    assert last is not None
    return Report(
        name,
        device,
        precision,
        Path(source).name,
        size,
        rounds,
        raw_fps=median(raw),
        pipeline_fps=median(plain),
        recording_fps=median(recorded),
        ratio=median(p / r for p, r in zip(plain, raw, strict=True)),
        recording_ratio=median(p / r for p, r in zip(recorded, raw, strict=True)),
        stages=last.stages,
    )


def _raw_fps(settings: Settings, seconds: float) -> tuple[float, str, str, str]:
    """Return inferences a second with every request busy, and what ran: model, device, precision."""
    with Engine(settings) as engine:
        return throughput(engine, seconds, _LEAST), engine.name, engine.device, engine.precision


def _pipeline(
    source: str, settings: Settings, seconds: float, record: bool
) -> tuple[Snapshot, tuple[int, int]]:
    """Run the pipeline for so long, a short file several times; return its metrics and frame size."""
    with tempfile.TemporaryDirectory() as folder:
        pipeline = Pipeline(source, settings, loop=True)
        if record:
            Recording(pipeline, writers.Outputs(Path(folder) / "record.mp4"))
        pipeline.start()
        while pipeline.metrics.snapshot().frames == 0 and not pipeline.join(0.01):
            pass
        pipeline.join(seconds)
        while pipeline.metrics.snapshot().frames < _LEAST and not pipeline.join(0.01):
            pass
        snapshot = pipeline.metrics.snapshot()
        pipeline.stop()
        if pipeline.error:
            raise pipeline.error
        assert pipeline.info is not None
        return snapshot, pipeline.info.size


@dataclass(frozen=True)
class KernelTimes:
    """Milliseconds of the parts that are ours, for one scene; one thread."""

    objects: int
    height: int
    width: int
    postprocess_ms: float
    track_ms: float
    composite_ms: float


def kernel_times(repeats: int = 15) -> Iterator[KernelTimes]:
    """Time post-processing, tracking and compositing on scenes of 0 to 100 objects, 480 to 2160 lines.

    Post-processing is threshold, NMS and mask assembly; tracking is with low steadiness;
    compositing is all the drawing.
    """
    for height, width in ((480, 854), (720, 1280), (1080, 1920), (2160, 3840)):
        picture = np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8)
        for objects in (0, 1, 10, 30, 100):
            outputs = synthetic_outputs(objects)
            find, assemble, follow, paint = [], [], [], []
            tracker = Tracker(steady="low")
            for frame in range(repeats):
                began = time.perf_counter()
                instances = postprocess(
                    outputs.conf, outputs.boxes, outputs.mask, outputs.proto, (width, height), score=0.35
                )
                found = time.perf_counter()
                instances.label_map(height, width)
                assembled = time.perf_counter()
                shown = tracker.update(instances, Fraction(frame, 30), picture)
                followed = time.perf_counter()
                draw(picture, instances)
                find.append(found - began)
                assemble.append(assembled - found)
                follow.append(followed - assembled)
                paint.append(time.perf_counter() - followed)
            assert len(instances) == len(shown) == objects
            masks = median(assemble)
            # draw() assembles the masks once more
            yield KernelTimes(
                objects,
                height,
                width,
                postprocess_ms=(median(find) + masks) * 1e3,
                track_ms=median(follow) * 1e3,
                composite_ms=(median(paint) - masks) * 1e3,
            )


def synthetic_outputs(objects: int, seed: int = 0) -> Outputs:
    """Return what a network of the published size might say of a frame with so many round objects.

    Each is found by ten neighbouring priors. One object's box covers a tenth of the frame;
    many stand in a grid and cover a quarter to a half.
    """
    random = np.random.default_rng(seed)
    conf = np.zeros((_PRIORS, _CLASSES + 1), np.float32)
    conf[:, 0] = 1
    mask = np.zeros((_PRIORS, _COEFFICIENTS), np.float32)
    boxes = np.tile(np.array([0.4, 0.4, 0.6, 0.6], np.float32), (_PRIORS, 1))
    proto = np.zeros((_SIDE, _SIDE, _COEFFICIENTS), np.float32)
    proto[:, :, -1] = 1
    ys, xs = (np.mgrid[0:_SIDE, 0:_SIDE] + 0.5) / _SIDE
    columns = int(np.ceil(np.sqrt(max(objects, 1))))
    side = min(np.sqrt(0.1), 0.7 / columns)
    for i in range(objects):
        centre = (np.array([i % columns, i // columns]) + 0.5) / columns
        channel = i % (_COEFFICIENTS - 1)
        disc = np.maximum(0, 2 - np.hypot(xs - centre[0], ys - centre[1]) / (side / 2)) * 20
        proto[:, :, channel] = np.maximum(proto[:, :, channel], disc)
        rows = np.arange(10) + i * 10
        conf[rows, 1 + i % _CLASSES] = score = random.uniform(0.4, 0.9, 10)
        conf[rows, 0] = 1 - score
        mask[rows, channel], mask[rows, -1] = 1, -20
        boxes[rows, :2] = centre - side / 2 + random.normal(0, 0.01 * side, (10, 2))
        boxes[rows, 2:] = centre + side / 2 + random.normal(0, 0.01 * side, (10, 2))
    return Outputs(conf, mask, proto, boxes)
