"""Many files, each with results of its own; what is there already is not made again."""

from __future__ import annotations

import glob
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from yolact_live.capture import is_live, is_picture, is_video, local_files
from yolact_live.errors import RecordError, SourceError
from yolact_live.pipeline.annotate import annotate
from yolact_live.pipeline.pipeline import Pipeline
from yolact_live.pipeline.writers import ENDINGS, Outputs
from yolact_live.record.output import VIDEO_EXTENSIONS, check_folder, same_file
from yolact_live.record.pictures import PICTURE_EXTENSIONS
from yolact_live.settings import Settings


@dataclass(frozen=True)
class Job:
    """One video or picture, or one folder of pictures.

    Attributes:
        source: the file or folder.
        folder: where its results go.
        names: what they are called there, by field of :class:`Outputs`.
        polygons: outlines in place of masks.
        overwrite: make again what is there.
    """

    source: str
    folder: Path
    names: Mapping[str, str]
    polygons: bool = False
    overwrite: bool = False

    @property
    def work(self) -> Path:
        """Where the results are until all of them are whole."""
        return self.folder / f"{Path(self.source).name}.part"

    @property
    def missing(self) -> dict[str, str]:
        """What is still to be made, as ``names``."""
        return {
            field: name
            for field, name in self.names.items()
            if self.overwrite or not (self.folder / name).exists()
        }


@dataclass(frozen=True)
class Done:
    """What became of a job.

    Attributes:
        frames: so many were annotated.
        problem: what the source lost, in words.
    """

    frames: int
    problem: str | None


def plan(
    inputs: Iterable[str],
    folder: Path,
    kinds: Iterable[str],
    *,
    polygons: bool = False,
    overwrite: bool = False,
) -> list[Job]:
    """Say what is to be done.

    Args:
        inputs: videos, pictures, globs of them, and folders. Of a folder, each video is one job, and
            all its pictures are one.
        folder: where the results go; need not exist.
        kinds: what is wanted of each, fields of :class:`Outputs`.
        polygons: outlines in place of masks.
        overwrite: make again what is there.

    Raises:
        RecordError: results cannot go there, or two of them have one name.
    """
    if folder.exists() and not folder.is_dir():
        raise RecordError(f"{folder} is a file", "give the name of a folder")
    check_folder(folder if folder.exists() else folder.absolute().parent)
    jobs = []
    for source in dict.fromkeys(_sources(inputs)):
        if any(same_file(folder, file.parent) for file in local_files(source)):
            raise RecordError(f"{folder} holds {source} itself", "choose another folder for the output")
        names = _names(Path(source))
        jobs.append(Job(source, folder, {kind: names[kind] for kind in kinds}, polygons, overwrite))
    for name, count in Counter(name for job in jobs for name in job.names.values()).items():
        if count > 1:
            sources = " and ".join(job.source for job in jobs if name in job.names.values())
            raise RecordError(f"{sources} would both become {folder / name}", "rename one, or run them apart")
    return jobs


def run(
    job: Job,
    settings: Settings,
    progress: Callable[[Pipeline, list[str]], None] = lambda pipeline, notices: None,
    interrupted: Callable[[], bool] = lambda: False,
) -> Done:
    """Make the results of a job that are missing; they appear in its folder when all are whole.

    Args:
        job: see :func:`plan`.
        settings: what to run and how to draw it.
        progress, interrupted: see :func:`annotate`. What is interrupted stays in ``job.work``.

    Raises:
        YolactLiveError: it failed.
    """
    if is_live(job.source):
        raise SourceError(f"{job.source} does not exist", "give files and folders")
    job.work.mkdir(parents=True, exist_ok=True)
    paths = {field: job.work / name for field, name in job.missing.items()}
    try:
        outputs = Outputs(**paths, polygons=job.polygons, overwrite=True)
        pipeline = annotate(job.source, settings, outputs, None, progress, interrupted)
        if not interrupted():
            _move(job.work, job.folder)
    finally:
        with suppress(OSError):  # it stays if there is something in it
            job.work.rmdir()
    return Done(pipeline.metrics.snapshot().frames, pipeline.problem)


def _sources(inputs: Iterable[str]) -> Iterator[str]:
    from natsort import natsorted

    for text in inputs:
        path = Path(text).expanduser()
        if path.is_dir():
            yield from natsorted(str(file) for file in path.iterdir() if is_video(file))
            if any(is_picture(file) for file in path.iterdir()):
                yield str(path)
        elif glob.has_magic(text) and not path.exists():
            yield from natsorted(glob.glob(str(path), recursive=True)) or [text]
        else:
            yield str(path)


def _names(source: Path) -> dict[str, str]:
    """Return what each kind of result is called."""
    stem, kind = source.stem, source.suffix.lower()
    if source.is_dir():
        stem = annotated = source.resolve().name.replace(".", " ")  # what has an extension is a file
    elif is_picture(source):
        annotated = f"{stem}{kind if kind in PICTURE_EXTENSIONS else '.png'}"
    else:
        annotated = f"{stem}{kind if kind in VIDEO_EXTENSIONS else '.mp4'}"
    return {"annotated": annotated, **{field: stem + ending for field, ending in ENDINGS.items()}}


def _move(work: Path, folder: Path) -> None:
    """Move what is in a folder to another one on the same disk; folders of one name become one."""
    folder.mkdir(exist_ok=True)
    for item in work.iterdir():
        if item.is_dir():
            _move(item, folder / item.name)
            item.rmdir()
        else:
            item.replace(folder / item.name)
