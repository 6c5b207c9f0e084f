"""What is kept of a pipeline: times, pauses, changes of size, sound."""

from __future__ import annotations

import csv
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise, product
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from tests.clips import write_clip
from tests.media import constant, write_sound
from tests.models import write_model
from tests.record.test_annotations import result
from tests.record.test_video import clicks
from tests.scenes import discs
from yolact_live.capture import SourceInfo
from yolact_live.errors import RecordError
from yolact_live.pipeline.pipeline import Pipeline
from yolact_live.pipeline.recording import Recording
from yolact_live.pipeline.sinks import _BACKLOG
from yolact_live.pipeline.timeline import Timeline
from yolact_live.pipeline.writers import AnnotatedVideo, Facts, Outputs
from yolact_live.record.finish import Span
from yolact_live.settings import Settings
from yolact_live.types import Frame

IMAGE = np.zeros((64, 64, 3), np.uint8)


def milliseconds(number: int) -> Fraction:
    return Fraction(number, 1000)


def frame(time_ms: int, jump: bool = False) -> Frame:
    return Frame(0, milliseconds(time_ms), milliseconds(40), 0, IMAGE, "test", jump)


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ([0, 40, 50, 200, 210, 700], [0, 40, 50, 200, 210, 700]),  # shown shorter than they say
        ([0, 40, 80, 0, 40, 80], [0, 40, 80, 120, 160, 200]),  # a loop
        ([400, 440, 120, 160], [0, 40, 80, 120]),  # recorded from the middle, then sought back
        ([0, 40, 40, 80], [0, 40, 80, 120]),  # the same frame once more
        ([0, 40, 2000, 2040], [0, 40, 2000, 2040]),  # a gap is kept
    ],
)
def test_times_are_kept_and_never_go_back(times: list[int], expected: list[int]) -> None:
    timeline = Timeline()
    assert [timeline.place(frame(each)).pts * 1000 for each in times] == expected
    assert timeline.end * 1000 == expected[-1] + 40


def test_seeking_forward_and_cuts_leave_no_gap() -> None:
    timeline = Timeline()
    placed = [timeline.place(frame(0)), timeline.place(frame(40)), timeline.place(frame(9000, jump=True))]
    timeline.cut()
    timeline.cut()
    placed += [timeline.place(frame(20_000)), timeline.place(frame(20_040))]
    assert [each.pts * 1000 for each in placed] == [0, 40, 80, 120, 160]
    assert list(timeline.spans(Fraction(0), timeline.end)) == [
        Span(Fraction(0), milliseconds(80), Fraction(0)),
        Span(Fraction(9), milliseconds(9040), milliseconds(80)),
        Span(Fraction(20), milliseconds(20_080), milliseconds(120)),
    ]
    assert list(timeline.spans(milliseconds(40), milliseconds(130))) == [
        Span(milliseconds(40), milliseconds(80), Fraction(0)),
        Span(Fraction(9), milliseconds(9040), milliseconds(40)),
        Span(Fraction(20), milliseconds(20_010), milliseconds(80)),
    ]


# ------------------------------------------------------------------------ a change of size


@pytest.mark.parametrize("pictures", [False, True])
def test_a_change_of_size(tmp_path: Path, pictures: bool) -> None:
    """A video goes on in another file; pictures are fitted into the first one's size."""
    path, told = tmp_path / "o.mp4", []
    (tmp_path / "o (2).mp4").write_text("precious")
    info = SourceInfo("test", (64, 96), Fraction(10), pictures=pictures)
    video = AnnotatedVideo(path, Facts(info, "tiny", lambda start, end: None, told.append), overwrite=False)
    for i, size in enumerate([(64, 96)] * 3 + [(96, 128)] * 2 + [(64, 96)] * 4):
        shown = replace(result(i, Fraction(i, 10), discs([], size)), annotated=np.zeros((*size, 3), np.uint8))
        video.write(shown)
    video.close()
    counts = {}
    for file in sorted(tmp_path.glob("*.mp4")):
        if file.name != "o (2).mp4":
            with av.open(str(file)) as container:
                stream = container.streams.video[0]
                counts[file.name] = (stream.height, stream.width, stream.frames)
    assert (tmp_path / "o (2).mp4").read_text() == "precious"
    if pictures:
        assert counts == {"o.mp4": (64, 96, 9)}
        assert not told
    else:
        assert counts == {"o.mp4": (64, 96, 3), "o (3).mp4": (96, 128, 2), "o (4).mp4": (64, 96, 4)}
        assert ["o (3).mp4" in told[0], "128×96" in told[0], "o (4).mp4" in told[1]] == [True] * 3


# ------------------------------------------------------------------------ checks before the work


def test_outputs_are_checked_before_the_work(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", frames=2)
    folder = tmp_path / "pictures"
    folder.mkdir()
    for name in ("a.png", "b.png"):
        cv2.imwrite(str(folder / name), IMAGE)
    new = tmp_path / "new"
    link, hard = tmp_path / "link.mp4", tmp_path / "hard.mp4"
    link.symlink_to(clip)
    hard.hardlink_to(clip)
    for source, outputs, words in (
        (str(clip), Outputs(clip, overwrite=True), "is the input itself"),
        (f"file://{clip}", Outputs(clip, overwrite=True), "is the input itself"),
        (str(clip), Outputs(link, overwrite=True), "is the input itself"),
        (str(clip), Outputs(hard, overwrite=True), "is the input itself"),
        (str(folder / "*.png"), Outputs(masks=folder, overwrite=True), "holds the input itself"),
        (str(folder), Outputs(folder, overwrite=True), "holds the input itself"),
        (str(folder), Outputs(tmp_path / "one.png"), "holds one picture"),
        (str(clip), Outputs(tmp_path / "one.png"), "unknown extension"),
        (str(clip), Outputs(new), "has no extension"),
        (str(clip), Outputs(folder), "is not empty"),
        (str(clip), Outputs(lines=tmp_path / "a.json"), r"use \.jsonl"),
        (str(clip), Outputs(coco=tmp_path / "a.jsonl"), r"use \.json"),
        (str(clip), Outputs(table=tmp_path / "a.txt"), r"use \.csv"),
        (str(clip), Outputs(masks=clip), "is a file"),
    ):
        with pytest.raises(RecordError, match=words):
            outputs.check(source)
    for source, outputs in (
        (str(clip), Outputs(tmp_path / "o.webm", masks=new)),
        (str(folder), Outputs(new)),
        (str(folder / "a.png"), Outputs(tmp_path / "a.jpg")),
        ("0", Outputs(tmp_path / "o.mp4", tmp_path / "o.jsonl", tmp_path / "o.json", tmp_path / "o.csv")),
    ):
        outputs.check(source)
    assert not new.exists()


def test_the_home_folder_is_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    clip = write_clip(tmp_path / "clip.mp4", frames=2)
    with pytest.raises(RecordError, match="is the input itself"):
        Outputs(clip, overwrite=True).check("~/clip.mp4")


# ------------------------------------------------------------------------ with a pipeline


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_model(tmp_path_factory.mktemp("model") / "tiny.xml"))


def wait_for(recording: Recording, seconds: float) -> None:
    deadline = time.monotonic() + 30
    while recording.seconds < seconds:
        assert time.monotonic() < deadline
        assert recording.error is None
        time.sleep(0.01)


def test_pauses_and_seeks_are_cut_out_and_sound_follows(model: str, tmp_path: Path) -> None:
    """One timeline for the video, its sound and all annotations."""
    clip = write_sound(tmp_path / "clip.mp4", 12, constant(360, Fraction(30)))
    outputs = Outputs(tmp_path / "o.mp4", tmp_path / "o.jsonl", table=tmp_path / "o.csv")
    pipeline = Pipeline(str(clip), Settings(model=model), interactive=True)
    recording = Recording(pipeline, outputs)
    pipeline.start()
    wait_for(recording, 0.5)
    pipeline.pause()
    pipeline.seek(Fraction(97, 10))
    time.sleep(0.3)
    pipeline.resume()
    wait_for(recording, 1.0)
    recording.paused = True
    pipeline.seek(Fraction(13, 2))
    pipeline.display.clear()
    while (shown := pipeline.display.poll()) is None or shown.frame.pts > 9:
        assert pipeline.error is None
        time.sleep(0.01)
    recording.paused = False
    wait_for(recording, 1.6)
    assert recording.finish() == [tmp_path / "o.mp4", tmp_path / "o.jsonl", tmp_path / "o.csv"]
    pipeline.stop()
    with av.open(str(tmp_path / "o.mp4")) as container:
        stream = container.streams.video[0]
        times = [float(shown.pts * shown.time_base) for shown in container.decode(stream)]
    assert times[0] == 0
    assert 1.5 < times[-1] < 6
    assert max(b - a for a, b in pairwise(times)) < 0.05
    lines = [json.loads(line) for line in (tmp_path / "o.jsonl").read_text().splitlines()]
    assert [line["time"] for line in lines] == pytest.approx(times, abs=1e-3)
    with (tmp_path / "o.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [float(row["time"]) for row in rows] == pytest.approx(times, abs=1e-3)
    spans = list(recording._timeline.spans(Fraction(0), recording.seconds))
    assert [float(span.start) for span in spans[:2]] == pytest.approx([0, 9.7], abs=0.04)
    assert 6.5 <= spans[2].start < 9.7  # what came while it was paused is left out
    assert len(spans) == 3
    # there is a click at every full second of the source; so near a cut it may be heard or not
    near = Fraction(1, 20)
    sure, possible = [], []
    for span, second in product(spans, range(12)):
        if span.start - near < second < span.end + near:
            possible.append(float(span.at + second - span.start))
            if second == 0 or span.start + near < second < span.end - near:
                sure.append(possible[-1])
    heard = clicks(tmp_path / "o.mp4")
    assert len(sure) >= 2
    assert all(min(abs(time - each) for each in heard) < 0.02 for time in sure)
    assert all(min(abs(time - each) for each in possible) < 0.02 for time in heard)
    numbers = [line["frame"] for line in lines]
    assert numbers == sorted(set(numbers))


@pytest.fixture
def held(model: str, tmp_path: Path) -> Iterator[Pipeline]:
    """A pipeline that is open and delivers nothing by itself."""
    clip = write_clip(tmp_path / "clip.mp4", frames=2)
    pipeline = Pipeline(str(clip), Settings(model=model), interactive=True)
    pipeline.pause()
    pipeline.start()
    while pipeline.engine is None or pipeline.info is None:
        assert pipeline.error is None
        time.sleep(0.01)
    yield pipeline
    pipeline.stop()


def test_a_pause_in_which_no_frame_comes_leaves_no_gap(held: Pipeline, tmp_path: Path) -> None:
    recording = Recording(held, Outputs(lines=tmp_path / "o.jsonl"))
    for second in range(10):
        recording.paused = second == 4
        if second not in (3, 4, 5):
            recording.put(result(second, Fraction(second), discs([], (64, 64))))
        assert recording.paused == (second == 4)
    assert recording.seconds == 5 + 2 * Fraction(1, 30)
    recording.finish()
    times = [json.loads(line)["time"] for line in (tmp_path / "o.jsonl").read_text().splitlines()]
    assert times == pytest.approx([0, 1, 2, 2 + 1 / 30, 3 + 1 / 30, 4 + 1 / 30, 5 + 1 / 30])


def test_it_tells_how_large_it_is(held: Pipeline, tmp_path: Path) -> None:
    folder = tmp_path / "o"
    folder.mkdir()
    outputs = Outputs(*(folder / name for name in ("o.mp4", "o.jsonl", "o.json", "o.csv", "masks")))
    recording = Recording(held, outputs)
    assert (recording.size, recording.seconds, recording.dropped) == (0, 0, 0)
    generator = np.random.default_rng(0)
    sizes = []
    for i in range(60):
        noise = generator.integers(0, 255, (240, 320, 3), np.uint8)
        shown = replace(result(i, Fraction(i, 10), discs([(0.5, 0.5, 0.2)], (240, 320))), annotated=noise)
        recording.put(shown)
        sizes.append(recording.size)
    while any(sink.written < 60 for sink in recording._sinks):
        assert recording.error is None
        time.sleep(0.01)
    sizes.append(recording.size)
    on_disk = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    assert sizes[-1] == pytest.approx(on_disk, rel=0.05)
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[30] < sizes[-1]
    assert recording.seconds == 59 * Fraction(1, 10) + Fraction(1, 30)
    recording.finish()


def test_what_waits_when_it_is_finished_is_in_every_output(held: Pipeline, tmp_path: Path) -> None:
    """The end comes while a frame is in one output and waits for another one, which is slow."""
    recording = Recording(held, Outputs(tmp_path / "o.webm", tmp_path / "o.jsonl"))
    found = discs([], (720, 1280))
    noise = np.random.default_rng(0).integers(0, 255, (720, 1280, 3), np.uint8)

    def play() -> None:
        for i in range(100_000):
            if ended.is_set():
                return
            shown = np.roll(noise, 7 * i, axis=0)  # the same picture again would take no time
            recording.put(replace(result(i, Fraction(i, 30), found), annotated=shown))

    ended, player = threading.Event(), threading.Thread(target=play)
    player.start()
    try:
        wait_for(recording, 0.5)
        while len(recording._sinks[0]._mailbox) < _BACKLOG:
            time.sleep(0.001)
        time.sleep(0.02)
        recording.finish()
    finally:
        ended.set()
        player.join()
    lines = len((tmp_path / "o.jsonl").read_text().splitlines())
    with av.open(str(tmp_path / "o.webm")) as container:
        pictures = sum(1 for _ in container.decode(video=0))
    assert pictures == lines == recording.seconds * 30


def test_nothing_was_recorded(model: str, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", frames=5)
    pipeline = Pipeline(str(clip), Settings(model=model))
    pipeline.start()
    pipeline.stop()
    with pytest.raises(RecordError, match="nothing was recorded"):
        Recording(pipeline, Outputs(tmp_path / "o.mp4")).finish()
    assert [file.name for file in tmp_path.iterdir()] == ["clip.mp4"]


def test_an_output_that_fails_does_not_cost_the_others(model: str, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", frames=20)
    outputs = Outputs(tmp_path / "o.mp4", tmp_path / "o.jsonl")
    pipeline = Pipeline(str(clip), Settings(model=model))
    recording = Recording(pipeline, outputs)
    (tmp_path / "o.jsonl").touch()  # since the check
    pipeline.start()
    pipeline.join()
    assert isinstance(recording.error, RecordError)
    with av.open(str(tmp_path / "o.mp4")) as container:
        assert container.streams.video[0].frames == 20
