"""Pictures: snapshots, annotated pictures, label maps."""

from __future__ import annotations

import io
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import cv2
import numpy as np

from yolact_live.errors import RecordError
from yolact_live.record.output import (
    check_folder,
    check_output,
    disk_error,
    free_name,
    part_path,
    same_file,
)
from yolact_live.types import ByteArray, Frame, FrameResult
from yolact_live.version import __version__

PICTURE_EXTENSIONS = (".png", ".jpg", ".jpeg")
_JPEG_QUALITY = 95
_LABELS = 2**16 - 1
_DESCRIPTION, _SOFTWARE = 0x010E, 0x0131  # tags of EXIF


class PictureNames:
    """Names files after frames: ``000012.png``; where frames are pictures of their own, after these.

    Args:
        pictures: whether they are.
    """

    def __init__(self, pictures: bool) -> None:
        self._pictures = pictures
        self._used: dict[str, int] = {}

    def name(self, frame: Frame, extension: str | None = None) -> str:
        """Return a name that no other frame gets.

        Args:
            extension: None is that of the picture, ``.png`` for the frame of a video.
        """
        if not self._pictures:
            return f"{frame.seq:06}{extension or '.png'}"
        own = Path(frame.source_id)
        name = own.stem + (extension or own.suffix)
        count = self._used[name] = self._used.get(name, 0) + 1  # x/a.jpg and y/a.jpg
        return name if count == 1 else f"{Path(name).stem} ({count}){extension or own.suffix}"


class PictureFolder(ABC):
    """Writes one picture a frame to a folder; each is whole or not there.

    Args:
        folder: made if it does not exist.
        names: of the pictures.
        overwrite: pictures that are there may be replaced.

    Attributes:
        size: bytes written so far.

    Raises:
        RecordError: the folder may not or cannot be written to.
    """

    def __init__(self, folder: Path, names: PictureNames, overwrite: bool = False) -> None:
        check_picture_folder(folder, overwrite=overwrite)
        self._folder = folder
        self._names = names
        self._written = 0
        self.size = 0
        try:
            folder.mkdir(exist_ok=True)
        except OSError as error:
            raise disk_error(folder, error, "nothing is kept of it") from error

    def write(self, result: FrameResult) -> None:
        """Add a picture.

        Raises:
            RecordError: it cannot be written, for example because the disk is full. Those that were
                written before are kept.
        """
        name, data = self.encode(result)
        _replace(self._folder / name, data, f"{self._written} pictures are kept in {self._folder}")
        self._written += 1
        self.size += len(data)

    @abstractmethod
    def encode(self, result: FrameResult) -> tuple[str, bytes]:
        """Return the name and the content of a frame's picture."""

    def close(self) -> None:
        """Do nothing: every picture is whole already."""
        return


class AnnotatedPictures(PictureFolder):
    """Annotated pictures in the format of their source; PNG for frames of a video.

    Args:
        model: its name, noted in the pictures.
    """

    def __init__(self, folder: Path, names: PictureNames, model: str, overwrite: bool = False) -> None:
        super().__init__(folder, names, overwrite)
        self._model = model

    def encode(self, result: FrameResult) -> tuple[str, bytes]:
        own = Path(result.frame.source_id).suffix.lower()
        name = self._names.name(result.frame, None if own in PICTURE_EXTENSIONS else ".png")
        return name, encode_picture(result.annotated, Path(name).suffix, about(result.frame, self._model))


class LabelMaps(PictureFolder):
    """16-bit PNGs of the frames' size that say of each pixel what it belongs to: 0 is nothing.

    An object that is followed has its ``id`` + 1, the same in every picture, other objects their place
    in the list of the frame + 1, best first. Where they overlap the best is on top.
    """

    def encode(self, result: FrameResult) -> tuple[str, bytes]:
        instances = result.instances
        places = np.arange(len(instances), dtype=np.int64)
        # more than 65535 objects do not fit; the first numbers come again
        numbers = np.where(instances.ids >= 0, instances.ids, places) % _LABELS + 1
        values = np.concatenate([[0], numbers]).astype(np.uint16)
        labels = values[instances.label_map(*result.frame.size)]
        return self._names.name(result.frame, ".png"), cv2.imencode(".png", labels)[1].tobytes()


class AnnotatedPicture:
    """One annotated picture, of a source that has only one.

    Args:
        path: file to be written.
        model: its name, noted in the picture.
        overwrite: replace an existing file.

    Attributes:
        size: bytes written so far.

    Raises:
        RecordError: the output may not be written.
    """

    def __init__(self, path: Path, model: str, overwrite: bool = False) -> None:
        check_output(path, overwrite=overwrite, extensions=PICTURE_EXTENSIONS)
        self._path = path
        self._model = model
        self.size = 0

    def write(self, result: FrameResult) -> None:
        """Write the picture.

        Raises:
            RecordError: it cannot be written, or it was not the only one.
        """
        if self.size:
            raise RecordError(f"{self._path} holds one picture, and there are more", "give a folder")
        data = encode_picture(result.annotated, self._path.suffix, about(result.frame, self._model))
        _replace(self._path, data, "nothing is kept of it")
        self.size = len(data)

    def close(self) -> None:
        """Do nothing: the picture is whole already."""


def check_picture_folder(folder: Path, *, overwrite: bool, inputs: Iterable[Path] = ()) -> None:
    """Make sure that pictures may be written to a folder.

    Args:
        folder: need not exist.
        overwrite: it need not be empty; pictures in it may be replaced.
        inputs: files that must not be replaced, whatever ``overwrite`` says.

    Raises:
        RecordError: they may not; the message says why, the remedy what to do.
    """
    if folder.exists() and not folder.is_dir():
        raise RecordError(f"{folder} is a file", "give the name of a folder")
    check_folder(folder if folder.exists() else folder.parent)
    if any(same_file(folder, file.parent) for file in inputs):
        raise RecordError(f"{folder} holds the input itself", "choose another folder for the output")
    if folder.exists() and any(folder.iterdir()) and not overwrite:
        raise RecordError(f"the folder {folder} is not empty", "choose another one, or add --overwrite")


def save_snapshot(
    folder: Path, stem: str, result: FrameResult, *, model: str, overlay: bool = True, extension: str = ".png"
) -> Path:
    """Save the picture of a moment under a new name with date and time; nothing is ever replaced.

    Args:
        folder: must exist.
        stem: the name begins with it.
        overlay: with masks, boxes and labels.
        model: its name, noted in the picture beside source and time.
        extension: ``.png`` or ``.jpg``.

    Returns:
        The file.

    Raises:
        RecordError: it cannot be written, for example because the disk is full.
    """
    image = result.annotated if overlay else result.frame.image
    data = encode_picture(image, extension, about(result.frame, model))
    while True:
        path = free_name(folder, stem, extension)
        try:
            with path.open("xb") as file:
                file.write(data)
        except FileExistsError:  # another snapshot was quicker
            continue
        except OSError as error:
            with suppress(OSError):
                path.unlink(missing_ok=True)
            raise disk_error(path, error, "nothing is kept of it") from error
        return path


def about(frame: Frame, model: str) -> dict[str, str]:
    """Return what is to be known of a picture, in the words that PNG has for it."""
    return {
        "Source": frame.source_id,
        "Time": f"{float(frame.pts):.3f} s",
        "Model": model,
        "Software": f"YOLACT Live {__version__}",
        "Creation Time": datetime.now().astimezone().isoformat(timespec="seconds"),
    }


def encode_picture(image: ByteArray, extension: str, facts: Mapping[str, str]) -> bytes:
    """Return a picture as a file.

    Args:
        image: (H, W, 3) u8 BGR.
        extension: of :data:`PICTURE_EXTENSIONS`.
        facts: stored with it: as texts in PNG, as EXIF description in JPEG.
    """
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    picture, content = Image.fromarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB)), io.BytesIO()
    if extension.lower() == ".png":
        texts = PngInfo()
        for key, value in facts.items():
            texts.add_itxt(key, value)
        picture.save(content, "png", pnginfo=texts, compress_level=1)  # 6 takes four times as long
    else:
        exif = Image.Exif()
        exif[_SOFTWARE] = facts["Software"]
        exif[_DESCRIPTION] = "; ".join(f"{key}: {value}" for key, value in facts.items()).encode()
        picture.save(content, "jpeg", exif=exif, quality=_JPEG_QUALITY, subsampling=0)
    return content.getvalue()


def _replace(path: Path, data: bytes, kept: str) -> None:
    """Write a file whole or not at all.

    Raises:
        RecordError: it cannot be written; the message says what is ``kept``.
    """
    part = part_path(path)
    try:
        part.write_bytes(data)
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise disk_error(path, error, kept) from error
