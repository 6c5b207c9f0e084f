"""A compiled model and its ring of asynchronous infer requests.

Each request has a u8 image bound to its input once, for the life of the ring, and its
outputs are read in place. (Not ``AsyncInferQueue`` with ``share_inputs``: it frees memory in
use, openvino#36554.) Requests are awaited in the order they were started, so that results
come in order without a callback or a queue to sort them.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from yolact_live.closing import Closing
from yolact_live.errors import DeviceError
from yolact_live.infer import devices
from yolact_live.infer.cache import cache_folder, note_compiled
from yolact_live.infer.contract import OUTPUTS, Contract, first_line, load, read_contract
from yolact_live.infer.store import BUILTIN, resolve
from yolact_live.memory import forget
from yolact_live.settings import Settings
from yolact_live.types import ByteArray, FloatArray, Instances

if TYPE_CHECKING:
    import openvino

# Requests beyond those that run, so that the device never waits while one is being read. With two
# of them the pipeline is no faster.
SPARE_REQUESTS = 1
# No inference takes longer than this.
_CLOSE_S = 10.0
_PRECISION = "INFERENCE_PRECISION_HINT"
# Kinds of device that refuse a number of threads.
_WITHOUT_THREADS = ("GPU", "NPU")
# OpenVINO sets the locale "C" while it reads its cache, and then what it found: two at once may
# leave the process in ASCII for good.
_COMPILING = threading.Lock()


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

    def instances(
        self,
        size: tuple[int, int],
        names: tuple[str, ...],
        score: float,
        nms: str = "fast",
        classes: np.ndarray | None = None,
        max_detections: int | None = None,
        symmetric_crop: bool = False,
    ) -> Instances:
        """Find the instances. They stay valid when the slot is released.

        Args:
            size: height and width of the image in pixels.
            names, score, nms, classes, max_detections, symmetric_crop: as for
                :func:`~yolact_live.infer.detect.postprocess`.
        """
        from yolact_live.infer.detect import postprocess  # numba loads where instances are wanted

        found = postprocess(
            self.conf,
            self.boxes,
            self.mask,
            self.proto,
            frame_size=size[::-1],
            score=score,
            nms=nms,
            max_detections=max_detections,
            names=names,
            classes=classes,
            symmetric_crop=symmetric_crop,
        )
        return replace(found, prototypes=found.prototypes.copy()) if len(found) else found


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
        self._failure: RuntimeError | None = None

    def start(self, image: ByteArray) -> None:
        """Resize an (H, W, 3) u8 BGR image into the input and start inference.

        The aspect ratio is not kept: the network was trained that way. That a device fails is
        told by :meth:`wait`.
        """
        height, width = self.engine.contract.input_size
        cv2.resize(image, (width, height), dst=self._input[0], interpolation=cv2.INTER_LINEAR)
        self._started_ns = time.perf_counter_ns()
        self._failure = None
        self.engine.note_start(self)
        try:
            self._request.start_async()
        except RuntimeError as error:
            self._failure = error

    def wait(self, timeout: float) -> bool:
        """Wait for the result, at most ``timeout`` seconds; return whether it is there.

        Raises:
            DeviceError: the device failed.
        """
        try:
            if self._failure:
                raise self._failure
            return bool(self._request.wait_for(int(timeout * 1000)))
        except RuntimeError as error:
            raise DeviceError(
                f"inference failed on {self.engine.device} ({first_line(error)})",
                devices.remedy(self.engine.device),
            ) from error

    def cancel(self) -> None:
        """End the inference at once, if one runs; :meth:`wait` then raises."""
        with suppress(RuntimeError):  # some devices cannot
            self._request.cancel()

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


class Engine(Closing):
    """A model on a device, ready to run. If the device cannot run it, the CPU does, with a notice.

    Args:
        settings: those of the group "model" matter: which model, on what, how.
        live: hurry each frame (a camera) rather than the sum of them (a file).

    Attributes:
        contract: facts of the model.
        name: the model, fit to be shown.
        notice: why the CPU runs it, and not the device that was asked for; None if that one does.

    Raises:
        UsageError: unknown model or device.
        ModelError: the file is missing, damaged, or not YOLACT.
        DeviceError: the CPU cannot run the model either.
    """

    def __init__(self, settings: Settings, live: bool = False) -> None:
        devices.check_known(settings.device)
        path = resolve(settings.model)
        network = load(path)
        self.contract: Contract = read_contract(network)
        self.name = BUILTIN if settings.model == "builtin" else Path(settings.model).stem
        self.notice: DeviceError | None = None
        self._live = live
        self._under_way: deque[Slot] = deque()  # live: what may still run, the oldest first
        self._quantised = any(op.get_type_name() == "FakeQuantize" for op in network.get_ops())
        network = _image_input(network)
        known = devices.core().available_devices
        device = known[0] if settings.device == "AUTO" and len(known) == 1 else settings.device
        # Streams, threads and pinning are as OpenVINO chooses them for the hint. The pipeline with the
        # built-in model on two cores makes 43 frames a second so (two streams of a thread each), 43
        # without pinning, 35 with one stream of two threads, 27 with a core left to other threads.
        # For one frame after another LATENCY is better: 30 ms for each instead of 42.
        asked: dict[str, Any] = {"PERFORMANCE_HINT": "LATENCY" if live else "THROUGHPUT"}
        if settings.precision != "auto":
            asked[_PRECISION] = settings.precision
        if settings.threads:
            asked["INFERENCE_NUM_THREADS"] = settings.threads
        if settings.streams:
            asked["NUM_STREAMS"] = settings.streams
        try:
            self._compile(network, path, device, asked)
        except DeviceError as error:
            if device == devices.CPU:
                raise
            self.notice = DeviceError(error.message, "the CPU runs it instead")
            self._compile(network, path, devices.CPU, asked)
        self._free: queue.SimpleQueue[Slot] = queue.SimpleQueue()
        for slot in self._slots:
            self._free.put(slot)

    def _compile(self, network: openvino.Model, path: Path, name: str, asked: dict[str, Any]) -> None:
        folder = cache_folder(path, devices.device(name))
        properties = asked | ({"CACHE_DIR": str(folder)} if folder else {})
        if name.startswith(_WITHOUT_THREADS):
            properties.pop("INFERENCE_NUM_THREADS", None)
        try:
            with _COMPILING:
                compiled = devices.core().compile_model(network, name, properties)
            self._at_once = compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS")
            self._slots = [Slot(self, compiled) for _ in range(self._at_once + SPARE_REQUESTS)]
            self._last_devices = compiled.get_property("EXECUTION_DEVICES")
            self._last_running = _running(compiled, self._last_devices)
        except RuntimeError as error:
            raise DeviceError(
                f"{name} cannot run {self.name} ({first_line(error)})", devices.remedy(name)
            ) from error
        self._compiled: openvino.CompiledModel | None = compiled
        if folder:
            note_compiled(folder)
        forget(str(folder or path), str(path.with_suffix(".bin")))

    @property
    def device(self) -> str:
        """Device that runs the model, for example ``"CPU"``; AUTO may change it at any time."""
        return self._running[0]

    @property
    def precision(self) -> str:
        """Arithmetic that is used, for example ``"int8+bf16"``."""
        return "+".join(["int8"] * self._quantised + self._running[1:]) or "auto"

    @property
    def _running(self) -> list[str]:
        compiled = self._compiled
        if compiled is not None:
            with suppress(RuntimeError):  # the device may have gone
                names = compiled.get_property("EXECUTION_DEVICES")
                if names != self._last_devices:  # each time, the other questions lose memory in OpenVINO
                    self._last_devices, self._last_running = names, _running(compiled, names)
        return self._last_running

    def acquire(self, timeout: float) -> Slot | None:
        """Return a slot that nobody uses; None if there is none within ``timeout`` seconds.

        Live, the device is free, too: a frame that waits behind another inference ages. With the
        built-in model on two cores this shows frames 23 ms sooner and makes 3 % fewer.
        """
        if self._live and len(self._under_way) >= self._at_once:
            with suppress(DeviceError):  # whoever waits for the result is told
                if not self._under_way[0].wait(timeout):
                    return None
            self._under_way.popleft()
        try:
            return self._free.get(timeout=timeout if self._slots else 0)
        except queue.Empty:
            return None

    def note_start(self, slot: Slot) -> None:
        """Take note that a slot has work; see :meth:`Slot.start`."""
        if self._live:
            self._under_way.append(slot)

    def give_back(self, slot: Slot) -> None:
        """Take back a slot; see :meth:`Slot.release`."""
        if self._slots:
            self._free.put(slot)

    def cancel(self) -> None:
        """End at once whatever runs: nobody wants the results. A large model may take a second for one."""
        for slot in self._slots:
            slot.cancel()

    def close(self) -> None:
        """Wait until nothing runs any more and let go of the requests.

        Requests that are destroyed while they run can hang the process (openvino#37073).
        """
        slots, self._slots = self._slots, []
        for slot in slots:
            with suppress(DeviceError):  # on a device that has failed nothing runs
                slot.wait(_CLOSE_S)
        self._compiled = None
        while not self._free.empty():
            self._free.get()


def _image_input(network: openvino.Model) -> openvino.Model:
    """Make the input [1, H, W, 3] u8; conversion and layout become part of the graph."""
    import openvino

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


def _running(compiled: openvino.CompiledModel, executing: list[str]) -> list[str]:
    """Return the device that runs a model, and what it computes in if it says so (``"bf16"``)."""
    # in brackets AUTO names one that runs until another is ready
    names = [name.strip("()") for name in executing]
    if "DEVICE_PROPERTIES" in compiled.get_property("SUPPORTED_PROPERTIES"):
        properties = compiled.get_property("DEVICE_PROPERTIES")
        hints = [properties.get(name, {}).get(_PRECISION) for name in names]
    elif _PRECISION in compiled.get_property("SUPPORTED_PROPERTIES"):
        hints = [compiled.get_property(_PRECISION)]
    else:
        hints = []
    return [",".join(names), *sorted({hint.get_type_name() for hint in hints if hint is not None})]
