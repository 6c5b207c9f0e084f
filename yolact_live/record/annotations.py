"""What was found, frame by frame, in files that other tools read."""

from __future__ import annotations

import json
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from pycocotools import mask as coco_mask

from yolact_live.record.output import check_output, part_path
from yolact_live.types import Frame, Instances


class JsonLines:
    """One JSON object a line, one line a frame; streams to disk. A context manager.

    ``{"frame": 0, "time": 0.0, "instances": [{"label", "score", "id", "box", "mask"}]}``; the
    box is x1, y1, x2, y2 in frame pixels, the mask COCO's compressed run-length encoding.

    Raises:
        RecordError: the output may not or cannot be written.
    """

    def __init__(self, path: Path, overwrite: bool = False) -> None:
        check_output(path, overwrite=overwrite, extensions=(".jsonl",))
        self._path = path
        self._part = part_path(path)
        self._file = self._part.open("w", encoding="utf-8")

    def write(self, frame: Frame, instances: Instances) -> None:
        """Append one line.

        Raises:
            RecordError: it cannot be written, for example because the disk is full.
        """
        found = [_describe(instances, i) for i in range(len(instances))]
        line = {"frame": frame.seq, "time": float(frame.pts), "instances": found}
        self._file.write(json.dumps(line) + "\n")

    def close(self) -> None:
        """Finish the file and give it its name. May be called more than once."""
        if not self._file.closed:
            self._file.close()
            self._part.replace(self._path)

    def abort(self) -> None:
        """Stop and remove what was written. May be called more than once, and after close."""
        if not self._file.closed:
            self._file.close()
            self._part.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _describe(instances: Instances, i: int) -> dict[str, Any]:
    return {
        "label": instances.name(i),
        "score": round(float(instances.scores[i]), 4),
        "id": int(instances.ids[i]),
        "box": [round(float(value), 2) for value in instances.boxes[i]],
        "mask": encode(instances.mask(i)),
    }


def encode(mask: np.ndarray[Any, np.dtype[np.bool_]]) -> dict[str, Any]:
    """Return a (H, W) bool mask as COCO's compressed run-length encoding."""
    rle = coco_mask.encode(np.asfortranarray(mask, np.uint8))
    return {"size": list(mask.shape), "counts": rle["counts"].decode("ascii")}
