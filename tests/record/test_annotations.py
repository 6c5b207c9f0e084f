from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from pycocotools import mask as coco_mask

from tests.scenes import discs
from yolact_live.errors import RecordError
from yolact_live.record.annotations import JsonLines, Table
from yolact_live.record.output import part_path
from yolact_live.types import Frame, FrameResult, Instances, Trace

SIZE = (90, 160)
ROOT = Path(__file__).parents[2]
NAMES = ("person", "traffic light", "čaj ☕")


def instances(count: int, seed: int = 0) -> Instances:
    """Objects with masks of any shape, inside boxes that touch every side of the frame."""
    generator = np.random.default_rng(seed)
    kinds = np.array([(0, 0, 10, 8), (12, 3, 20, 20), (5, 12, 15, 20), (0, 0, 20, 20)], np.int32)
    crops = kinds[np.arange(count) % 4]
    scale = np.array([SIZE[1], SIZE[0], SIZE[1], SIZE[0]]) / 20
    return Instances(
        boxes=(crops * scale + 0.004).clip(0, [160, 90, 160, 90]).astype(np.float32),
        scores=np.linspace(0.98765432, 0.3, count).astype(np.float32),
        labels=(np.arange(count) % len(NAMES)).astype(np.int32),
        ids=np.full(count, -1, np.int64),
        coefficients=generator.normal(size=(count, 4)).astype(np.float32),
        crops=crops,
        prototypes=generator.normal(size=(20, 20, 4)).astype(np.float32),
        size=SIZE,
        names=NAMES,
    )


def result(seq: int, pts: Fraction, found: Instances, source: str = "test") -> FrameResult:
    image = np.zeros((*found.size, 3), np.uint8)
    return FrameResult(Frame(seq, pts, Fraction(1, 30), 0, image, source), found, Trace(), image)


def iou(a: np.ndarray, b: np.ndarray) -> float:
    return float((a & b).sum() / (a | b).sum())


def test_a_line_a_frame_with_masks_that_decode_exactly(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    counts = [3, 0, 1, 8]
    with JsonLines(path) as lines:
        for i, count in enumerate(counts):
            lines.write(result(i, Fraction(i * 1001, 30_000), instances(count, seed=i)))
    read = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert [line["frame"] for line in read] == [0, 1, 2, 3]
    assert [line["time"] for line in read] == [float(Fraction(i * 1001, 30_000)) for i in range(4)]
    assert [len(line["instances"]) for line in read] == counts
    for line, count in zip(read, counts, strict=True):
        assert list(line) == ["frame", "time", "instances"]
        found = instances(count, seed=line["frame"])
        for i, one in enumerate(line["instances"]):
            assert list(one) == ["label", "score", "id", "box", "mask"]
            assert one["label"] == NAMES[i % 3]
            assert one["score"] == pytest.approx(float(found.scores[i]), abs=5e-5)
            assert one["id"] == -1
            assert one["box"] == pytest.approx(found.boxes[i].tolist(), abs=0.0051)
            x1, y1, x2, y2 = one["box"]
            assert 0 <= x1 < x2 <= SIZE[1]
            assert 0 <= y1 < y2 <= SIZE[0]
            assert one["mask"]["size"] == list(SIZE)
            np.testing.assert_array_equal(coco_mask.decode(one["mask"]), found.mask(i))
    assert list(tmp_path.iterdir()) == [path]


def test_the_numbers_are_short(tmp_path: Path) -> None:
    with JsonLines(tmp_path / "a.jsonl") as lines:
        lines.write(result(0, Fraction(0), instances(1)))
    found = json.loads((tmp_path / "a.jsonl").read_text("utf-8"))["instances"][0]
    assert found["score"] == 0.9877
    assert found["box"] == [0.0, 0.0, 80.0, 36.0]


def test_existing_files_and_unknown_extensions(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("precious")
    with pytest.raises(RecordError, match="--overwrite"):
        JsonLines(path)
    with pytest.raises(RecordError, match=r"use \.jsonl"):
        JsonLines(tmp_path / "a.txt")
    with JsonLines(path, overwrite=True) as lines:
        lines.write(result(0, Fraction(0), instances(1)))
        assert path.read_text() == "precious"
    assert json.loads(path.read_text("utf-8"))["frame"] == 0
    assert list(tmp_path.iterdir()) == [path]


def test_polygons_in_place_of_masks(tmp_path: Path) -> None:
    found = discs([(0.5, 0.5, 0.3)], SIZE)
    with JsonLines(tmp_path / "a.jsonl", outlines=True) as lines:
        lines.write(result(0, Fraction(0), found))
    (one,) = json.loads((tmp_path / "a.jsonl").read_text("utf-8"))["instances"]
    assert "mask" not in one
    drawn = coco_mask.decode(coco_mask.merge(coco_mask.frPyObjects(one["polygons"], *SIZE)))
    assert iou(drawn.astype(bool), found.mask(0)) > 0.98


def test_every_line_is_on_its_way_when_write_returns(tmp_path: Path) -> None:
    lines = JsonLines(tmp_path / "a.jsonl")
    for i in range(3):
        lines.write(result(i, Fraction(i), instances(2)))
        written = part_path(tmp_path / "a.jsonl").read_text("utf-8")
        assert written.count("\n") == i + 1
        assert written.endswith("\n")
    lines.close()


def test_a_table_has_a_row_for_each_instance(tmp_path: Path) -> None:
    found = discs([(0.25, 0.5, 0.2), (0.75, 0.5, 0.1)], SIZE, names=("person, tall", "cat"))
    found = replace(found, ids=np.array([7, -1]), labels=np.array([0, 1], np.int32))
    with Table(tmp_path / "a.csv") as table:
        table.write(result(3, Fraction(1, 3), found))
        table.write(result(4, Fraction(1, 2), found[:0]))
        table.write(result(5, Fraction(2, 3), found[:1]))
    with (tmp_path / "a.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["frame"], row["id"], row["label"]) for row in rows] == [
        ("3", "7", "person, tall"),
        ("3", "-1", "cat"),
        ("5", "7", "person, tall"),
    ]
    assert float(rows[0]["time"]) == pytest.approx(1 / 3, abs=1e-6)
    for row, i in zip(rows, [0, 1, 0], strict=True):
        ys, xs = np.nonzero(found.mask(i))
        assert int(row["area"]) == len(xs)
        assert float(row["centroid_x"]) == pytest.approx((xs + 0.5).mean(), abs=0.01)
        assert float(row["centroid_y"]) == pytest.approx((ys + 0.5).mean(), abs=0.01)
        box = [float(row[name]) for name in ("x1", "y1", "x2", "y2")]
        assert box == pytest.approx(found.boxes[i].tolist(), abs=0.006)
        assert float(row["score"]) == pytest.approx(float(found.scores[i]), abs=5e-5)


_FILL = """
import resource, sys
from fractions import Fraction
from pathlib import Path
from tests.record.test_annotations import instances, result
from yolact_live.record.annotations import JsonLines, Table
from yolact_live.record.coco import Coco
from yolact_live.record.pictures import PictureNames

path = Path(sys.argv[1])
kinds = {
    ".jsonl": JsonLines,
    ".csv": Table,
    ".json": lambda path, overwrite: Coco(path, PictureNames(False), overwrite),
}
instances(1).mask(0)  # fills the caches first
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
with kinds[path.suffix](path, overwrite=True) as writer:
    for i in range(int(sys.argv[3])):
        writer.write(result(i, Fraction(i), instances(int(sys.argv[4]))))
"""


def fill_disk(path: Path, limit: int, frames: int = 100, count: int = 3) -> str:
    """Write until a file may not grow any more; return what the writer said."""
    command = [sys.executable, "-c", _FILL, *map(str, (path, limit, frames, count))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert done.returncode == 1, done.stderr
    return done.stderr.splitlines()[-1]


@pytest.mark.skipif(os.name != "posix", reason="RLIMIT_FSIZE")
def test_a_full_disk_ends_the_file_after_a_whole_line(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    message = fill_disk(path, 20_000)
    read = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert 2 < len(read) < 100
    assert f"its first {len(read)} frames are kept in {path}" in message
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name != "posix", reason="RLIMIT_FSIZE")
def test_a_full_disk_keeps_the_file_that_was_to_be_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("precious")
    assert f"are kept in {part_path(path)}" in fill_disk(path, 20_000)
    assert path.read_text() == "precious"


@pytest.mark.skipif(os.name != "posix", reason="RLIMIT_FSIZE")
def test_a_full_disk_ends_a_table_after_a_whole_frame(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    message = fill_disk(path, 5_000)
    rows = path.read_text("utf-8").splitlines()[1:]
    assert "are kept in" in message
    assert len(rows) > 30
    assert len(rows) % 3 == 0
    assert {row.count(",") for row in rows} == {11}


@pytest.mark.skipif(os.name != "posix", reason="RLIMIT_FSIZE")
def test_not_even_one_line(tmp_path: Path) -> None:
    assert "nothing is kept of it" in fill_disk(tmp_path / "a.jsonl", 10)
    assert not list(tmp_path.iterdir())
