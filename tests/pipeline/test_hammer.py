"""Stop and swap from whatever state, over sources that behave badly; nothing may be left behind.

The long forms run with ``python -m pytest -m soak -s``.
"""

from __future__ import annotations

import gc
import random
import sys
import threading
import time
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import openvino
import psutil
import pytest

from tests.clips import picture, write_clip
from tests.infer import synthetic
from tests.models import build_model, write_model
from tests.pipeline.test_pipeline import until
from yolact_live.assets import asset
from yolact_live.capture.live import LiveSource
from yolact_live.errors import SourceError
from yolact_live.infer import build_network
from yolact_live.infer.engine import Slot
from yolact_live.pipeline import reader
from yolact_live.pipeline.pipeline import Pipeline, State
from yolact_live.pipeline.recording import Recording
from yolact_live.pipeline.writers import Outputs
from yolact_live.settings import Settings

OPEN_SOURCE = reader.open_source
STUCK_S = 10.0
"""A stop that takes so long hangs. The long form prints the longest."""


class Camera:
    """Stalls, hurries, dawdles, changes its size, and dies."""

    rate = Fraction(30)
    coding = "test"

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._count = 0
        self._pause_s = 0.01
        self._size = (96, 128)
        time.sleep(dice.choice((0, 0, 0, 0.3)))

    def grab(self) -> np.ndarray:
        roll, self._count = self._dice.random(), self._count + 1
        if roll < 0.02:
            raise SourceError("the camera was unplugged", "connect it again")
        if roll < 0.04:
            time.sleep(self._dice.uniform(0.1, 0.4))
        elif roll < 0.10:
            self._pause_s = self._dice.choice((0.001, 0.02, 0.08))
        elif roll < 0.14:
            self._size = self._dice.choice(((96, 128), (64, 200), (180, 120)))
        time.sleep(self._pause_s)
        return picture(self._count, *self._size)

    def close(self) -> None:
        time.sleep(self._dice.choice((0, 0, 0, 0.1)))


class Hammer:
    """Runs pipelines, does something to them at random moments, stops them, and looks what is left."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.dice = random.Random(seed)
        self.stops_s: list[float] = []
        self.states: set[str] = set()
        self._folder = folder
        self._clips = [write_clip(folder / f"{n}.mp4", n) for n in (2, 40)]
        small, large = (build_model([(0.2, 0.2, 0.8, 0.8)], [[0.75]], "person", side=n) for n in (64, 96))
        self._models = [
            str(write_model(folder / f"{name}.xml", model)) for name, model in (("a", small), ("b", large))
        ]

    def round(self) -> None:
        """Start, disturb, stop; nothing of it may be left but what was recorded."""
        source = self.dice.choice(["0", "0", *map(str, self._clips), "no such file.mp4"])
        model = self.dice.choice([*self._models * 2, "builtin"])  # which takes a while to compile
        settings = Settings(model=model, reconnect=self.dice.choice((0, 5)))
        pipeline = Pipeline(
            source, settings, interactive=self.dice.random() < 0.7, loop=self.dice.random() < 0.5
        )
        recording = self._folder / "recording.mp4"
        recording.unlink(missing_ok=True)
        outputs = Outputs(annotated=recording)
        kept = Recording(pipeline, outputs) if self.dice.random() < 0.5 else None
        pipeline.start()
        for _ in range(self.dice.randrange(5)):
            time.sleep(self.dice.choice((0, 0.01, 0.05, 0.2)))
            self._disturb(pipeline)
        self.states.add("reconnecting" if pipeline.outage else pipeline.state.value)
        began = time.monotonic()
        pipeline.stop()
        self.stops_s.append(time.monotonic() - began)
        assert self.stops_s[-1] < STUCK_S
        assert pipeline.state in (State.STOPPED, State.FAILED)
        assert pipeline.error is None or isinstance(pipeline.error, SourceError)
        assert not list(self._folder.glob("*.part*"))
        assert kept is None or kept.error is None
        if recording.exists():
            with av.open(recording) as container:
                assert sum(1 for _ in container.decode(video=0)) > 0

    def _disturb(self, pipeline: Pipeline) -> None:
        other = replace(
            pipeline.settings,
            model=self.dice.choice([*self._models, "missing.xml"]),
            precision=self.dice.choice(("auto", "f32")),
        )
        change = self.dice.choice(
            (
                pipeline.pause,
                pipeline.resume,
                lambda: pipeline.seek(Fraction(self.dice.randrange(40), 25)),
                lambda: pipeline.update(replace(pipeline.settings, score=self.dice.random())),
                lambda: pipeline.update(other),
                pipeline.display.poll,
            )
        )
        change()


@pytest.fixture
def hammer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hammer:
    hammer = Hammer(tmp_path, seed=4)

    def open_source(text: str, cancel: threading.Event, reconnect_s: float):  # type: ignore[no-untyped-def]
        if text == "0":
            return LiveSource("camera", lambda: Camera(hammer.dice), cancel, reconnect_s)
        return OPEN_SOURCE(text, cancel, reconnect_s)

    monkeypatch.setattr(reader, "open_source", open_source)
    monkeypatch.setattr("yolact_live.capture.live.FIRST_RETRY_S", 0.1)
    return hammer


def left_over() -> tuple[int, int, int]:
    """Count threads, infer requests and open files of this process."""
    gc.collect()
    requests = sum(type(thing) is Slot for thing in gc.get_objects())
    process = psutil.Process()
    files = process.num_handles() if sys.platform == "win32" else process.num_fds()
    return threading.active_count(), requests, files


def pound(hammer: Hammer, rounds: int) -> None:
    for _ in range(5 + rounds // 4):  # what stays for good has come by then: thread pools, caches
        hammer.round()
    before, memory = left_over(), psutil.Process().memory_info().rss
    for _ in range(rounds):
        hammer.round()
    until(lambda: all(now <= then for now, then in zip(left_over(), before, strict=True)))
    grown = psutil.Process().memory_info().rss - memory
    assert grown < 60e6, f"{grown / 1e6:.0f} MB more"
    print(f"{rounds} stops, the longest {max(hammer.stops_s):.2f} s, {grown / 1e6:+.0f} MB, {hammer.states}")


def test_stop_and_swap_from_any_state_leave_nothing(hammer: Hammer) -> None:
    pound(hammer, 20)


@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_two_hundred_stops_and_swaps_leave_nothing(hammer: Hammer) -> None:
    pound(hammer, 200)
    assert hammer.states >= {"opening", "running", "paused", "ended", "reconnecting", "failed"}


@pytest.mark.soak
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("model", ["builtin", "resnet50"])
def test_memory_is_flat_over_ten_minutes_at_full_speed(model: str, tmp_path: Path) -> None:
    if model == "resnet50":
        shapes = synthetic.resnet_shapes() | synthetic.head_shapes((512, 1024, 2048))
        network = build_network(synthetic.random(shapes))
        openvino.save_model(network, tmp_path / "resnet50.xml")
        model = str(tmp_path / "resnet50.xml")
        del network, shapes
    pipeline = Pipeline(str(asset("demo.mp4")), Settings(model=model), loop=True)
    pipeline.start()
    samples = []
    try:
        until(lambda: pipeline.metrics.snapshot().frames > 3)
        for second in range(600):
            time.sleep(1)
            assert pipeline.error is None
            samples.append(psutil.Process().memory_info().rss)
            if second % 60 == 0:
                print(
                    f"{second:4} s  {samples[-1] / 1e6:.1f} MB  {pipeline.metrics.snapshot().frames} frames"
                )
    finally:
        pipeline.stop()
    steady = samples[60:]  # the first minute fills what is kept for reuse
    slope, _ = np.polyfit(np.arange(len(steady)), steady, 1)
    drift = slope * len(steady) / np.median(steady)
    print(f"drift {drift:+.2%}, largest {max(samples) / 1e6:.0f} MB")
    assert drift < 0.01
    assert max(samples) < 600e6
