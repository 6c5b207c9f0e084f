"""Compiled models: found again, never believed when damaged, never needed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.models import SIDE, build_model, write_model
from yolact_live.infer import cache
from yolact_live.infer.devices import Device, device
from yolact_live.infer.segmenter import Segmenter
from yolact_live.types import Instances

PICTURE = np.full((SIDE, SIDE, 3), 90, np.uint8)


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *_: str(tmp_path / "cache"))
    return tmp_path / "cache" / "openvino"


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    return write_model(tmp_path / "tiny.xml")


def find(model: Path) -> Instances:
    with Segmenter(str(model), "CPU", "f32") as segmenter:
        return segmenter.segment(PICTURE)


def blobs(root: Path) -> list[Path]:
    return sorted(root.glob("*/*.blob"))


def test_a_model_is_compiled_once(tiny: Path, root: Path) -> None:
    find(tiny)
    (blob,) = blobs(root)
    before = blob.stat()
    find(tiny)
    assert blobs(root) == [blob]
    assert (blob.stat().st_ino, blob.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_each_model_device_driver_and_version_has_a_folder_of_its_own(tiny: Path, tmp_path: Path) -> None:
    cpu = device("CPU")
    other = write_model(tmp_path / "other.xml", build_model([(0.1, 0.1, 0.5, 0.5)], [[0.9]]))
    copy = tmp_path / "copy.xml"
    for suffix in (".xml", ".bin"):
        shutil.copy(tiny.with_suffix(suffix), copy.with_suffix(suffix))
    gpu = [Device("GPU", "", (), cpu.openvino, driver) for driver in ("1", "2")]
    newer = Device("CPU", "", (), "2099.1", "")
    folders = [cache.cache_folder(tiny, one) for one in (cpu, *gpu, newer)]
    folders.append(cache.cache_folder(other, cpu))
    assert len(set(folders)) == 5
    assert cpu.openvino.split("-")[0] in str(folders[0])
    assert cache.cache_folder(copy, cpu) == folders[0]


@pytest.mark.parametrize("damage", ["garbage", "empty", "half", "weights", "zeros at the end"])
def test_a_damaged_file_is_compiled_again(damage: str, tiny: Path, root: Path) -> None:
    expected = find(tiny)
    (blob,) = blobs(root)
    good = blob.read_bytes()
    boxes = good.index(np.float32(0.75).tobytes() * 2)
    bad = {
        "garbage": b"no model\n" * 3000,
        "empty": b"",
        "half": good[: len(good) // 2],
        "weights": good[:boxes] + np.float32(0.5).tobytes() * 2 + good[boxes + 8 :],
        "zeros at the end": good[:-4000] + bytes(4000),
    }[damage]
    blob.chmod(0o644)
    blob.write_bytes(bad)
    found = find(tiny)
    np.testing.assert_array_equal(found.boxes, expected.boxes)
    assert blob.read_bytes() != bad


def test_files_that_nobody_noted_are_not_used(tiny: Path, root: Path) -> None:
    find(tiny)
    (blob,) = blobs(root)
    (note,) = root.glob("*/*.crc32")
    note.unlink()  # as after a crash
    before = blob.stat().st_mtime_ns
    find(tiny)
    assert blob.stat().st_mtime_ns != before
    assert note.is_file()


def test_without_a_cache_folder_models_run_all_the_same(tiny: Path, root: Path) -> None:
    root.parent.parent.joinpath("cache").write_text("a file is in the way")
    assert cache.cache_folder(tiny, device("CPU")) is None
    assert len(find(tiny)) == 1


def test_what_is_unused_for_longest_makes_room(
    tiny: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, used in (("old", 1), ("older", 0), ("recent", 2)):
        (root / name).mkdir(parents=True)
        (root / name / "1.blob").write_bytes(bytes(100_000))
        os.utime(root / name, (used, used))
    monkeypatch.setattr(cache, "LIMIT", 160_000)
    find(tiny)
    assert [folder.name for folder in root.iterdir() if len(folder.name) < 9] == ["recent"]
    assert len(blobs(root)) == 2
