"""The file of lines and zones."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from yolact_live.errors import UsageError
from yolact_live.places import Line, PlacesFile, Zone, read_places

GATE = Line("gate", ((0.5, 1.0), (0.5, 0.0)))
DOOR = Zone("Tür „1“", ((0.4, 0.4), (0.8, 0.4), (0.8, 0.9)))


def test_each_source_keeps_its_places(tmp_path: Path) -> None:
    file = PlacesFile(tmp_path / "new" / "zones.toml")
    assert file.read("a.mp4") == ()
    file.write("a.mp4", (GATE, DOOR))
    file.write("b.mp4", (GATE,))
    assert file.read("a.mp4") == (GATE, DOOR)
    file.write("a.mp4", (DOOR,))
    assert (file.read("a.mp4"), file.read("b.mp4"), file.read("c.mp4")) == ((DOOR,), (GATE,), ())
    file.write("a.mp4", ())
    file.write("b.mp4", ())
    assert file.path.read_text() == ""


def test_places_without_a_source_are_for_all(tmp_path: Path) -> None:
    path = tmp_path / "zones.toml"
    path.write_text('[[line]]\nname = "gate"\npoints = [[0.5, 1], [0.5, 0]]\n')
    assert read_places(path, "whatever.mp4") == (GATE,)
    PlacesFile(path).write("a.mp4", (DOOR,))
    assert read_places(path, "a.mp4") == (GATE, DOOR)
    assert read_places(path, "b.mp4") == (GATE,)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[line]", "no TOML"),
        ("[[gate]]\n", "gate means nothing"),
        ("line = 3\n", "line means nothing"),
        ("[[line]]\npoints = [[0, 0], [1, 1]]\n", "has no name"),
        ("line = [3]\n", "has no name"),
        ('[[line]]\nname = "a"\npoints = [[0, 0], [1, 1], [0, 1]]\n', "has 3 points"),
        ('[[line]]\nname = "a"\npoints = [[0, 0], [0, 0]]\n', "two different points"),
        ('[[zone]]\nname = "a"\npoints = [[0, 0], [1, 1]]\n', "three points or more"),
        ('[[zone]]\nname = "a"\npoints = [[0, 0], [1, 1], [120, 5]]\n', "0 to 1"),
        ('[[zone]]\nname = "a"\npoints = [[0, 0], [1, 1], [true, nan]]\n', "0 to 1"),
        ('[[zone]]\nname = "a"\n', "points of a make no sense"),
        ('[[line]]\nname = "a"\npoints = [[0, 0], [1, 1]]\n' * 2, "two places are called a"),
        ("", "no line or zone"),
    ],
)
def test_mistakes_are_told(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "zones.toml"
    path.write_text(text)
    with pytest.raises(UsageError, match=r"zones\.toml") as caught:
        read_places(path)
    assert words in str(caught.value)


def test_what_makes_no_sense_is_kept_when_others_are_written(tmp_path: Path) -> None:
    path = tmp_path / "zones.toml"
    path.write_text("line = [1]")
    PlacesFile(path).write("a.mp4", (DOOR,))
    document = tomllib.loads(path.read_text())
    assert document["line"] == [1]
    assert document["zone"][0]["source"] == "a.mp4"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        read_places(tmp_path / "none.toml")
