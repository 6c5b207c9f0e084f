"""How well objects are followed through a video, with and without tracking and steadiness.

Switches and fragmentations are those of the CLEAR MOT metrics (Bernardin and Stiefelhagen, 2008),
with masks in place of boxes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import click
import cv2
import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from yolact_live.capture import open_source
from yolact_live.errors import SourceError
from yolact_live.infer.segmenter import Segmenter
from yolact_live.record.report import check_report, write_report
from yolact_live.settings import Settings
from yolact_live.track.associate import assign, shared
from yolact_live.track.steady import STEADINESS
from yolact_live.track.tracker import WEAK, Tracker
from yolact_live.types import ByteArray, FloatArray, Instances

UNTRACKED = "untracked"
# A truth object counts as found where a mask has this IoU with it.
FOUND_IOU = 0.5
# An object of two consecutive frames is the same where its boxes have this IoU.
_SAME_IOU = 0.2
# An appearance or disappearance that is undone within this time is a blink.
_BLINK_S = 1

_Frame = tuple[str, Fraction, ByteArray]  # name, time, picture
Labels = npt.NDArray[np.int64]


@dataclass
class _Stay:
    """One object while it is shown.

    Attributes:
        since: when it appeared, None = it was there from the start.
        counted: its last change has been counted as a blink.
    """

    since: Fraction | None
    counted: bool = False


@dataclass
class Presence:
    """What appears and disappears, and what of it does not last.

    Attributes:
        changes: appearances and disappearances after the first frame.
        blinks: those of them that were undone within a second. Who enters, stays and leaves
            does not blink.
        visible_s: sum over objects of how long they were shown, seconds.
    """

    changes: int = 0
    blinks: int = 0
    visible_s: float = 0.0
    _last: tuple[Instances, Fraction] | None = None
    _stays: list[_Stay] = field(default_factory=list)  # of each object of the last frame
    _gone: list[tuple[_Stay, Instances, Fraction]] = field(default_factory=list)

    def add(self, shown: Instances, pts: Fraction) -> None:
        """Watch one frame; ``pts`` is its time, seconds."""
        if self._last is None:
            self._stays = [_Stay(None) for _ in range(len(shown))]
        else:
            before, then = self._last
            self.visible_s += len(shown) * float(pts - then)
            rows, columns = assign(_box_ious(before, shown), _SAME_IOU)
            stayed = dict(zip(columns.tolist(), rows.tolist(), strict=True))
            self._gone = [gone for gone in self._gone if pts - gone[2] <= _BLINK_S]
            stays = [
                self._stays[stayed[i]] if i in stayed else self._appear(shown[i : i + 1], pts)
                for i in range(len(shown))
            ]
            for row in sorted(set(range(len(before))) - set(stayed.values())):
                self._disappear(self._stays[row], before[row : row + 1], pts)
            self._stays = stays
        self._last = shown, pts

    def _appear(self, what: Instances, pts: Fraction) -> _Stay:
        self.changes += 1
        for i, (stay, gone, _) in enumerate(self._gone):
            if _near(gone, what):
                del self._gone[i]
                self.blinks += 1 + (not stay.counted)
                return _Stay(pts, counted=True)
        return _Stay(pts)

    def _disappear(self, stay: _Stay, what: Instances, pts: Fraction) -> None:
        self.changes += 1
        short = stay.since is not None and pts - stay.since <= _BLINK_S
        if short:
            self.blinks += 1 + (not stay.counted)
        self._gone.append((_Stay(stay.since, counted=short), what, pts))

    def figures(self) -> dict[str, float]:
        """Return changes (``flicker``) and ``blinks`` per visible object and minute."""
        minutes = max(self.visible_s, 1e-9) / 60
        return {"flicker": self.changes / minutes, "blinks": self.blinks / minutes}


@dataclass
class Judge:
    """Figures of one way to show a video.

    Attributes:
        ious: of each truth object, its mask IoU in every frame, 0 where it is not found.
        switches: how often a truth object was found under another identity than before.
        fragmentations: how often one was found, lost, and found again.
        presence: what appeared and disappeared.
    """

    ious: dict[int, list[float]] = field(default_factory=dict)
    switches: int = 0
    fragmentations: int = 0
    presence: Presence = field(default_factory=Presence)
    _owners: dict[int, int] = field(default_factory=dict)
    _lost: set[int] = field(default_factory=set)

    def add(self, shown: Instances, pts: Fraction, truth: Labels | None) -> None:
        """Judge one frame.

        Args:
            shown: what is shown.
            pts: time of the frame, seconds.
            truth: (H, W) number of the object at each pixel, 0 = none; None = not known.
        """
        self.presence.add(shown, pts)
        if truth is not None:
            self._compare(shown, truth)

    def _compare(self, shown: Instances, truth: Labels) -> None:
        objects = [int(number) for number in np.unique(truth) if number]
        table = np.zeros((len(objects), len(shown)), np.float32)
        for column in range(len(shown)):
            mask = shown.mask(column)
            inside = truth[mask]
            for row, number in enumerate(objects):
                both = np.count_nonzero(inside == number)
                whole = np.count_nonzero(truth == number) + len(inside) - both
                table[row, column] = both / whole
        rows, columns = assign(table, 1e-6)
        found = dict(zip(rows.tolist(), columns.tolist(), strict=True))
        for row, number in enumerate(objects):
            iou = float(table[row, found[row]]) if row in found else 0.0
            self.ious.setdefault(number, []).append(iou)
            if iou >= FOUND_IOU:
                self._follow(number, int(shown.ids[found[row]]))
            elif number in self._owners:
                self._lost.add(number)

    def _follow(self, number: int, identity: int) -> None:
        self.switches += self._owners.get(number, identity) != identity
        self.fragmentations += number in self._lost
        self._lost.discard(number)
        self._owners[number] = identity

    def figures(self) -> dict[str, Any]:
        """Return what ``eval --json`` writes."""
        means = {number: float(np.mean(ious)) for number, ious in sorted(self.ious.items())}
        return {
            "iou": float(np.mean(list(means.values()))) if means else None,
            "iou_by_object": means,
            "switches": self.switches,
            "fragmentations": self.fragmentations,
            **self.presence.figures(),
        }


def evaluate(
    video: Path,
    truth: Path | None,
    settings: Settings,
    rate: int = 25,
    progress: Callable[[Iterable[_Frame]], Iterable[_Frame]] = iter,
) -> dict[str, Any]:
    """Follow the objects of a video and compare them with the truth.

    Args:
        video: a video file, or a folder of pictures.
        truth: folder of PNG files of the same names as the pictures, or 0.png, 1.png … for a
            file: one colour or number for each object, black for none. Frames without a file
            are followed and not judged.
        settings: model, device, threshold, classes.
        rate: frames a second of a folder.
        progress: wraps the frames.

    Returns:
        Way of showing (``untracked``, ``off``, ``low``, ``high``) → :meth:`Judge.figures`.

    Raises:
        SourceError: a picture or the folder cannot be read, or its size is not the truth's.
    """
    trackers = {steady: Tracker(settings.score, steady) for steady in STEADINESS}
    judges = {name: Judge() for name in (UNTRACKED, *trackers)}
    known = {path.stem: path for path in truth.glob("*.png")} if truth else {}
    if truth and not known:
        raise SourceError(f"{truth} holds no PNG files", "choose a folder with a label PNG for each frame")
    low = min(WEAK, settings.score)
    with Segmenter(settings.model, settings.device, settings.precision, low, settings.nms) as segmenter:
        for name, pts, image in progress(_frames(video, rate)):
            found = segmenter.segment(image)
            if settings.classes:
                found = found[np.isin([found.name(i) for i in range(len(found))], settings.classes)]
            labels = _labels(known[name], image.shape[:2]) if name in known else None
            strong = found[found.scores > settings.score]
            # without a tracker, what is one object is not known from frame to frame
            judges[UNTRACKED].add(replace(strong, ids=np.zeros(len(strong), np.int64)), pts, labels)
            for steady, tracker in trackers.items():
                judges[steady].add(tracker.update(found, pts, image), pts, labels)
    figures = {name: judge.figures() for name, judge in judges.items()}
    figures[UNTRACKED]["switches"] = None
    return figures


def report_video(video: Path, truth: Path | None, settings: Settings, rate: int, report: Path | None) -> None:
    """Run :func:`evaluate`, print its figures and write them to ``report``."""
    check_report(report)
    figures = evaluate(video, truth, settings, rate, partial(tqdm, unit=" frames", dynamic_ncols=True))
    click.echo(f"{'':10} {'IoU':>6} {'switches':>8} {'fragments':>9} {'flicker':>8} {'blinks':>8}")
    for name, values in figures.items():
        iou = "" if values["iou"] is None else f"{values['iou']:.3f}"
        switches = "" if values["switches"] is None else values["switches"]
        rest = f"{switches:>8} {values['fragmentations']:>9} {values['flicker']:8.2f} {values['blinks']:8.2f}"
        click.echo(f"{name:10} {iou:>6} {rest}")
    if report:
        write_report(report, figures)


def _frames(video: Path, rate: int) -> Iterator[_Frame]:
    """Yield name, time and picture of each frame."""
    folder = video.is_dir()
    with open_source(str(video)) as source:
        while (frame := source.read()) is not None:
            name = Path(frame.source_id).stem if folder else str(frame.seq)
            yield name, Fraction(frame.seq, rate) if folder else frame.pts, frame.image


def _labels(path: Path, size: tuple[int, int]) -> Labels:
    """Read a label picture; colours become numbers."""
    data = np.fromfile(path, np.uint8)
    image = cv2.imdecode(data, cv2.IMREAD_UNCHANGED) if len(data) else None
    if image is None or image.shape[:2] != size:
        what = "cannot be read" if image is None else f"is {image.shape[1]} by {image.shape[0]} pixels large"
        remedy = f"its frame is {size[1]} by {size[0]} pixels large; label it so"
        raise SourceError(f"{path} {what}", remedy)
    labels = image.astype(np.int64)
    return labels if labels.ndim == 2 else labels[:, :, :3] @ np.array([1, 256, 65536])


def _near(a: Instances, b: Instances) -> bool:
    """Say whether two objects are of one class, and their middles no further apart than their size."""
    (first,), (second,) = a.boxes, b.boxes
    apart = np.abs(first[:2] + first[2:] - second[:2] - second[2:]).max() / 2
    size = max((box[2:] - box[:2]).max() for box in (first, second))
    return bool(a.labels[0] == b.labels[0] and apart <= size)


def _box_ious(a: Instances, b: Instances) -> FloatArray:
    """IoU of every box with every other of its class: (len(a), len(b)) f32."""
    both = shared(a.boxes, b.boxes)
    areas = [(x.boxes[:, 2:] - x.boxes[:, :2]).prod(axis=1) for x in (a, b)]
    union = areas[0][:, None] + areas[1] - both
    return np.where(a.labels[:, None] == b.labels, both / np.maximum(union, 1e-6), 0).astype(np.float32)
