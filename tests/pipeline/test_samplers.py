from __future__ import annotations

from fractions import Fraction

import numpy as np

from yolact_live.pipeline.samplers import Sampler
from yolact_live.settings import Settings
from yolact_live.types import Frame


def frame(image: np.ndarray) -> Frame:
    return Frame(0, Fraction(0), Fraction(0), 0, image, "test")


ROOM = np.random.default_rng(0).integers(40, 200, (720, 1280, 3)).astype(np.uint8)


def noisy(seed: int) -> np.ndarray:
    """The room as a webcam sees it: noise of four grey levels."""
    noise = np.random.default_rng(seed).normal(0, 4, ROOM.shape)
    return (ROOM + noise).clip(0, 255).astype(np.uint8)


def test_every_third_frame_is_inferred_the_first_too() -> None:
    sampler, settings = Sampler(), Settings(every=3)
    assert [sampler.skips(frame(ROOM), settings) is None for _ in range(7)] == [True, False, False] * 2 + [
        True
    ]


def test_noise_is_still_a_hand_is_not() -> None:
    sampler, settings = Sampler(), Settings(skip_still=True)
    assert sampler.skips(frame(noisy(0)), settings) is None
    assert [sampler.skips(frame(noisy(seed)), settings) for seed in range(1, 5)] == ["still"] * 4
    hand = noisy(5)
    hand[300:360, 600:660] = (120, 150, 210)
    assert sampler.skips(frame(hand), settings) is None
    assert sampler.skips(frame(hand), settings) == "still"


def test_slow_change_adds_up() -> None:
    """Compared with the last inferred frame, not the last frame: a slow sunrise is noticed."""
    sampler, settings = Sampler(), Settings(skip_still=True)
    found = [sampler.skips(frame(np.full((90, 160, 3), 50 + i, np.uint8)), settings) for i in range(13)]
    assert [i for i, why in enumerate(found) if why is None] == [0, 6, 12]


def test_all_is_inferred_by_default() -> None:
    sampler = Sampler()
    assert [sampler.skips(frame(ROOM), Settings()) for _ in range(3)] == [None] * 3
