from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests.record.test_annotations import instances, result
from yolact_live.errors import RecordError
from yolact_live.record.annotations import JsonLines
from yolact_live.record.coco import Coco
from yolact_live.record.output import VIDEO_EXTENSIONS, Hold, check_output, in_use, part_path, whole_path
from yolact_live.record.pictures import PictureNames
from yolact_live.record.video import VideoRecorder


def refusal(path: Path, inputs: list[Path] | None = None, overwrite: bool = False) -> str:
    with pytest.raises(RecordError) as caught:
        check_output(path, overwrite=overwrite, extensions=VIDEO_EXTENSIONS, inputs=inputs or [])
    assert caught.value.remedy
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("name", ["a.mp4", "a.MP4", "a.mov", "a.mkv", "a.webm", "über uns.mp4"])
def test_a_new_file_may_be_written(tmp_path: Path, name: str) -> None:
    check_output(
        tmp_path / name, overwrite=False, extensions=VIDEO_EXTENSIONS, inputs=[tmp_path / "none.mp4"]
    )
    assert not list(tmp_path.iterdir())


def test_a_file_in_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    check_output(Path("a.mp4"), overwrite=False, extensions=VIDEO_EXTENSIONS)


def test_missing_folder(tmp_path: Path) -> None:
    assert "does not exist" in refusal(tmp_path / "none" / "a.mp4")


@pytest.mark.parametrize("name", ["a", "a.txt", "a.mp3", "a.mp4.exe"])
def test_unknown_extension(tmp_path: Path, name: str) -> None:
    assert ".mp4 or .mov or .mkv or .webm" in refusal(tmp_path / name)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").mkdir()
    assert "is a folder" in refusal(tmp_path / "a.mp4", overwrite=True)


def test_an_existing_file_is_kept_unless_asked(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.touch()
    assert "--overwrite" in refusal(path)
    check_output(path, overwrite=True, extensions=VIDEO_EXTENSIONS)


@pytest.mark.parametrize("how", ["same", "symlink", "hard link", "detour"])
def test_the_input_is_never_replaced(tmp_path: Path, how: str) -> None:
    source, path = tmp_path / "in.mp4", tmp_path / "out.mp4"
    source.touch()
    if how == "symlink":
        path.symlink_to(source)
    elif how == "hard link":
        path.hardlink_to(source)
    elif how == "detour":
        (tmp_path / "sub").mkdir()
        path = tmp_path / "sub" / ".." / "in.mp4"
    else:
        path = source
    assert "is the input itself" in refusal(path, [source], overwrite=True)


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_a_folder_that_may_not_be_written_to(tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir()
    folder.chmod(0o555)
    if os.geteuid() != 0:
        assert "may not be written to" in refusal(folder / "a.mp4")
        return
    # root may write everywhere, nobody may not
    for parent in [tmp_path, *tmp_path.parents[:2]]:
        parent.chmod(0o755)
    code = (
        "import os, sys; from pathlib import Path; from yolact_live.record.output import check_output\n"
        "os.setgid(65534); os.setuid(65534)\n"
        "check_output(Path(sys.argv[1]), overwrite=False, extensions=['.mp4'])"
    )
    command = [sys.executable, "-c", code, str(folder / "a.mp4")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert "may not be written to: choose another one" in done.stderr


def test_the_name_of_a_part() -> None:
    path, part = Path("x/film.2.mp4"), Path("x/film.2.part.mp4")
    assert part_path(path) == part
    assert whole_path(part) == path
    assert whole_path(path) is None


def test_what_is_left_of_a_recording_is_not_replaced_by_the_next(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    part_path(path).touch()
    assert f"yolact-live recover {part_path(path)}" in refusal(path)
    check_output(path, overwrite=True, extensions=VIDEO_EXTENSIONS)


@pytest.mark.skipif(os.name != "posix", reason="locks of POSIX")
def test_a_file_that_is_being_written_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    part_path(path).touch()
    held = Hold(part_path(path))
    assert in_use(part_path(path))
    assert "is being written by another program" in refusal(path, overwrite=True)
    held.release()
    assert not in_use(part_path(path))
    check_output(path, overwrite=True, extensions=VIDEO_EXTENSIONS)


def test_what_is_written_goes_to_the_disk_every_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Watched, as nothing here can cut the power."""
    synced: list[int] = []
    fsync = os.fsync

    def watched(file: int) -> None:
        fsync(file)
        synced.append(os.fstat(file).st_ino)

    monkeypatch.setattr(os, "fsync", watched)
    path = tmp_path / "a.part.csv"
    path.touch()
    hold = Hold(path)
    deadline = time.monotonic() + 60
    while synced.count(path.stat().st_ino) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    hold.release()
    hold.release()
    assert "yl-sync" not in [thread.name for thread in threading.enumerate()]


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.jsonl", "a.json"])
def test_a_file_gets_its_name_when_it_is_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    synced: dict[int, int] = {}
    fsync = os.fsync

    def watched(file: int) -> None:
        fsync(file)
        synced[os.fstat(file).st_ino] = os.fstat(file).st_size

    monkeypatch.setattr(os, "fsync", watched)
    path = tmp_path / name
    if path.suffix in (".mp4", ".mkv"):
        with VideoRecorder(path, (32, 32), Fraction(30)) as video:
            video.write(np.zeros((32, 32, 3), np.uint8), Fraction(0), Fraction(1, 30))
    else:
        kind = JsonLines(path) if name == "a.jsonl" else Coco(path, PictureNames(False))
        with kind as exporter:
            exporter.write(result(0, Fraction(0), instances(2)))
    assert synced[path.stat().st_ino] == path.stat().st_size
