"""Writing a set: people, then pictures of them, then the annotations."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from yolact_live.errors import RecordError, UsageError
from yolact_live.training.people.background import Backgrounds
from yolact_live.training.people.body import data_folder, read_base_mesh
from yolact_live.training.people.person import make_person
from yolact_live.training.people.scene import compose, described, jpeg

QUALITY = 92  # of the JPEG files
PRINTS, PEOPLE, PICTURES = range(3)  # what random numbers are drawn for


def write_set(images: Path, file: Path, out: Path, people: int, pictures: int, seed: int) -> None:
    """Write ``out/images`` and, at last, ``out/instances.json``.

    Args:
        images, file: a COCO set, whose pictures without people become backgrounds.
        people: how many different ones there are, at least two.
        seed: all pictures follow from it, the other arguments, and the files.

    Raises:
        UsageError: something that is needed is missing, or a set is there already.
        RecordError: the disk is full, or a file cannot be written.
    """
    backgrounds = Backgrounds(images, file)
    base = read_base_mesh(data_folder())
    target = out / "instances.json"
    if target.exists():
        raise UsageError(f"{target} exists already", "give another folder to --out")
    try:
        (out / "images").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot write to {out}", str(error.strerror)) from error
    prints = backgrounds.prints(np.random.default_rng([seed, PRINTS]))
    numbers = tqdm(range(people), unit=" people", dynamic_ncols=True)
    cutouts = [make_person(base, prints, [seed, PEOPLE], number) for number in numbers]
    data: dict[str, Any] = {
        "info": {"description": "synthetic people"},
        "categories": [{"id": 1, "name": "person", "supercategory": "person"}],
        "images": [],
        "annotations": [],
    }
    try:
        for number in tqdm(range(1, pictures + 1), unit=" pictures", dynamic_ncols=True):
            scene = compose(np.random.default_rng([seed, PICTURES, number]), backgrounds, cutouts)
            name = f"{number:06}.jpg"
            (out / "images" / name).write_bytes(jpeg(scene.image, QUALITY).tobytes())
            height, width = scene.owner.shape
            data["images"].append({"id": number, "file_name": name, "height": height, "width": width})
            for note in described(scene):
                own = {"id": len(data["annotations"]) + 1, "image_id": number}
                data["annotations"].append(own | note)
        partial = target.with_suffix(".partial")
        partial.write_text(json.dumps(data), encoding="utf-8")
        partial.replace(target)
    except OSError as error:
        raise RecordError(f"cannot write to {out}", str(error.strerror)) from error
