"""Downloads a file from the first mirror that serves it whole, going on where it broke off.

What has arrived is kept in a part file, and beside it what the server said of the whole, so
that parts of different files are never joined. `requests` does the transport: unlike the
standard library it brings certificates of its own, which Python on macOS lacks.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from yolact_live.errors import ModelError

if TYPE_CHECKING:
    import requests

Progress = Callable[[int, int | None], None]
"""Is told the bytes there are and, if known, the bytes there will be. May raise to stop."""

LARGEST = 1 << 30
"""Bytes; no published YOLACT takes more than a quarter. Guards against a server that never ends."""
SLOWEST = 1000
"""Bytes per second below which a transfer counts as stalled."""
CHUNK = 1 << 18
"""Bytes read at most at a time."""
CONTINUE = "run the same command again: it goes on where it broke off"


@dataclass(frozen=True)
class Patience:
    """How long to put up with a bad connection.

    Attributes:
        stall_s: seconds without an answer, or with less than :data:`SLOWEST`, after which to reconnect.
        attempts: how often to try each mirror.
        pause_s: seconds before the second attempt; doubled before each further one.
    """

    stall_s: float = 30.0
    attempts: int = 4
    pause_s: float = 1.0


@dataclass(frozen=True)
class Expected:
    """What is known of a file beforehand.

    Attributes:
        size: bytes.
        hashes: hexadecimal digests by the name of the algorithm, as :mod:`hashlib` knows it.
        by: which file has these hashes, for messages.
    """

    size: int | None = None
    hashes: Mapping[str, str] = field(default_factory=dict)
    by: str = "published"


class _Broken(Exception):
    """This attempt failed; another one may succeed."""


class _Unusable(Exception):
    """This mirror does not have the file."""


def fetch(
    urls: Sequence[str],
    part: Path,
    expected: Expected,
    progress: Progress,
    patience: Patience,
    reserve: int = 0,
) -> str:
    """Download a file; one that an earlier call left incomplete is completed.

    Args:
        urls: mirrors, in the order to try.
        part: file to write; stays there if the transfer fails, and is removed if its content is wrong.
        reserve: bytes that must be free on the disk besides.

    Returns:
        The address that the file came from.

    Raises:
        ModelError: no mirror served the file, its content is not what was expected, or the disk is full.
    """
    transfer = _Transfer(part, expected, progress, patience, reserve)
    problems = []
    for url in urls:
        try:
            return transfer.from_mirror(url)
        except _Unusable as error:
            problems.append(f"{urlsplit(url).netloc} {error}")
    name = urlsplit(urls[0]).path.rpartition("/")[2]
    raise ModelError(f"{name} could not be downloaded ({'; '.join(problems)})", CONTINUE)


def sha256(path: Path) -> str:
    """Return the hexadecimal SHA-256 of a file."""
    return _digest(path, "sha256")


def _digest(path: Path, algorithm: str) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()


@dataclass(frozen=True)
class _Whole:
    """What a server said of the file of which a part is there.

    Attributes:
        url: where the part came from.
        size: bytes of the whole file.
        validator: strong ETag or date of change, for ``If-Range``.
        sha256: digest that Hugging Face announces; its mirrors' ETags differ for the same file.
    """

    url: str
    size: int | None = None
    validator: str | None = None
    sha256: str | None = None

    @staticmethod
    def of(response: requests.Response, url: str) -> _Whole:
        length = response.headers.get("Content-Length", "")
        if response.status_code == 206:
            length = response.headers.get("Content-Range", "").rpartition("/")[2]
        etag = response.headers.get("ETag", "")
        validator = etag if etag.startswith('"') else response.headers.get("Last-Modified")
        announced = [answer.headers.get("X-Linked-ETag", "").strip('"') for answer in response.history]
        digest = next((text for text in announced if re.fullmatch("[0-9a-f]{64}", text)), None)
        return _Whole(url, int(length) if length.isdecimal() else None, None if digest else validator, digest)


def notes_of(part: Path) -> Path:
    """Return the file beside a part file that says what it is a part of."""
    return part.with_name(part.name + ".json")


def discard(part: Path) -> None:
    """Remove a part file."""
    part.unlink(missing_ok=True)
    notes_of(part).unlink(missing_ok=True)


@dataclass(frozen=True)
class _Transfer:
    """One file on its way; the fields are the arguments of :func:`fetch`."""

    part: Path
    expected: Expected
    progress: Progress
    patience: Patience
    reserve: int

    def from_mirror(self, url: str) -> str:
        """Get what is missing from one mirror, and return where the file came from."""
        import requests

        with requests.Session() as session:
            for attempt in range(self.patience.attempts):
                if attempt:
                    time.sleep(self.patience.pause_s * 2 ** (attempt - 1))
                try:
                    return self._attempt(session, url)
                except _Broken as error:
                    problem = error
        raise _Unusable(str(problem)) from problem

    def _attempt(self, session: requests.Session, url: str) -> str:
        before = self._continuable()
        start = self.part.stat().st_size if before else 0
        if before and start == (self.expected.size or before.size):
            self._check(before, resumed=True)
            return before.url
        self._check_space(self.expected.size, start)
        headers = {"Accept-Encoding": "identity"}
        if before:
            headers["Range"] = f"bytes={start}-"
            if before.validator:
                headers["If-Range"] = before.validator
        with _network_errors():
            response = session.get(url, headers=headers, stream=True, timeout=self.patience.stall_s)
        with response:
            self._check_answer(response, start)
            whole = _Whole.of(response, url)
            if response.status_code == 200:
                start = 0
            elif before and whole.sha256 != before.sha256:
                discard(self.part)
                raise _Broken("has changed the file meanwhile")
            size = self.expected.size or whole.size
            if whole.size not in (None, size) or (size or 0) > LARGEST:
                raise _Unusable(f"offers a file of {whole.size} bytes")
            self._check_space(size, start)
            if not start:
                discard(self.part)
                notes_of(self.part).write_text(json.dumps(dataclasses.asdict(whole)), "utf-8")
            done = self._receive(response, start, size)
        if size not in (None, done):
            raise _Broken(f"broke off after {done} of {size} bytes")
        self._check(whole, resumed=start > 0)
        return url

    def _continuable(self) -> _Whole | None:
        """Return what the part is a part of; None if nothing could tell that the rest is of the same file."""
        try:
            whole = _Whole(**json.loads(notes_of(self.part).read_text("utf-8")))
            there = self.part.stat().st_size > 0
        except (OSError, ValueError, TypeError):
            return None
        return whole if there and (whole.validator or whole.sha256 or self.expected.hashes) else None

    def _check_answer(self, response: requests.Response, start: int) -> None:
        secure = [answer.url.startswith("https:") for answer in (*response.history, response)]
        if secure[0] and not all(secure):
            raise _Unusable("redirects to an address that is not encrypted")
        status = response.status_code
        begins = response.headers.get("Content-Range", "").startswith(f"bytes {start}-")
        if status == 200 or (status == 206 and start and begins):
            return
        if status in (206, 416):
            discard(self.part)
            raise _Broken("has no such part of the file")
        text = f"answers {status} {response.reason or ''}".strip()
        raise (_Broken if status in (408, 425, 429) or status >= 500 else _Unusable)(text)

    def _receive(self, response: requests.Response, start: int, size: int | None) -> int:
        """Append what comes to the part; return its size then."""
        done = mark = start
        marked_ns = time.perf_counter_ns()
        with self.part.open("ab") as file:
            self.progress(done, size)
            while True:
                with _network_errors():
                    chunk = response.raw.read1(CHUNK)  # returns what is there, so that a trickle is seen
                if not chunk:
                    return done
                done += len(chunk)
                if done > (size or LARGEST):
                    raise _Unusable(f"sends more than {size or LARGEST} bytes")
                file.write(chunk)
                self.progress(done, size)
                seconds = (time.perf_counter_ns() - marked_ns) / 1e9
                if seconds > self.patience.stall_s:
                    if done - mark < SLOWEST * seconds:
                        raise _Broken("hardly sends anything")
                    mark, marked_ns = done, time.perf_counter_ns()

    def _check(self, whole: _Whole, resumed: bool) -> None:
        """Compare all hashes; a file that differs is removed."""
        hashes = dict(self.expected.hashes)
        if whole.sha256:
            hashes.setdefault("sha256", whole.sha256)
        for algorithm, digest in hashes.items():
            found = _digest(self.part, algorithm)
            if found != digest:
                discard(self.part)
                text = f"sends another file than {self.expected.by}: {algorithm} {found}, not {digest}"
                # What was joined may be of different files: a whole one deserves a try.
                raise (_Broken if resumed else _Unusable)(text)

    def _check_space(self, size: int | None, start: int) -> None:
        need = (size or 0) - start + self.reserve
        free = shutil.disk_usage(self.part.parent).free
        if need > free:
            raise ModelError(
                f"{need / 1e6:.0f} MB are needed, {free / 1e6:.0f} MB are free in {self.part.parent}",
                "make room and run the same command again",
            )


@contextmanager
def _network_errors() -> Iterator[None]:
    """Turn what the transport raises into :class:`_Broken`."""
    import requests
    import urllib3

    try:
        yield
    except (requests.Timeout, urllib3.exceptions.TimeoutError) as error:
        raise _Broken("does not answer") from error
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        raise _Broken(f"cannot be reached ({_reason(error)})") from error


def _reason(error: BaseException) -> str:
    """Return the innermost cause, where libraries hide what happened."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__ or error
    return str(error) or type(error).__name__
