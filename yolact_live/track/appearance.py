"""What objects look like: the colours of their masks, to tell apart who comes from behind whom.

A look is a histogram of colours in the upper and the lower half of the mask, as clothes have
them. Its roots are kept, a vector of length 1, so that the likeness of two looks, the
Bhattacharyya coefficient of their histograms, is a product. Each half is compared for itself,
as one of them may be hidden. Without pixels a look is all zeros.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from yolact_live.jit import kernel
from yolact_live.track.associate import WINDOW
from yolact_live.types import ByteArray, FloatArray

# Bins of each colour channel, and so of a look.
_BINS = 4
LOOK = 2 * _BINS**3
# A value of a channel counts in the two nearest bins, so that noise moves little: the lower of
# them, and the share of the upper.
_PLACES = np.clip((np.arange(256) + 0.5) * _BINS / 256 - 0.5, 0, _BINS - 1)
_LOWER = np.minimum(_PLACES.astype(np.int64), _BINS - 2)
_SHARE = (_PLACES - _LOWER).astype(np.float32)


@kernel(
    "void(Array(u1, 3, 'A', readonly=True), f4[:,::1], u1[:,:,::1], b1[::1], "
    "i8[::1], f4[::1], i8[::1], f4[:,::1], f4[::1])"
)
def _look(image, boxes, windows, rivals, lower, share, near, looks, shares):  # type: ignore[no-untyped-def]
    """Fill looks (N, LOOK) of what only one mask covers, and its share of the mask, (N,); both zeros.

    ``lower`` and ``share`` are _LOWER and _SHARE; ``near``, (N,) i64, is room to work in.
    """
    height, width = image.shape[0], image.shape[1]
    half, one = np.float32(0.5), np.float32(1.0)
    for n in range(len(boxes)):
        x1, y1, x2, y2 = boxes[n, 0], boxes[n, 1], boxes[n, 2], boxes[n, 3]
        others = 0
        for m in range(len(boxes)):
            beside = boxes[m, 0] >= x2 or boxes[m, 2] <= x1 or boxes[m, 1] >= y2 or boxes[m, 3] <= y1
            if rivals[m] and m != n and not beside:
                near[others] = m
                others += 1
        inside = own = counted = 0
        for i in range(WINDOW):
            y = y1 + (y2 - y1) * (i + half) / WINDOW
            for j in range(WINDOW):
                if windows[n, i, j] == 0:
                    continue
                inside += 1
                x = x1 + (x2 - x1) * (j + half) / WINDOW
                contested = False
                for k in range(others):
                    m = near[k]
                    u = (x - boxes[m, 0]) / (boxes[m, 2] - boxes[m, 0]) * WINDOW
                    v = (y - boxes[m, 1]) / (boxes[m, 3] - boxes[m, 1]) * WINDOW
                    if u >= 0 and v >= 0 and u < WINDOW and v < WINDOW and windows[m, int(v), int(u)]:
                        contested = True
                        break
                if contested:
                    continue
                own += 1
                if (i + j) % 2:  # every other one tells as much of the colours
                    continue
                counted += 1
                at = 2 * i // WINDOW
                column, row = min(max(int(x), 0), width - 1), min(max(int(y), 0), height - 1)
                b, g, r = image[row, column, 0], image[row, column, 1], image[row, column, 2]
                base = ((at * _BINS + lower[b]) * _BINS + lower[g]) * _BINS + lower[r]
                for up in range(4):
                    first = share[b] if up & 1 else one - share[b]
                    second = share[g] if up & 2 else one - share[g]
                    place = base + (up & 1) * _BINS * _BINS + (up >> 1) * _BINS
                    looks[n, place] += first * second * (one - share[r])
                    looks[n, place + 1] += first * second * share[r]
        if inside > 0:
            shares[n] = own / np.float32(inside)
        if counted > 0:
            for place in range(LOOK):
                looks[n, place] = np.sqrt(looks[n, place] / np.float32(counted))


def looks(
    image: ByteArray, boxes: FloatArray, windows: ByteArray, rivals: npt.NDArray[np.bool_]
) -> tuple[FloatArray, FloatArray]:
    """Describe what each mask shows where no other mask lies.

    Args:
        image: (H, W, 3) u8 BGR.
        boxes: (N, 4) f32, x1, y1, x2, y2 in its pixels.
        windows: (N, WINDOW, WINDOW) u8, the masks, see :func:`associate.windows`.
        rivals: (N,) bool, whose masks may hide others.

    Returns:
        Looks, (N, LOOK) f32, and the share of each mask that no rival covers, (N,) f32.
    """
    found, shares = np.zeros((len(boxes), LOOK), np.float32), np.zeros(len(boxes), np.float32)
    near = np.empty(len(boxes), np.int64)
    _look(image, boxes, windows, rivals, _LOWER, _SHARE, near, found, shares)
    return found, shares


def likeness(known: FloatArray, seen: FloatArray) -> FloatArray:
    """Compare T known looks with D that are seen, in those halves that are seen.

    Returns:
        (T, D) f32, 1 = the same, or nothing to compare.
    """
    out = np.ones((len(known), len(seen)), np.float32)
    _liken(known, seen, out)
    return out


# a large product of BLAS would wait for its threads, on processors that inference keeps busy
@kernel("void(f4[:,::1], f4[:,::1], f4[:,::1])")
def _liken(known, seen, out):  # type: ignore[no-untyped-def]
    """Do what :func:`likeness` says; ``out`` is all ones."""
    for n in range(len(known)):
        for m in range(len(seen)):
            alike = compared = np.float32(0)
            for start in range(0, LOOK, LOOK // 2):
                a = b = product = np.float32(0)
                for k in range(start, start + LOOK // 2):
                    a += known[n, k] * known[n, k]
                    b += seen[m, k] * seen[m, k]
                    product += known[n, k] * seen[m, k]
                if a > 0:
                    # of what is hidden of this half nothing is known
                    alike += product * np.sqrt(b / a)
                    compared += b
            if compared > 0:
                out[n, m] = alike / compared
