"""A tiny COCO set: bright discs ("ball") and squares ("box") on dark noise."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np

SIDE = 128


def write_set(folder: Path, pictures: int = 6) -> Path:
    """Write pictures and annotations into ``folder``; return its data file."""
    rng = np.random.default_rng(5)
    (folder / "images").mkdir(parents=True)
    images, annotations = [], []
    for number in range(1, pictures + 1):
        image = rng.integers(0, 60, (SIDE, SIDE, 3), np.uint8)
        for kind, centre in ((1, (36, 40)), (2, (90, 84))):
            radius = int(rng.integers(14, 26))
            x, y = (int(c + rng.integers(-6, 7)) for c in centre)
            if kind == 1:
                polygon = cv2.ellipse2Poly((x, y), (radius, radius), 0, 0, 360, 20)
            else:
                polygon = np.array([[x - 20, y - 20], [x + 20, y - 20], [x + 20, y + 20], [x - 20, y + 20]])
            cv2.fillPoly(image, [polygon.astype(np.int32)], (40, 220, 240) if kind == 1 else (230, 120, 50))
            (x1, y1), (x2, y2) = polygon.min(0).tolist(), polygon.max(0).tolist()
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": number,
                    "category_id": kind,
                    "segmentation": [polygon.ravel().astype(float).tolist()],
                    "bbox": [x1, y1, x2 - x1, y2 - y1],
                    "area": float(cv2.contourArea(polygon.astype(np.int32))),
                    "iscrowd": 0,
                }
            )
        cv2.imwrite(str(folder / "images" / f"{number}.png"), image)
        images.append({"id": number, "file_name": f"{number}.png", "width": SIDE, "height": SIDE})
    categories = [
        {"id": 1, "name": "ball", "supercategory": "toy"},
        {"id": 2, "name": "box", "supercategory": "container"},
    ]
    file = {"images": images, "annotations": annotations, "categories": categories}
    (folder / "set.json").write_text(json.dumps(file))
    path = folder / "data.toml"
    path.write_text(TOML)
    return path


TOML = """
classes = ["ball"]
auxiliary = true

[[source]]
annotations = "set.json"
images = "images"

[[source]]
annotations = "set.json"
images = "images"
labelled = ["box"]
weight = 0.2

[dev]
annotations = "set.json"
images = "images"

[recipe]
size = 128
channels = 16
batch = 2
steps = 20
warmup = 5
decay = 5
rate = 0.005
paste = 0.3
mosaic = 0.0
workers = 0
threads = 1
"""
