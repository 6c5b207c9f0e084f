"""Everything that travels through the pipeline.

Coordinates are pixels of the frame, x to the right and y down, the origin at the
outer corner of the first pixel; a box is ``x1, y1, x2, y2``. Times of a source are
exact rational seconds (:class:`fractions.Fraction`); times of this machine are
monotonic nanoseconds (:func:`time.perf_counter_ns`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from yolact_live.places import Tally

FloatArray = npt.NDArray[np.float32]
ByteArray = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture of a source.

    Attributes:
        seq: count of frames that the source has delivered before this one.
        pts: presentation timestamp, seconds since the start of the source.
        duration: how long the frame is shown, seconds; 0 if the source does not say.
        t_capture_ns: when the frame arrived here, monotonic nanoseconds.
        image: (H, W, 3) u8, BGR. Shared, never written to.
        source_id: what the frame came from, fit to be shown (no passwords).
        jump: it does not follow the frame before: the source was sought, or began anew.
    """

    seq: int
    pts: Fraction
    duration: Fraction
    t_capture_ns: int
    image: ByteArray
    source_id: str
    jump: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.image.shape[0], self.image.shape[1]


@dataclass(frozen=True, slots=True, eq=False)
class Instances:
    """The objects of one frame, highest score first.

    Attributes:
        boxes: (N, 4) f32, x1, y1, x2, y2 in frame pixels, clipped to the frame.
        scores: (N,) f32, 0 to 1.
        labels: (N,) i32, index into ``names``.
        ids: (N,) i64, identity over time from the tracker, −1 without.
        coefficients: (N, K) f32, mask coefficients (tanh).
        crops: (N, 4) i32, x1, y1, x2, y2 in prototype pixels, half-open: the part of
            the prototypes that may belong to the instance.
        prototypes: (M, M, K) f32, non-negative, shared by all instances.
        size: height and width of the frame in pixels.
        names: the model's class list, background left out.
        evidence: (L,) f32, logits of masks that were moved or averaged over time, shared by
            all instances; None if every mask comes from the prototypes.
        offsets: (N,) i64, where in ``evidence`` the crop of an instance begins, row by row;
            −1 = its mask comes from the prototypes. None with ``evidence``.
    """

    boxes: FloatArray
    scores: FloatArray
    labels: npt.NDArray[np.int32]
    ids: npt.NDArray[np.int64]
    coefficients: FloatArray
    crops: npt.NDArray[np.int32]
    prototypes: FloatArray
    size: tuple[int, int]
    names: tuple[str, ...]
    evidence: FloatArray | None = None
    offsets: npt.NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self.scores)

    def __getitem__(self, keep: npt.NDArray[np.intp] | npt.NDArray[np.bool_] | slice) -> Instances:
        """Return the chosen instances; the order given is kept."""
        return replace(
            self,
            boxes=self.boxes[keep],
            scores=self.scores[keep],
            labels=self.labels[keep],
            ids=self.ids[keep],
            coefficients=self.coefficients[keep],
            crops=self.crops[keep],
            offsets=None if self.offsets is None else self.offsets[keep],
        )

    def name(self, i: int) -> str:
        """Class name of instance ``i``."""
        return self.names[self.labels[i]]

    def label_map(
        self, height: int, width: int, out: npt.NDArray[np.uint16] | None = None
    ) -> npt.NDArray[np.uint16]:
        """Return the label map: for each pixel the topmost instance.

        Args:
            height, width: size wanted, in pixels; the whole frame is scaled to it.
            out: (height, width) u16, overwritten and returned if given.

        Returns:
            (height, width) u16; 0 = none, i + 1 = instance i. The highest score is on top.
        """
        return self.paint(height, width, out)[0]

    def paint(
        self, height: int, width: int, out: npt.NDArray[np.uint16] | None = None
    ) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.int32]]:
        """Return the label map, as :meth:`label_map` does, and in which part of it each mask lies.

        Returns:
            (height, width) u16; (N, 4) i32, x1, y1, x2, y2 in its pixels, half-open.
        """
        from yolact_live import masks  # numba loads on first use, not with the types

        if out is None:
            out = np.empty((height, width), np.uint16)
        return out, masks.label_map(self.prototypes, self.coefficients, self.crops, *self.moved, out)

    def mask(self, i: int) -> npt.NDArray[np.bool_]:
        """Return the exact mask of instance ``i``, not hidden by others: (H, W) bool."""
        return self[i : i + 1].label_map(*self.size) != 0

    @property
    def moved(self) -> tuple[FloatArray, npt.NDArray[np.int64]]:
        """``evidence`` and ``offsets`` as arrays, also where there are none."""
        if self.evidence is None or self.offsets is None:
            return np.empty(0, np.float32), np.full(len(self), -1, np.int64)
        return self.evidence, self.offsets


@dataclass(frozen=True, slots=True)
class Trace:
    """One monotonic stamp (nanoseconds) for each hop of a frame, in order; 0 = not reached.

    Attributes:
        requested: the capture thread asked the source for it.
        captured: the source delivered it.
        taken: an infer request was free, and this frame was chosen for it.
        inference_start, inference_end: the device worked on it.
        received: its turn came in the post thread.
        postprocessed: instances were found.
        composited: the annotated picture was ready.
        presented: it was shown.
    """

    requested: int = 0
    captured: int = 0
    taken: int = 0
    inference_start: int = 0
    inference_end: int = 0
    received: int = 0
    postprocessed: int = 0
    composited: int = 0
    presented: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class FrameResult:
    """A frame, what was found in it, the picture to show, and when each step was done.

    Attributes:
        annotated: (H, W, 3) u8 BGR, the frame with masks, boxes and labels drawn.
        tally: what was counted up to this frame; None if nothing is to be counted.
    """

    frame: Frame
    instances: Instances
    trace: Trace
    annotated: ByteArray
    tally: Tally | None = None
