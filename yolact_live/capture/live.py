"""Sources whose frames arrive when they happen."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from yolact_live.capture.source import Outage, Source, SourceInfo
from yolact_live.errors import SourceError
from yolact_live.types import ByteArray, Frame

OPEN_S = 10.0
"""A device that has shown nothing after this time is given up."""

STALL_S = 5.0
"""A device that has been silent for this time is given up."""

CLOSE_S = 0.5
"""A device that is still busy after this time is left to itself; it is closed when it comes back."""

FIRST_RETRY_S, LAST_RETRY_S = 1.0, 30.0
"""A device that was lost is tried again after 1 s, 2 s, 4 s and so on, at last every 30 s."""

_POLL_S = 0.05


class Device(Protocol):
    """A camera, a stream, a screen. Opened, used and closed by one thread.

    Attributes:
        rate: frames a second as granted; None if unknown.
        coding: codec or pixel format as granted; empty if there is none.
    """

    rate: Fraction | None
    coding: str

    def grab(self) -> ByteArray | None:
        """Wait for the next picture, (H, W, 3) u8 BGR, a new array; None at the end.

        Raises:
            SourceError: the device failed.
        """

    def close(self) -> None:
        """Release the device."""


class LiveSource(Source):
    """The newest frame of a device; a frame that is not read in time is lost.

    Opening and reading end in time, and at once when ``cancel`` is set. Times are those of
    arrival, counted from the first frame; gaps in ``seq`` are frames that were lost.

    A device that fails or falls silent later is opened anew until it is back; meanwhile
    :meth:`read` waits, and ``outage`` says why and for how long.

    Args:
        name: fit to be shown.
        open_device: called for each connection, on a thread of its own.
        cancel: when it is set, opening fails and :meth:`read` returns None.
        reconnect_s: how long to try; 0 = a failure ends the source.

    Raises:
        SourceError: the device cannot be opened, or not in time.
    """

    def __init__(
        self,
        name: str,
        open_device: Callable[[], Device],
        cancel: threading.Event | None = None,
        reconnect_s: float = 0.0,
    ) -> None:
        self._name = name
        self._open_device = open_device
        self._cancel = cancel or threading.Event()
        self._reconnect_s = reconnect_s
        self._connection = _Connection(open_device, self._cancel)
        first = self._wait(OPEN_S, f"{name} did not open within {OPEN_S:g} s")
        if first is None:
            self.close()
            if self._cancel.is_set():
                raise SourceError(f"opening {name} was cancelled")
            raise SourceError(f"{name} has sent no picture", "check it, then try again")
        self._start_ns = first.t_ns
        self._first = self._last = first
        self._base = 0  # what the numbers of this connection count from
        self.info = SourceInfo(
            name=name,
            size=(first.image.shape[0], first.image.shape[1]),
            rate=self._connection.rate,
            mean_rate=self._connection.rate,
            live=True,
            coding=self._connection.coding,
        )

    def read(self) -> Frame | None:
        complaint = f"{self._name} has sent no picture for {STALL_S:g} s"
        while True:
            try:
                picture = self._wait(OPEN_S if self.outage else STALL_S, complaint)
            except SourceError as error:
                if not self._try_again(error):
                    return None
                continue
            if picture is None:
                return None
            if self.outage:
                self._resume(picture)
            self._connection.took(picture)
            self._last = picture
            return self._frame(picture)

    def close(self) -> None:
        self._connection.close()

    def _wait(self, seconds: float, complaint: str) -> _Picture | None:
        """Return the newest picture as soon as there is one, None if none will come."""
        deadline = time.monotonic() + seconds
        connection = self._connection
        with connection.changed:
            while connection.newest is None and not connection.over and not self._cancel.is_set():
                if time.monotonic() > deadline:
                    connection.closed.set()
                    raise SourceError(complaint, "check that it is on, connected and not in use")
                connection.changed.wait(_POLL_S)
            if connection.newest is None and connection.failure:
                raise connection.failure
            return connection.newest

    def _frame(self, picture: _Picture) -> Frame:
        rate = self._connection.rate
        return Frame(
            seq=self._base + picture.number,
            pts=Fraction(picture.t_ns - self._start_ns, 1_000_000_000),
            duration=1 / rate if rate else Fraction(0),
            t_capture_ns=picture.t_ns,
            image=picture.image,
            source_id=self._name,
        )

    # ---------------------------------------------------------------- lost and found

    def _try_again(self, reason: SourceError) -> bool:
        """Let go of the device, wait, and open it anew; return False if cancelled.

        Raises:
            SourceError: it has been tried for long enough.
        """
        self._connection.close()
        now_s = time.monotonic()
        before = self.outage
        since_s = before.since_s if before else now_s
        retry_s = min(2 * before.retry_s, LAST_RETRY_S) if before else FIRST_RETRY_S
        if now_s + retry_s - since_s > self._reconnect_s:
            if before is None:
                raise reason
            gone = f"it did not come back within {self._reconnect_s:g} s"
            raise SourceError(f"{reason.message}, and {gone}", reason.remedy) from None
        self.outage = Outage(reason, since_s, retry_s, now_s + retry_s)
        if self._cancel.wait(retry_s):
            return False
        self._connection = _Connection(self._open_device, self._cancel)
        return True

    def _resume(self, picture: _Picture) -> None:
        """Go on with a new connection; what came meanwhile is estimated from the rate before."""
        span_ns = self._last.t_ns - self._first.t_ns
        rate = (self._last.number - self._first.number) / span_ns if span_ns else 0.0
        missed = max(round((picture.t_ns - self._last.t_ns) * rate) - 1, 1)
        self.missed += missed
        self._base += self._last.number + 1 + missed - picture.number
        self._first = picture
        self.outage = None


@dataclass(frozen=True, eq=False)
class _Picture:
    """A picture, its number in its connection, and when it arrived."""

    number: int
    t_ns: int
    image: ByteArray


class _Connection:
    """A device, opened and drained by a thread of its own, because drivers block as long as they like.

    Attributes:
        changed: held to look at what follows; notified when it changes.
        newest: the last picture, if nobody has taken it.
        failure: why it is over; None at the regular end.
        over: nothing more will come.
        closed: set it to end.
        rate, coding: as granted to the device.
    """

    def __init__(self, open_device: Callable[[], Device], cancel: threading.Event) -> None:
        self.changed = threading.Condition()
        self.newest: _Picture | None = None
        self.failure: Exception | None = None
        self.over = False
        self.closed = threading.Event()
        self.rate: Fraction | None = None
        self.coding = ""
        self._open_device = open_device
        self._cancel = cancel
        # daemon: a driver that never returns must not keep the program alive
        self._thread = threading.Thread(target=self._run, name="yl-device", daemon=True)
        self._thread.start()

    def took(self, picture: _Picture) -> None:
        """Note that a picture needs not be kept any longer."""
        with self.changed:
            if self.newest is picture:
                self.newest = None

    def close(self) -> None:
        """Ask the thread to release the device, and give it a moment."""
        self.closed.set()
        self._thread.join(CLOSE_S)

    def _run(self) -> None:
        try:
            device = self._open_device()
            try:
                self.rate, self.coding = device.rate, device.coding
                self._drain(device)
            finally:
                device.close()
        except Exception as error:  # no thread may die in silence
            self.failure = error
        finally:
            with self.changed:
                self.over = True
                self.changed.notify_all()

    def _drain(self, device: Device) -> None:
        number = 0
        while not self.closed.is_set() and not self._cancel.is_set():
            image = device.grab()
            if image is None:
                return
            picture = _Picture(number, time.perf_counter_ns(), image)
            number += 1
            with self.changed:
                self.newest = picture
                self.changed.notify_all()
