"""What the playback actions do."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from PySide6.QtGui import QAction

from yolact_live.gui.actions import set_icon
from yolact_live.gui.go_to import GoTo
from yolact_live.gui.session import WHOLE, Session
from yolact_live.gui.tasks import Tasks
from yolact_live.gui.translation import tr
from yolact_live.gui.transport import SPEEDS, Transport

_SEEK_S = 5
_PLAYING = ("running", "reconnecting")
_PARTS = 20
_MOMENT = Fraction(1, 1_000_000)
_SEEKABLE = (
    "step_back",
    "step_forward",
    "seek_back",
    "seek_forward",
    "seek_percent_back",
    "seek_percent_forward",
    "key_back",
    "key_forward",
    "seek_start",
    "seek_end",
    "go_to",
    "mark_in",
    "mark_out",
    "slower",
    "faster",
    "half_speed",
    "double_speed",
    "normal_speed",
    "loop",
)
"""Actions that need a file."""
_OF_LENGTH = ("seek_percent_back", "seek_percent_forward", "seek_end", "go_to")
"""Those that need to know how long it is."""


class Playback:
    """Plays, pauses and moves within what is open. Its methods are actions."""

    def __init__(
        self, session: Session, transport: Transport, tasks: Tasks, actions: dict[str, QAction]
    ) -> None:
        self._session = session
        self._tasks = tasks
        self._transport = transport
        self._actions = actions
        transport.sought.connect(self._seek)
        transport.sped.connect(self._set_speed)

    def play_pause(self) -> None:
        """Pause what plays; play what does not."""
        pipeline, state = self._session.pipeline, self._session.state
        if pipeline is None or state in ("failed", "stopped"):
            self._session.retry()
        elif state in _PLAYING:
            pipeline.pause()
        elif state != "opening":
            pipeline.resume()

    def stop(self) -> None:
        """Let go of the source."""
        self._session.stop()

    def loop(self) -> None:
        """Start again at the end, or do not."""
        self._session.loop = not self._session.loop
        if self._session.pipeline:
            self._session.pipeline.loop = self._session.loop

    def seek_back(self) -> None:
        """Go back a little."""
        self._transport.seek(self._transport.position - _SEEK_S)

    def seek_forward(self) -> None:
        """Go on a little."""
        self._transport.seek(self._transport.position + _SEEK_S)

    def seek_percent_back(self) -> None:
        """Go back by a share of the whole."""
        self._transport.seek(self._transport.position - self._transport.length / _PARTS)

    def seek_percent_forward(self) -> None:
        """Go on by a share of the whole."""
        self._transport.seek(self._transport.position + self._transport.length / _PARTS)

    def key_back(self) -> None:
        """Go to the key frame before the frame that is shown."""
        if self._session.result:
            self._transport.seek(self._session.result.frame.pts - _MOMENT, patience_s=0)

    def key_forward(self) -> None:
        """Go to the key frame after the frame that is shown."""
        source, result = self._session.source, self._session.result
        if source is None or result is None:
            return

        def find() -> Fraction | None:
            from yolact_live.capture.files import next_key

            return next_key(Path(source), result.frame.pts)

        def go(found: Fraction | Exception | None) -> None:
            if isinstance(found, Fraction) and source == self._session.source:
                self._transport.seek(found)

        self._tasks.run(find, go)

    def seek_start(self) -> None:
        """Go to where playing starts."""
        self._transport.seek(self._session.span[0])

    def seek_end(self) -> None:
        """Go to the last frame that is played."""
        end = self._session.span[1]
        self._transport.seek(self._transport.length if end is None else end - _MOMENT)

    def go_to(self) -> None:
        """Ask for a time, and go there."""
        window = self._transport.window()
        GoTo(window, self._transport.position, self._transport.length, self._transport.seek).open()

    def step_back(self) -> None:
        """Pause at the frame before: the one shown just before this one began."""
        if self._session.result:
            self._step(self._session.result.frame.pts - _MOMENT)

    def step_forward(self) -> None:
        """Pause at the next frame: the one shown when this one ends."""
        if self._session.result:
            frame = self._session.result.frame
            self._step(frame.pts + frame.duration)

    def slower(self) -> None:
        """Play at the next lower speed."""
        self._set_speed(max((speed for speed in SPEEDS if speed < self._session.speed), default=SPEEDS[0]))

    def faster(self) -> None:
        """Play at the next higher speed."""
        self._set_speed(min((speed for speed in SPEEDS if speed > self._session.speed), default=SPEEDS[-1]))

    def half_speed(self) -> None:
        """Play half as fast."""
        self._set_speed(max(self._session.speed / 2, SPEEDS[0]))

    def double_speed(self) -> None:
        """Play twice as fast."""
        self._set_speed(min(self._session.speed * 2, SPEEDS[-1]))

    def normal_speed(self) -> None:
        """Play at the speed of the file."""
        self._set_speed(1.0)

    def mark_in(self) -> None:
        """Play from the frame that is shown."""
        if self._session.result:
            start, end = self._session.result.frame.pts, self._session.span[1]
            self._set_span(start, None if end is not None and end <= start else end)

    def mark_out(self) -> None:
        """Play up to and with the frame that is shown."""
        if self._session.result:
            frame = self._session.result.frame
            start, end = self._session.span[0], frame.pts + (frame.duration or _MOMENT)
            self._set_span(Fraction(0) if start > frame.pts else start, end)

    def clear_marks(self) -> None:
        """Play all of it."""
        self._set_span(Fraction(0), None)

    def refresh(self) -> None:
        """Let the actions say what can be done now."""
        session, act = self._session, self._actions
        playing = session.state in _PLAYING
        act["play_pause"].setText(tr("Pause") if playing else tr("Play"))
        set_icon(act["play_pause"], "pause" if playing else "play")
        act["play_pause"].setEnabled(session.source is not None)
        act["stop"].setEnabled(session.state not in ("stopped", "failed") or session.player.opening)
        act["loop"].setChecked(session.loop)
        for name in _SEEKABLE:
            known = self._transport.length > 0 or name not in _OF_LENGTH
            act[name].setEnabled(session.seekable and known)
        act["clear_marks"].setEnabled(session.span != WHOLE)
        self._transport.show_speed(session.speed)
        self._transport.show_span(session.span)

    def _step(self, pts: Fraction) -> None:
        if self._session.pipeline:
            self._session.pipeline.pause()
            self._transport.seek(pts)

    def _seek(self, pts: Fraction, patience_s: float) -> None:
        if self._session.pipeline:
            self._session.pipeline.seek(pts, patience_s)

    def _set_speed(self, speed: float) -> None:
        self._session.speed = speed
        if self._session.pipeline:
            self._session.pipeline.speed = speed
        self._transport.show_speed(speed)

    def _set_span(self, start: Fraction, end: Fraction | None) -> None:
        self._session.span = (start, end)
        if self._session.pipeline:
            self._session.pipeline.span = (start, end)
        self._transport.show_span((start, end))
