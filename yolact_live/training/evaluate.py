"""Average precision on the dev set while training.

The final judge is ``yolact-live eval``; this one needs no exported model.
"""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from pycocotools import mask as rle
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from yolact_live.training.data import Source
from yolact_live.types import ByteArray, FloatArray

SCORE, OVERLAP, CANDIDATES, LIMIT = 0.05, 0.5, 200, 100

Predict = Callable[[ByteArray], tuple[FloatArray, FloatArray, FloatArray, FloatArray]]


def average_precision(predict: Predict, side: int, classes: tuple[str, ...], dev: Source) -> dict[str, float]:
    """Return mask and box AP of the dev set, and the score that balances precision and recall.

    Args:
        predict: (S, S, 3) u8 BGR → conf (N, 1 + C), mask (N, K), proto (M, M, K), boxes (N, 4),
            as in the model's contract.
        side: S.
    """
    truth = COCO()
    truth.dataset = json.loads(dev.annotations.read_text(encoding="utf-8"))
    truth.dataset.setdefault("info", {})
    with contextlib.redirect_stdout(io.StringIO()):
        truth.createIndex()
    ids = {category["name"]: category["id"] for category in truth.dataset["categories"]}
    found: list[dict[str, Any]] = []
    for entry in truth.dataset["images"]:
        image = cv2.imread(str(dev.images / entry["file_name"]))
        assert image is not None
        outputs = predict(np.asarray(cv2.resize(image, (side, side)), np.uint8))
        for label, score, box, mask in detections(*outputs, size=image.shape[:2]):
            found.append(
                {
                    "image_id": entry["id"],
                    "category_id": ids[classes[label]],
                    "score": score,
                    "bbox": [float(v) for v in (box[0], box[1], box[2] - box[0], box[3] - box[1])],
                    "segmentation": rle.encode(np.asfortranarray(mask)),
                }
            )
    result: dict[str, float] = {"best_score": 0.5, "best_f1": 0.0}
    for kind, word in (("segm", "mask"), ("bbox", "box")):
        names = [f"{word}_ap{suffix}" for suffix in ("", "50", "75", "_small", "_medium", "_large")]
        result |= dict.fromkeys(names, 0.0)
        if found:
            with contextlib.redirect_stdout(io.StringIO()):
                run = COCOeval(truth, truth.loadRes([dict(f) for f in found]), kind)
                run.params.catIds = [ids[c] for c in classes]
                run.evaluate()
                run.accumulate()
                run.summarize()
            result |= {name: float(v) for name, v in zip(names, run.stats, strict=False)}
            if kind == "segm":
                result["best_score"], result["best_f1"] = _balance(run)
    return result


def _balance(run: Any) -> tuple[float, float]:
    """Return the score threshold with the highest F1 at mask IoU 0.5 over all sizes, and that F1."""
    images = [e for e in run.evalImgs if e is not None and e["aRng"] == list(run.params.areaRng[0])]
    scores = np.concatenate([e["dtScores"] for e in images])
    counted = ~np.concatenate([e["dtIgnore"][0] for e in images]).astype(bool)
    hits = np.concatenate([e["dtMatches"][0] for e in images]) > 0
    wanted = sum(int(np.count_nonzero(np.logical_not(e["gtIgnore"]))) for e in images)
    order = np.argsort(-scores[counted])
    true = np.cumsum(hits[counted][order])
    f1 = 2 * true / (np.arange(1, len(true) + 1) + wanted)
    best = int(f1.argmax())
    return float(scores[counted][order][best]), float(f1[best])


def detections(
    conf: FloatArray, mask: FloatArray, proto: FloatArray, boxes: FloatArray, size: tuple[int, int]
) -> list[tuple[int, float, FloatArray, ByteArray]]:
    """Label, score, box and mask (H, W) of the objects of one picture; greedy suppression per class."""
    height, width = size
    result = []
    for label in range(conf.shape[1] - 1):
        scores = conf[:, label + 1]
        order = np.argsort(-scores, kind="stable")[:CANDIDATES]
        order = order[scores[order] > SCORE]
        for k in _suppressed(boxes[order])[:LIMIT]:
            n = order[k]
            box = np.clip(boxes[n], 0, 1)
            pixels = box * np.array([width, height] * 2, np.float32)
            result.append((label, float(scores[n]), pixels, _assembled(proto, mask[n], box, height, width)))
    result.sort(key=lambda r: -r[1])
    return result[:LIMIT]


def _suppressed(boxes: FloatArray) -> list[int]:
    """Indices that stay, boxes in falling order of score."""
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    left = np.ones(len(boxes), bool)
    kept = []
    for k in range(len(boxes)):
        if not left[k]:
            continue
        kept.append(k)
        corner = np.minimum(boxes[k, 2:], boxes[:, 2:]) - np.maximum(boxes[k, :2], boxes[:, :2])
        common = np.clip(corner, 0, None).prod(1)
        left &= common <= OVERLAP * (area[k] + area - common)
    return kept


def _assembled(
    proto: FloatArray, coefficients: FloatArray, box: FloatArray, height: int, width: int
) -> npt.NDArray[np.uint8]:
    side = proto.shape[0]
    x1, y1, x2, y2 = box * side
    x1, y1 = max(0, int(x1 - 1)), max(0, int(y1 - 1))
    x2, y2 = min(side, int(np.ceil(x2 + 1))), min(side, int(np.ceil(y2 + 1)))
    values = np.zeros((side, side), np.float32)
    values[y1:y2, x1:x2] = 1 / (1 + np.exp(-proto[y1:y2, x1:x2] @ coefficients))
    full = np.asarray(cv2.resize(values, (width, height)))
    return (full > 0.5).astype(np.uint8)
