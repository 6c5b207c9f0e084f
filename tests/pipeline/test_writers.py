from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.scenes import discs
from yolact_live.pipeline.writers import AnnotatedVideo
from yolact_live.record.video import VideoRecorder
from yolact_live.types import Frame, FrameResult, Trace

IMAGE = np.zeros((64, 64, 3), np.uint8)


def recorded(path: Path, times_ms: list[int], duration_ms: int) -> list[int]:
    """Write frames with these times, and return those of the recording."""
    writer = AnnotatedVideo(VideoRecorder(path, (64, 64), None))
    for seq, time_ms in enumerate(times_ms):
        frame = Frame(seq, Fraction(time_ms, 1000), Fraction(duration_ms, 1000), 0, IMAGE, "test")
        writer.write(FrameResult(frame, discs([], (64, 64)), Trace(), IMAGE))
    writer.close()
    with av.open(path) as container:
        return [round(float(frame.pts * frame.time_base) * 1000) for frame in container.decode(video=0)]


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ([0, 40, 50, 200, 210, 700], [0, 40, 50, 200, 210, 700]),  # shown shorter than they say
        ([0, 40, 80, 0, 40, 80], [0, 40, 80, 120, 160, 200]),  # a loop
        ([400, 440, 120, 160], [0, 40, 80, 120]),  # recorded from the middle, then sought back
        ([0, 40, 40, 80], [0, 40, 80, 120]),  # the same frame once more
        ([0, 40, 2000, 2040], [0, 40, 2000, 2040]),  # a gap is kept
    ],
)
def test_times_are_kept_and_never_go_back(times: list[int], expected: list[int], tmp_path: Path) -> None:
    assert recorded(tmp_path / "o.mp4", times, duration_ms=40) == expected
