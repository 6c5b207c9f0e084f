"""The one table of actions: tool bar, menu, shortcuts and tool tips are made from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget

from yolact_live.gui import theme
from yolact_live.gui.translation import tr


@dataclass(frozen=True)
class Spec:
    """One thing a person can do.

    Attributes:
        name: key of the action; also the name of the method that does it.
        text: what menus and buttons call it.
        keys: shortcuts; the first one is shown.
        group: which ones stand together in the menu, and have their methods in one object.
        tip: one sentence; the shortcut is added.
        icon: file in ``assets/icons``, without extension.
        checkable: it is on or off.
        setting: setting that it changes; then there is no method.
        value: what it sets this to; None = on/off, the other way round.
    """

    name: str
    text: str
    keys: tuple[str, ...]
    group: str
    tip: str
    icon: str = ""
    checkable: bool = False
    setting: str = ""
    value: object = None


GROUPS = {
    "source": "Source",
    "playback": "Playback",
    "keep": "Record",
    "show": "Show",
    "opacity": "Opacity of masks",
    "count": "Count",
    "view": "Zoom",
    "panels": "Panels",
    "window": "Window",
    "help": "Help",
}
"""Group → what its menu is called."""

ACTIONS = (
    Spec("open_file", "Open file…", ("Ctrl+O",), "source", "Open a video or a picture.", "open"),
    Spec("open_folder", "Open folder…", ("Ctrl+Shift+O",), "source", "Open the pictures in a folder."),
    Spec(
        "open_address",
        "Open address…",
        ("Ctrl+L",),
        "source",
        "Open a network camera, a playlist or a video.",
    ),
    Spec("camera", "Camera", ("Shift+O",), "source", "Pick a camera or another live source.", "camera"),
    Spec(
        "paste", "Paste path or address", ("Ctrl+V",), "source", "Open the path or address on the clipboard."
    ),
    Spec("play_pause", "Play", ("Space", "K"), "playback", "Play or pause.", "play"),
    Spec("stop", "Stop", ("S",), "playback", "Stop and let go of the camera or file.", "stop"),
    Spec("step_back", "Previous frame", (",",), "playback", "Go back by one frame.", "step-back"),
    Spec("step_forward", "Next frame", (".",), "playback", "Go on by one frame.", "step-forward"),
    Spec("seek_back", "Back 5 seconds", ("Left",), "playback", "Go back by 5 seconds."),
    Spec("seek_forward", "Forward 5 seconds", ("Right",), "playback", "Go on by 5 seconds."),
    Spec("seek_percent_back", "Back 5 %", ("Ctrl+Left",), "playback", "Go back by 5 % of the whole."),
    Spec("seek_percent_forward", "Forward 5 %", ("Ctrl+Right",), "playback", "Go on by 5 % of the whole."),
    Spec("key_back", "Previous key frame", ("Alt+Left",), "playback", "Go back to a key frame."),
    Spec("key_forward", "Next key frame", ("Alt+Right",), "playback", "Go on to a key frame."),
    Spec("seek_start", "To the start", ("Home",), "playback", "Go to the first frame, or the in mark."),
    Spec("seek_end", "To the end", ("End",), "playback", "Go to the last frame, or the out mark."),
    Spec("go_to", "Go to time…", ("G",), "playback", "Type the time to go to."),
    Spec("half_speed", "Half speed", ("Shift+J",), "playback", "Play half as fast."),
    Spec("double_speed", "Double speed", ("Shift+L",), "playback", "Play twice as fast."),
    Spec("slower", "Slower", ("J",), "playback", "Play at the next lower speed."),
    Spec("faster", "Faster", ("L",), "playback", "Play at the next higher speed."),
    Spec("normal_speed", "Normal speed", ("Shift+K",), "playback", "Play at the speed of the file."),
    Spec("mark_in", "Set in mark", ("I",), "playback", "Play from the frame that is shown."),
    Spec("mark_out", "Set out mark", ("O",), "playback", "Play up to the frame that is shown."),
    Spec("clear_marks", "Clear marks", ("X",), "playback", "Play all of the file."),
    Spec("loop", "Loop", ("U",), "playback", "Start again at the end.", "loop", checkable=True),
    Spec("record", "Record", ("R",), "keep", "Start or finish a recording.", "record", checkable=True),
    Spec(
        "record_pause",
        "Pause recording",
        ("Shift+R",),
        "keep",
        "Leave out what comes, or go on.",
        "pause",
        checkable=True,
    ),
    Spec(
        "record_video",
        "Record what you see",
        (),
        "keep",
        "Recordings are videos of what you see.",
        checkable=True,
    ),
    Spec(
        "record_annotations",
        "Record annotations only",
        (),
        "keep",
        "Recordings keep what was found; Preferences say in which form.",
        checkable=True,
    ),
    Spec("record_both", "Record both", (), "keep", "Recordings keep video and annotations.", checkable=True),
    Spec("recordings", "Open recordings", (), "keep", "Open the folder of recordings.", "open"),
    Spec("snapshot", "Snapshot", ("C",), "keep", "Save the picture that is shown.", "snapshot"),
    Spec("snapshot_plain", "Plain snapshot", (), "keep", "Save the picture without masks, boxes and labels."),
    Spec(
        "snapshot_copy",
        "Copy snapshot",
        ("Shift+C",),
        "keep",
        "Put the picture that is shown on the clipboard.",
    ),
    Spec("snapshots", "Open snapshots", (), "keep", "Open the folder of snapshots."),
    Spec("masks", "Masks", ("V",), "show", "Show or hide masks and contours.", checkable=True),
    Spec("boxes", "Boxes", ("B",), "show", "Show or hide boxes.", checkable=True, setting="boxes"),
    Spec("names", "Names", ("N",), "show", "Show or hide class names.", checkable=True, setting="labels"),
    Spec("scores", "Scores", ("Shift+S",), "show", "Show or hide scores.", checkable=True, setting="scores"),
    Spec(
        "track",
        "Follow objects",
        ("T",),
        "show",
        "Follow objects over time.",
        checkable=True,
        setting="track",
    ),
    Spec("next_look", "Next view", ("W",), "show", "Overlay, masks alone, cut-out, blurred background."),
    Spec(
        "reset",
        "Reset settings",
        (),
        "show",
        "Set what the panels show back to how it was made; theme, language and keys stay.",
    ),
    Spec(
        "live",
        "Live timing",
        ("Shift+V",),
        "show",
        "Show the newest frame at once, with the newest masks moved onto it.",
        checkable=True,
    ),
    Spec("score_down", "Show more objects", ("[",), "show", "Lower the score threshold."),
    Spec("score_up", "Show fewer objects", ("]",), "show", "Raise the score threshold."),
    *(
        Spec(
            f"opacity_{digit}",
            f"{(digit or 10) * 10} %",
            (str(digit),),
            "opacity",
            f"Masks with an opacity of {(digit or 10) * 10} %.",
            setting="opacity",
            value=(digit or 10) / 10,
        )
        for digit in (*range(1, 10), 0)
    ),
    Spec(
        "zones",
        "Lines and zones",
        ("Z",),
        "count",
        "Draw lines and zones on the picture, to count there.",
        checkable=True,
    ),
    Spec(
        "counts",
        "Counts",
        ("Shift+Z",),
        "count",
        "Write how many objects of each class there are and were.",
        checkable=True,
        setting="counts",
    ),
    Spec("zoom_in", "Zoom in", ("+", "="), "view", "Enlarge the picture; the wheel does it at the pointer."),
    Spec("zoom_out", "Zoom out", ("-",), "view", "See more of the picture."),
    Spec("zoom_fit", "Fit", ("Ctrl+0",), "view", "See the whole picture."),
    Spec("zoom_full", "100 %", ("Ctrl+1",), "view", "One pixel of the picture is one of the screen."),
    Spec("pan_left", "Move left", ("Shift+Left",), "view", "See more of the left of an enlarged picture."),
    Spec("pan_right", "Move right", ("Shift+Right",), "view", "See more of its right."),
    Spec("pan_up", "Move up", ("Shift+Up",), "view", "See more of its top."),
    Spec("pan_down", "Move down", ("Shift+Down",), "view", "See more of its bottom."),
    Spec("pin_next", "Follow next object", ("Shift+N",), "view", "Pin one object after another."),
    Spec("detection", "Detection", (), "panels", "What counts as found."),
    Spec("classes", "Classes", (), "panels", "Which classes are looked for."),
    Spec("look", "Look", (), "panels", "How the picture looks."),
    Spec("model", "Model", ("M",), "panels", "Models and devices."),
    Spec("statistics", "Statistics", ("D",), "panels", "Speed, delay and drops."),
    Spec("detach", "Detach panel", ("Shift+P",), "window", "Let the panel in front float, or dock it again."),
    Spec("reset_layout", "Reset layout", (), "window", "Bring all panels back to where they were at first."),
    Spec("settings", "All panels", ("P",), "window", "Show or hide the panels.", "panel", checkable=True),
    Spec(
        "picture_only",
        "Picture only",
        ("Shift+F",),
        "window",
        "Hide everything around the picture; Esc comes back.",
        checkable=True,
    ),
    Spec(
        "full_screen",
        "Full screen",
        ("F", "F11"),
        "window",
        "Only the picture; Esc comes back.",
        "fullscreen",
    ),
    Spec("menu", "Menu", ("F10",), "window", "All actions and their shortcuts.", "menu"),
    Spec("quit", "Quit", ("Ctrl+Q",), "window", "Finish the recording and close."),
    Spec("palette", "Find an action…", ("Ctrl+K", "Ctrl+Shift+P"), "help", "Type what you want to do."),
    Spec("shortcuts", "Keyboard shortcuts…", ("?",), "help", "See all shortcuts, and change them."),
    Spec("preferences", "Preferences…", ("Ctrl+,",), "help", "Theme and other habits of the window."),
    Spec("about", "About", ("F1",), "help", "Versions, licences and diagnostics."),
)
BY_NAME = {spec.name: spec for spec in ACTIONS}


def make_actions(window: QWidget, trigger: Callable[[Spec], None]) -> dict[str, QAction]:
    """Make every action of the table and give ``window`` its shortcuts.

    Args:
        trigger: called with the action's entry when a person wants it.
    """
    made = {}
    for spec in ACTIONS:
        action = QAction(tr(spec.text), window)
        give_keys(action, spec, spec.keys)
        action.setCheckable(spec.checkable)
        action.triggered.connect(lambda _=False, spec=spec: trigger(spec))
        window.addAction(action)
        made[spec.name] = action
    return made


def give_keys(action: QAction, spec: Spec, keys: tuple[str, ...]) -> None:
    """Give an action its shortcuts; the tool tip tells the first."""
    action.setShortcuts([QKeySequence(key) for key in keys])
    shown = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    tip = tr(spec.tip)[:-1]
    action.setToolTip(f"{tip} ({shown})" if shown else tip)


def set_icon(action: QAction, name: str) -> None:
    """Give an action an icon of ``assets/icons`` in the colours of the theme in force."""
    colours = theme.current()
    icon = theme.icon(name, colours.text, colours.disabled)
    if action.icon().cacheKey() != icon.cacheKey():
        action.setIcon(icon)


class OwnKeys(QObject):
    """An event filter: the widget that has the focus gets these keys although they are shortcuts."""

    def __init__(self, parent: QObject, *keys: Qt.Key) -> None:
        super().__init__(parent)
        self._keys = keys

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        wanted = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if wanted and isinstance(event, QKeyEvent) and event.key() in self._keys:
            event.accept()
        return False
