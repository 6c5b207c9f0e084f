"""Settings on their way from the panels to the pipeline."""

from __future__ import annotations

import time
from dataclasses import fields

from PySide6.QtGui import QAction

from yolact_live.errors import UsageError, YolactLiveError
from yolact_live.gui.actions import ACTIONS, Spec
from yolact_live.gui.banner import Banners
from yolact_live.gui.chosen import Chosen
from yolact_live.gui.session import Session
from yolact_live.settings import WINDOW_SETTINGS, Settings, option_of

_ENGINE_DELAY_S = 0.4
"""Another model or device is built when nothing has been changed for so long."""
_ENGINE_GROUP = ("model", "device", "precision", "threads")
_SCORE_STEP = 0.05


class Tuning:
    """Lets actions and pipeline follow the settings. Its public methods without arguments are actions."""

    def __init__(
        self, chosen: Chosen, session: Session, banners: Banners, actions: dict[str, QAction]
    ) -> None:
        self._chosen = chosen
        self._session = session
        self._banners = banners
        self._actions = actions
        self._hidden_masks: tuple[float, bool] | None = None
        self._due_s: float | None = None
        chosen.changed.connect(self._follow)
        chosen.rejected.connect(lambda error: banners.show_error("settings", error))
        session.noticed.connect(self._give_way)
        self._follow()

    def change(self, spec: Spec) -> None:
        """Change the setting of an action."""
        value = spec.value
        if value is None:
            value = not getattr(self._chosen.settings, spec.setting)
        self._chosen.choose(**{spec.setting: value})

    def next_look(self) -> None:
        """Show the picture in the next of the views there are."""
        (field,) = (field for field in fields(Settings) if field.name == "view")
        views = option_of(field).choices
        self._chosen.choose(view=views[(views.index(self._chosen.settings.view) + 1) % len(views)])

    def reset(self) -> None:
        """Set everything back to how it was made."""
        self._chosen.set(WINDOW_SETTINGS)

    def masks(self) -> None:
        """Hide masks and contours; show them as they were."""
        now = self._chosen.settings
        if now.opacity or now.contours:
            self._hidden_masks = (now.opacity, now.contours)
            self._chosen.choose(opacity=0.0, contours=False)
        else:
            opacity, contours = self._hidden_masks or (Settings.opacity, Settings.contours)
            self._chosen.choose(opacity=opacity, contours=contours)

    def live(self) -> None:
        """Show the newest frame at once, or every mask on its own frame."""
        self._chosen.choose(sync="exact" if self._chosen.settings.sync == "live" else "live")

    def score_down(self) -> None:
        """Show more objects."""
        self._move_score(-_SCORE_STEP)

    def score_up(self) -> None:
        """Show fewer objects."""
        self._move_score(_SCORE_STEP)

    def hand_on(self) -> None:
        """Give the pipeline settings that are due."""
        if self._due_s is None or time.monotonic() < self._due_s:
            return
        self._due_s = None
        pipeline = self._session.pipeline
        if pipeline is None or pipeline.settings == self._chosen.settings:
            return
        if pipeline.engine:
            from yolact_live.pipeline.inferrer import wanted_classes

            try:
                for classes in (self._chosen.settings.classes, self._chosen.settings.blur):
                    wanted_classes(classes, pipeline.engine.contract.labels)
            except UsageError as error:
                self._banners.show_error("settings", error)
                return
        pipeline.update(self._chosen.settings)

    def _move_score(self, step: float) -> None:
        self._chosen.choose(score=min(max(round(self._chosen.settings.score + step, 2), 0.0), 1.0))

    def _follow(self) -> None:
        self._banners.clear("settings")
        pipeline, now = self._session.pipeline, self._chosen.settings
        for spec in ACTIONS:
            if spec.setting and spec.checkable:
                self._actions[spec.name].setChecked(getattr(now, spec.setting))
        self._actions["masks"].setChecked(bool(now.opacity or now.contours))
        self._actions["live"].setChecked(now.sync == "live")
        rebuild = pipeline and any(getattr(pipeline.settings, x) != getattr(now, x) for x in _ENGINE_GROUP)
        self._due_s = time.monotonic() + (_ENGINE_DELAY_S if rebuild else 0)

    def _give_way(self, notice: YolactLiveError) -> None:
        """The pipeline kept, or took, another model or device: show that one."""
        self._banners.show_error("engine", notice, kind="warning")
        if self._session.pipeline:
            self._chosen.set(self._session.pipeline.settings)
            self._follow()
