"""Views, backgrounds and what is hidden, pixel by pixel."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from tests.scenes import discs
from yolact_live.render.compositor import draw
from yolact_live.render.palette import PALETTES
from yolact_live.settings import Settings

SIZE = (180, 320)
BARE = Settings(boxes=False, labels=False, scores=False, contours=False)
BLUE = PALETTES["okabe-ito"][0]


def noise(size: tuple[int, int] = SIZE) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)


def roughness(pixels: np.ndarray) -> float:
    return float(pixels.astype(float).reshape(-1, 3).std(axis=0).mean())


def test_masks_alone_are_colours_on_the_background() -> None:
    instances = discs([(0.5, 0.5, 0.3)], SIZE)
    out = draw(noise(), instances, replace(BARE, view="masks", background="white"))
    mask = instances.mask(0)
    assert (out[mask] == BLUE).all()
    assert (out[~mask] == 255).all()


@pytest.mark.parametrize(("name", "bgr"), [("black", (0, 0, 0)), ("#1002ff", (255, 2, 16))])
def test_objects_cut_out_are_the_pixels_of_the_picture(name: str, bgr: tuple[int, ...]) -> None:
    image, instances = noise(), discs([(0.3, 0.5, 0.2), (0.7, 0.5, 0.2)], SIZE)
    out = draw(image, instances, replace(BARE, view="cutout", background=name))
    inside = instances.mask(0) | instances.mask(1)
    np.testing.assert_array_equal(out[inside], image[inside])
    assert (out[~inside] == bgr).all()


def test_the_checker_alternates_and_is_not_drawn_upon() -> None:
    settings = replace(BARE, view="cutout", background="checker")
    empty, instances = draw(noise(), discs([], SIZE), settings), discs([(0.5, 0.5, 0.4)], SIZE)
    side = 180 // 45
    assert empty[0, 0, 0] != empty[0, side, 0] == empty[side, 0, 0] != empty[side, side, 0]
    draw(noise(), instances, replace(settings, contours=True))
    np.testing.assert_array_equal(draw(noise(), discs([], SIZE), settings), empty)


@pytest.mark.parametrize("view", ["overlay", "masks", "cutout", "blur"])
@pytest.mark.parametrize("size", [(1, 1), (7, 5), (181, 323)])
def test_every_view_draws_pictures_of_any_size_and_leaves_the_input(view: str, size: tuple[int, int]) -> None:
    image = noise(size)
    before = image.copy()
    for instances in (discs([], size), discs([(0.5, 0.5, 0.3)], size)):
        settings = Settings(view=view, blur=("person",), blur_strength=1.0)
        assert draw(image, instances, settings).shape == (*size, 3)
        np.testing.assert_array_equal(image, before)


def test_a_blurred_background_leaves_objects_sharp_and_takes_nothing_of_them() -> None:
    instances = discs([(0.5, 0.5, 0.3)], SIZE)
    mask = instances.mask(0)
    image = noise()
    image[mask] = (0, 0, 255)
    image[~mask, 2] = 0
    out = draw(image, instances, replace(BARE, view="blur"))
    np.testing.assert_array_equal(out[mask], image[mask])
    assert roughness(out[~mask]) < roughness(image[~mask]) / 4
    assert out[~mask, 2].max() <= 8, "the object's red does not bleed"
    assert abs(out[~mask, :2].mean() - image[~mask, :2].mean()) < 6, "nor does it get darker at its rim"


def test_a_stronger_blur_is_smoother() -> None:
    def detail(strength: float) -> float:
        out = draw(noise(), discs([], SIZE), replace(BARE, view="blur", blur_strength=strength))
        return float(np.abs(np.diff(out.astype(float), axis=1)).mean())

    assert detail(0.1) > 2 * detail(0.3) > 4 * detail(1.0)


@pytest.mark.parametrize("style", ["blur", "pixelate"])
@pytest.mark.parametrize("view", ["overlay", "cutout", "blur"])
def test_hidden_objects_keep_no_detail_and_others_all(style: str, view: str) -> None:
    size = (360, 640)
    instances = replace(discs([(0.3, 0.5, 0.15), (0.7, 0.5, 0.15)], size), labels=np.array([0, 1], np.int32))
    image = noise(size)
    settings = replace(BARE, opacity=0.0, view=view, blur=("person",), blur_style=style)
    out = draw(image, instances, settings)
    person, cat = instances.mask(0), instances.mask(1)
    assert roughness(out[person]) < 20 < roughness(image[person])
    np.testing.assert_array_equal(out[cat], image[cat])


def test_the_rim_of_a_hidden_object_is_hidden_too_and_the_rest_untouched() -> None:
    instances, image = discs([(0.5, 0.5, 0.2)], SIZE), noise()
    out = draw(image, instances, replace(BARE, opacity=0.0, blur=("person",)))
    mask = instances.mask(0).astype(np.uint8)
    near = cv2.dilate(mask, np.ones((5, 5), np.uint8)).astype(bool)
    far = cv2.dilate(mask, np.ones((9, 9), np.uint8)) == 0
    assert (out[near] == image[near]).all(axis=1).mean() < 0.1
    np.testing.assert_array_equal(out[far], image[far])


def test_who_is_hidden_is_hidden_behind_others_too() -> None:
    """A bag wrongly found over a face must not bring the face back."""
    instances = discs([(0.5, 0.5, 0.1), (0.5, 0.5, 0.3)], SIZE)
    instances = replace(instances, labels=np.array([1, 0], np.int32))
    image = noise()
    out = draw(image, instances, replace(BARE, opacity=0.0, blur=("person",)))
    assert roughness(out[instances.mask(0)]) < roughness(image) / 3


def test_contours_have_the_width_that_is_asked_for() -> None:
    instances = discs([(0.5, 0.5, 0.4)], (720, 720))
    image = np.zeros((720, 720, 3), np.uint8)
    widths = []
    for width in (1, 4, 10):
        settings = replace(BARE, opacity=0.0, contours=True, contour_width=width)
        row = draw(image, instances, settings)[360].any(axis=1)
        widths.append(int(row.sum()) // 2)
    assert widths == [1, 4, 10]
