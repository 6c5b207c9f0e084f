"""What is shown of the objects that are followed: as they were detected, or smoothed over time."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from yolact_live.track import evidence
from yolact_live.track.associate import covered
from yolact_live.track.tracks import Flags, Rows, Tracks, which
from yolact_live.types import FloatArray, Instances

# What others' masks cover to these degrees cannot be seen; it is not new, either.
COVERED, NEW_COVERED = 0.7, 0.6
# What is not detected and should be further outside the frame than this has left it.
_INSIDE = 0.9

Crops = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Steadiness:
    """How strongly time smooths what is shown.

    Attributes:
        stay: an object stays until its score is below this share of the threshold.
        hold_s: it stays so long where nothing at all is detected, seconds.
        mask_s, score_s: time constants of the means of masks and scores, seconds.
    """

    stay: float
    hold_s: float
    mask_s: float
    score_s: float


STEADINESS: dict[str, Steadiness | None] = {
    "off": None,
    "low": Steadiness(stay=0.5, hold_s=0.25, mask_s=0.06, score_s=0.2),
    "high": Steadiness(stay=0.35, hold_s=0.5, mask_s=0.12, score_s=0.5),
}


class Shown:
    """The objects of the last frame as they were shown.

    Attributes:
        instances: what was shown.
    """

    def __init__(self, nothing: Instances) -> None:
        self.instances = nothing[:0]
        self._boxes = self.instances.boxes  # not clipped

    def rename(self, ids: dict[int, int]) -> None:
        """Call what was shown by other identities."""
        renamed = [ids.get(i, i) for i in self.instances.ids.tolist()]
        self.instances = replace(self.instances, ids=np.array(renamed, np.int64))

    def as_detected(self, instances: Instances, tracks: Tracks, found: Rows, score: float) -> Instances:
        """Show confirmed tracks whose detections score more than ``score``."""
        tracks.shown = (tracks.ids >= 0) & (found >= 0)
        tracks.shown[tracks.shown] = instances.scores[found[tracks.shown]] > score
        rows = which(tracks.shown)
        rows = rows[np.argsort(found[rows])]
        self.instances = replace(instances[found[rows]], ids=tracks.ids[rows])
        self._boxes = self.instances.boxes
        return self.instances

    def smoothed(
        self,
        instances: Instances,
        tracks: Tracks,
        found: Rows,
        shares: FloatArray,
        score: float,
        dt: float,
        alone: bool,
        steadiness: Steadiness,
    ) -> Instances:
        """Show tracks with hysteresis, their boxes, scores and masks smoothed.

        Args:
            instances: detections.
            found: each track's detection, −1 = none.
            shares: of each detection, how much of its mask others cover.
            score: what appears scores more.
            dt: time since the last frame, seconds.
            alone: there was no frame before that could have confirmed anything.
        """
        detected = found >= 0
        strong = np.zeros(len(found), np.bool_)
        strong[detected] = instances.scores[found[detected]] > score
        lasting = tracks.shown & (tracks.scores > steadiness.stay * score)
        clear = tracks.shown.copy()
        clear[detected] |= shares[found[detected]] <= NEW_COVERED
        visible = ((strong & clear) | (lasting & detected)) & (tracks.ids >= 0)
        held = lasting & ~detected & (tracks.unseen <= steadiness.hold_s)
        if alone:
            visible, held = strong, np.zeros_like(held)
        if held.any():
            held &= ~_hidden(tracks, visible, held) & ~_leaving(tracks.motion.boxes, instances.size)
        tracks.shown = visible | held

        rows = which(tracks.shown)
        rows = rows[np.argsort(-tracks.scores[rows], kind="stable")]
        chosen, ids, boxes = found[rows], tracks.ids[rows], tracks.motion.boxes[rows]
        before = _find(self.instances.ids, ids)
        # by what is known of their motion, not by what the detector's boxes waver
        came_from = tracks.motion.ahead(-dt)[rows]
        crops, logits, offsets = self._move(before, came_from, boxes, chosen, instances.crops)
        gains = np.where(before < 0, 1.0, gain(dt, steadiness.mask_s)).astype(np.float32)
        evidence.mix(
            instances.prototypes,
            instances.coefficients,
            instances.crops,
            chosen,
            gains,
            crops,
            offsets,
            logits,
        )
        self._boxes = boxes
        self.instances = replace(
            instances,
            boxes=_clip(boxes, instances.size),
            scores=tracks.scores[rows],
            labels=tracks.labels[rows],
            ids=ids,
            coefficients=np.zeros((len(rows), instances.coefficients.shape[1]), np.float32),
            crops=crops,
            evidence=logits,
            offsets=offsets,
        )
        return self.instances

    def ahead(self, tracks: Tracks, dt: float) -> Instances:
        """Return what to show ``dt`` seconds later: its boxes and masks moved on."""
        last, motion = self.instances, tracks.motion
        rows = _find(tracks.ids, last.ids)
        boxes = self._boxes + motion.ahead(dt)[rows] - motion.boxes[rows]
        boxes[:, 2:] = np.maximum(boxes[:, 2:], boxes[:, :2] + 1)
        every, none = np.arange(len(last)), np.full(len(last), -1)
        crops, logits, offsets = self._move(every, self._boxes, boxes, none, last.crops)
        boxes = _clip(boxes, last.size)
        moved = replace(last, boxes=boxes, crops=crops, evidence=logits, offsets=offsets)
        return moved[which(_area(boxes) > 0)]

    def _move(
        self, rows: Rows, from_boxes: FloatArray, to_boxes: FloatArray, found: Rows, found_crops: Crops
    ) -> tuple[Crops, FloatArray, npt.NDArray[np.int64]]:
        """Return crops, evidence and its offsets of the chosen rows (−1 = none), moved as boxes move.

        Args:
            found, found_crops: the new masks for which there shall be room, see
                :func:`evidence.lay_out`.
        """
        last = self.instances
        goal = cells(to_boxes, last)
        crops, offsets = np.empty((len(rows), 4), np.int32), np.empty(len(rows), np.int64)
        area = evidence.lay_out(goal, found, found_crops, *last.prototypes.shape[:2], crops, offsets)
        out = np.empty(area, np.float32)
        evidence.move(
            last.prototypes, last.coefficients, last.crops, *last.moved,
            rows, cells(from_boxes, last), goal, crops, offsets, out,
        )  # fmt: skip
        return crops, out, offsets


def gain(dt: float, constant: float) -> float:
    """Weight of the newest value in an exponential mean with a time constant."""
    return 1.0 - math.exp(-dt / constant)


def cells(boxes: FloatArray, instances: Instances) -> FloatArray:
    """Convert frame pixels to prototype pixels."""
    rows, columns = instances.prototypes.shape[:2]
    scale = np.array([columns / instances.size[1], rows / instances.size[0]] * 2, np.float32)
    return boxes * scale


def _hidden(tracks: Tracks, visible: Flags, held: Flags) -> Flags:
    """Say which held tracks lie behind visible ones, where nobody would see them."""
    result = np.zeros(len(held), np.bool_)
    order = np.concatenate([which(visible), which(held)])
    labels = np.zeros(len(order), np.int32)  # any class hides any other
    result[order] = covered(tracks.motion.boxes[order], tracks.views[order], labels) > COVERED
    return result


def _leaving(boxes: FloatArray, size: tuple[int, int]) -> Flags:
    """Say which tracks should be on their way out of the frame."""
    return _area(_clip(boxes, size)) < _INSIDE * _area(boxes)


def _find(ids: npt.NDArray[np.int64], wanted: npt.NDArray[np.int64]) -> Rows:
    """Return where each wanted identity is in ``ids``, −1 = nowhere."""
    where = {identity: row for row, identity in enumerate(ids.tolist())}
    return np.array([where.get(identity, -1) for identity in wanted.tolist()], np.intp)


def _clip(boxes: FloatArray, size: tuple[int, int]) -> FloatArray:
    # np.clip takes three times as long for a few
    return np.minimum(np.maximum(boxes, np.float32(0)), np.array(size[::-1] * 2, np.float32))


def _area(boxes: FloatArray) -> FloatArray:
    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
