"""The ring of infer requests."""

from __future__ import annotations

import gc
import locale
import threading
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from tests.models import build_model, write_model
from yolact_live.errors import DeviceError
from yolact_live.infer.engine import Engine, Slot
from yolact_live.settings import Settings

PICTURE = np.full((90, 160, 3), 90, np.uint8)


def hint_of(engine: Engine) -> str:
    assert engine._compiled is not None
    return str(engine._compiled.get_property("PERFORMANCE_HINT"))


def test_a_file_keeps_every_request_busy() -> None:
    with Engine(Settings()) as engine:
        assert hint_of(engine) == "THROUGHPUT"
        slots = []
        while (slot := engine.acquire(0)) is not None:
            slot.start(PICTURE)
            slots.append(slot)
        assert engine._compiled is not None
        assert len(slots) > engine._compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS")
        assert all(slot.wait(30) for slot in slots)


def test_a_live_frame_is_not_taken_before_the_device_is_free() -> None:
    with Engine(Settings(threads=1), live=True) as engine:
        assert hint_of(engine) == "LATENCY"
        first = engine.acquire(0)
        assert first is not None
        first.start(PICTURE)
        assert engine.acquire(0) is None, "behind the first one it would wait"
        assert first.wait(30)
        second = engine.acquire(0)
        assert second is not None, "another request, while the outputs of the first are read"
        assert second is not first
        second.start(PICTURE)
        second.wait(30)


def test_outputs_of_one_request_stay_while_another_runs() -> None:
    with Engine(Settings()) as engine:
        first, second = engine.acquire(0), engine.acquire(0)
        assert first is not None
        assert second is not None
        first.start(PICTURE)
        first.wait(30)
        before = first.outputs.conf.copy()
        second.start(np.random.default_rng(0).integers(0, 256, PICTURE.shape, np.uint8))
        second.wait(30)
        np.testing.assert_array_equal(first.outputs.conf, before)
        assert (second.outputs.conf != before).any()


@pytest.mark.parametrize(
    ("option", "key"), [("threads", "INFERENCE_NUM_THREADS"), ("streams", "NUM_STREAMS")]
)
def test_threads_and_streams_are_what_the_settings_say(option: str, key: str) -> None:
    with Engine(Settings(device="CPU", **{option: 1})) as engine:
        assert engine._compiled is not None
        assert engine._compiled.get_property(key) == 1


def test_close_while_inferences_run_leaves_no_request() -> None:
    threads = threading.active_count()
    engine = Engine(Settings())
    while (slot := engine.acquire(0)) is not None:
        slot.start(PICTURE)
    engine.close()
    engine.close()
    assert engine.acquire(0) is None
    del engine
    gc.collect()
    assert not [thing for thing in gc.get_objects() if type(thing) is Slot]
    assert threading.active_count() == threads


def test_what_runs_can_be_cancelled() -> None:
    with Engine(Settings()) as engine:
        slot = engine.acquire(1)
        assert slot is not None
        slot.start(PICTURE)
        assert slot.wait(60)

        def cancelled() -> bool:
            slot.start(PICTURE)
            engine.cancel()
            try:
                return not slot.wait(60)
            except DeviceError as error:
                return "cancel" in str(error)

        assert any(cancelled() for _ in range(20)), "it may be done before it is cancelled, but not always"
        slot.start(PICTURE)
        assert slot.wait(60), "and the request is as good as new"


def test_engines_made_at_once_leave_the_locale_alone(tmp_path: Path) -> None:
    before = locale.setlocale(locale.LC_ALL)
    models = [
        write_model(tmp_path / f"{side}.xml", build_model([(0.2, 0.2, 0.8, 0.8)], [[0.75]], side=side))
        for side in (64, 96, 128)
    ]

    def make(model: Path) -> None:
        for _ in range(30):
            Engine(Settings(model=str(model))).close()

    threads = [threading.Thread(target=make, args=(model,)) for model in models]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert locale.setlocale(locale.LC_ALL) == before


def test_asking_what_runs_takes_no_memory() -> None:
    with Engine(Settings()) as engine:
        tracemalloc.start(1)
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(1000):
            assert engine.device
            assert engine.precision
        after, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert after - before < 100_000
