"""The post thread: from the network's outputs to results."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from importlib import import_module
from typing import TYPE_CHECKING

from yolact_live.memory import forget
from yolact_live.pipeline.inferrer import Inferrer, Job, wanted_classes
from yolact_live.pipeline.mailbox import Closed
from yolact_live.places import Place, Tally
from yolact_live.render.palette import Colours
from yolact_live.settings import Settings
from yolact_live.types import ByteArray, FrameResult, Instances, Trace

if TYPE_CHECKING:
    from yolact_live.infer.engine import Slot
    from yolact_live.track.count import Counts
    from yolact_live.track.tracker import Tracker

# Kernels are compiled when these are imported, in the order in which a picture needs them.
_TO_DRAW = (
    "yolact_live.infer.detect",
    "yolact_live.masks",
    "yolact_live.render.compositor",
)
_TO_TRACK = (
    "yolact_live.track.associate",
    "yolact_live.track.appearance",
    "yolact_live.track.evidence",
    "yolact_live.track.tracker",
)


class Finisher:
    """Finds, follows and draws the instances of each frame, in order.

    Args:
        inferrer: where the jobs come from.
        settings: returns the settings of the moment.
        places: returns the lines and zones of the moment.
        deliver: called with each result, and whether it is a frame that has been, or will be,
            delivered another time.
        stop: ends everything at once.

    Attributes:
        tally: what has been counted so far, if anything is.
    """

    def __init__(
        self,
        inferrer: Inferrer,
        settings: Callable[[], Settings],
        places: Callable[[], tuple[Place, ...]],
        deliver: Callable[[FrameResult, bool], None],
        stop: threading.Event,
    ) -> None:
        self._inferrer = inferrer
        self._settings = settings
        self._places = places
        self._deliver = deliver
        self._stop = stop
        self.tally: Tally | None = None
        self._turn = threading.Lock()  # of the tracker
        self._colours = Colours()
        self._new_tracker: type[Tracker] | None = None
        self._tracker: Tracker | None = None
        self._counts: Counts | None = None
        self._instances: Instances | None = None

    def run(self) -> None:
        """Finish jobs until they end. The body of the post thread."""
        # numba takes longer to load than all the rest; beside the model's compilation it is free
        from yolact_live.jit import give_up_when

        give_up_when(self._stop)
        self._load(_TO_DRAW)
        for job in self._inferrer.jobs:
            self._finish(job)

    def _load(self, modules: tuple[str, ...]) -> None:
        """Import modules with kernels. Nothing can interrupt the compilation of one, but none follows."""
        from yolact_live.jit import GivenUp

        try:
            for module in modules:
                import_module(module)
        except GivenUp:
            raise Closed from None
        forget("llvmlite", "libopenvino")

    def _finish(self, job: Job) -> None:
        slot, settings, frame = self._inferrer.finish(job), self._settings(), job.captured.frame
        start_ns, end_ns = slot.times_ns if slot else (0, 0)
        trace = Trace(
            requested=job.captured.requested_ns,
            captured=frame.t_capture_ns,
            taken=job.taken_ns,
            inference_start=start_ns,
            inference_end=end_ns,
            received=time.perf_counter_ns(),
        )
        if slot is None:
            instances = self.expected(job.captured.frame.pts)
            assert instances is not None, "the first frame is always inferred"
        else:
            instances = self._found(job, slot, settings)
            if settings.track and self._new_tracker is None:
                # the first picture is shown before the tracker's kernels are compiled
                self._hand_on(job, trace, instances[: settings.top_k], settings, again=True)
                self._load(_TO_TRACK)
                from yolact_live.track.tracker import Tracker

                self._new_tracker = Tracker
                trace = replace(trace, received=time.perf_counter_ns())
            with self._turn:
                instances = self._instances = self._followed(job, instances, settings)[: settings.top_k]
        self.tally = self._counted(job, instances, settings)
        self._hand_on(job, trace, instances, settings, job.captured.again, self.tally)

    def expected(self, pts: Fraction) -> Instances | None:
        """Return what to show in a frame that was not inferred: what was found last, moved on.

        None before anything has been inferred. Safe to call from any thread.
        """
        with self._turn:
            if self._tracker and self._instances is not None:
                return self._tracker.predict(pts)[: self._settings().top_k]
            return self._instances

    def draw(
        self, image: ByteArray, instances: Instances, settings: Settings, tally: Tally | None
    ) -> ByteArray:
        """Return the picture to show, (H, W, 3) u8 BGR. Safe to call from any thread."""
        from yolact_live.render.compositor import draw

        return draw(image, instances, settings, self._colours, tally=tally)

    def _found(self, job: Job, slot: Slot, settings: Settings) -> Instances:
        """Return the network's own instances; a tracker wants to see the doubtful ones, too."""
        labels = slot.engine.contract.labels
        found = slot.outputs.instances(
            job.captured.frame.size,
            labels,
            self._tracker.floor if self._tracker else settings.score,
            settings.nms,
            wanted_classes(settings.classes, labels),
            symmetric_crop=True,
        )
        self._inferrer.release(slot)
        return found

    def _followed(self, job: Job, found: Instances, settings: Settings) -> Instances:
        """Return what is found with its identities, if it is to be tracked."""
        if not settings.track or self._new_tracker is None:
            self._tracker = None
            return found
        self._tracker = self._tracker or self._new_tracker()
        self._tracker.score, self._tracker.steady = settings.score, settings.steady
        return self._tracker.update(found, job.captured.frame.pts, job.captured.frame.image)

    def _counted(self, job: Job, instances: Instances, settings: Settings) -> Tally | None:
        """Count what is tracked, if anything is to be counted."""
        places = self._places()
        if self._tracker is None or not (places or settings.counts):
            self._counts = None
            return None
        from yolact_live.track.count import Counts

        self._counts = self._counts or Counts()
        self._counts.places = places
        return self._counts.add(instances, job.captured.frame.pts)

    def _hand_on(
        self,
        job: Job,
        trace: Trace,
        instances: Instances,
        settings: Settings,
        again: bool,
        tally: Tally | None = None,
    ) -> None:
        """Draw and deliver a result."""
        postprocessed_ns = time.perf_counter_ns()
        frame = job.captured.frame
        annotated = self.draw(frame.image, instances, settings, tally)
        trace = replace(trace, postprocessed=postprocessed_ns, composited=time.perf_counter_ns())
        self._deliver(FrameResult(frame, instances, trace, annotated, tally), again)
