from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import yolact_live
from tests.models import build_model, write_model
from yolact_live.errors import DeviceError


def test_a_picture_becomes_instances_and_an_annotated_picture(tmp_path: Path) -> None:
    path = write_model(tmp_path / "m.xml", build_model([(0.25, 0.0, 0.5, 1.0)], [[0.75]], "person"))
    frame = np.full((100, 200, 3), 90, np.uint8)
    with yolact_live.Segmenter(str(path)) as segmenter:
        instances = segmenter.segment(frame)
        again = segmenter.segment(np.full((50, 40, 3), 90, np.uint8))
    assert instances.boxes.tolist() == [[50, 0, 100, 100]]
    assert instances.name(0) == "person"
    assert instances.mask(0)[:, 55:95].all()
    assert not instances.mask(0)[:, :30].any()
    assert again.boxes.tolist() == [[10, 0, 20, 50]]
    assert instances.mask(0)[:, 55:95].all(), "earlier instances keep their prototypes"
    annotated = yolact_live.draw(frame, instances)
    assert (annotated[50, 60:90] != frame[50, 60:90]).any(axis=1).all()
    assert (annotated[:, 150:] == 90).all()


def test_openvino_reports_nothing_over_the_network(tmp_path: Path) -> None:
    code = (
        "import sys, threading, yolact_live; yolact_live.Segmenter(sys.argv[1]);"
        "print(sys.modules.get('openvino_telemetry'), 'requests' in sys.modules, threading.active_count())"
    )
    command = [sys.executable, "-c", code, str(write_model(tmp_path / "m.xml"))]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert result.stdout.split() == ["None", "False", "1"]


@pytest.mark.parametrize("shape", [(10, 10), (10, 10, 4), (0, 10, 3)])
def test_what_is_not_a_picture_is_refused(shape: tuple[int, ...], tmp_path: Path) -> None:
    with yolact_live.Segmenter(str(write_model(tmp_path / "m.xml"))) as segmenter:
        with pytest.raises(ValueError, match="BGR"):
            segmenter.segment(np.zeros(shape, np.uint8))
        with pytest.raises(ValueError, match="BGR"):
            segmenter.segment(np.zeros((10, 10, 3), np.float32))


def test_a_closed_segmenter_says_so(tmp_path: Path) -> None:
    segmenter = yolact_live.Segmenter(str(write_model(tmp_path / "m.xml")))
    segmenter.close()
    segmenter.close()
    with pytest.raises(DeviceError, match="closed"):
        segmenter.segment(np.zeros((10, 10, 3), np.uint8))
