"""Colours of instances."""

from __future__ import annotations

import threading

import numpy as np
import numpy.typing as npt

# RGB. All but the last can be told apart with any colour vision, which a test computes.
_RGB = {
    # Okabe and Ito's palette (2008) without its black, which would vanish in dark pictures; then
    # five that were searched for to be far from these, and from one another, for everybody.
    "okabe-ito": (
        (86, 180, 233), (230, 159, 0), (0, 158, 115), (240, 228, 66),
        (213, 94, 0), (204, 121, 167), (150, 45, 255), (45, 255, 210),
        (225, 0, 75), (180, 225, 135), (0, 114, 178), (150, 120, 255),
    ),
    # Paul Tol's qualitative schemes (2021).
    "tol-bright": (
        (68, 119, 170), (238, 102, 119), (34, 136, 51), (204, 187, 68),
        (102, 204, 238), (170, 51, 119), (187, 187, 187),
    ),
    "tol-muted": (
        (204, 102, 119), (136, 204, 238), (221, 204, 119), (17, 119, 51), (51, 34, 136),
        (68, 170, 153), (170, 68, 153), (153, 153, 51), (136, 34, 85), (221, 221, 221),
    ),
    # Google's material design (2014): what pictures of YOLACT usually look like.
    "material": (
        (244, 67, 54), (33, 150, 243), (76, 175, 80), (255, 193, 7), (156, 39, 176), (0, 188, 212),
        (255, 87, 34), (63, 81, 181), (205, 220, 57), (233, 30, 99), (0, 150, 136), (121, 85, 72),
    ),
}  # fmt: skip
PALETTES: dict[str, npt.NDArray[np.uint8]] = {
    name: np.array(rgb, np.uint8)[:, ::-1].copy() for name, rgb in _RGB.items()
}
"""Name → (K, 3) u8, BGR."""
# So many identities keep their colour although they are out of sight.
_REMEMBERED = 256


def colours(keys: npt.NDArray[np.integer], name: str = "okabe-ito") -> npt.NDArray[np.uint8]:
    """Return a colour for each instance: by its key where it has one, else by rank.

    Args:
        keys: (N,) identities or classes, −1 = none.
        name: a palette.

    Returns:
        (N, 3) u8, BGR.
    """
    palette = PALETTES[name]
    return palette[np.where(keys >= 0, keys, np.arange(len(keys))) % len(palette)]


class Colours:
    """Gives every identity of a video a colour that it keeps as long as the palette is the same.

    No two that are seen together have the same one as long as the palette lasts, and those that
    come after one another differ. Safe to use from several threads.
    """

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._start("")

    def _start(self, name: str) -> None:
        self._name = name
        self._chosen: dict[int, int] = {}  # identity → place in the palette; last seen is last
        self._used = [0] * len(PALETTES.get(name, ()))  # when each colour was last seen
        self._now = 0

    def __call__(self, ids: npt.NDArray[np.int64], name: str = "okabe-ito") -> npt.NDArray[np.uint8]:
        """Return the colours of what is seen now: (N, 3) u8, BGR.

        Args:
            ids: (N,) i64, −1 = no identity: a colour by rank.
            name: a palette.
        """
        with self._turn:
            return self._give(ids, name)

    def _give(self, ids: npt.NDArray[np.int64], name: str) -> npt.NDArray[np.uint8]:
        if name != self._name:
            self._start(name)
        self._now += 1
        shown = [0] * len(self._used)
        seen = [i for i in ids.tolist() if i >= 0]
        for identity in sorted(seen, key=lambda i: (i not in self._chosen, i)):  # the oldest first
            place = self._chosen.pop(identity, -1)
            if place < 0 or shown[place] > min(shown):
                place = min(range(len(shown)), key=lambda i: (shown[i], self._used[i]))
            shown[place] += 1
            self._chosen[identity] = place
            self._used[place] = self._now
        for identity in list(self._chosen)[: max(len(self._chosen) - _REMEMBERED, 0)]:
            del self._chosen[identity]
        return colours(np.array([self._chosen.get(i, -1) for i in ids.tolist()], np.int64), name)


def text_colour(background: tuple[int, int, int]) -> tuple[int, int, int]:
    """Return black or white, whichever is easier to read on a BGR colour.

    Relative luminance and contrast as in WCAG 2.1.
    """
    linear = (np.array(background[::-1]) / 255.0) ** 2.2
    luminance = float(linear @ np.array([0.2126, 0.7152, 0.0722]))
    return (0, 0, 0) if (luminance + 0.05) ** 2 > 0.05 * 1.05 else (255, 255, 255)
