"""What was found, frame by frame, in files that other tools read."""

from __future__ import annotations

import io
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pycocotools import mask as coco_mask

from yolact_live.closing import Closing
from yolact_live.record.output import LINES_EXTENSIONS, check_output, disk_error, part_path
from yolact_live.types import Frame, Instances


class JsonLines(Closing):
    """One JSON object a line, one line a frame; streams to disk. A context manager.

    ``{"frame": 0, "time": 0.0, "instances": [{"label", "score", "id", "box", "mask"}]}``; the
    box is x1, y1, x2, y2 in frame pixels, the mask COCO's compressed run-length encoding.
    While it is written the file is called ``NAME.part.jsonl``.

    Raises:
        RecordError: the output may not or cannot be written.
    """

    def __init__(self, path: Path, overwrite: bool = False) -> None:
        check_output(path, overwrite=overwrite, extensions=LINES_EXTENSIONS)
        self._path = path
        self._part = part_path(path)
        self._lines = self._bytes = 0
        try:
            # no buffer: every line that was written is on its way to the disk
            self._file = io.FileIO(self._part, "w")
        except OSError as error:
            raise disk_error(path, error, "nothing is kept of it") from error

    def write(self, frame: Frame, instances: Instances) -> None:
        """Append one line.

        Raises:
            RecordError: it cannot be written, for example because the disk is full. The file
                is then closed; the message says what is kept.
        """
        found = [_describe(instances, i) for i in range(len(instances))]
        line = {"frame": frame.seq, "time": float(frame.pts), "instances": found}
        data = memoryview(json.dumps(line, ensure_ascii=False).encode() + b"\n")
        length = len(data)
        try:
            while data:
                data = data[self._file.write(data) :]
        except OSError as error:
            raise self._failure(error) from error
        self._lines += 1
        self._bytes += length

    def _failure(self, error: OSError) -> Exception:
        """Save the whole lines. A file that was to be replaced stays."""
        self._file.close()
        kept = "nothing is kept of it"
        if self._lines:
            target = self._part if self._path.exists() else self._path
            with suppress(OSError):
                os.truncate(self._part, self._bytes)
                self._part.replace(target)
                kept = f"its first {self._lines} frames are kept in {target}"
        else:
            self._part.unlink(missing_ok=True)
        return disk_error(self._path, error, kept)

    def close(self) -> None:
        """Finish the file and give it its name. May be called more than once.

        Raises:
            RecordError: it cannot be finished.
        """
        if self._file.closed:
            return
        try:
            self._file.close()
            self._part.replace(self._path)
        except OSError as error:
            raise disk_error(self._path, error, f"see {self._part}") from error

    def abort(self) -> None:
        """Stop and remove what was written. May be called more than once, and after close."""
        if not self._file.closed:
            self._file.close()
            self._part.unlink(missing_ok=True)


def _describe(instances: Instances, i: int) -> dict[str, Any]:
    return {
        "label": instances.name(i),
        "score": round(float(instances.scores[i]), 4),
        "id": int(instances.ids[i]),
        "box": [round(float(value), 2) for value in instances.boxes[i]],
        "mask": encode(instances.mask(i)),
    }


def encode(mask: npt.NDArray[np.bool_]) -> dict[str, Any]:
    """Return a mask as COCO's compressed run-length encoding.

    Equal to what ``pycocotools.mask.encode`` makes of it, but only the columns that the mask
    touches are looked at: 0.2 ms instead of 1 ms for a person at 720p.

    Args:
        mask: (H, W) bool.

    Returns:
        ``{"size": [H, W], "counts": str}``.
    """
    height, width = mask.shape
    columns = np.flatnonzero(mask.any(axis=0))
    left, right = (int(columns[0]), int(columns[-1]) + 1) if columns.size else (0, 0)
    pixels = np.zeros((right - left) * height + 2, np.bool_)  # one outside pixel at either end
    pixels[1:-1] = mask[:, left:right].T.ravel()
    # COCO counts down the columns: outside, inside, outside, …; a last run of none is left out
    edges = np.flatnonzero(pixels[1:] != pixels[:-1]) + left * height
    counts = np.diff(edges, prepend=0, append=height * width)
    if len(counts) > 1 and counts[-1] == 0:
        counts = counts[:-1]
    runs = coco_mask.frPyObjects({"size": [height, width], "counts": counts.tolist()}, height, width)
    return {"size": [height, width], "counts": runs["counts"].decode("ascii")}
