"""Keeping OpenCV's Qt apart from ours."""

from __future__ import annotations

import os


def forget_opencv_qt() -> None:
    """Undo what importing cv2 does to the environment.

    opencv-python points Qt at the Qt 5 plugins and fonts in its own wheel, with which the xcb
    plugin of PySide6 does not load (opencv-python#736), nor that of any Qt program we start.
    """
    for name in ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR"):
        if f"{os.sep}cv2{os.sep}" in os.environ.get(name, ""):
            del os.environ[name]
