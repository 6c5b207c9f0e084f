"""Lines, zones and counts in the picture."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from yolact_live.places import AtLine, InZone, Point, Tally
from yolact_live.render.text import write, write_above
from yolact_live.types import ByteArray

_PLATE = (40, 36, 32)
_LIGHT, _DARK = (255, 255, 255), (0, 0, 0)
# Share of white over a zone.
_FILL = 0.12
# Length of the arrow on a line, pixels of a picture with 720 lines.
_ARROW_PX = 28
_MOST_CLASSES = 8


def draw_tally(image: ByteArray, tally: Tally, scale: float, classes: bool) -> None:
    """Draw lines, zones, and what was counted at them.

    Args:
        image: (H, W, 3) u8 BGR, changed in place.
        scale: size of the picture, 1 = 720 lines.
        classes: write in the corner how many of each class there are and were.
    """
    for zone in tally.zones:
        _draw_zone(image, zone, scale)
    for line in tally.lines:
        _draw_line(image, line, scale)
    if classes:
        top = round(8 * scale)
        most = sorted(tally.total, key=lambda name: (-tally.now.get(name, 0), -tally.total[name], name))
        for name in most[:_MOST_CLASSES]:
            text = f"{name}: {tally.now.get(name, 0)} now, {tally.total[name]} in all"
            top += write(image, text, round(8 * scale), top, _PLATE, scale) + 1


def _draw_zone(image: ByteArray, there: InZone, scale: float) -> None:
    corners = _pixels(there.zone.points, image)
    left, top, width, height = cv2.boundingRect(corners)
    part = image[top : top + height, left : left + width]
    filled = cv2.fillPoly(part.copy(), [corners - [left, top]], _LIGHT)
    cv2.addWeighted(filled, _FILL, part, 1 - _FILL, 0, dst=part)
    _stroke(image, corners, True, scale)
    text = f"{there.zone.name}: {sum(there.now.values())} now, {sum(there.total.values())} in all"
    if there.stays:
        text += f", {max(there.stays.values()):.0f} s"
    highest = corners[corners[:, 1].argmin()]
    write_above(image, text, int(highest[0]), int(highest[1]), _PLATE, scale)


def _draw_line(image: ByteArray, there: AtLine, scale: float) -> None:
    ends = _pixels(there.line.points, image)
    _stroke(image, ends, False, scale)
    middle, along = ends.mean(axis=0), (ends[1] - ends[0]).astype(float)
    # y points down: the right side of a line is a quarter turn clockwise on the screen
    forward = np.array([-along[1], along[0]]) / max(float(np.hypot(*along)), 1.0)
    tip = np.rint(middle + forward * _ARROW_PX * scale).astype(np.int32)
    for colour, width in ((_DARK, 4), (_LIGHT, 2)):
        start = np.rint(middle).astype(int).tolist()
        thick = max(1, round(width * scale))
        cv2.arrowedLine(image, start, tip.tolist(), colour, thick, cv2.LINE_AA, tipLength=0.35)
    text = (
        f"{there.line.name}: {sum(there.forward.values())} forward, {sum(there.backward.values())} backward"
    )
    write_above(image, text, int(ends[0][0]), int(ends[0][1]), _PLATE, scale)


def _pixels(points: tuple[Point, ...], image: ByteArray) -> npt.NDArray[np.int32]:
    size = np.array([image.shape[1] - 1, image.shape[0] - 1])
    return np.rint(np.array(points) * size).astype(np.int32)


def _stroke(image: ByteArray, points: npt.NDArray[np.int32], closed: bool, scale: float) -> None:
    """Draw light on dark, which is seen on every picture."""
    for colour, width in ((_DARK, 4), (_LIGHT, 2)):
        cv2.polylines(image, [points], closed, colour, max(1, round(width * scale)), cv2.LINE_AA)
