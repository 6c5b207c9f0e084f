"""What the playback actions do."""

from __future__ import annotations

from fractions import Fraction

from PySide6.QtGui import QAction

from yolact_live.gui.actions import set_icon
from yolact_live.gui.session import Session
from yolact_live.gui.transport import Transport

_SEEK_S = 5
_PLAYING = ("running", "reconnecting")


class Playback:
    """Plays, pauses and moves within what is open. Its methods are actions."""

    def __init__(self, session: Session, transport: Transport, actions: dict[str, QAction]) -> None:
        self._session = session
        self._transport = transport
        self._actions = actions
        transport.sought.connect(self._seek)

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

    def step_back(self) -> None:
        """Pause at the frame before: the one shown just before this one began."""
        if self._session.result:
            self._step(self._session.result.frame.pts - Fraction(1, 1_000_000))

    def step_forward(self) -> None:
        """Pause at the next frame: the one shown when this one ends."""
        if self._session.result:
            frame = self._session.result.frame
            self._step(frame.pts + frame.duration)

    def refresh(self) -> None:
        """Let the actions say what can be done now."""
        session, act = self._session, self._actions
        playing = session.state in _PLAYING
        act["play_pause"].setText("Pause" if playing else "Play")
        set_icon(act["play_pause"], "pause" if playing else "play")
        act["play_pause"].setEnabled(session.source is not None)
        act["stop"].setEnabled(session.state not in ("stopped", "failed") or session.player.opening)
        act["loop"].setChecked(session.loop)
        for name in ("step_back", "step_forward", "seek_back", "seek_forward", "loop"):
            act[name].setEnabled(session.seekable)

    def _step(self, pts: Fraction) -> None:
        if self._session.pipeline:
            self._session.pipeline.pause()
            self._transport.seek(pts)

    def _seek(self, pts: Fraction) -> None:
        if self._session.pipeline:
            self._session.pipeline.seek(pts)
