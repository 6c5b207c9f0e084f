"""Cameras, through OpenCV."""

from __future__ import annotations

import os
import re
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2

from yolact_live.capture.live import Device, LiveSource
from yolact_live.capture.modes import Mode
from yolact_live.errors import SourceError
from yolact_live.types import ByteArray

_BACKENDS = {"linux": cv2.CAP_V4L2, "win32": cv2.CAP_MSMF, "darwin": cv2.CAP_AVFOUNDATION}
BACKEND = _BACKENDS.get(sys.platform, cv2.CAP_ANY)
"""One interface lists and opens, so that a name belongs to the index that is opened."""

_REMEDY = "close other programs that use it, reconnect it, allow cameras in the privacy settings"
_MODE = re.compile(r"(?P<camera>.+?)(?:@(?P<width>\d+)x(?P<height>\d+))?(?:@(?P<rate>\d+(?:\.\d+)?))?")


@dataclass(frozen=True)
class Camera:
    """A camera that is connected.

    Attributes:
        index: by which it is opened; another one after it was unplugged, perhaps.
        name: what it calls itself.
        path: its device file on Linux, else empty or what the system calls it.
        usb: vendor and product; None where unknown.
    """

    index: int
    name: str
    path: str = ""
    usb: tuple[int, int] | None = None

    @property
    def node(self) -> str:
        """Its device file (Linux)."""
        return self.path or f"/dev/video{self.index}"


class CameraDevice:
    """An opened camera.

    Attributes:
        rate: as granted.
        coding: pixel format as granted.

    Raises:
        SourceError: it cannot be opened; the message tells absent, forbidden and busy apart
            where the system does.
    """

    def __init__(
        self, camera: Camera, mode: Mode, capture: Callable[[int, int], Any] = cv2.VideoCapture
    ) -> None:
        if problem := obstacle(camera):
            raise problem
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)
        self._camera = camera
        self._capture = capture(camera.index, BACKEND)
        if not self._capture.isOpened():
            self._capture.release()
            raise busy(camera) or SourceError(f"{camera.name} cannot be opened", _REMEDY)
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
        code = int(self._capture.get(cv2.CAP_PROP_FOURCC)) & 0xFFFFFFFF
        self.coding = code.to_bytes(4, "little").decode("ascii", "ignore").strip("\0 ")

    def grab(self) -> ByteArray | None:
        got, image = self._capture.read()
        if not got:
            raise obstacle(self._camera) or SourceError(f"{self._camera.name} sends no pictures", _REMEDY)
        return image.astype("uint8", copy=False)

    def close(self) -> None:
        self._capture.release()


def list_cameras() -> list[Camera]:
    """Return the cameras that are connected, by index."""
    from cv2_enumerate_cameras import enumerate_cameras

    found: list[Any] = enumerate_cameras(BACKEND)
    return [
        Camera(one.index, one.name, str(one.path or ""), (one.vid, one.pid) if one.vid and one.pid else None)
        for one in sorted(found, key=lambda one: one.index)
    ]


def find_camera(text: str, cameras: list[Camera]) -> tuple[Camera, Mode] | None:
    """Return the camera that is meant, and the mode that is wanted; None if there is none.

    Args:
        text: index or name (letter case aside), then perhaps ``@1280x720``, ``@60`` (frames a
            second), or both. An index that is not listed is tried all the same: not every
            system lists all.
        cameras: what is connected.
    """
    parts = _MODE.fullmatch(text)
    for name, mode in ((text, Mode()), *([(parts["camera"], _mode(parts))] if parts else [])):
        for camera in cameras:
            if name == str(camera.index) or name.casefold() == camera.name.casefold():
                return camera, mode
        if name.isdecimal():
            return Camera(int(name), f"camera {name}"), mode
    return None


def _mode(parts: re.Match[str]) -> Mode:
    default = Mode()
    return Mode(
        width=int(parts["width"] or default.width),
        height=int(parts["height"] or default.height),
        rate=float(parts["rate"] or default.rate),
    )


def open_camera(
    camera: Camera,
    mode: Mode | None = None,
    cancel: threading.Event | None = None,
    reconnect_s: float = 0.0,
    device: Callable[[Camera, Mode], Device] = CameraDevice,
    cameras: Callable[[], list[Camera]] = list_cameras,
) -> LiveSource:
    """Open a camera.

    Raises:
        SourceError: it cannot be opened, or not in time.
    """
    tries = 0

    def connect() -> Device:
        nonlocal tries
        tries += 1
        there = camera if tries == 1 else find_again(camera, cameras())
        return device(there, mode or Mode())

    return LiveSource(camera.name, connect, cancel, reconnect_s)


def find_again(camera: Camera, cameras: list[Camera]) -> Camera:
    """Return a camera where it is now: plugged in again, it may have got another index."""
    same = [one for one in cameras if (one.name, one.usb) == (camera.name, camera.usb)]
    return next((one for one in same if one.index == camera.index), same[0] if same else camera)


def obstacle(camera: Camera) -> SourceError | None:
    """Say why a camera cannot be opened, as far as the system tells without trying."""
    if sys.platform != "linux":
        return None
    if not os.path.exists(camera.node):
        return SourceError(
            f"there is no camera {camera.index}",
            "connect one, or choose another; `yolact-live sources` lists them",
        )
    if not os.access(camera.node, os.R_OK | os.W_OK):
        return SourceError(
            f"{camera.name} may not be used",
            "add yourself to the group video (sudo usermod -aG video $USER), then log in again",
        )
    return None


def busy(camera: Camera) -> SourceError | None:
    """Say which other program uses a camera, as far as the system tells."""
    users = sorted(set(_users(camera.node)))
    if not users:
        return None
    return SourceError(f"{camera.name} is in use by {', '.join(users)}", f"close {users[0]}, then try again")


def _users(node: str) -> Iterator[str]:
    """Yield the names of other programs that have a file open (Linux; only those of the same person)."""
    wanted = os.path.realpath(node)
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if int(process.name) != os.getpid() and any(
                os.path.realpath(handle) == wanted for handle in (process / "fd").iterdir()
            ):
                yield (process / "comm").read_text().strip()
        except OSError:  # it has ended, or belongs to somebody else
            continue
