"""Segment every object in live or recorded video, in real time.

The interface for other programs::

    import yolact_live

    with yolact_live.Segmenter() as segmenter:
        instances = segmenter.segment(frame_bgr)  # (H, W, 3) u8
        annotated = yolact_live.draw(frame_bgr, instances)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["Segmenter", "__version__", "draw"]

if TYPE_CHECKING:
    from yolact_live.infer.segmenter import Segmenter
    from yolact_live.render.compositor import draw


def __getattr__(name: str) -> Any:
    """Import what is asked for on first use, so that ``import yolact_live`` is quick."""
    if name == "Segmenter":
        from yolact_live.infer.segmenter import Segmenter

        return Segmenter
    if name == "draw":
        from yolact_live.render.compositor import draw

        return draw
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
