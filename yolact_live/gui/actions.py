"""The one table of actions: tool bar, menu, shortcuts and tool tips are made from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget


@dataclass(frozen=True)
class Spec:
    """One thing a person can do.

    Attributes:
        name: key of the action; also the name of the window's method that does it.
        text: what menus and buttons call it.
        keys: shortcuts; the first one is shown.
        group: heading in the menu.
        icon: file in ``assets/icons``, without extension.
        tip: one sentence; the shortcut is added.
        setting: on/off setting that it toggles.
    """

    name: str
    text: str
    keys: tuple[str, ...]
    group: str
    tip: str
    icon: str = ""
    setting: str = ""


ACTIONS = (
    Spec("open_file", "Open file…", ("O", "Ctrl+O"), "Source", "Open a video file.", "open"),
    Spec("camera", "Camera", ("Shift+O",), "Source", "Pick a camera or another live source.", "camera"),
    Spec(
        "paste", "Paste path or address", ("Ctrl+V",), "Source", "Open the path or address on the clipboard."
    ),
    Spec("play_pause", "Play", ("Space", "K"), "Playback", "Play or pause.", "play"),
    Spec("stop", "Stop", ("S",), "Playback", "Stop and release the camera or file.", "stop"),
    Spec("step_back", "Previous frame", (",",), "Playback", "Go back by one frame.", "step-back"),
    Spec("step_forward", "Next frame", (".",), "Playback", "Go on by one frame.", "step-forward"),
    Spec("seek_back", "Back 5 seconds", ("Left",), "Playback", "Go back by 5 seconds."),
    Spec("seek_forward", "Forward 5 seconds", ("Right",), "Playback", "Go on by 5 seconds."),
    Spec("loop", "Loop", ("L",), "Playback", "Start again at the end.", "loop"),
    Spec("record", "Record", ("R",), "Keep", "Record what you see to a video file.", "record"),
    Spec("snapshot", "Snapshot", ("C",), "Keep", "Save the picture that is shown.", "snapshot"),
    Spec("toggle_masks", "Masks", ("V",), "Show", "Show or hide masks and contours."),
    Spec("boxes", "Boxes", ("B",), "Show", "Show or hide boxes.", setting="boxes"),
    Spec("labels", "Names", ("N",), "Show", "Show or hide class names.", setting="labels"),
    Spec("score_down", "Lower score threshold", ("[",), "Show", "Show more objects."),
    Spec("score_up", "Raise score threshold", ("]",), "Show", "Show fewer objects."),
    Spec("panel", "Settings panel", ("P",), "Window", "Show or hide the settings.", "panel"),
    Spec(
        "full_screen",
        "Full screen",
        ("F", "F11"),
        "Window",
        "Only the picture; Esc comes back.",
        "fullscreen",
    ),
    Spec("quit", "Quit", ("Ctrl+Q",), "Window", "Finish the recording and close."),
)


def make_actions(window: QWidget, trigger: Callable[[Spec], None]) -> dict[str, QAction]:
    """Make every action of the table and give ``window`` its shortcuts.

    Args:
        trigger: called with the action's entry when a person wants it.
    """
    made = {}
    for spec in ACTIONS:
        action = QAction(spec.text, window)
        action.setShortcuts([QKeySequence(keys) for keys in spec.keys])
        action.setToolTip(tool_tip(spec))
        action.setCheckable(bool(spec.setting) or spec.name in ("loop", "panel", "toggle_masks"))
        action.triggered.connect(lambda _=False, spec=spec: trigger(spec))
        window.addAction(action)
        made[spec.name] = action
    return made


def tool_tip(spec: Spec) -> str:
    """Return the sentence of an action with its shortcut."""
    return f"{spec.tip} ({QKeySequence(spec.keys[0]).toString(QKeySequence.SequenceFormat.NativeText)})"
