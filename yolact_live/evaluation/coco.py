"""COCO average precision of a model on pictures with known instances."""

from __future__ import annotations

import contextlib
import io
import json
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from pycocotools import mask as rle
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from yolact_live.errors import SourceError, UsageError
from yolact_live.infer.engine import Engine, Outputs, Slot
from yolact_live.settings import Settings
from yolact_live.types import ByteArray, Instances

# What COCO's rules ask for: all but the hopeless detections, at most a hundred a picture.
SCORE = 0.05
MAX_DETECTIONS = 100
KINDS = {"mask": "segm", "box": "bbox"}
# The first six of COCOeval's twelve statistics.
_STATISTICS = ("ap", "ap50", "ap75", "ap_small", "ap_medium", "ap_large")
_RESAMPLES = 200
_WAIT_S = 120.0


@dataclass(frozen=True)
class Truth:
    """Pictures and what is in them.

    Attributes:
        coco: the annotations.
        folder: where the pictures are.
        labels: the model's class list.
        categories: category id of each of them, −1 = not in the file or not judged.
        pictures: ids of the pictures to look at.
    """

    coco: COCO
    folder: Path
    labels: tuple[str, ...]
    categories: list[int]
    pictures: list[int]

    @property
    def wanted(self) -> list[int]:
        """Category ids that are judged."""
        return [number for number in self.categories if number >= 0]


def read_truth(
    folder: Path,
    annotations: Path,
    labels: tuple[str, ...],
    classes: tuple[str, ...] = (),
    limit: int | None = None,
) -> Truth:
    """Read a COCO annotation file.

    Args:
        folder: where the pictures are.
        annotations: the file.
        labels: the model's class list; classes and categories are matched by name.
        classes: judge only these; all that both know if empty.
        limit: look at so many pictures only, the first by id.

    Raises:
        SourceError: no such file or folder, or not COCO annotations.
        UsageError: the model knows none of the categories, or not the class asked for.
    """
    if not folder.is_dir():
        raise SourceError(f"no folder {folder}", "give the folder with the pictures")
    coco = COCO()
    try:
        coco.dataset = json.loads(annotations.read_text(encoding="utf-8"))
        coco.dataset.setdefault("info", {})
        with contextlib.redirect_stdout(io.StringIO()):
            coco.createIndex()
        by_name = {_plain(category["name"]): category["id"] for category in coco.dataset["categories"]}
        pictures = sorted(coco.getImgIds())
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SourceError(
            f"{annotations} cannot be read as COCO annotations ({error})", "check it"
        ) from error
    known, asked = {_plain(label) for label in labels}, {_plain(name): name for name in classes}
    for name in asked.keys() - (known & by_name.keys()):
        raise UsageError(
            f"class {asked[name]} is not in both the model and the annotations", "see `models info`"
        )
    categories = [
        by_name.get(_plain(label), -1) if not asked or _plain(label) in asked else -1 for label in labels
    ]
    if max(categories) < 0:
        raise UsageError(
            f"the model knows none of the categories of {annotations.name}",
            f"its classes are {', '.join(labels[:8])}",
        )
    return Truth(coco, folder, labels, categories, pictures[:limit])


def _plain(name: str) -> str:
    """Names are compared without case, spaces and underscores: ``traffic light`` = ``trafficlight``."""
    return name.lower().replace("_", "").replace(" ", "")


def read_picture(truth: Truth, picture: int) -> ByteArray:
    """Return a picture, BGR.

    Raises:
        SourceError: it is missing or broken.
    """
    path = truth.folder / truth.coco.imgs[picture]["file_name"]
    # annotations refer to the pixels as stored, whatever EXIF says of their rotation
    image = cv2.imread(str(path), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    if image is None:
        raise SourceError(f"{path} cannot be read as a picture", "check the folder")
    return np.asarray(image, np.uint8)


def detect(outputs: Outputs, size: tuple[int, int], truth: Truth, nms: str) -> Instances:
    """Return what the network found in a picture of that height and width, by COCO's rules."""
    return outputs.instances(size, truth.labels, SCORE, nms, max_detections=MAX_DETECTIONS)


def describe(instances: Instances, picture: int, truth: Truth) -> list[dict[str, Any]]:
    """Return the instances of a picture as COCO results; classes that are not judged are left out."""
    return [
        {
            "image_id": picture,
            "category_id": truth.categories[instances.labels[i]],
            "score": float(instances.scores[i]),
            "bbox": [float(v) for v in (x1, y1, x2 - x1, y2 - y1)],
            "segmentation": rle.encode(np.asfortranarray(instances.mask(i), np.uint8)),
        }
        for i, (x1, y1, x2, y2) in enumerate(instances.boxes)
        if truth.categories[instances.labels[i]] >= 0
    ]


def average_precision(truth: Truth, results: list[dict[str, Any]]) -> dict[str, Any]:
    """Return mask and box AP: ``mask_ap``, ``mask_ap50`` … ``box_ap_large``, by class, with intervals.

    IoU .50:.95, at most 100 detections a picture, as COCOeval computes them; nothing found or
    nothing to find in a size is 0. ``…_interval`` is the 95 % bootstrap interval of ``…_ap``
    over the pictures. ``best_f1`` is the highest F1 of the masks at IoU 0.5 that any score
    threshold gives, ``best_score`` that threshold.
    """
    figures: dict[str, Any] = {"best_score": 0.0, "best_f1": 0.0}
    for word, kind in KINDS.items():
        judge = _judge(truth, results, kind)
        stats = np.zeros(len(_STATISTICS)) if judge is None else np.maximum(judge.stats[:6], 0)
        figures |= {f"{word}_{name}": float(value) for name, value in zip(_STATISTICS, stats, strict=True)}
        figures[f"{word}_ap_interval"] = [0.0, 0.0] if judge is None else _interval(judge)
        figures[f"{word}_ap_classes"] = {} if judge is None else _by_class(judge, truth)
        if judge is not None and word == "mask":
            figures["best_score"], figures["best_f1"] = _balance(judge)
    return figures


def _judge(truth: Truth, results: list[dict[str, Any]], kind: str) -> Any:
    if not results:
        return None
    with contextlib.redirect_stdout(io.StringIO()):
        judge = COCOeval(truth.coco, truth.coco.loadRes([dict(result) for result in results]), kind)
        judge.params.catIds = truth.wanted
        judge.params.imgIds = truth.pictures
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    return judge


def _mean_precision(precision: np.ndarray) -> float:
    """Mean of COCOeval's precision table over what is there; −1 marks what is not."""
    present = precision[precision > -1]
    return float(present.mean()) if present.size else 0.0


def _by_class(judge: Any, truth: Truth) -> dict[str, float]:
    precision = judge.eval["precision"][..., 0, -1]  # all sizes, 100 detections: (T, R, K)
    names = [truth.coco.cats[number]["name"] for number in judge.params.catIds]
    return {name: _mean_precision(precision[..., k]) for k, name in enumerate(names)}


def _balance(judge: Any) -> tuple[float, float]:
    """Return the score threshold with the highest F1 at IoU 0.5 over all sizes, and that F1."""
    images = [e for e in judge.evalImgs if e is not None and e["aRng"] == list(judge.params.areaRng[0])]
    scores = np.concatenate([e["dtScores"] for e in images])
    counted = ~np.concatenate([e["dtIgnore"][0] for e in images]).astype(bool)
    hits = np.concatenate([e["dtMatches"][0] for e in images]) > 0
    wanted = sum(int(np.count_nonzero(np.logical_not(e["gtIgnore"]))) for e in images)
    order = np.argsort(-scores[counted], kind="stable")
    if not len(order):
        return 0.0, 0.0
    true = np.cumsum(hits[counted][order])
    f1 = 2 * true / (np.arange(1, len(true) + 1) + wanted)
    best = int(f1.argmax())
    return float(scores[counted][order][best]), float(f1[best])


def _interval(judge: Any) -> list[float]:
    """95 % bootstrap interval of AP: pictures drawn with replacement, accumulated anew."""
    random = np.random.default_rng(0)
    categories, areas, pictures = (
        len(judge.params.catIds),
        len(judge.params.areaRng),
        len(judge.params.imgIds),
    )
    table = np.empty(categories * areas * pictures, object)
    table[:] = judge.evalImgs
    # all sizes only: the first of the areas
    table = table.reshape(categories, areas, pictures)[:, :1]
    again = copy(judge)
    again.params, again._paramsEval = copy(judge.params), copy(judge.params)
    for params in (again.params, again._paramsEval):
        params.areaRng, params.areaRngLbl, params.maxDets = params.areaRng[:1], ["all"], [MAX_DETECTIONS]
    values = []
    for _ in range(_RESAMPLES):
        chosen = random.integers(0, pictures, pictures)
        again.evalImgs = table[:, :, chosen].reshape(-1).tolist()
        with contextlib.redirect_stdout(io.StringIO()):
            again.accumulate()
        values.append(_mean_precision(again.eval["precision"]))
    return [float(value) for value in np.percentile(values, [2.5, 97.5])]


def evaluate(
    folder: Path,
    annotations: Path,
    settings: Settings,
    limit: int | None = None,
    progress: Callable[[Iterable[int], int], Iterable[int]] = lambda pictures, _: pictures,
) -> dict[str, Any]:
    """Run a model over pictures and judge it.

    Args:
        folder, annotations: COCO pictures and the file that describes them.
        settings: model, device, precision, NMS, classes.
        limit: look at so many pictures only.
        progress: wraps the pictures while they are worked through; given their number.

    Returns:
        What :func:`average_precision` returns, and ``images``, ``model``, ``device``,
        ``precision``, ``fps`` (pictures a second, reading and post-processing included).

    Raises:
        SourceError, UsageError: as :func:`read_truth`; a picture that cannot be read.
    """
    with Engine(settings) as engine:
        truth = read_truth(folder, annotations, engine.contract.labels, settings.classes, limit)
        results: list[dict[str, Any]] = []
        began = time.perf_counter()
        for picture, instances in _segment(engine, truth, settings, progress):
            results += describe(instances, picture, truth)
        fps = len(truth.pictures) / (time.perf_counter() - began)
    return {
        "model": engine.name,
        "device": engine.device,
        "precision": engine.precision,
        "images": len(truth.pictures),
        "fps": fps,
        **average_precision(truth, results),
    }


def _segment(
    engine: Engine,
    truth: Truth,
    settings: Settings,
    progress: Callable[[Iterable[int], int], Iterable[int]],
) -> Iterator[tuple[int, Instances]]:
    """Yield each picture's instances; one picture is inferred while others are read and judged."""
    running: deque[tuple[int, tuple[int, int], Slot]] = deque()

    def finish() -> tuple[int, Instances]:
        picture, size, slot = running.popleft()
        slot.wait(_WAIT_S)
        instances = detect(slot.outputs, size, truth, settings.nms)
        slot.release()
        return picture, instances

    for picture in progress(truth.pictures, len(truth.pictures)):
        image = read_picture(truth, picture)
        slot = engine.acquire(0)
        if slot is None:
            yield finish()
            slot = engine.acquire(_WAIT_S)
        assert slot is not None
        slot.start(image)
        running.append((picture, image.shape[:2], slot))
    while running:
        yield finish()
