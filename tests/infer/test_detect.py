"""Post-processing against the reference implementation's outputs."""

from __future__ import annotations

import numpy as np
import pytest
from pycocotools import mask as coco_mask

from tests.golden import SCENES, mask_counts, needs_golden, scene
from yolact_live.infer.detect import postprocess

TAGS = [("fast", "fast", 0), ("cross", "cross-class", 0), ("ac", "greedy", 0.05)]


@needs_golden
@pytest.mark.parametrize("name", SCENES)
@pytest.mark.parametrize(("tag", "nms", "score"), TAGS)
def test_detections_equal_the_reference(name: str, tag: str, nms: str, score: float) -> None:
    data, outputs = scene(name)
    height, width = (int(x) for x in data["frame_hw"])
    found = postprocess(**outputs, frame_size=(width, height), score=score, nms=nms)
    if "ties" in name:
        order = np.lexsort((found.labels, -found.scores))
        expected = np.lexsort((data[f"{tag}_class"], -data[f"{tag}_score"]))
    else:
        order = expected = np.arange(len(found))
    assert len(found) == len(data[f"{tag}_class"])
    np.testing.assert_array_equal(found.labels[order], data[f"{tag}_class"][expected])
    np.testing.assert_allclose(found.scores[order], data[f"{tag}_score"][expected], atol=1e-5)
    if "ties" in name:
        return
    reference = data[f"{tag}_box"].astype(np.float32)
    assert np.abs(found.boxes - np.clip(reference, 0, [width, height] * 2)).max(initial=0) <= 1


@needs_golden
@pytest.mark.parametrize("name", SCENES)
@pytest.mark.parametrize(("tag", "nms", "score"), TAGS)
def test_masks_equal_the_reference(name: str, tag: str, nms: str, score: float) -> None:
    data, outputs = scene(name)
    height, width = (int(x) for x in data["frame_hw"])
    found = postprocess(**outputs, frame_size=(width, height), score=score, nms=nms)
    if "ties" in name:
        return
    for i in range(len(found)):
        encoded = coco_mask.encode(np.asfortranarray(found.mask(i).astype(np.uint8)))
        assert encoded["counts"] == mask_counts(data, tag, i), f"mask {i}"
