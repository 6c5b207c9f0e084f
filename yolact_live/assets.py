"""Where the shipped files are: model, demo clip, icons, label lists.

``assets/`` stands beside the package in a checkout (and so for an editable install)
and inside the package in a wheel.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def asset(*parts: str) -> Path:
    """Return the path of a shipped file or folder, for example ``asset("demo.mp4")``."""
    inside = _PACKAGE / "assets"
    root = inside if inside.is_dir() else _PACKAGE.parent / "assets"
    return root.joinpath(*parts)
