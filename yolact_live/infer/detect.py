"""From the network's outputs to instances: threshold, NMS, boxes and crops.

The background column alone rules out nearly every prior (softmax sums to one, so a class
above t means a background below 1 − t); NMS then works on the few that are left.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from yolact_live.boxes import iou
from yolact_live.jit import kernel
from yolact_live.types import FloatArray, Instances

# Priors whose best class is not above this never take part (nms_conf_thresh of the reference).
PRIOR_SCORE = 0.05
# Two boxes whose IoU is above this show the same object (nms_thresh of the reference).
NMS_IOU = 0.5

FAST, CROSS_CLASS, GREEDY = 0, 1, 2
NMS_MODES = {"fast": FAST, "cross-class": CROSS_CLASS, "greedy": GREEDY}
# Room for outputs rounded to bf16, whose rows sum to one only to three digits.
_BACKGROUND_SLACK = 0.02


@kernel("i8(f4[:,::1], f4, i4[::1])")
def _foreground(conf, most, out):  # type: ignore[no-untyped-def]
    """Write the priors whose background scores less than ``most`` into ``out``; return how many."""
    count = 0
    for p in range(len(conf)):
        if conf[p, 0] < most:
            out[count] = p
            count += 1
    return count


def _candidates(
    conf: FloatArray, score: float, mode: int, wanted: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], FloatArray]:
    """Return prior, class and score of every pair that takes part in NMS.

    They are listed by class, then by prior; greedy lists both downwards. A stable sort
    by score then breaks ties as the references do.
    """
    passed = np.empty(len(conf), np.int32)
    passed = passed[: _foreground(conf, 1 - max(score, PRIOR_SCORE) + _BACKGROUND_SLACK, passed)]
    scores = conf[passed, 1:]
    pairs = (scores > np.float32(score)) & (scores.max(axis=1, keepdims=True) > np.float32(PRIOR_SCORE))
    pairs &= wanted
    if mode == CROSS_CLASS:
        pairs &= scores.argmax(axis=1)[:, None] == np.arange(scores.shape[1])
    label, row = np.nonzero(pairs.T)
    if mode == GREEDY:
        label, row = label[::-1], row[::-1]
    return passed[row], label.astype(np.int32), scores[row, label]


@kernel("void(f4[:,::1], i4[::1], b1, i8, i8, i8[::1], b1[::1])")
def _survivors(boxes, groups, greedy, top_k, max_detections, seen, kept):  # type: ignore[no-untyped-def]
    """Find out which boxes NMS keeps; boxes come highest score first.

    Only boxes of one group suppress one another.

    Args:
        seen: zeros, one for each group.
        kept: (N,) bool, false; set true where a box is kept.
    """
    found = 0
    for i in range(len(boxes)):
        seen[groups[i]] += 1
        if not greedy and seen[groups[i]] > top_k:
            continue
        keep = True
        for j in range(i):
            # fast NMS lets a box that is itself suppressed suppress others
            rival = groups[j] == groups[i] and (kept[j] or not greedy)
            if rival and iou(boxes, j, boxes, i) > np.float32(NMS_IOU):
                keep = False
                break
        if keep:
            kept[i] = True
            found += 1
            if found == max_detections:
                break


def postprocess(
    conf: FloatArray,
    boxes: FloatArray,
    mask: FloatArray,
    proto: FloatArray,
    frame_size: tuple[int, int],
    score: float = 0.05,
    nms: str = "fast",
    top_k: int = 200,
    max_detections: int | None = None,
    names: tuple[str, ...] | None = None,
    classes: np.ndarray | None = None,
    symmetric_crop: bool = False,
) -> Instances:
    """Turn the outputs of YOLACT into instances.

    Args:
        conf: (P, C + 1) f32, softmax scores of the P priors; column 0 is background.
        boxes: (P, 4) f32, x1, y1, x2, y2 relative to the image, not clipped.
        mask: (P, K) f32, mask coefficients (tanh).
        proto: (M, M, K) f32, prototypes (ReLU). The instances keep a reference to it.
        frame_size: width and height of the frame in pixels.
        score: detections score more than this.
        nms: ``"fast"`` (per class; the reference's default), ``"cross-class"`` (one
            class per prior, all classes compete) or ``"greedy"``.
        top_k: candidates of one class (cross-class: in all) that fast NMS looks at.
        max_detections: cap on the result; None is the reference's, 100, and none for
            cross-class.
        names: class list; numbered names if None.
        classes: (C,) bool, classes wanted; all if None.
        symmetric_crop: let masks reach at most one prototype pixel beyond the box on every
            side. The reference's rule, the default, lets them reach almost two on the right
            and below.

    Returns:
        The instances, highest score first. Classes count from 0, background left out.

    Formulas: dbolya/yolact ``layers/functions/detection.py`` and
    ``layers/output_utils.py``; greedy follows Open Model Zoo's accuracy checker.
    """
    width, height = frame_size
    count = conf.shape[1] - 1
    if max_detections is None:
        max_detections = len(conf) if nms == "cross-class" else 100
    wanted = np.ones(count, np.bool_) if classes is None else classes
    conf, boxes = np.ascontiguousarray(conf), np.ascontiguousarray(boxes)
    mode = NMS_MODES[nms]
    prior, label, value = _candidates(conf, score, mode, wanted)
    order = np.argsort(-value, kind="stable")
    prior, label, value = prior[order], label[order], value[order]
    groups = np.zeros_like(label) if mode == CROSS_CLASS else label
    kept = np.zeros(len(prior), np.bool_)
    seen = np.zeros(count, np.int64)
    _survivors(boxes[prior], groups, mode == GREEDY, top_k, max_detections, seen, kept)
    prior, label, value = prior[kept], label[kept], value[kept]
    relative = boxes[prior]
    corners = np.concatenate(
        [np.minimum(relative[:, :2], relative[:, 2:]), np.maximum(relative[:, :2], relative[:, 2:])], axis=1
    )
    side = np.array([proto.shape[1], proto.shape[0]] * 2, np.float32)
    grow = np.array([-1, -1, 1, 1], np.float32)
    pixels = np.array([width, height] * 2, np.float32)
    # a prototype pixel c belongs to the crop if x1·M − 1 ≤ c < x2·M + 1
    crops = np.ceil(np.clip(corners * side + grow, 0, side)).astype(np.int32)
    if symmetric_crop:
        crops[:, 2:] = np.minimum(crops[:, 2:], np.floor(corners[:, 2:] * side[2:]) + 1)
    return Instances(
        boxes=np.clip(corners * pixels, 0, pixels),
        scores=value,
        labels=label,
        ids=np.full(len(prior), -1, np.int64),
        coefficients=mask[prior],
        crops=crops,
        prototypes=proto,
        size=(height, width),
        names=names or tuple(f"class {i + 1}" for i in range(count)),
    )
