"""The golden fixtures beside the checkout: outputs of the reference implementation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

GOLDEN = Path(__file__).resolve().parents[2] / "shared" / "golden"
needs_golden = pytest.mark.skipif(not GOLDEN.is_dir(), reason="no golden fixtures beside this checkout")
SCENES = sorted(path.name for path in GOLDEN.glob("post_*.npz")) or ["none"]
PRIORS = 19248


def scene(name: str) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Return the arrays of a scene and the network outputs it stands for."""
    data = dict(np.load(GOLDEN / name))
    index = data["prior_index"]
    conf = np.zeros((PRIORS, 81), np.float32)
    conf[:, 0] = 1
    boxes, mask = np.zeros((PRIORS, 4), np.float32), np.zeros((PRIORS, 32), np.float32)
    conf[index], boxes[index], mask[index] = data["conf"], data["boxes"], data["mask"]
    with np.load(GOLDEN / "protos.npz") as bank:
        proto = bank[f"proto_{data['proto_id']}"].astype(np.float32)
    return data, {"conf": conf, "boxes": boxes, "mask": mask, "proto": proto}


def mask_counts(data: dict[str, np.ndarray], tag: str, row: int) -> bytes:
    """Return the compressed RLE of the mask of detection ``row``."""
    index = data[f"{tag}_mask"][row]
    offset = data["rle_offset"]
    return data["rle_bytes"][offset[index] : offset[index + 1]].tobytes()
