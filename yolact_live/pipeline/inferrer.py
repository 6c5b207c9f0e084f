"""The infer thread: from frames to infer requests that run."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from yolact_live.errors import DeviceError, UsageError, YolactLiveError
from yolact_live.infer.devices import CPU
from yolact_live.pipeline.mailbox import Closed, Mailbox
from yolact_live.pipeline.metrics import Metrics
from yolact_live.pipeline.reader import Captured, Reader
from yolact_live.pipeline.samplers import Sampler
from yolact_live.settings import Settings

if TYPE_CHECKING:
    from yolact_live.infer.engine import Engine, Slot

# Frames between the infer and the post thread: a ring of requests, and those that need none.
_IN_FLIGHT = 8
# A live frame older than this is not worth showing any more.
MAX_AGE_S = 0.5
WAIT_S = 0.1


@dataclass(frozen=True)
class Job:
    """A frame on its way through the ring; without a slot it is not inferred."""

    captured: Captured
    taken_ns: int
    slot: Slot | None


class Inferrer:
    """Compiles the model, keeps its requests busy, and swaps it between two frames.

    A slot is acquired before a frame is taken, so that a live frame is as new as can be.

    Args:
        reader: where the frames come from.
        settings: returns the settings of the moment.
        stop: ends everything at once.

    Attributes:
        jobs: frames in order, each with its request.
        engine: the model in use; None until it is compiled.
        notice: why a change of the model or device did not happen and the old one goes on, or why
            the CPU does the work of another device.
    """

    def __init__(
        self, reader: Reader, settings: Callable[[], Settings], stop: threading.Event, metrics: Metrics
    ) -> None:
        self.jobs: Mailbox[Job] = Mailbox(_IN_FLIGHT)
        self.engine: Engine | None = None
        self.notice: YolactLiveError | None = None
        self._reader = reader
        self._settings = settings
        self._stop = stop
        self._metrics = metrics
        self._sampler = Sampler()
        self._next: Engine | None = None
        self._relief: tuple[Engine, Slot] | None = None

    def run(self) -> None:
        """Compile, then infer until the frames end. The body of the infer thread.

        Raises:
            UsageError, ModelError, DeviceError: as :class:`~yolact_live.infer.engine.Engine`.
        """
        engine = self.engine = self._build(self._settings())
        captured: Captured | None = None
        try:
            while True:
                engine = self._newest(engine)
                slot = engine.acquire(WAIT_S)
                if slot is None:
                    if self._stop.is_set():
                        raise Closed
                    continue
                captured = captured or self._fresh()
                if self._next is not None:  # it came while the picture stood still
                    slot.release()
                    continue
                self._start(captured, slot)
                captured = None
        except Closed:
            self.jobs.close()
        finally:
            if self._stop.is_set():
                engine.cancel()
            engine.close()

    def swap(self, settings: Settings) -> bool:
        """Build another engine, to be used from the next frame on; return whether that worked.

        If not, ``notice`` says why.
        """
        try:
            self._next = self._build(settings)
        except YolactLiveError as error:
            self.notice = error
            return False
        return True

    def finish(self, job: Job) -> Slot | None:
        """Wait for a job's result; return the slot that holds it, None if it was not inferred.

        Where a device failed, the CPU infers what was under way and takes over. Called by the
        post thread, in order. Hand the slot back with :meth:`release`.

        Raises:
            Closed: stopped.
            DeviceError: the CPU failed.
        """
        slot = job.slot
        if slot is None:
            return None
        if self._relief and self._relief[0] is not slot.engine:  # the failed ring is empty
            self._relief[1].release()
            self._relief = None
        try:
            self._wait(slot)
        except DeviceError as error:
            if self._stop.is_set():  # it was cancelled
                raise Closed from None
            slot = self._relieve(slot.engine, error)
            slot.start(job.captured.frame.image)
            self._wait(slot)
        return slot

    def release(self, slot: Slot) -> None:
        """Hand back a slot whose outputs have been read."""
        if not (self._relief and slot is self._relief[1]):
            slot.release()

    def _build(self, settings: Settings) -> Engine:
        from yolact_live.infer.engine import Engine

        engine = Engine(settings, self._reader.live)
        for classes in (settings.classes, settings.blur):
            wanted_classes(classes, engine.contract.labels)
        self.notice = engine.notice or self.notice
        return engine

    def _newest(self, engine: Engine) -> Engine:
        """Return the engine to use from now on."""
        if self._next is not None:
            engine.close()
            self.engine, self._next = self._next, None
            return self.engine
        return engine

    def _fresh(self) -> Captured:
        """Wait for a frame; live ones must be young enough."""
        while True:
            captured = self._reader.frames.get()
            age_s = (time.perf_counter_ns() - captured.frame.t_capture_ns) / 1e9
            if not self._reader.live or captured.again or age_s <= MAX_AGE_S:
                return captured
            self._metrics.drop("stale")

    def _start(self, captured: Captured, slot: Slot) -> None:
        taken_ns = time.perf_counter_ns()
        skipped = None if captured.again else self._sampler.skips(captured.frame, self._settings())
        if skipped:
            self._metrics.drop(skipped)
            slot.release()
            self.jobs.put(Job(captured, taken_ns, None))
        else:
            slot.start(captured.frame.image)
            self.jobs.put(Job(captured, taken_ns, slot))

    def _wait(self, slot: Slot) -> None:
        while not slot.wait(WAIT_S):
            if self._stop.is_set():
                raise Closed

    def _relieve(self, failed: Engine, error: DeviceError) -> Slot:
        """Let the CPU go on where a device failed.

        Returns:
            A slot for the frames that the failed ring still holds. It is kept out of the new ring
            until these are through: there, all slots may be waiting behind them.
        """
        if self._relief is None:
            if failed.device == CPU:
                raise error
            engine = self._build(replace(self._settings(), device=CPU))
            slot = engine.acquire(WAIT_S)
            assert slot is not None
            self._relief = failed, slot
            self.notice = DeviceError(error.message, "the CPU goes on instead")
            self._next = engine
        return self._relief[1]


def wanted_classes(classes: tuple[str, ...], labels: tuple[str, ...]) -> np.ndarray | None:
    """Return which labels are wanted, (C,) bool; None = all.

    Raises:
        UsageError: a class that the model does not know.
    """
    if not classes:
        return None
    unknown = [name for name in classes if name not in labels]
    if unknown:
        known = ", ".join(labels[:8]) + (", …" if len(labels) > 8 else "")
        raise UsageError(f"the model has no class {unknown[0]}", f"its classes are {known}")
    return np.isin(labels, classes)
