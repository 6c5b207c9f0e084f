"""Average precision on the dev set while training, by the rules of ``yolact-live eval``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import torch
from torch.nn import functional as F

from yolact_live.evaluation import coco
from yolact_live.infer.engine import Outputs
from yolact_live.settings import Settings
from yolact_live.training.data import Source
from yolact_live.training.model import Yolact, decode, make_priors, normalised
from yolact_live.types import ByteArray


def evaluate(net: Yolact, classes: tuple[str, ...], side: int, dev: Source) -> dict[str, float]:
    """Return mask and box AP, that of each class, and the score that balances precision and recall.

    Args:
        net: as it is; no exported model is needed.
        classes: the classes that would be exported, the first of the network's.
        side: input side, pixels.
    """
    truth = coco.read_truth(dev.images, dev.annotations, classes)
    predict = predictor(net, len(classes), side)
    results: list[dict[str, Any]] = []
    for picture in truth.pictures:
        image = coco.read_picture(truth, picture)
        outputs = predict(np.asarray(cv2.resize(image, (side, side)), np.uint8))
        found = coco.detect(outputs, image.shape[:2], truth, Settings.nms)
        results += coco.describe(found, picture, truth)
    figures = coco.average_precision(truth, results)
    by_class = {f"mask_ap_{name}": value for name, value in figures["mask_ap_classes"].items()}
    return {name: value for name, value in figures.items() if isinstance(value, float)} | by_class


def predictor(net: Yolact, exported: int, side: int) -> Callable[[ByteArray], Outputs]:
    """Return a function that runs the network on (S, S, 3) u8 BGR as the exported model would."""
    priors = make_priors(side, side).boxes
    net.eval()

    @torch.inference_mode()
    def predict(image: ByteArray) -> Outputs:
        outputs = net(normalised(torch.from_numpy(image)[None]))
        logits = outputs.logits[0, :, :exported]
        return Outputs(
            F.pad(logits, (1, 0)).softmax(1).numpy(),  # the background's logit is zero, as exported
            outputs.coefficients[0].numpy(),
            outputs.prototypes[0].permute(1, 2, 0).contiguous().numpy(),
            decode(outputs.offsets[0], priors).numpy(),
        )

    return predict
