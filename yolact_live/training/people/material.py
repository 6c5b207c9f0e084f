"""Materials: cloth, skin and hair in the colours that they have. Colours are (3,) f32 RGB, sRGB 0..1."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from yolact_live.training.people import shade
from yolact_live.training.people.body import Rng
from yolact_live.types import FloatArray

_SKINS = {"african": (0.36, 0.23, 0.16), "asian": (0.80, 0.61, 0.46), "caucasian": (0.86, 0.66, 0.55)}
_HAIRS = (  # colour; how often among the young and the old
    ((0.05, 0.04, 0.035), 0.36, 0.02),
    ((0.13, 0.085, 0.055), 0.27, 0.08),
    ((0.28, 0.18, 0.1), 0.17, 0.1),
    ((0.62, 0.47, 0.28), 0.13, 0.1),
    ((0.42, 0.18, 0.08), 0.04, 0.02),
    ((0.6, 0.59, 0.57), 0.03, 0.68),
)
_IRISES = ((0.2, 0.1, 0.05), (0.25, 0.4, 0.5), (0.05, 0.03, 0.02))


def _black() -> FloatArray:
    return np.zeros(3, np.float32)


@dataclass(eq=False)
class Material:
    """How a surface looks.

    Attributes:
        colour: of what is not covered by the pattern.
        pattern: one of those in :mod:`.shade`.
        second: the pattern's colour.
        scale: of the pattern; 1 is about a decimetre a stripe.
        bump: height of folds.
        gloss: 0 is dull.
        person: whether it belongs to the mask.
        picture: index of the print.
        brows, beard: how thick they are on skin, 0..1.
    """

    colour: FloatArray
    pattern: int = shade.PLAIN
    second: FloatArray = field(default_factory=_black)
    scale: float = 1.0
    bump: float = 0.0
    gloss: float = 0.05
    person: bool = True
    picture: int = 0
    brows: float = 0.0
    beard: float = 0.0

    def row(self) -> list[float]:
        """Return the numbers that the kernels read, in the order of the columns in :mod:`.shade`."""
        rest = (self.pattern, self.scale, self.bump, self.gloss, self.person, self.picture)
        return [*self.colour, *self.second, *(float(value) for value in rest), self.brows, self.beard]


def cloth_colour(rng: Rng) -> FloatArray:
    """Draw a colour that clothes have: often dark, white, grey, blue or brown, sometimes vivid."""
    kind = rng.random()
    if kind < 0.24:
        colour = np.full(3, rng.uniform(0.03, 0.2)) + rng.normal(0, 0.02, 3)
    elif kind < 0.38:
        colour = np.full(3, rng.uniform(0.75, 0.97)) + rng.normal(0, 0.02, 3)
    elif kind < 0.5:
        colour = np.full(3, rng.uniform(0.3, 0.65)) + rng.normal(0, 0.03, 3)
    elif kind < 0.66:
        colour = np.array([0.12, 0.17, 0.33]) * rng.uniform(0.5, 2) + rng.normal(0, 0.03, 3)
    elif kind < 0.78:
        colour = np.array([0.45, 0.36, 0.25]) * rng.uniform(0.5, 1.7) + rng.normal(0, 0.04, 3)
    else:
        hsv = np.array([[[rng.uniform(0, 180), rng.uniform(60, 200), rng.uniform(50, 225)]]], np.uint8)
        colour = cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)[0, 0] / 255.0
    return np.clip(colour, 0.015, 0.98).astype(np.float32)


def cloth(rng: Rng, prints: int, plain: float = 0.5) -> Material:
    """Draw a cloth, ``plain`` of them without a pattern; ``prints`` is how many pictures there are."""
    pattern = shade.PLAIN
    if rng.random() >= plain:
        patterns = [shade.ROWS, shade.COLUMNS, shade.CHECKS, shade.BLOTCHES, shade.PHOTO, shade.PRINT]
        pattern = int(rng.choice(patterns, p=[0.21, 0.11, 0.21, 0.06, 0.1, 0.31]))
    return Material(
        cloth_colour(rng),
        pattern,
        cloth_colour(rng),
        scale=rng.uniform(1, 6) if pattern == shade.BLOTCHES else rng.uniform(0.6, 2.5),
        bump=rng.uniform(0.15, 0.7),
        gloss=float(rng.choice([0.01, 0.03, 0.1], p=[0.6, 0.32, 0.08])),
        picture=int(rng.integers(prints)),
    )


def denim(rng: Rng) -> Material:
    """Draw a colour of jeans."""
    colour = np.clip(np.array([0.2, 0.28, 0.42]) * rng.uniform(0.35, 1.7), 0, 0.9).astype(np.float32)
    return Material(colour, shade.DENIM, np.array([0.72, 0.76, 0.82], np.float32), bump=0.4)


def thing(rng: Rng, prints: int) -> Material:
    """Draw the look of furniture and things, which do not belong to the person."""
    pattern, picture = int(rng.choice([shade.PLAIN, shade.BLOTCHES, shade.PHOTO])), int(rng.integers(prints))
    return Material(cloth_colour(rng), pattern, cloth_colour(rng), gloss=0.15, person=False, picture=picture)


def hair(rng: Rng, old: bool) -> Material:
    """Draw dark, brown, fair, red or grey hair."""
    odds = [old_odds if old else odds for _, odds, old_odds in _HAIRS]
    colour = np.array(_HAIRS[int(rng.choice(len(_HAIRS), p=odds))][0]) * rng.uniform(0.75, 1.25)
    lights = colour * 1.7 + 0.03
    return Material(colour.astype(np.float32), shade.HAIR, lights.astype(np.float32), bump=0.5, gloss=0.12)


def skin(rng: Rng, ancestry: dict[str, float], hairs: FloatArray, bearded: bool) -> Material:
    """Draw skin for shares of ancestry, with brows and perhaps a beard of the hair's colour."""
    mix = sum((np.array(_SKINS[name]) * share for name, share in ancestry.items()), np.zeros(3))
    colour = np.clip(mix * rng.uniform(0.78, 1.1) + rng.normal(0, 0.015, 3), 0.08, 0.95)
    return Material(
        colour.astype(np.float32),
        shade.SKIN,
        hairs,
        bump=0.05,
        gloss=rng.uniform(0.05, 0.2),
        brows=rng.uniform(0.3, 0.8),
        beard=rng.uniform(0.3, 0.9) if bearded else 0.0,
    )


def eyes(rng: Rng) -> Material:
    """Draw brown, blue or black eyes."""
    iris = np.array(rng.choice(_IRISES), np.float32)
    return Material(np.array([0.9, 0.88, 0.86], np.float32), shade.EYE, iris, gloss=0.6)
