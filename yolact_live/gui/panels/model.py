"""The model panel: which model runs on what; getting models, making them faster, checking devices."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from yolact_live.errors import YolactLiveError
from yolact_live.gui.banner import Banners
from yolact_live.gui.chosen import Chosen
from yolact_live.gui.command import Command
from yolact_live.gui.devices import Devices
from yolact_live.gui.panels.controls import Choice, words_of
from yolact_live.gui.panels.form import SettingsPanel
from yolact_live.gui.session import Session
from yolact_live.gui.tasks import Tasks
from yolact_live.gui.translation import decimal, plural, spoken, tr, whole

if TYPE_CHECKING:
    from yolact_live.infer.store import Card, Installed, Published, Store

_PROGRESS = re.compile(r"(?P<percent>\d+)%\|[^|]*\|\s*(?P<done>[^[]+?)\s*\[")
"""What tqdm writes."""
_Models = tuple[dict[str, "Installed"], dict[str, "Published"]]


class ModelPanel(SettingsPanel):
    """Settings of the engine, and what can be done with models and devices."""

    def __init__(
        self, chosen: Chosen, session: Session, devices: Devices, tasks: Tasks, banners: Banners
    ) -> None:
        super().__init__(chosen, {tr("Inference"): ("model", "device", "precision", "threads", "streams")})
        self._session = session
        self._devices = devices
        self._tasks = tasks
        self._banners = banners
        self._listed = False
        self._installed: dict[str, Installed] = {}
        self.about = _words(self.column)
        self.runs_on = _words(self.column)
        self.check = Job(tr("Check devices"), tr("Compare what each device finds with exact arithmetic"))
        self.check.start.clicked.connect(self._check_devices)
        self.add_section(tr("Faster"))
        self.optimise = Job(
            tr("Optimise for INT8"), tr("Make a faster form of this model with your own footage")
        )
        self.optimise.start.clicked.connect(self._optimise)
        self.add_job(self.optimise)
        self.add_section(tr("Self-check"))
        self.add_job(self.check)
        self.add_section(tr("More models"))
        self.downloads: dict[str, Job] = {}
        self._shelf = QVBoxLayout()
        self._shelf.setSpacing(10)
        self.column.addLayout(self._shelf)
        chosen.changed.connect(self._tell_about)

    def add_job(self, job: Job) -> None:
        """Put a job into the column."""
        self.column.addWidget(job)
        for button in (job.start, job.stop):
            self.adopt(button, button.text(), button.toolTip())

    def follow(self, session: Session) -> None:
        """Say what runs; look up models and devices once there is time for it."""
        if not self._listed and (session.result or session.failure or session.source is None):
            self._listed = True
            self._devices.list(self._offer_devices)
            self.list_models()
        words = tr("In use: {device}", device=self._devices.runs_on) if self._devices.runs_on else ""
        if self.runs_on.text() != words:
            self.runs_on.setText(words)
            self.runs_on.setVisible(bool(words))

    @property
    def busy(self) -> bool:
        """Whether a command has not ended yet."""
        return any(job.busy for job in self._jobs())

    def close_jobs(self) -> None:
        """Give up whatever is under way; :attr:`busy` until that is done."""
        for job in self._jobs():
            job.cancel()

    def _jobs(self) -> tuple[Job, ...]:
        return self.check, self.optimise, *self.downloads.values()

    def list_models(self) -> None:
        """Look up what is installed and what can be downloaded."""

        def find() -> _Models:
            store = _store()
            return {name: store.get(name) for name in _usable(store)}, dict(store.catalogue)

        self._tasks.run(find, self._offer_models)

    def _offer_models(self, found: _Models | Exception) -> None:
        if isinstance(found, Exception):
            self._banners.show_error("models", found)
            return
        self._installed, catalogue = found
        model = self.controls["model"]
        assert isinstance(model, Choice)
        model.set_choices([(name, _title(name)) for name in self._installed])
        self._tell_about()
        for name, published in catalogue.items():
            if name not in self.downloads:
                job = self.downloads[name] = Job(
                    tr("Get"), tr("Download {name}", name=name), _summary(published)
                )
                job.start.clicked.connect(partial(self._download, name))
                self._shelf.addWidget(job)
                for button in (job.start, job.stop):
                    self.adopt(button, f"{button.text()} {name}", button.toolTip())
            self.downloads[name].setVisible(name not in self._installed)

    def _offer_devices(self, found: dict[str, str]) -> None:
        device = self.controls["device"]
        assert isinstance(device, Choice)
        device.set_choices(
            [("AUTO", words_of("AUTO")), *((name, f"{name}: {full}") for name, full in found.items())]
        )

    def _tell_about(self) -> None:
        model = self._installed.get(self.chosen.settings.model)
        self.about.setText(_facts(model) if model else "")
        self.about.setVisible(model is not None)

    # ---------------------------------------------------------------- jobs

    def _download(self, name: str) -> None:
        def finish(outcome: str | YolactLiveError | None) -> None:
            if isinstance(outcome, YolactLiveError):
                again = (tr("Try again"), partial(self._download, name))
                self._banners.show_error("models", outcome, again)
            elif outcome is not None:
                self._offer(name)

        self.downloads[name].run(Command("models", "download", name), finish)

    def _optimise(self) -> None:
        name, source = self.chosen.settings.model, self._session.source
        if source is None:
            self._banners.show_error(
                "models",
                YolactLiveError("there is no footage", "open what the model will see, then optimise"),
            )
            return

        def finish(outcome: str | YolactLiveError | None) -> None:
            if isinstance(outcome, YolactLiveError):
                self._banners.show_error("models", outcome)
            elif outcome is not None:
                self.optimise.say(_gains(outcome))
                self._offer(f"{name}-int8")

        self.optimise.run(
            Command("models", "optimise", name, "--calibration", source, "--yes", "--json"), finish
        )

    def _offer(self, name: str) -> None:
        """Say that a model is there now."""
        self.list_models()
        use = (tr("Use it"), partial(self.chosen.choose, model=name))
        self._banners.show_message("models", "info", tr("{name} is installed", name=name), button=use)

    def _check_devices(self) -> None:
        def finish(outcome: str | YolactLiveError | None) -> None:
            if isinstance(outcome, YolactLiveError):
                self._banners.show_error("models", outcome)
            elif outcome is not None:
                self.check.say(_verdicts(outcome))

        self.check.run(Command("devices", "--check", "--json", "--model", self.chosen.settings.model), finish)


class Job(QWidget):
    """A command that takes a while: a button that starts it, progress, a button that stops it."""

    def __init__(self, start: str, tip: str, about: str = "") -> None:
        super().__init__()
        self._command: Command | None = None
        self.start, self.stop = QPushButton(start), QPushButton(tr("Cancel"))
        self.start.setToolTip(tip)
        self.stop.setToolTip(tr("Stop: {task}", task=tip))
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(tip)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        row = QHBoxLayout()
        if about:
            row.setStretchFactor(_words(row, about), 1)
            row.addWidget(self.start, 0, Qt.AlignmentFlag.AlignTop)
            row.addWidget(self.stop, 0, Qt.AlignmentFlag.AlignTop)
        else:
            row.addWidget(self.start, 1)
            row.addWidget(self.stop)
        column.addLayout(row)
        column.addWidget(self.bar)
        self.words = _words(column)
        self.stop.clicked.connect(self.cancel)
        self._show(False)

    def run(self, command: Command, then: Callable[[Any], None]) -> None:
        """Show how a command gets on; ``then`` gets what :attr:`Command.done` tells."""
        self._command = command
        self._show(True)
        self.bar.setRange(0, 0)
        self.say(tr("Starting …"))

        def finish(outcome: object) -> None:
            self._command = None
            self._show(False)
            self.say("")
            then(outcome)

        command.said.connect(self._follow)
        command.done.connect(finish)

    @property
    def busy(self) -> bool:
        """Whether the command has not ended yet."""
        return self._command is not None

    def cancel(self) -> None:
        """Give it up."""
        if self._command:
            self._command.cancel()

    def say(self, words: str) -> None:
        """Show words below."""
        self.words.setText(words)
        self.words.setVisible(bool(words))

    def _show(self, running: bool) -> None:
        self.start.setVisible(not running)
        self.stop.setVisible(running)
        self.bar.setVisible(running)

    def _follow(self, line: str) -> None:
        progress = _PROGRESS.search(line)
        if progress:
            self.bar.setRange(0, 100)
            self.bar.setValue(int(progress["percent"]))
        self.say(progress["done"] if progress else spoken(line))


def _store() -> Store:
    from yolact_live.infer.store import Store

    return Store()


def _usable(store: Store) -> list[str]:
    """Names of the models that are whole."""
    names = []
    for name in store.names():
        try:
            store.get(name)
        except YolactLiveError:
            continue
        names.append(name)
    return names


def _title(name: str) -> str:
    return words_of(name) if name == "builtin" else name


def _facts(model: Installed) -> str:
    return tr(
        "{title}. {classes}, {size} MB, licence {licence}.",
        title=model.title,
        classes=_classes(model),
        size=decimal(model.size / 1e6, 0),
        licence=model.licence,
    )


def _summary(model: Published) -> str:
    facts = [_classes(model)]
    if model.mask_ap:
        facts.append(tr("mask AP {ap}", ap=decimal(model.mask_ap)))
    if model.size:
        facts.append(f"{decimal(model.size / 1e6, 0)} MB")
    return f"{model.name}\n{', '.join((*facts, model.licence))}"


def _classes(model: Card) -> str:
    return plural(model.classes, "1 class", "{n} classes")


def _verdicts(text: str) -> str:
    """Put what ``devices --check --json`` says into words."""
    lines = []
    for check in json.loads(text):
        verdict = tr("agrees") if check["agrees"] else spoken(check["problem"]) or tr("finds something else")
        lines.append(
            tr(
                "{device} in {precision}: {verdict}",
                device=check["device"],
                precision=check["used"] or check["precision"],
                verdict=verdict,
            )
        )
    return "\n".join(lines)


def _gains(text: str) -> str:
    """Put what ``models optimise --json`` says into words."""
    report = json.loads(text)
    lines = [
        tr(
            "{times} times as fast as in {precision}",
            times=decimal(report["int8_fps"] / fps),
            precision=precision,
        )
        for precision, fps in report["fps"].items()
    ]
    found = report["agreement"]
    if found["objects"]:
        lines.append(plural(found["objects"], "1 object compared:", "{n} objects compared:"))
        lines.append(
            tr(
                "{missing} lost, {extra} new, {relabelled} of another class; mask IoU {iou}",
                missing=whole(found["missing"]),
                extra=whole(found["extra"]),
                relabelled=whole(found["relabelled"]),
                iou=decimal(found["mask_iou"], 3),
            )
        )
    else:
        lines.append(tr("The model found nothing in it: whether both agree is not known."))
    return "\n".join(lines)


def _words(layout: QVBoxLayout | QHBoxLayout, text: str = "") -> QLabel:
    """Add a line of small print, hidden while it is empty."""
    label = QLabel(text)
    label.setObjectName("muted")
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    if not text:
        label.hide()
    layout.addWidget(label)
    return label
