"""A window whose picture stands still hardly uses the processor."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.gui.conftest import settle, until
from yolact_live.gui.window import IDLE_MS, IDLE_TICKS, TICK_MS, Window
from yolact_live.settings import Settings


def test_the_window_looks_for_news_rarely_while_there_are_none(
    open_window: Callable[..., Window], clip: Path, tiny: Settings
) -> None:
    window = open_window(tiny)
    window.open(str(clip), loop=True)
    until(lambda: window.view.painted > 3)
    window.actions_by_name["play_pause"].trigger()
    settle(window)
    until(lambda: window._tick_timer.interval() == IDLE_MS)
    ticks: list[None] = []
    window._tick_timer.timeout.connect(lambda: ticks.append(None))
    until(lambda: len(ticks) > 20)
    assert window._tick_timer.interval() == IDLE_MS, "looking for news is none"
    painted = window.view.painted
    window.actions_by_name["play_pause"].trigger()
    until(lambda: window.view.painted > painted + 3)
    del ticks[:]
    until(lambda: len(ticks) > IDLE_TICKS)
    until(lambda: window._tick_timer.interval() == TICK_MS)
