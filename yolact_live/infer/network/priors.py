"""Priors: the boxes that offsets are counted from."""

from __future__ import annotations

import math

import numpy as np
from openvino import opset13 as op

from yolact_live.infer.network.config import Config
from yolact_live.infer.network.weights import Node
from yolact_live.types import FloatArray

BASE_SIZE = 550
"""Input side, in pixels, at which the scales of a :class:`Config` are given."""


def level_sides(size: int) -> list[int]:
    """Side of P3 to P7 for an input side: each layer of stride 2 rounds up."""
    return [math.ceil(size / 2**level) for level in range(3, 8)]


def _prior_terms(config: Config) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return what priors are computed from, as numbers that f16 holds exactly.

    Returns:
        cells (N,2): x, y of the centre in cells; grid (N,1): cells a side;
        scale (N,1): pixels; ratio (N,2): squares of what width and height are stretched by.
    """
    cells, grid, scale, ratio = [], [], [], []
    ratios = np.array(config.ratios)
    stretch = np.stack([ratios, ratios if config.square else 1 / ratios], axis=1)
    for side, base in zip(level_sides(config.size), config.scales, strict=True):
        row, column, kind = np.indices((side, side, len(ratios))).reshape(3, -1)
        cells.append(np.stack([column, row], axis=1) + 0.5)
        grid.append(np.full((len(row), 1), side))
        scale.append(np.full((len(row), 1), base * config.size // BASE_SIZE))
        ratio.append(stretch[kind])
    terms = [np.concatenate(parts).astype(np.float32) for parts in (cells, grid, scale, ratio)]
    return terms[0], terms[1], terms[2], terms[3]


def priors(config: Config) -> FloatArray:
    """Return the priors (N, 4) f32: centre x, y, width, height relative to the picture."""
    cells, grid, scale, ratio = _prior_terms(config)
    return np.concatenate([cells / grid, scale * np.sqrt(ratio) / np.float32(config.size)], axis=1)


def decode(loc: Node, config: Config) -> Node:
    """Offsets from the priors [1,N,4] → boxes [1,N,4].

    The offsets are in units of 0.1 prior (centre) and 0.2 (logarithm of the size), as in SSD.
    The priors are computed in the graph, on compilation: stored as they are, f16 would shift
    boxes by up to half a pixel of a 1080p frame.
    """
    cells, grid, scale, ratio = (op.constant(term[None]) for term in _prior_terms(config))
    centre = op.divide(cells, grid)
    size = op.divide(op.multiply(scale, op.sqrt(ratio)), op.constant(np.float32(config.size)))
    shift, growth = op.split(loc, 2, 2).outputs()
    centre = op.add(centre, op.multiply(op.divide(shift, op.constant(np.float32(10))), size))
    size = op.multiply(size, op.exp(op.divide(growth, op.constant(np.float32(5)))))
    corner = op.subtract(centre, op.divide(size, op.constant(np.float32(2))))
    return op.concat([corner, op.add(corner, size)], 2)
