"""From trained weights to an OpenVINO model."""

from __future__ import annotations

import math
from functools import partial
from pathlib import Path

import openvino
import torch

from yolact_live.errors import UsageError
from yolact_live.infer.network import Config, build_network
from yolact_live.infer.network.backbones import LITE, efficientnet_lite
from yolact_live.settings import Settings
from yolact_live.training.data import Plan
from yolact_live.training.model import Yolact, arrays

MEAN, STD = (127.0, 127.0, 127.0), (128.0, 128.0, 128.0)


def load_average(plan: Plan, checkpoint: Path) -> Yolact:
    """Return the averaged weights of a run.

    Raises:
        UsageError: there is no checkpoint yet.
    """
    if not checkpoint.is_file():
        raise UsageError(f"no checkpoint at {checkpoint}", "train first")
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    net = Yolact(plan.recipe.backbone, plan.recipe.channels, len(state["classes"]))
    net.load_state_dict(state["average"])
    return net.eval()


def export(net: Yolact, plan: Plan, balance: float = Settings.score) -> openvino.Model:
    """Return the network as an OpenVINO model with the plan's classes.

    Args:
        balance: score of the network at which precision and recall balance. The model's
            scores are shifted so that this becomes the program's own threshold.
    """
    recipe = plan.recipe
    width, depth = LITE[recipe.backbone]
    config = Config(
        f"{'-'.join(plan.classes)}-{recipe.backbone}-{recipe.size}",
        partial(efficientnet_lite, width=width, depth=depth),
        labels=plan.classes,
        size=recipe.size,
        square=False,
        width=recipe.channels,
        mean=MEAN,
        std=STD,
        score=Settings.score,
    )
    shift = _logit(Settings.score) - _logit(balance)
    return build_network(arrays(net, len(plan.classes), shift), config)


def _logit(score: float) -> float:
    return math.log(score / (1 - score))
