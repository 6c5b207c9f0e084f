from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.clips import write_clip
from tests.models import write_model
from yolact_live.evaluation.benchmark import benchmark, synthetic_outputs
from yolact_live.infer.detect import postprocess
from yolact_live.settings import Settings


def test_the_report_has_rates_ratios_and_stages(tmp_path: Path) -> None:
    clip, model = write_clip(tmp_path / "clip.mp4", frames=10), write_model(tmp_path / "tiny.xml")
    told: list[str] = []
    report = benchmark(str(clip), Settings(model=str(model)), rounds=1, seconds=0.5, progress=told.append)
    content = json.loads(json.dumps(report.as_json()))
    assert content["size"] == [96, 128]
    assert content["model"] == "tiny"
    assert content["raw_fps"] > content["pipeline_fps"] > 0
    assert content["ratio"] == pytest.approx(content["pipeline_fps"] / content["raw_fps"], abs=0.002)
    assert content["recording_ratio"] == pytest.approx(
        content["recording_fps"] / content["raw_fps"], abs=0.002
    )
    assert {"decode", "inference", "postprocess", "composite", "record"} <= set(content["stages"])
    assert len(told) == 3


@pytest.mark.parametrize("objects", [0, 1, 10, 30, 100])
def test_synthetic_scenes_hold_as_many_objects_as_they_say(objects: int) -> None:
    out = synthetic_outputs(objects)
    found = postprocess(out.conf, out.boxes, out.mask, out.proto, (1280, 720), score=0.35)
    assert len(found) == objects
    covered = (found.label_map(720, 1280) > 0).mean()
    assert covered == pytest.approx(0 if not objects else 0.08 if objects == 1 else 0.35, abs=0.15)
    areas = np.array([found.mask(i).sum() for i in range(len(found))])
    assert (areas > 0).all()
