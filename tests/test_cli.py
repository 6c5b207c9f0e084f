"""The command line, as its own process: files, messages, exit status."""

from __future__ import annotations

import importlib.util
import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from click.testing import CliRunner
from pycocotools import mask as coco_mask

from tests.clips import write_clip
from tests.models import build_model, write_model
from yolact_live.cli import cli as commands
from yolact_live.gui import app
from yolact_live.settings import WINDOW_SETTINGS

HEAVY = {"numpy", "cv2", "openvino", "numba", "av", "PySide6", "torch", "tqdm", "pycocotools"}


def cli(*args: object, cwd: Path | None = None, **kwargs: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "yolact_live", *map(str, args)]
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, encoding="utf-8", timeout=120, **kwargs
    )


def one_line(result: subprocess.CompletedProcess[str]) -> str:
    """Return the error line; there is nothing else but the progress bar."""
    assert "Traceback" not in result.stderr, result.stderr
    lines = [line for line in re.split(r"[\r\n]", result.stderr) if line.startswith("yolact-live: ")]
    assert len(lines) == 1, result.stderr
    return lines[0]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("model") / "tiny.xml")


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write_clip(tmp_path / "clip.mp4", frames=20)


def test_help_imports_nothing_heavy() -> None:
    code = "import sys; from yolact_live.cli import cli; cli.main(['--help'], standalone_mode=False); "
    code += "print(*sys.modules, file=sys.stderr)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "run" in result.stdout
    assert not HEAVY & {name.partition(".")[0] for name in result.stderr.split()}


def test_run_help_lists_every_shared_flag() -> None:
    text = cli("run", "--help").stdout
    for flag in ("model", "device", "precision", "score", "nms", "top-k", "classes", "every", "threads"):
        assert f"--{flag} " in text


def test_what_only_the_window_shows_is_offered_by_the_window_alone() -> None:
    assert "--sync" in cli("window", "--help").stdout
    for command in ("run", "batch", "bench", "eval"):
        text = cli(command, "--help").stdout
        assert "--opacity" in text
        assert "--sync" not in text


def test_run_writes_video_instances_and_statistics(clip: Path, tiny: Path, tmp_path: Path) -> None:
    out, lines, stats = tmp_path / "out.mp4", tmp_path / "out.jsonl", tmp_path / "stats.json"
    result = cli("run", clip, "-o", out, "--json", lines, "--stats", stats, "--model", tiny)
    assert result.returncode == 0, result.stderr
    assert "20 frames" in result.stdout
    with av.open(out) as container:
        times = [float(frame.pts * frame.time_base) for frame in container.decode(video=0)]
    assert times == pytest.approx([i / 25 for i in range(20)], abs=1e-3)

    rows = [json.loads(line) for line in lines.read_text().splitlines()]
    assert [row["frame"] for row in rows] == list(range(20))
    assert [row["time"] for row in rows] == [i / 25 for i in range(20)]
    (person,) = rows[7]["instances"]
    assert (person["label"], person["score"], person["id"]) == ("person", 0.75, 0)
    assert person["box"] == [32, 24, 96, 72]
    mask = coco_mask.decode(person["mask"])
    assert mask.shape == (96, 128)
    ys, xs = np.nonzero(mask)
    assert xs.min() < 40 < 90 < xs.max()
    assert ys.min() < 30 < 66 < ys.max()

    numbers = json.loads(stats.read_text())
    assert numbers["frames"] == 20
    assert numbers["dropped"] == 0
    assert numbers["fps"] > 0
    for stage in ("decode", "inference", "postprocess", "composite", "record"):
        p50, p95, p99 = (numbers["stages"][stage][p] for p in ("p50", "p95", "p99"))
        assert 0 < p50 <= p95 <= p99


def test_sound_is_kept(tiny: Path, tmp_path: Path) -> None:
    clip, out = tmp_path / "sound.mp4", tmp_path / "out.mp4"
    write_clip(clip, frames=25, sound=True)
    assert cli("run", clip, "-o", out, "--model", tiny).returncode == 0
    with av.open(clip) as before, av.open(out) as after:
        sent, kept = [[bytes(p) for p in file.demux(audio=0) if p.size] for file in (before, after)]
    assert len(kept) > 40
    assert kept == sent[: len(kept)], "copied, not encoded anew"
    assert len(sent) - len(kept) <= 2, "all that is heard while there is a picture"


def test_chosen_classes_only(clip: Path, tmp_path: Path) -> None:
    boxes = [(0.0, 0.0, 0.4, 0.4), (0.5, 0.5, 0.9, 0.9)]
    model = build_model(boxes, [[0.8, 0.1], [0.1, 0.7]], "person traffic_light")
    path = write_model(tmp_path / "two.xml", model)
    for classes, found in (
        ("traffic light", ["traffic light"]),
        ("person, traffic light", ["person", "traffic light"]),
    ):
        lines = tmp_path / f"{len(classes)}.jsonl"
        assert cli("run", clip, "--json", lines, "--model", path, "--classes", classes).returncode == 0
        first = json.loads(lines.read_text().splitlines()[0])
        assert [instance["label"] for instance in first["instances"]] == found


BAD_INPUT = {
    "no such file": (["missing.mp4", "-o", "o.mp4"], 1, "missing.mp4"),
    "empty file": (["empty.mp4", "-o", "o.mp4"], 1, "empty"),
    "text as video": (["text.mp4", "-o", "o.mp4"], 1, "text.mp4"),
    "folder without images": (["folder", "-o", "o.mp4"], 1, "folder"),
    "missing output folder": (["clip.mp4", "-o", "nowhere/o.mp4"], 1, "nowhere"),
    "onto the input": (["clip.mp4", "-o", "clip.mp4", "--overwrite"], 1, "input"),
    "onto an existing file": (["clip.mp4", "-o", "good.mp4"], 1, "--overwrite"),
    "unknown extension": (["clip.mp4", "-o", "o.xyz"], 1, ".mp4"),
    "nothing to write": (["clip.mp4"], 2, "-o"),
    "unknown class": (["clip.mp4", "-o", "o.mp4", "--classes", "unicorn"], 2, "unicorn"),
    "unknown model": (["clip.mp4", "-o", "o.mp4", "--model", "nonsense"], 2, "nonsense"),
    "unknown device": (["clip.mp4", "-o", "o.mp4", "--device", "QPU"], 2, "QPU"),
    "score too high": (["clip.mp4", "-o", "o.mp4", "--score", "1.5"], 2, "--score"),
    "missing model": (["clip.mp4", "-o", "o.mp4", "--model", "missing.xml"], 1, "missing.xml"),
    "corrupt model": (["clip.mp4", "-o", "o.mp4", "--model", "corrupt.xml"], 1, "corrupt.xml"),
    "foreign model": (["clip.mp4", "-o", "o.mp4", "--model", "foreign.xml"], 1, "expected"),
    "model without weights": (["clip.mp4", "-o", "o.mp4", "--model", "alone.xml"], 1, "alone.bin"),
}


@pytest.mark.parametrize(("args", "status", "words"), BAD_INPUT.values(), ids=BAD_INPUT)
def test_bad_input_is_one_clear_line_and_leaves_nothing(
    args: list[str], status: int, words: str, tmp_path: Path
) -> None:
    write_clip(tmp_path / "clip.mp4", frames=3)
    (tmp_path / "good.mp4").write_bytes(b"precious")
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "text.mp4").write_text("this is not a video\n" * 40)
    (tmp_path / "folder").mkdir()
    write_model(tmp_path / "corrupt.xml")
    (tmp_path / "corrupt.xml").write_text("<net>")
    write_model(tmp_path / "alone.xml")
    (tmp_path / "alone.bin").unlink()
    write_foreign_model(tmp_path / "foreign.xml")

    def files() -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    before = files()
    result = cli("run", *args, cwd=tmp_path)
    assert result.returncode == status, result.stderr
    assert words in one_line(result)
    assert files() == before


def write_foreign_model(path: Path) -> None:
    import openvino
    from openvino import opset13 as ops

    image = ops.parameter([1, 3, 8, 8], np.float32)
    openvino.save_model(openvino.Model([ops.result(ops.relu(image))], [image]), path)


def test_wrong_flags_are_wrong_usage() -> None:
    for args in (["run"], ["run", "x.mp4", "--nonsense"], ["run", "x.mp4", "--top-k", "many"]):
        result = cli(*args)
        assert result.returncode == 2
        assert "Traceback" not in result.stderr


def test_overwrite_replaces(clip: Path, tiny: Path, tmp_path: Path) -> None:
    out = tmp_path / "o.mp4"
    out.write_bytes(b"old")
    assert cli("run", clip, "-o", out, "--model", tiny, "--overwrite").returncode == 0
    with av.open(out) as container:
        assert sum(1 for _ in container.decode(video=0)) == 20


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interruption_finalises_the_output(number: int, status: int, tiny: Path, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "long.mp4", frames=6000)
    out, lines = tmp_path / "o.mp4", tmp_path / "o.jsonl"
    command = [sys.executable, "-m", "yolact_live", "run", str(clip), "-o", str(out), "--json", str(lines)]
    process = subprocess.Popen([*command, "--model", str(tiny)], stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    part = tmp_path / "o.part.jsonl"
    while not (part.exists() and part.stat().st_size > 0):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == status, errors
    assert "Traceback" not in errors
    with av.open(out) as container:
        frames = sum(1 for _ in container.decode(video=0))
    assert 0 < frames < 6000
    assert len(lines.read_text().splitlines()) == frames
    assert not list(tmp_path.glob("*.part*"))


@pytest.mark.parametrize("output", [["-o", "o.mp4"], ["--json", "o.jsonl"]])
def test_a_full_disk_is_told_and_what_is_kept_is_whole(output: list[str], tiny: Path, tmp_path: Path) -> None:
    resource = pytest.importorskip("resource", reason="this system has no limit on the size of files")
    clip = write_clip(tmp_path / "long.mp4", frames=2000)
    limit = 40_000
    cli("run", clip, "--stats", "s.json", "--model", tiny, cwd=tmp_path)  # fills the caches first
    (tmp_path / "s.json").unlink()
    result = cli(
        *("run", clip, *output, "--model", tiny),
        cwd=tmp_path,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert result.returncode == 1, result.stderr
    assert output[1] in one_line(result)
    assert {path.name for path in tmp_path.iterdir()} == {"long.mp4", output[1]}
    kept = tmp_path / output[1]
    assert 0 < kept.stat().st_size <= limit
    if kept.suffix == ".mp4":
        with av.open(kept) as container:
            assert sum(1 for _ in container.decode(video=0)) > 0
    else:
        assert all(json.loads(line)["instances"] for line in kept.read_text().splitlines())


def test_training_without_torch_says_what_to_install(tmp_path: Path) -> None:
    if importlib.util.find_spec("torch"):
        pytest.skip("torch is installed")
    result = cli("train", tmp_path / "data.toml", "-o", tmp_path / "run")
    assert result.returncode == 2
    assert "yolact-live[train]" in one_line(result)


def test_devices_lists_the_processor() -> None:
    found = json.loads(cli("devices", "--json").stdout)
    assert "CPU" in [device["name"] for device in found]
    assert all(device["full_name"] for device in found)


@pytest.fixture
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the window would be started with: settings and the file they are kept in."""
    seen: list[Any] = []
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setattr(
        app, "run_window", lambda source, settings, file, *_: seen.extend([settings, file]) or 0
    )
    (tmp_path / "yolact-live").mkdir()
    (tmp_path / "yolact-live" / "settings.toml").write_text('score = 0.3\nboxes = false\nclasses = ["car"]\n')
    return seen


def test_the_window_starts_with_what_was_kept_and_flags_overrule_it(started: list[Any]) -> None:
    assert CliRunner().invoke(commands, ["x.mp4", "--score", "0.5", "--classes", "car, dog"]).exit_code == 0
    settings, file = started
    assert (settings.score, settings.boxes, settings.classes) == (0.5, False, ("car", "dog"))
    assert settings.steady == "low", "what neither says is as it was made"
    assert file.settings.score == 0.3


def test_a_scripted_window_is_the_same_everywhere(started: list[Any]) -> None:
    assert CliRunner().invoke(commands, ["x.mp4", "--boxes", "--quit-after", "1"]).exit_code == 0
    assert started == [WINDOW_SETTINGS, None]
