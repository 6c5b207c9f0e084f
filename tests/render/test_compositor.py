"""What is drawn, pixel by pixel."""

from __future__ import annotations

from dataclasses import fields, replace

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.scenes import discs
from yolact_live.render.blend import blend
from yolact_live.render.compositor import draw
from yolact_live.render.palette import PALETTES, Colours, colours, text_colour
from yolact_live.settings import Settings, option_of

PLAIN = Settings(boxes=False, labels=False, scores=False, contours=False, opacity=1.0)
GREY = 100


def picture(height: int, width: int) -> np.ndarray:
    return np.full((height, width, 3), GREY, np.uint8)


def reference_blend(image, labels, tints, opacity, outline):  # type: ignore[no-untyped-def]
    """The same rules, slowly: (H, W, 3) u8."""
    out = image.copy()
    padded = np.pad(labels, outline, mode="edge")
    shifts = [(0, 1), (2, 1), (1, 0), (1, 2)]
    for y, x in zip(*np.nonzero(labels), strict=True):
        tint = tints[labels[y, x] - 1]
        around = {padded[y + dy * outline, x + dx * outline] for dy, dx in shifts}
        edge = outline and around != {labels[y, x]}
        out[y, x] = (
            tint if edge else (image[y, x].astype(int) * (256 - opacity) + tint.astype(int) * opacity) >> 8
        )
    return out


@given(
    seed=st.integers(0, 2**32 - 1),
    size=st.tuples(st.integers(1, 40), st.integers(1, 150)),
    outline=st.integers(0, 3),
    opacity=st.integers(0, 256),
)
def test_blend_equals_the_slow_rule(seed: int, size: tuple[int, int], outline: int, opacity: int) -> None:
    random = np.random.default_rng(seed)
    height, width = size
    image = random.integers(0, 256, (height, width, 3), np.uint8)
    labels = np.zeros(size, np.uint16)
    extents = np.sort(random.integers(0, [width + 1, height + 1], (3, 2, 2)), axis=1).reshape(3, 4)
    for i, (x1, y1, x2, y2) in enumerate(extents):
        labels[y1:y2, x1:x2] = i + 1
    labels[random.random(size) < 0.02] = 0
    tints = random.integers(0, 256, (3, 3)).astype(np.uint8)
    image.flags.writeable = False
    out = blend(image, labels, extents.astype(np.int32), tints, opacity, outline)
    np.testing.assert_array_equal(out, reference_blend(image, labels, tints, opacity, outline))


def test_overlapping_masks_make_no_third_colour() -> None:
    instances = discs([(0.4, 0.5, 0.25), (0.6, 0.5, 0.25)], (180, 320))
    out = draw(picture(180, 320), instances, PLAIN)
    seen = {tuple(colour) for colour in np.unique(out.reshape(-1, 3), axis=0)}
    assert seen == {(GREY,) * 3, tuple(PALETTES["okabe-ito"][0]), tuple(PALETTES["okabe-ito"][1])}
    np.testing.assert_array_equal((out == PALETTES["okabe-ito"][0]).all(axis=2), instances.mask(0))


def test_nothing_changes_outside_the_masks_and_the_input_stays() -> None:
    image = np.random.default_rng(0).integers(0, 256, (180, 320, 3), np.uint8)
    before = image.copy()
    instances = discs([(0.3, 0.5, 0.2)], (180, 320))
    out = draw(image, instances, replace(PLAIN, contours=True, opacity=0.5))
    np.testing.assert_array_equal(image, before)
    outside = ~instances.mask(0)
    np.testing.assert_array_equal(out[outside], image[outside])
    assert (out[~outside] != image[~outside]).any()


def test_every_contour_is_drawn_holes_too() -> None:
    """A ring has an outer and an inner outline; a tool that draws the first contour only shows one."""
    instances = discs([(0.5, 0.5, 0.4)], (288, 288))
    ys, xs = (np.mgrid[0:48, 0:48] + 0.5) / 48
    distance = np.hypot(xs - 0.5, ys - 0.5)
    instances.prototypes[:, :, 0] = np.where((distance < 0.4) & (distance > 0.2), 40, 0)
    out = draw(picture(288, 288), instances, replace(PLAIN, contours=True, opacity=0.0))
    row = (out[144] == PALETTES["okabe-ito"][0]).all(axis=1)
    starts = np.flatnonzero(np.diff(row.astype(int)) == 1)
    assert len(starts) == 4


@pytest.mark.parametrize("position", [(0.02, 0.02), (0.98, 0.02), (0.02, 0.98), (0.98, 0.98), (0.5, 0.5)])
@pytest.mark.parametrize("size", [(120, 160), (720, 1280), (16, 16)])
def test_labels_stay_inside_the_picture(position: tuple[float, float], size: tuple[int, int]) -> None:
    """The label is a chip of the instance's colour, whole and at least as wide as its text."""
    instances = discs([(*position, 0.05)], size, names=("a rather long class name", "x"))
    settings = replace(PLAIN, opacity=0.0, labels=True, scores=True)
    out = draw(picture(*size), instances, settings)
    changed = (out != GREY).any(axis=2)
    rows, columns = np.nonzero(changed)
    chip = changed[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    assert chip.all(), "the chip is cut off or torn"
    assert chip.shape[1] == size[1] or chip.shape[1] > 6 * chip.shape[0]


def test_a_picture_that_is_not_contiguous_can_be_drawn_on() -> None:
    instances = discs([(0.5, 0.5, 0.3)], (90, 160))
    image = np.full((90, 200, 3), GREY, np.uint8)[:, 20:180]
    np.testing.assert_array_equal(draw(image, instances, PLAIN), draw(image.copy(), instances, PLAIN))


def test_one_identity_keeps_its_colour_whatever_its_rank() -> None:
    ids = np.array([7, 3, 12])
    np.testing.assert_array_equal(colours(ids)[::-1], colours(ids[::-1]))


def test_text_is_readable_on_every_colour() -> None:
    def luminance(bgr: tuple[int, ...]) -> float:
        linear = [c / 255 / 12.92 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in bgr]
        return 0.0722 * linear[0] + 0.7152 * linear[1] + 0.2126 * linear[2]

    for tint in np.concatenate(list(PALETTES.values())).tolist():
        light, dark = sorted((luminance(tint), luminance(text_colour(tuple(tint)))), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, tint


def test_identities_keep_their_colours_and_no_two_together_share_one() -> None:
    random = np.random.default_rng(0)
    for count, steady in ((5, True), (len(PALETTES["okabe-ito"]), False)):
        palette = Colours()
        known: dict[int, tuple[int, ...]] = {}
        for now in range(200):  # identities come, are hidden for moments, and go
            ids = np.array([i for i in range(now // 4, now // 4 + count) if random.random() < 0.8], int)
            random.shuffle(ids)
            tints = [tuple(tint) for tint in palette(ids).tolist()]
            assert len(set(tints)) == len(ids)
            for identity, tint in zip(ids.tolist(), tints, strict=True):
                assert known.setdefault(identity, tint) == tint or not steady


def test_more_identities_than_colours_still_keep_theirs() -> None:
    palette, ids = Colours(), np.arange(40)
    first = palette(ids)
    np.testing.assert_array_equal(palette(ids[::-1])[::-1], first)
    assert len(np.unique(first, axis=0)) == len(PALETTES["okabe-ito"])
    for i in range(1000):
        palette(np.array([100 + i]))
    assert len(palette._chosen) <= 256


# What people without one kind of cones see, in linear RGB: Machado, Oliveira and Fernandes (2009).
VISIONS = {
    "all cones": np.eye(3),
    "no red": [[0.1523, 1.0526, -0.2049], [0.1145, 0.7863, 0.0992], [-0.0039, -0.0481, 1.0520]],
    "no green": [[0.3673, 0.8606, -0.2280], [0.2801, 0.6725, 0.0474], [-0.0118, 0.0429, 0.9689]],
    "no blue": [[1.2555, -0.0767, -0.1788], [-0.0784, 0.9308, 0.1476], [0.0047, 0.6914, 0.3039]],
}


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("name", PALETTES)
def test_colours_of_a_palette_are_told_apart(name: str, vision: str) -> None:
    """A difference of 2 (CIE 1976) is just seen side by side; 10 is clear at a glance."""
    rgb = PALETTES[name][:, ::-1] / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(linear @ np.array(VISIONS[vision]).T, 0, 1)
    rgb = np.where(seen <= 0.0031308, seen * 12.92, 1.055 * seen ** (1 / 2.4) - 0.055)
    lab = cv2.cvtColor(rgb[None].astype(np.float32), cv2.COLOR_RGB2Lab)[0]
    apart = np.linalg.norm(lab[:, None] - lab, axis=2) + 100 * np.eye(len(lab))
    if name != "material" or vision == "all cones":
        assert apart.min() > 13


def test_the_schema_offers_the_palettes_that_there_are() -> None:
    (field,) = [field for field in fields(Settings) if field.name == "palette"]
    assert option_of(field).choices == tuple(PALETTES)


def test_another_palette_colours_everything_anew() -> None:
    palette, ids = Colours(), np.array([5, 9, 30])
    palette(ids)
    assert {tuple(c) for c in palette(ids, "tol-bright")} <= {tuple(c) for c in PALETTES["tol-bright"]}


def test_colours_by_class() -> None:
    instances = discs([(0.3, 0.5, 0.1), (0.7, 0.5, 0.1)], (180, 320))
    instances = replace(instances, ids=np.array([4, 5]), labels=np.array([1, 1], np.int32))
    out = draw(picture(180, 320), instances, replace(PLAIN, colour="class"))
    assert {tuple(p) for p in out.reshape(-1, 3)} == {(GREY,) * 3, tuple(PALETTES["okabe-ito"][1])}
