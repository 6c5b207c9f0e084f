from __future__ import annotations

import numpy as np
import pytest

from yolact_live.record.yuv import BT601, BT709, bgr_to_i420, matrix


@pytest.mark.parametrize("weights", [BT601, BT709])
@pytest.mark.parametrize("size", [(2, 2), (36, 50), (720, 1280)])
def test_it_is_the_definition_rounded(weights: tuple[float, float], size: tuple[int, int]) -> None:
    height, width = size
    image = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    image[:2, :2] = 255
    y = np.zeros((height, width + 14), np.uint8)
    u, v = np.zeros((2, height // 2, width // 2 + 7), np.uint8)
    bgr_to_i420(image, matrix(*weights), y, u, v)

    kr, kb = weights
    blue, green, red = np.moveaxis(image / 255, 2, 0)
    luma = kr * red + (1 - kr - kb) * green + kb * blue
    wanted_u = 128 + 224 * (blue - luma) / (2 * (1 - kb))
    wanted_v = 128 + 224 * (red - luma) / (2 * (1 - kr))
    assert np.abs(y[:, :width] - (16 + 219 * luma)).max() < 0.51
    for plane, wanted in ((u, wanted_u), (v, wanted_v)):
        mean = wanted.reshape(height // 2, 2, width // 2, 2).mean(axis=(1, 3))
        assert np.abs(plane[:, : width // 2] - mean).max() < 0.51
        assert not plane[:, width // 2 :].any()
    assert not y[:, width:].any()


def test_grey_has_no_colour_and_uses_the_limited_range() -> None:
    levels = np.arange(256, dtype=np.uint8).repeat(2)
    image = np.ascontiguousarray(np.broadcast_to(levels[None, :, None], (2, 512, 3)))
    y, (u, v) = np.zeros((2, 512), np.uint8), np.zeros((2, 1, 256), np.uint8)
    bgr_to_i420(image, matrix(*BT709), y, u, v)
    assert (y.min(), y.max()) == (16, 235)
    assert (np.diff(y[0].astype(int)) >= 0).all()
    assert (u == 128).all()
    assert (v == 128).all()
