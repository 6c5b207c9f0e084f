"""What a frame shows: models, the engine that runs them, and what their outputs mean."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yolact_live.infer.checkpoint import read_checkpoint
    from yolact_live.infer.detect import postprocess
    from yolact_live.infer.network import build_network

__all__ = ["build_network", "postprocess", "read_checkpoint"]

# Loaded on first use: OpenVINO and numba are not wanted by those who import a part of this package.
_HOMES = {"read_checkpoint": "checkpoint", "build_network": "network", "postprocess": "detect"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
