from __future__ import annotations

import json
import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from pycocotools import mask as coco_mask

from yolact_live.errors import RecordError
from yolact_live.record.annotations import JsonLines, encode
from yolact_live.record.output import part_path
from yolact_live.types import Frame, Instances

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


def frame(seq: int, pts: Fraction) -> Frame:
    return Frame(seq, pts, Fraction(1, 30), 0, np.zeros((*SIZE, 3), np.uint8), "test")


def test_a_line_a_frame_with_masks_that_decode_exactly(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    counts = [3, 0, 1, 8]
    with JsonLines(path) as lines:
        for i, count in enumerate(counts):
            lines.write(frame(i, Fraction(i * 1001, 30_000)), instances(count, seed=i))
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
        lines.write(frame(0, Fraction(0)), instances(1))
    found = json.loads((tmp_path / "a.jsonl").read_text("utf-8"))["instances"][0]
    assert found["score"] == 0.9877
    assert found["box"] == [0.0, 0.0, 80.0, 36.0]


@given(arrays.arrays(np.bool_, st.tuples(st.integers(1, 12), st.integers(1, 12))))
def test_encoding_equals_that_of_pycocotools(mask: np.ndarray) -> None:
    wanted = coco_mask.encode(np.asfortranarray(mask, np.uint8))
    assert encode(mask) == {"size": list(mask.shape), "counts": wanted["counts"].decode()}


@pytest.mark.parametrize("fill", [False, True])
def test_encoding_of_large_even_masks(fill: bool) -> None:
    mask = np.full((1080, 1920), fill)
    mask[300:700, 0:50] = mask[1079, 1919] = True
    wanted = coco_mask.encode(np.asfortranarray(mask, np.uint8))
    assert encode(mask)["counts"] == wanted["counts"].decode()


def test_existing_files_unknown_extensions_and_abort(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("precious")
    with pytest.raises(RecordError, match="--overwrite"):
        JsonLines(path)
    with pytest.raises(RecordError, match=r"use \.jsonl"):
        JsonLines(tmp_path / "a.txt")
    aborted = JsonLines(path, overwrite=True)
    aborted.write(frame(0, Fraction(0)), instances(1))
    aborted.abort()
    aborted.abort()
    aborted.close()
    assert path.read_text() == "precious"
    assert list(tmp_path.iterdir()) == [path]
    with JsonLines(path, overwrite=True) as lines:
        lines.write(frame(0, Fraction(0)), instances(1))
        assert path.read_text() == "precious"
    assert json.loads(path.read_text("utf-8"))["frame"] == 0


def test_every_line_is_on_its_way_when_write_returns(tmp_path: Path) -> None:
    lines = JsonLines(tmp_path / "a.jsonl")
    for i in range(3):
        lines.write(frame(i, Fraction(i)), instances(2))
        written = part_path(tmp_path / "a.jsonl").read_text("utf-8")
        assert written.count("\n") == i + 1
        assert written.endswith("\n")
    lines.close()


_FILL = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
from fractions import Fraction
from pathlib import Path
from tests.record.test_annotations import frame, instances
from yolact_live.record.annotations import JsonLines

with JsonLines(Path(sys.argv[1]), overwrite=True) as lines:
    for i in range(100):
        lines.write(frame(i, Fraction(i)), instances(3))
"""


def fill_disk(path: Path, limit: int) -> str:
    command = [sys.executable, "-c", _FILL, str(path), str(limit)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert done.returncode == 1
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
def test_not_even_one_line(tmp_path: Path) -> None:
    assert "nothing is kept of it" in fill_disk(tmp_path / "a.jsonl", 10)
    assert not list(tmp_path.iterdir())
