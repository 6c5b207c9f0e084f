"""Furniture, and things in hands: they hide parts of the person and do not belong to it."""

from __future__ import annotations

from functools import partial

import numpy as np
import numpy.typing as npt

from yolact_live.training.people.dress import Dresser
from yolact_live.training.people.material import Material, thing
from yolact_live.training.people.pose import FLAT, GRIPPING, Pose
from yolact_live.types import FloatArray

_CORNERS = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], np.float32)
_SIDES = ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3))
_FACES = (4 * np.arange(6)[:, None, None] + np.array([[0, 1, 2], [0, 2, 3]])).reshape(-1, 3).astype(np.int32)


def add_props(dresser: Dresser, pose: Pose, close: bool) -> None:
    """Add what the pose asks for, and sometimes a rucksack or a bag."""
    rng, place = dresser.rng, dresser.skeleton.place
    look = partial(thing, rng, dresser.prints)
    if pose.seat and rng.random() < 0.85:
        _chair(dresser)
    if pose.seat == "desk" and (close or rng.random() < 0.6):
        top = min(place("hand_l")[1], place("hand_r")[1]) - 0.55
        front = place("spine_01")[2] + 1.9
        _box(dresser, (-7, top - 0.45, front), (7, top, front + 6), look())
    for side, hand in zip("lr", pose.hands, strict=True):
        if hand in GRIPPING and rng.random() < 0.45:
            size = np.array([0.12, 0.7, 0.36]) if hand in FLAT else rng.uniform(0.2, 1.2, 3)
            grip = np.array([0.1 if side == "l" else -0.1, -0.3, 0.2]) + _joint(dresser, f"middle_01_{side}")
            _box(dresser, grip - size, grip + size, look(), f"hand_{side}")
    if rng.random() < 0.14:
        middle, size = _joint(dresser, "spine_03") - np.array([0, 0.7, 1.65]), np.array([1.3, 1.9, 0.85])
        _box(dresser, middle - size, middle + size, look(), "spine_03")
    elif rng.random() < 0.12 and not pose.seat:
        middle, size = place("thigh_l") + np.array([1.7, -1.4, -0.1]), np.array([0.4, 1.2, 1.5])
        _box(dresser, middle - size, middle + size, look())


def _chair(dresser: Dresser) -> None:
    """Put a box with legs, and often a back, under the thighs."""
    rng, place = dresser.rng, dresser.skeleton.place
    material = thing(rng, dresser.prints)
    knees = (place("calf_l") + place("calf_r")) / 2
    hips = (place("thigh_l") + place("thigh_r")) / 2
    ground = min(mesh.points[:, 1].min() for mesh in dresser.meshes)
    top = min(hips[1], knees[1]) - 1.0
    back, front, wide = hips[2] - 1.6, knees[2] - rng.uniform(0.8, 1.5), rng.uniform(2.0, 2.8)
    _box(dresser, (-wide, top - rng.uniform(0.3, 1.2), back), (wide, top, front), material)
    if rng.random() < 0.75:
        _box(dresser, (-wide, top, back - 0.5), (wide, top + rng.uniform(3.5, 7), back), material)
    for x in (-wide, wide - 0.4):
        for z in (back, front - 0.4):
            _box(dresser, (x, ground, z), (x + 0.4, top, z + 0.4), material)


def _joint(dresser: Dresser, bone: str) -> FloatArray:
    """Return where the head of a bone is in the rest pose."""
    return dresser.skeleton.joints[dresser.base.bones.index(bone)]


def _box(
    dresser: Dresser, low: npt.ArrayLike, high: npt.ArrayLike, material: Material, bone: str = ""
) -> None:
    """Add a box between two corners in space, or in the rest pose of the ``bone`` that it moves with."""
    start, end = np.asarray(low, np.float32), np.asarray(high, np.float32)
    points = (_CORNERS * (end - start) + start)[np.array(_SIDES).ravel()]  # flat sides share no vertex
    if bone:
        dresser.attach(bone, points, points, _FACES, material)
    else:
        dresser.add(points, points, _FACES, material)
