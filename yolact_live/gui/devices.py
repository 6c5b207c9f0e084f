"""What runs the model: asked beside the window, because the answers take their time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from yolact_live.gui.tasks import Tasks

if TYPE_CHECKING:
    from yolact_live.infer.engine import Engine

_ASK_AGAIN_S = 3.0


class Devices:
    """Lists the devices, and says which of them does the work.

    Attributes:
        runs_on: device and precision of the engine in use, in words; "" while unknown.
    """

    def __init__(self, tasks: Tasks) -> None:
        self.runs_on = ""
        self._tasks = tasks
        self._engine: Engine | None = None
        self._due_s = 0.0

    def list(self, then: Callable[[dict[str, str]], None]) -> None:
        """Hand over the devices there are: name → full name."""

        def find() -> dict[str, str]:
            from yolact_live.infer.devices import devices

            return {device.name: device.full_name for device in devices()}

        def offer(found: dict[str, str] | Exception) -> None:
            then({} if isinstance(found, Exception) else found)

        self._tasks.run(find, offer)

    def follow(self, engine: Engine | None) -> None:
        """Ask now and then what runs the model: the answer takes as long as an inference."""
        if engine is None:
            self.runs_on = ""
        elif engine is not self._engine or time.monotonic() > self._due_s:
            self._due_s = time.monotonic() + _ASK_AGAIN_S

            def offer(answer: str | Exception) -> None:
                self.runs_on = "" if isinstance(answer, Exception) else answer

            self._tasks.run(lambda: f"{engine.device} · {engine.precision}", offer)
        self._engine = engine
