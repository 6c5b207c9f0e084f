"""Where tracked boxes are heading: Kalman filters of constant velocity, all tracks at once.

Centre x, centre y, width and height of a box are filtered apart from one another (their noises
are independent, as in BoT-SORT, Aharon et al. 2022), so that each filter has a 2 × 2 covariance
and its inverse is a division. The model is continuous white-noise acceleration: Bar-Shalom, Li
and Kirubarajan, *Estimation with Applications to Tracking and Navigation* (2001), section 6.2.2.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from yolact_live.jit import inline, kernel
from yolact_live.types import FloatArray

Array = npt.NDArray[np.float64]

# In sizes of the object (the square root of its box's area): standard deviations of a measured
# coordinate, of one seen again, of the first velocity (per second); the density of the
# acceleration (per second cubed). Objects change their place faster than their size.
_MEASUREMENT = 0.1
_EMERGING = 0.2
_FIRST_VELOCITY = np.array([2.0, 2.0, 1.0, 1.0])
_ACCELERATION = np.array([1.5, 1.5, 0.5, 0.5])
# Squared Mahalanobis distance beyond which a box cannot belong to a filter.
_GATE = 16.0

# Rows of a state: position, velocity, variance of the position, covariance, variance of the velocity.
_MEAN, _VELOCITY, _P, _C, _V = range(5)


class Motion:
    """Kalman filters of T boxes.

    Attributes:
        state: (T, 5, 4) f64, of centre x, centre y, width and height: position in pixels, velocity
            in pixels per second, and their variances and covariance, see :data:`_P`.
        boxes: (T, 4) f32, x1, y1, x2, y2 in pixels, not clipped.
    """

    def __init__(self) -> None:
        self.state: Array = np.empty((0, 5, 4))
        self.boxes: FloatArray = np.empty((0, 4), np.float32)

    def ahead(self, dt: float) -> FloatArray:
        """Return the boxes expected in ``dt`` seconds."""
        mean = self.state[:, _MEAN] + self.state[:, _VELOCITY] * dt
        half = np.maximum(mean[:, 2:], 1) / 2
        return np.concatenate([mean[:, :2] - half, mean[:, :2] + half], axis=1).astype(np.float32)

    def predict(self, dt: float, seen: npt.NDArray[np.bool_]) -> None:
        """Go on by ``dt`` seconds. What is not seen, (T,) bool, keeps its size."""
        _predict(self.state, dt, seen, self.boxes)

    def update(self, rows: npt.NDArray[np.intp], boxes: FloatArray) -> None:
        """Correct the filters ``rows`` with measured boxes, (len(rows), 4) x1, y1, x2, y2."""
        _update(self.state, rows, boxes, self.boxes)

    def likelihood(self, rows: npt.NDArray[np.intp], boxes: FloatArray) -> FloatArray:
        """Say how well D boxes lie where the filters ``rows`` expect theirs.

        Boxes count as less exact than where they correct a filter: of what comes out from behind
        something, only a part is seen.

        Returns:
            (R, D) f32, the fourth root of the normal density, in units of the highest that any
            filter can reach; 0 beyond four standard deviations.
        """
        mean = self.state[rows, _MEAN]
        sharpest = _EMERGING**2 * np.maximum(mean[:, 2:], 1).prod(axis=1, keepdims=True)
        spread = self.state[rows, _P] + sharpest
        apart = _centres(boxes)[None] - mean[:, None]
        distance = (apart**2 / spread[:, None]).sum(axis=2)
        vague = np.log(spread / sharpest).sum(axis=1)
        density = np.exp(-(distance + vague[:, None]) / 8)
        return np.where(distance < _GATE, density, 0).astype(np.float32)

    def keep(self, rows: npt.NDArray[np.bool_]) -> None:
        """Forget all but the chosen filters."""
        self.state, self.boxes = self.state[rows], self.boxes[rows]

    def add(self, boxes: FloatArray) -> None:
        """Start a filter at rest for each box."""
        state = np.zeros((len(boxes), 5, 4))
        state[:, _MEAN] = _centres(boxes)
        size2 = state[:, _MEAN, 2:].prod(axis=1, keepdims=True)
        state[:, _P] = _MEASUREMENT**2 * size2
        state[:, _V] = _FIRST_VELOCITY**2 * size2
        self.state = np.concatenate([self.state, state])
        self.boxes = np.concatenate([self.boxes, boxes])


@inline
def _corners(state, n, boxes):  # type: ignore[no-untyped-def]
    for k in range(2):
        half = max(state[n, _MEAN, k + 2], 1.0) / 2
        boxes[n, k], boxes[n, k + 2] = state[n, _MEAN, k] - half, state[n, _MEAN, k] + half


@kernel("void(f8[:,:,::1], f8, b1[::1], f4[:,::1])")
def _predict(state, dt, seen, boxes):  # type: ignore[no-untyped-def]
    for n in range(len(state)):
        size2 = max(state[n, _MEAN, 2], 1.0) * max(state[n, _MEAN, 3], 1.0)
        for k in range(4):
            noise = _ACCELERATION[k] ** 2 * size2
            if k >= 2 and not seen[n]:
                state[n, _VELOCITY, k] = state[n, _C, k] = state[n, _V, k] = noise = 0.0
            c, v = state[n, _C, k], state[n, _V, k]
            state[n, _MEAN, k] += state[n, _VELOCITY, k] * dt
            state[n, _P, k] += (2 * c + v * dt) * dt + noise * (dt * dt * dt / 3)
            state[n, _C, k] += v * dt + noise * (dt * dt / 2)
            state[n, _V, k] += noise * dt
        _corners(state, n, boxes)


@kernel("void(f8[:,:,::1], i8[::1], f4[:,::1], f4[:,::1])")
def _update(state, rows, measured, boxes):  # type: ignore[no-untyped-def]
    for i in range(len(rows)):
        n = rows[i]
        noise = _MEASUREMENT**2 * max(state[n, _MEAN, 2], 1.0) * max(state[n, _MEAN, 3], 1.0)
        for k in range(4):
            low, high = np.float64(measured[i, k % 2]), np.float64(measured[i, k % 2 + 2])
            apart = ((low + high) / 2 if k < 2 else high - low) - state[n, _MEAN, k]
            p, c = state[n, _P, k], state[n, _C, k]
            total = p + noise
            state[n, _MEAN, k] += p / total * apart
            state[n, _VELOCITY, k] += c / total * apart
            state[n, _P, k] = noise / total * p
            state[n, _C, k] = noise / total * c
            state[n, _V, k] -= c / total * c
        _corners(state, n, boxes)


def _centres(boxes: FloatArray) -> Array:
    boxes64 = boxes.astype(np.float64)
    size = boxes64[:, 2:] - boxes64[:, :2]
    return np.concatenate([boxes64[:, :2] + size / 2, size], axis=1)
