"""Sources of every kind, annotated: no frame is lost, each keeps its time, the length stays."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest

from tests.media import constant, variable, write_video
from tests.models import write_model
from yolact_live.pipeline.annotate import annotate
from yolact_live.pipeline.writers import Outputs
from yolact_live.settings import Settings

NTSC = Fraction(30_000, 1001)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_model(tmp_path_factory.mktemp("model") / "tiny.xml"))


def shown(path: Path) -> tuple[list[Fraction], Fraction, tuple[int, int]]:
    """Return when each picture is shown, when the last one ends, and the size of all."""
    with av.open(str(path)) as container:
        stream: Any = container.streams.video[0]
        times = sorted(
            (packet.pts * stream.time_base, (packet.duration or 0) * stream.time_base)
            for packet in container.demux(stream)
            if packet.pts is not None
        )
        zero = times[0][0]
        return [time - zero for time, _ in times], sum(times[-1]) - zero, (stream.height, stream.width)


@pytest.mark.parametrize("extension", ["mp4", "mkv", "webm"])
@pytest.mark.parametrize(
    ("times", "how", "size"),
    [
        (constant(40, Fraction(24_000, 1001)), {"rate": Fraction(24_000, 1001)}, (32, 128)),
        (constant(40, NTSC), {"rate": NTSC}, (32, 128)),
        (constant(40, 2 * NTSC), {"rate": 2 * NTSC}, (32, 128)),
        (variable(30), {}, (32, 128)),
        (constant(10, NTSC), {"rate": NTSC, "rotation": 90}, (128, 32)),
        (constant(10, NTSC), {"rate": NTSC, "size": (33, 129), "pixel_format": "yuv444p"}, (34, 130)),
        (constant(10, NTSC), {"rate": NTSC, "pixel_format": "yuv422p10le"}, (32, 128)),
        (constant(1, NTSC), {"rate": NTSC}, (32, 128)),
    ],
    ids=["23.976", "29.97", "59.94", "variable", "rotated", "odd", "10 bit 4:2:2", "one frame"],
)
def test_frames_times_and_length_are_those_of_the_source(
    model: str,
    tmp_path: Path,
    times: list[Fraction],
    how: dict[str, Any],
    size: tuple[int, int],
    extension: str,
) -> None:
    source = write_video(tmp_path / "in.mov", times, **how)
    path = tmp_path / f"out.{extension}"
    annotate(str(source), Settings(model=model), Outputs(path), None, lambda *_: None, lambda: False)
    before, end, _ = shown(source)
    after, new_end, new_size = shown(path)
    assert new_size == size
    assert len(after) == len(before) == len(times)
    rounding = Fraction(1, 1000)  # Matroska counts milliseconds
    assert max(abs(a - b) for a, b in zip(before, after, strict=True)) <= rounding
    assert abs(new_end - end) <= 2 * rounding
