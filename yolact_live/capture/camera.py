"""Cameras, through OpenCV."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import cv2

from yolact_live.capture.live import Device, LiveSource
from yolact_live.errors import SourceError
from yolact_live.types import ByteArray

_BACKENDS = {"linux": cv2.CAP_V4L2, "win32": cv2.CAP_MSMF, "darwin": cv2.CAP_AVFOUNDATION}
BACKEND = _BACKENDS.get(sys.platform, cv2.CAP_ANY)
"""One interface lists and opens, so that a name belongs to the index that is opened."""


_REMEDY = "close other programs that use it, reconnect it, allow cameras in the privacy settings"


@dataclass(frozen=True)
class Camera:
    """A camera that is connected."""

    index: int
    name: str


@dataclass(frozen=True)
class Mode:
    """What to ask a camera for. It grants what it can."""

    fourcc: str = "MJPG"  # over USB 2, uncompressed 720p is limited to 5 to 10 frames a second
    width: int = 1280
    height: int = 720
    rate: int = 30


class CameraDevice:
    """An opened camera.

    Attributes:
        rate: as granted.

    Raises:
        SourceError: it cannot be opened; the message tells absent, forbidden and busy apart
            where the system does.
    """

    def __init__(self, camera: Camera, mode: Mode) -> None:
        if problem := _obstacle(camera):
            raise problem
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)
        self._camera = camera
        self._capture = cv2.VideoCapture(camera.index, BACKEND)
        if not self._capture.isOpened():
            raise SourceError(f"{camera.name} cannot be opened", _REMEDY)
        # UVC cameras forget size and rate when the format changes, and rate when the size does
        for key, value in (
            (cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*mode.fourcc)),
            (cv2.CAP_PROP_FRAME_WIDTH, mode.width),
            (cv2.CAP_PROP_FRAME_HEIGHT, mode.height),
            (cv2.CAP_PROP_FPS, mode.rate),
            (cv2.CAP_PROP_BUFFERSIZE, 1),
        ):
            self._capture.set(key, value)
        granted = self._capture.get(cv2.CAP_PROP_FPS)
        self.rate = Fraction(granted).limit_denominator(1001) if granted > 0 else None

    def grab(self) -> ByteArray | None:
        got, image = self._capture.read()
        if not got:
            raise SourceError(f"{self._camera.name} sends no pictures", _REMEDY)
        return image.astype("uint8", copy=False)

    def close(self) -> None:
        self._capture.release()


def list_cameras() -> list[Camera]:
    """Return the cameras that are connected, by index."""
    from cv2_enumerate_cameras import enumerate_cameras

    found: list[Any] = enumerate_cameras(BACKEND)
    return [Camera(one.index, one.name) for one in sorted(found, key=lambda one: one.index)]


def find_camera(text: str, cameras: list[Camera]) -> Camera | None:
    """Return the camera with this index or name (letter case aside); None if there is none.

    A name that is not listed but is a number is tried all the same: not every system lists all.
    """
    for camera in cameras:
        if text == str(camera.index) or text.casefold() == camera.name.casefold():
            return camera
    return Camera(int(text), f"camera {text}") if text.isdigit() else None


def open_camera(
    camera: Camera,
    mode: Mode | None = None,
    cancel: threading.Event | None = None,
    reconnect_s: float = 0.0,
    device: Callable[[Camera, Mode], Device] = CameraDevice,
) -> LiveSource:
    """Open a camera.

    Raises:
        SourceError: it cannot be opened, or not in time.
    """
    wanted = mode or Mode()
    return LiveSource(camera.name, lambda: device(camera, wanted), cancel, reconnect_s)


def _obstacle(camera: Camera) -> SourceError | None:
    """Say why a camera cannot be opened, as far as the system tells without trying."""
    if sys.platform != "linux":
        return None
    node = f"/dev/video{camera.index}"
    if not os.path.exists(node):
        return SourceError(
            f"there is no camera {camera.index}",
            "connect one, or choose another; `yolact-live sources` lists them",
        )
    if not os.access(node, os.R_OK | os.W_OK):
        return SourceError(
            f"{camera.name} may not be used",
            "add yourself to the group video (sudo usermod -aG video $USER), then log in again",
        )
    return None
