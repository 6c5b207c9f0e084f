from __future__ import annotations

import json
from pathlib import Path

import pytest

from yolact_live.errors import RecordError
from yolact_live.record.report import check_report, write_report


def test_a_report_replaces_an_older_one(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    for number in (1, 2):
        check_report(path)
        write_report(path, {"n": number})
    assert json.loads(path.read_text()) == {"n": 2}
    assert list(tmp_path.iterdir()) == [path]


def test_a_report_that_cannot_be_written_leaves_nothing_half_written(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    path.mkdir()  # since the check
    with pytest.raises(RecordError, match=r"r\.json"):
        write_report(path, {"n": 2})
    assert list(tmp_path.iterdir()) == [path]


def test_wrong_places_are_told_before_the_work(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere" / "r.json", tmp_path / "r.txt", tmp_path):
        with pytest.raises(RecordError):
            check_report(path)
