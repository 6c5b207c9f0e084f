"""Which part of the picture is seen, and how large. No Qt in here."""

from __future__ import annotations

import math
from dataclasses import dataclass

MOST = 32.0
"""Screen pixels per picture pixel."""

SHARP = 2.0
"""From here on a person wants to see the pixels themselves."""


@dataclass(frozen=True)
class Rect:
    """Whole pixels, half-open."""

    x1: int
    y1: int
    x2: int
    y2: int

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.x2 - self.x1, self.y2 - self.y1


class Viewport:
    """Maps the picture to the room there is for it. Both have their origin at the upper left.

    Attributes:
        room: width and height that the picture may fill, in pixels of the screen.
        picture: width and height of the picture in its own pixels.
        zoom: screen pixels per picture pixel; None = as large as fits.
    """

    def __init__(self) -> None:
        self.room = (1, 1)
        self.picture = (1, 1)
        self.zoom: float | None = None
        self._centre = (0.5, 0.5)  # of what is seen, in picture pixels

    @property
    def fitting(self) -> float:
        """The scale at which the whole picture just fits."""
        return min(room / length for room, length in zip(self.room, self.picture, strict=True))

    @property
    def scale(self) -> float:
        """Screen pixels per picture pixel."""
        return self.fitting if self.zoom is None else self.zoom

    @property
    def sharp(self) -> bool:
        """Whether pixels shall be seen as they are rather than blended."""
        return self.zoom is not None and self.zoom > SHARP

    def set_picture(self, width: int, height: int) -> None:
        """Show pictures of another size, the whole of them."""
        if (width, height) != self.picture:
            self.picture = (width, height)
            self.fit()

    def fit(self) -> None:
        """Show the whole picture."""
        self.zoom = None
        self._centre = (self.picture[0] / 2, self.picture[1] / 2)

    def set_zoom(self, zoom: float, at: tuple[float, float] | None = None) -> None:
        """Change the scale; what is at a point of the room, by default its middle, stays there."""
        x, y = at or (self.room[0] / 2, self.room[1] / 2)
        fixed = self.to_picture(x, y)
        self.zoom = min(max(zoom, min(self.fitting, 1.0)), MOST)
        if at is None and self.zoom <= self.fitting:
            fixed = (self.picture[0] / 2, self.picture[1] / 2)
        self._move_centre(
            fixed[0] - (x - self.room[0] / 2) / self.scale, fixed[1] - (y - self.room[1] / 2) / self.scale
        )

    def pan(self, dx: float, dy: float) -> None:
        """Move the picture by so many screen pixels."""
        self._move_centre(self._centre[0] - dx / self.scale, self._centre[1] - dy / self.scale)

    def to_picture(self, x: float, y: float) -> tuple[float, float]:
        """Return the point of the picture that is shown at a point of the room."""
        left, top = self._corner()
        return (x - left) / self.scale, (y - top) / self.scale

    def to_room(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point of the picture is shown."""
        left, top = self._corner()
        return left + x * self.scale, top + y * self.scale

    def visible(self) -> tuple[Rect, Rect]:
        """Return the part of the picture that is seen, and where in the room it goes."""
        left, top = self._corner()
        (x1, x2), (y1, y2) = (
            (max(0, math.floor(-corner / self.scale)), min(length, math.ceil((room - corner) / self.scale)))
            for corner, length, room in zip((left, top), self.picture, self.room, strict=True)
        )
        # on whole pixels of the screen, or Qt would smooth the picture a second time
        goes = [round(left + x1 * self.scale), round(top + y1 * self.scale)]
        goes += [
            max(goes[0] + 1, round(left + x2 * self.scale)),
            max(goes[1] + 1, round(top + y2 * self.scale)),
        ]
        return Rect(x1, y1, x2, y2), Rect(*goes)

    def _corner(self) -> tuple[float, float]:
        """Return where the upper left corner of the picture is, which may be outside."""
        self._move_centre(*self._centre)  # the room may have changed
        left, top = (
            room / 2 - centre * self.scale for room, centre in zip(self.room, self._centre, strict=True)
        )
        return left, top

    def _move_centre(self, x: float, y: float) -> None:
        """Look elsewhere, but not past the edges of the picture."""
        centre = []
        for want, length, room in zip((x, y), self.picture, self.room, strict=True):
            seen = room / self.scale
            centre.append(length / 2 if seen >= length else min(max(want, seen / 2), length - seen / 2))
        self._centre = (centre[0], centre[1])
