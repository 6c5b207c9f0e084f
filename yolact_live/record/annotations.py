"""What was found, frame by frame, in files that other tools read: JSON lines and a table."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

from yolact_live.record.counts import describe
from yolact_live.record.growing import Exporter
from yolact_live.record.shapes import area, centroid, encode, polygons
from yolact_live.types import FrameResult, Instances


class JsonLines(Exporter):
    """One JSON object a line, one line a frame.

    ``{"frame": 0, "time": 0.0, "instances": [{"label", "score", "id", "box", "mask"}]}``; the
    box is x1, y1, x2, y2 in frame pixels, the mask COCO's compressed run-length encoding. Where
    something is counted, there is what :func:`yolact_live.record.counts.describe` returns, too.

    Args:
        outlines: give polygons in place of masks.
    """

    EXTENSIONS = (".jsonl",)

    def __init__(self, path: Path, overwrite: bool = False, outlines: bool = False) -> None:
        super().__init__(path, overwrite)
        self._outlines = outlines

    def append(self, result: FrameResult) -> None:
        instances = result.instances
        found = [self._describe(instances, i) for i in range(len(instances))]
        line: dict[str, Any] = {"frame": result.frame.seq, "time": float(result.frame.pts)}
        line["instances"] = found
        if result.tally:
            line |= describe(result.tally, result.frame.pts)
        self._file.append(json.dumps(line, ensure_ascii=False).encode() + b"\n")

    def _describe(self, instances: Instances, i: int) -> dict[str, Any]:
        mask = instances.mask(i)
        return {
            "label": instances.name(i),
            "score": round(float(instances.scores[i]), 4),
            "id": int(instances.ids[i]),
            "box": [round(float(value), 2) for value in instances.boxes[i]],
            **({"polygons": polygons(mask)} if self._outlines else {"mask": encode(mask)}),
        }


class Table(Exporter):
    """Comma-separated values, one row an instance.

    Area in pixels; box and centroid in frame pixels. The centroid of an empty mask is empty.
    """

    EXTENSIONS = (".csv",)
    HEADER = b"frame,time,id,label,score,x1,y1,x2,y2,area,centroid_x,centroid_y\n"

    def append(self, result: FrameResult) -> None:
        rows = io.StringIO()
        writer = csv.writer(rows, lineterminator="\n")
        frame, instances = result.frame, result.instances
        for i in range(len(instances)):
            mask = instances.mask(i)
            writer.writerow(
                [
                    frame.seq,
                    round(float(frame.pts), 6),
                    int(instances.ids[i]),
                    instances.name(i),
                    round(float(instances.scores[i]), 4),
                    *(round(float(value), 2) for value in instances.boxes[i]),
                    area(mask),
                    *(round(value, 2) for value in centroid(mask) or ()),
                ]
            )
        self._file.append(rows.getvalue().encode())
