"""The training run: resumable to the step, seeded, with a CSV of losses and dev AP and a plot."""

from __future__ import annotations

import csv
import math
import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import Any

import cv2
import numpy as np
import openvino
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from yolact_live import memory
from yolact_live.infer.devices import CPU, device
from yolact_live.settings import Settings
from yolact_live.training.augment import Composer, Sample
from yolact_live.training.data import Plan, Recipe, TrainingSet, read_plan
from yolact_live.training.evaluate import evaluate
from yolact_live.training.export import export
from yolact_live.training.loss import WEIGHTS, Batch, losses
from yolact_live.training.model import Priors, Yolact, make_priors, normalised

GRADIENT_LIMIT = 10.0
LOG_EVERY = 20  # steps


class _Samples(Dataset[Sample]):
    """Samples by number; each step has its own input side, drawn from its number."""

    def __init__(self, composer: Composer, recipe: Recipe, first: int) -> None:
        self._composer, self._recipe, self._first = composer, recipe, first

    def __len__(self) -> int:
        return (self._recipe.steps - self._first) * self._recipe.batch

    def __getitem__(self, index: int) -> Sample:
        step = self._first + index // self._recipe.batch
        number = step * self._recipe.batch + index % self._recipe.batch
        return self._composer.sample(number, side_of(self._recipe, step))


def side_of(recipe: Recipe, step: int) -> int:
    """Input side of a step: one of ``sizes`` at random, in the decay always ``size``."""
    if not recipe.sizes or step >= recipe.steps - recipe.decay:
        return recipe.size
    return int(np.random.default_rng([recipe.seed, step, 1]).choice(recipe.sizes))


def collate(samples: list[Sample]) -> Batch:
    """Put samples of one size together."""
    return Batch(
        torch.from_numpy(np.stack([s.image for s in samples])),
        [torch.from_numpy(s.boxes) for s in samples],
        [torch.from_numpy(s.labels) for s in samples],
        [torch.from_numpy(s.masks) for s in samples],
        torch.from_numpy(np.stack([s.known for s in samples])),
    )


def schedule(recipe: Recipe, step: int) -> float:
    """Factor of the learning rate: linear warm-up, constant, then a cosine to a hundredth."""
    warm = min(1.0, (step + 1) / max(1, recipe.warmup))
    left = (recipe.steps - step) / max(1, recipe.decay)
    return warm * (1.0 if left >= 1 else 0.01 + 0.99 * (1 - math.cos(math.pi * left)) / 2)


class Trainer:
    """A run in a folder: ``checkpoint.pt``, ``log.csv``, ``dev.csv``, ``curves.png``.

    Args:
        plan: what to learn from and how.
        folder: where the run is kept; an earlier run in it goes on from its last checkpoint.
    """

    def __init__(self, plan: Plan, folder: Path) -> None:
        recipe = plan.recipe
        folder.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(recipe.seed)
        torch.set_num_threads(recipe.threads)
        cv2.setNumThreads(0)  # its thread pool does not survive the fork of loading processes
        self.plan, self.recipe, self.folder = plan, recipe, folder
        self.data = TrainingSet(plan, folder / "cache")
        self.net = new_network(plan, self.data.classes).to(memory_format=torch.channels_last)
        self.average = new_network(plan, self.data.classes).to(memory_format=torch.channels_last)
        self.optimizer = torch.optim.AdamW(_groups(self.net, recipe), betas=(0.9, 0.99))
        self.step = 0
        if self._checkpoint.exists():
            self._restore()
        else:
            self.net.backbone.load_imagenet(recipe.backbone)
            self.average.load_state_dict(self.net.state_dict())
        self._priors: dict[int, Priors] = {}
        # where the processor lacks it, it is emulated, six times slower than f32
        self._bf16 = "bf16" in device(CPU).precisions

    @property
    def _checkpoint(self) -> Path:
        return self.folder / "checkpoint.pt"

    def run(self, stop: Event) -> None:
        """Train to the last step or until ``stop`` is set; write checkpoints, logs and dev AP on the way."""
        saved = time.monotonic()
        sums, first, started = dict.fromkeys(WEIGHTS, 0.0), self.step, time.monotonic()
        for batch in self.batches():
            for name, value in self.train_step(batch).items():
                sums[name] += value
            if self.step % LOG_EVERY == 0:
                steps, seconds = self.step - first, time.monotonic() - started
                means = {name: value / steps for name, value in sums.items()}
                self._log(
                    "log.csv", {"step": self.step, **means, "rate": steps * self.recipe.batch / seconds}
                )
                sums, first, started = dict.fromkeys(WEIGHTS, 0.0), self.step, time.monotonic()
            if time.monotonic() - saved > 60 * self.recipe.checkpoint_minutes:
                self.save()
                saved = time.monotonic()
            if self.step % self.recipe.dev_every == 0:
                self.save()
                self.evaluate()
                saved = started = time.monotonic()
            if stop.is_set():
                break
        self.save()

    def train_step(self, batch: Batch) -> dict[str, float]:
        """Learn from one batch; return the loss terms."""
        self.net.train()
        factor = schedule(self.recipe, self.step)
        for group in self.optimizer.param_groups:
            group["lr"] = group["base"] * factor
        terms = self.losses(batch)
        total = torch.stack(list(terms.values())).sum()
        self.optimizer.zero_grad(set_to_none=True)
        if torch.isfinite(total):
            total.backward()
            torch.nn.utils.clip_grad_norm_(self.net.parameters(), GRADIENT_LIMIT)
            self.optimizer.step()
        self.step += 1
        self._update_average()
        return {name: float(term.detach()) for name, term in terms.items()}

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        """Return the loss terms of a batch."""
        torch.manual_seed(self.recipe.seed * 1_000_003 + self.step)
        with torch.autocast("cpu", torch.bfloat16, enabled=self._bf16):
            outputs = self.net(normalised(batch.images))
        return losses(outputs, batch, self._priors_of(batch.images.shape[1]))

    def evaluate(self) -> dict[str, float]:
        """Measure the averaged weights on the dev set and log the result."""
        if self.plan.dev is None:
            return {}
        result = evaluate(self.average, self.plan.classes, self.recipe.size, self.plan.dev)
        self._log("dev.csv", {"step": self.step, **result})
        _plot(self.folder)
        return result

    def model(self) -> openvino.Model:
        """Return the averaged weights as a model, its scores balanced on the dev set if there is one."""
        return export(self.average, self.plan, self.evaluate().get("best_score", Settings.score))

    def save(self) -> None:
        """Write the checkpoint; an interrupted write leaves the old one."""
        state = {
            "step": self.step,
            "net": self.net.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "classes": self.data.classes,
        }
        partial = self._checkpoint.with_suffix(".partial")
        torch.save(state, partial)
        partial.replace(self._checkpoint)

    def _restore(self) -> None:
        state = torch.load(self._checkpoint, map_location="cpu", weights_only=True)
        self.net.load_state_dict(state["net"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        for group, fresh in zip(self.optimizer.param_groups, _groups(self.net, self.recipe), strict=True):
            group["base"], group["weight_decay"] = fresh["base"], fresh["weight_decay"]
        self.step = state["step"]
        for name in ("log.csv", "dev.csv"):
            _cut(self.folder / name, self.step)

    def batches(self) -> Iterator[Batch]:
        """Yield the batches of the steps that are left."""
        recipe = self.recipe
        composer = Composer(self.data, recipe.seed, recipe.paste, recipe.mosaic)
        loader = DataLoader(
            _Samples(composer, recipe, self.step),
            batch_size=recipe.batch,
            num_workers=recipe.workers,
            collate_fn=collate,
            worker_init_fn=_polite,
            prefetch_factor=4 if recipe.workers else None,
        )
        yield from loader

    def _priors_of(self, side: int) -> Priors:
        if side not in self._priors:
            self._priors[side] = make_priors(side, self.recipe.size)
        return self._priors[side]

    @torch.no_grad()
    def _update_average(self) -> None:
        keep = min(self.recipe.ema, (1 + self.step) / (10 + self.step))
        for mean, value in zip(
            self.average.state_dict().values(), self.net.state_dict().values(), strict=True
        ):
            if mean.is_floating_point():
                mean.lerp_(value, 1 - keep)

    def _log(self, name: str, row: dict[str, float]) -> None:
        path = self.folder / name
        fresh = not path.exists()
        with path.open("a", newline="", encoding="utf-8") as sink:
            writer = csv.DictWriter(sink, row)
            if fresh:
                writer.writeheader()
            writer.writerow({k: v if isinstance(v, int) else round(v, 5) for k, v in row.items()})


def new_network(plan: Plan, classes: tuple[str, ...]) -> Yolact:
    """Return the plan's network for the given classes, not yet trained."""
    recipe = plan.recipe
    return Yolact(recipe.backbone, recipe.channels, len(classes), recipe.frozen_blocks)


def _groups(net: Yolact, recipe: Recipe) -> list[dict[str, Any]]:
    """Parameter groups: backbone and the rest, each with and without weight decay."""
    frozen = [net.backbone.stem, *net.backbone.blocks[: recipe.frozen_blocks]]
    fixed = {id(p) for module in frozen for p in module.parameters()}
    groups = []
    for prefix, rate in ((True, recipe.backbone_rate), (False, recipe.rate)):
        for matrix in (True, False):
            chosen = [
                p
                for name, p in net.named_parameters()
                if p.requires_grad
                and name.startswith("backbone") == prefix
                and (p.ndim > 1) == matrix
                and id(p) not in fixed
            ]
            decay = recipe.weight_decay if matrix else 0.0
            groups.append({"params": chosen, "base": rate, "lr": rate, "weight_decay": decay})
    return groups


def _cut(path: Path, step: int) -> None:
    """Drop the rows of a log that were written after ``step``: they come again."""
    if path.exists():
        head, *rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text(head + "".join(r for r in rows if int(r.split(",")[0]) <= step), encoding="utf-8")


def _polite(_: int) -> None:
    """Let a loading process give way to others, and end only with the run."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with suppress(OSError, AttributeError):
        os.nice(max(0, 19 - os.nice(0)))


def _plot(folder: Path) -> None:
    """Draw the loss terms and dev AP over steps."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(11, 4))
    for axes, name, columns in (
        (left, "log.csv", tuple(WEIGHTS)),
        (right, "dev.csv", ("mask_ap", "mask_ap50", "mask_ap_medium", "mask_ap_large", "box_ap")),
    ):
        if not (folder / name).exists():
            continue
        with (folder / name).open(encoding="utf-8") as source:
            rows = list(csv.DictReader(source))
        for column in columns:
            axes.plot([int(r["step"]) for r in rows], [float(r[column]) for r in rows], label=column)
        axes.set_xlabel("step")
        axes.grid(alpha=0.3)
        axes.legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(folder / "curves.png", dpi=100)
    pyplot.close(figure)


def main(data: Path, out: Path) -> None:
    """Train what ``data`` (a TOML file) describes, in the folder ``out``.

    Ctrl-C, or a request to end, stops it after the step at hand; the same call goes on.
    At the end the averaged weights are written as ``model.xml``, for ``models import``.

    Raises:
        UsageError: the data file is wrong.
    """
    memory.keep_freed()
    trainer = Trainer(read_plan(data), out)
    stop = Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    trainer.run(stop)
    if not stop.is_set():
        openvino.save_model(trainer.model(), out / "model.xml")
