"""The devices that can run a model, as OpenVINO sees them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from yolact_live.errors import UsageError

if TYPE_CHECKING:
    import openvino

CPU = "CPU"
"""The device that is always there."""
_VIRTUAL = ("AUTO", "MULTI", "HETERO")
# What a device says of itself → a value of --precision. In f32 all can compute, if slowly.
_PRECISIONS = {"FP32": "f32", "BF16": "bf16", "FP16": "f16"}


@dataclass(frozen=True)
class Device:
    """A device.

    Attributes:
        name: what ``--device`` takes, for example ``"GPU.0"``.
        full_name: what its makers call it.
        capabilities: what it computes in and can do, in OpenVINO's words, for example ``"INT8"``.
        openvino: version of the OpenVINO plugin that runs it.
        driver: version of its driver; empty for a CPU.
    """

    name: str
    full_name: str
    capabilities: tuple[str, ...]
    openvino: str
    driver: str

    @property
    def precisions(self) -> tuple[str, ...]:
        """Values of ``--precision`` that it can compute in."""
        return tuple(value for name, value in _PRECISIONS.items() if name in self.capabilities)


@cache
def core() -> openvino.Core:
    """Return the one OpenVINO core of this process."""
    import openvino

    return openvino.Core()


def devices() -> list[Device]:
    """Return the devices of this computer; AUTO and its like, which choose among them, are not listed."""
    return [device(name) for name in core().available_devices]


def device(name: str) -> Device:
    """Return what is known of a device; of a virtual one that is little."""
    kind = name.partition(":")[0].partition(".")[0]
    return Device(
        name,
        _ask(name, "FULL_DEVICE_NAME", name),
        tuple(sorted(_ask(name, "OPTIMIZATION_CAPABILITIES", ()))),
        core().get_versions(kind)[kind].build_number,
        str(_ask(name, f"{kind}_DRIVER_VERSION", "")),
    )


def remedy(failed: str) -> str:
    """Return what to do about a device that fails."""
    return "try another model or precision" if failed == CPU else "try the device CPU"


def check_known(name: str) -> None:
    """Raise :class:`UsageError` if OpenVINO sees no device of this name."""
    known = core().available_devices
    virtual, _, members = name.partition(":")
    wanted = [one for one in members.split(",") if one] if virtual in _VIRTUAL else [name]
    for one in wanted:
        bare = one.removeprefix("-").partition("(")[0]
        if not any(bare in (there, there.partition(".")[0]) for there in known):
            raise UsageError(f"unknown device {one}", f"use one of AUTO, {', '.join(known)}")


def _ask(name: str, key: str, default: Any) -> Any:
    """Return a property of a device; the default if it has none, or cannot be asked any more."""
    try:
        return core().get_property(name, key)
    except RuntimeError:
        return default
