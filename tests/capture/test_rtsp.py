"""A network camera over RTSP, from an independent server: it stalls, drops, restarts, changes size."""

from __future__ import annotations

import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import cv2
import psutil
import pytest

from tests.media import number_of, picture
from tests.pipeline.test_pipeline import until
from yolact_live.capture import live, network, open_source
from yolact_live.capture.source import Source
from yolact_live.errors import SourceError
from yolact_live.types import Frame

SERVER = Path(__file__).parents[1] / "rtsp_server.py"
PYTHON = "/usr/bin/python3"
"""The system's own: distributions build GStreamer's bindings for it alone."""

SMALL, LARGE = (64, 128), (96, 256)


def _server_is_there() -> bool:
    code = "import gi; gi.require_version('GstRtspServer', '1.0')"
    try:
        return not subprocess.run([PYTHON, "-c", code], stderr=subprocess.DEVNULL, timeout=60).returncode
    except FileNotFoundError:
        return False


pytestmark = pytest.mark.skipif(
    not _server_is_there(), reason="GStreamer's RTSP server (gir1.2-gst-rtsp-server-1.0) is not installed"
)


class NetworkCamera:
    """A server that can be paused, killed and started again on its port."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port = 0
        self._process: subprocess.Popen[str] | None = None

    def start(self, size: tuple[int, int], *more: str) -> str:
        """Start it, and return its address; ``more`` is for the server's command line."""
        folder = self._folder / "x".join(map(str, size))
        if not folder.exists():
            folder.mkdir()
            for number in range(250):
                cv2.imwrite(str(folder / f"{number}.jpg"), picture(number, *size))
        command = [PYTHON, str(SERVER), str(self.port), str(folder / "%d.jpg"), *more]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout
        self.port = int(self._process.stdout.readline())
        return f"rtsp://127.0.0.1:{self.port}/live"

    def pause(self, on: bool) -> None:
        assert self._process
        self._process.send_signal(signal.SIGSTOP if on else signal.SIGCONT)

    def kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process.communicate(timeout=10)


@pytest.fixture
def camera(tmp_path: Path) -> Iterator[NetworkCamera]:
    camera = NetworkCamera(tmp_path)
    yield camera
    camera.kill()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "FIRST_RETRY_S", 0.2)
    for module in (live, network):
        monkeypatch.setattr(module, "STALL_S", 1.0)


def read(source: Source, count: int) -> list[Frame]:
    frames = [source.read() for _ in range(count)]
    assert all(frames)
    return frames  # type: ignore[return-value]


def test_pictures_and_times_of_a_network_camera(camera: NetworkCamera) -> None:
    with open_source(camera.start(SMALL)) as source:
        assert source.info.live
        assert source.info.size == SMALL
        read(source, 10)  # those that came while FFmpeg looked at the stream
        frames = read(source, 40)
    numbers = [number_of(frame.image) for frame in frames]
    assert [b - a for a, b in pairwise(numbers)] == [b.seq - a.seq for a, b in pairwise(frames)]
    assert all(a.pts < b.pts for a, b in pairwise(frames))


@pytest.mark.parametrize("udp", [False, True], ids=["TCP and UDP", "UDP only"])
def test_pictures_come_over_tcp_if_they_can(camera: NetworkCamera, udp: bool) -> None:
    with open_source(camera.start(SMALL, *["--udp"] * udp)) as source:
        read(source, 5)
        assert bool(psutil.Process().net_connections("udp")) is udp


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["same size", "other size"])
def test_a_camera_that_was_switched_off_comes_back(camera: NetworkCamera, size: tuple[int, int]) -> None:
    with open_source(camera.start(SMALL), reconnect_s=60) as source:
        before = read(source, 10)[-1]
        camera.kill()
        away(source, lambda: camera.start(size))
        after = read(source, 10)
        assert source.outage is None
        assert source.missed > 0
    assert all(frame.size == size for frame in after)
    assert after[0].pts > before.pts
    assert after[0].seq > before.seq + 1


@pytest.mark.usefixtures("impatient")
def test_a_camera_that_stalls_goes_on(camera: NetworkCamera) -> None:
    with open_source(camera.start(SMALL), reconnect_s=60) as source:
        read(source, 10)
        camera.pause(True)
        away(source, lambda: camera.pause(False))
        read(source, 10)
        assert source.outage is None


def away(source: Source, mend: Callable[[], object]) -> None:
    """Read on while the camera is away; mend it when that has been noticed."""

    def wait() -> None:
        until(lambda: source.outage)
        mend()

    thread = threading.Thread(target=wait)
    thread.start()
    while source.missed == 0:
        assert source.read()
    thread.join()


def test_login(camera: NetworkCamera) -> None:
    address = camera.start(SMALL, "admin", "s3cret")
    with pytest.raises(SourceError, match="refuses access: put user name and password"):
        open_source(address)
    with pytest.raises(SourceError, match="refuses access: check user name and password") as caught:
        open_source(address.replace("://", "://admin:guess@"))
    assert "guess" not in str(caught.value)
    with open_source(address.replace("://", "://admin:s3cret@")) as source:
        assert source.read()
        assert source.info.name == address.replace("://", "://…@")
    with pytest.raises(SourceError, match="404"):
        open_source(address.replace("://", "://admin:s3cret@").replace("live", "none"))
