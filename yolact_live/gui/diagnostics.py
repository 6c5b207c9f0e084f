"""What a report of a problem needs to say: versions, machine, settings. Nothing private."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import os
import platform
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from yolact_live import __version__
from yolact_live.assets import asset
from yolact_live.settings import Settings

_NAME = re.compile(r"[\w.-]+")


@dataclasses.dataclass(frozen=True)
class Library:
    """Something that the program is made with."""

    name: str
    version: str
    licence: str


def libraries() -> Iterator[Library]:
    """Return what is installed of the libraries that the program needs."""
    needed = (_NAME.match(text) for text in _requirements() if "extra ==" not in text)
    for name in dict.fromkeys(match[0] for match in needed if match):
        try:
            found = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        yield Library(found.name, found.version, _licence(found))


def _requirements() -> list[str]:
    try:
        return importlib.metadata.requires("yolact-live") or []
    except importlib.metadata.PackageNotFoundError:  # run from a checkout
        project = tomllib.loads((asset().parent / "pyproject.toml").read_text("utf-8"))["project"]
        dependencies: list[str] = project["dependencies"]
        return dependencies


def _licence(found: importlib.metadata.Distribution) -> str:
    data = found.metadata
    classifiers = [text for text in data.get_all("Classifier") or () if text.startswith("License ::")]
    short = data["License"] if data["License"] and len(data["License"]) < 60 else None
    return data["License-Expression"] or short or (classifiers or ["not stated"])[0].rpartition(":: ")[2]


def diagnostics(settings: Settings, runs_on: str = "") -> str:
    """Return versions, machine and settings as lines of text."""
    lines = [
        f"YOLACT Live {__version__}",
        f"Python {platform.python_version()}, {platform.platform()}, {os.cpu_count()} processors",
        f"Running on: {runs_on or 'nothing yet'}",
        "",
        *(f"{library.name} {library.version}" for library in libraries()),
        "",
        "Settings that are not as they were made:",
    ]
    for field in dataclasses.fields(settings):
        value = getattr(settings, field.name)
        if value != field.default:
            lines.append(f"{field.name} = {value!r}")
    return anonymous("\n".join(lines))


def anonymous(text: str) -> str:
    """Take the user's folder and passwords in addresses out of a text."""
    from yolact_live.capture.source import redact

    text = text.replace(str(Path.home()), "~").replace(sys.prefix, "<python>")
    return re.sub(r"\b[\w+.-]+://\S+", lambda address: redact(address[0]), text)
