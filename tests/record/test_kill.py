"""The program, killed at random moments while it records."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

import av
import pytest

from tests.media import constant, write_video
from tests.models import write_model
from tests.record.test_annotations import ROOT
from tests.test_cli import cli
from yolact_live.record.output import part_path

pytestmark = pytest.mark.skipif(os.name != "posix", reason="SIGKILL")

_PROGRAM = """
import os, sys
from yolact_live.pipeline.recording import Recording

told, put = os.open(sys.argv.pop(1), os.O_WRONLY | os.O_CREAT), Recording.put

def put_and_tell(self, result):
    put(self, result)
    os.write(told, f"{float(self.seconds)}\\n".encode())

Recording.put = put_and_tell
from yolact_live.cli import main
main()
"""


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("model") / "tiny.xml")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    return write_video(path, constant(7200, Fraction(30)), size=(32, 128))


def plays(path: Path) -> float:
    """Return the end of the last picture that can be decoded, in seconds; 0 without one."""
    try:
        with av.open(str(path)) as container:
            times = [float(picture.pts * picture.time_base) for picture in container.decode(video=0)]
            return max(times, default=-1 / 30) + 1 / 30
    except (FileNotFoundError, av.error.FFmpegError):
        return 0


def kill_and_recover(
    folder: Path, clip: Path, tiny: Path, window: bool, extension: str, wait_s: float
) -> None:
    """Record, kill ``wait_s`` after the first frame, and look at what is left."""
    path, told, lines = folder / f"o.{extension}", folder / "told", folder / "o.jsonl"
    outputs = [clip, "--record", path] if window else ["run", clip, "-o", path, "--json", lines]
    command = [sys.executable, "-c", _PROGRAM, told, *outputs, "--model", tiny]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    with subprocess.Popen(
        [*map(str, command)], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL
    ) as process:
        while not (told.exists() and told.stat().st_size):
            assert process.poll() is None
            time.sleep(0.01)
        time.sleep(wait_s)
        process.kill()
    assert process.returncode == -signal.SIGKILL
    recorded = float(told.read_text().split()[-1])
    playable = plays(part_path(path))
    print(f"{path.name} after {wait_s:.2f} s: {recorded:.2f} s recorded, {playable:.2f} s play")
    assert recorded - playable <= 2
    done = cli("recover", part_path(path))
    if playable:
        assert done.returncode == 0, done.stderr
        assert plays(path) == pytest.approx(playable, abs=0.01)
        assert not part_path(path).exists()
    else:
        assert "there is no frame" in done.stderr
    if not window:
        assert cli("recover", part_path(lines)).returncode == 0
        for line in lines.read_text().splitlines():
            json.loads(line)


@pytest.mark.parametrize(("window", "extension"), [(False, "mp4"), (True, "mp4")], ids=["run", "window"])
def test_killed_once(clip: Path, tiny: Path, tmp_path: Path, window: bool, extension: str) -> None:
    kill_and_recover(tmp_path, clip, tiny, window, extension, random.random() * 2)


@pytest.mark.soak
@pytest.mark.parametrize("number", range(50))
def test_killed_fifty_times(clip: Path, tiny: Path, tmp_path: Path, number: int) -> None:
    extension = ("mp4", "mp4", "mkv", "webm")[number % 4]
    kill_and_recover(tmp_path, clip, tiny, number % 5 < 2, extension, random.random() * 8)
