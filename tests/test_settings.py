from __future__ import annotations

import dataclasses

import pytest

from yolact_live.errors import UsageError
from yolact_live.settings import Settings, option_of


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("score", 1.5, "--score 1.5 is out of range: use 0 to 1"),
        ("score", -0.1, "--score -0.1 is out of range"),
        ("score", float("nan"), "--score nan is out of range"),
        ("top_k", 0, "--top-k 0 is out of range"),
        ("threads", -1, "--threads -1"),
        ("nms", "soft", "use one of fast, cross-class, greedy"),
        ("background", "mauve", "use one of black, white, grey, green, blue, checker, #rrggbb"),
        ("background", "#12345", "--background #12345 is unknown"),
        ("precision", "int4", "use one of auto, f32, bf16, f16"),
    ],
)
def test_values_out_of_range_are_refused_by_name(name: str, value: object, words: str) -> None:
    with pytest.raises(UsageError) as error:
        Settings(**{name: value})
    assert words in str(error.value)
    assert error.value.exit_status == 2


def test_every_setting_explains_itself() -> None:
    for field in dataclasses.fields(Settings):
        option = option_of(field)
        assert option.help.endswith(".")
        assert option.group in {"source", "model", "detection", "look"}


def test_what_is_hidden_must_be_looked_for() -> None:
    assert Settings(classes=("car", "person"), blur=("person",)).blur == ("person",)
    with pytest.raises(UsageError, match=r"person is to be hidden.*add person to the classes"):
        Settings(classes=("car",), blur=("person",))
