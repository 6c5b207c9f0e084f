"""Draw what was found over the frame."""

from __future__ import annotations

import cv2
import numpy as np

from yolact_live.places import Tally
from yolact_live.render.blend import blend
from yolact_live.render.effects import scene
from yolact_live.render.palette import Colours, colours
from yolact_live.render.tally import draw_tally
from yolact_live.render.text import write_above
from yolact_live.settings import Settings
from yolact_live.types import ByteArray, Instances

# Sizes are chosen at 720 lines and grow with the picture.
_REFERENCE_LINES = 720
_OPACITY = {"masks": 1.0, "cutout": 0.0, "blur": 0.0}
"""Views in which the picture is not tinted by taste."""


def draw(
    image: ByteArray,
    instances: Instances,
    settings: Settings | None = None,
    palette: Colours | None = None,
    tally: Tally | None = None,
) -> ByteArray:
    """Return what the settings' view shows of a picture, with masks, outlines, boxes and labels.

    Args:
        image: (H, W, 3) u8 BGR.
        instances: what was found in it.
        settings: how it looks; defaults if None.
        palette: remembers the colours of identities from picture to picture; None = there is
            no other picture.

    Returns:
        (H, W, 3) u8 BGR.
    """
    settings = settings or Settings()
    image = np.ascontiguousarray(image)
    height, width = image.shape[:2]
    labels, extents = instances.paint(height, width)
    scale = min(height, width) / _REFERENCE_LINES
    by_class = settings.colour == "class"
    if by_class:
        tints = colours(instances.labels, settings.palette)
    else:
        tints = (palette or colours)(instances.ids, settings.palette)
    out = blend(
        scene(image, instances, labels, settings),
        labels,
        extents,
        tints,
        round(_OPACITY.get(settings.view, settings.opacity) * 256),
        max(1, round(settings.contour_width * scale)) if settings.contours else 0,
    )
    line = max(1, round(scale))
    for i in reversed(range(len(instances))):
        box = _fit(instances.boxes[i], width, height)
        if settings.boxes:
            cv2.rectangle(out, box[:2], box[2:], tints[i].tolist(), line, cv2.LINE_4)
        text = _text(instances, i, settings)
        if text:
            write_above(out, text, box[0], box[1], tuple(tints[i].tolist()), scale)
    if tally:
        draw_tally(out, tally, scale, settings.counts)
    return out


def _fit(box: np.ndarray, width: int, height: int) -> tuple[int, int, int, int]:
    """Round a box to pixels inside the picture."""
    limits = (width - 1, height - 1, width - 1, height - 1)
    x1, y1, x2, y2 = (min(max(round(float(v)), 0), most) for v, most in zip(box, limits, strict=True))
    return x1, y1, x2, y2


def _text(instances: Instances, i: int, settings: Settings) -> str:
    parts = []
    if settings.labels:
        parts.append(instances.name(i))
        if instances.ids[i] >= 0:
            parts.append(str(instances.ids[i]))
    if settings.scores:
        parts.append(f"{instances.scores[i]:.0%}")
    return " ".join(parts)
