"""Starting and ending the window. Qt is loaded only when the window is really wanted."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

from yolact_live.assets import asset
from yolact_live.errors import YolactLiveError
from yolact_live.settings import Settings
from yolact_live.settings_file import SettingsFile

_LOADED_MS = 5000
"""So long after the first picture all modules are there. Garbage collections leave them out from then on:
a full one would look at 170,000 objects, and hold the window for 70 ms."""


def run_window(
    source: str | None,
    settings: Settings,
    file: SettingsFile | None = None,
    record: Path | None = None,
    screenshot: Path | None = None,
    quit_after: float | None = None,
    overwrite: bool = False,
) -> int:
    """Show the window until it is closed.

    Args:
        source: what to open; the demo clip if None.
        settings: what to start with.
        file: where a person's choices are kept; None = nowhere.
        record: file to record to, from the first frame on.
        screenshot: file for a picture of the window; without ``quit_after`` it is taken, and the
            window closed, when masks have been shown for a moment.
        quit_after: close after so many seconds.
        overwrite: these files may be replaced.

    Returns:
        Exit status: 0; that of the error if the source or the recording failed, which is also said
        on stderr; 128 + the signal that ended it.

    Raises:
        YolactLiveError: the window cannot be shown, or a file may not be written.
    """
    _check_outputs(source, record, screenshot, overwrite)
    _check_display()
    try:
        from PySide6 import QtWidgets
        from PySide6.QtCore import Qt, QTimer
    except ImportError as error:
        raise YolactLiveError(
            f"Qt cannot be loaded ({error})",
            "install it; on Debian and Ubuntu: apt install libegl1 libgl1 libxkbcommon0 libdbus-1-3",
        ) from error
    from yolact_live.gui.automation import Automation
    from yolact_live.gui.diagnostics import diagnostics
    from yolact_live.gui.opencv import forget_opencv_qt
    from yolact_live.gui.reports import Reports
    from yolact_live.gui.translation import install
    from yolact_live.gui.welcome import first_source
    from yolact_live.gui.window import Window

    forget_opencv_qt()
    existing = QtWidgets.QApplication.instance()
    application = (
        existing if isinstance(existing, QtWidgets.QApplication) else QtWidgets.QApplication(sys.argv[:1])
    )
    application.setApplicationName("yolact-live")
    application.setOrganizationName("yolact-live")
    application.setDesktopFileName("yolact-live")
    install(application, file.preferences.language if file else "system")
    reports = Reports(lambda: diagnostics(window.chosen.settings, window.devices.runs_on)) if file else None
    if reports:
        reports.install()
    window = Window(settings, file, reports)
    loaded = QTimer(window, singleShot=True, interval=_LOADED_MS)
    loaded.timeout.connect(lambda: gc.freeze())
    window.view.presented.connect(lambda trace: loaded.start(), Qt.ConnectionType.SingleShotConnection)
    automation = Automation(window, screenshot, quit_after)
    window.show()
    application.processEvents()  # painted before the pipeline's imports want the processor
    demo = asset("demo.mp4")
    if source is not None:
        window.open(source, record=record, overwrite=overwrite)
    elif file and file.is_new:
        first_source(window.tasks, lambda source: window.open(source, loop=True))
    elif demo.exists():
        window.open(str(demo), loop=True, record=record, overwrite=overwrite)
    application.exec()
    if reports:
        reports.close()
    failure = window.failure or automation.failure
    if failure:
        print(f"yolact-live: {' '.join(str(failure).split())}", file=sys.stderr)
    if automation.signal:
        return 128 + automation.signal
    return getattr(failure, "exit_status", 1) if failure else 0


def _check_outputs(source: str | None, record: Path | None, screenshot: Path | None, overwrite: bool) -> None:
    if not (record or screenshot):
        return
    from yolact_live.record.output import VIDEO_EXTENSIONS, check_output

    inputs = [Path(source)] if source else []
    for path, extensions in ((record, VIDEO_EXTENSIONS), (screenshot, (".png", ".jpg"))):
        if path:
            check_output(path, overwrite=overwrite, extensions=extensions, inputs=inputs)


def _check_display() -> None:
    """Qt would abort the process; say it in words."""
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise YolactLiveError(
            "there is no display", "annotate without a window: yolact-live run SOURCE -o OUT.mp4"
        )
