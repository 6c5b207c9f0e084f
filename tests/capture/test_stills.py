from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.media import number_of, picture
from yolact_live.capture import open_source
from yolact_live.errors import SourceError
from yolact_live.types import Frame


def read_all(text: Path | str) -> list[Frame]:
    with open_source(str(text)) as source:
        return list(iter(source.read, None))


def exif(orientation: int) -> bytes:
    """An EXIF segment that holds the orientation alone."""
    entry = b"\x01\x12\x00\x03\x00\x00\x00\x01" + orientation.to_bytes(2) + b"\x00\x00"
    tiff = b"MM\x00\x2a\x00\x00\x00\x08\x00\x01" + entry + b"\x00\x00\x00\x00"
    payload = b"Exif\x00\x00" + tiff
    return b"\xff\xe1" + (len(payload) + 2).to_bytes(2) + payload


def test_natural_order_one_second_each(tmp_path: Path) -> None:
    for i in (10, 2, 1, 33):
        cv2.imwrite(str(tmp_path / f"img{i}.png"), picture(i))
    (tmp_path / "notes.txt").write_text("no picture")
    frames = read_all(tmp_path)
    assert [number_of(frame.image) for frame in frames] == [1, 2, 10, 33]
    assert [frame.source_id for frame in frames] == ["img1.png", "img2.png", "img10.png", "img33.png"]
    assert [(frame.pts, frame.duration) for frame in frames] == [(Fraction(i), 1) for i in range(4)]


def test_glob(tmp_path: Path) -> None:
    for i in range(12):
        cv2.imwrite(str(tmp_path / f"{i}.bmp"), picture(i))
    assert [number_of(frame.image) for frame in read_all(tmp_path / "1*.bmp")] == [1, 10, 11]


def test_a_name_with_brackets_is_a_name_first(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a[1].png"), picture(7))
    assert [number_of(frame.image) for frame in read_all(tmp_path / "a[1].png")] == [7]


@pytest.mark.parametrize(
    ("orientation", "turn"),
    [
        (1, lambda x: x),
        (3, lambda x: np.rot90(x, 2)),
        (6, lambda x: np.rot90(x, 3)),
        (8, np.rot90),
        (2, np.fliplr),
    ],
)
def test_exif_orientation_is_applied(tmp_path: Path, orientation: int, turn: object) -> None:
    jpeg = cv2.imencode(".jpg", picture(5), [cv2.IMWRITE_JPEG_QUALITY, 100])[1].tobytes()
    (tmp_path / "a.jpg").write_bytes(jpeg[:2] + exif(orientation) + jpeg[2:])
    image = read_all(tmp_path / "a.jpg")[0].image
    wanted = turn(picture(5))  # type: ignore[operator]
    assert image.shape == wanted.shape
    assert np.abs(image.astype(int) - wanted).mean() < 3


def test_grey_deep_and_transparent_pictures_become_bgr(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "0.png"), picture(0)[:, :, 0])
    cv2.imwrite(str(tmp_path / "1.png"), picture(1).astype(np.uint16) * 257)
    cv2.imwrite(
        str(tmp_path / "2.png"), np.dstack([picture(2), np.full(picture(2).shape[:2], 255, np.uint8)])
    )
    for i, frame in enumerate(read_all(tmp_path)):
        np.testing.assert_array_equal(frame.image, picture(i))


def test_names_of_any_language(tmp_path: Path) -> None:
    (tmp_path / "märz 写真.png").write_bytes(cv2.imencode(".png", picture(3))[1].tobytes())
    assert number_of(read_all(tmp_path)[0].image) == 3


def test_pictures_that_cannot_be_read_are_skipped_and_counted(tmp_path: Path) -> None:
    for i in range(4):
        cv2.imwrite(str(tmp_path / f"{i}.png"), picture(i))
    (tmp_path / "1.png").write_bytes(b"")
    (tmp_path / "2.png").write_text("no picture")
    with open_source(str(tmp_path)) as source:
        frames = list(iter(source.read, None))
        assert source.problem == "2 of 4 pictures could not be read"
    assert [(number_of(frame.image), frame.pts) for frame in frames] == [(0, 0), (3, 3)]


def test_nothing_to_show(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no picture")
    with pytest.raises(SourceError, match="has no pictures in it"):
        open_source(str(tmp_path))
    with pytest.raises(SourceError, match="has no pictures in it"):
        open_source(str(tmp_path / "*.png"))
    (tmp_path / "a.png").write_text("no picture")
    for text in (tmp_path / "a.png", tmp_path):
        with pytest.raises(SourceError, match="no picture can be read from"):
            open_source(str(text))
