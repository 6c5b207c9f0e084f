"""What is on heads: hair, hats, scarves and glasses. Numbers are canonical coordinates, decimetres."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from yolact_live.training.people.body import IntArray
from yolact_live.training.people.dress import Dresser, grid_faces, sphere
from yolact_live.training.people.material import Material, cloth, hair
from yolact_live.types import FloatArray

HANGING = "helper-hair"  # a part of the base mesh: long hair
CRANIUM = 7.3  # y, above which the head's size is measured


def dress_head(dresser: Dresser, female: float, age: float) -> FloatArray:
    """Put on hair and headgear. Return the hair's colour, (3,) f32."""
    rng, (x, y, z) = dresser.rng, dresser.base.rest.T
    material = hair(rng, age > 0.72)
    bald = rng.random() < (1 - female) * (0.1 if age < 0.65 else 0.35)
    wobble = 0.05 * np.sin(x * 9 + rng.uniform(0, 6)) + 0.05 * np.sin(z * 11 + y * 7)
    if not bald:
        scalp = _scalp(dresser, rng.normal(0, 0.05) + (0.2 * (1 - female) if age > 0.6 else 0))
        volume = rng.uniform(0.4, 0.8) if rng.random() < 0.08 else rng.uniform(0.08, 0.32) + 0.1 * female
        offset = volume * np.clip(scalp / 0.7, 0.1, 1) + wobble * 0.4
        dresser.layer("body", scalp + wobble, offset, material)
    headgear = rng.random()
    if headgear < 0.16:
        _hat(dresser)
    elif headgear < 0.2 and female > 0.5:
        scarf = np.minimum(y - rng.uniform(4.6, 5.6), _face_opening(dresser))
        dresser.layer(HANGING, scarf, 0.12, cloth(rng, dresser.prints))
        return material.colour
    if not bald and rng.random() < 0.06 + 0.62 * female:
        _long_hair(dresser, material, wobble)
    return material.colour


def _scalp(dresser: Dresser, lift: float) -> FloatArray:
    """Return a cut above zero where hair grows: above a line from neck to forehead, not on the ears."""
    x, y, z = dresser.base.rest.T
    line = np.interp(z, [-0.9, -0.2, 0.25, 0.6, 0.85, 1.4], [6.55, 6.75, 7.15, 7.55, 7.9, 8.12]) + lift
    ear = np.sqrt((np.abs(x) - 0.85) ** 2 + (y - 7.18) ** 2 + (z - 0.12) ** 2) - 0.33
    return np.minimum(y - line, ear)


def _face_opening(dresser: Dresser) -> FloatArray:
    """Return a cut below zero where what hangs would cover the face."""
    x, y, z = dresser.base.rest.T
    return np.maximum(np.maximum((np.abs(x) - 0.66) * 2, 0.45 - z), y - 8.05)


def _long_hair(dresser: Dresser, material: Material, wobble: FloatArray) -> None:
    """Let hair hang, or tie it to a tail or a bun."""
    rng, y = dresser.rng, dresser.base.rest[:, 1]
    style = rng.random()
    if style < 0.68:
        cut = np.minimum(y - rng.uniform(3.6, 6.6) + wobble * 3, _face_opening(dresser))
        dresser.layer(HANGING, cut, rng.uniform(-0.02, 0.1), material)
        return
    low, radius = style > 0.85, rng.uniform(0.35, 0.5)
    stretch = 1.0 if low or style < 0.75 else 2.6
    unit, faces = sphere(8, 12)
    middle = np.array([0, (6.9 if low else 8.2) - radius * (stretch - 1), -0.6])
    _on_head(dresser, middle + unit * radius * np.array([1, stretch, 1]), faces, material)


def _on_head(dresser: Dresser, points: npt.ArrayLike, faces: IntArray, material: Material) -> None:
    """Add (n, 3) canonical points, moved and scaled with the size of this body's head."""
    base, canonical = dresser.base, np.asarray(points, np.float32)
    cranium = np.unique(base.faces["body"])
    cranium = cranium[base.rest[cranium, 1] > CRANIUM]
    before, after = base.rest[cranium], dresser.shape[cranium]
    ratio = np.ptp(after, axis=0) / np.ptp(before, axis=0)
    rest = (canonical - before.mean(0)) * ratio + after.mean(0)
    dresser.attach("head", rest, canonical, faces, material)


def _hat(dresser: Dresser) -> None:
    """Put on a cap, a beanie, a helmet or a hat with a brim."""
    rng, (_, y, z) = dresser.rng, dresser.base.rest.T
    kind = str(rng.choice(["cap", "beanie", "helmet", "brim"], p=[0.45, 0.25, 0.15, 0.15]))
    material = cloth(rng, dresser.prints, 0.8)
    if kind == "helmet":
        material.gloss, material.bump = 0.5, 0.0
    edge = 7.62 + 0.25 * np.clip(z, -1, 1.2) * (0.4 if kind == "cap" else 0.6)
    offset = {"cap": 0.3, "beanie": 0.25, "helmet": 0.5, "brim": 0.32}[kind]
    puff = np.clip(y - 8.0, 0, 1) * (0.4 if kind in ("beanie", "brim") else 0.1)
    dresser.layer("body", y - edge, offset + puff, material)
    if kind == "cap":
        _brim(dresser, np.linspace(-1.15, 1.15, 13), 0.25, material)
    elif kind == "brim":
        _brim(dresser, np.linspace(0, 2 * np.pi, 25), 0.8, material)


def _brim(dresser: Dresser, angles: npt.NDArray[np.float64], aside: float, material: Material) -> None:
    """Add a strip around the head: angles from the front, radians; how far aside relative to ahead."""
    reach = dresser.rng.uniform(0.6, 0.9)
    sine, cosine = np.sin(angles), np.cos(angles)
    inner = np.stack([0.9 * sine, np.full(len(angles), 7.88), 1.2 * cosine + 0.15], 1)
    outer = inner + np.stack([reach * aside * sine, np.full(len(angles), -0.12), reach * cosine], 1)
    _on_head(dresser, np.concatenate([inner, outer]), grid_faces(2, len(angles), False), material)


def put_on_glasses(dresser: Dresser) -> None:
    """Put on a frame, or dark glasses."""
    frame = Material(np.full(3, dresser.rng.choice([0.03, 0.3]), np.float32), gloss=0.15)
    hole = 0.02 if dresser.rng.random() < 0.4 else 0.84
    angles = np.linspace(0, 2 * np.pi, 17)
    for side in (0.34, -0.34):
        x = side + 0.27 * np.cos(angles)
        ring = np.stack([x, 7.27 + 0.2 * np.sin(angles), 1.62 - 0.25 * np.abs(x)], 1)
        inner = (ring - ring.mean(0)) * hole + ring.mean(0)
        _on_head(dresser, np.concatenate([ring, inner]), grid_faces(2, len(angles), False), frame)
