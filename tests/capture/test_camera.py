"""Cameras: a real one where there is one, and one of software that behaves like those on USB."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from yolact_live.capture import camera as module
from yolact_live.capture import live
from yolact_live.capture.camera import (
    Camera,
    CameraDevice,
    busy,
    find_again,
    find_camera,
    list_cameras,
    obstacle,
    open_camera,
)
from yolact_live.capture.live import OPEN_S, LiveSource
from yolact_live.capture.modes import Mode
from yolact_live.errors import SourceError

CAMERAS = [Camera(0, "HD Webcam", usb=(1, 2)), Camera(2, "Desk Camera"), Camera(3, "Mail@Home")]
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells before trying")


RATES = {"MJPG": {(1280, 720): 30, (640, 480): 60}, "YUYV": {(1280, 720): 10, (640, 480): 30}}


class UsbCapture:
    """What cv2.VideoCapture is over a camera on USB.

    It has two formats of two sizes. As with real ones, another format or size sets the rate
    back, another format the size too, and what it does not have becomes the nearest that it has.

    Args:
        plugged: index → whether there is a camera.
    """

    def __init__(self, plugged: dict[int, bool], index: int, backend: int) -> None:
        assert backend == module.BACKEND
        self.plugged, self.index = plugged, index
        self.open = plugged.get(index, False)
        self.format, self.size, self.rate = "YUYV", (640, 480), 30.0
        self.wanted = [640, 480]
        self.pictures = 0

    def isOpened(self) -> bool:
        return self.open

    def set(self, key: int, value: float) -> bool:
        if key == cv2.CAP_PROP_FOURCC:
            name = int(value).to_bytes(4, "little").decode()
            self.format = name if name in RATES else "YUYV"
            self._take_size((640, 480))
        elif key in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT):
            self.wanted[key == cv2.CAP_PROP_FRAME_HEIGHT] = int(value)
            if tuple(self.wanted) in RATES[self.format]:
                self._take_size((self.wanted[0], self.wanted[1]))
        elif key == cv2.CAP_PROP_FPS:
            self.rate = min(value, RATES[self.format][self.size])
        return True

    def _take_size(self, size: tuple[int, int]) -> None:
        self.size, self.rate = size, min(15.0, RATES[self.format][size])

    def get(self, key: int) -> float:
        if key == cv2.CAP_PROP_FOURCC:
            return float(int.from_bytes(self.format.encode(), "little"))
        assert key == cv2.CAP_PROP_FPS
        return self.rate

    def read(self) -> tuple[bool, Any]:
        assert self.open
        time.sleep(0.01)
        if not self.plugged[self.index]:
            return False, None
        self.pictures += 1
        return True, np.full((self.size[1], self.size[0], 3), self.pictures % 256, np.uint8)

    def release(self) -> None:
        self.open = False


@pytest.fixture
def plugged(monkeypatch: pytest.MonkeyPatch) -> dict[int, bool]:
    monkeypatch.setattr(module, "obstacle", lambda camera: None)
    return {0: True}


def fake_device(plugged: dict[int, bool], camera: Camera, mode: Mode) -> CameraDevice:
    return CameraDevice(camera, mode, lambda index, backend: UsbCapture(plugged, index, backend))


# ------------------------------------------------------------------------ what every camera does

REAL = pytest.mark.skipif(not list(Path("/dev").glob("video*")), reason="no camera (/dev/video*) is here")


@pytest.fixture(params=["software", pytest.param("real", marks=REAL)])
def camera(request: pytest.FixtureRequest) -> Iterator[LiveSource]:
    if request.param == "real":
        source = open_camera(list_cameras()[0])
    else:
        there: dict[int, bool] = request.getfixturevalue("plugged")
        source = open_camera(CAMERAS[0], device=lambda camera, mode: fake_device(there, camera, mode))
    with source:
        yield source


def test_contract(camera: LiveSource) -> None:
    began = time.monotonic()
    frames = [camera.read() for _ in range(10)]
    assert time.monotonic() - began < OPEN_S
    info = camera.info
    assert info.live
    assert not info.seekable
    assert info.name
    assert info.coding
    assert info.rate is None or info.rate > 0
    for frame in frames:
        assert frame is not None
        assert frame.size == info.size
        assert frame.image.dtype == np.uint8
        assert frame.image.flags.c_contiguous
    assert all(a.pts < b.pts and a.seq < b.seq for a, b in pairwise(frames) if a and b)


# ------------------------------------------------------------------------ modes


@pytest.mark.parametrize(
    ("mode", "size", "rate", "coding"),
    [
        (Mode(), (720, 1280), 30, "MJPG"),
        (Mode(width=640, height=480, rate=60), (480, 640), 60, "MJPG"),
        (Mode(width=640, height=480, rate=25), (480, 640), 25, "MJPG"),
        (Mode(rate=500), (720, 1280), 30, "MJPG"),
        (Mode("H264", 1280, 720, 30), (720, 1280), 10, "YUYV"),
    ],
)
def test_what_is_granted_is_told(
    plugged: dict[int, bool], mode: Mode, size: tuple[int, int], rate: int, coding: str
) -> None:
    """In another order of requests, the rate or the size would be lost again."""
    with open_camera(CAMERAS[0], mode, device=lambda *how: fake_device(plugged, *how)) as source:
        frame = source.read()
        assert frame is not None
        assert frame.size == source.info.size == size
        assert (source.info.rate, source.info.coding) == (Fraction(rate), coding)
        assert source.info.name == frame.source_id == "HD Webcam"


@pytest.mark.parametrize(
    ("text", "camera", "mode"),
    [
        ("2", CAMERAS[1], Mode()),
        ("desk camera", CAMERAS[1], Mode()),
        ("HD Webcam", CAMERAS[0], Mode()),
        ("7", Camera(7, "camera 7"), Mode()),
        ("0@640x480", CAMERAS[0], Mode(width=640, height=480)),
        ("0@60", CAMERAS[0], Mode(rate=60)),
        ("7@29.97", Camera(7, "camera 7"), Mode(rate=29.97)),
        ("hd webcam@1920x1080@25", CAMERAS[0], Mode(width=1920, height=1080, rate=25)),
        ("Mail@Home", CAMERAS[2], Mode()),
        ("Mail@Home@5", CAMERAS[2], Mode(rate=5)),
    ],
)
def test_cameras_are_found_by_index_or_name_and_asked_for_a_mode(
    text: str, camera: Camera, mode: Mode
) -> None:
    assert find_camera(text, CAMERAS) == (camera, mode)


@pytest.mark.parametrize("text", ["Desk", "0@big", "0@640", "Desk@30", "@30", "0@640x"])
def test_what_is_no_camera(text: str) -> None:
    found = find_camera(text, CAMERAS)
    assert found is None or (text == "0@640" and found[1].rate == 640)


# ------------------------------------------------------------------------ what goes wrong


@LINUX
def test_absent() -> None:
    problem = obstacle(Camera(63, "camera 63"))
    assert problem is not None
    assert "there is no camera 63: connect one" in str(problem)


@LINUX
def test_forbidden(tmp_path: Path) -> None:
    node = tmp_path / "video0"
    node.touch(0o600)
    assert obstacle(Camera(0, "HD Webcam", str(node))) is None
    code = (
        "import os, sys; from yolact_live.capture.camera import Camera, obstacle\n"
        "if os.geteuid() == 0: os.setgid(65534); os.setuid(65534)\n"  # root may use everything
        "else: os.chmod(sys.argv[1], 0)\n"
        "print(obstacle(Camera(0, 'HD Webcam', sys.argv[1])))"
    )
    for folder in (tmp_path, *tmp_path.parents[:2]):
        os.chmod(folder, 0o755)
    done = subprocess.run(
        [sys.executable, "-c", code, str(node)], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.startswith("HD Webcam may not be used: add yourself to the group video")


@LINUX
def test_busy(tmp_path: Path) -> None:
    node = tmp_path / "video0"
    node.touch()
    camera = Camera(0, "HD Webcam", str(node))
    with node.open():
        assert busy(camera) is None, "we ourselves are no other program"
        with subprocess.Popen(["sleep", "60"], stdin=node.open()) as other:
            problem = busy(camera)
            other.kill()
    assert str(problem) == "HD Webcam is in use by sleep: close sleep, then try again"


def test_one_that_does_not_open(plugged: dict[int, bool]) -> None:
    plugged[0] = False
    with pytest.raises(SourceError, match="HD Webcam cannot be opened: close other programs"):
        open_camera(CAMERAS[0], device=lambda *how: fake_device(plugged, *how))


def test_unplugged_and_plugged_in_elsewhere(
    plugged: dict[int, bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "FIRST_RETRY_S", 0.1)
    there = [CAMERAS[0]]
    devices: list[CameraDevice] = []

    def device(camera: Camera, mode: Mode) -> CameraDevice:
        devices.append(fake_device(plugged, camera, mode))
        return devices[-1]

    mode = Mode(width=640, height=480)
    with open_camera(CAMERAS[0], mode, reconnect_s=60, device=device, cameras=lambda: there) as source:
        assert source.read()
        plugged[0] = False
        there[:] = [CAMERAS[1], Camera(4, "HD Webcam", usb=(1, 2))]
        plugged[4] = True
        while source.missed == 0:
            frame = source.read()
        assert frame is not None
        assert frame.size == (480, 640), "it is asked for the same mode again"
    assert len(devices) == 2


def test_two_of_a_kind_are_told_apart_by_their_place() -> None:
    two = [Camera(1, "Cam", usb=(1, 2)), Camera(3, "Cam", usb=(1, 2)), Camera(5, "Cam", usb=(9, 9))]
    assert find_again(two[1], two) is two[1]
    assert find_again(two[1], two[:1]) is two[0]
    assert find_again(two[1], two[2:]) is two[1]
