"""Sources whose frames arrive when they happen."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from fractions import Fraction
from typing import Protocol

from yolact_live.capture.source import Source, SourceInfo
from yolact_live.errors import SourceError
from yolact_live.types import ByteArray, Frame

OPEN_S = 10.0
"""A device that has shown nothing after this time is given up."""

STALL_S = 5.0
"""A device that has been silent for this time is given up."""

CLOSE_S = 0.5
"""A device that is still busy after this time is left to itself; it is closed when it comes back."""

_POLL_S = 0.05


class Device(Protocol):
    """A camera, a stream, a screen. Opened, used and closed by one thread.

    Attributes:
        rate: frames a second as granted; None if unknown.
    """

    rate: Fraction | None

    def grab(self) -> ByteArray | None:
        """Wait for the next picture, (H, W, 3) u8 BGR, a new array; None at the end.

        Raises:
            SourceError: the device failed.
        """

    def close(self) -> None:
        """Release the device."""


class LiveSource(Source):
    """The newest frame of a device; a frame that is not read in time is lost.

    A thread of its own opens and drains the device, because drivers block for as long as they
    like: so opening and reading end in time, and at once when ``cancel`` is set. Times are those
    of arrival, counted from the first frame; gaps in ``seq`` are frames that were lost.

    Args:
        name: fit to be shown.
        open_device: called on that thread.
        cancel: when it is set, opening fails and :meth:`read` returns None.

    Raises:
        SourceError: the device cannot be opened, or not in time.
    """

    def __init__(
        self, name: str, open_device: Callable[[], Device], cancel: threading.Event | None = None
    ) -> None:
        self._name = name
        self._open_device = open_device
        self._cancel = cancel or threading.Event()
        self._closed = threading.Event()
        self._changed = threading.Condition()
        self._newest: Frame | None = None
        self._rate: Fraction | None = None
        self._failure: Exception | None = None
        self._over = False
        # daemon: a driver that never returns must not keep the program alive
        self._thread = threading.Thread(target=self._run, name="yl-device", daemon=True)
        self._thread.start()
        first = self._wait(OPEN_S, f"{name} did not open within {OPEN_S:g} s")
        if first is None:
            self.close()
            if self._cancel.is_set():
                raise SourceError(f"opening {name} was cancelled")
            raise SourceError(f"{name} has sent no picture", "check it, then try again")
        self.info = SourceInfo(name=name, size=first.size, rate=self._rate, live=True)

    def read(self) -> Frame | None:
        frame = self._wait(STALL_S, f"{self._name} has sent no picture for {STALL_S:g} s")
        with self._changed:
            if self._newest is frame:
                self._newest = None
        return frame

    def close(self) -> None:
        self._closed.set()
        if self._thread is not threading.current_thread():
            self._thread.join(CLOSE_S)

    def _wait(self, seconds: float, complaint: str) -> Frame | None:
        """Return the newest frame as soon as there is one, None if none will come."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while self._newest is None and not self._over and not self._cancel.is_set():
                if time.monotonic() > deadline:
                    self._closed.set()
                    raise SourceError(complaint, "check that it is connected and not in use")
                self._changed.wait(_POLL_S)
            if self._newest is None and self._failure:
                raise self._failure
            return self._newest

    # ---------------------------------------------------------------- the device's thread

    def _run(self) -> None:
        try:
            device = self._open_device()
            try:
                self._drain(device)
            finally:
                device.close()
        except Exception as error:  # no thread may die in silence
            self._failure = error
        finally:
            with self._changed:
                self._over = True
                self._changed.notify_all()

    def _drain(self, device: Device) -> None:
        self._rate = device.rate
        seq = start_ns = 0
        while not self._closed.is_set() and not self._cancel.is_set():
            image = device.grab()
            if image is None:
                return
            now_ns = time.perf_counter_ns()
            start_ns = start_ns or now_ns
            frame = Frame(
                seq=seq,
                pts=Fraction(now_ns - start_ns, 1_000_000_000),
                duration=1 / device.rate if device.rate else Fraction(0),
                t_capture_ns=now_ns,
                image=image,
                source_id=self._name,
            )
            seq += 1
            with self._changed:
                self._newest = frame
                self._changed.notify_all()
