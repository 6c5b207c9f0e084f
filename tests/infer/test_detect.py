"""Post-processing against the reference implementation's outputs."""

from __future__ import annotations

import numpy as np
import pytest
from pycocotools import mask as coco_mask

from tests.golden import SCENES, mask_counts, needs_golden, scene
from yolact_live.infer.detect import postprocess

TAGS = [("fast", "fast", 0), ("cross", "cross-class", 0), ("ac", "greedy", 0.05)]


UNTIED = [name for name in SCENES if "ties" not in name]


@needs_golden
@pytest.mark.parametrize("name", UNTIED)
@pytest.mark.parametrize(("tag", "nms", "score"), TAGS)
def test_detections_and_masks_equal_the_reference(name: str, tag: str, nms: str, score: float) -> None:
    data, outputs = scene(name)
    height, width = (int(x) for x in data["frame_hw"])
    found = postprocess(**outputs, frame_size=(width, height), score=score, nms=nms)
    np.testing.assert_array_equal(found.labels, data[f"{tag}_class"])
    np.testing.assert_allclose(found.scores, data[f"{tag}_score"], atol=1e-5)
    reference = data[f"{tag}_box"].astype(np.float32)
    assert np.abs(found.boxes - np.clip(reference, 0, [width, height] * 2)).max(initial=0) <= 1
    for i in range(len(found)):
        encoded = coco_mask.encode(np.asfortranarray(found.mask(i).astype(np.uint8)))
        assert encoded["counts"] == mask_counts(data, tag, i), f"mask {i}"


@needs_golden
@pytest.mark.parametrize(("tag", "nms", "score"), TAGS)
def test_equal_scores_keep_the_same_objects(tag: str, nms: str, score: float) -> None:
    """The references' order inside a group of equal scores is an accident of their sorting."""
    data, outputs = scene(next(name for name in SCENES if "ties" in name))
    height, width = (int(x) for x in data["frame_hw"])
    found = postprocess(**outputs, frame_size=(width, height), score=score, nms=nms)
    mine = sorted(zip(found.scores, found.labels, strict=True))
    theirs = sorted(zip(data[f"{tag}_score"], data[f"{tag}_class"], strict=True))
    assert [label for _, label in mine] == [label for _, label in theirs]
    np.testing.assert_allclose([s for s, _ in mine], [s for s, _ in theirs], atol=1e-5)


@needs_golden
@pytest.mark.parametrize("name", UNTIED)
def test_the_displayed_map_equals_the_exact_masks(name: str) -> None:
    """Painted topmost first, it shows of each mask what no better object hides."""
    data, outputs = scene(name)
    height, width = (int(x) for x in data["frame_hw"])
    found = postprocess(**outputs, frame_size=(width, height), score=0.15)
    expected = np.zeros((height, width), np.uint16)
    for i in reversed(range(len(found))):
        expected[found.mask(i)] = i + 1
    np.testing.assert_array_equal(found.label_map(height, width), expected)


def outputs_of(rows: list[tuple[int, float, tuple[float, float, float, float]]]) -> dict[str, np.ndarray]:
    """Network outputs with two classes: class, score and box of each prior."""
    conf = np.zeros((len(rows), 3), np.float32)
    for i, (label, score, _) in enumerate(rows):
        conf[i, 1 + label], conf[i, 0] = score, 1 - score
    boxes = np.array([box for *_, box in rows], np.float32).reshape(-1, 4)
    mask = np.zeros((len(rows), 4), np.float32)
    return {"conf": conf, "boxes": boxes, "mask": mask, "proto": np.ones((8, 8, 4), np.float32)}


CHAIN = [
    (0, 0.9, (0.0, 0.0, 0.5, 0.5)),
    (0, 0.8, (0.1, 0.0, 0.6, 0.5)),  # overlaps the one before and the one after
    (0, 0.7, (0.2, 0.0, 0.7, 0.5)),
]


@pytest.mark.parametrize(("nms", "kept"), [("fast", [0.9]), ("greedy", [0.9, 0.7])])
def test_what_is_suppressed_still_suppresses_in_fast_nms_only(nms: str, kept: list[float]) -> None:
    found = postprocess(**outputs_of(CHAIN), frame_size=(100, 100), nms=nms)
    np.testing.assert_allclose(found.scores, kept)


@pytest.mark.parametrize(("nms", "labels"), [("fast", [0, 1]), ("greedy", [0, 1]), ("cross-class", [0])])
def test_classes_compete_in_cross_class_nms_only(nms: str, labels: list[int]) -> None:
    rows = [(0, 0.9, (0.1, 0.1, 0.6, 0.6)), (1, 0.8, (0.1, 0.1, 0.6, 0.6))]
    assert postprocess(**outputs_of(rows), frame_size=(100, 100), nms=nms).labels.tolist() == labels


def test_scores_caps_and_classes_restrict() -> None:
    far = [(i % 2, 0.9 - i / 10, (i / 8, i / 8, i / 8 + 0.1, i / 8 + 0.1)) for i in range(6)]
    out, size = outputs_of(far), (100, 100)
    assert len(postprocess(**out, frame_size=size)) == 6
    assert len(postprocess(**out, frame_size=size, score=0.55)) == 4
    assert len(postprocess(**out, frame_size=size, score=float(out["conf"][2, 1]))) == 2, (
        "more than, not equal"
    )
    assert len(postprocess(**out, frame_size=size, max_detections=2)) == 2
    assert len(postprocess(**out, frame_size=size, top_k=1)) == 2, "one of each class"
    assert len(postprocess(**out, frame_size=size, nms="cross-class", top_k=1)) == 1
    wanted = np.array([False, True])
    assert postprocess(**out, frame_size=size, classes=wanted).labels.tolist() == [1, 1, 1]


def test_boxes_are_in_frame_pixels_x_first_and_inside_the_frame() -> None:
    out = outputs_of([(0, 0.9, (0.8, 0.1, 1.2, 0.3)), (0, 0.8, (-0.3, 0.5, 0.2, 0.9))])
    found = postprocess(**out, frame_size=(200, 100))
    np.testing.assert_allclose(found.boxes, [[160, 10, 200, 30], [0, 50, 40, 90]], atol=1e-3)
    assert found.size == (100, 200)


def test_symmetric_crops_reach_one_prototype_pixel_beyond_the_box() -> None:
    out = outputs_of([(0, 0.9, (0.3, 0.3, 0.55, 0.55))])
    reference = postprocess(**out, frame_size=(80, 80)).crops[0].tolist()
    symmetric = postprocess(**out, frame_size=(80, 80), symmetric_crop=True).crops[0].tolist()
    assert reference == [2, 2, 6, 6]
    assert symmetric == [2, 2, 5, 5]


def test_nothing_found_is_empty() -> None:
    found = postprocess(**outputs_of([(0, 0.04, (0, 0, 1, 1))]), frame_size=(40, 30), score=0.0)
    assert len(found) == 0
    assert not found.label_map(30, 40).any()
