"""Where tracked boxes are heading: Kalman filters of constant velocity, all tracks at once.

Centre x, centre y, width and height of a box are filtered apart from one another (their noises
are independent, as in BoT-SORT, Aharon et al. 2022), so that each filter has a 2 × 2 covariance
and its inverse is a division. The model is continuous white-noise acceleration: Bar-Shalom, Li
and Kirubarajan, *Estimation with Applications to Tracking and Navigation* (2001), section 6.2.2.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

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


class Motion:
    """Kalman filters of T boxes.

    Attributes:
        mean: (T, 4) f64, centre x, centre y, width, height in pixels.
        velocity: (T, 4) f64, pixels per second.
    """

    def __init__(self) -> None:
        self.mean = self.velocity = np.empty((0, 4))
        # variance of the position, covariance, variance of the velocity
        self._p = self._c = self._v = np.empty((0, 4))

    @property
    def boxes(self) -> FloatArray:
        """(T, 4) f32, x1, y1, x2, y2 in pixels, not clipped."""
        return _corners(self.mean)

    def ahead(self, dt: float) -> FloatArray:
        """Return the boxes expected in ``dt`` seconds."""
        return _corners(self.mean + self.velocity * dt)

    def predict(self, dt: float, seen: npt.NDArray[np.bool_]) -> None:
        """Go on by ``dt`` seconds. What is not seen, (T,) bool, keeps its size."""
        noise = _ACCELERATION**2 * self._size2
        for rate in (self.velocity, self._c, self._v, noise):
            rate[~seen, 2:] = 0.0
        self.mean += self.velocity * dt
        self._p += (2 * self._c + self._v * dt) * dt + noise * (dt**3 / 3)
        self._c += self._v * dt + noise * (dt**2 / 2)
        self._v += noise * dt

    def update(self, rows: npt.NDArray[np.intp], boxes: FloatArray) -> None:
        """Correct the filters ``rows`` with measured boxes, (len(rows), 4) x1, y1, x2, y2."""
        p, c = self._p[rows], self._c[rows]
        total = p + _MEASUREMENT**2 * self._size2[rows]
        gain, pull = p / total, c / total
        innovation = _centres(boxes) - self.mean[rows]
        self.mean[rows] += gain * innovation
        self.velocity[rows] += pull * innovation
        self._p[rows] = (1 - gain) * p
        self._c[rows] = (1 - gain) * c
        self._v[rows] -= pull * c

    def likelihood(self, rows: npt.NDArray[np.intp], boxes: FloatArray) -> FloatArray:
        """Say how well D boxes lie where the filters ``rows`` expect theirs.

        Boxes count as less exact than where they correct a filter: of what comes out from behind
        something, only a part is seen.

        Returns:
            (R, D) f32, the fourth root of the normal density, in units of the highest that any
            filter can reach; 0 beyond four standard deviations.
        """
        sharpest = _EMERGING**2 * self._size2[rows]
        spread = self._p[rows] + sharpest
        apart = _centres(boxes)[None] - self.mean[rows][:, None]
        distance = (apart**2 / spread[:, None]).sum(axis=2)
        vague = np.log(spread / sharpest).sum(axis=1)
        density = np.exp(-(distance + vague[:, None]) / 8)
        return np.where(distance < _GATE, density, 0).astype(np.float32)

    def keep(self, rows: npt.NDArray[np.bool_]) -> None:
        """Forget all but the chosen filters."""
        self.mean, self.velocity = self.mean[rows], self.velocity[rows]
        self._p, self._c, self._v = self._p[rows], self._c[rows], self._v[rows]

    def add(self, boxes: FloatArray) -> None:
        """Start a filter at rest for each box."""
        mean = _centres(boxes)
        unit = np.ones((1, 4)) * mean[:, 2:3] * mean[:, 3:4]
        self.mean = np.concatenate([self.mean, mean])
        self.velocity = np.concatenate([self.velocity, np.zeros_like(mean)])
        self._p = np.concatenate([self._p, _MEASUREMENT**2 * unit])
        self._c = np.concatenate([self._c, np.zeros_like(mean)])
        self._v = np.concatenate([self._v, _FIRST_VELOCITY**2 * unit])

    @property
    def _size2(self) -> Array:
        return np.maximum(self.mean[:, 2:3], 1) * np.maximum(self.mean[:, 3:4], 1)


def _centres(boxes: FloatArray) -> Array:
    boxes64 = boxes.astype(np.float64)
    size = boxes64[:, 2:] - boxes64[:, :2]
    return np.concatenate([boxes64[:, :2] + size / 2, size], axis=1)


def _corners(mean: Array) -> FloatArray:
    half = np.maximum(mean[:, 2:], 1) / 2
    return np.concatenate([mean[:, :2] - half, mean[:, :2] + half], axis=1).astype(np.float32)
