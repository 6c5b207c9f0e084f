"""Devices: what they can do, and the CPU in place of one that cannot run the model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.gpu import plug_in
from tests.models import SIDE, write_model
from yolact_live.errors import DeviceError, UsageError
from yolact_live.infer.devices import Device, check_known, device, devices
from yolact_live.infer.engine import Engine
from yolact_live.infer.segmenter import Segmenter
from yolact_live.settings import Settings

PICTURE = np.zeros((SIDE, SIDE, 3), np.uint8)


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *_: str(tmp_path / "cache"))


@pytest.fixture
def tiny(tmp_path: Path) -> str:
    return str(write_model(tmp_path / "tiny.xml"))


def test_the_processor_is_listed_with_what_it_can_do() -> None:
    (cpu,) = [one for one in devices() if one.name == "CPU"]
    assert cpu.full_name not in ("", "CPU")
    assert "f32" in cpu.precisions
    assert "INT8" in cpu.capabilities
    assert cpu.openvino.startswith("20")
    assert cpu.driver == ""


def test_a_driver_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    plug_in(monkeypatch)
    assert [one.name for one in devices()] == ["CPU", "GPU"]
    assert device("GPU").driver == "32.0.1"


def test_precisions_follow_the_capabilities() -> None:
    assert Device("NPU", "", ("FP16", "INT8"), "", "").precisions == ("f16",)
    assert Device("CPU", "", ("BIN", "FP32", "BF16"), "", "").precisions == ("f32", "bf16")


@pytest.mark.parametrize(
    "name", ["CPU", "AUTO", "AUTO:CPU", "AUTO:GPU,CPU", "MULTI:GPU.0,CPU(2)", "AUTO:-GPU.1"]
)
def test_known_devices(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plug_in(monkeypatch)
    monkeypatch.setattr("tests.gpu.Gpu.available_devices", ("CPU", "GPU.0", "GPU.1"))
    check_known(name)


@pytest.mark.parametrize(
    ("name", "unknown"), [("QPU", "QPU"), ("GPU.7", "GPU.7"), ("AUTO:CPU,NPU", "NPU"), ("", "")]
)
def test_unknown_devices(name: str, unknown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plug_in(monkeypatch)
    with pytest.raises(UsageError, match=f"unknown device {unknown}: use one of AUTO, CPU, GPU"):
        check_known(name)


@pytest.mark.parametrize("name", ["CPU", "AUTO", "AUTO:CPU"])
def test_the_precision_in_use_is_read_back(tiny: str, name: str) -> None:
    engine = Engine(Settings(model=tiny, device=name, precision="f32"))
    assert (engine.device, engine.precision, engine.notice) == ("CPU", "f32", None)
    engine.close()
    assert (engine.device, engine.precision) == ("CPU", "f32")


def test_the_cpu_replaces_a_device_that_cannot_compile(tiny: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plug_in(monkeypatch, lasts=None)
    with Segmenter(tiny, "GPU") as segmenter:
        assert segmenter.device == "CPU"
        assert isinstance(segmenter.notice, DeviceError)
        message = "GPU cannot run tiny ([GPU] clBuildProgram failed): the CPU runs it instead"
        assert str(segmenter.notice) == message
        assert len(segmenter.segment(PICTURE)) == 1


def test_nobody_is_sent_from_the_cpu_to_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("yolact_live.infer.segmenter._TIMEOUT_S", 0.0)
    answer = pytest.raises(DeviceError, match="CPU does not answer: try another model or precision")
    with Segmenter("builtin", "CPU") as segmenter, answer:
        segmenter.segment(PICTURE)


def test_a_device_that_can_is_used(tiny: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plug_in(monkeypatch)
    engine = Engine(Settings(model=tiny, device="GPU", threads=2))  # a GPU refuses to be told of threads
    assert engine.notice is None
    assert engine.device == "GPU"
    engine.close()


def test_a_device_lost_between_two_pictures_is_told(tiny: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plug_in(monkeypatch, lasts=1)
    with Segmenter(tiny, "GPU") as segmenter:
        assert len(segmenter.segment(PICTURE)) == 1
        with pytest.raises(
            DeviceError, match=r"inference failed on GPU .*CL_DEVICE_NOT_AVAILABLE.*try the device CPU"
        ):
            segmenter.segment(PICTURE)
