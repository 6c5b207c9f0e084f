"""Where frames come from: files, cameras, streams, stills, the screen, a test card."""

from __future__ import annotations

from pathlib import Path

from yolact_live.capture.source import Source, SourceInfo
from yolact_live.errors import SourceError

__all__ = ["Source", "SourceInfo", "is_live", "open_source"]


def is_live(text: str) -> bool:
    """Say whether frames of this source arrive when they happen (a camera, a stream, the screen)."""
    return text.isdigit() or "://" in text or text == "screen"


def open_source(text: str) -> Source:
    """Open a source by the one grammar of the window, the command line and the settings.

    Args:
        text: 0, 1, … or a camera's name | file | folder or glob of images |
            rtsp://, http:// | screen | testcard.

    Raises:
        SourceError: there is no such source, or it cannot be opened.
    """
    path = Path(text)
    if path.is_file():
        from yolact_live.capture.files import VideoFile

        return VideoFile(path)
    raise SourceError(f"{text} does not exist", "check the name")
