"""The panels around the picture."""

from __future__ import annotations

from yolact_live.gui.actions import BY_NAME
from yolact_live.gui.banner import Banners
from yolact_live.gui.chosen import Chosen
from yolact_live.gui.devices import Devices
from yolact_live.gui.docks import Docks
from yolact_live.gui.panels.classes import ClassesPanel
from yolact_live.gui.panels.controls import Control
from yolact_live.gui.panels.form import SettingsPanel
from yolact_live.gui.panels.model import ModelPanel
from yolact_live.gui.panels.statistics import StatisticsPanel
from yolact_live.gui.session import Session
from yolact_live.gui.tasks import Tasks
from yolact_live.gui.translation import tr


class Panels:
    """All panels, one behind the other until a person moves them. Their names are actions.

    Attributes:
        controls: setting → its control.
    """

    def __init__(
        self,
        docks: Docks,
        chosen: Chosen,
        session: Session,
        devices: Devices,
        tasks: Tasks,
        banners: Banners,
    ) -> None:
        self._session = session
        self._docks = docks
        self.for_detection = detection_panel(chosen)
        self.for_classes = ClassesPanel(chosen)
        self.for_look = look_panel(chosen)
        self.for_model = ModelPanel(chosen, session, devices, tasks, banners)
        self.for_statistics = StatisticsPanel()
        for name, panel in (
            ("detection", self.for_detection),
            ("classes", self.for_classes),
            ("look", self.for_look),
            ("model", self.for_model),
            ("statistics", self.for_statistics),
        ):
            docks.add(name, tr(BY_NAME[name].text), panel)
        self.controls: dict[str, Control] = {}
        for form in (self.for_detection, self.for_look, self.for_model):
            self.controls |= form.controls

    def detection(self) -> None:
        """Show or hide it."""
        self._docks.toggle("detection")

    def classes(self) -> None:
        """Show or hide it."""
        self._docks.toggle("classes")

    def look(self) -> None:
        """Show or hide it."""
        self._docks.toggle("look")

    def model(self) -> None:
        """Show or hide it."""
        self._docks.toggle("model")

    def statistics(self) -> None:
        """Show or hide it."""
        self._docks.toggle("statistics")

    def follow(self) -> None:
        """Let the panels show what is going on."""
        for panel in (self.for_classes, self.for_model, self.for_statistics):
            panel.follow(self._session)

    @property
    def busy(self) -> bool:
        """Whether something is under way."""
        return self.for_model.busy

    def close(self) -> None:
        """Give up what is under way."""
        self.for_model.close_jobs()


def detection_panel(chosen: Chosen) -> SettingsPanel:
    """What counts as found, how often to look, and what to follow."""
    return SettingsPanel(
        chosen,
        {
            tr("Objects"): ("score", "nms", "top_k"),
            tr("Speed"): ("every", "skip_still"),
            tr("Over time"): ("track", "steady"),
            tr("Source"): ("reconnect",),
        },
        {"steady": lambda now: now.track},
    )


def look_panel(chosen: Chosen) -> SettingsPanel:
    """How the picture looks."""
    return SettingsPanel(
        chosen,
        {
            tr("Picture"): ("view", "background", "blur_strength", "opacity", "sync"),
            tr("Colours"): ("colour", "palette"),
            tr("Marks"): ("contours", "boxes", "labels", "scores", "counts", "contour_width"),
            tr("Privacy"): ("blur", "blur_style"),
        },
        {
            "background": lambda now: now.view in ("masks", "cutout"),
            "opacity": lambda now: now.view == "overlay",
            "contour_width": lambda now: now.contours,
            "blur_style": lambda now: bool(now.blur),
            "blur_strength": lambda now: bool(now.blur) or now.view == "blur",
        },
    )
