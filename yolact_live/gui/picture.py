"""The picture as the screen wants it: cut, scaled, with outlines. No Qt in here.

All this takes milliseconds, and more where inference needs the processor: it runs beside the window.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from yolact_live.gui.inspector import Facts, Inspector
from yolact_live.gui.viewport import Rect

if TYPE_CHECKING:
    from yolact_live.types import ByteArray, Instances, Trace

_LIGHT, _DARK = (255, 255, 255, 255), (18, 15, 13, 255)
_SHIFT = 4
"""Bits after the point of the coordinates that cv2 draws lines at."""


@dataclass(frozen=True)
class Wish:
    """What a view wants to show. Equal ones of the same picture have the same result.

    Attributes:
        picture: (H, W, 3) u8 BGR.
        instances: what is in it; None = nothing is known of it.
        seen, goes: the part that is seen, and where that is shown, in pixels of the screen.
        sharp: enlarge the pixels as they are.
        ratio: pixels of the screen per logical pixel.
        pointer: point of the picture under the pointer; None = it is elsewhere.
        pinned: identity that is followed; None = nothing.
        pin: follow what is under the pointer.
        trace: of the picture; None = it is of no frame.
    """

    picture: ByteArray = field(compare=False)
    instances: Instances | None = field(compare=False)
    seen: Rect
    goes: Rect
    sharp: bool
    ratio: float
    pointer: tuple[float, float] | None
    pinned: int | None
    pin: bool
    trace: Trace | None = field(default=None, compare=False)


@dataclass(frozen=True, eq=False)
class Shot:
    """A wish fulfilled.

    Attributes:
        image: (height, width, 4) u8 BGRA, as large as ``wish.goes``.
        pointed, followed: what is under the pointer, and what is pinned; None = nothing that is seen.
    """

    wish: Wish
    image: ByteArray
    pointed: Facts | None
    followed: Facts | None


class Darkroom:
    """Makes shots, one after another."""

    def __init__(self) -> None:
        self._inspector = Inspector()

    def make(self, wish: Wish) -> Shot:
        """Cut and scale a picture, look up what is pointed at and pinned, and outline it."""
        seen = wish.seen
        image = scale(wish.picture[seen.y1 : seen.y2, seen.x1 : seen.x2], *wish.goes.size, wish.sharp)
        self._inspector.show(wish.instances)
        pointed = self._inspector.at(*wish.pointer) if wish.pointer else None
        followed = None if wish.pinned is None else self._inspector.find(wish.pinned)
        for facts in {id(facts): facts for facts in (followed, pointed) if facts}.values():
            _outline(image, facts, wish)
        return Shot(wish, image, pointed, followed)


def scale(picture: ByteArray, width: int, height: int, sharp: bool = False) -> ByteArray:
    """Return a picture in another size, as (height, width, 4) u8 BGRA.

    cv2 lets go of the GIL. Its INTER_AREA takes 23 ms from 1080 to 559 lines; halving, for which
    it has a fast path, and then INTER_LINEAR take 1 ms and look the same. Qt draws RGB32 four
    times as fast as BGR888, which pays for the conversion.

    Args:
        sharp: enlarge the pixels as they are.
    """
    import cv2  # the pipeline has loaded it long before the first picture comes

    image: Any = picture
    while image.shape[1] >= 2 * width and image.shape[0] >= 2 * height:
        half = (image.shape[1] // 2, image.shape[0] // 2)
        image = cv2.resize(image, half, interpolation=cv2.INTER_AREA)
    how = cv2.INTER_NEAREST if sharp else cv2.INTER_LINEAR
    return cv2.cvtColor(cv2.resize(image, (width, height), interpolation=how), cv2.COLOR_BGR2BGRA)


def _outline(image: ByteArray, facts: Facts, wish: Wish) -> None:
    """Draw the outline of an instance, as sharp as the screen allows."""
    import cv2

    seen, goes = wish.seen, wish.goes
    factor = np.array(goes.size) / seen.size
    # the middle of a pixel is half a pixel from its corner
    lines = [(outline + 0.5 - (seen.x1, seen.y1)) * factor for outline in facts.outlines]
    points = [np.round(line * (1 << _SHIFT)).astype(np.int32) for line in lines]
    for colour, width in ((_DARK, 4), (_LIGHT, 2)):
        thickness = max(1, round(width * wish.ratio))
        cv2.polylines(image, points, True, colour, thickness, cv2.LINE_AA, _SHIFT)
