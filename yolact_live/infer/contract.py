"""What a model must look like to be YOLACT, and what varies between such models.

Outputs of any IR or ONNX are told apart by name, else by shape; labels, class count, sizes
and the recommended score come from the model itself and its ``rt_info``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from yolact_live.errors import ModelError
from yolact_live.infer.labels import COCO80, PASCAL20

if TYPE_CHECKING:
    import openvino

OUTPUTS = ("conf", "mask", "proto", "boxes")
EXPECTED = "one image input and the outputs conf [1,N,C+1], mask [1,N,K], proto [1,M,M,K], boxes [1,N,4]"
REMEDY = "use a YOLACT model as OpenVINO IR or ONNX"
DEFAULT_SCORE = 0.5


@dataclass(frozen=True)
class Contract:
    """The facts of one model.

    Attributes:
        input_size: height and width of the network's input in pixels.
        channels_last: whether the input is [1, H, W, 3] rather than [1, 3, H, W].
        ports: index of the outputs conf, mask, proto and boxes among the model's outputs.
        priors: number of priors N.
        labels: class list, background left out.
        score: score threshold that the model's makers recommend.
        mean, scale: three numbers each, to be subtracted from the pixels (0 to 255) and to
            divide the rest, in the model's channel order; empty if the model does it itself.
        rgb: the input is RGB; otherwise BGR.
    """

    input_size: tuple[int, int]
    channels_last: bool
    ports: dict[str, int]
    priors: int
    labels: tuple[str, ...]
    score: float
    mean: tuple[float, ...] = ()
    scale: tuple[float, ...] = ()
    rgb: bool = False


def load(path: Path) -> openvino.Model:
    """Read an IR or ONNX file; its batch is set to 1.

    Raises:
        ModelError: no such file, an IR without its weights, damaged, or not a model at all.
    """
    import openvino

    if not path.is_file():
        raise ModelError(f"no model at {path}", "check the path; `yolact-live models list` shows names")
    if path.suffix == ".bin":
        path = path.with_suffix(".xml")
    if path.suffix == ".xml" and not path.with_suffix(".bin").is_file():
        raise ModelError(
            f"{path.name} lacks its weights {path.stem}.bin", "put the .bin file beside the .xml"
        )
    try:
        model = openvino.Core().read_model(path)
        if model.is_dynamic():
            _fix_batch(model)
        if path.suffix == ".onnx":
            _set_defaults(model, _ONNX_INPUT)
    except RuntimeError as error:
        raise ModelError(f"{path} cannot be read as a model ({first_line(error)})", REMEDY) from error
    return model


# Open Model Zoo's ONNX, unlike its IR, leaves the preparation of the picture to the caller.
_ONNX_INPUT = {
    "mean_values": "123.675 116.78 103.94",
    "scale_values": "58.395 57.12 57.375",
    "reverse_input_channels": "YES",
}


def _set_defaults(model: openvino.Model, values: dict[str, str]) -> None:
    for key, value in values.items():
        if _info(model, key) is None:
            model.set_rt_info(value, ["model_info", key])


def _fix_batch(model: openvino.Model) -> None:
    for port in model.inputs:
        shape = port.partial_shape
        if shape.rank.is_static and len(shape) > 0 and shape[0].is_dynamic:
            shape[0] = 1
            model.reshape({port: shape})


def first_line(error: Exception) -> str:
    """Return the line of an OpenVINO message that says what went wrong."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    useful = [line for line in lines if not line.startswith(("Exception from", "Check '"))]
    return (useful or lines or ["unknown reason"])[0]


def read_contract(model: openvino.Model) -> Contract:
    """Return the facts of a model.

    Raises:
        ModelError: the model cannot be YOLACT; says what was expected and what was found.
    """
    shapes = [_static_shape(port) for port in model.outputs]
    inputs = [_static_shape(port) for port in model.inputs]
    names = [set(port.get_names()) for port in model.outputs]
    if len(inputs) != 1 or len(inputs[0]) != 4 or 3 not in (inputs[0][1], inputs[0][3]):
        raise _refuse(inputs, shapes)
    ports = _by_name(names) or _by_shape(shapes)
    if ports is None or not _consistent({name: shapes[port] for name, port in ports.items()}):
        raise _refuse(inputs, shapes)
    channels_last = inputs[0][1] != 3
    height, width = inputs[0][1:3] if channels_last else inputs[0][2:4]
    priors, columns = shapes[ports["conf"]][1:]
    labels = _labels(model, columns - 1)
    return Contract(
        (height, width),
        channels_last,
        ports,
        priors,
        labels,
        score=(_numbers(model, "confidence_threshold", 1) or (DEFAULT_SCORE,))[0],
        mean=_numbers(model, "mean_values", 3),
        scale=_numbers(model, "scale_values", 3),
        rgb=(_info(model, "reverse_input_channels") or "").lower() in ("yes", "true", "1"),
    )


def _static_shape(port: openvino.Output) -> tuple[int, ...]:
    shape = port.partial_shape
    if shape.rank.is_dynamic:
        return ()
    return tuple(-1 if axis.is_dynamic else axis.get_length() for axis in shape)


def _by_name(names: list[set[str]]) -> dict[str, int] | None:
    found = {want: [i for i, given in enumerate(names) if want in given] for want in OUTPUTS}
    if all(len(ports) == 1 for ports in found.values()):
        return {want: ports[0] for want, ports in found.items()}
    return None


def _by_shape(shapes: list[tuple[int, ...]]) -> dict[str, int] | None:
    """Tell outputs apart by shape; where two could be either, the reference's order decides."""
    protos = [i for i, shape in enumerate(shapes) if len(shape) == 4]
    rows = [i for i, shape in enumerate(shapes) if len(shape) == 3]
    if len(shapes) != 4 or len(protos) != 1 or len(rows) != 3:
        return None
    boxes = next((i for i in reversed(rows) if shapes[i][2] == 4), None)
    depth = shapes[protos[0]][3]
    mask = next((i for i in reversed(rows) if i != boxes and shapes[i][2] == depth), None)
    conf = next((i for i in rows if i not in (boxes, mask)), None)
    if boxes is None or mask is None or conf is None:
        return None
    return {"conf": conf, "mask": mask, "proto": protos[0], "boxes": boxes}


def _consistent(shapes: dict[str, tuple[int, ...]]) -> bool:
    conf, mask, proto, boxes = (shapes[name] for name in OUTPUTS)
    if [len(shape) for shape in (conf, mask, proto, boxes)] != [3, 3, 4, 3]:
        return False
    return (
        conf[1] == mask[1] == boxes[1] > 0
        and conf[0] == mask[0] == proto[0] == boxes[0] == 1
        and conf[2] >= 2
        and boxes[2] == 4
        and mask[2] == proto[3] > 0
        and min(proto) > 0
    )


def _refuse(inputs: list[tuple[int, ...]], outputs: list[tuple[int, ...]]) -> ModelError:
    found = ", ".join(str(list(shape)) for shape in inputs) + " → " + ", ".join(str(list(s)) for s in outputs)
    return ModelError(f"the model is not YOLACT: expected {EXPECTED}, found {found}", REMEDY)


def _info(model: openvino.Model, key: str) -> str | None:
    if not model.has_rt_info(["model_info", key]):
        return None
    value: str = model.get_rt_info(["model_info", key]).astype(str)
    return value


def _labels(model: openvino.Model, count: int) -> tuple[str, ...]:
    """Return the class list: the model's own (Model API writes spaces in names as ``_``), else by count."""
    own = tuple(name.replace("_", " ") for name in (_info(model, "labels") or "").split())
    for labels in (own, own[1:], COCO80, PASCAL20):
        if len(labels) == count:
            return labels
    return tuple(f"class {i + 1}" for i in range(count))


def _numbers(model: openvino.Model, key: str, count: int) -> tuple[float, ...]:
    """Return the numbers under a key of ``rt_info``; nothing if it holds something else."""
    try:
        numbers = tuple(float(word) for word in (_info(model, key) or "").replace(",", " ").split())
    except ValueError:
        return ()
    return numbers if len(numbers) == count else ()
