"""How fast an engine is when it is kept busy."""

from __future__ import annotations

import time
from collections import deque

import numpy as np

from yolact_live.errors import DeviceError
from yolact_live.infer.devices import remedy
from yolact_live.infer.engine import Engine, Slot

# No inference takes longer than this.
_WAIT_S = 120.0


def throughput(engine: Engine, seconds: float, least: int = 0) -> float:
    """Return inferences a second with every request busy.

    Args:
        engine: all of its slots must be free.
        seconds: how long to measure, at least; each request runs twice or more.
        least: count so many inferences, however long that takes.

    Raises:
        DeviceError: the device failed or does not answer.
    """
    picture = np.random.default_rng(0).integers(0, 256, (*engine.contract.input_size, 3), np.uint8)
    running: deque[Slot] = deque()
    while (slot := engine.acquire(0.0)) is not None:
        slot.start(picture)
        running.append(slot)
    began, done = time.perf_counter(), 0
    while done < max(least, 2 * len(running)) or time.perf_counter() - began < seconds:
        slot = running.popleft()
        _wait(slot)
        done += 1
        slot.start(picture)
        running.append(slot)
    rate = done / (time.perf_counter() - began)
    for slot in running:
        _wait(slot)
        slot.release()
    return rate


def _wait(slot: Slot) -> None:
    if not slot.wait(_WAIT_S):
        device = slot.engine.device
        raise DeviceError(f"{device} does not answer", remedy(device))
