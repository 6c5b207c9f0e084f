"""What is remembered of the objects that are followed."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from yolact_live.track.appearance import LOOK
from yolact_live.track.associate import WINDOW
from yolact_live.track.motion import Motion
from yolact_live.types import ByteArray, FloatArray

Rows = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]


def which(flags: Flags) -> Rows:
    """Return where flags are set; np.flatnonzero takes five times as long for a few."""
    return flags.nonzero()[0]


class Tracks:
    """All about T tracks.

    Attributes:
        motion: where they are heading.
        ids: (T,) i64, −1 until it is confirmed.
        labels: (T,) i32.
        scores: (T,) f32, mean over time.
        unseen: (T,) f64, seconds since it was last detected.
        shown: (T,) bool, it was in the last result.
        views: (T, WINDOW, WINDOW) u8, its last mask.
        looks: (T, LOOK) f32, see :mod:`yolact_live.track.appearance`; mean over time.
        behind: (T,) i64, identity of what hid it when it was last hidden, −1 = nothing.
    """

    _COLUMNS = ("ids", "labels", "scores", "unseen", "shown", "views", "looks", "behind")

    def __init__(self) -> None:
        self.motion = Motion()
        self.ids = np.empty(0, np.int64)
        self.labels = np.empty(0, np.int32)
        self.scores = np.empty(0, np.float32)
        self.unseen = np.empty(0, np.float64)
        self.shown = np.empty(0, np.bool_)
        self.views = np.empty((0, WINDOW, WINDOW), np.uint8)
        self.looks = np.empty((0, LOOK), np.float32)
        self.behind = np.empty(0, np.int64)

    def __len__(self) -> int:
        return len(self.ids)

    def keep(self, rows: Flags) -> None:
        """Forget all but the chosen tracks, (T,) bool."""
        self.motion.keep(rows)
        for name in self._COLUMNS:
            setattr(self, name, getattr(self, name)[rows])

    def add(
        self,
        boxes: FloatArray,
        labels: npt.NDArray[np.int32],
        scores: FloatArray,
        views: ByteArray,
        looks: FloatArray,
    ) -> None:
        """Start a track for each of N detections."""
        count = len(labels)
        self.motion.add(boxes)
        nobody = np.full(count, -1)
        new = (nobody, labels, scores, np.zeros(count), np.zeros(count, np.bool_), views, looks, nobody)
        for name, values in zip(self._COLUMNS, new, strict=True):
            setattr(self, name, np.concatenate([getattr(self, name), values]))
