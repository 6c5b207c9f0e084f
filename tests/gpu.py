"""A GPU for computers without one: OpenVINO as it is, and beside the CPU a device that fails."""

from __future__ import annotations

from typing import Any

import openvino
import pytest

from yolact_live.infer import devices


class Gpu:
    """OpenVINO's core with a device GPU, which computes on the CPU.

    Args:
        lasts: inferences until it is lost; None = it cannot even compile.
        runs: model that it runs, whatever it is given; None = what it is given.
    """

    available_devices = ("CPU", "GPU")

    def __init__(self, lasts: int | None, runs: openvino.Model | None = None) -> None:
        self.core = openvino.Core()
        self.lasts = lasts
        self.runs = runs

    def get_property(self, name: str, key: str) -> Any:
        if name == "GPU" and key == "GPU_DRIVER_VERSION":
            return "32.0.1"
        return self.core.get_property(name.replace("GPU", "CPU"), key)

    def get_versions(self, name: str) -> dict[str, Any]:
        return {name: self.core.get_versions("CPU")["CPU"]}

    def compile_model(self, model: Any, name: str, properties: dict[str, Any]) -> Any:
        if name != "GPU":
            return self.core.compile_model(model, name, properties)
        if "INFERENCE_NUM_THREADS" in properties:
            raise RuntimeError("[GPU] Unsupported property INFERENCE_NUM_THREADS")
        if self.lasts is None:
            raise RuntimeError("Exception from core.cpp:1:\n[GPU] clBuildProgram failed")
        return _Compiled(self, self.core.compile_model(self.runs or model, "CPU", properties))


class _Compiled:
    def __init__(self, gpu: Gpu, compiled: openvino.CompiledModel) -> None:
        self._gpu, self._compiled = gpu, compiled

    def get_property(self, key: str) -> Any:
        return ["GPU"] if key == "EXECUTION_DEVICES" else self._compiled.get_property(key)

    def create_infer_request(self) -> Any:
        return _Request(self._gpu, self._compiled.create_infer_request())


class _Request:
    def __init__(self, gpu: Gpu, request: openvino.InferRequest) -> None:
        self._gpu, self._request = gpu, request

    def start_async(self) -> None:
        assert self._gpu.lasts is not None
        if self._gpu.lasts == 0:
            raise RuntimeError("[GPU] CL_DEVICE_NOT_AVAILABLE")
        self._gpu.lasts -= 1
        self._request.start_async()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._request, name)


def plug_in(
    monkeypatch: pytest.MonkeyPatch, lasts: int | None = 1000, runs: openvino.Model | None = None
) -> None:
    """Let this process see a :class:`Gpu`."""
    gpu = Gpu(lasts, runs)
    monkeypatch.setattr(devices, "core", lambda: gpu)
