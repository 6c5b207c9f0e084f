"""Recordings whose program was killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import av
import pytest
from pycocotools.coco import COCO

from tests.media import number_of
from tests.record.test_annotations import ROOT
from yolact_live.capture import open_source
from yolact_live.errors import RecordError
from yolact_live.record.coco import images_path
from yolact_live.record.output import Hold, part_path
from yolact_live.record.recover import recover

_RECORD = """
import sys, time
from fractions import Fraction
from pathlib import Path
from tests.media import picture
from tests.record.test_annotations import instances, result
from yolact_live.record.annotations import JsonLines, Table
from yolact_live.record.coco import Coco
from yolact_live.record.pictures import PictureNames
from yolact_live.record.video import VideoRecorder

folder, extension = Path(sys.argv[1]), sys.argv[2]
video = VideoRecorder(folder / f"a.{extension}", (32, 128), Fraction(30))
coco = Coco(folder / "a.json", PictureNames(False))
exporters = JsonLines(folder / "a.jsonl"), Table(folder / "a.csv"), coco
for i in range(100_000):
    video.write(picture(i % 256), Fraction(i, 30), Fraction(1, 30))
    for exporter in exporters:
        exporter.write(result(i, Fraction(i, 30), instances(3)))
    print(i, flush=True)
"""


def killed(folder: Path, extension: str, frames: int) -> int:
    """Record until a number of frames, kill the recorder, and return how many it has written."""
    command = [sys.executable, "-c", _RECORD, str(folder), extension]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout
        for line in process.stdout:
            if int(line) >= frames:
                break
        process.send_signal(signal.SIGKILL)
        return int((process.stdout.read().split() or [frames])[-1]) + 1


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
@pytest.mark.parametrize(
    ("extension", "frames"), [("mp4", 67), ("mp4", 100), ("mp4", 171), ("mkv", 140), ("webm", 121)]
)
def test_all_but_the_last_two_seconds_are_recovered(tmp_path: Path, extension: str, frames: int) -> None:
    written = killed(tmp_path, extension, frames)
    path = tmp_path / f"a.{extension}"
    part = part_path(path)
    with open_source(str(part)) as source:
        playable = sum(1 for _ in iter(source.read, None))
    assert recover(part) == (path, f"{playable / 30:.1f} s")
    with open_source(str(path)) as source:
        assert source.info.frames == playable
        kept = [number_of(frame.image) for frame in iter(source.read, None)]
        assert kept == [i % 256 for i in range(len(kept))]
        assert (written - len(kept)) / 30 <= 2
        source.seek(source.info.duration or 0)
        last = source.read()
        assert last
        assert number_of(last.image) == kept[-1]
    if extension == "mp4":
        data = path.read_bytes()
        assert data.index(b"moov") < data.index(b"mdat")
        assert b"moof" not in data

    for name, amount in (("a.jsonl", "frames"), ("a.csv", "rows"), ("a.json", "frames")):
        assert recover(part_path(tmp_path / name))[1].endswith(amount)
    lines = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text("utf-8").splitlines()]
    assert len(lines) in (written, written + 1)
    assert len((tmp_path / "a.csv").read_text("utf-8").splitlines()) - 1 in (3 * written, 3 * written + 3)
    coco = COCO(tmp_path / "a.json")
    assert len(coco.imgs) in (written, written + 1)
    assert len(coco.anns) == 3 * len(coco.imgs)
    assert {file.name for file in tmp_path.iterdir()} == {path.name, "a.jsonl", "a.csv", "a.json"}


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("killed")
    killed(folder, "mp4", 70)
    return folder


def copied(left: Path, folder: Path, name: str) -> Path:
    part = part_path(folder / name)
    for file in (part_path(left / name), images_path(part_path(left / name))):
        if file.exists():
            (folder / file.name).write_bytes(file.read_bytes())
    return part


@pytest.mark.parametrize("cut", [1, 40, 700])
def test_annotations_that_lost_their_end_are_valid(left: Path, tmp_path: Path, cut: int) -> None:
    """As after a power failure, when the file with the images is longer than what they are of."""
    part = copied(left, tmp_path, "a.json")
    whole = part.read_bytes()
    part.write_bytes(whole[:-cut])
    path, amount = recover(part)
    coco = COCO(path)
    assert amount == f"{len(coco.imgs)} frames"
    frames = whole[:-cut].count(b"\n") - 1
    assert len(coco.imgs) == frames // 3
    assert len(coco.anns) == 3 * len(coco.imgs)


def test_lines_that_lost_their_end(left: Path, tmp_path: Path) -> None:
    part = copied(left, tmp_path, "a.jsonl")
    lines = part.read_bytes().splitlines()
    part.write_bytes(part.read_bytes()[:-3])
    assert recover(part)[1] == f"{len(lines) - 1} frames"
    assert (tmp_path / "a.jsonl").read_bytes().splitlines() == lines[:-1]


def test_the_result_may_have_another_name_and_replaces_nothing(left: Path, tmp_path: Path) -> None:
    part = copied(left, tmp_path, "a.mp4")
    content = part.read_bytes()
    (tmp_path / "a.mp4").write_text("precious")
    with pytest.raises(RecordError, match="--overwrite"):
        recover(part)
    with pytest.raises(RecordError, match=r"another name in \.mp4"):
        recover(part, tmp_path / "b.mkv")
    assert part.read_bytes() == content
    (tmp_path / "sub").mkdir()
    recover(part, tmp_path / "sub" / "b.mp4")
    assert (tmp_path / "a.mp4").read_text() == "precious"
    with av.open(str(tmp_path / "sub" / "b.mp4")) as container:
        assert container.streams.video[0].frames >= 10
    assert not part.exists()


def test_what_cannot_be_recovered_is_told_and_stays(left: Path, tmp_path: Path) -> None:
    empty = part_path(tmp_path / "e.mp4")
    empty.write_bytes(part_path(left / "a.mp4").read_bytes()[:900])
    lonely = part_path(tmp_path / "l.json")
    lonely.write_text("{}")
    whole = tmp_path / "w.mp4"
    whole.write_bytes(b"x")
    unknown = part_path(tmp_path / "u.txt")
    unknown.touch()
    before = sorted(tmp_path.iterdir())
    for part, words in (
        (empty, "there is no frame"),
        (lonely, "l.part.images is missing"),
        (whole, "is no part of a recording"),
        (unknown, "unknown extension"),
        (tmp_path / "none.part.mp4", "does not exist"),
    ):
        with pytest.raises(RecordError, match=words):
            recover(part)
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.skipif(os.name != "posix", reason="locks of POSIX")
def test_a_recording_that_runs_is_left_alone(left: Path, tmp_path: Path) -> None:
    part = copied(left, tmp_path, "a.mp4")
    held = Hold(part)
    with pytest.raises(RecordError, match="still being written"):
        recover(part)
    held.release()
    recover(part)


def test_no_room_for_the_result_keeps_the_part(left: Path, tmp_path: Path) -> None:
    part = copied(left, tmp_path, "a.mp4")
    obstacle = part_path(part)
    obstacle.mkdir()
    content = part.read_bytes()
    with pytest.raises(RecordError, match="is still there"):
        recover(part)
    assert part.read_bytes() == content
