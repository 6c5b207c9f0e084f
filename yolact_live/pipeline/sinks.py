"""Consumers of results that keep them: each writes on a thread of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from yolact_live.pipeline.mailbox import Closed, Mailbox
from yolact_live.pipeline.metrics import Metrics
from yolact_live.types import FrameResult

# Results waiting for a writer: enough to ride out one slow key frame.
_BACKLOG = 4


class Writer(Protocol):
    """Something that keeps results. If writing fails it keeps what it can, and is closed."""

    @property
    def size(self) -> int:
        """Bytes on the disk so far; not asked after :meth:`close`."""

    def write(self, result: FrameResult) -> None: ...

    def close(self) -> None: ...


class Consumer(Protocol):
    """Something that takes the results of a pipeline."""

    def put(self, result: FrameResult) -> None:
        """Take a result; in the end, or too late for a live source, nothing waits for it."""

    def close(self) -> None:
        """There are no more; finish."""


class Sink:
    """A thread that hands results to a writer.

    Args:
        name: stage under which its time is counted.
        open_writer: makes the writer when the first result is there.
        live: drop results, counted, when the writer is slower than the pipeline;
            otherwise the pipeline waits.

    Attributes:
        error: why it gave up; it then ignores further results.
        written: results kept so far.
        dropped: results that came too fast.
        size: bytes on the disk so far.
    """

    def __init__(self, name: str, open_writer: Callable[[], Writer], live: bool, metrics: Metrics) -> None:
        self.name = name
        self.error: BaseException | None = None
        self.written = 0
        self.dropped = 0
        self.size = 0
        self._open_writer = open_writer
        self._metrics = metrics
        self._mailbox: Mailbox[FrameResult] = Mailbox(_BACKLOG, newest=live)
        self._thread = threading.Thread(target=self._run, name=f"yl-{name}")
        self._thread.start()

    def put(self, result: FrameResult) -> None:
        """Hand over a result; waits if the writer is slow and the source is not live."""
        with suppress(Closed):
            dropped = self._mailbox.put(result)
            self.dropped += dropped
            self._metrics.drop(f"{self.name} full", dropped)

    def close(self) -> None:
        """Write what is waiting and finalise; ``error`` tells how it went."""
        self._mailbox.close()
        self._thread.join()

    def _run(self) -> None:
        writer: Writer | None = None
        try:
            for result in self._mailbox:
                writer = writer or self._open_writer()
                began = time.perf_counter_ns()
                writer.write(result)
                self._metrics.time(self.name, time.perf_counter_ns() - began)
                self.size = writer.size
                self.written += 1
            if writer:
                writer.close()
        except Exception as error:  # whatever it was, the pipeline must not wait for this thread
            self.error = error
            self._mailbox.abort()
            if writer:
                with suppress(Exception):
                    writer.close()
