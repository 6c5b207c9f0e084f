"""Kernels of appearance: patterns of cloth, skin and hair, light and shadow.

Patterns are functions of canonical coordinates (see :class:`.body.BaseMesh`), so that they stay on
the cloth whatever the pose. Light is diffuse, wrapped a little around the edge, with a gloss after Blinn.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from yolact_live.jit import inline, kernel
from yolact_live.training.people.body import IntArray
from yolact_live.training.people.raster import Hits, vertex_normals
from yolact_live.types import FloatArray

PLAIN, ROWS, COLUMNS, CHECKS, BLOTCHES, PHOTO, PRINT, DENIM, SKIN, EYE, HAIR = range(11)

# Columns of a row of materials: colour, the other colour, and then
PATTERN, SCALE, BUMP, GLOSS, PERSON, PICTURE, BROWS, BEARD = range(6, 14)

BIAS = 0.22  # decimetres: nearer than this, what is in front of a point throws no shadow on it


@dataclass(frozen=True, eq=False)
class Surface:
    """All that is drawn, as one mesh; n vertices, F triangles.

    Attributes:
        points, canonical: (n, 3) f32, vertices in space and in canonical coordinates.
        cut: (n,) f32, where it is below zero the surface is left out.
        faces: (F, 3) i32.
        material: (F,) i32, row of ``materials`` of each triangle.
        materials: (m, 14) f32, see :meth:`.material.Material.row`.
    """

    points: FloatArray
    canonical: FloatArray
    cut: FloatArray
    faces: IntArray
    material: IntArray
    materials: FloatArray


@dataclass(frozen=True, eq=False)
class Light:
    """Light and shadow.

    Attributes:
        lamps: (L, 6) f32, the direction to each lamp and its colour; the first one throws shadows.
        sky: (2, 3) f32, light from above and from below.
        shadow: (S, S) f32, the shadow map: depth seen from the first lamp.
        frame: (3, 4) f32, from space to the map's x, y (in its cells) and depth.
    """

    lamps: FloatArray
    sky: FloatArray
    shadow: FloatArray
    frame: FloatArray


def shade(
    surface: Surface, hits: Hits, light: Light, eye: FloatArray, waves: FloatArray, prints: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Colour the samples.

    Args:
        eye: (3,) f32, where the camera is.
        waves: (k, 5) f32, wave vector, phase and amplitude of the sines that make folds and mottles.
        prints: (p, s, s, 3) f32, RGB, 0..1, pictures on cloth.

    Returns:
        (H, W, 3) f32, linear RGB; (H, W) f32, 1 where the person is seen, 0 elsewhere.
    """
    image, person = np.zeros((*hits.face.shape, 3), np.float32), np.zeros(hits.face.shape, np.float32)
    s, normals = surface, vertex_normals(surface.points, surface.faces)
    meshes = (s.faces, s.points, normals, s.canonical, s.material, s.materials)
    lights = (light.lamps, light.sky, light.shadow, light.frame)
    _shade(hits.face, hits.corners, *meshes, eye, *lights, waves, prints, image, person)
    return image, person


@inline
def _noise(x, y, z, waves):  # type: ignore[no-untyped-def]
    """Return a sum of warped sines, and its gradient without the warp's."""
    total, gx, gy, gz = 0.0, 0.0, 0.0, 0.0
    for k in range(waves.shape[0]):
        phase = waves[k, 0] * x + waves[k, 1] * y + waves[k, 2] * z + waves[k, 3]
        phase += 0.8 * math.sin(1.3 * y + waves[k, 3] + x)
        total += math.sin(phase) * waves[k, 4]
        slope = math.cos(phase) * waves[k, 4]
        gx, gy, gz = gx + slope * waves[k, 0], gy + slope * waves[k, 1], gz + slope * waves[k, 2]
    return total, gx, gy, gz


@inline
def _pattern(kind, scale, x, y, z, wave):  # type: ignore[no-untyped-def]
    """Return the share of the other colour at a canonical point, 0..1."""
    share = 0.0
    if kind == ROWS:
        share = 1.0 if math.sin(y * 6.0 / scale) > 0.1 else 0.0
    elif kind == COLUMNS:
        share = 1.0 if math.sin((x + 0.3 * z) * 8.0 / scale) > 0.4 else 0.0
    elif kind == CHECKS:
        share = 0.45 if math.sin(y * 7.0 / scale) > 0.2 else 0.0
        share += 0.45 if math.sin((x + z * 0.6) * 7.0 / scale) > 0.2 else 0.0
    elif kind == BLOTCHES:
        one = math.sin(wave * 3.0 + x * scale + math.sin(y * scale))
        share = 1.0 if one * math.cos(y * scale + math.sin(x * scale * 1.3)) > 0.15 else 0.0
    elif kind == DENIM:
        share = max(0.0, min(0.5, 0.14 + 0.06 * wave))
    elif kind == EYE:
        share = 1.0 if z > 1.2 and math.hypot(abs(x) - 0.31, y - 7.28) < 0.095 else 0.0
    elif kind == HAIR:
        strand = math.sin(math.atan2(x, z - 0.2) * 38.0 + wave * 4.0)
        strand += math.sin(x * 31.0 + z * 27.0 + wave * 6.0)
        share = max(0.0, 0.15 * strand + 0.1)
    return share


@inline
def _hairy(brows, beard, x, y, z, wave):  # type: ignore[no-untyped-def]
    """Return how much hair there is on the skin at a canonical point, 0..1."""
    share, side = 0.0, abs(x)
    brow = 7.46 + 0.09 * math.sin(min(1.0, max(0.0, (side - 0.1) / 0.5)) * 2.6)
    if z > 0.9 and 0.12 < side < 0.58 and abs(y - brow) < 0.04:
        share = brows
    edge = 6.84 - (0.02 if side < 0.3 else 0.0) + 0.8 * max(0.0, side - 0.5)
    inside = min(edge - y, z - 0.25) + 0.03 * wave
    if inside > 0 and y > 6.05:
        share = beard * min(1.0, inside / 0.2)
    return share


@inline
def _lit(x, y, z, shadow, frame):  # type: ignore[no-untyped-def]
    """Return the share of the first lamp that reaches a point: 3 × 3 looks into the shadow map."""
    u = frame[0, 0] * x + frame[0, 1] * y + frame[0, 2] * z + frame[0, 3]
    v = frame[1, 0] * x + frame[1, 1] * y + frame[1, 2] * z + frame[1, 3]
    w = frame[2, 0] * x + frame[2, 1] * y + frame[2, 2] * z + frame[2, 3] - BIAS
    total = 0.0
    for dv in range(-1, 2):
        for du in range(-1, 2):
            column, row = int(u + 1.3 * du), int(v + 1.3 * dv)
            inside = 0 <= column < shadow.shape[1] and 0 <= row < shadow.shape[0]
            total += 0.0 if inside and shadow[row, column] < w else 1.0
    return total / 9


@inline
def _unit(x, y, z):  # type: ignore[no-untyped-def]
    length = math.sqrt(x * x + y * y + z * z) + 1e-9
    return x / length, y / length, z / length


@inline
def _mean(values, i, j, k, wi, wj):  # type: ignore[no-untyped-def]
    """Return the interpolation of three rows of ``values`` with barycentric weights."""
    wk = 1 - wi - wj
    return (
        wi * values[i, 0] + wj * values[j, 0] + wk * values[k, 0],
        wi * values[i, 1] + wj * values[j, 1] + wk * values[k, 1],
        wi * values[i, 2] + wj * values[j, 2] + wk * values[k, 2],
    )


@kernel(
    "void(i4[:,::1], f4[:,:,::1], i4[:,::1], f4[:,::1], f4[:,::1], f4[:,::1], i4[::1], f4[:,::1], f4[::1], "
    "f4[:,::1], f4[:,::1], f4[:,::1], f4[:,::1], f4[:,::1], f4[:,:,:,::1], f4[:,:,::1], f4[:,::1])"
)
def _shade(  # type: ignore[no-untyped-def]
    face,
    corners,
    faces,
    points,
    normals,
    canonical,
    material,
    materials,
    eye,
    lamps,
    sky,
    shadow,
    frame,
    waves,
    prints,
    image,
    person,
):
    """Do what :func:`shade` says.

    The samples of a 2 × 2 block that show the same material share the colour of its first: samples
    are there for smooth outlines, and colours cost most of the time.
    """
    for row in range(face.shape[0]):
        for column in range(face.shape[1]):
            f = face[row, column]
            if f < 0:
                continue
            first = face[row & ~1, column & ~1]
            if (row | column) & 1 and first >= 0 and material[first] == material[f]:
                for channel in range(3):
                    image[row, column, channel] = image[row & ~1, column & ~1, channel]
                person[row, column] = person[row & ~1, column & ~1]
                continue
            m = material[f]
            i, j, k = faces[f, 0], faces[f, 1], faces[f, 2]
            wi, wj = corners[row, column, 0], corners[row, column, 1]
            px, py, pz = _mean(points, i, j, k, wi, wj)
            cx, cy, cz = _mean(canonical, i, j, k, wi, wj)
            nx, ny, nz = _mean(normals, i, j, k, wi, wj)
            vx, vy, vz = _unit(eye[0] - px, eye[1] - py, eye[2] - pz)
            towards = 1.0 if nx * vx + ny * vy + nz * vz >= 0 else -1.0
            wave, gx, gy, gz = _noise(cx, cy, cz, waves)
            bump = 0.3 * materials[m, BUMP]
            nx, ny, nz = _unit(towards * nx - bump * gx, towards * ny - bump * gy, towards * nz - bump * gz)
            kind, scale, gain = int(materials[m, PATTERN]), materials[m, SCALE], 1.0
            share = _pattern(kind, scale, cx, cy, cz, wave)
            if kind == SKIN:
                gain = 1 + 0.03 * wave
                share = _hairy(materials[m, BROWS], materials[m, BEARD], cx, cy, cz, wave)
            elif kind == EYE and math.hypot(abs(cx) - 0.31, cy - 7.28) < 0.045:
                gain = 0.1  # the pupil
            size = prints.shape[1]
            printed = kind == PHOTO or (kind == PRINT and cz > 0 and abs(cx) < 1.0 and 2.6 < cy < 4.6)
            step = size / 2.0 if kind == PRINT else size / (4.0 * scale)
            u, v = math.floor((cx + 1.0) * step) % size, math.floor((4.6 - cy) * step) % size
            lit = _lit(px, py, pz, shadow, frame)
            up = 0.5 + 0.5 * ny
            person[row, column] = materials[m, PERSON]
            for channel in range(3):
                colour = materials[m, channel]
                colour += (materials[m, 3 + channel] - colour) * share
                if printed:
                    colour = prints[int(materials[m, PICTURE]), v, u, channel]
                light = sky[0, channel] * up + sky[1, channel] * (1 - up)
                gloss = 0.0
                for lamp in range(lamps.shape[0]):
                    x, y, z = lamps[lamp, 0], lamps[lamp, 1], lamps[lamp, 2]
                    power = lamps[lamp, 3 + channel] * (lit if lamp == 0 else 1.0)
                    light += max(0.0, (nx * x + ny * y + nz * z + 0.15) / 1.15) * power
                    hx, hy, hz = _unit(x + vx, y + vy, z + vz)
                    gloss += max(0.0, nx * hx + ny * hy + nz * hz) ** 24 * power * materials[m, GLOSS]
                albedo = min(1.0, max(0.0, colour * gain)) ** 2.2
                image[row, column, channel] = albedo * light + gloss
