"""Many files at once, through the command line."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from pycocotools.coco import COCO

from tests.clips import write_clip
from tests.models import write_model
from tests.test_cli import cli
from yolact_live.errors import RecordError
from yolact_live.pipeline.batch import plan


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("model") / "tiny.xml")


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def pictures_in(video: Path) -> int:
    with av.open(str(video)) as container:
        return sum(1 for _ in container.decode(video=0))


def test_each_file_gets_its_results_and_a_bad_one_stops_nobody(tiny: Path, tmp_path: Path) -> None:
    films, stills, out = tmp_path / "films", tmp_path / "stills", tmp_path / "out"
    films.mkdir(), stills.mkdir()
    write_clip(films / "a.mkv", frames=7, sound=True)
    write_clip(films / "c.avi", frames=5)
    (films / "b.mp4").write_text("this is not a video\n" * 40)
    for name in ("x.png", "y.bmp"):
        cv2.imwrite(str(stills / name), np.zeros((96, 128, 3), np.uint8))
    command = ["batch", films, stills, "gone.mp4", "-o", out, "--model", tiny, "--coco"]

    done = cli(*command, cwd=tmp_path)
    assert done.returncode == 1
    assert "3 of 5 done, 14 frames" in done.stdout
    assert "2 failed" in done.stdout
    told = [line for line in done.stderr.splitlines() if "yolact-live: " in line]
    assert len(told) == 2
    assert "b.mp4 is not a video" in told[0]
    assert "gone.mp4 does not exist" in told[1]
    results = {"a.mkv", "a.json", "c.mp4", "c.json", "stills.json", "stills/x.png", "stills/y.png"}
    assert names(out) == results
    assert pictures_in(out / "a.mkv") == len(COCO(out / "a.json").imgs) == 7
    with av.open(str(out / "a.mkv")) as container:
        assert container.streams.audio

    written = {name: (out / name).stat().st_mtime_ns for name in results}
    (films / "b.mp4").unlink()
    again = cli(*command[:3], *command[4:], "--csv", cwd=tmp_path)  # one kind more
    assert again.returncode == 0
    assert names(out) == results | {"a.csv", "c.csv", "stills.csv"}
    assert "3 of 3 done" in again.stdout
    last = cli(*command[:3], *command[4:], cwd=tmp_path)
    assert last.returncode == 0
    assert "3 there already" in last.stdout
    assert {name: (out / name).stat().st_mtime_ns for name in results} == written
    anew = cli(*command[:3], *command[4:], "--overwrite", cwd=tmp_path)
    assert anew.returncode == 0
    assert all((out / name).stat().st_mtime_ns > before for name, before in written.items())


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGKILL, -9)])
def test_what_was_broken_off_does_not_pass_for_whole_and_is_made_anew(
    tiny: Path, tmp_path: Path, number: signal.Signals, status: int
) -> None:
    for name, frames in (("a.mp4", 3), ("b.mp4", 900)):
        write_clip(tmp_path / name, frames=frames)
    out = tmp_path / "out"
    command = ["batch", "a.mp4", "b.mp4", "-o", out, "--model", tiny, "--masks"]
    with subprocess.Popen(
        [sys.executable, "-m", "yolact_live", *map(str, command)],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        deadline = time.monotonic() + 120
        while not (out / "b.mp4.part" / "b masks" / "000009.png").exists():
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.005)
        process.send_signal(number)
        said = process.communicate(timeout=60)[0]
    assert process.returncode == status
    if number == signal.SIGINT:
        assert "1 of 2 done" in said
        assert "1 left" in said
    assert not (out / "b.mp4").exists()
    assert not (out / "b masks").exists()
    assert (out / "a.mp4").exists()

    again = cli(*command, cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert "1 there already" in again.stdout
    assert pictures_in(out / "b.mp4") == 900
    assert len(list((out / "b masks").iterdir())) == 900
    assert {path.name for path in out.iterdir()} == {"a.mp4", "a masks", "b.mp4", "b masks"}


def test_what_would_replace_something_is_refused_before_the_work(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    for folder in (tmp_path, other):
        write_clip(folder / "a.mp4", frames=1)
    for inputs, folder, words in (
        (["a.mp4"], ".", "holds .*a.mp4 itself"),
        (["a.mp4", "other"], "out", "would both become"),
        (["a.mp4"], "other/a.mp4", "is a file"),
        (["a.mp4"], "none/out", "does not exist"),
    ):
        with pytest.raises(RecordError, match=words):
            plan([str(tmp_path / name) for name in inputs], tmp_path / folder, ["annotated"])
    assert len(plan([str(tmp_path / "*.mp4"), str(tmp_path / "a.mp4")], tmp_path / "out", ["annotated"])) == 1
    assert not (tmp_path / "out").exists()


def test_workers_of_a_scheduler_do_the_work(tiny: Path, tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed", reason="the extra batch is not installed")
    for name in ("a.mp4", "b.mp4", "c.mp4"):
        write_clip(tmp_path / name, frames=9)
    (tmp_path / "bad.mp4").write_text("this is not a video\n" * 40)
    command = ["batch", "a.mp4", "b.mp4", "bad.mp4", "c.mp4", "-o", "out", "--model", tiny]
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
    ) as cluster:
        done = cli(*command, "--scheduler", cluster.scheduler_address, cwd=tmp_path)
        assert done.returncode == 1, done.stderr
        assert "3 of 4 done, 27 frames" in done.stdout
        assert "bad.mp4 is not a video" in done.stderr
        assert "Traceback" not in done.stderr
        assert names(tmp_path / "out") == {"a.mp4", "b.mp4", "c.mp4"}
        assert pictures_in(tmp_path / "out" / "c.mp4") == 9
        cluster.scale(0)
        while cluster.scheduler.workers:
            time.sleep(0.05)
        idle = cli(*command, "--scheduler", cluster.scheduler_address, cwd=tmp_path)
        assert idle.returncode == 2
        assert "has no workers: on each machine, start `dask worker" in idle.stderr
    gone = cli(*command, "--scheduler", cluster.scheduler_address, cwd=tmp_path)
    assert gone.returncode == 2
    assert "no Dask scheduler answers" in gone.stderr
    assert "Traceback" not in gone.stderr
