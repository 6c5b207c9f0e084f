"""``yolact-live models``: what is printed, what status it leaves, and that one line explains a failure."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.infer import synthetic
from tests.infer.test_store import TINY, write_weights
from tests.loopback import Loopback, loopback_server, serve, status
from tests.models import write_model
from yolact_live.cli import main
from yolact_live.infer import network, store
from yolact_live.infer.download import Patience, sha256

ROOT = Path(__file__).resolve().parents[1]
ENTRY = """
[tiny]
title = "Tiny YOLACT"
licence = "MIT"
credit = "© nobody"
classes = 2
config = "yolact_resnet50"
file = "tiny.pth"
urls = ["{url}"]
"""

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def _user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A user without models; weights of ResNet-50 are those of a tiny one."""
    monkeypatch.setitem(network.PUBLISHED, "yolact_resnet50", TINY)
    monkeypatch.setattr(store, "default_root", lambda: tmp_path / "models")
    monkeypatch.setattr(store, "Patience", lambda: Patience(stall_s=2, attempts=2, pause_s=0.01))


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run ``yolact-live models …``; return exit status, standard output and standard error."""

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["yolact-live", "models", *map(str, arguments)])
        with pytest.raises(SystemExit) as caught:
            main()
        printed = capsys.readouterr()
        assert isinstance(caught.value.code, int)
        return caught.value.code, printed.out, printed.err

    return run


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    return write_weights(tmp_path / "yolact_resnet50_1_2.pth")


@pytest.fixture
def server() -> Iterator[Loopback]:
    with loopback_server() as loopback:
        yield loopback


@pytest.fixture
def offer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., None]:
    """Make a catalogue with one entry."""

    def offer(url: str, weights: Path | None = None) -> None:
        text = ENTRY.format(url=url)
        if weights:
            text += f'size = {weights.stat().st_size}\nsha256 = "{sha256(weights)}"\n'
        (tmp_path / "catalogue.toml").write_text(text, "utf-8")
        monkeypatch.setattr(store, "CATALOGUE", tmp_path / "catalogue.toml")

    return offer


def process(data: Path, *arguments: object) -> str:
    """Run ``yolact-live models …`` as a process, nothing replaced; return its standard output."""
    environment = {**os.environ, "XDG_DATA_HOME": str(data), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "yolact_live", "models", *map(str, arguments)]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=True)
    return result.stdout


def states(run: Run) -> dict[str, str]:
    code, out, _ = run("list", "--json")
    assert code == 0
    return {row["name"]: row["state"] for row in json.loads(out)}


def one_line(err: str) -> str:
    lines = [line for line in err.replace("\r", "\n").splitlines() if line.startswith("yolact-live: ")]
    assert len(lines) == 1, err
    assert "Traceback" not in err
    return lines[0]


# ------------------------------------------------------------------------------------ list


def test_list_shows_what_there_is_and_what_can_be_had(run: Run) -> None:
    code, out, _ = run("list")
    lines = {line.split()[0]: line.split() for line in out.splitlines()}
    assert code == 0
    assert lines["builtin"][1] == "built-in"
    assert lines["yolact-resnet50"][1:] == ["available", "127.3", "MB", "80", "28.0", "30.7", "MIT"]
    assert lines["yolact-im700"][1:] == ["available", "-", "80", "31.2", "-", "MIT"]


def test_list_as_json_has_numbers(run: Run) -> None:
    _, out, _ = run("list", "--json")
    rows = {row["name"]: row for row in json.loads(out)}
    assert rows["yolact-resnet50"] == {
        "name": "yolact-resnet50",
        "state": "available",
        "size": 127300392,
        "title": "YOLACT, ResNet-50, 550 px",
        "licence": "MIT",
        "classes": 80,
        "mask_ap": 28.0,
        "box_ap": 30.7,
        "measured": "COCO val2017",
    }
    assert rows["builtin"]["size"] > 1_000_000


def test_list_shows_a_damaged_model(run: Run, weights: Path, tmp_path: Path) -> None:
    run("import", weights, "--name", "mine")
    (tmp_path / "models" / "mine" / "model.bin").unlink()
    assert states(run)["mine"] == "damaged"
    assert "mine" in run("list")[1]


def test_a_process_of_its_own_lists_the_catalogue(tmp_path: Path) -> None:
    rows = json.loads(process(tmp_path, "list", "--json"))
    assert [row["name"] for row in rows if row["state"] == "available"] == list(store.read_catalogue())


# -------------------------------------------------------------------------------- download


def test_download_says_licence_and_how_to_use(
    run: Run, server: Loopback, weights: Path, offer: Callable[..., None]
) -> None:
    offer(server.at("/tiny.pth", serve(weights.read_bytes())), weights)
    code, out, err = run("download", "tiny")
    assert code == 0
    assert "licence MIT (© nobody)" in out
    assert "--model tiny" in out
    assert "noted" not in out
    assert "100%" in err
    assert states(run)["tiny"] == "installed"
    assert run("download", "tiny")[1] == "tiny is installed already\n"
    assert len(server.requests) == 1


def test_download_says_that_it_trusts(
    run: Run, server: Loopback, weights: Path, offer: Callable[..., None]
) -> None:
    offer(server.at("/tiny.pth", serve(weights.read_bytes())))
    _, out, _ = run("download", "tiny")
    assert "No hash of these weights is published" in out
    assert sha256(weights) in out


def test_a_failed_download_is_one_line_and_goes_on_later(
    run: Run, server: Loopback, weights: Path, offer: Callable[..., None]
) -> None:
    content = weights.read_bytes()
    offer(server.at("/tiny.pth", serve(content, stop=9000), status(404), serve(content)), weights)
    code, _, err = run("download", "tiny")
    assert code == 1
    assert "answers 404" in one_line(err)
    assert states(run)["tiny"] == "available"
    assert run("download", "tiny")[0] == 0
    assert server.requests[-1].range == "bytes=9000-"


def test_an_unknown_name_is_wrong_usage(run: Run) -> None:
    code, _, err = run("download", "nope")
    assert code == 2
    assert "use one of yolact-resnet50, yolact-base" in one_line(err)


# ------------------------------------------------------------------- import, verify, remove


def test_a_model_comes_and_goes(run: Run, weights: Path) -> None:
    code, out, _ = run("import", weights, "--name", "mine", "--labels", "ripe, not ripe", "--size", 128)
    assert code == 0
    assert "--model mine" in out
    facts = json.loads(run("info", "mine", "--json")[1])
    assert facts["labels"] == ["ripe", "not ripe"]
    assert facts["input_size"] == [128, 128]
    assert facts["source_sha256"] == sha256(weights)
    assert run("verify", "mine")[:2] == (0, "mine is good\n")
    assert run("remove", "mine")[:2] == (0, "mine is removed\n")
    assert "mine" not in states(run)


def test_labels_come_from_a_file_too(run: Run, weights: Path, tmp_path: Path) -> None:
    (tmp_path / "names.txt").write_text("crème brûlée\n\ntarte\n", "utf-8")
    run("import", weights, "--name", "mine", "--labels", tmp_path / "names.txt")
    assert json.loads(run("info", "mine", "--json")[1])["labels"] == ["crème brûlée", "tarte"]


def test_import_explains_refusals(run: Run, weights: Path, tmp_path: Path) -> None:
    run("import", weights, "--name", "mine")
    (tmp_path / "binary.txt").write_bytes(b"\xff\xfe")
    refused = {
        ("import", weights, "--name", "mine"): (2, "installed already"),
        ("import", weights, "--labels", "one"): (2, "1 labels for 2 classes"),
        ("import", weights, "--labels", tmp_path / "binary.txt"): (2, "cannot be read"),
        ("import", weights, "--config", "nope"): (2, "configuration nope is unknown"),
        ("import", weights, "--size", 9): (2, "--size 9 is out of range"),
        ("import", tmp_path / "absent.pth"): (1, "cannot be read"),
        ("import", tmp_path): (1, "cannot be read"),
    }
    for arguments, (status_wanted, text) in refused.items():
        code, _, err = run(*arguments)
        assert (code, text in one_line(err)) == (status_wanted, True), err
    assert run("import", weights, "--name", "mine", "--overwrite")[0] == 0


def test_verify_checks_all_and_fails_for_one(run: Run, weights: Path, tmp_path: Path) -> None:
    run("import", weights, "--name", "good")
    run("import", weights, "--name", "bad")
    with (tmp_path / "models" / "bad" / "model.bin").open("ab") as file:
        file.write(b"x")
    code, out, err = run("verify")
    assert code == 1
    assert out == "builtin is good\ngood is good\n"
    assert "bad is damaged (model.bin has changed)" in err
    assert run("verify", "bad")[0] == 1
    assert run("verify", "nope")[0] == 2


def test_the_built_in_model_stays(run: Run) -> None:
    code, _, err = run("remove", "builtin")
    assert code == 2
    assert "cannot be removed" in one_line(err)


# ------------------------------------------------------------------------------------ info


def test_info_of_resnet50_names_the_published_numbers(tmp_path: Path) -> None:
    path = tmp_path / "yolact_resnet50_54_800000.safetensors"
    write_empty_weights(path, synthetic.resnet_shapes() | synthetic.head_shapes((512, 1024, 2048)))
    out = process(tmp_path, "info", path)
    for fact in ("118.3 GFLOP", "31.144 M", "19,248", "80: person, bicycle", "550 x 550 pixels"):
        assert fact in out


def test_info_of_the_built_in_model(run: Run) -> None:
    facts = json.loads(run("info", "builtin", "--json")[1])
    assert (facts["name"], facts["licence"]) == (store.BUILTIN, "MIT")
    assert facts["labels"][0] == "person"
    assert facts["priors"] > 1000


def test_info_of_a_file(run: Run, tmp_path: Path) -> None:
    facts = json.loads(run("info", write_model(tmp_path / "own.xml"), "--json")[1])
    assert (facts["name"], facts["labels"], facts["input_size"]) == ("own", ["person"], [64, 64])


def test_info_of_what_is_not_there(run: Run) -> None:
    assert "models download yolact-base" in one_line(run("info", "yolact-base")[2])
    assert "unknown model nope" in one_line(run("info", "nope")[2])


def write_empty_weights(path: Path, shapes: dict[str, tuple[int, ...]]) -> None:
    """Weights that are all zero: a header and a hole, which takes no room on most disks."""
    header, end = {}, 0
    for key, shape in shapes.items():
        begin, end = end, end + 4 * int(np.prod(shape))
        header[key] = {"dtype": "F32", "shape": shape, "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        file.truncate(8 + len(text) + end)
