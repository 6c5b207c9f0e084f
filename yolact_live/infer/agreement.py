"""How far two ways of running a model agree: a device with the CPU, INT8 with the original.

Instances of a picture are paired by the IoU of their boxes. One whose score is above the
threshold is looked for among those of the other that are above a threshold lower by
:data:`SLACK`: an object at the threshold is not a disagreement.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from yolact_live.errors import DeviceError
from yolact_live.infer.devices import CPU, devices
from yolact_live.infer.segmenter import Segmenter
from yolact_live.types import ByteArray, FloatArray, Instances

SLACK = 0.1
"""How much lower a score may be for the object to count as found by both."""
PAIR_IOU = 0.5
"""Boxes that overlap less do not show the same object."""
MAX_SCORE_DIFFERENCE, MIN_MASK_IOU = 0.05, 0.95
"""What a user will not see, on average over the objects. bf16 was seen to change scores by up to
0.013 and to leave a mask IoU of 0.986 or more."""
MOST = 20
"""So many objects of a picture are compared, the most certain: outputs are cut off at a hundred."""
FAINT = 0.9
"""Where nothing reaches the recommended score, this share of the best score is the threshold."""


@dataclass(frozen=True)
class Agreement:
    """What was found in some pictures by a reference, and how another saw the same pictures.

    Attributes:
        objects: what the reference found.
        missing: what of that the other did not find.
        extra: what only the other found.
        relabelled: pairs whose classes differ.
        score_difference: mean over the pairs.
        mask_iou: mean over the pairs; 1 if there are none.
    """

    objects: int
    missing: int
    extra: int
    relabelled: int
    score_difference: float
    mask_iou: float

    @property
    def close(self) -> bool:
        """Whether a user will not see a difference."""
        return (
            self.missing == self.extra == self.relabelled == 0
            and self.score_difference <= MAX_SCORE_DIFFERENCE
            and self.mask_iou >= MIN_MASK_IOU
        )


def compare(pictures: Iterable[tuple[Instances, Instances]], score: float) -> Agreement:
    """Compare what two runs found in the same pictures.

    Args:
        pictures: instances of the reference and of the other, found with a threshold of at
            most ``score`` − :data:`SLACK`.
        score: threshold, raised where more than :data:`MOST` objects of a picture are above it.
    """
    objects = missing = extra = relabelled = 0
    differences, ious = [], []
    for reference, other in pictures:
        threshold = max(score, *reference.scores[MOST : MOST + 1].tolist(), 0.0)
        reference, other = (one[one.scores > threshold - SLACK] for one in (reference, other))
        pairs = [
            (i, j)
            for i, j in _pairs(reference, other)
            if max(reference.scores[i], other.scores[j]) > threshold
        ]
        found, seen = reference.scores > threshold, other.scores > threshold
        objects += int(found.sum())
        missing += len(set(np.flatnonzero(found)) - {i for i, _ in pairs})
        extra += len(set(np.flatnonzero(seen)) - {j for _, j in pairs})
        relabelled += sum(int(reference.labels[i] != other.labels[j]) for i, j in pairs)
        differences += [abs(float(reference.scores[i]) - float(other.scores[j])) for i, j in pairs]
        ious += [_mask_iou(reference.mask(i), other.mask(j)) for i, j in pairs]
    return Agreement(
        objects,
        missing,
        extra,
        relabelled,
        float(np.mean(differences)) if differences else 0.0,
        float(np.mean(ious)) if ious else 1.0,
    )


def _pairs(first: Instances, second: Instances) -> list[tuple[int, int]]:
    """Pair instances, the best overlap first, each at most once; the same class goes before another."""
    overlap = _box_iou(first.boxes, second.boxes)
    rank = overlap + (first.labels[:, None] == second.labels)
    pairs: list[tuple[int, int]] = []
    for index in np.argsort(-rank, axis=None, kind="stable"):
        i, j = divmod(int(index), len(second))
        if overlap[i, j] >= PAIR_IOU and all(i != a and j != b for a, b in pairs):
            pairs.append((i, j))
    return pairs


def _box_iou(first: FloatArray, second: FloatArray) -> FloatArray:
    """Return the IoU (N, M) of boxes (N, 4) and (M, 4)."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    common = np.prod(np.maximum(high - low, 0), axis=2)
    sizes = [np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) for boxes in (first, second)]
    iou: FloatArray = common / np.maximum(sizes[0][:, None] + sizes[1] - common, 1e-9)
    return iou


def _mask_iou(first: np.ndarray, second: np.ndarray) -> float:
    union = np.count_nonzero(first | second)
    return np.count_nonzero(first & second) / union if union else 1.0


@dataclass(frozen=True)
class Check:
    """A device that was compared with the CPU in f32.

    Attributes:
        device: its name.
        precision: what ``--precision`` asked for.
        used: the arithmetic that was used, for example ``"int8+bf16"``.
        agreement: how it saw the picture; None if it could not run the model.
        problem: why it could not; empty if it did.
    """

    device: str
    precision: str
    used: str
    agreement: Agreement | None
    problem: str = ""

    @property
    def agrees(self) -> bool:
        """Whether it runs the model, and as the CPU does."""
        return self.agreement is not None and self.agreement.close


def check_devices(image: ByteArray, model: str = "builtin") -> Iterator[Check]:
    """Compare every device, in every precision that it can compute in, with the CPU in f32.

    Args:
        image: (H, W, 3) u8 BGR, a picture with objects that the model knows.
        model: as for :class:`~yolact_live.infer.segmenter.Segmenter`.

    Yields:
        One result for each device and precision, the CPU first.

    Raises:
        UsageError, ModelError: there is no such model, or it is none.
    """
    with Segmenter(model, CPU, "f32") as segmenter:
        score, segmenter.score = segmenter.score, 0.0
        reference = segmenter.segment(image)
    score = min(score, FAINT * float(reference.scores.max(initial=0)))
    for device in devices():
        for precision in device.precisions:
            try:
                with Segmenter(model, device.name, precision, 0.0) as segmenter:
                    if segmenter.notice:
                        raise segmenter.notice
                    agreement = compare([(reference, segmenter.segment(image))], score)
                    yield Check(device.name, precision, segmenter.precision, agreement)
            except DeviceError as error:
                yield Check(device.name, precision, "", None, error.message)
