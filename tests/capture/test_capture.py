"""The grammar of sources."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests.media import constant, write_video
from yolact_live.capture import list_sources, open_source
from yolact_live.errors import SourceError


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no source is given"),
        ("nothing-like-this", "neither a file nor a camera"),
        ("nothing.mp4", "nothing.mp4 does not exist"),
        ("no/such/thing", "no/such/thing does not exist"),
        ("x" * 5000, "neither a file nor a camera"),
        ("a\0b", "neither a file nor a camera"),
        ("testcard:", "testcard: is no source"),
        ("testcard:0", "testcard:0 has no frames"),
        ("screen:one", "screen:one is no source"),
        ("screen@big", "screen@big is no source"),
        ("rtsp:///live", "names no host"),
        ("http://host:99999/x", "http://host:99999/x is no address"),
        ("rtsp://[::1/x", "rtsp://[::1/x is no address"),
        ("rtsp://me:secret/1@host/x", "rtsp://…@host/x is no address: write it like"),
        ("²", "² is neither a file nor a camera"),
        ("http://no-such-host.invalid/x", "there is no host no-such-host.invalid"),
        ("gopher://host/x", "is no address of a stream"),
    ],
)
def test_what_is_no_source_is_told_in_one_line(text: str, words: str) -> None:
    with pytest.raises(SourceError) as caught:
        open_source(text)
    assert words in str(caught.value)
    assert caught.value.remedy
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells before trying")
@pytest.mark.parametrize("text", ["63", "63@1280x720@30"])
def test_an_absent_camera_is_told_at_once(text: str) -> None:
    with pytest.raises(SourceError, match=r"there is no camera 63: .*`yolact-live sources`"):
        open_source(text)


def test_the_ways_to_name_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_video(tmp_path / "0.mp4", constant(3, Fraction(30)))
    shutil.copy(path, tmp_path / "0")  # a file whose name looks like a camera
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    for text in ("./0", "0.mp4", str(path), path.as_uri(), os.path.join("~", "0.mp4")):
        with open_source(text) as source:
            assert source.info.frames == 3


def test_the_test_card_is_always_listed() -> None:
    listed = list_sources()
    assert [one.source for one in listed if one.kind == "test card"] == ["testcard"]
    for one in listed:
        assert one.name
        assert one.kind in ("camera", "screen", "test card")


def test_importing_the_package_loads_nothing_heavy() -> None:
    heavy = {"av", "cv2", "mss", "numba", "openvino"}
    code = f"import sys, yolact_live.capture; print(*{heavy} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == ""


# ------------------------------------------------------------------------ the screen


@pytest.fixture
def display(monkeypatch: pytest.MonkeyPatch) -> str:
    """A screen of 320×200 pixels, without anything on it."""
    if not shutil.which("Xvfb"):
        pytest.skip("Xvfb is not installed")
    reader, writer = os.pipe()
    command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", "320x200x24", "-nolisten", "tcp", "-wr"]
    command.append("-noreset")  # while it starts anew after its last client has gone, it refuses others
    server = subprocess.Popen(command, pass_fds=[writer], stderr=subprocess.DEVNULL)
    os.close(writer)
    with os.fdopen(reader) as answer:
        name = f":{answer.readline().strip()}"
    monkeypatch.setenv("DISPLAY", name)
    yield name
    server.terminate()
    server.wait(10)


@pytest.mark.skipif(sys.platform != "linux", reason="Xvfb")
def test_the_screen_is_read(display: str) -> None:
    with open_source("screen") as source:
        assert source.info.live
        assert source.info.size == (200, 320)
        frames = [source.read() for _ in range(3)]
    for frame in frames:
        assert frame is not None
        assert frame.image.flags.c_contiguous
        np.testing.assert_array_equal(frame.image, 255)  # -wr: a white background
    assert "screen" in [one.source for one in list_sources()]
    with pytest.raises(SourceError, match="there is no screen 5: use screen:1 to screen:1"):
        open_source("screen:5")
    with open_source("screen:1@64x48+256+100") as source:
        assert source.info.size == (48, 64)
        assert source.info.name == "screen:1@64x48+256+100"
    with pytest.raises(SourceError, match=r"64x48\+257\+100 is no part of the screen: its size is 320x200"):
        open_source("screen@64x48+257+100")


@pytest.mark.skipif(sys.platform != "linux", reason="DISPLAY")
def test_no_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":9999")
    with pytest.raises(SourceError, match=r"the screen cannot be read .*graphical session"):
        open_source("screen")
    assert "screen" not in [one.source for one in list_sources()]
