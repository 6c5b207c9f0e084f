"""The one schema of options.

Command-line flags, the window's controls and the settings file are all made from the
fields of :class:`Settings`; what concerns the window alone is in :class:`Preferences`. Nothing
about an option is written down twice.
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from typing import Any

from yolact_live.errors import UsageError

_COLOUR = re.compile("#[0-9a-fA-F]{6}")


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
    empty: str = ""  # what 0 or no names mean
    window: bool = False  # means something to the window alone
    colour: bool = False  # besides the choices, any colour as #rrggbb

    def check(self, name: str, value: Any) -> None:
        """Raise :class:`UsageError` if ``value`` is not allowed."""
        flag = flag_name(name)
        if self.choices and value not in self.choices and not (self.colour and _COLOUR.fullmatch(value)):
            known = ", ".join((*self.choices, "#rrggbb") if self.colour else self.choices)
            raise UsageError(f"{flag} {value} is unknown", f"use one of {known}")
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


def option_of(field: dataclasses.Field[Any]) -> Option:
    """Return the :class:`Option` of a field of :class:`Settings` or :class:`Preferences`."""
    result = field.metadata["option"]
    assert isinstance(result, Option)
    return result


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
        0,
        "Threads of inference on the CPU; 0 lets OpenVINO choose.",
        minimum=0,
        maximum=1024,
        group="model",
        empty="auto",
    )
    streams: int = option(
        0,
        "Inferences at the same time; 0 lets OpenVINO choose.",
        minimum=0,
        maximum=1024,
        group="model",
        empty="auto",
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
    classes: tuple[str, ...] = option((), "Only these classes, comma-separated.", metavar="A,B", empty="all")
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
    sync: str = option(
        "exact",
        "What the window shows: each frame with its own masks (exact), or the newest frame at once, with "
        "the newest masks moved onto it (live). Recordings are always exact.",
        choices=("exact", "live"),
        group="look",
        window=True,
        label="Timing",
    )
    view: str = option(
        "overlay",
        "Masks over the picture, masks alone, the objects cut out, or a blurred background.",
        choices=("overlay", "masks", "cutout", "blur"),
        group="look",
    )
    background: str = option(
        "black",
        "What is behind masks alone and objects cut out.",
        choices=("black", "white", "grey", "green", "blue", "checker"),
        colour=True,
        group="look",
    )
    opacity: float = option(
        0.45, "Opacity of the masks over the picture, 0 to 1.", minimum=0.0, maximum=1.0, group="look"
    )
    colour: str = option(
        "object",
        "One colour for each object or for each class.",
        choices=("object", "class"),
        group="look",
        label="One colour for each",
    )
    palette: str = option(
        "okabe-ito",
        "Which colours; all but material are told apart with any colour vision.",
        choices=("okabe-ito", "tol-bright", "tol-muted", "material"),
        group="look",
    )
    contours: bool = option(True, "Draw the outline of every mask.", group="look")
    contour_width: int = option(
        2, "Width of outlines, in pixels of a picture with 720 lines.", minimum=1, maximum=10, group="look"
    )
    boxes: bool = option(True, "Draw boxes.", group="look")
    labels: bool = option(True, "Write class names.", group="look", label="Names")
    scores: bool = option(True, "Write scores.", group="look")
    counts: bool = option(False, "Write how many objects of each class there are and were.", group="look")
    blur: tuple[str, ...] = option(
        (),
        "Make objects of these classes unrecognisable, comma-separated.",
        metavar="A,B",
        empty="nothing",
        group="look",
        label="Hide",
    )
    blur_style: str = option(
        "blur",
        "How they are made unrecognisable.",
        choices=("blur", "pixelate"),
        group="look",
        label="Hide by",
    )
    blur_strength: float = option(
        0.5,
        "Strength of blurring and pixelating, 0.1 to 1.",
        minimum=0.1,
        maximum=1.0,
        group="look",
        label="Blur",
    )
    reconnect: int = option(
        120,
        "Wait so many seconds for a camera or stream that was lost; 0 = not at all.",
        minimum=0,
        maximum=86_400,
        metavar="SECONDS",
        group="source",
        label="Reconnect for",
        empty="never",
    )

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            option_of(field).check(field.name, getattr(self, field.name))
        lost = [name for name in self.blur if self.classes and name not in self.classes]
        if lost:
            raise UsageError(
                f"{lost[0]} is to be hidden (--blur), but not looked for", f"add {lost[0]} to the classes"
            )


WINDOW_SETTINGS = Settings(steady="low", reconnect=86_400)
"""What the window starts with: people see flicker that programs do not mind, and wait for a source."""


@dataclass(frozen=True)
class Preferences:
    """How the window itself behaves. No flags: they are chosen in the window.

    Raises:
        UsageError: a value is out of its range.
    """

    theme: str = option(
        "system", "Colours of the window.", choices=("system", "light", "dark"), group="window"
    )
    language: str = option(
        "system", "Language of the window.", choices=("system", "en", "de"), group="window"
    )
    record: str = option(
        "video",
        "What a recording keeps: what you see (video), what was found (annotations), or both.",
        choices=("video", "annotations", "both"),
        group="window",
    )
    annotations: str = option(
        "json-lines",
        "How a recording keeps what was found.",
        choices=("json-lines", "coco", "csv", "label-maps"),
        group="window",
    )
    welcome: bool = option(True, "Show what to try on the picture.", group="window", label="Show what to try")

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            option_of(field).check(field.name, getattr(self, field.name))
