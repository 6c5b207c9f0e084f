"""One picture at a time, for notebooks and other programs."""

from __future__ import annotations

from yolact_live.closing import Closing
from yolact_live.errors import DeviceError
from yolact_live.infer.devices import remedy
from yolact_live.infer.engine import Engine
from yolact_live.settings import Settings
from yolact_live.types import ByteArray, Instances

# Far more than the largest model takes on the slowest device.
_TIMEOUT_S = 60.0


class Segmenter(Closing):
    """A model that is ready to segment pictures. A context manager; use it from one thread.

    Args:
        model: ``"builtin"``, the name of an installed model, or the path of an IR or ONNX file.
        device: OpenVINO device name; AUTO chooses.
        precision: ``"auto"``, ``"f32"``, ``"bf16"`` or ``"f16"``.
        score: instances score more than this; None is what the model's makers recommend.
        nms: ``"fast"``, ``"cross-class"`` or ``"greedy"``.

    Attributes:
        score: instances score more than this; may be changed.
        labels: the model's class list.
        notice: why the CPU runs it, and not the device that was asked for; None if that one does.

    Raises:
        UsageError: unknown model, device, precision or NMS.
        ModelError: the model is missing, damaged, or not YOLACT.
        DeviceError: the CPU cannot run it either.
    """

    def __init__(
        self,
        model: str = "builtin",
        device: str = "AUTO",
        precision: str = "auto",
        score: float | None = None,
        nms: str = "fast",
    ) -> None:
        self._engine = Engine(Settings(model=model, device=device, precision=precision, nms=nms), live=True)
        self.score = self._engine.contract.score if score is None else score
        self._nms = nms
        self.labels = self._engine.contract.labels
        self.notice = self._engine.notice

    def segment(self, image: ByteArray) -> Instances:
        """Return what is in a picture, highest score first.

        Args:
            image: (H, W, 3) u8 BGR, any size.

        Raises:
            ValueError: the array is not such a picture.
            DeviceError: the device failed or does not answer.
        """
        if image.ndim != 3 or image.shape[2] != 3 or image.dtype != "uint8" or not image.size:
            raise ValueError(f"expected an (H, W, 3) u8 BGR picture, got {image.shape} {image.dtype}")
        slot = self._engine.acquire(_TIMEOUT_S)
        if slot is None:
            raise DeviceError("the segmenter is closed", "make a new one")
        try:
            slot.start(image)
            if not slot.wait(_TIMEOUT_S):
                raise DeviceError(f"{self.device} does not answer", remedy(self.device))
            return slot.outputs.instances(image.shape[:2], self.labels, self.score, self._nms)
        finally:
            slot.release()

    @property
    def device(self) -> str:
        """Device that runs the model, for example ``"CPU"``."""
        return self._engine.device

    @property
    def precision(self) -> str:
        """Arithmetic that is used, for example ``"int8+bf16"``."""
        return self._engine.precision

    def close(self) -> None:
        """Let go of the device. May be called more than once."""
        self._engine.close()
