"""Colours of instances."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

# Okabe and Ito's palette (2008), which people with any colour vision can tell apart, with a
# violet in place of its black, which would vanish in dark pictures; then four that lie between
# these, told apart by lightness too. RGB.
_RGB = (
    (86, 180, 233), (230, 159, 0), (0, 158, 115), (240, 228, 66),
    (213, 94, 0), (204, 121, 167), (148, 82, 200), (152, 223, 138),
    (176, 24, 78), (64, 224, 208), (255, 152, 150), (0, 114, 178),
)  # fmt: skip
PALETTE: npt.NDArray[np.uint8] = np.array(_RGB, np.uint8)[:, ::-1].copy()
# So many identities keep their colour although they are out of sight.
_REMEMBERED = 256


def colours(keys: npt.NDArray[np.integer]) -> npt.NDArray[np.uint8]:
    """Return a colour for each instance: by its key where it has one, else by rank.

    Args:
        keys: (N,) identities or classes, −1 = none.

    Returns:
        (N, 3) u8, BGR.
    """
    return PALETTE[np.where(keys >= 0, keys, np.arange(len(keys))) % len(PALETTE)]


class Colours:
    """Gives every identity of a video a colour that it keeps.

    No two that are seen together have the same one as long as the palette lasts, and those that
    come after one another differ.
    """

    def __init__(self) -> None:
        self._chosen: dict[int, int] = {}  # identity → place in the palette; last seen is last
        self._used = [0] * len(PALETTE)  # when each colour was last seen
        self._now = 0

    def __call__(self, ids: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
        """Return the colours of what is seen now: (N, 3) u8, BGR.

        Args:
            ids: (N,) i64, −1 = no identity: a colour by rank.
        """
        self._now += 1
        shown = [0] * len(PALETTE)
        seen = [i for i in ids.tolist() if i >= 0]
        for identity in sorted(seen, key=lambda i: (i not in self._chosen, i)):  # the oldest first
            place = self._chosen.pop(identity, -1)
            if place < 0 or shown[place] > min(shown):
                place = min(range(len(PALETTE)), key=lambda i: (shown[i], self._used[i]))
            shown[place] += 1
            self._chosen[identity] = place
            self._used[place] = self._now
        for identity in list(self._chosen)[: max(len(self._chosen) - _REMEMBERED, 0)]:
            del self._chosen[identity]
        return colours(np.array([self._chosen.get(i, -1) for i in ids.tolist()], np.int64))


def text_colour(background: tuple[int, int, int]) -> tuple[int, int, int]:
    """Return black or white, whichever is easier to read on a BGR colour.

    Relative luminance and contrast as in WCAG 2.1.
    """
    linear = (np.array(background[::-1]) / 255.0) ** 2.2
    luminance = float(linear @ np.array([0.2126, 0.7152, 0.0722]))
    return (0, 0, 0) if (luminance + 0.05) ** 2 > 0.05 * 1.05 else (255, 255, 255)
