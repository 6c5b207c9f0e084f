"""Who is who over time.

Association follows ByteTrack (Zhang et al., ECCV 2022): strong detections first, then weak ones
for the tracks that are left, which carries an object through a moment of bad light or cover.
What was seen a moment ago chooses before what is hidden.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from yolact_live import masks
from yolact_live.track import evidence
from yolact_live.track.associate import WINDOW, assign, covered, similarity, windows
from yolact_live.track.motion import Motion
from yolact_live.types import ByteArray, FloatArray, Instances

Rows = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]

# An object is remembered while it is hidden for one second, and the frames around that.
MEMORY_S = 1.15
# Pictures further apart than this have nothing to do with each other.
_CUT_S = 1.0
# Detections down to this score help to follow what is already there.
WEAK = 0.1
# Pairs less alike than this are never matched: strong and weak detections by their overlap,
# those where an object may be by now, and what is then left.
_STRONG, _FAINT, _NEAR, _LOOSE = 0.5, 0.35, 1e-6, 0.2
# Hidden and unconfirmed tracks must fit so much better to get a detection that others want.
_DOUBTFUL = 0.8
# What is covered by another's mask to this degree is the same object once more, or cannot be
# seen. A new object must be clearer of others than one that is known.
_COVERED, _NEW_COVERED = 0.7, 0.6
# What is not detected and should be further outside the frame than this has left it.
_INSIDE = 0.9


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
    "high": Steadiness(stay=0.35, hold_s=0.5, mask_s=0.2, score_s=0.5),
}


@dataclass
class _Tracks:
    """All about T tracks but their motion.

    Attributes:
        ids: (T,) i64, −1 until it is confirmed.
        labels: (T,) i32.
        scores: (T,) f32, mean over time.
        unseen: (T,) f64, seconds since it was last detected.
        shown: (T,) bool, it was in the last result.
        views: (T, WINDOW, WINDOW) u8, its last mask.
    """

    ids: npt.NDArray[np.int64]
    labels: npt.NDArray[np.int32]
    scores: FloatArray
    unseen: npt.NDArray[np.float64]
    shown: Flags
    views: ByteArray

    def keep(self, rows: Flags) -> None:
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name)[rows])

    def add(self, labels: npt.NDArray[np.int32], scores: FloatArray, views: ByteArray) -> None:
        count = len(labels)
        new = _Tracks(np.full(count, -1), labels, scores, np.zeros(count), np.zeros(count, np.bool_), views)
        for field in fields(self):
            both = (getattr(self, field.name), getattr(new, field.name))
            setattr(self, field.name, np.concatenate(both))


class Tracker:
    """Gives every object an identity, and a steady picture if wanted.

    Args:
        score: objects that score more than this start a track and are shown.
        steady: ``"off"``: boxes, scores and masks are shown as they were detected; ``"low"``,
            ``"high"``: smoothed over time.

    Attributes:
        score, steady: may be changed between two frames.
    """

    def __init__(self, score: float = 0.35, steady: str = "off") -> None:
        self.score = score
        self.steady = steady
        self._next_id = 0
        self._pts: Fraction | None = None
        self._shown: Instances | None = None
        self._forget()

    @property
    def floor(self) -> float:
        """The tracker wants to know of all detections that score more than this."""
        return min(WEAK, self.score)

    def update(self, instances: Instances, pts: Fraction) -> Instances:
        """Follow the objects into the next frame.

        A new object is shown at once in the first frame, else when it is found a second time.

        Args:
            instances: all detections above ``floor``, highest score first.
            pts: time of the frame in its source, seconds. Times that go back or leap start
                anew; the same time once more is the same picture, judged without its past.

        Returns:
            The objects to show, with identities, highest score first.
        """
        dt = 0.0 if self._pts is None else float(pts - self._pts)
        if self._shown is not None and not (0 <= dt < _CUT_S and _alike(self._shown, instances)):
            self._forget()
        # a first picture, or one shown again, has no past that could confirm anything
        alone = self._pts is None or dt == 0
        self._pts = pts
        found, shares = self._follow(instances, dt, alone)
        steadiness = STEADINESS[self.steady]
        if steadiness is None:
            self._shown = self._as_detected(instances, found)
        else:
            self._shown = self._steadied(instances, found, shares, dt, alone, steadiness)
        return self._shown

    def predict(self, pts: Fraction) -> Instances:
        """Return what to show in a frame after the last update: its boxes and masks moved on."""
        assert self._shown is not None
        assert self._pts is not None
        last, dt = self._shown, float(pts - self._pts)
        if not 0 <= dt < _CUT_S:
            return last[:0]
        rows = _find(self._tracks.ids, last.ids)
        boxes = self._boxes + self._motion.ahead(dt)[rows] - self._motion.boxes[rows]
        boxes[:, 2:] = np.maximum(boxes[:, 2:], boxes[:, :2] + 1)
        crops = masks.crops(boxes, last.size, last.prototypes.shape[:2])
        logits, offsets = _move(last, self._boxes, np.arange(len(last)), boxes, crops)
        boxes = _clip(boxes, last.size)
        moved = replace(last, boxes=boxes, crops=crops, evidence=logits, offsets=offsets)
        return moved[np.flatnonzero(_area(boxes) > 0)]

    # ---------------------------------------------------------------- association

    def _forget(self) -> None:
        self._pts = self._shown = None
        self._boxes = np.empty((0, 4), np.float32)  # of what is shown, not clipped
        self._motion = Motion()
        self._tracks = _Tracks(
            ids=np.empty(0, np.int64),
            labels=np.empty(0, np.int32),
            scores=np.empty(0, np.float32),
            unseen=np.empty(0),
            shown=np.empty(0, np.bool_),
            views=np.empty((0, WINDOW, WINDOW), np.uint8),
        )

    def _follow(self, instances: Instances, dt: float, alone: bool) -> tuple[Rows, FloatArray]:
        """Match, correct, start and forget tracks.

        Returns:
            Each track's detection, −1 = none; the share of each detection that others cover.
        """
        tracks, motion = self._tracks, self._motion
        motion.predict(dt, tracks.unseen == 0)
        boxes = _cells(instances.boxes, instances)
        views = windows(instances.prototypes, instances.coefficients, instances.crops, boxes)
        shares = covered(boxes, views, instances.labels)
        found = self._associate(instances, views, shares > _COVERED)

        rows = np.flatnonzero(found >= 0)
        chosen = found[rows]
        motion.update(rows, instances.boxes[chosen])
        tracks.unseen += dt
        tracks.unseen[rows] = 0
        tracks.views[rows] = views[chosen]
        steadiness = STEADINESS[self.steady]
        gain = _gain(dt, steadiness.score_s) if steadiness else 1.0
        tracks.scores[rows] += gain * (instances.scores[chosen] - tracks.scores[rows])
        self._confirm(found >= 0)

        new = (instances.scores > self.score) & (shares <= _NEW_COVERED)
        new[chosen] = False
        alive = (tracks.unseen < MEMORY_S) & ((tracks.ids >= 0) | (found >= 0))
        motion.keep(alive)
        tracks.keep(alive)
        started = np.flatnonzero(new)
        motion.add(instances.boxes[started])
        tracks.add(instances.labels[started], instances.scores[started], views[started])
        found = np.concatenate([found[alive], started])
        if alone:
            self._confirm(found >= 0)
        return found, shares

    def _associate(self, instances: Instances, views: ByteArray, double: Flags) -> Rows:
        """Return the detection of each track, −1 = none."""
        tracks = self._tracks
        sure, everything = tracks.ids >= 0, np.ones(len(tracks.ids), np.bool_)
        recent = tracks.unseen == 0
        strong = instances.scores > self.score
        weak = ~strong & ~double
        found = np.full(len(sure), -1)
        for which, candidates, alike, least in (
            (everything, strong, self._overlaps, _STRONG),
            (recent & sure, weak, self._overlaps, _FAINT),
            (everything, strong, self._nearness, _NEAR),
            (everything, strong, self._overlaps, _LOOSE),
            (sure, weak, self._overlaps, _FAINT),
        ):
            free = candidates.copy()
            free[found[found >= 0]] = False
            rows, columns = np.flatnonzero(which & (found < 0)), np.flatnonzero(free)
            if len(rows) and len(columns):
                matched, partners = assign(alike(rows, instances[columns], views[columns]), least)
                found[rows[matched]] = columns[partners]
        return found

    def _overlaps(self, rows: Rows, instances: Instances, views: ByteArray) -> FloatArray:
        tracks = self._tracks
        known = (self._motion.boxes[rows], tracks.views[rows], tracks.labels[rows])
        alike = similarity(*known, instances.boxes, views, instances.labels)
        doubtful = (tracks.unseen[rows] > 0) | (tracks.ids[rows] < 0)
        return alike * np.where(doubtful, _DOUBTFUL, 1.0)[:, None].astype(np.float32)

    def _nearness(self, rows: Rows, instances: Instances, views: ByteArray) -> FloatArray:
        near = self._motion.likelihood(rows, instances.boxes)
        near[self._tracks.labels[rows][:, None] != instances.labels] = 0
        return near

    def _confirm(self, rows: Flags) -> None:
        """Give identities to those of the chosen tracks that have none."""
        nameless = np.flatnonzero(rows & (self._tracks.ids < 0))
        self._tracks.ids[nameless] = self._next_id + np.arange(len(nameless))
        self._next_id += len(nameless)

    # ---------------------------------------------------------------- what is shown

    def _as_detected(self, instances: Instances, found: Rows) -> Instances:
        tracks = self._tracks
        tracks.shown = (tracks.ids >= 0) & (found >= 0)
        tracks.shown[tracks.shown] = instances.scores[found[tracks.shown]] > self.score
        rows = np.flatnonzero(tracks.shown)
        rows = rows[np.argsort(found[rows])]
        shown = replace(instances[found[rows]], ids=tracks.ids[rows])
        self._boxes = shown.boxes
        return shown

    def _steadied(
        self,
        instances: Instances,
        found: Rows,
        shares: FloatArray,
        dt: float,
        alone: bool,
        steadiness: Steadiness,
    ) -> Instances:
        tracks = self._tracks
        detected = found >= 0
        strong = np.zeros(len(found), np.bool_)
        strong[detected] = instances.scores[found[detected]] > self.score
        lasting = tracks.shown & (tracks.scores > steadiness.stay * self.score)
        clear = tracks.shown.copy()
        clear[detected] |= shares[found[detected]] <= _NEW_COVERED
        visible = ((strong & clear) | (lasting & detected)) & (tracks.ids >= 0)
        held = lasting & ~detected & (tracks.unseen <= steadiness.hold_s)
        if alone:
            visible, held = strong, np.zeros_like(held)
        tracks.shown = visible | (held & ~self._hidden(visible, held) & ~self._leaving(instances.size))

        rows = np.flatnonzero(tracks.shown)
        rows = rows[np.argsort(-tracks.scores[rows], kind="stable")]
        chosen, ids, boxes = found[rows], tracks.ids[rows], self._motion.boxes[rows]
        last = self._shown or instances[:0]
        before = _find(last.ids, ids)
        crops = masks.crops(boxes, instances.size, instances.prototypes.shape[:2])
        logits, offsets = _move(last, self._boxes, before, boxes, crops)
        gains = np.where(before < 0, 1.0, _gain(dt, steadiness.mask_s)).astype(np.float32)
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
        return replace(
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

    def _hidden(self, visible: Flags, held: Flags) -> Flags:
        """Say which held tracks lie behind visible ones, where nobody would see them."""
        result = np.zeros(len(held), np.bool_)
        if held.any():
            order = np.concatenate([np.flatnonzero(visible), np.flatnonzero(held)])
            labels = np.zeros(len(order), np.int32)  # any class hides any other
            shares = covered(self._motion.boxes[order], self._tracks.views[order], labels)
            result[order] = shares > _COVERED
        return result

    def _leaving(self, size: tuple[int, int]) -> Flags:
        """Say which tracks should be on their way out of the frame."""
        boxes = self._motion.boxes
        return _area(_clip(boxes, size)) < _INSIDE * _area(boxes)


def _alike(a: Instances, b: Instances) -> bool:
    """Say whether two frames are of the same size and from models of one kind."""
    return (a.size, a.names, a.prototypes.shape) == (b.size, b.names, b.prototypes.shape)


def _gain(dt: float, constant: float) -> float:
    """Weight of the newest value in an exponential mean with a time constant."""
    return 1.0 - math.exp(-dt / constant)


def _find(ids: npt.NDArray[np.int64], wanted: npt.NDArray[np.int64]) -> Rows:
    """Return where each wanted identity is in ``ids``, −1 = nowhere."""
    where = {identity: row for row, identity in enumerate(ids.tolist())}
    return np.array([where.get(identity, -1) for identity in wanted.tolist()], np.intp)


def _clip(boxes: FloatArray, size: tuple[int, int]) -> FloatArray:
    return np.clip(boxes, 0, np.array(size[::-1] * 2, np.float32))


def _area(boxes: FloatArray) -> FloatArray:
    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])


def _cells(boxes: FloatArray, instances: Instances) -> FloatArray:
    """Convert frame pixels to prototype pixels."""
    rows, columns = instances.prototypes.shape[:2]
    scale = np.array([columns / instances.size[1], rows / instances.size[0]] * 2, np.float32)
    return boxes * scale


def _move(
    last: Instances, from_boxes: FloatArray, rows: Rows, boxes: FloatArray, crops: npt.NDArray[np.int32]
) -> tuple[FloatArray, npt.NDArray[np.int64]]:
    """Return the evidence of the chosen rows of ``last`` (−1 = none) moved to other boxes."""
    areas = np.prod(np.maximum(crops[:, 2:] - crops[:, :2], 0), axis=1, dtype=np.int64)
    offsets = np.cumsum(areas) - areas
    out = np.empty(int(areas.sum()), np.float32)
    evidence.move(
        last.prototypes, last.coefficients, last.crops, *last.moved,
        _cells(from_boxes, last), rows, _cells(boxes, last), crops, offsets, out,
    )  # fmt: skip
    return out, offsets
