"""Moving discs whose identities are known: what a perfect or a flawed detector would report."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

import cv2
import numpy as np

from tests.scenes import discs
from yolact_live.types import Instances

SIZE = (360, 640)
_RING = np.stack([f(np.linspace(0, 2 * np.pi, 16, endpoint=False)) for f in (np.cos, np.sin)], axis=1)
_SAMPLES = np.concatenate([_RING * share for share in (0.3, 0.6, 0.9)])

_NOISE = np.random.default_rng(0).normal(0, 12, (*SIZE, 3)).astype(np.int16)


@dataclass
class View:
    """One frame: detections, which disc each of them is, and the picture, (H, W, 3) u8."""

    pts: Fraction
    instances: Instances
    truth: np.ndarray
    image: np.ndarray | None = None


def view(
    discs_seen: dict[int, tuple[float, float, float]], pts: Fraction, scores: list[float] | None = None
) -> View:
    """Return a frame with discs: identity → relative centre x, y and radius."""
    instances = discs(
        list(discs_seen.values()), SIZE, scores=(scores or [0.8] * len(discs_seen))[: len(discs_seen)]
    )
    order = np.argsort(-instances.scores, kind="stable")
    return View(pts, instances[order], np.array(list(discs_seen), int)[order])


def crossing(seed: int, count: int = 10, seconds: int = 60, rate: int = 25) -> Iterator[View]:
    """Discs that wander about, cross, and hide one another: the first lies in front.

    Of a disc that is hidden to more than 60 % nothing is detected. Boxes are off by 2 % of
    their size. Each disc has a colour, the pictures are noisy, and the light changes.
    """
    random = np.random.default_rng(seed)
    radius = random.uniform(0.03, 0.06, count)
    frequency = random.uniform(0.04, 0.12, (count, 2))
    phase = random.uniform(0, 2 * np.pi, (count, 2))
    colours = np.random.default_rng(seed).integers(20, 236, (count, 3))
    for k in range(seconds * rate):
        centres = 0.5 + 0.38 * np.sin(2 * np.pi * frequency * k / rate + phase)
        seen = {}
        for i, centre in enumerate(centres):
            points = centre + radius[i] * _SAMPLES
            hidden = np.zeros(len(points), bool)
            for j in range(i):
                hidden |= np.hypot(*(points - centres[j]).T) < radius[j]
            if hidden.mean() <= 0.6:
                seen[i] = (*centre, radius[i])
        scores = random.normal(0.8, 0.08, len(seen)).clip(0.4, 0.99).tolist()
        frame = view(seen, Fraction(k, rate), scores)
        boxes = frame.instances.boxes
        extent = np.tile(boxes[:, 2:] - boxes[:, :2], 2)
        boxes += (random.normal(0, 0.02, boxes.shape) * extent).astype(np.float32)
        frame.image = paint(centres, radius, colours, k / rate)
        yield frame


def paint(centres: np.ndarray, radius: np.ndarray, colours: np.ndarray, second: float) -> np.ndarray:
    """Return the picture of discs, the first in front, in light that comes and goes: (H, W, 3) u8."""
    image = np.full((*SIZE, 3), 110, np.uint8)
    for centre, r, colour in reversed(list(zip(centres, radius, colours.tolist(), strict=True))):
        axes = (r * SIZE[1], r * SIZE[0])
        cv2.ellipse(
            image, ((centre * SIZE[::-1]).tolist(), (2 * axes[0], 2 * axes[1]), 0), colour, cv2.FILLED
        )
    image = cv2.convertScaleAbs(image, alpha=1 + 0.15 * math.sin(second / 3))
    return cv2.add(image, np.roll(_NOISE, round(second * 1000), axis=(0, 1)), dtype=cv2.CV_8U)


def switches(frames: list[View], results: list[Instances]) -> list[float]:
    """Return, for each change of a disc's identity, how long it had not been detected (seconds).

    Boxes in results must be those of the detections.
    """
    last: dict[int, tuple[int, Fraction]] = {}
    found = []
    for frame, result in zip(frames, results, strict=True):
        where = {
            tuple(box): disc for box, disc in zip(frame.instances.boxes.tolist(), frame.truth, strict=True)
        }
        for box, identity in zip(result.boxes.tolist(), result.ids.tolist(), strict=True):
            disc = where[tuple(box)]
            if disc in last and last[disc][0] != identity:
                found.append(float(frame.pts - last[disc][1]))
            last[disc] = (identity, frame.pts)
    return found


def renamed(instances: Instances, label: int) -> Instances:
    """Return the instances as another class."""
    return replace(instances, labels=np.full(len(instances), label, np.int32))
