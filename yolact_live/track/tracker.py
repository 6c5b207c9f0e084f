"""Who is who over time.

Association follows ByteTrack (Zhang et al., ECCV 2022): strong detections first, then weak ones
for the tracks that are left, which carries an object through a moment of bad light or cover.
What was seen a moment ago chooses before what is hidden. Where one object hides another, or the
network takes two for one, the colours of their masks tell who comes out of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from yolact_live.track import appearance
from yolact_live.track.associate import assign, covered, shared, similarity, windows
from yolact_live.track.steady import COVERED, NEW_COVERED, STEADINESS, Shown, cells, gain
from yolact_live.track.tracks import Flags, Rows, Tracks, which
from yolact_live.types import ByteArray, FloatArray, Instances

# An object is remembered while it is hidden for one second, and the frames around that; longer
# behind another, if its look is known.
MEMORY_S = 1.15
HIDDEN_MEMORY_S = 2.5
# Pictures further apart than this have nothing to do with each other.
_CUT_S = 1.0
# Detections down to this score help to follow what is already there.
WEAK = 0.1
# Pairs less alike than this are never matched: strong and weak detections by their overlap,
# those where an object may be by now, what is then left, and those that look like it.
_STRONG, _FAINT, _NEAR, _LOOSE, _LOOKS = 0.5, 0.35, 1e-6, 0.2, 0.88
# Hidden and unconfirmed tracks must fit so much better to get a detection that others want.
_DOUBTFUL = 0.8
# What another covers to this degree is behind it when it is not detected.
_BEHIND = 0.5
# Looks count where others leave so much of a mask, and are learnt, in this time, where so much.
_PART, _MOST, _LOOK_S = 0.3, 0.7, 1.0
# How much less alike a difference of looks makes a pair; less likeness than what is another
# object where one was hidden. Two are told apart if the misfits of their looks, one way and the
# other, differ by so much, and the smaller is so small a part of the larger.
_LOOK_SCALE, _STRANGE, _TOLD_APART, _CLEAR = 0.15, 0.5, 0.06, 0.33
# Whose look is not known yet is taken to look so much like what is seen.
_UNKNOWN = 0.9


@dataclass(frozen=True)
class _Detections:
    """All that is asked of D detections.

    Attributes:
        views: (D, WINDOW, WINDOW) u8, their masks.
        shares: (D,) f32, how much of each mask that of a better one of its class covers.
        looks: (D, LOOK) f32.
        own: (D,) f32, how much of each mask no other covers; 0 without a picture.
        strong: (D,) bool, above the threshold.
    """

    instances: Instances
    views: ByteArray
    shares: FloatArray
    looks: FloatArray
    own: FloatArray
    strong: Flags


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
        self._shown: Shown | None = None
        self._tracks = Tracks()

    @property
    def floor(self) -> float:
        """The tracker wants to know of all detections that score more than this."""
        return min(WEAK, self.score)

    def update(self, instances: Instances, pts: Fraction, image: ByteArray | None = None) -> Instances:
        """Follow the objects into the next frame.

        A new object is shown at once in the first frame, else when it is found a second time.

        Args:
            instances: all detections above ``floor``, highest score first.
            pts: time of the frame in its source, seconds. Times that go back or leap start
                anew; the same time once more is the same picture, judged without its past.
            image: (H, W, 3) u8 BGR, the frame. Without it, objects that hide one another are
                told apart by their motion alone.

        Returns:
            The objects to show, with identities, highest score first.
        """
        dt = 0.0 if self._pts is None else float(pts - self._pts)
        if self._shown is not None and not (0 <= dt < _CUT_S and _alike(self._shown.instances, instances)):
            self._pts = self._shown = None
            self._tracks = Tracks()
        # a first picture, or one shown again, has no past that could confirm anything
        alone = self._pts is None or dt == 0
        self._pts = pts
        self._shown = self._shown or Shown(instances)
        seen = self._look_at(instances, image)
        found = self._follow(seen, dt, alone)
        steadiness = STEADINESS[self.steady]
        if steadiness is None:
            return self._shown.as_detected(instances, self._tracks, found, self.score)
        return self._shown.smoothed(
            instances, self._tracks, found, seen.shares, self.score, dt, alone, steadiness
        )

    def predict(self, pts: Fraction) -> Instances:
        """Return what to show in a frame after the last update: its boxes and masks moved on."""
        assert self._shown is not None
        assert self._pts is not None
        dt = float(pts - self._pts)
        return self._shown.ahead(self._tracks, dt) if 0 <= dt < _CUT_S else self._shown.instances[:0]

    # ---------------------------------------------------------------- from frame to frame

    def _look_at(self, instances: Instances, image: ByteArray | None) -> _Detections:
        boxes = cells(instances.boxes, instances)
        views = windows(instances.prototypes, instances.coefficients, instances.crops, boxes)
        shares = covered(boxes, views, instances.labels)
        strong = instances.scores > self.score
        if image is None:
            looks = np.zeros((len(boxes), appearance.LOOK), np.float32)
            own = np.zeros(len(boxes), np.float32)
        else:
            looks, own = appearance.looks(image, instances.boxes, views, strong & (shares <= COVERED))
            shares = np.where(strong, shares, np.maximum(shares, 1 - own))
        return _Detections(instances, views, shares, looks, own, strong)

    def _follow(self, seen: _Detections, dt: float, alone: bool) -> Rows:
        """Match, correct, start and forget tracks; return each track's detection, −1 = none."""
        tracks, instances = self._tracks, seen.instances
        tracks.motion.predict(dt, tracks.unseen == 0)
        found = self._associate(seen)
        self._hide(found, instances)
        self._untangle(found, seen)

        rows = which(found >= 0)
        chosen = found[rows]
        tracks.motion.update(rows, instances.boxes[chosen])
        tracks.unseen += dt
        tracks.unseen[rows] = 0
        tracks.views[rows] = seen.views[chosen]
        steadiness = STEADINESS[self.steady]
        weight = gain(dt, steadiness.score_s) if steadiness else 1.0
        tracks.scores[rows] += weight * (instances.scores[chosen] - tracks.scores[rows])
        self._learn(found, seen, dt)
        self._confirm(found >= 0)

        memory = np.full(len(tracks), MEMORY_S)
        hidden = which(tracks.behind >= 0)
        memory[hidden[tracks.looks[hidden].any(axis=1)]] = HIDDEN_MEMORY_S
        alive = (tracks.unseen < memory) & ((tracks.ids >= 0) | (found >= 0))
        if not alive.all():
            tracks.keep(alive)
            found = found[alive]
        found = np.concatenate([found, self._start(chosen, seen)])
        if alone:
            self._confirm(found >= 0)
        return found

    def _start(self, chosen: Rows, seen: _Detections) -> Rows:
        """Start tracks for strong detections that belong to none; return them."""
        new = seen.strong & (seen.shares <= NEW_COVERED)
        new[chosen] = False
        rows = which(new)
        if not len(rows):
            return rows
        looks = np.where(seen.own[rows, None] >= _MOST, seen.looks[rows], 0)
        starting = seen.instances[rows]
        self._tracks.add(starting.boxes, starting.labels, starting.scores, seen.views[rows], looks)
        return rows

    def _learn(self, found: Rows, seen: _Detections, dt: float) -> None:
        """Bring what is clearly seen into the looks of tracks."""
        tracks = self._tracks
        rows = which((found >= 0) & (tracks.behind < 0))
        rows = rows[((seen.own >= _MOST) & seen.strong)[found[rows]]]
        if (tracks.behind >= 0).any():
            rows = rows[~np.isin(tracks.ids[rows], tracks.behind)]
        old, new = tracks.looks[rows], seen.looks[found[rows]]
        weight = np.where(old.any(axis=1, keepdims=True), np.float32(gain(dt, _LOOK_S)), np.float32(1))
        tracks.looks[rows] = old + weight * (new - old)

    def _confirm(self, rows: Flags) -> None:
        """Give identities to those of the chosen tracks that have none."""
        nameless = which(rows & (self._tracks.ids < 0))
        self._tracks.ids[nameless] = self._next_id + np.arange(len(nameless))
        self._next_id += len(nameless)

    # ---------------------------------------------------------------- association

    def _associate(self, seen: _Detections) -> Rows:
        """Return the detection of each track, −1 = none."""
        tracks, instances = self._tracks, seen.instances
        sure, everything = tracks.ids >= 0, np.ones(len(tracks), np.bool_)
        recent = tracks.unseen == 0
        weak = ~seen.strong & (seen.shares <= COVERED)
        known = (tracks.motion.boxes, tracks.views, tracks.labels)
        overlaps = similarity(*known, instances.boxes, seen.views, instances.labels)
        overlaps[~(recent & sure)] *= _DOUBTFUL
        alike = appearance.likeness(tracks.looks, seen.looks)
        alike[~tracks.looks.any(axis=1)] = _UNKNOWN
        looks = np.exp((alike - 1) / _LOOK_SCALE * (seen.own >= _PART))
        strange = (alike < _STRANGE) & (seen.own >= _PART)
        # what is seen may change its look at once, but not if it may be another that was hidden
        same, changed = ~strange, ~strange | recent[:, None]

        def overlap(rows: Rows, columns: Rows, seen: _Detections) -> FloatArray:
            return overlaps[rows[:, None], columns]

        stages: tuple[
            tuple[Flags, Flags, Callable[[Rows, Rows, _Detections], FloatArray], float, Flags], ...
        ] = (
            (everything, seen.strong, overlap, _STRONG, same),
            (recent & sure, weak, overlap, _FAINT, changed),
            (everything, seen.strong, self._nearness, _NEAR, same),
            (everything, seen.strong, overlap, _LOOSE, changed),
            (sure, weak, overlap, _FAINT, changed),
            (tracks.behind >= 0, seen.strong, self._recognised, _LOOKS, same),
        )
        found = np.full(len(tracks), -1)
        free = np.ones(len(instances), np.bool_)
        for those, candidates, measure, least, possible in stages:
            lost = found < 0
            if not lost.any():
                break
            rows, columns = which(those & lost), which(candidates & free)
            if not len(rows) or not len(columns):
                continue
            pairs = rows[:, None], columns
            fits = measure(rows, columns, seen)
            fits = np.where((fits >= least) & possible[pairs], fits * looks[pairs], 0)
            matched, partners = assign(fits, 1e-9)
            found[rows[matched]] = columns[partners]
            free[columns[partners]] = False
        return found

    def _nearness(self, rows: Rows, columns: Rows, seen: _Detections) -> FloatArray:
        near = self._tracks.motion.likelihood(rows, seen.instances.boxes[columns])
        near[self._tracks.labels[rows][:, None] != seen.instances.labels[columns]] = 0
        return near

    def _recognised(self, rows: Rows, columns: Rows, seen: _Detections) -> FloatArray:
        """Say how well detections look like tracks that are hidden there, whatever their size."""
        tracks, instances = self._tracks, seen.instances
        known = tracks.looks[rows].any(axis=1, keepdims=True) & seen.looks[columns].any(axis=1)
        here = shared(tracks.motion.boxes[rows], instances.boxes[columns]) > 0
        here &= tracks.labels[rows][:, None] == instances.labels[columns]
        alike = appearance.likeness(tracks.looks[rows], seen.looks[columns])
        return np.where(known & here, alike, 0)

    # ---------------------------------------------------------------- one behind another

    def _hide(self, found: Rows, instances: Instances) -> None:
        """Note behind whom those are that were not found."""
        tracks = self._tracks
        hidden = which((found < 0) & (tracks.ids >= 0) & (tracks.behind < 0))
        others = which((found >= 0) & (tracks.ids >= 0))
        if not len(hidden) or not len(others):
            return
        a, b = tracks.motion.boxes[hidden], instances.boxes[found[others]]
        shares: FloatArray = shared(a, b) / (a[:, 2:] - a[:, :2]).prod(axis=1)[:, None]
        shares[tracks.labels[hidden][:, None] != tracks.labels[others]] = 0
        behind = which(shares.max(axis=1) >= _BEHIND)
        tracks.behind[hidden[behind]] = tracks.ids[others[shares[behind].argmax(axis=1)]]

    def _untangle(self, found: Rows, seen: _Detections) -> None:
        """Where one has gone behind another, let their looks tell who is who."""
        tracks = self._tracks
        for row in which(tracks.behind >= 0).tolist():
            other = which(tracks.ids == tracks.behind[row])
            if not len(other):
                tracks.behind[row] = -1
                continue
            pair = np.array([row, other[0]])
            chosen = found[pair]
            if chosen[1] < 0 or (seen.own[chosen[chosen >= 0]] < _MOST).any():
                continue
            kept, swapped = self._misfits(pair, chosen, seen)
            clear = abs(kept - swapped) >= _TOLD_APART and min(kept, swapped) <= _CLEAR * max(kept, swapped)
            if clear and swapped < kept:
                self._swap(row, int(other[0]))
            boxes = seen.instances.boxes[chosen]
            if chosen[0] >= 0 and (clear or not shared(boxes[:1], boxes[1:]).any()):
                tracks.behind[row] = -1

    def _misfits(self, pair: Rows, chosen: Rows, seen: _Detections) -> tuple[float, float]:
        """Say how little two look like what they were found as, and how little if it is the other way.

        Args:
            pair: two tracks.
            chosen: their detections. −1 for the first: both are one, that of the second.
        """
        known = self._tracks.looks[pair]
        misfit = 1 - appearance.likeness(known, seen.looks[chosen])
        if chosen[0] >= 0:
            return float(misfit.trace()), float(misfit[::-1].trace())
        return (float(misfit[1, 1]), float(misfit[0, 1])) if known.any(axis=1).all() else (0.0, 0.0)

    def _swap(self, a: int, b: int) -> None:
        """Let two tracks be each other's objects; where they are heading stays."""
        tracks = self._tracks
        assert self._shown is not None
        for column in (tracks.ids, tracks.looks):
            column[[a, b]] = column[[b, a]]
        tracks.behind[a] = tracks.ids[b]
        one, other = tracks.ids[[a, b]].tolist()
        self._shown.rename({one: other, other: one})


def _alike(a: Instances, b: Instances) -> bool:
    """Say whether two frames are of the same size and from models of one kind."""
    return (a.size, a.names, a.prototypes.shape) == (b.size, b.names, b.prototypes.shape)
