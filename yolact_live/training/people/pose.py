"""Poses: what people do with trunk, legs, head and hands, drawn at random."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from yolact_live.training.people.body import Rng

Angles = tuple[float, float, float]

# Where the wrist is, in arm lengths from the shoulder (outwards, up, forwards), and the elbow's side.
HANDS: dict[str, tuple[Angles, Angles]] = {
    "hang": ((0.14, -0.95, 0.06), (0.4, 0, -1)),
    "hip": ((0.04, -0.60, 0.04), (1, 0, -0.4)),
    "pocket": ((0.06, -0.78, 0.14), (0.7, 0, -1)),
    "ear": ((-0.09, 0.24, 0.14), (0.6, -1, 0.1)),
    "read": ((-0.20, -0.25, 0.52), (0.4, -1, -0.2)),
    "cross": ((-0.52, -0.34, 0.33), (0.6, -0.8, 0)),
    "type": ((-0.08, -0.50, 0.55), (0.7, -0.6, -0.4)),
    "lap": ((-0.08, -0.72, 0.42), (0.6, -0.2, -0.8)),
    "wave": ((0.35, 0.42, 0.22), (0.6, -1, -0.2)),
    "up": ((0.15, 0.93, 0.10), (1, 0, -0.3)),
    "side": ((0.93, -0.05, 0.10), (0, -0.6, -1)),
    "point": ((0.08, -0.02, 0.95), (0.4, -1, 0)),
    "chin": ((-0.28, 0.10, 0.38), (0.3, -1, 0)),
    "behind": ((-0.12, -0.62, -0.22), (1, 0, -0.7)),
    "ahead": ((0.02, -0.78, 0.42), (0.3, -0.2, -1)),
    "back": ((0.10, -0.86, -0.36), (0.5, 0, -1)),
    "drink": ((-0.22, 0.02, 0.40), (0.7, -0.8, 0)),
    "hair": ((-0.14, 0.48, 0.02), (1, 0.2, 0.2)),
    "hold": ((-0.12, -0.42, 0.40), (0.6, -0.7, -0.5)),
    "swing": ((-0.45, 0.30, 0.60), (0.4, -1, 0)),
}
FLAT = ("ear", "read")  # what holds a telephone
GRIPPING = (*FLAT, "hold", "drink", "swing")
RAISED = ("up", "wave", "hair")  # what lifts the shoulder


@dataclass(frozen=True)
class Pose:
    """Angles of the joints in degrees; of pairs, the left one is first.

    Attributes:
        hip: of each leg, forwards, outwards, turned out.
        knee, ankle: bent.
        spine, head: forwards, twisted to the left, aside.
        lean: of the whole body, forwards and aside.
        hands: names in :data:`HANDS`.
        seat: "chair", "desk" for a chair and a table, or "".
    """

    hip: tuple[Angles, Angles]
    knee: tuple[float, float]
    spine: Angles
    head: Angles
    hands: tuple[str, str]
    ankle: tuple[float, float] = (0, 0)
    lean: tuple[float, float] = (0, 0)
    seat: str = ""


def sample_pose(rng: Rng, close: bool) -> Pose:
    """Draw a natural pose; ``close`` prefers those that a webcam sees."""
    odds = [close_odds if close else odds for _, odds, close_odds in _KINDS]
    pose = _KINDS[int(rng.choice(len(_KINDS), p=odds))][0](rng)
    return _mirrored(pose) if rng.random() < 0.5 else pose


def _mirrored(pose: Pose) -> Pose:
    def flipped(angles: Angles) -> Angles:
        return angles[0], -angles[1], -angles[2]

    return Pose(
        hip=pose.hip[::-1],
        knee=pose.knee[::-1],
        ankle=pose.ankle[::-1],
        spine=flipped(pose.spine),
        lean=(pose.lean[0], -pose.lean[1]),
        head=flipped(pose.head),
        hands=pose.hands[::-1],
        seat=pose.seat,
    )


def _pick(rng: Rng, *names: str) -> str:
    return str(rng.choice(names))


def _about(rng: Rng, least: float, scale: float) -> float:
    return least + abs(rng.normal(0, scale))


def _head(rng: Rng) -> Angles:
    return rng.normal(3, 9), rng.normal(0, 22), rng.normal(0, 6)


def _trunk(rng: Rng, forwards: float = 3) -> Angles:
    return rng.normal(forwards, 5), rng.normal(0, 8), rng.normal(0, 4)


def _free_hands(rng: Rng) -> tuple[str, str]:
    if rng.random() < 0.4:
        both = {"hang": 0.4, "hip": 0.1, "cross": 0.12, "pocket": 0.12, "behind": 0.05}
        both |= {"up": 0.05, "side": 0.03, "read": 0.08, "hold": 0.05}
        name = str(rng.choice(list(both), p=list(both.values())))
        return name, name
    other = _pick(rng, "hang", "hang", "pocket", "hip", "hold", "read", "behind", "ahead")
    return _pick(rng, *HANDS), other


def _stand(rng: Rng) -> Pose:
    width, out = _about(rng, 1, 5), _about(rng, 4, 7)
    hip = (rng.normal(0, 4), width, out), (rng.normal(0, 4), width, out)
    return Pose(hip, (_about(rng, 4, 4), _about(rng, 4, 4)), _trunk(rng), _head(rng), _free_hands(rng))


def _contrapposto(rng: Rng) -> Pose:
    """Stand on one leg, the other bent."""
    bend = rng.uniform(10, 35)
    hip = (0.0, 5.0, 5.0), (bend * 0.55, 6.0, rng.normal(15, 8))
    spine = rng.normal(3, 5), rng.normal(0, 8), rng.normal(5, 4)
    return Pose(hip, (1, bend), spine, _head(rng), _free_hands(rng), (0, bend * 0.35), (0, -3))


def _walk(rng: Rng) -> Pose:
    reach = rng.uniform(12, 28)
    hip, knee = ((reach, 2.0, 3.0), (-reach * 0.6, 2.0, 5.0)), (6, rng.uniform(12, 50))
    hands = ("back", "ahead") if rng.random() < 0.7 else ("hang", _pick(rng, "read", "ear", "hold", "pocket"))
    return Pose(hip, knee, (3, rng.normal(0, 8), 0), _head(rng), hands, (-8, 12), (2, 0))


def _run(rng: Rng) -> Pose:
    reach = rng.uniform(35, 55)
    hip, knee = ((reach, 2.0, 3.0), (-reach * 0.6, 2.0, 5.0)), (reach * 0.5, rng.uniform(60, 110))
    return Pose(hip, knee, (8, rng.normal(0, 8), 0), _head(rng), ("back", "hold"), (-8, 12), (10, 0))


def _sit(rng: Rng, desk: bool) -> Pose:
    lift, wide = rng.normal(84, 7), _about(rng, 5, 9)
    hip = (rng.normal(lift, 4), wide, 5.0), (rng.normal(lift, 4), rng.normal(wide, 3), 5.0)
    knee, ankle = (rng.normal(85, 14), rng.normal(85, 14)), (rng.normal(0, 5), rng.normal(0, 5))
    hands = ("type", "type")
    if not desk or rng.random() > 0.6:
        one = _pick(rng, "lap", "type", "hold", "chin", "read", "cross", "drink", "ear")
        hands = one, _pick(rng, "lap", "hold", "type", "lap")
    seat = "desk" if desk else "chair"
    return Pose(hip, knee, _trunk(rng, 14 if desk else 4), _head(rng), hands, ankle, seat=seat)


def _crouch(rng: Rng) -> Pose:
    hip = (rng.normal(105, 10), 14.0, 12.0), (rng.normal(95, 14), 12.0, 12.0)
    knee = rng.normal(125, 8), rng.normal(120, 10)
    hands = "hold", _pick(rng, "hold", "ahead", "lap")
    return Pose(hip, knee, _trunk(rng, 18), _head(rng), hands, (28, 25), (10, 0))


def _bend(rng: Rng) -> Pose:
    forwards = rng.uniform(25, 75)
    hip = (forwards * 0.35, 5.0, 5.0), (forwards * 0.3, 5.0, 5.0)
    knee, head = (_about(rng, 12, 12), _about(rng, 10, 12)), (rng.normal(-15, 10), rng.normal(0, 15), 0.0)
    hands = _pick(rng, "ahead", "hold", "point"), _pick(rng, "ahead", "hold", "hip")
    return Pose(hip, knee, _trunk(rng, forwards * 0.5), head, hands, lean=(forwards * 0.45, 0))


def _stance(rng: Rng) -> Pose:
    """Stand ready, as in a game or on a board."""
    bend = rng.uniform(20, 55)
    hip = (bend * 0.9, rng.normal(12, 4), 12.0), (bend * 0.6, rng.normal(14, 4), 12.0)
    spine, head = (rng.normal(10, 6), rng.normal(0, 15), rng.normal(0, 5)), (-8.0, rng.normal(0, 15), 0.0)
    hands = _pick(rng, "side", "swing", "hold", "ahead", "wave"), _pick(rng, "side", "swing", "hold", "ahead")
    lean = bend * 0.2, rng.normal(0, 6)
    return Pose(hip, (bend, bend * 1.2), spine, head, hands, (bend * 0.4, bend * 0.5), lean)


def _floor(rng: Rng) -> Pose:
    hip = (rng.normal(100, 10), 18.0, 20.0), (rng.normal(85, 10), 22.0, 20.0)
    hands = _pick(rng, "hold", "lap"), _pick(rng, "lap", "back")
    knee = rng.normal(95, 20), rng.normal(60, 25)
    return Pose(hip, knee, _trunk(rng, 8), _head(rng), hands, lean=(-12, 0))


def _kick(rng: Rng) -> Pose:
    hip = (rng.uniform(35, 80), 5.0, 5.0), (-5.0, 5.0, 5.0)
    knee = rng.uniform(0, 40), 8.0
    return Pose(hip, knee, _trunk(rng, 4), _head(rng), ("side", "ahead"), (-15, 0), (-10, 0))


def _lie(rng: Rng) -> Pose:
    hip = (rng.normal(8, 8), 5.0, 10.0), (rng.normal(25, 20), 8.0, 10.0)
    knee, hands = (_about(rng, 10, 12), _about(rng, 30, 25)), (_pick(rng, "hang", "hair"), "hold")
    return Pose(hip, knee, (4, 0, 0), _head(rng), hands, (-25, -25), (-86, 0))


def _ride(rng: Rng) -> Pose:
    """Ride a bicycle, which is not drawn."""
    hip, head = ((75.0, 12.0, 5.0), (45.0, 12.0, 5.0)), (-25.0, rng.normal(0, 10), 0.0)
    return Pose(hip, (80, 75), (22, 0, 0), head, ("point", "point"), (5, 5), (22, 0))


# what draws a pose; how often where the whole body is seen, and how often close to the camera
_KINDS: tuple[tuple[Callable[[Rng], Pose], float, float], ...] = (
    (_stand, 0.2, 0.4),
    (_contrapposto, 0.15, 0),
    (_walk, 0.19, 0),
    (_run, 0.07, 0),
    (partial(_sit, desk=False), 0.11, 0.25),
    (partial(_sit, desk=True), 0.04, 0.35),
    (_crouch, 0.03, 0),
    (_bend, 0.05, 0),
    (_stance, 0.06, 0),
    (_floor, 0.03, 0),
    (_kick, 0.03, 0),
    (_lie, 0.015, 0),
    (_ride, 0.025, 0),
)
