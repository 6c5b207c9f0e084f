"""The post thread: from the network's outputs to results."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from yolact_live.pipeline.inferrer import Inferrer, Job, wanted_classes
from yolact_live.settings import Settings
from yolact_live.types import FrameResult, Instances, Trace

if TYPE_CHECKING:
    from yolact_live.infer.engine import Slot
    from yolact_live.track.tracker import Tracker


class Finisher:
    """Finds, follows and draws the instances of each frame, in order.

    Args:
        inferrer: where the jobs come from.
        settings: returns the settings of the moment.
        deliver: called with each result, and whether the frame was shown before.
    """

    def __init__(
        self,
        inferrer: Inferrer,
        settings: Callable[[], Settings],
        deliver: Callable[[FrameResult, bool], None],
    ) -> None:
        self._inferrer = inferrer
        self._settings = settings
        self._deliver = deliver
        self._tracker: Tracker | None = None
        self._instances: Instances | None = None

    def run(self) -> None:
        """Finish jobs until they end. The body of the post thread."""
        # numba takes longer to load than all the rest; beside the model's compilation it is free
        from yolact_live.infer.detect import postprocess
        from yolact_live.render.compositor import draw
        from yolact_live.render.palette import Colours
        from yolact_live.track.tracker import Tracker

        self._postprocess, self._new_tracker = postprocess, Tracker
        palette = Colours()
        for job in self._inferrer.jobs:
            slot, settings, frame = self._inferrer.finish(job), self._settings(), job.captured.frame
            start_ns, end_ns = slot.times_ns if slot else (0, 0)
            received_ns = time.perf_counter_ns()
            instances = self._instances_of(job, slot, settings)
            postprocessed_ns = time.perf_counter_ns()
            annotated = draw(frame.image, instances, settings, palette)
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

    def _instances_of(self, job: Job, slot: Slot | None, settings: Settings) -> Instances:
        """Return what is in a frame; without inference what was there before, moved on."""
        pts = job.captured.frame.pts
        if slot is None:
            if self._tracker:
                return self._tracker.predict(pts)[: settings.top_k]
            assert self._instances is not None, "the first frame is always inferred"
            return self._instances
        self._follow(settings)
        found = self._found(job, slot, settings)
        if self._tracker:
            found = self._tracker.update(found, pts)
        self._instances = found[: settings.top_k]
        return self._instances

    def _follow(self, settings: Settings) -> None:
        """Keep a tracker that is as the settings want it, or none."""
        self._tracker = (self._tracker or self._new_tracker()) if settings.track else None
        if self._tracker:
            self._tracker.score, self._tracker.steady = settings.score, settings.steady

    def _found(self, job: Job, slot: Slot, settings: Settings) -> Instances:
        """Return the network's own instances; a tracker wants to see the doubtful ones, too."""
        outputs, contract = slot.outputs, slot.engine.contract
        found = self._postprocess(
            outputs.conf,
            outputs.boxes,
            outputs.mask,
            outputs.proto,
            frame_size=job.captured.frame.size[::-1],
            score=self._tracker.floor if self._tracker else settings.score,
            nms=settings.nms,
            names=contract.labels,
            classes=wanted_classes(settings.classes, contract.labels),
            symmetric_crop=True,
        )
        if len(found):
            found = replace(found, prototypes=found.prototypes.copy())
        self._inferrer.release(slot)
        return found
