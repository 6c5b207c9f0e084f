"""Synthetic people to learn from: dressed, posed and drawn, on pictures without people.

``python -m yolact_live.training.people`` writes a COCO set whose masks are exact, because they come
from the renderer. Data flows one way: a body (:mod:`.body`) is posed (:mod:`.pose`, :mod:`.rig`) and
dressed (:mod:`.material`, :mod:`.dress`, :mod:`.head`, :mod:`.props`), drawn (:mod:`.render` with the
kernels of :mod:`.raster` and :mod:`.shade`) as a cut-out, and pasted (:mod:`.scene`) on a background
(:mod:`.background`).

In space, lengths are decimetres: x to the left of the body, y up, z ahead of it, the origin in the hips.
"""
