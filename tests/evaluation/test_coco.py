"""AP on a small set whose truth is known, against pycocotools used directly."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from tests.models import build_model, write_model
from yolact_live.errors import SourceError, UsageError
from yolact_live.evaluation.coco import average_precision, describe, evaluate, read_truth
from yolact_live.infer.segmenter import Segmenter
from yolact_live.settings import Settings

SIZE = 160
BOXES = [(0.125, 0.125, 0.5, 0.5), (0.5625, 0.5625, 0.9375, 0.9375), (0.0, 0.75, 0.25, 1.0)]
SCORES = [[0.75, 0.0], [0.0, 0.5], [0.25, 0.0]]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Always finds two persons and a traffic light."""
    return write_model(tmp_path / "m.xml", build_model(BOXES, SCORES, "person traffic_light"))


def write_set(folder: Path, objects: list[list[tuple[str, list[float]]]]) -> tuple[Path, Path]:
    """Write grey pictures and their rectangular objects; return folder and annotation file."""
    categories = [{"id": 5, "name": "person"}, {"id": 9, "name": "traffic light"}, {"id": 11, "name": "dog"}]
    ids = {category["name"]: category["id"] for category in categories}
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for number, contents in enumerate(objects, 1):
        name = f"{number}.png"
        cv2.imwrite(str(folder / name), np.full((SIZE, SIZE, 3), 128, np.uint8))
        images.append({"id": number, "file_name": name, "height": SIZE, "width": SIZE})
        for label, (x1, y1, x2, y2) in contents:
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": number,
                    "category_id": ids[label],
                    "iscrowd": 0,
                    "bbox": [x1, y1, x2 - x1, y2 - y1],
                    "area": (x2 - x1) * (y2 - y1),
                    "segmentation": [[x1, y1, x2, y1, x2, y2, x1, y2]],
                }
            )
    path = folder / "truth.json"
    path.write_text(json.dumps({"images": images, "annotations": annotations, "categories": categories}))
    return folder, path


def pixels(i: int) -> list[float]:
    return [v * SIZE for v in BOXES[i]]


MIXED = [
    [("person", pixels(0)), ("traffic light", pixels(1))],
    [("person", [22, 22, 78, 84]), ("person", [100, 10, 150, 60])],
    [("traffic light", [90, 100, 150, 150]), ("dog", [0, 0, 30, 30])],
    [],
]


def test_figures_equal_pycocotools(model: Path, tmp_path: Path) -> None:
    folder, annotations = write_set(tmp_path, MIXED)
    figures = evaluate(folder, annotations, Settings(model=str(model)))
    truth = read_truth(folder, annotations, ("person", "traffic light"))
    results = []
    with Segmenter(str(model), score=0.05) as segmenter:
        for picture in truth.pictures:
            results += describe(segmenter.segment(np.full((SIZE, SIZE, 3), 128, np.uint8)), picture, truth)
    coco = COCO(str(annotations))
    coco.dataset["info"] = {}
    for word, kind in (("mask", "segm"), ("box", "bbox")):
        judge = COCOeval(coco, coco.loadRes([dict(r) for r in results]), kind)
        judge.params.catIds = [5, 9]
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
        names = ("ap", "ap50", "ap75", "ap_small", "ap_medium", "ap_large")
        for name, expected in zip(names, judge.stats, strict=False):
            assert figures[f"{word}_{name}"] == pytest.approx(max(expected, 0), abs=1e-6), (word, name)
        low, high = figures[f"{word}_ap_interval"]
        assert 0 <= low <= figures[f"{word}_ap"] <= high <= 1
    assert 0 < figures["box_ap"] < 1
    assert figures["images"] == 4
    assert figures["box_ap"] == pytest.approx(np.mean(list(figures["box_ap_classes"].values())))


def test_a_model_that_is_right_scores_one(model: Path, tmp_path: Path) -> None:
    right = [("person", pixels(0)), ("traffic light", pixels(1)), ("person", pixels(2))]
    figures = evaluate(*write_set(tmp_path, [right] * 3), Settings(model=str(model)))
    assert figures["box_ap"] == pytest.approx(1)
    assert figures["box_ap_interval"] == [pytest.approx(1), pytest.approx(1)]
    assert figures["mask_ap50"] == pytest.approx(1)


def test_classes_and_limit_restrict(model: Path, tmp_path: Path) -> None:
    folder, annotations = write_set(tmp_path, MIXED)
    figures = evaluate(folder, annotations, Settings(model=str(model), classes=("traffic light",)), limit=2)
    assert figures["images"] == 2
    assert list(figures["box_ap_classes"]) == ["traffic light"]
    assert figures["box_ap"] == pytest.approx(1)


def test_nothing_found_is_zero(tmp_path: Path) -> None:
    truth = read_truth(*write_set(tmp_path, MIXED), ("person",))
    figures = average_precision(truth, [])
    assert figures["mask_ap"] == figures["box_ap_large"] == 0


def test_names_match_without_spaces_and_case(tmp_path: Path) -> None:
    folder, annotations = write_set(tmp_path, MIXED)
    assert read_truth(folder, annotations, ("Person", "trafficlight", "zebra")).categories == [5, 9, -1]


def test_wrong_input_is_told(tmp_path: Path) -> None:
    folder, annotations = write_set(tmp_path, MIXED)
    with pytest.raises(UsageError, match="none of the categories"):
        read_truth(folder, annotations, ("zebra",))
    with pytest.raises(UsageError, match="unicorn"):
        read_truth(folder, annotations, ("person",), classes=("unicorn",))
    with pytest.raises(SourceError, match="no folder"):
        read_truth(tmp_path / "nowhere", annotations, ("person",))
    for content in ("", "{}", "[]", '{"images": 3}'):
        annotations.write_text(content)
        with pytest.raises(SourceError, match="COCO"):
            read_truth(folder, annotations, ("person",))


def test_a_missing_picture_is_told(model: Path, tmp_path: Path) -> None:
    folder, annotations = write_set(tmp_path, MIXED)
    (folder / "2.png").unlink()
    with pytest.raises(SourceError, match=r"2\.png"):
        evaluate(folder, annotations, Settings(model=str(model)))
