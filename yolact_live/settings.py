"""The one schema of options.

Command-line flags, the window's controls and the settings file are all made from the
fields of :class:`Settings`; nothing about an option is written down twice.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from yolact_live.errors import UsageError


@dataclass(frozen=True)
class Option:
    """How one setting is explained, checked and shown."""

    help: str
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    metavar: str | None = None
    group: str = "detection"
    label: str = ""  # what the window calls it, where that is not its name

    def check(self, name: str, value: Any) -> None:
        """Raise :class:`UsageError` if ``value`` is not allowed."""
        flag = flag_name(name)
        if self.choices and value not in self.choices:
            raise UsageError(f"{flag} {value} is unknown", f"use one of {', '.join(self.choices)}")
        low, high = self.minimum, self.maximum
        if (low is not None and not value >= low) or (high is not None and not value <= high):
            allowed = f"{low:g} to {high:g}" if high is not None else f"{low:g} or more"
            raise UsageError(f"{flag} {value} is out of range", f"use {allowed}")


def flag_name(name: str) -> str:
    """Command-line flag of a setting: ``top_k`` → ``--top-k``."""
    return "--" + name.replace("_", "-")


def option(default: Any, help: str, **kwargs: Any) -> Any:
    """Declare a field of :class:`Settings`."""
    return dataclasses.field(default=default, metadata={"option": Option(help, **kwargs)})


@dataclass(frozen=True)
class Settings:
    """What to run and how to show it. Immutable; change with :func:`dataclasses.replace`.

    Raises:
        UsageError: a value is out of its range.
    """

    model: str = option(
        "builtin",
        "Built-in model, name of an installed one, or path of an OpenVINO IR or ONNX file.",
        metavar="NAME|PATH",
        group="model",
    )
    device: str = option("AUTO", "OpenVINO device: AUTO, CPU, GPU, NPU.", metavar="NAME", group="model")
    precision: str = option(
        "auto", "Arithmetic of inference.", choices=("auto", "f32", "bf16", "f16"), group="model"
    )
    threads: int = option(
        0, "Threads of inference on the CPU; 0 lets OpenVINO choose.", minimum=0, maximum=1024, group="model"
    )
    streams: int = option(
        0, "Inferences at the same time; 0 lets OpenVINO choose.", minimum=0, maximum=1024, group="model"
    )
    score: float = option(0.5, "Show objects that score more than this.", minimum=0.0, maximum=1.0)
    nms: str = option(
        "fast",
        "How duplicates are removed: fast (per class), cross-class, greedy.",
        choices=("fast", "cross-class", "greedy"),
        label="Duplicates",
    )
    top_k: int = option(
        100, "At most this many objects a frame, best first.", minimum=1, maximum=1000, label="At most"
    )
    classes: tuple[str, ...] = option((), "Only these classes, comma-separated.", metavar="A,B")
    every: int = option(
        1, "Run inference on every N-th frame.", minimum=1, maximum=1000, label="Every N frames"
    )
    skip_still: bool = option(
        False, "Run no inference while the picture stands still.", label="Skip when still"
    )
    track: bool = option(True, "Follow objects over time, each by a number.")
    steady: str = option(
        "off",
        "Smooth masks, boxes and scores over time.",
        choices=("off", "low", "high"),
        label="Steadiness",
    )
    opacity: float = option(0.45, "Opacity of the masks, 0 to 1.", minimum=0.0, maximum=1.0, group="look")
    colour: str = option(
        "object",
        "One colour for each object or for each class.",
        choices=("object", "class"),
        group="look",
        label="Colours",
    )
    contours: bool = option(True, "Draw the outline of every mask.", group="look")
    boxes: bool = option(True, "Draw boxes.", group="look")
    labels: bool = option(True, "Write class names.", group="look", label="Names")
    scores: bool = option(True, "Write scores.", group="look")

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            option_of(field).check(field.name, getattr(self, field.name))


def option_of(field: dataclasses.Field[Any]) -> Option:
    """Return the :class:`Option` of a field of :class:`Settings`."""
    result = field.metadata["option"]
    assert isinstance(result, Option)
    return result
