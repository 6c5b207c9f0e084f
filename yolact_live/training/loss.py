"""What is learned: matching of priors to objects, and the losses.

* Matching: ATSS (Zhang et al., arXiv 1912.02424): of the priors nearest to an object on
  each level, those whose overlap exceeds mean + standard deviation of these candidates.
* Confidence: varifocal loss (arXiv 2008.13367): the target of a positive is the overlap
  of its present box with the object, so that the score also tells how good the box is.
* Box: GIoU (arXiv 1902.09630) and smooth L1 on the encoded offsets, as in YOLACT.
* Mask: cross-entropy inside the object's box, divided by its area as in YOLACT, and Dice.
* Semantic: cross-entropy on P3 against the union of the masks of each class.

Where a class is unknown (see ``data``), its absence counts in none of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from yolact_live.training.model import VARIANCES, Outputs, Priors, decode

CANDIDATES = 9  # locations per level
MASKS_PER_IMAGE = 18
WEIGHTS = {"confidence": 1.0, "giou": 2.0, "offset": 0.4, "mask": 2.0, "dice": 1.5, "semantic": 1.0}


@dataclass(slots=True, eq=False)
class Batch:
    """Samples of one step as tensors; one entry per picture in the lists."""

    images: Tensor  # (B, S, S, 3) u8 BGR
    boxes: list[Tensor]  # (n, 4) f32 relative
    labels: list[Tensor]  # (n,) i64
    masks: list[Tensor]  # (n, M, M) u8
    known: Tensor  # (B, C, M, M) bool


def overlaps(a: Tensor, b: Tensor) -> Tensor:
    """IoU of each of (n, 4) with each of (m, 4), x1, y1, x2, y2."""
    corner = torch.minimum(a[:, None, 2:], b[None, :, 2:]) - torch.maximum(a[:, None, :2], b[None, :, :2])
    common = corner.clamp(min=0).prod(-1)
    area_a, area_b = (a[:, 2:] - a[:, :2]).prod(-1), (b[:, 2:] - b[:, :2]).prod(-1)
    return common / (area_a[:, None] + area_b[None] - common).clamp(min=1e-9)


def match(boxes: Tensor, priors: Priors) -> Tensor:
    """Assign priors to objects.

    Args:
        boxes: (n, 4) relative x1, y1, x2, y2.

    Returns:
        (N,) i64: index of the object, or −1. Every object has at least one prior.
    """
    count = len(priors.boxes)
    result = torch.full((count,), -1)
    if not len(boxes):
        return result
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    corners = torch.cat(
        [priors.boxes[:, :2] - priors.boxes[:, 2:] / 2, priors.boxes[:, :2] + priors.boxes[:, 2:] / 2], 1
    )
    distance = torch.cdist(centres, priors.boxes[:, :2])
    chosen, start = [], 0
    for size in priors.levels:
        k = min(CANDIDATES * 3, size)
        near = distance[:, start : start + size].topk(k, largest=False).indices
        chosen.append(near + start)
        start += size
    candidates = torch.cat(chosen, 1)  # (n, k)
    iou = overlaps(boxes, corners)
    scores = iou.gather(1, candidates)
    threshold = scores.mean(1, keepdim=True) + scores.std(1, keepdim=True)
    middle = priors.boxes[candidates, :2]
    inside = ((middle > boxes[:, None, :2]) & (middle < boxes[:, None, 2:])).all(-1)
    value = torch.where((scores >= threshold) & inside, scores, torch.zeros(()))
    best = torch.zeros(len(boxes), count).scatter_(1, candidates, value)
    top, owner = best.max(0)
    result = torch.where(top > 0, owner, result)
    lost = torch.ones(len(boxes), dtype=torch.bool)
    lost[result[result >= 0]] = False
    for n in lost.nonzero()[:, 0].tolist():
        result[iou[n].argmax()] = n
    return result


def known_share(known: Tensor, priors: Priors) -> Tensor:
    """Share of each prior's area, inside the picture, in which each class is known.

    Args:
        known: (C, M, M) bool.

    Returns:
        (N, C) f32.
    """
    if bool(known.all()):
        return torch.ones(len(priors.boxes), len(known))
    side = known.shape[-1]
    table = F.pad(known.float().cumsum(1).cumsum(2), (1, 0, 1, 0))
    low = ((priors.boxes[:, :2] - priors.boxes[:, 2:] / 2) * side).round().long().clamp(0, side - 1)
    high = ((priors.boxes[:, :2] + priors.boxes[:, 2:] / 2) * side).round().long().clamp(1, side)
    high = torch.maximum(high, low + 1)
    (x1, y1), (x2, y2) = low.T, high.T
    total = table[:, y2, x2] - table[:, y1, x2] - table[:, y2, x1] + table[:, y1, x1]
    return (total / ((x2 - x1) * (y2 - y1))).T


def encode(boxes: Tensor, priors: Tensor) -> Tensor:
    """Inverse of :func:`decode`: (n, 4) boxes with their (n, 4) priors → offsets."""
    centre = ((boxes[:, :2] + boxes[:, 2:]) / 2 - priors[:, :2]) / (VARIANCES[0] * priors[:, 2:])
    size = torch.log((boxes[:, 2:] - boxes[:, :2]).clamp(min=1e-4) / priors[:, 2:]) / VARIANCES[1]
    return torch.cat([centre, size], 1)


def losses(outputs: Outputs, batch: Batch, priors: Priors) -> dict[str, Tensor]:
    """Return the weighted terms, each normalised by its positives; their sum is the loss."""
    assert outputs.semantic is not None
    logits, offsets = outputs.logits.float(), outputs.offsets.float()
    target = torch.zeros_like(logits)
    weight = torch.stack([(known_share(k, priors) > 0.7).float() for k in batch.known])
    picture, prior, owner = _positives(batch, priors)
    count = max(1, len(prior))
    zero = logits.sum() * 0
    terms = dict.fromkeys(WEIGHTS, zero)
    if len(prior):
        starts = torch.tensor([0] + [len(b) for b in batch.boxes]).cumsum(0)
        flat = starts[picture] + owner
        truth = torch.cat(batch.boxes)[flat]
        label = torch.cat(batch.labels)[flat]
        found = offsets[picture, prior]
        boxes = decode(found.clamp(-20, 20), priors.boxes[prior])
        iou, giou = _giou(boxes, truth)
        quality = iou.detach().clamp(min=0.05)
        target[picture, prior, label] = quality
        weight[picture, prior, label] = 1.0
        total = quality.sum().clamp(min=1.0)
        terms["giou"] = ((1 - giou) * quality).sum() / total
        delta = F.smooth_l1_loss(found, encode(truth, priors.boxes[prior]), reduction="none").sum(1)
        terms["offset"] = (delta * quality).sum() / total
        terms["mask"], terms["dice"] = _mask_losses(outputs, batch, picture, prior, owner)
    probability = logits.detach().sigmoid()
    focal = torch.where(target > 0, target, 0.75 * probability**2)
    cross = F.binary_cross_entropy_with_logits(logits, target, weight=focal * weight, reduction="sum")
    terms["confidence"] = cross / count
    terms["semantic"] = _semantic_loss(outputs.semantic.float(), batch)
    return {name: WEIGHTS[name] * term for name, term in terms.items()}


def _positives(batch: Batch, priors: Priors) -> tuple[Tensor, Tensor, Tensor]:
    """Picture, prior and object of every positive."""
    pictures, indices, owners = [], [], []
    for number, boxes in enumerate(batch.boxes):
        owner = match(boxes, priors)
        positive = (owner >= 0).nonzero()[:, 0]
        pictures.append(torch.full_like(positive, number))
        indices.append(positive)
        owners.append(owner[positive])
    return torch.cat(pictures), torch.cat(indices), torch.cat(owners)


def _giou(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """IoU and generalised IoU of pairs of boxes, (n, 4) each."""
    common = (torch.minimum(a[:, 2:], b[:, 2:]) - torch.maximum(a[:, :2], b[:, :2])).clamp(min=0).prod(1)
    union = (a[:, 2:] - a[:, :2]).prod(1) + (b[:, 2:] - b[:, :2]).prod(1) - common
    hull = (torch.maximum(a[:, 2:], b[:, 2:]) - torch.minimum(a[:, :2], b[:, :2])).prod(1)
    iou = common / union.clamp(min=1e-9)
    return iou, iou - (hull - union) / hull.clamp(min=1e-9)


def _mask_losses(
    outputs: Outputs, batch: Batch, picture: Tensor, prior: Tensor, owner: Tensor
) -> tuple[Tensor, Tensor]:
    """Cross-entropy and Dice of the assembled masks, mean over the positives of each picture used."""
    side = outputs.prototypes.shape[-1]
    grid = (torch.arange(side) + 0.5) / side
    cross, dice = [], []
    for number in range(len(batch.boxes)):
        mine = (picture == number).nonzero()[:, 0]
        if not len(mine):
            continue
        if len(mine) > MASKS_PER_IMAGE:
            mine = mine[torch.randperm(len(mine))[:MASKS_PER_IMAGE]]
        coefficients = outputs.coefficients[number, prior[mine]].float()
        logits = (coefficients @ outputs.prototypes[number].float().flatten(1)).view(-1, side, side)
        truth = batch.masks[number][owner[mine]].float() / 255
        box = batch.boxes[number][owner[mine]]
        x = (grid > box[:, 0:1] - 1 / side) & (grid < box[:, 2:3] + 1 / side)
        y = (grid > box[:, 1:2] - 1 / side) & (grid < box[:, 3:4] + 1 / side)
        crop = (y[:, :, None] & x[:, None, :]).float()
        area = crop.sum((1, 2))
        entropy = F.binary_cross_entropy_with_logits(logits, truth, reduction="none")
        cross.append((entropy * crop).sum((1, 2)) / area)
        probability = logits.sigmoid() * crop
        common = (probability * truth).sum((1, 2))
        dice.append(1 - 2 * (common + 1) / ((probability**2).sum((1, 2)) + (truth**2 * crop).sum((1, 2)) + 2))
    return torch.cat(cross).mean(), torch.cat(dice).mean()


def _semantic_loss(logits: Tensor, batch: Batch) -> Tensor:
    """Cross-entropy of each class against the union of its masks, where it is known."""
    side = logits.shape[-1]
    target = torch.zeros_like(logits)
    for number, (masks, labels) in enumerate(zip(batch.masks, batch.labels, strict=True)):
        if len(masks):
            small = F.interpolate(masks[:, None].float() / 255, size=(side, side), mode="area")[:, 0]
            for label in labels.unique():
                target[number, label] = small[labels == label].amax(0)
    known = F.interpolate(batch.known.float(), size=(side, side), mode="area") > 0.5
    entropy = F.binary_cross_entropy_with_logits(logits, target, reduction="none") * known
    return entropy.sum() / known.sum().clamp(min=1) * 4
