"""Capture → infer → render, each on its own thread.

::

    Source ─ yl-capture ─► mailbox ─ yl-infer ─► ring of requests ─ yl-post ─┬─► display (newest)
                                                                              └─► sinks

The capture thread opens the source, the infer thread compiles the model, the post thread loads
the kernels: all at the same time, so that nothing waits for its turn at the start.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from yolact_live.capture import SourceInfo, is_live, open_source
from yolact_live.errors import DeviceError, UsageError, YolactLiveError
from yolact_live.infer.devices import CPU
from yolact_live.pipeline.clock import Pacer
from yolact_live.pipeline.mailbox import Closed, Mailbox
from yolact_live.pipeline.metrics import Metrics
from yolact_live.pipeline.samplers import Sampler
from yolact_live.pipeline.sinks import Sink
from yolact_live.settings import Settings
from yolact_live.types import Frame, FrameResult, Instances, Trace

if TYPE_CHECKING:
    from yolact_live.infer.engine import Engine, Slot

# Decoded frames of a file that wait for a free request.
_READ_AHEAD = 2
# Frames between the infer and the post thread: a ring of requests, and those that need none.
_IN_FLIGHT = 8
# A live frame older than this is not worth showing any more.
MAX_AGE_S = 0.5
# How often a thread that waits for a person looks whether it should stop.
_IDLE_S = 0.02
_WAIT_S = 0.1
_ENGINE_SETTINGS = ("model", "device", "precision", "threads")


class State(Enum):
    """What the pipeline is doing."""

    OPENING = "opening"
    RUNNING = "running"
    PAUSED = "paused"
    ENDED = "ended"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True)
class _Captured:
    frame: Frame
    requested_ns: int
    again: bool = False  # a paused frame, inferred once more because a setting changed


@dataclass(frozen=True)
class _Job:
    """A frame on its way through the ring; without a slot it is not inferred."""

    captured: _Captured
    taken_ns: int
    slot: Slot | None


class Pipeline:
    """Runs a source through a model and hands the results out.

    Args:
        source: a source in the grammar of :func:`yolact_live.capture.open_source`.
        settings: what to run and how to draw it; change later with :meth:`update`.
        interactive: a person watches: a file plays at its own speed, stays open at its end
            and can be paused and sought. Otherwise it runs as fast as it can.
        loop: start a file again at its end.

    Attributes:
        live: frames that come too fast are dropped, never delayed.
        info: facts of the source; None until it is open.
        engine: the model in use; None until it is compiled.
        metrics: counts, rates and stage times.
        display: the newest result that has not been shown yet; take it with ``poll()``.
        error: why the pipeline failed.
        notice: why a change of the model or device did not happen and the old one goes on, or why
            the CPU does the work of another device.
        problem: what a source lost, in words, after its end.
    """

    def __init__(
        self, source: str, settings: Settings, *, interactive: bool = False, loop: bool = False
    ) -> None:
        self.source = source
        self.settings = settings
        self.loop = loop
        self.live = is_live(source)
        self.info: SourceInfo | None = None
        self.engine: Engine | None = None
        self.metrics = Metrics()
        self.display: Mailbox[FrameResult] = Mailbox(1, newest=True)
        self.error: BaseException | None = None
        self.notice: YolactLiveError | None = None
        self.problem: str | None = None
        self._interactive = interactive
        self._sinks: list[Sink] = []
        self._frames: Mailbox[_Captured] = Mailbox(1 if self.live else _READ_AHEAD, newest=self.live)
        self._jobs: Mailbox[_Job] = Mailbox(_IN_FLIGHT)
        self._stop = threading.Event()
        self._paused = threading.Event()
        self._ended = threading.Event()
        self._again = threading.Event()
        self._seek: Fraction | None = None
        self._next_engine: Engine | None = None
        self._relief: tuple[Engine, Slot] | None = None
        self._last: FrameResult | None = None
        self._threads = [
            self._thread("yl-capture", self._capture),
            self._thread("yl-infer", self._infer),
            self._thread("yl-post", self._post),
        ]

    # ---------------------------------------------------------------- control

    def start(self) -> None:
        """Start the threads; returns at once. Failures show up in ``state`` and ``error``."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop from whatever state, wait for the threads, and finalise recordings."""
        self._halt()
        self.join()

    def join(self, timeout: float | None = None) -> bool:
        """Wait until all frames are through; then finalise the sinks. Return whether that is done."""
        deadline = None if timeout is None else time.monotonic() + timeout
        for thread in self._threads:
            if thread.is_alive():
                thread.join(None if deadline is None else max(0.0, deadline - time.monotonic()))
        if any(thread.is_alive() for thread in self._threads):
            return False
        for sink in self._sinks:
            sink.close()
        return True

    def pause(self) -> None:
        """Hold the picture. A camera stays open."""
        self._paused.set()

    def resume(self) -> None:
        """Go on; at the end of a file, from its start."""
        if self._ended.is_set():
            self._seek = Fraction(0)
        self._paused.clear()

    def seek(self, pts: Fraction) -> None:
        """Show the frame at ``pts`` seconds, also while paused. Only if ``info.seekable``."""
        self._seek = pts

    def update(self, settings: Settings) -> None:
        """Use other settings from the next frame on.

        Another model, device or precision is built in the background and swapped in between
        two frames; if that fails, ``notice`` says why and the old one stays.
        """
        old, self.settings = self.settings, settings
        if any(getattr(old, name) != getattr(settings, name) for name in _ENGINE_SETTINGS):
            builder = self._thread("yl-compile", lambda: self._rebuild(old))
            self._threads.append(builder)
            builder.start()
        else:
            self._again.set()

    def add(self, sink: Sink) -> None:
        """Hand all further results to a sink."""
        self._sinks = [*self._sinks, sink]

    def remove(self, sink: Sink) -> None:
        """Hand nothing more to a sink. It is not closed."""
        self._sinks = [other for other in self._sinks if other is not sink]

    @property
    def state(self) -> State:
        """What the pipeline is doing."""
        if self.error is not None:
            return State.FAILED
        if self._stop.is_set() or not any(thread.is_alive() for thread in self._threads):
            return State.STOPPED
        if self._paused.is_set():
            return State.PAUSED
        if self._ended.is_set():
            return State.ENDED
        return State.RUNNING if self._last is not None else State.OPENING

    # ---------------------------------------------------------------- threads

    def _thread(self, name: str, target: Callable[[], None]) -> threading.Thread:
        def run() -> None:
            try:
                target()
            except Closed:
                pass
            except Exception as error:  # no thread may die in silence
                self.error = self.error or error
                self._halt()

        return threading.Thread(target=run, name=name)

    def _halt(self) -> None:
        self._stop.set()
        self._frames.abort()
        self._jobs.abort()

    def _capture(self) -> None:
        pacer = Pacer(self._stop)
        expected = 0
        with open_source(self.source, self._stop) as source:
            self.info = source.info
            paced = self._interactive and not source.info.live
            while not self._stop.is_set():
                self._show_again()
                target, self._seek = self._seek, None
                if target is not None and source.info.seekable:
                    source.seek(target)
                    self._frames.clear()
                    self._ended.clear()
                    pacer.restart()
                elif self._ended.is_set() or (self._paused.is_set() and not source.info.live):
                    self._stop.wait(_IDLE_S)
                    pacer.restart()
                    continue
                requested_ns = time.perf_counter_ns()
                frame = source.read()
                if frame is None:
                    self.problem = source.problem
                    if self.loop and source.info.seekable:
                        self._seek = Fraction(0)
                    elif self._interactive:
                        self._ended.set()
                    else:
                        break
                    continue
                if paced:
                    pacer.wait(frame.pts)
                    frame = replace(frame, t_capture_ns=time.perf_counter_ns())
                if source.info.live:
                    missed, expected = frame.seq - expected, frame.seq + 1
                    if self._paused.is_set():
                        continue
                    self.metrics.drop("full", missed)
                self.metrics.drop("full", self._frames.put(_Captured(frame, requested_ns)))
        self._frames.close()

    def _infer(self) -> None:
        engine = self._build(self.settings)
        self.engine = engine
        sampler = Sampler()
        captured: _Captured | None = None
        try:
            while True:
                engine = self._newest(engine)
                slot = engine.acquire(_WAIT_S)
                if slot is None:
                    if self._stop.is_set():
                        raise Closed
                    continue
                captured = captured or self._fresh()
                if self._next_engine is not None:  # it came while the picture stood still
                    slot.release()
                    continue
                taken_ns = time.perf_counter_ns()
                skipped = None if captured.again else sampler.skips(captured.frame, self.settings)
                if skipped:
                    self.metrics.drop(skipped)
                    slot.release()
                    self._jobs.put(_Job(captured, taken_ns, None))
                else:
                    slot.start(captured.frame.image)
                    self._jobs.put(_Job(captured, taken_ns, slot))
                captured = None
        except Closed:
            self._jobs.close()
        finally:
            engine.close()

    def _newest(self, engine: Engine) -> Engine:
        """Return the engine to use from now on."""
        if self._next_engine is not None:
            engine.close()
            self.engine, self._next_engine = self._next_engine, None
            return self.engine
        return engine

    def _fresh(self) -> _Captured:
        """Wait for a frame; live ones must be young enough."""
        while True:
            captured = self._frames.get()
            age_s = (time.perf_counter_ns() - captured.frame.t_capture_ns) / 1e9
            if not self.live or captured.again or age_s <= MAX_AGE_S:
                return captured
            self.metrics.drop("stale")

    def _post(self) -> None:
        # numba takes longer to load than all the rest; beside the model's compilation it is free
        from yolact_live.infer.detect import postprocess
        from yolact_live.render.compositor import draw
        from yolact_live.track.tracker import Tracker

        tracker: Tracker | None = None
        instances: Instances | None = None
        for job in self._jobs:
            frame, slot, settings = job.captured.frame, job.slot, self.settings
            start_ns = end_ns = 0
            if slot is not None:
                slot = self._finished(slot, frame)
                start_ns, end_ns = slot.times_ns
            received_ns = time.perf_counter_ns()
            if slot is not None:
                outputs, contract = slot.outputs, slot.engine.contract
                tracker = (tracker or Tracker()) if settings.track else None
                if tracker:
                    tracker.score, tracker.steady = settings.score, settings.steady
                instances = postprocess(
                    outputs.conf,
                    outputs.boxes,
                    outputs.mask,
                    outputs.proto,
                    frame_size=frame.size[::-1],
                    score=tracker.floor if tracker else settings.score,
                    nms=settings.nms,
                    names=contract.labels,
                    classes=wanted_classes(settings.classes, contract.labels),
                    symmetric_crop=True,
                )
                if len(instances):
                    instances = replace(instances, prototypes=instances.prototypes.copy())
                if slot is job.slot:
                    slot.release()
                if tracker:
                    instances = tracker.update(instances, frame.pts)
                instances = instances[: settings.top_k]
            elif tracker:
                instances = tracker.predict(frame.pts)[: settings.top_k]
            assert instances is not None
            postprocessed_ns = time.perf_counter_ns()
            annotated = draw(frame.image, instances, settings)
            trace = Trace(
                requested=job.captured.requested_ns,
                captured=frame.t_capture_ns,
                taken=job.taken_ns,
                inference_start=start_ns,
                inference_end=end_ns,
                received=received_ns,
                postprocessed=postprocessed_ns,
                composited=time.perf_counter_ns(),
            )
            self._deliver(FrameResult(frame, instances, trace, annotated), job.captured.again)

    def _finished(self, slot: Slot, frame: Frame) -> Slot:
        """Return the slot with the result for a frame: its own, or the CPU's if the device failed."""
        if self._relief and self._relief[0] is not slot.engine:  # the failed ring is empty
            self._relief[1].release()
            self._relief = None
        try:
            self._wait(slot)
        except DeviceError as error:
            slot = self._relieve(slot.engine, error)
            slot.start(frame.image)
            self._wait(slot)
        return slot

    def _wait(self, slot: Slot) -> None:
        while not slot.wait(_WAIT_S):
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
            engine = self._build(replace(self.settings, device=CPU))
            slot = engine.acquire(_WAIT_S)
            assert slot is not None
            self._relief = failed, slot
            self.notice = DeviceError(error.message, "the CPU goes on instead")
            self._next_engine = engine
        return self._relief[1]

    def _deliver(self, result: FrameResult, again: bool) -> None:
        self._last = result
        self.display.put(result)
        if not again:
            self.metrics.add(result.trace)
            for sink in self._sinks:
                sink.put(result)

    def _show_again(self) -> None:
        """Let a picture that stands still follow a changed setting."""
        if not self._again.is_set():
            return
        self._again.clear()
        if self._last and (self._paused.is_set() or self._ended.is_set()):
            self._frames.put(_Captured(self._last.frame, 0, again=True))

    def _build(self, settings: Settings) -> Engine:
        from yolact_live.infer.engine import Engine

        engine = Engine(settings.model, settings.device, settings.precision, settings.threads, self.live)
        wanted_classes(settings.classes, engine.contract.labels)
        self.notice = engine.notice or self.notice
        return engine

    def _rebuild(self, old: Settings) -> None:
        try:
            engine = self._build(self.settings)
        except YolactLiveError as error:
            self.notice = error
            kept = {name: getattr(old, name) for name in _ENGINE_SETTINGS}
            self.settings = replace(self.settings, **kept)
            return
        self._next_engine = engine
        self._again.set()


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
