"""Segment every object in live or recorded video, in real time.

The interface for other programs::

    import yolact_live

    with yolact_live.Segmenter() as segmenter:
        instances = segmenter.segment(frame_bgr)  # (H, W, 3) u8
        annotated = yolact_live.draw(frame_bgr, instances)
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, cast

from yolact_live.version import __version__

# OpenCV reads it when it loads; without it cameras take up to a minute to open on Windows (opencv#17687).
os.environ.setdefault("OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS", "0")

# `import openvino` reports itself to its makers' statistics over the network. This program looks at
# people's own pictures and works offline: it reports nothing. None means: there is no such module.
cast(dict[str, Any], sys.modules).setdefault("openvino_telemetry", None)

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
