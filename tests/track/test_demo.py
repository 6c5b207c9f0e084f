"""The built-in model and the tracker on the demo clip."""

from __future__ import annotations

import numpy as np

from yolact_live.assets import asset
from yolact_live.capture import open_source
from yolact_live.infer.segmenter import Segmenter
from yolact_live.track.tracker import Tracker


def test_two_who_cross_are_themselves_as_soon_as_both_are_seen_again() -> None:
    """One walks to the left in front of another; about second 3 the model takes both for one."""
    tracker = Tracker(score=0.7)  # above what the model takes the helmet for
    seen: list[list[int]] = []
    with open_source(str(asset("demo.mp4"))) as source, Segmenter(score=tracker.floor) as segmenter:
        while (frame := source.read()) is not None and frame.pts < 4:
            if frame.seq % 2 == 0:
                shown = tracker.update(segmenter.segment(frame.image), frame.pts, frame.image)
                seen.append(shown.ids[np.argsort(shown.boxes[:, 0])].tolist())
    assert [0, 1] in (sorted(ids) for ids in seen[:3])
    one = next(i for i, ids in enumerate(seen) if len(ids) == 1 and i > 20)
    assert all(ids == seen[5] for ids in seen[5:one])
    again = next(i for i, ids in enumerate(seen) if len(ids) == 2 and i > one)
    assert len(seen) - again > 8
    assert all(ids == seen[5][::-1] for ids in seen[again:])
