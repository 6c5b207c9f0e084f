"""Configurations of YOLACT, and telling them from weights."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from yolact_live.errors import ModelError, UsageError
from yolact_live.infer.labels import COCO80, PASCAL20
from yolact_live.infer.network.backbones import DARKNET53, RESNET50, RESNET101, Backbone
from yolact_live.infer.network.weights import ORIGINAL, Arrays

FOREIGN = {
    r"conv_offset|maskiou_net": "YOLACT++, whose deformable convolutions OpenVINO cannot run",
    r"^fpn_phase_": "YolactEdge, whose network is another one",
    r"^proto_net\.proto1\.": "Yolact_minimal, whose network is another one",
}
"""Keys that only relatives of YOLACT have, and why these cannot be used."""


@dataclass(frozen=True)
class Config:
    """What varies between YOLACT networks.

    Attributes:
        name: name of the configuration.
        backbone: function that builds the backbone.
        labels: class list, background left out.
        size: input side in pixels.
        scales: side of the priors of each level, pixels of a picture of :data:`BASE_SIZE`.
        ratios: aspect ratios of the priors, width / height.
        square: priors are square, of side scale · √ratio: a slip of YOLACT that its weights rely on.
        width: channels of the feature pyramid, the prototypes' branch and the head.
        coefficients: number of prototypes and mask coefficients.
        mean, std: normalisation of the RGB channels, (x − mean) / std of 0..255.
        score: recommended score threshold.
    """

    name: str
    backbone: Backbone
    labels: tuple[str, ...] = COCO80
    size: int = 550
    scales: tuple[int, ...] = (24, 48, 96, 192, 384)
    ratios: tuple[float, ...] = (1.0, 0.5, 2.0)
    square: bool = True
    width: int = 256
    coefficients: int = 32
    mean: tuple[float, float, float] = (123.675, 116.78, 103.94)
    std: tuple[float, float, float] = (58.395, 57.12, 57.375)
    score: float = 0.5


_RESNET50 = Config("yolact_resnet50", RESNET50)
_BASE = Config("yolact_base", RESNET101)
PUBLISHED = {
    config.name: config
    for config in (
        _RESNET50,
        replace(
            _RESNET50,
            name="yolact_resnet50_pascal",
            labels=PASCAL20,
            scales=(32, 64, 128, 256, 512),
            square=False,
        ),
        _BASE,
        replace(_BASE, name="yolact_im400", size=400),
        replace(_BASE, name="yolact_im700", size=700),
        Config("yolact_darknet53", DARKNET53, mean=(0.0, 0.0, 0.0), std=(255.0, 255.0, 255.0)),
    )
}
"""Configurations of the original, by name."""


def config_of(path: str | Path) -> str | None:
    """Return the published configuration that a file name begins with, as in ``yolact_im700_54_800000.pth``.

    The weights of yolact_base, yolact_im400 and yolact_im700 look alike: only the name tells them apart.
    """
    stem = Path(path).stem
    found = [name for name in PUBLISHED if stem == name or stem.startswith(f"{name}_")]
    return max(found, key=len, default=None)


def tell_config(arrays: Arrays, name: str | None = None) -> Config:
    """Return the configuration of weights, told from their keys and shapes.

    Args:
        name: a published configuration that they are said to be of. Without, 20 classes on
            ResNet-50 are taken for yolact_resnet50_pascal, ResNet-101 for yolact_base.

    Returns:
        The published configuration, with the weights' own number of classes.

    Raises:
        UsageError: there is no configuration of this name.
        ModelError: these are not weights of YOLACT, or not of this configuration.
    """
    if name is not None and name not in PUBLISHED:
        raise UsageError(f"configuration {name} is unknown", f"use one of {', '.join(PUBLISHED)}")
    for pattern, what in FOREIGN.items():
        if any(re.search(pattern, key) for key in arrays):
            raise ModelError(f"these are weights of {what}", ORIGINAL)
    conf = arrays.get("prediction_layers.0.conf_layer.bias")
    anchors = len(_RESNET50.ratios)
    if conf is None or conf.ndim != 1 or conf.size % anchors or conf.size < 2 * anchors:
        raise ModelError("these are not weights of YOLACT (prediction_layers.0.conf_layer.bias)", ORIGINAL)
    classes = conf.size // anchors - 1
    if "backbone._preconv.0.weight" in arrays:
        told = "yolact_darknet53"
    elif "backbone.layers.2.6.conv1.weight" in arrays:
        told = "yolact_base"
    else:
        told = "yolact_resnet50_pascal" if classes == len(PASCAL20) else "yolact_resnet50"
    config = PUBLISHED[name or told]
    if config.backbone is not PUBLISHED[told].backbone:
        raise ModelError(f"the weights have the backbone of {told}, not of {name}", f"name them {told}")
    if len(config.labels) == classes:
        return config
    return replace(config, labels=tuple(f"class {i + 1}" for i in range(classes)))
