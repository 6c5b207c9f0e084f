"""A compiled model and its ring of asynchronous infer requests.

Each request has a u8 image bound to its input once, for the life of the ring, and its
outputs are read in place. (Not ``AsyncInferQueue`` with ``share_inputs``: it frees memory in
use, openvino#36554.) Requests are awaited in the order they were started, so that results
come in order without a callback or a queue to sort them.
"""

from __future__ import annotations

import queue
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import platformdirs

from yolact_live.errors import DeviceError, UsageError
from yolact_live.infer.contract import OUTPUTS, Contract, load, read_contract
from yolact_live.infer.store import BUILTIN, resolve
from yolact_live.types import ByteArray, FloatArray

if TYPE_CHECKING:
    import openvino

# Requests beyond those that run, so that the device never waits while one is being read.
SPARE_REQUESTS = 1
# No inference takes longer than this.
_CLOSE_S = 10.0


@dataclass(frozen=True)
class Outputs:
    """What the network says of one image; views that are valid until the slot is released.

    Attributes:
        conf: (P, C + 1) f32; mask: (P, K) f32; proto: (M, M, K) f32; boxes: (P, 4) f32.
    """

    conf: FloatArray
    mask: FloatArray
    proto: FloatArray
    boxes: FloatArray


class Slot:
    """One infer request of the ring, with its own input image."""

    def __init__(self, engine: Engine, compiled: openvino.CompiledModel) -> None:
        import openvino

        height, width = engine.contract.input_size
        self.engine = engine
        self._input = np.zeros((1, height, width, 3), np.uint8)
        self._request = compiled.create_infer_request()
        self._request.set_input_tensor(0, openvino.Tensor(self._input, shared_memory=True))
        self._started_ns = 0

    def start(self, image: ByteArray) -> None:
        """Resize an (H, W, 3) u8 BGR image into the input and start inference.

        The aspect ratio is not kept: the network was trained that way.
        """
        height, width = self.engine.contract.input_size
        cv2.resize(image, (width, height), dst=self._input[0], interpolation=cv2.INTER_LINEAR)
        self._started_ns = time.perf_counter_ns()
        self._request.start_async()

    def wait(self, timeout: float) -> bool:
        """Wait for the result, at most ``timeout`` seconds; return whether it is there.

        Raises:
            DeviceError: the device failed.
        """
        try:
            return bool(self._request.wait_for(int(timeout * 1000)))
        except RuntimeError as error:
            raise DeviceError(
                f"inference failed on {self.engine.device} ({error})", "try --device CPU"
            ) from error

    @property
    def times_ns(self) -> tuple[int, int]:
        """Start and end of the last inference, monotonic nanoseconds."""
        return self._started_ns, self._started_ns + int(self._request.latency * 1e6)

    @property
    def outputs(self) -> Outputs:
        """The network's outputs, without the batch axis."""
        ports = self.engine.contract.ports
        return Outputs(**{name: self._request.get_output_tensor(ports[name]).data[0] for name in OUTPUTS})

    def release(self) -> None:
        """Hand the slot back to the ring; its outputs may be overwritten from now on."""
        self.engine.give_back(self)


class Engine:
    """A model on a device, ready to run.

    Args:
        model: ``"builtin"``, the name of an installed model, or the path of an IR or ONNX file.
        device: OpenVINO device name; AUTO chooses.
        precision: ``"auto"``, ``"f32"``, ``"bf16"`` or ``"f16"``.
        threads: CPU threads of inference; 0 lets OpenVINO choose.
        live: hurry each frame (a camera) rather than the sum of them (a file).

    Attributes:
        contract: facts of the model.
        name: the model, fit to be shown.
        device: device that really runs it, for example ``"CPU"``.
        precision: arithmetic that is really used, for example ``"int8+bf16"``.

    Raises:
        UsageError: unknown model or device.
        ModelError: the file is missing, damaged, or not YOLACT.
        DeviceError: the device cannot run the model.
    """

    def __init__(
        self,
        model: str = "builtin",
        device: str = "AUTO",
        precision: str = "auto",
        threads: int = 0,
        live: bool = False,
    ) -> None:
        import openvino

        network = load(resolve(model))
        self.contract: Contract = read_contract(network)
        self.name = BUILTIN if model == "builtin" else Path(model).stem
        quantised = any(op.get_type_name() == "FakeQuantize" for op in network.get_ops())
        core = _core()
        _check_device(core, device)
        if device == "AUTO" and len(core.available_devices) == 1:
            device = core.available_devices[0]  # says its precision, which AUTO does not
        properties: dict[str, Any] = {"PERFORMANCE_HINT": "LATENCY" if live else "THROUGHPUT"}
        properties["CACHE_DIR"] = platformdirs.user_cache_dir("yolact-live", False) + "/openvino"
        if precision != "auto":
            properties["INFERENCE_PRECISION_HINT"] = precision
        if threads:
            properties["INFERENCE_NUM_THREADS"] = threads
        try:
            compiled = core.compile_model(_image_input(openvino, network), device, properties)
            running = compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS")
            self._slots = [Slot(self, compiled) for _ in range(running + SPARE_REQUESTS)]
        except RuntimeError as error:
            raise DeviceError(f"{device} cannot run {self.name} ({error})", "try --device CPU") from error
        self.device = ",".join(compiled.get_property("EXECUTION_DEVICES"))
        self.precision = _arithmetic(compiled, quantised)
        self._free: queue.SimpleQueue[Slot] = queue.SimpleQueue()
        for slot in self._slots:
            self._free.put(slot)

    def acquire(self, timeout: float) -> Slot | None:
        """Return a slot that nobody uses; None if there is none within ``timeout`` seconds."""
        try:
            return self._free.get(timeout=timeout if self._slots else 0)
        except queue.Empty:
            return None

    def give_back(self, slot: Slot) -> None:
        """Take back a slot; see :meth:`Slot.release`."""
        if self._slots:
            self._free.put(slot)

    def close(self) -> None:
        """Wait until nothing runs any more and let go of the requests.

        Requests that are destroyed while they run can hang the process (openvino#37073).
        """
        slots, self._slots = self._slots, []
        for slot in slots:
            slot.wait(_CLOSE_S)
        while not self._free.empty():
            self._free.get()


@cache
def _core() -> openvino.Core:
    import openvino

    return openvino.Core()


def devices() -> dict[str, str]:
    """Return the devices that OpenVINO sees: name → full name."""
    core = _core()
    return {name: core.get_property(name, "FULL_DEVICE_NAME") for name in core.available_devices}


def _check_device(core: openvino.Core, device: str) -> None:
    virtual, _, members = device.partition(":")
    known = core.available_devices
    wanted = [name for name in members.split(",") if name] if virtual in _VIRTUAL_DEVICES else [device]
    for name in wanted:
        bare = name.removeprefix("-").partition("(")[0]
        if not any(bare in (one, one.partition(".")[0]) for one in known):
            raise UsageError(f"unknown device {name}", f"use one of AUTO, {', '.join(known)}")


_VIRTUAL_DEVICES = ("AUTO", "MULTI", "HETERO")


def _image_input(openvino: Any, network: openvino.Model) -> openvino.Model:
    """Make the input [1, H, W, 3] u8; conversion and layout become part of the graph."""
    contract = read_contract(network)
    colours = openvino.preprocess.ColorFormat
    steps = openvino.preprocess.PrePostProcessor(network)
    steps.input().tensor().set_element_type(openvino.Type.u8).set_layout(openvino.Layout("NHWC"))
    steps.input().tensor().set_color_format(colours.BGR)
    steps.input().model().set_layout(openvino.Layout("NHWC" if contract.channels_last else "NCHW"))
    prepare = steps.input().preprocess()
    if contract.rgb:
        prepare.convert_color(colours.RGB)
    if contract.mean or contract.scale:
        prepare.convert_element_type(openvino.Type.f32)
    if contract.mean:
        prepare.mean(contract.mean)
    if contract.scale:
        prepare.scale(contract.scale)
    for port in network.outputs:
        steps.output(port.index).tensor().set_element_type(openvino.Type.f32)
    return steps.build()


def _arithmetic(compiled: openvino.CompiledModel, quantised: bool) -> str:
    """Return what the model really computes in, for example ``"f32"`` or ``"int8+bf16"``."""
    hint = "INFERENCE_PRECISION_HINT"
    parts = ["int8"] if quantised else []
    if hint in compiled.get_property("SUPPORTED_PROPERTIES"):
        parts.append(compiled.get_property(hint).get_type_name())
    return "+".join(parts) or "auto"
