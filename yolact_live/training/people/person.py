"""One random person, from nothing to a cut-out."""

from __future__ import annotations

from itertools import count

import numpy as np

from yolact_live.training.people import material
from yolact_live.training.people.body import BaseMesh, Build, Rng, body_shape
from yolact_live.training.people.dress import EVERYWHERE, Dresser, dress_body
from yolact_live.training.people.head import dress_head, put_on_glasses
from yolact_live.training.people.pose import sample_pose
from yolact_live.training.people.props import add_props
from yolact_live.training.people.render import Cutout, render
from yolact_live.training.people.rig import pose_skeleton
from yolact_live.types import FloatArray

CLOSE_EVERY = 4  # one in so many people is seen as by a webcam
STRAIGHT = 0.1  # share of a side of the cut-out that a person may touch


def make_person(base: BaseMesh, prints: FloatArray, seed: list[int], number: int) -> Cutout:
    """Make person ``number``, which depends on nothing else but the arguments.

    Props can hide all of a person, and the frame cut one off at a side, which would end in a straight
    line wherever it is pasted. Then another one is made.
    """
    for attempt in count():
        cutout = _draw(
            base, prints, np.random.default_rng([*seed, number, attempt]), number % CLOSE_EVERY == 0
        )
        sides = float((cutout.mask[:, [0, -1]] > 127).mean(0).max())
        if cutout.mask.max() > 127 and not (cutout.close and sides > STRAIGHT):
            return cutout
    raise AssertionError


def _draw(base: BaseMesh, prints: FloatArray, rng: Rng, close: bool) -> Cutout:
    build = _build(rng)
    shape = body_shape(base, build)
    pose = sample_pose(rng, close)
    dresser = Dresser(base, shape, pose_skeleton(base, shape, pose, rng), rng, len(prints))
    dress_body(dresser, 1 - build.gender)
    hairs = dress_head(dresser, 1 - build.gender, build.age)
    if rng.random() < 0.2:
        put_on_glasses(dresser)
    bearded = build.gender > 0.5 and build.age > 0.45 and rng.random() < 0.4
    dresser.layer("body", dresser.skin, 0.0, material.skin(rng, build.ancestry, hairs, bearded))
    eyes = material.eyes(rng)
    for part in ("helper-l-eye", "helper-r-eye"):
        dresser.layer(part, EVERYWHERE, 0.0, eyes)
    add_props(dresser, pose, close)
    return render(dresser.meshes, dresser.skeleton.place("head"), prints, rng, close)


def _build(rng: Rng) -> Build:
    """Draw a woman or a man, one in seven a child."""
    male = float(rng.random() < 0.52)
    is_child = rng.random() < 0.14
    shares = rng.dirichlet([0.35, 0.35, 0.6])
    return Build(
        gender=abs(male - rng.uniform(0, 0.2)),
        age=rng.uniform(0.12, 0.4) if is_child else min(1.0, rng.beta(1.5, 2.2) * 0.6 + 0.42),
        muscle=rng.uniform(0.25, 0.8),
        weight=float(np.clip(rng.normal(0.52, 0.2), 0.05, 1)),
        height=rng.uniform(0.25, 0.75),
        ancestry=dict(zip(("african", "asian", "caucasian"), shares.tolist(), strict=True)),
    )
