"""What can be said of one instance in one frame. No Qt in here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from yolact_live.types import Instances


@dataclass(frozen=True, eq=False)
class Facts:
    """One instance in one frame.

    Attributes:
        identity: −1 = none.
        area: pixels of its mask.
        share: of the picture, 0 to 1.
        outlines: each (P, 2) i32, x and y of picture pixels.
    """

    identity: int
    label: str
    score: float
    area: int
    share: float
    outlines: list[npt.NDArray[np.int32]]

    @property
    def name(self) -> str:
        """What it is called in the picture."""
        return self.label if self.identity < 0 else f"{self.label} {self.identity}"


class Inspector:
    """Finds instances by a point or by their identity.

    Masks are made when somebody asks, once a frame: a label map takes a millisecond at 1080 lines.
    """

    def __init__(self) -> None:
        self._instances: Instances | None = None
        self._labels: npt.NDArray[np.uint16] | None = None
        self._facts: dict[int, Facts] = {}

    def show(self, instances: Instances | None) -> None:
        """Look at the instances of a frame; None = there is nothing to be found."""
        if instances is not self._instances:
            self._instances, self._labels = instances, None
            self._facts.clear()

    def at(self, x: float, y: float) -> Facts | None:
        """Return the topmost instance at a point of the picture."""
        found = self._instances
        if found is None or not len(found):
            return None
        if not (0 <= x < found.size[1] and 0 <= y < found.size[0]):
            return None
        if self._labels is None:
            self._labels = found.label_map(*found.size)
        label = int(self._labels[int(y), int(x)])
        return self._facts_of(found, label - 1) if label else None

    def find(self, identity: int) -> Facts | None:
        """Return the instance of that identity."""
        found = self._instances
        if found is None or identity not in found.ids:
            return None
        return self._facts_of(found, found.ids.tolist().index(identity))

    def _facts_of(self, found: Instances, i: int) -> Facts:
        if i not in self._facts:
            self._facts[i] = facts_of(found, i)
        return self._facts[i]


def facts_of(found: Instances, i: int) -> Facts:
    """Return what can be said of instance ``i``; takes some milliseconds for a large one."""
    import cv2

    mask = found.mask(i).view(np.uint8)
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    area = int(np.count_nonzero(mask))
    return Facts(
        identity=int(found.ids[i]),
        label=found.name(i),
        score=float(found.scores[i]),
        area=area,
        share=area / mask.size,
        outlines=[np.asarray(outline[:, 0], np.int32) for outline in outlines],
    )
