"""Kalman filters of constant velocity."""

from __future__ import annotations

import numpy as np
import pytest

from yolact_live.track import motion
from yolact_live.track.motion import Motion


def reference(boxes: list[np.ndarray], dt: float) -> tuple[np.ndarray, np.ndarray]:
    """The textbook filter with eight states and full matrices: means and covariances."""
    centre = lambda b: np.array([(b[0] + b[2]) / 2, (b[1] + b[3]) / 2, b[2] - b[0], b[3] - b[1]])  # noqa: E731
    x = np.concatenate([centre(boxes[0]), np.zeros(4)])
    size2 = x[2] * x[3]
    p = size2 * np.diag([motion._MEASUREMENT**2] * 4 + list(motion._FIRST_VELOCITY**2))
    f = np.eye(8) + np.diag([dt] * 4, 4)
    h = np.eye(4, 8)
    for box in boxes[1:]:
        q = np.diag(motion._ACCELERATION**2 * x[2] * x[3])
        noise = np.block([[q * dt**3 / 3, q * dt**2 / 2], [q * dt**2 / 2, q * dt]])
        x, p = f @ x, f @ p @ f.T + noise
        s = h @ p @ h.T + motion._MEASUREMENT**2 * x[2] * x[3] * np.eye(4)
        gain = p @ h.T @ np.linalg.inv(s)
        x, p = x + gain @ (centre(box) - h @ x), (np.eye(8) - gain @ h) @ p
    return x, p


def test_the_filters_equal_the_textbook() -> None:
    random = np.random.default_rng(0)
    boxes = [np.array([10, 20, 60, 120]) + 3 * i + random.normal(0, 2, 4) for i in range(12)]
    filters = Motion()
    filters.add(np.array([[0, 0, 9, 9], boxes[0]], np.float32))  # another one beside it
    for box in boxes[1:]:
        filters.predict(0.04, np.array([True, True]))
        filters.update(np.array([1]), box[None].astype(np.float32))
    x, p = reference(boxes, 0.04)
    np.testing.assert_allclose(filters.state[1, motion._MEAN], x[:4], rtol=1e-5)
    np.testing.assert_allclose(filters.state[1, motion._VELOCITY], x[4:], rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(filters.state[1, motion._P], np.diag(p)[:4], rtol=1e-4)
    np.testing.assert_allclose(filters.state[1, motion._C], np.diag(p, 4), rtol=1e-4)


def test_steady_motion_is_learnt_and_continued() -> None:
    filters = Motion()
    box = np.array([[100.0, 50, 140, 130]], np.float32)
    filters.add(box)
    for i in range(1, 26):
        filters.predict(0.04, np.array([True]))
        filters.update(np.array([0]), box + np.array([4, 2, 4, 2], np.float32) * i)
    assert filters.state[0, motion._VELOCITY] == pytest.approx([100, 50, 0, 0], abs=2)
    filters.predict(0.5, np.array([False]))
    expected = box[0] + np.array([4, 2, 4, 2]) * 25 + np.array([50, 25, 50, 25])
    assert filters.boxes[0] == pytest.approx(expected, abs=2)


def test_what_is_hidden_keeps_its_size() -> None:
    filters = Motion()
    filters.add(np.array([[0.0, 0, 40, 40]], np.float32))
    for i in range(1, 10):
        filters.predict(0.04, np.array([True]))
        filters.update(np.array([0]), np.array([[-2.0 * i, -2 * i, 40 + 2 * i, 40 + 2 * i]], np.float32))
    size = filters.state[0, motion._MEAN, 2:].copy()
    filters.predict(0.8, np.array([False]))
    np.testing.assert_array_equal(filters.state[0, motion._MEAN, 2:], size)
