from __future__ import annotations

import json
import os
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from pycocotools.coco import COCO

from tests.record.test_annotations import SIZE, fill_disk, instances, iou, result
from tests.scenes import discs
from yolact_live.record.coco import Coco, images_path
from yolact_live.record.output import part_path
from yolact_live.record.pictures import PictureNames

COUNTS = [3, 0, 1, 8]


def write(path: Path, **how: object) -> COCO:
    with Coco(path, PictureNames(False), **how) as coco:  # type: ignore[arg-type]
        for i, count in enumerate(COUNTS):
            coco.write(result(i, Fraction(i, 30), instances(count, seed=i)))
    return COCO(path)


def test_pycocotools_reads_it_and_masks_are_exact(tmp_path: Path) -> None:
    coco = write(tmp_path / "a.json")
    assert list(tmp_path.iterdir()) == [tmp_path / "a.json"]
    assert (tmp_path / "a.json").read_bytes().isascii(), "it is read in the encoding of the machine"
    assert sorted(coco.imgs) == [1, 2, 3, 4]
    assert sorted(coco.anns) == list(range(1, 13))
    assert [category["name"] for category in coco.loadCats([1, 2, 3])] == list(instances(1).names)
    for seed, count in enumerate(COUNTS):
        image = coco.imgs[seed + 1]
        assert (image["height"], image["width"]) == SIZE
        assert (image["frame"], image["time"]) == (seed, float(Fraction(seed, 30)))
        assert image["file_name"] == f"00000{seed}.png"
        found = instances(count, seed=seed)
        annotations = coco.loadAnns(coco.getAnnIds(imgIds=[seed + 1]))
        assert len(annotations) == count
        for i, one in enumerate(annotations):
            np.testing.assert_array_equal(coco.annToMask(one), found.mask(i))
            assert one["area"] == found.mask(i).sum()
            assert coco.cats[one["category_id"]]["name"] == found.name(i)
            assert one["score"] == pytest.approx(float(found.scores[i]), abs=5e-5)
            x, y, width, height = one["bbox"]
            assert [x, y, x + width, y + height] == pytest.approx(found.boxes[i].tolist(), abs=0.02)
            assert one["iscrowd"] == 0
            assert "track_id" not in one


def test_polygons_and_identities(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    found = discs([(0.4, 0.5, 0.3), (0.8, 0.5, 0.2)], SIZE)
    found = replace(found, ids=np.array([5, 9]))
    with Coco(path, PictureNames(False), outlines=True) as writer:
        writer.write(result(0, Fraction(0), found))
    coco = COCO(path)
    for i, one in enumerate(coco.anns.values()):
        assert isinstance(one["segmentation"], list)
        assert iou(coco.annToMask(one).astype(bool), found.mask(i)) > 0.98
        assert one["track_id"] == found.ids[i]


def test_an_empty_mask_is_valid_too(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    found = discs([(0.5, 0.5, 0.3)], SIZE)
    found = replace(found, coefficients=-np.ones_like(found.coefficients))
    assert not found.mask(0).any()
    with Coco(path, PictureNames(False), outlines=True) as writer:
        writer.write(result(0, Fraction(0), found))
    coco = COCO(path)
    assert not coco.annToMask(coco.anns[1]).any()


def test_another_model_on_the_way_adds_its_classes(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    with Coco(path, PictureNames(False)) as writer:
        for i, names in enumerate([("person", "cat"), ("cat", "dog")]):
            writer.write(result(i, Fraction(i), replace(discs([(0.5, 0.5, 0.3)], SIZE), names=names)))
    coco = COCO(path)
    assert {number: category["name"] for number, category in coco.cats.items()} == {
        1: "person",
        2: "cat",
        3: "dog",
    }
    assert [coco.anns[number]["category_id"] for number in (1, 2)] == [1, 2]


def test_pictures_keep_their_names(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    with Coco(path, PictureNames(True)) as writer:
        for i, name in enumerate(["b.jpg", "a.png", "b.jpg"]):
            writer.write(result(i, Fraction(i), instances(1), name))
    names = [image["file_name"] for image in json.loads(path.read_text("utf-8"))["images"]]
    assert names == ["b.jpg", "a.png", "b (2).jpg"]


def test_without_a_frame_it_is_valid(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    Coco(path, PictureNames(False)).close()
    content = json.loads(path.read_text("utf-8"))
    assert (content["images"], content["annotations"], content["categories"]) == ([], [], [])


@pytest.mark.skipif(os.name != "posix", reason="RLIMIT_FSIZE")
@pytest.mark.parametrize("count", [3, 0], ids=["annotations do not fit", "images do not fit"])
def test_a_full_disk_ends_it_after_a_whole_frame(tmp_path: Path, count: int) -> None:
    path, limit = tmp_path / "a.json", 20_000
    message = fill_disk(path, limit, 400, count)
    coco = COCO(path)
    frames = len(coco.imgs)
    assert f"its first {frames} frames are kept in {path}" in message
    assert limit * 0.9 < path.stat().st_size <= limit
    assert sorted(coco.imgs) == list(range(1, frames + 1))
    assert all(len(coco.getAnnIds(imgIds=[image])) == count for image in coco.imgs)
    assert list(tmp_path.iterdir()) == [path]


def test_no_image_is_listed_before_its_annotations_are_written(tmp_path: Path) -> None:
    part = part_path(tmp_path / "a.json")
    writer = Coco(tmp_path / "a.json", PictureNames(False))
    for i, count in enumerate(COUNTS):
        writer.write(result(i, Fraction(i), instances(count)))
        assert part.read_bytes().count(b"\n") == 1 + sum(COUNTS[: i + 1])
        assert images_path(part).read_bytes().count(b"\n") == 2 + i
    writer.close()
