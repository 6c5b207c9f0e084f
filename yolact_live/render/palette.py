"""Colours of instances."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

# Okabe and Ito's palette (2008), which people with any colour vision can tell apart, with a
# violet in place of its black, which would vanish in dark pictures. RGB.
_RGB = (
    (86, 180, 233), (230, 159, 0), (0, 158, 115), (240, 228, 66),
    (213, 94, 0), (204, 121, 167), (0, 114, 178), (148, 82, 200),
)  # fmt: skip
PALETTE: npt.NDArray[np.uint8] = np.array(_RGB, np.uint8)[:, ::-1].copy()


def colours(ids: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
    """Return a colour for each instance: by identity where it has one, else by rank.

    Args:
        ids: (N,) i64, −1 = no identity.

    Returns:
        (N, 3) u8, BGR.
    """
    keys = np.where(ids >= 0, ids, np.arange(len(ids)))
    return PALETTE[keys % len(PALETTE)]


def text_colour(background: tuple[int, int, int]) -> tuple[int, int, int]:
    """Return black or white, whichever is easier to read on a BGR colour.

    Relative luminance and contrast as in WCAG 2.1.
    """
    linear = (np.array(background[::-1]) / 255.0) ** 2.2
    luminance = float(linear @ np.array([0.2126, 0.7152, 0.0722]))
    return (0, 0, 0) if (luminance + 0.05) ** 2 > 0.05 * 1.05 else (255, 255, 255)
