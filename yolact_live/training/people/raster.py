"""Kernels of geometry: normals and the z-buffer."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from yolact_live.jit import kernel
from yolact_live.training.people.body import IntArray
from yolact_live.types import FloatArray

NOTHING = 1e9  # depth where no triangle is
NEAR = 0.5  # decimetres: what is nearer to the camera is not drawn


class Hits(NamedTuple):
    """What is seen at each sample.

    Attributes:
        depth: (H, W) f32, decimetres from the camera's plane, :data:`NOTHING` without a triangle.
        face: (H, W) i32, index of the triangle, −1 without.
        corners: (H, W, 2) f32, barycentric weights of its first two corners.
    """

    depth: FloatArray
    face: IntArray
    corners: FloatArray


def vertex_normals(points: FloatArray, faces: IntArray) -> FloatArray:
    """Return (n, 3) f32 unit normals: the means of the triangles around a vertex, by area."""
    out = np.zeros_like(points)
    _add_normals(points, faces, out)
    return out / (np.linalg.norm(out, axis=1, keepdims=True) + np.float32(1e-9))


def rasterise(
    screen: FloatArray, cut: FloatArray, faces: IntArray, size: tuple[int, int], perspective: bool
) -> Hits:
    """Find the nearest triangle at each sample.

    Args:
        screen: (n, 3) f32, x and y in samples, and the depth.
        cut: (n,) f32, interpolated over the triangles; what is below zero is not drawn.
        faces: (F, 3) i32.
        size: height and width in samples; the centre of the first is at (0.5, 0.5).
        perspective: weights are linear in space, not on the screen.
    """
    hits = Hits(
        np.full(size, NOTHING, np.float32), np.full(size, -1, np.int32), np.zeros((*size, 2), np.float32)
    )
    _rasterise(screen, cut, faces, perspective, *hits)
    return hits


@kernel("void(f4[:,::1], i4[:,::1], f4[:,::1])")
def _add_normals(points, faces, out):  # type: ignore[no-untyped-def]
    """Add the normal of each triangle, as long as twice its area, to its corners."""
    for f in range(faces.shape[0]):
        a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
        ux, uy, uz = points[b, 0] - points[a, 0], points[b, 1] - points[a, 1], points[b, 2] - points[a, 2]
        vx, vy, vz = points[c, 0] - points[a, 0], points[c, 1] - points[a, 1], points[c, 2] - points[a, 2]
        for k in (a, b, c):
            out[k, 0] += uy * vz - uz * vy
            out[k, 1] += uz * vx - ux * vz
            out[k, 2] += ux * vy - uy * vx


@kernel("void(f4[:,::1], f4[::1], i4[:,::1], b1, f4[:,::1], i4[:,::1], f4[:,:,::1])")
def _rasterise(screen, cut, faces, perspective, depth, face, corners):  # type: ignore[no-untyped-def]
    """Do what :func:`rasterise` says.

    Perspective: 1/z and weights over z are linear on the screen.
    """
    height, width = depth.shape
    for f in range(faces.shape[0]):
        a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
        if cut[a] < 0 and cut[b] < 0 and cut[c] < 0:
            continue
        xa, ya, za = screen[a, 0], screen[a, 1], screen[a, 2]
        xb, yb, zb = screen[b, 0], screen[b, 1], screen[b, 2]
        xc, yc, zc = screen[c, 0], screen[c, 1], screen[c, 2]
        if perspective and min(za, zb, zc) < NEAR:
            continue
        area = (xb - xa) * (yc - ya) - (yb - ya) * (xc - xa)
        if abs(area) < 1e-9:
            continue
        left, right = math.ceil(min(xa, xb, xc) - 0.5), math.floor(max(xa, xb, xc) - 0.5)
        top, bottom = math.ceil(min(ya, yb, yc) - 0.5), math.floor(max(ya, yb, yc) - 0.5)
        for row in range(max(0, top), min(height - 1, bottom) + 1):
            y = row + 0.5
            for column in range(max(0, left), min(width - 1, right) + 1):
                x = column + 0.5
                wa = ((xb - x) * (yc - y) - (yb - y) * (xc - x)) / area
                wb = ((xc - x) * (ya - y) - (yc - y) * (xa - x)) / area
                wc = 1 - wa - wb
                if wa < -1e-6 or wb < -1e-6 or wc < -1e-6:
                    continue
                if perspective:
                    wa, wb, wc = wa / za, wb / zb, wc / zc
                    z = 1 / (wa + wb + wc)
                    wa, wb, wc = wa * z, wb * z, wc * z
                else:
                    z = wa * za + wb * zb + wc * zc
                if z >= depth[row, column] or wa * cut[a] + wb * cut[b] + wc * cut[c] < 0:
                    continue
                depth[row, column] = z
                face[row, column] = f
                corners[row, column, 0] = wa
                corners[row, column, 1] = wb
