"""What every source of frames has in common."""

from __future__ import annotations

import math
import os
import re
import time
from abc import abstractmethod
from dataclasses import dataclass
from fractions import Fraction

from yolact_live.closing import Closing
from yolact_live.errors import SourceError
from yolact_live.types import Frame


@dataclass(frozen=True)
class SourceInfo:
    """What is known about a source before its frames are read.

    Attributes:
        name: fit to be shown and stored; no passwords.
        size: height and width of the first frame in pixels, upright and with square pixels.
        rate: frames a second, exact; None if it varies or is unknown.
        mean_rate: frames a second on average, also where it varies; None if unknown.
        duration: seconds; None if unknown or endless.
        frames: how many frames, as the container says or estimated; None if unknown.
        live: frames arrive when they happen; what is not read in time is lost.
        seekable: :meth:`Source.seek` works.
        pictures: the frames are pictures of their own, each named by its ``source_id``.
        interlaced: each frame holds two moments, in alternate lines.
        coding: codec and pixel format, as FFmpeg calls them; empty if there is none.
    """

    name: str
    size: tuple[int, int]
    rate: Fraction | None = None
    mean_rate: Fraction | None = None
    duration: Fraction | None = None
    frames: int | None = None
    live: bool = False
    seekable: bool = False
    pictures: bool = False
    interlaced: bool = False
    coding: str = ""


@dataclass(frozen=True)
class Outage:
    """A live source that is away and expected back.

    Attributes:
        reason: what happened, last of all.
        since_s: when it was lost, seconds of :func:`time.monotonic`.
        retry_s: seconds between the last try and the next.
        due_s: when the next try is due, seconds of :func:`time.monotonic`.
    """

    reason: SourceError
    since_s: float
    retry_s: float
    due_s: float

    @property
    def wait_s(self) -> float:
        """Seconds until the next try; 0 while it is under way."""
        return max(self.due_s - time.monotonic(), 0.0)


class Source(Closing):
    """Frames in order of presentation, their ``pts`` strictly increasing. A context manager.

    One thread reads. Any thread may close once :meth:`read` has returned.

    Attributes:
        info: what is known of it.
        outage: a live source is away, and :meth:`read` waits for it; None while all is well.
        missed: frames that a live source is thought to have lost in outages so far.
    """

    info: SourceInfo
    outage: Outage | None = None
    missed: int = 0

    @abstractmethod
    def read(self) -> Frame | None:
        """Return the next frame, or None at the end.

        A live source returns or raises within its time-out.

        Raises:
            SourceError: the source failed; frames that were read before remain valid.
        """

    def seek(self, pts: Fraction, patience_s: float = math.inf) -> None:
        """Make the next :meth:`read` return the frame that is shown at ``pts`` seconds.

        Before the start this is the first frame, past the end the last one. Only if
        ``info.seekable``. After ``patience_s`` a frame before it that has been reached will do.

        Raises:
            SourceError: the position cannot be reached.
        """
        raise NotImplementedError(f"{type(self).__name__} cannot seek")

    @abstractmethod
    def close(self) -> None:
        """Release the device or file. May be called more than once."""

    @property
    def problem(self) -> str | None:
        """After the end: what was lost, in words; None if nothing was."""
        return None


# A person may leave a slash or a space in a password as it is; what follows the colon is then no port.
_LOGIN = re.compile(r"(?<=://)(?:[^/\s]*|[^/\s:@\[]+:(?!\d*(?:[/\s]|$)).*)@")
_SECRET = re.compile(
    r"([?&](?:user(?:name)?|usr|login|pass(?:word|wd)?|pwd|token|key|api_?key|auth|secret|sig(?:nature)?)=)[^&#\s]+",
    re.IGNORECASE,
)


def redact(text: str) -> str:
    """Return ``text`` with user names and passwords left out of every address in it.

    >>> redact("rtsp://admin:s3cret@camera.local/live failed")
    'rtsp://…@camera.local/live failed'
    >>> redact("http://camera.local/video.cgi?user=admin&pwd=s3cret&size=2")
    'http://camera.local/video.cgi?user=…&pwd=…&size=2'
    >>> redact("rtsp://admin:s3/cr et@camera.local/live")
    'rtsp://…@camera.local/live'
    """
    return _SECRET.sub(r"\1…", _LOGIN.sub("…@", text))


def source_key(source: str) -> str:
    """Return what a source is called where something is kept for it: no passwords, files in full."""
    return os.path.abspath(source) if os.path.exists(source) else redact(source)
