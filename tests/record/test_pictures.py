from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from tests.record.test_annotations import ROOT, result
from tests.scenes import discs
from yolact_live.errors import RecordError
from yolact_live.record.pictures import (
    AnnotatedPicture,
    AnnotatedPictures,
    LabelMaps,
    PictureNames,
    check_picture_folder,
    encode_picture,
    save_snapshot,
)
from yolact_live.types import FrameResult

SIZE = (90, 160)
FOUND = discs([(0.3, 0.5, 0.25), (0.5, 0.5, 0.25)], SIZE)


def shown(seq: int, ids: tuple[int, int] = (-1, -1), source: str = "film.mp4") -> FrameResult:
    made = result(seq, Fraction(seq, 2), replace(FOUND, ids=np.array(ids)), source)
    colourful = np.random.default_rng(seq).integers(0, 256, (*SIZE, 3), np.uint8)
    return replace(made, annotated=colourful)


def test_label_maps_say_who_is_where(tmp_path: Path) -> None:
    folder = tmp_path / "masks"
    maps = LabelMaps(folder, PictureNames(False))
    for seq, ids in enumerate([(4, 1000), (-1, -1), (70_000, 3)]):
        maps.write(shown(seq, ids))
    maps.close()
    assert [path.name for path in sorted(folder.iterdir())] == ["000000.png", "000001.png", "000002.png"]
    for seq, (front, back) in enumerate([(5, 1001), (1, 2), (70_001 - 65_535, 4)]):
        labels = cv2.imread(str(folder / f"00000{seq}.png"), cv2.IMREAD_UNCHANGED)
        assert labels.dtype == np.uint16
        first, second = FOUND.mask(0), FOUND.mask(1)
        np.testing.assert_array_equal(labels == front, first)  # the better one is on top
        np.testing.assert_array_equal(labels == back, second & ~first)
        assert (labels == 0).sum() == (~first & ~second).sum()


def test_annotated_pictures_keep_name_and_format(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    pictures = AnnotatedPictures(folder, PictureNames(True), "tiny")
    for seq, name in enumerate(["a.jpg", "b.PNG", "c.tiff", "a.jpg"]):
        pictures.write(shown(seq, source=name))
    assert sorted(path.name for path in folder.iterdir()) == ["a (2).jpg", "a.jpg", "b.PNG", "c.png"]
    np.testing.assert_array_equal(cv2.imread(str(folder / "b.PNG")), shown(1).annotated)


def test_frames_of_a_video_are_numbered(tmp_path: Path) -> None:
    pictures = AnnotatedPictures(tmp_path / "out", PictureNames(False), "tiny")
    pictures.write(shown(12))
    assert (tmp_path / "out" / "000012.png").exists()


def test_one_picture_is_one(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    picture = AnnotatedPicture(path, "tiny")
    picture.write(shown(0))
    with pytest.raises(RecordError, match="holds one picture"):
        picture.write(shown(1))
    np.testing.assert_array_equal(cv2.imread(str(path)), shown(0).annotated)
    with pytest.raises(RecordError, match="--overwrite"):
        AnnotatedPicture(path, "tiny")


def test_a_folder_with_something_in_it_needs_overwrite(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    check_picture_folder(folder, overwrite=False)
    folder.mkdir()
    check_picture_folder(folder, overwrite=False)
    (folder / "x").touch()
    with pytest.raises(RecordError, match="not empty"):
        check_picture_folder(folder, overwrite=False)
    check_picture_folder(folder, overwrite=True)


@pytest.mark.parametrize("link", [False, True])
def test_the_folder_of_the_input_is_refused(tmp_path: Path, link: bool) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    picture = folder / "a.png"
    picture.touch()
    if link:
        (tmp_path / "other").symlink_to(folder)
    with pytest.raises(RecordError, match="holds the input itself"):
        check_picture_folder(tmp_path / "other" if link else folder, overwrite=True, inputs=[picture])


def test_a_file_and_a_missing_place_are_no_folders(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RecordError, match="is a file"):
        check_picture_folder(tmp_path / "file", overwrite=True)
    with pytest.raises(RecordError, match="does not exist"):
        check_picture_folder(tmp_path / "none" / "out", overwrite=True)


@pytest.mark.parametrize("overlay", [True, False])
@pytest.mark.parametrize("extension", [".png", ".jpg"])
def test_snapshots_tell_what_they_are_and_replace_nothing(
    tmp_path: Path, overlay: bool, extension: str
) -> None:
    moment = shown(7, source="čaj ☕.mp4")
    how = {"model": "tiny", "overlay": overlay, "extension": extension}
    paths = [save_snapshot(tmp_path, "čaj", moment, **how) for _ in range(3)]
    assert len(set(paths)) == 3
    wanted = moment.annotated if overlay else moment.frame.image
    read = cv2.imread(str(paths[0]))
    assert np.abs(read.astype(int) - wanted).mean() < (1 if extension == ".png" else 12)
    with Image.open(paths[0]) as picture:
        if extension == ".png":
            facts = picture.text  # type: ignore[attr-defined]
        else:
            words = picture.getexif()[0x010E].encode("latin-1").decode()
            facts = dict(fact.split(": ", 1) for fact in words.split("; "))
            assert picture.getexif()[0x0131].startswith("YOLACT Live ")
    assert (facts["Source"], facts["Time"], facts["Model"]) == ("čaj ☕.mp4", "3.500 s", "tiny")
    assert re.fullmatch(r"YOLACT Live \d+\.\d+\.\d+", facts["Software"])


def test_a_snapshot_where_none_can_be_written(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="cannot be written"):
        save_snapshot(tmp_path / "none", "a", shown(0), model="tiny")


def test_colours_of_a_picture() -> None:
    blue = np.zeros((8, 8, 3), np.uint8)
    blue[:] = 255, 0, 0
    for extension in (".png", ".jpg"):
        data = encode_picture(blue, extension, {"Software": "x"})
        read = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        assert np.abs(read.astype(int) - blue).max() <= 3


_FILL = """
import resource, sys
from pathlib import Path
from tests.record.test_pictures import shown
from yolact_live.record.pictures import AnnotatedPictures, PictureNames

pictures = AnnotatedPictures(Path(sys.argv[1]), PictureNames(False), "tiny")
pictures.write(shown(0))
resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, 5_000))
pictures.write(shown(1))
"""


@pytest.mark.skipif(os.name != "posix", reason="RLIMIT_FSIZE")
def test_a_full_disk_leaves_whole_pictures(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _FILL, str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert "1 pictures are kept in" in done.stderr.splitlines()[-1]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["000000.png"]
