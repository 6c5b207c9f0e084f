"""What objects look like."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from tests.track.test_associate import views
from tests.track.worlds import SIZE, paint, view
from yolact_live.track.appearance import likeness, looks
from yolact_live.types import ByteArray, FloatArray, Instances


def looks_of(instances: Instances, image: ByteArray) -> tuple[FloatArray, FloatArray]:
    _, seen = views(instances)
    return looks(image, instances.boxes, seen, np.ones(len(instances), np.bool_))


def picture(*discs: tuple[float, float, float], colours: list[list[int]], second: float = 0) -> ByteArray:
    return paint(
        np.array([disc[:2] for disc in discs]), np.array([d[2] for d in discs]), np.array(colours), second
    )


LEFT, RIGHT = (0.3, 0.5, 0.1), (0.7, 0.5, 0.1)
RED, BLUE = [40, 40, 200], [200, 60, 40]


def test_a_look_is_that_of_the_mask_and_not_of_what_surrounds_it() -> None:
    instances = view({0: LEFT, 1: RIGHT}, Fraction(0)).instances
    found, own = looks_of(instances, picture(LEFT, RIGHT, colours=[RED, BLUE]))
    assert own == pytest.approx(1)
    assert np.linalg.norm(found, axis=1) == pytest.approx(1, abs=1e-5)
    again, _ = looks_of(instances, picture(LEFT, RIGHT, colours=[RED, BLUE], second=2) // 8 * 8)
    table = likeness(found, again)
    assert table.diagonal().min() > 0.95
    assert table[0, 1] < 0.4
    other, _ = looks_of(instances, picture(LEFT, colours=[RED]))  # the right one has gone
    assert likeness(found, other)[0, 0] > 0.99
    assert likeness(found, other)[1, 1] < 0.5


def test_upper_and_lower_half_are_told_apart() -> None:
    image = np.zeros((*SIZE, 3), np.uint8)
    image[: SIZE[0] // 2], image[SIZE[0] // 2 :] = RED, BLUE
    instances = view({0: LEFT}, Fraction(0)).instances
    upright, _ = looks_of(instances, image)
    reversed_, _ = looks_of(instances, image[::-1])
    assert likeness(upright, upright) == pytest.approx(1, abs=1e-5)
    assert likeness(upright, reversed_) < 0.5


def test_what_is_hidden_of_a_look_speaks_neither_for_nor_against() -> None:
    image = np.zeros((*SIZE, 3), np.uint8)
    image[: SIZE[0] // 2], image[SIZE[0] // 2 :] = RED, BLUE
    whole, cover = (0.3, 0.5, 0.1), (0.3, 0.6, 0.1)
    known, _ = looks_of(view({0: whole, 1: RIGHT}, Fraction(0)).instances, image)
    image[: SIZE[0] // 2, SIZE[1] // 2 :] = BLUE
    blue, _ = looks_of(view({0: RIGHT}, Fraction(0)).instances, image)
    seen, own = looks_of(view({0: cover, 1: whole}, Fraction(0)).instances, image)
    assert own[1] < 0.6
    assert likeness(known[:1], seen)[0, 1] > 0.95
    assert likeness(blue, seen)[0, 1] < 0.6


def test_what_another_mask_covers_does_not_count() -> None:
    front, behind = (0.42, 0.5, 0.1), (0.5, 0.5, 0.1)
    instances = view({0: front, 1: behind}, Fraction(0)).instances
    image = picture(front, behind, colours=[RED, BLUE])
    found, own = looks_of(instances, image)
    alone, _ = looks_of(view({0: behind}, Fraction(0)).instances, picture(behind, colours=[BLUE]))
    assert likeness(found, alone)[1] > 0.95
    exact = [instances.mask(i) for i in range(2)]
    assert own[1] == pytest.approx(1 - (exact[0] & exact[1]).sum() / exact[1].sum(), abs=0.08)


def test_without_pixels_nothing_is_known_and_nothing_speaks_against() -> None:
    instances = view({0: LEFT, 1: LEFT}, Fraction(0)).instances
    found, own = looks_of(instances, picture(LEFT, colours=[RED]))
    assert not found.any()
    assert not own.any()
    assert (likeness(found, found) == 1).all()


def test_pictures_of_any_layout_and_boxes_at_the_rim() -> None:
    instances = view({0: (0.95, 0.95, 0.1)}, Fraction(0)).instances
    image = np.random.default_rng(0).integers(0, 256, (SIZE[1], SIZE[0], 3), np.uint8).transpose(1, 0, 2)
    image.flags.writeable = False
    found, _ = looks_of(instances, image)
    np.testing.assert_array_equal(found, looks_of(instances, image.copy())[0])
