"""What is remembered: only what differs, whatever else is in the file, and after damage."""

from __future__ import annotations

import dataclasses
import sys
import threading
from pathlib import Path

import pytest

from tests.options import another
from yolact_live.errors import UsageError
from yolact_live.settings import WINDOW_SETTINGS, Preferences, Settings
from yolact_live.settings_file import SettingsFile


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config" / "settings.toml"


def written(path: Path, text: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


def test_without_a_file_everything_is_as_it_was_made(path: Path) -> None:
    file = SettingsFile(path)
    assert (file.settings, file.preferences, file.keys) == (WINDOW_SETTINGS, Preferences(), {})
    assert not file.problems
    assert not path.exists()


def test_every_setting_comes_back(path: Path) -> None:
    other = Settings(**{field.name: another(field) for field in dataclasses.fields(Settings)})
    SettingsFile(path).change(
        {"": dataclasses.asdict(other), "window": {"theme": "dark"}, "keys": {"record": ("R", "Ctrl+R")}}
    )
    again = SettingsFile(path)
    assert not again.problems
    assert again.settings == other
    assert again.preferences.theme == "dark"
    assert again.keys == {"record": ("R", "Ctrl+R")}


def test_only_what_differs_is_kept(path: Path) -> None:
    file = SettingsFile(path)
    file.change({"": {"score": 0.25, "boxes": False}, "keys": {"record": ("X",)}})
    assert path.read_text() == 'score = 0.25\nboxes = false\n\n[keys]\nrecord = [\n    "X",\n]\n'
    file.change({"": {"score": Settings.score}, "keys": {"record": None}})
    assert path.read_text() == "boxes = false\n"
    assert [each.name for each in path.parent.iterdir()] == ["settings.toml"], "nothing else is left"


def test_what_a_newer_version_wrote_stays(path: Path) -> None:
    written(path, "hologram = true\nscore = 0.3\n[window]\nglow = 2\n[future]\na = [1, 2]\n")
    file = SettingsFile(path)
    assert (file.settings.score, file.problems) == (0.3, [])
    file.change({"": {"score": 0.4}, "window": {"theme": "light"}})
    text = path.read_text()
    for kept in ("hologram = true", "glow = 2", "[future]", "score = 0.4", 'theme = "light"'):
        assert kept in text


@pytest.mark.parametrize("content", [b"score = = 3", b"\xff\xfe\x00", b"[unfinished"])
def test_a_damaged_file_is_set_aside_and_told(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    file = SettingsFile(path)
    assert file.settings == WINDOW_SETTINGS
    assert "is damaged" in file.problems[0].message
    assert "settings.toml.broken" in file.problems[0].remedy
    assert path.with_name("settings.toml.broken").read_bytes() == content
    file.change({"": {"score": 0.4}})
    assert SettingsFile(path).settings.score == 0.4


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("score = 7", "score = 7.0 cannot be used (use 0 to 1)"),
        ("score = true", "score = True is not of the right kind"),
        ('top_k = "many"', "top_k = 'many' is not of the right kind"),
        ("classes = [1, 2]", "classes = [1, 2] is not of the right kind"),
        ('nms = "psychic"', "nms = 'psychic' cannot be used (use one of fast, cross-class, greedy)"),
        ('[window]\ntheme = "pink"', "theme = 'pink' cannot be used (use one of system, light, dark)"),
        ('[keys]\nrecord = "R"', "the shortcuts of record"),
        ("window = 3", ""),
    ],
)
def test_what_cannot_be_used_is_told_and_the_rest_is_used(path: Path, line: str, words: str) -> None:
    file = SettingsFile(written(path, f"boxes = false\n{line}\n"))
    assert file.settings == dataclasses.replace(WINDOW_SETTINGS, boxes=False)
    assert [words in problem.message for problem in file.problems] == [True] * bool(words)


def test_a_whole_number_will_do_where_a_fraction_is_meant(path: Path) -> None:
    file = SettingsFile(written(path, "score = 1\n"))
    assert (file.settings.score, type(file.settings.score), file.problems) == (1.0, float, [])


def test_windows_that_write_at_once_leave_a_whole_file(path: Path) -> None:
    def write() -> None:
        file = SettingsFile(path)
        for score in range(1, 40):
            file.change({"": {"score": score / 100}, "keys": {f"action{score}": ("X",) * score}})

    threads = [threading.Thread(target=write) for _ in range(3)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        assert not SettingsFile(path).problems, "never torn, not even for a moment"
    assert SettingsFile(path).settings.score == 0.39, "the last one wins"


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="cannot be"):
        SettingsFile(tmp_path / "file" / "settings.toml").change({"": {"score": 0.4}})


def test_a_file_that_must_not_be_written_stays_as_it_is(path: Path) -> None:
    written(path, "score = 0.3\n").chmod(0o444)
    with pytest.raises(UsageError, match="read-only"):
        SettingsFile(path).change({"": {"score": 0.4}})
    assert path.read_text() == "score = 0.3\n"


@pytest.mark.skipif(sys.platform == "win32", reason="making links is a privilege on Windows")
def test_a_link_to_a_file_kept_elsewhere_stays_a_link(path: Path, tmp_path: Path) -> None:
    kept = tmp_path / "dotfiles.toml"
    kept.write_text("score = 0.3\n")
    path.parent.mkdir()
    path.symlink_to(kept)
    SettingsFile(path).change({"": {"score": 0.4}})
    assert path.is_symlink()
    assert kept.read_text() == "score = 0.4\n"


def test_what_cannot_be_read_is_told_and_not_replaced(path: Path) -> None:
    path.mkdir(parents=True)
    file = SettingsFile(path)
    assert file.settings == WINDOW_SETTINGS
    assert "cannot be read" in file.problems[0].message
    with pytest.raises(UsageError, match="cannot be read"):
        file.change({"": {"score": 0.4}})
    assert path.is_dir()
