"""What assets/demo.mp4 promises: short, small, and playable everywhere in the same colours."""

from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from av.video.reformatter import ColorRange, Colorspace

from yolact_live.assets import asset


@pytest.fixture(scope="module")
def clip() -> Path:
    return asset("demo.mp4")


def test_it_is_small(clip: Path) -> None:
    assert clip.stat().st_size <= 4_000_000


def test_size_rate_and_length(clip: Path) -> None:
    with av.open(str(clip)) as container:
        stream = container.streams.video[0]
        ticks = [frame.time * 30 for frame in container.decode(stream)]
        assert (stream.width, stream.height) == (1280, 720)
        assert stream.codec_context.name == "h264"
        assert stream.pix_fmt == "yuv420p"
    assert ticks == pytest.approx(range(len(ticks)))
    assert 10 <= len(ticks) / 30 <= 15


def test_colours_are_tagged(clip: Path) -> None:
    with av.open(str(clip)) as container:
        codec = container.streams.video[0].codec_context
        assert codec.colorspace == Colorspace.ITU709
        assert codec.color_range == ColorRange.MPEG


def test_it_starts_before_all_of_it_is_loaded(clip: Path) -> None:
    content = clip.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


def test_the_astronaut_is_orange(clip: Path) -> None:
    """Colours survive coding: no swapped channels, no wrong matrix."""
    with av.open(str(clip)) as container:
        frame = next(container.decode(video=0)).to_ndarray(format="rgb24")
    hue, saturation, value = np.moveaxis(cv2.cvtColor(frame, cv2.COLOR_RGB2HSV), -1, 0)
    orange = (hue >= 4) & (hue <= 12) & (saturation > 170) & (value > 180)
    assert 0.01 < orange.mean() < 0.2
    assert abs(np.nonzero(orange)[1].mean() - 540) < 60
