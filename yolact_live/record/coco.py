"""What was found, as COCO annotations."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from yolact_live.record.growing import Exporter, GrowingFile
from yolact_live.record.output import disk_error
from yolact_live.record.pictures import PictureNames
from yolact_live.record.shapes import area, encode, polygons
from yolact_live.types import FrameResult, Instances
from yolact_live.version import __version__

_INFO = {"description": "Found by YOLACT Live", "version": __version__}
_BEGIN = f'{{"info": {json.dumps(_INFO)}, "licenses": [], "annotations": [\n'.encode()
_MIDDLE = b'], "images": [\n'
_END = b'], "categories": %b}\n'
_COUNT = re.compile(rb'"instances": (\d+)}\n$')


class Coco(Exporter):
    """COCO annotations, with the score and, if it is followed, the number of each object.

    JSON has one place for all images and one for all annotations: while it is written,
    ``NAME.part.json`` holds the annotations, and ``NAME.part.images`` the images, one a line.

    Args:
        names: of the pictures.
        outlines: give polygons in place of run lengths.
    """

    EXTENSIONS = (".json",)
    HEADER = _BEGIN

    def __init__(
        self, path: Path, names: PictureNames, overwrite: bool = False, outlines: bool = False
    ) -> None:
        super().__init__(path, overwrite)
        self._names = names
        self._outlines = outlines
        self._categories: dict[str, int] = {}
        self._annotations = 0
        try:
            self._images = GrowingFile(images_path(self.part))
        except OSError as error:
            self._file.close()
            self.part.unlink()
            raise disk_error(path, error, "nothing is kept of it") from error

    @property
    def size(self) -> int:
        return self._file.size + self._images.size

    def append(self, result: FrameResult) -> None:
        frame, instances = result.frame, result.instances
        known = len(self._categories)
        for name in instances.names:
            self._categories.setdefault(name, len(self._categories) + 1)
        if len(self._categories) > known:  # the first frame, or the model has changed
            listed = [{"id": number, "name": name} for name, number in self._categories.items()]
            self._images.append(_json(listed) + b"\n")
        image = {
            "id": frame.seq + 1,
            "file_name": self._names.name(frame),
            "height": frame.size[0],
            "width": frame.size[1],
            "frame": frame.seq,
            "time": float(frame.pts),
            "instances": len(instances),
        }
        found = (_json(self._describe(instances, i, frame.seq + 1)) for i in range(len(instances)))
        first = self._annotations
        lines = (b"," * (first + i > 0) + line + b"\n" for i, line in enumerate(found))
        self._file.append(b"".join(lines))
        # what the images do not know has not been written
        self._images.append(b"," * (self._frames > 0) + _json(image) + b"\n")
        self._annotations += len(instances)

    def _describe(self, instances: Instances, i: int, image: int) -> dict[str, Any]:
        mask = instances.mask(i)
        x1, y1, x2, y2 = (round(float(value), 2) for value in instances.boxes[i])
        return {
            "id": self._annotations + i + 1,
            "image_id": image,
            "category_id": self._categories[instances.name(i)],
            # an empty mask has no polygon, and none at all is no COCO
            "segmentation": (self._outlines and polygons(mask)) or encode(mask),
            "area": area(mask),
            "bbox": [x1, y1, round(x2 - x1, 2), round(y2 - y1, 2)],
            "iscrowd": 0,
            "score": round(float(instances.scores[i]), 4),
            **({"track_id": int(instances.ids[i])} if instances.ids[i] >= 0 else {}),
        }

    def complete(self, room: int | None = None) -> int:
        super().complete()
        self._images.close()
        frames = complete(self.part, room)
        self._images.path.unlink()
        return frames


def images_path(part: Path) -> Path:
    """Name of the file with the images: ``a/b.part.json`` → ``a/b.part.images``."""
    return part.with_suffix(".images")


def complete(part: Path, room: int | None = None) -> int:
    """Make COCO annotations of what was written, of all frames that are whole.

    Args:
        part: annotations. The images beside it stay, and so this can be tried again.
        room: the result may not be longer, bytes.

    Returns:
        How many frames it has.

    Raises:
        OSError: it cannot be written.
    """
    with part.open("r+b") as file, images_path(part).open("rb") as images:
        frames, end, categories = 0, len(file.readline()), b"[]"
        tail = len(_MIDDLE) + len(_END)
        for line, listed in _whole(images):
            length = _length(file, int(_COUNT.search(line)[1]))  # type: ignore[index]  # we wrote it
            tail += len(line)
            if length is None or (room is not None and end + length + tail + len(listed) > room):
                break
            frames, end, categories = frames + 1, end + length, listed
        file.truncate(end)
        file.seek(end)
        images.seek(0)
        file.write(_MIDDLE)
        file.writelines(line for line, _ in islice(_whole(images), frames))
        file.write(_END % categories)
        file.flush()
        os.fsync(file.fileno())  # then the images may go
    return frames


def _length(file: BinaryIO, count: int) -> int | None:
    """Read so many lines; return their length, None if they are not all there."""
    lines = list(islice(file, count))
    whole = len(lines) == count and all(line.endswith(b"\n") for line in lines)
    return sum(map(len, lines)) if whole else None


def _whole(images: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """Yield the line of each image, and the categories that are known by then."""
    categories = b"[]"
    for line in images:
        if not line.endswith(b"\n"):
            return
        if line.startswith(b"["):
            categories = line.rstrip()
        else:
            yield line, categories


def _json(value: Any) -> bytes:
    """Return JSON in ASCII: pycocotools reads it in the encoding of the machine, whatever that is."""
    return json.dumps(value).encode()
