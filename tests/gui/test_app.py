"""The whole program, as a script starts it: screenshot, recording, exit status, signals."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import av
import cv2
import pytest

from tests.clips import write_clip
from tests.models import write_model
from yolact_live.errors import YolactLiveError
from yolact_live.gui.app import run_window
from yolact_live.gui.opencv import forget_opencv_qt
from yolact_live.settings import Settings

TIMEOUT_S = 120


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_model(tmp_path_factory.mktemp("model") / "tiny.xml"))


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write_clip(tmp_path / "clip.mp4", frames=50)


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "QT_QPA_PLATFORM": "offscreen", **more}


def run(*args: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "yolact_live", *map(str, args)]
    return subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=TIMEOUT_S)


def count_frames(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(1 for _ in container.decode(video=0))


def said(result: subprocess.CompletedProcess[str]) -> list[str]:
    """What the program said on stderr, without the remarks of the offscreen platform."""
    return [line for line in result.stderr.splitlines() if "propagateSizeHints" not in line]


def test_without_a_screen_it_records_and_takes_a_picture_of_masks(
    clip: Path, model: str, tmp_path: Path
) -> None:
    picture, video = tmp_path / "window.png", tmp_path / "out.mp4"
    result = run(clip, "--model", model, "--opacity", 1, "--screenshot", picture, "--record", video)
    assert (said(result), result.returncode) == ([], 0)
    image = cv2.imread(str(picture))
    assert image.shape == (800, 1280, 3)
    shown = image[150:600, 100:900]
    assert shown.std() > 10, "the video is in it, not black"
    filled = (shown == image[380, 497]).all(2).mean()
    assert filled > 0.2, "the mask fills the middle of the picture with one colour"
    assert count_frames(video) > 2
    assert not list(tmp_path.glob("*.part*"))


def test_it_closes_after_the_time_given_whatever_it_is_doing(clip: Path, model: str) -> None:
    result = run(clip, "--model", model, "--quit-after", 0.4)
    assert (said(result), result.returncode) == ([], 0)


def test_a_source_that_fails_is_one_line_and_status_1(tmp_path: Path) -> None:
    result = run(tmp_path / "missing.mp4", "--screenshot", tmp_path / "window.png", "--quit-after", 3)
    assert result.returncode == 1
    (line,) = said(result)
    assert line.startswith("yolact-live: ")
    assert "missing.mp4 does not exist" in line
    assert cv2.imread(str(tmp_path / "window.png")) is not None, "the window lived to show the banner"


def test_an_unknown_device_is_status_2(clip: Path, tmp_path: Path) -> None:
    result = run(clip, "--device", "NOPE", "--screenshot", tmp_path / "window.png")
    assert result.returncode == 2
    assert len(said(result)) == 1


@pytest.mark.parametrize("option", ["--record", "--screenshot"])
def test_files_are_not_replaced(clip: Path, tmp_path: Path, option: str) -> None:
    there = tmp_path / ("there.mp4" if option == "--record" else "there.png")
    there.write_bytes(b"precious")
    result = run(clip, option, there, "--quit-after", 1)
    assert result.returncode == 1
    assert "exists" in said(result)[0]
    assert there.read_bytes() == b"precious"


def test_the_recording_must_not_be_the_source(clip: Path) -> None:
    before = clip.read_bytes()
    with pytest.raises(YolactLiveError, match="is the input itself"):
        run_window(str(clip), Settings(), record=clip, overwrite=True)
    assert clip.read_bytes() == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_finalises_the_recording(clip: Path, model: str, tmp_path: Path, number: int) -> None:
    video = tmp_path / "out.mp4"
    args = [str(clip), "--model", model, "--record", str(video)]
    process = subprocess.Popen(
        [sys.executable, "-m", "yolact_live", *args], env=environment(), stderr=subprocess.PIPE
    )
    try:
        end = time.monotonic() + TIMEOUT_S
        while not list(tmp_path.glob("out.part*")):
            assert process.poll() is None
            assert time.monotonic() < end
            time.sleep(0.05)
        time.sleep(0.5)
        process.send_signal(number)
        assert process.wait(TIMEOUT_S) == 128 + number
    finally:
        process.kill()
        process.stderr.close()
    assert count_frames(video) > 0


def test_without_a_display_it_says_so_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(YolactLiveError, match=r"there is no display.*yolact-live run"):
        run_window(None, Settings())


def test_a_hung_thread_is_named_and_does_not_keep_the_program(clip: Path, model: str) -> None:
    program = f"""
import time
from yolact_live.gui import window
from yolact_live.gui.app import run_window
from yolact_live.pipeline.pipeline import Pipeline
from yolact_live.settings import Settings
def stuck(self):
    time.sleep(600)
Pipeline.stop = stuck
window.CLOSE_S = 1.0
run_window({str(clip)!r}, Settings(model={model!r}), quit_after=1)
"""
    result = subprocess.run(
        [sys.executable, "-c", program], env=environment(), capture_output=True, text=True, timeout=TIMEOUT_S
    )
    assert result.returncode == 1
    assert "a thread did not stop" in result.stderr
    assert "in stuck" in result.stderr


def test_while_kernels_compile_the_window_is_gone_at_once_and_they_are_kept(
    clip: Path, model: str, tmp_path: Path
) -> None:
    kernels = tmp_path / "kernels"
    program = f"""
from pathlib import Path
from PySide6.QtWidgets import QApplication
from yolact_live.gui.window import Window
from yolact_live.settings import Settings
application = QApplication([])
window = Window(Settings(model={model!r}))
window.show()
window.open({str(clip)!r})
while not list(Path({str(kernels)!r}).rglob("*.nbc")):
    application.processEvents()
window.close()
while window.isVisible():
    application.processEvents()
print(window.closed)
application.exec()
print(window.isVisible(), window.closed)
"""
    result = subprocess.run(
        [sys.executable, "-c", program],
        env=environment(NUMBA_CACHE_DIR=str(kernels)),
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
    )
    assert result.stdout.splitlines() == ["False", "False True"]
    assert result.returncode == 0
    assert 1 <= len(list(kernels.rglob("*.nbc"))) <= 3, "none follows the one at work; the next start goes on"


# ---------------------------------------------------------------- a real screen


@pytest.fixture
def screen() -> Iterator[str]:
    """An X server of our own."""
    if not shutil.which("Xvfb"):
        pytest.skip("Xvfb is not installed")
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1400x900x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as answer:
        number = answer.readline().strip()
    assert number, "Xvfb did not start"
    yield f":{number}"
    server.terminate()
    server.wait(10)


def test_on_a_screen_although_opencv_was_imported_first(
    screen: str, clip: Path, model: str, tmp_path: Path
) -> None:
    program = f"""
import cv2, sys
from pathlib import Path
from yolact_live.gui.app import run_window
from yolact_live.settings import Settings
picture = Path({str(tmp_path / "window.png")!r})
sys.exit(run_window({str(clip)!r}, Settings(model={model!r}), screenshot=picture))
"""
    result = subprocess.run(
        [sys.executable, "-c", program],
        env=environment(QT_QPA_PLATFORM="xcb", DISPLAY=screen),
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
    )
    assert (result.stderr, result.returncode) == ("", 0)
    assert cv2.imread(str(tmp_path / "window.png"))[250:550, 100:900].std() > 10


def test_only_what_opencv_set_is_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM_PLUGIN_PATH", os.sep.join(["", "x", "cv2", "qt", "plugins"]))
    monkeypatch.setenv("QT_QPA_FONTDIR", os.sep.join(["", "my", "fonts"]))
    forget_opencv_qt()
    assert "QT_QPA_PLATFORM_PLUGIN_PATH" not in os.environ
    assert os.environ["QT_QPA_FONTDIR"].endswith("fonts")
