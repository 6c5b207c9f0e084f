"""The models on this computer and those that can be had: list, download, import, verify, remove.

An installed model is a folder ``<user data>/models/<name>/`` with ``model.xml``, ``model.bin``
and ``model.json``, which says what it is and what its files' hashes are. A folder is made
complete under another name and then renamed, so that no half of a model is ever seen. The
built-in model is such a folder too, among the shipped files.
"""

from __future__ import annotations

import dataclasses
import errno
import json
import re
import shutil
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs

from yolact_live.assets import asset
from yolact_live.errors import ModelError, UsageError
from yolact_live.infer.contract import load, read_contract
from yolact_live.infer.download import Expected, Patience, Progress, discard, fetch, sha256

if TYPE_CHECKING:
    import openvino

BUILTIN = "person-cat-lite2-384"
CATALOGUE = Path(__file__).with_name("catalogue.toml")
LIST = "`yolact-live models list` shows the names"
GRAPHS = (".xml", ".bin", ".onnx")
"""Suffixes of files that hold a whole network; any other file is taken for a checkpoint."""


@dataclass(frozen=True, kw_only=True)
class Card:
    """What is told of a model without opening it.

    Attributes:
        classes: number of classes, background left out.
        mask_ap, box_ap: published COCO AP in percent, measured on ``measured``.
    """

    name: str
    title: str
    licence: str = "not stated"
    credit: str = ""
    classes: int = 0
    mask_ap: float | None = None
    box_ap: float | None = None
    measured: str = ""

    @property
    def card(self) -> Card:
        """These facts alone."""
        return Card(**{one.name: getattr(self, one.name) for one in dataclasses.fields(Card)})


@dataclass(frozen=True, kw_only=True)
class Published(Card):
    """Weights of the catalogue.

    Attributes:
        config: name of their configuration.
        file: name of the file.
        urls: where it is, in the order to try.
        size: bytes of the file, and its hashes; None where they are not published.
    """

    config: str
    file: str
    urls: tuple[str, ...]
    size: int | None = None
    sha256: str | None = None
    sha384: str | None = None

    @property
    def expected(self) -> Expected:
        """What a download must be."""
        hashes = {"sha256": self.sha256, "sha384": self.sha384}
        return Expected(self.size, {name: digest for name, digest in hashes.items() if digest})


@dataclass(frozen=True, kw_only=True)
class Installed(Card):
    """A model on this computer.

    Attributes:
        folder: where its files are.
        origin: address or file that it was made from.
        source_sha256: SHA-256 of that.
        files: SHA-256 of each file, the graph first.
    """

    folder: Path
    origin: str
    source_sha256: str
    files: dict[str, str]

    @property
    def path(self) -> Path:
        """The graph, an OpenVINO IR."""
        return self.folder / next(iter(self.files))

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.stat().st_size for file in self.folder.iterdir())

    @staticmethod
    def read(folder: Path) -> Installed:
        """Raise :class:`ModelError` if the folder does not say what it is."""
        try:
            found = Installed(folder=folder, **json.loads((folder / "model.json").read_text("utf-8")))
            if not (found.path.is_file() and all((folder / file).is_file() for file in found.files)):
                raise ValueError("a file is missing")
            return found
        except (OSError, ValueError, TypeError, StopIteration, AttributeError) as error:
            raise ModelError(f"{folder.name} is damaged ({error})", _again(folder.name)) from error


def read_catalogue() -> dict[str, Published]:
    """Return the weights that can be downloaded, by name."""
    tables: dict[str, dict[str, Any]] = tomllib.loads(CATALOGUE.read_text("utf-8"))
    return {
        name: Published(**{**table, "name": name, "urls": tuple(table["urls"])})
        for name, table in tables.items()
    }


def default_root() -> Path:
    """Return the folder of installed models."""
    return Path(platformdirs.user_data_dir("yolact-live", False), "models")


def build(
    file: Path, config: str | None = None, size: int | None = None, labels: Sequence[str] = ()
) -> openvino.Model:
    """Return the network of a checkpoint, IR or ONNX file; that it is a YOLACT is certain.

    Args:
        config: configuration of a checkpoint; told from the file's name and content if None.
        size: another input side for a checkpoint.
        labels: another class list, background left out.

    Raises:
        UsageError: ``config`` or ``size`` for what is no checkpoint, or not one label for each class.
        ModelError: missing, damaged, or not a YOLACT.
    """
    from yolact_live.infer.checkpoint import read_checkpoint
    from yolact_live.infer.network import build_network, config_of

    if file.suffix.lower() not in GRAPHS:
        model = build_network(read_checkpoint(file), config or config_of(file), size)
    elif config or size:
        raise UsageError("--config and --size are for checkpoints", f"leave them out for {file.suffix} files")
    else:
        model = load(file)
    contract = read_contract(model)
    if labels:
        if len(labels) != len(contract.labels):
            raise UsageError(
                f"{len(labels)} labels for {len(contract.labels)} classes",
                "give one for each class, without the background",
            )
        model.set_rt_info(" ".join("_".join(label.split()) for label in labels), ["model_info", "labels"])
    return model


class Store:
    """The models of a user.

    Args:
        root: folder of installed models; the user's own if None.
        catalogue: weights that can be downloaded; those of the package if None.
        patience: how long to put up with a bad connection.

    Errors of the disk (full, not writable) are raised as :class:`ModelError`.
    """

    def __init__(
        self,
        root: Path | None = None,
        catalogue: Mapping[str, Published] | None = None,
        patience: Patience | None = None,
    ) -> None:
        self.root = root or default_root()
        self.catalogue = read_catalogue() if catalogue is None else catalogue
        self.patience = patience or Patience()

    def names(self) -> list[str]:
        """Names of what is installed, the built-in model first."""
        folders = sorted(self.root.iterdir()) if self.root.is_dir() else []
        return ["builtin", *(folder.name for folder in folders if _is_name(folder.name) and folder.is_dir())]

    def find(self, name: str) -> Installed | None:
        """Return an installed model; None if there is none of this name.

        Raises:
            ModelError: it is damaged.
        """
        if name in ("builtin", BUILTIN):
            return Installed.read(asset("models", BUILTIN))
        folder = self.root / name
        return Installed.read(folder) if _is_name(name) and folder.is_dir() else None

    def get(self, name: str) -> Installed:
        """Return an installed model.

        Raises:
            UsageError: no model of this name is known.
            ModelError: it is not installed, or damaged.
        """
        found = self.find(name)
        if found:
            return found
        if name in self.catalogue:
            raise ModelError(f"{name} is not installed", f"use `yolact-live models download {name}`")
        raise UsageError(f"unknown model {name}", LIST)

    def download(self, name: str, progress: Progress = lambda done, total: None) -> Installed:
        """Download, check and convert weights of the catalogue; what is installed already is returned.

        Weights without a published hash must be those of their first download on this computer.

        Raises:
            UsageError: no weights of this name.
            ModelError: the download failed (it can be continued), or is not what it should be.
        """
        published = self.catalogue.get(name)
        if published is None:
            raise UsageError(f"no weights are published as {name}", f"use one of {', '.join(self.catalogue)}")
        with self._locked(name):
            there = self.find(name)
            if there:
                return there
            part = self._work(f"{published.file}.part")
            expected = published.expected
            pin = self._pin(name)
            if not published.sha256 and pin.exists():
                noted = {"sha256": pin.read_text("ascii").strip()}
                expected = Expected(published.size, noted, f"first downloaded here ({pin} notes it)")
            origin = fetch(published.urls, part, expected, progress, self.patience, published.size or 0)
            try:
                model = build(part, published.config)
            except ModelError:
                discard(part)  # no hash has shown what it is
                raise
            installed = self._install(model, True, published.card, origin, sha256(part))
            if not expected.hashes:
                pin.parent.mkdir(exist_ok=True)
                pin.write_text(installed.source_sha256 + "\n", "ascii")
            discard(part)
            return installed

    def add(
        self,
        file: Path,
        name: str | None = None,
        config: str | None = None,
        size: int | None = None,
        labels: Sequence[str] = (),
        overwrite: bool = False,
    ) -> Installed:
        """Install a user's own checkpoint, IR or ONNX file; other arguments as for :func:`build`.

        Published weights, known by their hash, get the name and the facts of the catalogue.

        Args:
            name: name to install it by; that of the file if None.

        Raises:
            UsageError: the name is taken or not allowed, or as for :func:`build`.
            ModelError: as for :func:`build`.
        """
        try:
            digest = sha256(file)
        except OSError as error:
            raise ModelError(f"{file} cannot be read ({error.strerror})", "check the path") from error
        known = next((one for one in self.catalogue.values() if one.sha256 == digest), None)
        name = name or (
            known.name if known else re.sub(r"[^\w-]+", "-", file.stem, flags=re.ASCII).strip("-_")
        )
        if not _is_name(name) or name in ("builtin", BUILTIN):
            raise UsageError(f"a model cannot be named {name!r}", "use --name with letters, digits, - and _")
        with self._locked(name):
            self.check_free(name, overwrite)
            model = build(file, config or (known.config if known else None), size, labels)
            card = known.card if known else Card(name=name, title=file.name)
            compress = file.suffix.lower() not in GRAPHS
            return self._install(model, compress, replace(card, name=name), str(file.resolve()), digest)

    def derive(
        self, model: openvino.Model, card: Card, origin: str, digest: str, overwrite: bool = False
    ) -> Installed:
        """Install a network that was made from an installed one.

        Args:
            model: the network.
            card: what it is; its name is the one to install it by.
            origin: what it was made from and how, in words.
            digest: SHA-256 of what the installed one was made from.
            overwrite: what is installed by this name is replaced.

        Raises:
            UsageError: the name is taken.
        """
        with self._locked(card.name):
            self.check_free(card.name, overwrite)
            return self._install(model, True, card, origin, digest)

    def check_free(self, name: str, overwrite: bool = False) -> None:
        """Raise :class:`UsageError` if a model of this name is installed and may not be replaced."""
        if (self.root / name).exists() and not overwrite:
            raise UsageError(f"{name} is installed already", "use --overwrite, or another name")

    def verify(self, name: str) -> None:
        """Check the files of a model against the hashes noted on installation, and load it.

        Raises:
            UsageError: unknown model.
            ModelError: not installed, or damaged.
        """
        found = self.get(name)
        for file, digest in found.files.items():
            if sha256(found.folder / file) != digest:
                raise ModelError(f"{name} is damaged ({file} has changed)", _again(name))
        read_contract(load(found.path))

    def remove(self, name: str) -> None:
        """Remove an installed model, damaged or not.

        Raises:
            UsageError: there is none of this name, or it is built in.
        """
        if name in ("builtin", BUILTIN):
            raise UsageError("the built-in model cannot be removed", "choose another one with --model")
        if name not in self.names():
            raise UsageError(f"{name} is not installed", LIST)
        with self._locked(name):
            self._take_away(name)

    def _install(
        self, model: openvino.Model, compress: bool, card: Card, origin: str, digest: str
    ) -> Installed:
        """Write a model and put it in its place; what was there is replaced.

        Args:
            compress: store weights as f16.
        """
        import openvino

        name = card.name
        new = self._work(f"{name}.new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir()
        try:
            openvino.save_model(model, new / "model.xml", compress_to_fp16=compress)
            contract = read_contract(load(new / "model.xml"))  # what a full disk cut off is not seen before
            files = {file: sha256(new / file) for file in ("model.xml", "model.bin")}
            facts = asdict(replace(card, classes=len(contract.labels)))
            facts |= {"origin": origin, "source_sha256": digest, "files": files}
            text = json.dumps(facts, indent=2, ensure_ascii=False)
            (new / "model.json").write_text(text + "\n", "utf-8")
            self._take_away(name)
            new.rename(self.root / name)
        except RuntimeError as error:
            raise ModelError(f"{name} cannot be written to {self.root} ({error})", "make room") from error
        finally:
            shutil.rmtree(new, ignore_errors=True)
        return Installed.read(self.root / name)

    def _take_away(self, name: str) -> None:
        """Remove a folder, if it is there, all at once: a removal that breaks off leaves no half."""
        old = self._work(f"{name}.old")
        shutil.rmtree(old, ignore_errors=True)
        if (self.root / name).exists():
            (self.root / name).rename(old)
            shutil.rmtree(old)

    def _work(self, name: str) -> Path:
        """Return a path for unfinished things; a name with a dot first is no model's."""
        folder = self.root / ".work"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / name

    @contextmanager
    def _locked(self, name: str) -> Iterator[None]:
        """Keep other processes from changing a model meanwhile; translate errors of the disk."""
        import filelock

        try:
            with filelock.FileLock(self._work(f"{name}.lock"), timeout=0):
                yield
        except filelock.Timeout as error:
            raise ModelError(f"another process is changing {name}", "wait until it has ended") from error
        except OSError as error:
            full = error.errno == errno.ENOSPC
            raise ModelError(
                f"{self.root} cannot be written ({error.strerror or error})",
                "make room and run the same command again" if full else "check who may write there",
            ) from error

    def _pin(self, name: str) -> Path:
        """Return the file that notes the SHA-256 of the first download."""
        return self.root / ".pins" / f"{name}.sha256"


def _again(name: str) -> str:
    if name in ("builtin", BUILTIN):
        return "install YOLACT Live again"
    return f"use `yolact-live models remove {name}` and install it again"


def _is_name(name: str) -> bool:
    return re.fullmatch(r"\w[\w-]*", name, re.ASCII) is not None


def resolve(model: str) -> Path:
    """Return the graph of a model: built-in, installed, or a path.

    Raises:
        UsageError: neither a known name nor a path.
        ModelError: not installed, damaged, a path where there is no file, or a checkpoint.
    """
    store = Store()
    found = store.find(model)
    if found:
        return found.path
    path = Path(model).expanduser()
    if path.is_file():
        if path.suffix.lower() not in GRAPHS:
            raise ModelError(
                f"{model} is not an IR or ONNX file", f"use `yolact-live models import {model}` first"
            )
        return path
    if path.suffix or len(path.parts) > 1:
        raise ModelError(f"no model at {model}", "check the path, or leave --model out for the built-in one")
    return store.get(model).path
