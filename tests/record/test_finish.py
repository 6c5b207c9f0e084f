from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from tests.media import constant, number_of, write_video
from yolact_live.capture import open_source
from yolact_live.record.finish import finish, length
from yolact_live.record.output import part_path

FRAGMENTS = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
TEN = {"preset": "ultrafast", "g": "10", "bf": "0"}


def fragmented(path: Path, cut: int = 0) -> Path:
    """Write 60 frames in six fragments, and cut some bytes off."""
    write_video(path, constant(60, Fraction(30)), options=TEN, container=FRAGMENTS)
    data = path.read_bytes()
    path.write_bytes(data[: data.rindex(b"mfra") - 4 - cut])
    return path


def numbers(path: Path) -> list[int]:
    with open_source(str(path)) as source:
        read = [number_of(frame.image) for frame in iter(source.read, None)]
        assert source.problem is None
    return read


@pytest.mark.parametrize("cut", [0, 1, 200])
def test_a_recording_that_was_killed_becomes_a_plain_file(tmp_path: Path, cut: int) -> None:
    part, path = fragmented(tmp_path / "a.part.mp4", cut), tmp_path / "a.mp4"
    finish(part, path)
    assert numbers(path) == list(range(60))[: len(numbers(path))]
    assert len(numbers(path)) >= (60 if cut == 0 else 50)
    assert length(path) == Fraction(len(numbers(path)), 30)
    assert b"moof" not in path.read_bytes()
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(("cut", "frames"), [(0, 60), (1, 50), (10_000, 0)])
def test_what_cannot_be_copied_is_cut_after_the_last_whole_fragment(
    tmp_path: Path, cut: int, frames: int
) -> None:
    part, path = fragmented(tmp_path / "a.part.mp4"), tmp_path / "a.mp4"
    if cut == 10_000:  # in the middle of the first fragment
        cut = part.stat().st_size - part.read_bytes().index(b"mdat") - 8
    fragmented(part, cut)
    obstacle = part_path(part)
    obstacle.mkdir()
    if frames == 0:
        with pytest.raises(ValueError, match="there is no frame"):
            finish(part, path)
        assert part.exists()
        return
    finish(part, path)
    assert numbers(path) == list(range(frames))
    assert b"moof" in path.read_bytes()


def test_a_part_may_keep_its_name(tmp_path: Path) -> None:
    part = fragmented(tmp_path / "a.part.mp4", cut=1)
    finish(part, part)
    assert len(numbers(part)) >= 50
    assert list(tmp_path.iterdir()) == [part]


def test_nothing_in_it(tmp_path: Path) -> None:
    part = tmp_path / "a.part.mp4"
    for content in (b"", b"no video", fragmented(part).read_bytes()[:500]):
        part.write_bytes(content)
        assert length(part) == 0
        with pytest.raises(ValueError, match="there is no frame"):
            finish(part, tmp_path / "a.mp4")
    assert list(tmp_path.iterdir()) == [part]
