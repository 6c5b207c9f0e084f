"""Comparing two runs of a model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.gpu import plug_in
from tests.models import SIDE, build_model, write_model
from yolact_live.infer.agreement import Agreement, check_devices, compare
from yolact_live.infer.engine import _image_input
from yolact_live.types import Instances

PICTURE = np.zeros((SIDE, SIDE, 3), np.uint8)
Found = tuple[tuple[int, int, int, int], float, int]
MAN: Found = ((10, 10, 50, 90), 0.9, 0)
DOG: Found = ((60, 50, 95, 90), 0.6, 1)


def instances(*found: Found) -> Instances:
    """Return instances in a frame of 100 × 100 pixels that fill their boxes: box, score, label."""
    boxes = np.array([box for box, _, _ in found], np.float32).reshape(-1, 4)
    return Instances(
        boxes=boxes,
        scores=np.array([score for _, score, _ in found], np.float32),
        labels=np.array([label for _, _, label in found], np.int32),
        ids=np.full(len(found), -1, np.int64),
        coefficients=np.ones((len(found), 1), np.float32),
        crops=boxes.astype(np.int32),
        prototypes=np.full((100, 100, 1), 9, np.float32),
        size=(100, 100),
        names=("man", "dog"),
    )


def test_the_same_agrees() -> None:
    both = instances(MAN, DOG)
    agreement = compare([(both, both), (instances(), instances())], 0.5)
    assert agreement == Agreement(2, 0, 0, 0, 0.0, 1.0)
    assert agreement.close


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ([MAN], Agreement(2, 1, 0, 0, 0.0, 1.0)),
        ([MAN, DOG, ((0, 0, 20, 20), 0.55, 1)], Agreement(2, 0, 1, 0, 0.0, 1.0)),
        ([MAN, (DOG[0], 0.6, 0)], Agreement(2, 0, 0, 1, 0.0, 1.0)),
        ([MAN, ((0, 0, 30, 30), 0.6, 1)], Agreement(2, 1, 1, 0, 0.0, 1.0)),
        ([MAN, (DOG[0], 0.45, 1)], Agreement(2, 0, 0, 0, 0.075, 1.0)),
        ([MAN, (DOG[0], 0.35, 1)], Agreement(2, 1, 0, 0, 0.0, 1.0)),
        ([], Agreement(2, 2, 0, 0, 0.0, 1.0)),
    ],
    ids=["missing", "extra", "other class", "elsewhere", "under the threshold", "far under it", "nothing"],
)
def test_differences_are_counted(other: list[Found], expected: Agreement) -> None:
    agreement = compare([(instances(MAN, DOG), instances(*other))], 0.5)
    assert agreement.score_difference == pytest.approx(expected.score_difference, abs=1e-6)
    assert (agreement.objects, agreement.missing, agreement.extra, agreement.relabelled) == (
        expected.objects,
        expected.missing,
        expected.extra,
        expected.relabelled,
    )
    assert not agreement.close


def test_masks_are_compared_pixel_by_pixel() -> None:
    narrow = instances(((10, 10, 40, 90), 0.9, 0))
    agreement = compare([(instances(MAN), narrow)], 0.5)
    assert agreement.mask_iou == pytest.approx(30 / 40, abs=0.02)
    assert not agreement.close


def test_two_classes_in_one_box_are_told_apart() -> None:
    one, two = (MAN[0], 0.9, 0), (MAN[0], 0.8, 1)
    agreement = compare([(instances(one, two), instances((MAN[0], 0.85, 1), (MAN[0], 0.84, 0)))], 0.5)
    assert agreement.relabelled == 0
    assert agreement.score_difference == pytest.approx((0.06 + 0.05) / 2, abs=1e-6)


@pytest.fixture
def tiny(tmp_path: Path) -> str:
    return str(write_model(tmp_path / "tiny.xml"))


def test_the_processor_agrees_with_itself(tiny: str) -> None:
    checks = list(check_devices(PICTURE, tiny))
    assert (checks[0].device, checks[0].precision, checks[0].used) == ("CPU", "f32", "f32")
    assert all(check.agrees for check in checks)
    assert all(check.agreement and check.agreement.objects == 1 for check in checks)


def test_faint_objects_are_compared_where_there_are_no_others(tmp_path: Path) -> None:
    model = build_model([(0.1, 0.1, 0.5, 0.5), (0.5, 0.5, 1.0, 1.0)], [[0.2], [0.06]])
    check = next(check_devices(PICTURE, str(write_model(tmp_path / "faint.xml", model))))
    assert check.agreement
    assert check.agreement.objects == 1


def test_a_device_that_sees_something_else_is_told(tiny: str, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = _image_input(build_model([(0.6, 0.6, 0.9, 0.9)], [[0.75]], "person"))
    plug_in(monkeypatch, runs=elsewhere)
    checks = {check.device: check for check in check_devices(PICTURE, tiny)}
    assert checks["CPU"].agrees
    assert not checks["GPU"].agrees
    assert checks["GPU"].agreement == Agreement(1, 1, 1, 0, 0.0, 1.0)


def test_a_device_that_fails_is_told_and_not_taken_for_the_cpu(
    tiny: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plug_in(monkeypatch, lasts=None)
    *_, gpu = check_devices(PICTURE, tiny)
    assert (gpu.device, gpu.agreement, gpu.agrees) == ("GPU", None, False)
    assert "clBuildProgram failed" in gpu.problem
