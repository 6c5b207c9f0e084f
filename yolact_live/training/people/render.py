"""From meshes to a cut-out: a random camera, random light, the drawing and its tone curve."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from yolact_live.training.people.body import Rng
from yolact_live.training.people.dress import Mesh
from yolact_live.training.people.raster import NEAR, NOTHING, rasterise
from yolact_live.training.people.rig import X, Y, rotation
from yolact_live.training.people.shade import Light, Surface, shade
from yolact_live.types import ByteArray, FloatArray

SAMPLES = 2  # along each side of a pixel
HEIGHTS = (160, 410)  # of a cut-out, pixels
WIDEST = 460  # pixels
SHADOW_SIDE = 320  # cells of the shadow map
CREASE = 0.03  # of the height: how far around a sample its depth is compared


@dataclass(frozen=True, eq=False)
class Cutout:
    """One person, with what is held and sat on, on a transparent ground.

    Attributes:
        image: (h, w, 4) u8, BGR and alpha, not premultiplied.
        mask: (h, w) u8, 255 where the person is seen: the share of a pixel's samples.
        height: how high that is in space, decimetres.
        close: seen as by a webcam; the lower edge cuts the person off.
    """

    image: ByteArray
    mask: ByteArray
    height: float
    close: bool


@dataclass(frozen=True, eq=False)
class _Camera:
    """``eye`` (3,) f32 in space; ``axes`` (3, 3) f32, rows: right, down and ahead."""

    eye: FloatArray
    axes: FloatArray

    def seen(self, points: FloatArray) -> FloatArray:
        """Return (n, 3) f32: x and y of the points on a screen one decimetre ahead, and their depth."""
        turned = np.asarray((points - self.eye) @ self.axes.T, np.float32)
        turned[:, :2] /= np.maximum(turned[:, 2:], NEAR)
        return turned


def render(meshes: list[Mesh], head: FloatArray, prints: FloatArray, rng: Rng, close: bool) -> Cutout:
    """Draw a person.

    Args:
        head: (3,) f32, where the neck ends.
        prints: (p, s, s, 3) f32, RGB, 0..1, pictures on cloth.
        close: the head and what is below it, else the whole person.
    """
    surface = _joined(meshes)
    visible = np.concatenate([(m.cut >= 0) & m.material.person for m in meshes])
    camera = _camera(rng, surface.points[visible], close)
    screen = camera.seen(surface.points)
    low, high = screen[visible, :2].min(0), screen[visible, :2].max(0)
    pixels = rng.uniform(*HEIGHTS)
    if close:
        low, high = _portrait(rng, camera, head, low, high)
    wide, tall = (float(side) for side in high - low)
    scale = min(pixels / tall, WIDEST / wide)
    margin = 0.0 if close else 0.03 * wide  # for what is beside the person
    size = (max(8, int(np.ceil(tall * scale))), max(8, int(np.ceil((wide + 2 * margin) * scale))))
    corner = np.array([low[0] - margin, low[1]], np.float32)
    screen[:, :2] = (screen[:, :2] - corner) * np.float32(scale * SAMPLES)
    samples = (size[0] * SAMPLES, size[1] * SAMPLES)
    hits = rasterise(screen, surface.cut, surface.faces, samples, True)
    light = _light(rng, camera.axes, surface)
    image, person = shade(surface, hits, light, camera.eye, _waves(rng), prints)
    image *= _occlusion(hits.depth)[..., None]
    height = tall * float(np.linalg.norm(surface.points[visible].mean(0) - camera.eye))
    return _developed(image, hits.face >= 0, person, rng, height, close)


def _joined(meshes: list[Mesh]) -> Surface:
    """Make one mesh of all."""
    starts = np.cumsum([0, *(len(m.points) for m in meshes)])
    return Surface(
        points=np.concatenate([m.points for m in meshes]),
        canonical=np.concatenate([m.canonical for m in meshes]),
        cut=np.concatenate([m.cut for m in meshes]),
        faces=np.concatenate([m.faces + s for m, s in zip(meshes, starts, strict=False)]).astype(np.int32),
        material=np.repeat(np.arange(len(meshes), dtype=np.int32), [len(m.faces) for m in meshes]),
        materials=np.array([m.material.row() for m in meshes], np.float32),
    )


def _camera(rng: Rng, points: FloatArray, close: bool) -> _Camera:
    """Look at a person's (n, 3) points from where cameras are: at the height of eyes, seldom from above."""
    low, high = points.min(0), points.max(0)
    target = (low + high) / 2
    if close:
        yaw, pitch, far = rng.normal(0, 22), rng.normal(2, 8), rng.uniform(9, 22)
        target[1] = high[1] - rng.uniform(1.5, 4)
    else:
        yaw = rng.normal(0, 45) if rng.random() < 0.5 else rng.uniform(-180, 180)
        pitch = rng.normal(3, 6) if rng.random() < 0.7 else rng.uniform(-15, 40)
        far = rng.uniform(28, 90)
    ahead = rotation(Y, yaw) @ rotation(X, pitch) @ np.array([0, 0, -1], np.float32)
    right = rotation(ahead, rng.normal(0, 2)) @ np.cross(ahead, Y)
    right /= np.linalg.norm(right)
    axes = np.stack([right, np.cross(ahead, right), ahead]).astype(np.float32)
    return _Camera((target - ahead * far).astype(np.float32), axes)


def _portrait(
    rng: Rng, camera: _Camera, head: FloatArray, low: FloatArray, high: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Narrow the frame ``low`` to ``high``, (2,) each on the screen, to head and shoulders, or more."""
    x, y, depth = camera.seen(head[None])[0]
    decimetre = 1 / depth
    span = decimetre * max(2.0 * rng.uniform(1.7, 6.0), 3.2)
    half = max(0.8 * span, 3.0 * decimetre)
    bottom = min(high[1], y - 1.5 * decimetre + span)
    return (
        np.array([max(low[0], x - half), low[1]], np.float32),
        np.array([min(high[0], x + half), bottom], np.float32),
    )


def _light(rng: Rng, axes: FloatArray, surface: Surface) -> Light:
    """Draw a main lamp, a weaker one, and light from above and below, in warm or cold colours."""
    right, down, ahead = axes
    lamps = []
    for power in (rng.uniform(0.35, 1.5), rng.uniform(0.0, 0.5)):
        way = -ahead * rng.uniform(-0.3, 1.0) + right * rng.normal(0, 0.8) - down * rng.uniform(0.1, 1.4)
        lamps.append(np.concatenate([way / np.linalg.norm(way), _tint(rng) * power]))
    sky = _tint(rng) * rng.uniform(0.25, 0.6)
    shadow, frame = _shadow_map(surface, lamps[0][:3].astype(np.float32))
    return Light(
        np.array(lamps, np.float32), np.array([sky, sky * rng.uniform(0.3, 0.8)], np.float32), shadow, frame
    )


def _tint(rng: Rng) -> FloatArray:
    warm = rng.normal(0, 0.1)
    return np.array([1 + warm, 1, 1 - warm], np.float32)


def _shadow_map(surface: Surface, lamp: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Draw the depths that a far lamp in the direction ``lamp`` sees; see :class:`.shade.Light`."""
    side = np.cross(lamp, Y if abs(lamp[1]) < 0.9 else X)
    side /= np.linalg.norm(side)
    frame = np.zeros((3, 4), np.float32)
    frame[:, :3] = side, np.cross(lamp, side), -lamp
    seen = surface.points @ frame[:, :3].T
    frame[:, 3] = -seen.min(0)
    frame[:2] *= (SHADOW_SIDE - 2) / float(np.ptp(seen[:, :2], axis=0).max())
    screen = surface.points @ frame[:, :3].T + frame[:, 3]
    return rasterise(screen, surface.cut, surface.faces, (SHADOW_SIDE, SHADOW_SIDE), False).depth, frame


def _waves(rng: Rng) -> FloatArray:
    """Draw five sines; their amplitude falls with their frequency, so that their slopes are alike."""
    rows = []
    for _ in range(5):
        frequency = rng.uniform(1.5, 7)
        vector = rng.normal(0, 1, 3) * np.array([0.8, 1.2, 0.8])
        vector *= frequency / np.linalg.norm(vector)
        rows.append([*vector, rng.uniform(0, 2 * np.pi), 1.2 / frequency])
    return np.array(rows, np.float32)


def _occlusion(depth: FloatArray) -> FloatArray:
    """Return how light creases are, (H, W) f32: less, the farther a sample lies behind its surroundings."""
    covered = depth < NOTHING
    filled = np.where(covered, depth, 0).astype(np.float32)
    side = int(depth.shape[0] * CREASE) | 1
    share = cv2.blur(covered.astype(np.float32), (side, side))
    mean = cv2.blur(filled, (side, side)) / np.maximum(share, 1e-3)
    return np.asarray(1 - 0.55 * np.clip(filled - mean, 0, 1), np.float32)


def _developed(
    image: FloatArray,
    covered: npt.NDArray[np.bool_],
    person: FloatArray,
    rng: Rng,
    height: float,
    close: bool,
) -> Cutout:
    """Expose linear RGB samples, bend them by a tone curve and average them over the pixels.

    Exposure goes half way (the square root) to bringing the bright parts to a fixed level.
    """
    bright = float(np.quantile(image[covered], 0.9)) if covered.any() else 1.0
    exposed = np.maximum(image, 0) * np.float32((rng.uniform(0.45, 0.95) / max(bright, 0.12)) ** 0.5)
    toned = (exposed / (1 + 0.18 * exposed)) ** (1 / 2.2)
    size = (image.shape[1] // SAMPLES, image.shape[0] // SAMPLES)
    alpha, mask, colour = (
        np.asarray(cv2.resize(layer.astype(np.float32), size, interpolation=cv2.INTER_AREA), np.float32)
        for layer in (covered, person, toned[..., ::-1])
    )
    colour = np.clip(colour / np.maximum(alpha, 1e-3)[..., None], 0, 1)
    pixels = np.dstack([colour, alpha]) * 255 + 0.5
    return Cutout(pixels.astype(np.uint8), (mask * 255 + 0.5).astype(np.uint8), height, close)
