"""The skeleton: forward kinematics of trunk and legs, inverse kinematics of the arms, skinning."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from yolact_live.training.people.body import BaseMesh, Rng
from yolact_live.training.people.pose import GRIPPING, HANDS, RAISED, Pose
from yolact_live.types import FloatArray

X, Y, Z = np.eye(3, dtype=np.float32)
ARMS = ("upperarm_l", "lowerarm_l", "upperarm_r", "lowerarm_r")
REACH = (0.35, 0.985)  # of an arm's length: how near to and far from the shoulder a wrist may be


def rotation(axis: npt.ArrayLike, degrees: float) -> FloatArray:
    """Return the (3, 3) f32 matrix of a rotation about an axis of any length."""
    vector = np.asarray(axis, np.float64)
    vector = vector / (np.linalg.norm(vector) + 1e-9)
    return np.asarray(cv2.Rodrigues(vector * math.radians(degrees))[0], np.float32)


@dataclass(eq=False)
class Skeleton:
    """A posed rig.

    Attributes:
        rotations: (B, 3, 3) f32, of each bone from the rest pose, in space.
        positions: (B, 3) f32, the posed heads of the bones.
        joints: (B, 3) f32, their heads in the rest pose.
    """

    base: BaseMesh
    rotations: FloatArray
    positions: FloatArray
    joints: FloatArray

    def skin(self, vertices: FloatArray, weights: FloatArray) -> FloatArray:
        """Move (n, 3) vertices with the bones by (n, B) skinning weights (linear blend skinning)."""
        offsets = self.positions - np.einsum("bij,bj->bi", self.rotations, self.joints)
        blend = weights @ np.concatenate([self.rotations.reshape(-1, 9), offsets], 1)
        moved = np.einsum("nij,nj->ni", blend[:, :9].reshape(-1, 3, 3), vertices) + blend[:, 9:]
        return np.asarray(moved, np.float32)

    def rigid(self, bone: str, vertices: FloatArray) -> FloatArray:
        """Move (n, 3) vertices with one bone."""
        index = self.base.bones.index(bone)
        moved = (vertices - self.joints[index]) @ self.rotations[index].T + self.positions[index]
        return np.asarray(moved, np.float32)

    def place(self, bone: str) -> FloatArray:
        """Return where the head of a bone is, (3,) f32."""
        return np.asarray(self.positions[self.base.bones.index(bone)], np.float32)


def pose_skeleton(base: BaseMesh, shape: FloatArray, pose: Pose, rng: Rng) -> Skeleton:
    """Bend the skeleton of a body with (V, 3) vertices ``shape``."""
    joints = base.joints(shape)
    local = dict.fromkeys(base.bones, np.eye(3, dtype=np.float32))
    local["pelvis"] = rotation(X, pose.lean[0]) @ rotation(Z, pose.lean[1])
    for bone, share in (("spine_01", 0.3), ("spine_02", 0.35), ("spine_03", 0.35)):
        local[bone] = _bend(pose.spine, share)
    for bone, share in (("neck_01", 0.45), ("head", 0.55)):
        local[bone] = _bend(pose.head, share)
    for index, (side, sign) in enumerate((("l", 1), ("r", -1))):
        forwards, outwards, out = pose.hip[index]
        # the thighs of the rest pose stand four degrees apart
        thigh = rotation(Z, sign * (outwards - 4)) @ rotation(X, -forwards) @ rotation(Y, sign * out)
        local["thigh_" + side] = np.asarray(thigh, np.float32)
        local["calf_" + side] = rotation(X, pose.knee[index])
        local["foot_" + side] = rotation(X, -pose.ankle[index])
        lift = 12 if pose.hands[index] in RAISED else 0
        local["clavicle_" + side] = rotation(Z, sign * (lift + rng.normal(0, 3)))
    rotations = np.zeros((len(joints), 3, 3), np.float32)
    skeleton = Skeleton(base, rotations, np.zeros_like(joints), joints)
    _forward(skeleton, local)
    for side, hand in zip("lr", pose.hands, strict=True):
        _reach(skeleton, side, hand, local, rng)
    return skeleton


def _bend(angles: tuple[float, float, float], share: float) -> FloatArray:
    """Return one bone's share of bending forwards, twisting and leaning aside."""
    forwards, twist, aside = (share * angle for angle in angles)
    return np.asarray(rotation(Y, twist) @ rotation(X, forwards) @ rotation(Z, aside))


def _forward(skeleton: Skeleton, local: dict[str, FloatArray], fixed: tuple[str, ...] = ()) -> None:
    """Chain the rotations of the bones; those of ``fixed`` are kept."""
    base = skeleton.base
    for index, (bone, parent) in enumerate(zip(base.bones, base.parents, strict=True)):
        if parent < 0:
            skeleton.rotations[index], skeleton.positions[index] = local[bone], skeleton.joints[index]
            continue
        offset = skeleton.rotations[parent] @ (skeleton.joints[index] - skeleton.joints[parent])
        skeleton.positions[index] = skeleton.positions[parent] + offset
        if bone not in fixed:
            skeleton.rotations[index] = skeleton.rotations[parent] @ local[bone]


def _frame(first: FloatArray, second: FloatArray) -> FloatArray:
    """Return (3, 3) f32, columns: along ``first``, across both, and across these two."""
    one = first / np.linalg.norm(first)
    across = np.cross(first, second)
    across /= np.linalg.norm(across) + 1e-9
    return np.stack([one, across, np.cross(one, across)], 1)


def _reach(skeleton: Skeleton, side: str, hand: str, local: dict[str, FloatArray], rng: Rng) -> None:
    """Bend an arm so that the wrist comes where ``hand`` wants it, and curl the fingers.

    The elbow lies on a circle about the line from shoulder to wrist; how far along that line its
    centre is follows from the law of cosines.
    """
    bones, joints = skeleton.base.bones, skeleton.joints
    upper, lower, wrist = (bones.index(f"{name}_{side}") for name in ("upperarm", "lowerarm", "hand"))
    outwards = np.array([1 if side == "l" else -1, 1, 1], np.float32)
    chest = skeleton.rotations[bones.index("spine_03")] * outwards
    first, second = joints[lower] - joints[upper], joints[wrist] - joints[lower]
    one, two = float(np.linalg.norm(first)), float(np.linalg.norm(second))
    goal, elbow = (np.array(vector, np.float32) for vector in HANDS[hand])
    goal = chest @ (goal + rng.normal(0, 0.05, 3).astype(np.float32)) * (one + two)
    elbow = chest @ (elbow + rng.normal(0, 0.15, 3).astype(np.float32))
    far = float(np.clip(np.linalg.norm(goal), REACH[0] * (one + two), REACH[1] * (one + two)))
    ahead = goal / np.linalg.norm(goal)
    aside = elbow - ahead * (elbow @ ahead)
    aside /= np.linalg.norm(aside) + 1e-6
    along = (one**2 - two**2 + far**2) / (2 * far)
    bent = ahead * along + aside * math.sqrt(max(one**2 - along**2, 0))
    rest = ahead * far - bent
    skeleton.rotations[upper] = _frame(bent, rest) @ _frame(first, second).T
    skeleton.rotations[lower] = _frame(rest, bent) @ _frame(second, first).T
    turned, bowed = rotation(second, rng.normal(0, 25)), rotation(rng.normal(0, 1, 3), rng.normal(0, 14))
    local[f"hand_{side}"] = np.asarray(turned @ bowed, np.float32)
    curl = abs(rng.normal(15, 15)) + (25 if hand in GRIPPING else 0)
    for finger in ("index", "middle", "ring", "pinky"):
        names = [f"{finger}_0{k}_{side}" for k in (1, 2, 3)]
        a, b, c = (joints[bones.index(name)] for name in names)
        for name in names:
            local[name] = rotation(np.cross(b - a, c - b), curl + rng.normal(0, 4))
    _forward(skeleton, local, ARMS)
