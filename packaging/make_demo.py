# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "av>=16", "matplotlib>=3.9", "numpy>=2.1", "opencv-python>=4.12", "scikit-image>=0.25", "scipy>=1.14",
# ]
# ///
"""Render assets/demo.mp4: people who come nearer, cross, leave and return before a garden wall.

    python packaging/make_demo.py [OUTPUT]

Everything is made from photographs inside the wheels of scikit-image and matplotlib; their sources and
licences are in assets/LICENSES.md. The same packages give the same film.

Coordinates are pixels, x to the right and y down; colours are BGR; images in the works are float32 0..1.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import cv2
import matplotlib
import numpy as np
import skimage
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator, splev, splprep

Image = NDArray[np.float32]

WIDTH, HEIGHT, FPS, SECONDS = 1280, 720, 30, 13
MARGIN = 64
"""How far the layers reach beyond the frame on both sides, for the pan of the camera, in pixels."""
WALL_TOP, HORIZON = 606, 384

SKIMAGE_DATA = Path(skimage.__file__).parent / "data"
MATPLOTLIB_DATA = Path(matplotlib.get_data_path()) / "sample_data"


def read(path: Path) -> Image:
    """Return a picture as (H, W, 3) BGR."""
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise SystemExit(f"{path} is not there: this version of the package does not ship it")
    return picture.astype(np.float32) / 255


def blur(image: Image, sigma: float) -> Image:
    return cv2.GaussianBlur(image, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)


def ramp(values: Image, low: float, high: float) -> Image:
    """Return 0 below `low`, 1 above `high`, an eased step between."""
    x = np.clip((values - low) / (high - low), 0, 1)
    return x * x * (3 - 2 * x)


# People


def polygon(points: Sequence[tuple[float, float]] | NDArray[np.float64], shape: tuple[int, ...]) -> Image:
    """Return the (H, W) matte of a polygon."""
    matte = np.zeros(shape[:2], np.uint8)
    cv2.fillPoly(matte, [np.round(np.array(points) * 256).astype(np.int32)], 255, cv2.LINE_AA, shift=8)
    return matte.astype(np.float32) / 255


def outline(points: Sequence[tuple[float, float]], shape: tuple[int, ...]) -> Image:
    """Return the (H, W) matte of a smooth closed curve that passes within about 0.3 px of the points."""
    x, y = np.array([*points, points[0]], np.float64).T
    curve, _ = splprep([x, y], s=0.1 * len(points), per=True)
    return polygon(np.stack(splev(np.linspace(0, 1, 4000), curve), axis=1), shape)


def refine(picture: Image, matte: Image, band: int = 4) -> Image:
    """Move the hand-drawn edge of a matte onto the edge in the picture, within `band` pixels.

    GrabCut decides inside the band; a guided filter (He et al., 2013) on the picture makes the edge soft.
    """
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * band + 1, 2 * band + 1))
    solid = (matte > 0.5).astype(np.uint8)
    labels = np.where(solid, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    labels[cv2.erode(solid, kernel, borderValue=1) > 0] = cv2.GC_FGD
    labels[cv2.dilate(solid, kernel) == 0] = cv2.GC_BGD
    cv2.setRNGSeed(0)
    eight_bit = (picture * 255).astype(np.uint8)
    cv2.grabCut(eight_bit, labels, None, np.zeros((1, 65)), np.zeros((1, 65)), 3, cv2.GC_INIT_WITH_MASK)
    cut = np.isin(labels, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.float32)
    cut = (blur(cut, 1.0) > 0.5).astype(np.float32)
    return np.clip(guided(blur(picture, 0.6), cut, radius=2, epsilon=3e-3), 0, 1)


def guided(guide: Image, values: Image, radius: int, epsilon: float) -> Image:
    """Filter `values` (H, W) so that its edges follow those of `guide` (H, W, 3)."""

    def mean(image: Image) -> Image:
        return cv2.blur(image, (2 * radius + 1, 2 * radius + 1))

    centre = mean(guide)
    covariance = mean((guide[..., :, None] * guide[..., None, :]).reshape(*values.shape, 9))
    covariance = covariance.reshape(*values.shape, 3, 3) - centre[..., :, None] * centre[..., None, :]
    along = mean(guide * values[..., None]) - centre * mean(values)[..., None]
    slope = np.linalg.solve(covariance + epsilon * np.eye(3, dtype=np.float32), along[..., None])[..., 0]
    offset = mean(values) - (slope * centre).sum(-1)
    result: Image = (mean(slope.astype(np.float32)) * guide).sum(-1) + mean(offset.astype(np.float32))
    return result


def without_fringe(picture: Image, matte: Image) -> Image:
    """Replace the colours of half-covered pixels, which hold the old background, by those from inside."""
    inside = (cv2.erode(matte, np.ones((3, 3))) > 0.97).astype(np.float32)
    colour, weight = np.zeros_like(picture), np.full(matte.shape, 1e-6, np.float32)
    for sigma, share in ((1.5, 1.0), (4.0, 1e-2), (12.0, 1e-4)):
        colour += share * blur(picture * inside[..., None], sigma)
        weight += share * blur(inside, sigma)
    return np.where(inside[..., None] > 0, picture, colour / weight[..., None])


def cut_out(picture: Image, matte: Image) -> Image:
    """Return (H, W, 4) with premultiplied colours."""
    return np.dstack([without_fringe(picture, matte) * matte[..., None], matte]).astype(np.float32)


def astronaut() -> Image:
    picture = read(SKIMAGE_DATA / "astronaut.png")
    edge = [
        (33, 530), (29, 465), (24, 425), (20, 400), (25, 370), (31, 330), (39, 300), (46, 278),
        (60, 254), (80, 231), (102.5, 212.5), (115, 202.5), (114, 188), (123, 170), (138, 157),
        (160, 149.5), (182, 148), (180, 132), (172.5, 125), (168.5, 116), (159, 102.5), (154, 86),
        (154.5, 68.5), (163, 52), (176, 41), (192.5, 31), (210, 20), (226, 15.5), (246, 17.5), (266, 25),
        (283, 39), (295, 54), (301.5, 75), (300, 95), (292, 113), (280, 129), (272, 137), (265, 153),
        (256.5, 172), (270, 181), (285, 196), (297, 215), (304, 234), (325, 244), (341, 264),
        (352.5, 290), (359, 320), (362, 347), (380, 345), (400, 344), (425, 351), (450, 366), (471, 387),
        (486, 412), (495, 440), (498, 455), (505, 462), (508, 480), (508, 530),
    ]  # fmt: skip
    matte = outline(edge, picture.shape)
    return cut_out(picture, refine(picture, matte))


def admiral() -> Image:
    picture = read(MATPLOTLIB_DATA / "grace_hopper.jpg")
    edge = [
        (10, 625), (14, 559), (17, 508), (22, 467), (27, 440), (28.5, 432), (31, 425), (34, 419),
        (37, 412), (40, 403), (43, 395), (47, 388), (51, 383), (56, 380.5), (62, 380.5), (68, 375.5),
        (73, 372.5), (80, 369.5), (88, 366.5), (97, 363.5), (105, 362.5), (115, 361.5), (122, 359.5),
        (130, 355), (140, 351.5), (150, 349.5), (160, 345.5), (168, 342.5), (175, 339.5), (182, 334.5),
        (190, 327.5), (197, 320.5), (204, 313), (203.5, 308), (202, 303), (199, 299), (195, 297),
        (188, 294), (180, 290), (172, 286), (167, 281), (163, 275), (161, 268), (159, 256), (160, 245),
        (161, 236), (160, 227), (157, 218), (154.5, 210), (153.5, 200), (154.5, 193), (157, 186),
        (157, 180), (155.5, 165), (155, 150), (155, 130), (155.5, 115), (157, 106), (160.5, 98),
        (166, 91), (173, 86), (173.5, 84), (174.5, 77), (178.5, 68), (182.5, 61.5), (190, 53.5),
        (200, 46.5), (208, 43.5), (218, 40.5), (219, 36), (221, 31), (232, 27.5), (245, 24.5), (258, 24),
        (270, 25), (299.5, 34.5), (305.5, 42.5), (325, 49), (340.5, 59), (349.5, 73.5), (353, 86.5),
        (361.5, 87), (368.5, 93.5), (372, 111.5), (372.5, 137), (370.5, 162.5), (367.5, 179),
        (374.5, 187), (376, 201), (373.5, 223.5), (366.5, 249), (362, 264), (361.5, 280.5),
        (355.5, 294.5), (345.5, 305.5), (336, 308), (332.5, 316), (355.5, 332.5), (381, 348),
        (406.5, 360.5), (437, 373.5), (467, 381), (488.5, 391), (497.5, 406.5), (504, 437), (507, 472.5),
        (508, 508), (508.5, 558.5), (508, 624.5),
    ]  # fmt: skip
    matte = refine(picture, outline(edge, picture.shape), band=2)
    grey = picture.mean(-1, keepdims=True)
    return cut_out((0.03 + 0.94 * (grey + 0.82 * (picture - grey))) ** 0.93, matte)


def cameraman() -> Image:
    """The photographer with his camera and tripod, coloured, looking to the left."""
    grey = read(SKIMAGE_DATA / "camera.png")

    body = [
        (157, 109), (144, 111), (132.5, 121.5), (115.5, 125), (96, 132), (81, 140.5), (69, 151.5),
        (59.5, 169), (48, 190), (35.5, 209), (21.5, 227), (11, 247.5), (5.5, 278.5), (4.5, 332.5),
        (7.5, 424.5), (145.5, 424.5), (143, 400), (139, 388), (143, 380), (157.5, 363), (173, 344),
        (188.5, 321), (200, 305.5), (208, 294.5), (216, 300), (231, 307.5), (246, 312), (269, 301.5),
        (288.5, 286), (304.5, 273), (304, 270), (302, 262), (300, 255), (299.5, 248.5), (303, 247.5),
        (306.5, 246), (309, 242), (309, 237), (305.5, 231), (309, 230), (315, 225), (319, 219),
        (323, 213), (325, 206), (325.5, 201), (327.5, 200), (330.5, 196), (331.5, 190), (331.5, 182),
        (331, 175), (328, 170), (323, 168), (319.5, 169), (319.5, 156), (324, 155), (325, 148),
        (324.5, 140), (318, 140), (310, 141), (295, 141.5), (284, 142), (275, 140), (262, 140),
        (254, 139), (257, 133), (266, 132.5), (271, 121.5), (267.5, 107.5), (258.5, 94), (246, 80.5),
        (231, 71), (211, 65), (196, 67), (181, 76), (169, 90), (161.5, 101.5),
    ]  # fmt: skip
    below_chin = [
        (251, 153), (253, 158), (254.5, 164), (253, 169), (249, 171.5), (246, 171.5), (245, 176),
        (241, 179.5), (242, 184), (241.5, 190), (240, 196), (238.5, 201), (240, 205), (243, 207),
        (255, 206.5), (268, 205.5), (276, 203), (277, 201.5), (272.5, 200), (272.5, 187), (268, 183),
        (264, 179), (261, 177), (259.5, 174), (259.5, 153),
    ]  # fmt: skip
    below_handle = [
        (244, 210), (262, 209), (268, 208), (263, 213), (261, 219), (262, 225), (264, 228), (258, 235),
        (252, 242), (249, 246.5), (247, 243), (245, 232), (242, 222), (243, 215),
    ]  # fmt: skip
    matte = refine(grey, outline(body, grey.shape))
    for hole in (below_chin, below_handle):
        matte = np.minimum(matte, 1 - outline(hole, grey.shape))
    tripod = [
        [(289.5, 213), (298, 213), (298.5, 317), (289.5, 317)],
        [
            (277.5, 328.5),
            (281.5, 313.5),
            (305, 312.5),
            (313, 326.5),
            (308, 334),
            (301, 341),
            (292.5, 337),
            (286, 331.5),
        ],
        [(307, 314), (325.5, 301.5), (337.5, 300.5), (338, 307), (326, 308), (311.5, 319.5)],
        [(279, 329), (288.5, 331), (271, 424.5), (254.5, 424.5)],
        [(288, 338), (298.5, 340), (299, 424.5), (287.5, 424.5)],
        [(307.5, 329), (314.5, 329), (359, 424.5), (349, 424.5)],
    ]
    for part in tripod:
        matte = np.maximum(matte, polygon(part, grey.shape))

    face = [
        (179, 136), (182.5, 127), (192.5, 125.5), (199, 137), (207.5, 136), (220, 127.5), (231, 125.5),
        (250, 132.5), (258.5, 136), (255.5, 151.5), (255.5, 167), (247, 172.5), (243, 184),
        (237.5, 195.5), (219, 198.5), (200, 190), (192.5, 194.5), (181, 186), (169, 167), (173, 155.5),
        (184.5, 156),
    ]  # fmt: skip
    light = grey.mean(-1)
    cloth = np.dstack([light**0.95 * 1.04, light, light**1.02 * 0.98])
    skin = np.dstack([light**1.2 * 0.8, light * 0.88, light**0.75 * 0.98])
    is_skin = (
        blur(outline(face, grey.shape), 1.5) * ramp(light, 0.16, 0.34) * (1 - ramp(light, 0.86, 0.95))
    )[..., None]
    coloured = (cloth * (1 - is_skin) + skin * is_skin).astype(np.float32)
    return np.ascontiguousarray(cut_out(coloured, matte)[:409, ::-1])


# The place


def tinted(texture: Image, dark: tuple[float, ...], bright: tuple[float, ...]) -> Image:
    """Colour a grey texture (H, W) between two BGR colours, over the range that it uses."""
    low, high = np.percentile(texture, (2, 98))
    t = np.clip((texture - low) / (high - low), -0.2, 1.2)[..., None].astype(np.float32)
    return np.array(dark, np.float32) * (1 - t) + np.array(bright, np.float32) * t


def tiled(texture: Image, height: int, width: int) -> Image:
    """Repeat a texture, mirrored, so that no seam shows."""
    two = np.vstack([np.hstack([texture, texture[:, ::-1]]), np.hstack([texture[::-1], texture[::-1, ::-1]])])
    repeats = (height // two.shape[0] + 1, width // two.shape[1] + 1)
    return np.tile(two, repeats)[:height, :width]


def noise(height: int, width: int, scale: float, seed: int) -> Image:
    """Return soft noise of mean 0.5 with features of about `scale` pixels."""
    values = np.zeros((height, width), np.float32)
    for octave, share in enumerate((0.5, 0.27, 0.15, 0.08)):
        size = (max(2, int(width / scale * 2**octave)), max(2, int(height / scale * 2**octave)))
        grid = np.random.default_rng(seed + octave).random(size[::-1], dtype=np.float32)
        values += share * cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC)
    return values


def ground(texture: Image, height: int, width: int) -> Image:
    """Lay a grey texture (H, W) on the ground, from the horizon at the top to the feet at the bottom."""
    flat = tiled(texture, 1536, 4096)
    corners = np.array([[0, 0], [4096, 0], [2698, 1536], [1398, 1536]], np.float32)
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    view = cv2.getPerspectiveTransform(corners, target)
    return cv2.warpPerspective(flat, view, (width, height), flags=cv2.INTER_AREA)


@dataclass(frozen=True)
class Place:
    """Layers from far to near, each (H, W, 4) premultiplied and MARGIN wider than the frame on both sides."""

    layers: list[tuple[float, Image]]
    """Parallax (1 moves as people do) and picture of what is behind the people."""
    wall: Image


def opaque(image: Image, matte: Image | None = None) -> Image:
    """Return a picture (H, W, 3) as a layer (H, W, 4), premultiplied by `matte` (H, W)."""
    matte = np.ones(image.shape[:2], np.float32) if matte is None else matte
    return np.dstack([image * matte[..., None], matte]).astype(np.float32)


def sky(width: int) -> Image:
    down = np.clip(np.arange(HEIGHT, dtype=np.float32) / HORIZON, 0, 1)[:, None, None]
    high, low = np.array([0.84, 0.72, 0.58], np.float32), np.array([0.90, 0.91, 0.91], np.float32)
    blue = high + (low - high) * down**0.7
    high_clouds = noise(4 * HEIGHT, width, 330, seed=12)  # flattened: clouds are wider than high
    clouds = cv2.resize(high_clouds, (width, HEIGHT), interpolation=cv2.INTER_AREA)
    cover = 0.7 * ramp(blur(clouds, 6), 0.42, 0.68)[..., None]
    return blue * (1 - cover) + np.array([0.95, 0.95, 0.95], np.float32) * cover


def trees(grass: Image, width: int, top: float, seed: int, haze: float) -> Image:
    """A row of trees out of focus, `top` pixels high at most; the farther, the more `haze`."""
    across = np.arange(width, dtype=np.float32)
    rng = np.random.default_rng(seed)
    crown = np.full(width, 0.25 * top, np.float32)
    for middle in np.arange(-60, width + 60, 62):
        radius, height = rng.uniform(45, 110), rng.uniform(0.45, 1.0) * top
        inside = np.clip(1 - ((across - middle - rng.uniform(-30, 30)) / radius) ** 2, 0, 1)
        crown = np.maximum(crown, height * inside**0.5)
    crown = HORIZON + 6 - crown - 30 * noise(1, width, 34, seed)[0]
    rows = np.arange(HEIGHT, dtype=np.float32)[:, None]
    matte = blur(np.clip((rows - crown) / 6, 0, 1), 3.5)
    leaves = tinted(blur(tiled(grass, HEIGHT, width), 1.5), (0.12, 0.19, 0.14), (0.33, 0.47, 0.40))
    clumps = 0.45 + 1.1 * noise(HEIGHT, width, 60, seed + 9)[..., None]
    lit = 1.2 - 0.6 * np.clip((rows - crown) / (0.7 * top), 0, 1)[..., None]
    air = np.array([0.82, 0.80, 0.76], np.float32)
    return opaque(blur(leaves * clumps * lit, 3.5) * (1 - haze) + air * haze, matte)


def garden(grass: Image, gravel: Image, width: int) -> Image:
    """A lawn, and before it the gravel walk on which the people are; sharper where nearer."""
    height = HEIGHT - HORIZON
    green = tinted(ground(grass, height, width), (0.13, 0.26, 0.21), (0.36, 0.58, 0.52))
    green *= 0.8 + 0.4 * noise(height, width, 200, seed=40)[..., None]
    stone = tinted(ground(gravel, height, width), (0.40, 0.46, 0.50), (0.72, 0.78, 0.82))
    stone *= 0.88 + 0.24 * noise(height, width, 160, seed=52)[..., None]
    rows = np.arange(height, dtype=np.float32)[:, None] + 9 * noise(height, width, 90, seed=8)
    walk = ramp(rows, 118, 130)[..., None]
    near = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    image = green * (1 - walk) + stone * walk
    haze = 0.35 * (1 - near) ** 2
    image = image * (1 - haze) + np.array([0.70, 0.76, 0.75], np.float32) * haze
    full = np.zeros((HEIGHT, width, 4), np.float32)
    edge = np.clip(np.arange(height, dtype=np.float32) / 8, 0, 1)[:, None].repeat(width, 1)
    full[HORIZON:] = opaque(blur(image, 5) * (1 - near) + blur(image, 2.2) * near, edge)
    return full


def wall(brick: Image, gravel: Image, width: int) -> Image:
    """A low brick wall with a stone coping; it hides where the photographs end."""
    corners = np.array([[127, 0], [712, 0], [838, 922], [17, 922]], np.float32) / 1.8
    upright = np.array([[0, 0], [230, 0], [230, 480], [0, 480]], np.float32)
    view = cv2.getPerspectiveTransform(corners, upright)
    courses = np.rot90(cv2.warpPerspective(brick, view, (230, 480), flags=cv2.INTER_AREA))[8:]
    bricks = tinted(tiled(courses, 140, width), (0.19, 0.25, 0.42), (0.62, 0.66, 0.72))
    bricks *= 0.85 + 0.3 * noise(140, width, 60, seed=70)[..., None]
    stone = tinted(blur(tiled(gravel, 26, width), 1.1), (0.60, 0.63, 0.66), (0.76, 0.78, 0.80))
    stone *= np.linspace(1.1, 0.86, 26, dtype=np.float32)[:, None, None]
    height = HEIGHT - WALL_TOP
    image = np.vstack([stone, bricks])[:height]
    down = np.arange(height, dtype=np.float32)[:, None, None]
    image = image * (1 - 0.5 * np.exp(-(((down - 26) / 7) ** 2)) * (down >= 26))
    full = np.zeros((HEIGHT, width, 4), np.float32)
    matte = np.clip(np.arange(height, dtype=np.float32) / 1.5 + 0.3, 0, 1)[:, None].repeat(width, 1)
    full[WALL_TOP:] = opaque(blur(image, 0.7), matte)
    return full


def make_place() -> Place:
    width = WIDTH + 2 * MARGIN
    brick, grass, gravel = (
        read(SKIMAGE_DATA / f"{name}.png")[..., 0] for name in ("brick", "grass", "gravel")
    )
    layers = [
        (0.15, opaque(sky(width))),
        (0.3, trees(grass, width, top=180, seed=4, haze=0.42)),
        (0.45, trees(grass, width, top=110, seed=17, haze=0.16)),
        (0.75, garden(grass, gravel, width)),
    ]
    return Place(layers, wall(brick, gravel, width))


# The film


@dataclass
class Person:
    """A cut-out and its path: rows of (second, x of its middle, scale), passed through smoothly."""

    picture: Image
    keys: Sequence[tuple[float, float, float]]
    tone: tuple[float, float, float]
    """Gains of B, G, R that bring the photograph into the light of the place."""
    stride: float
    """Pixels of way in two steps."""
    path: PchipInterpolator = field(init=False)

    def __post_init__(self) -> None:
        times, *values = np.array(self.keys, np.float64).T
        self.path = PchipInterpolator(times, np.stack(values, axis=1))
        self.picture[..., :3] *= np.array(self.tone, np.float32)

    def pose(self, second: float) -> NDArray[np.float64]:
        """Return the 2x3 transform from the picture into the frame, without the camera's pan."""
        x, scale = self.path(second)
        speed = min(abs(self.path(second, 1)[0]) / 160, 1.0)
        step = 2 * np.pi * x / self.stride
        lift = 3.2 * speed * abs(np.sin(step)) + 0.8 * np.sin(2 * np.pi * second / 3.7)
        turn = np.radians(0.7 * speed * np.sin(step) + 0.25 * np.sin(2 * np.pi * second / 4.3))
        height, width = self.picture.shape[:2]
        base = WALL_TOP + 44 + 40 * (scale - self.keys[0][2]) - lift
        c, s = scale * np.cos(turn), scale * np.sin(turn)
        foot = np.array([width / 2, height])
        linear = np.array([[c, -s], [s, c]])
        return np.column_stack([linear, np.array([x, base]) - linear @ foot])


def make_people() -> list[Person]:
    """Return the people, the farthest first."""
    man = [(0, 1600, 1.18), (3.6, 1600, 1.18), (5.3, 1100, 1.2), (7.8, 430, 1.2), (8.8, 430, 1.2)]
    man += [(11.3, 1045, 1.26), (13.2, 1035, 1.3)]
    woman = [(0, 575, 0.78), (1.0, 575, 0.78), (2.6, 590, 0.87), (4.4, 790, 0.9), (6.4, 790, 0.88)]
    woman += [(9.0, 780, 0.86), (11.8, 745, 0.95), (13.2, 740, 0.96)]
    lady = [(0, 930, 0.64), (0.8, 930, 0.64), (3.9, 300, 0.74), (4.3, 290, 0.74), (5.8, -260, 0.76)]
    lady += [(7.2, -260, 0.7), (9.3, 310, 0.74), (13.2, 316, 0.8)]
    return [
        Person(cameraman(), man, (1.0, 1.0, 1.04), 150),
        Person(astronaut(), woman, (1.0, 0.97, 0.95), 150),
        Person(admiral(), lady, (1.04, 1.02, 0.98), 170),
    ]


def over(frame: Image, layer: Image) -> Image:
    return frame * (1 - layer[..., 3:]) + layer[..., :3]


def shifted(layer: Image, offset: float) -> Image:
    """Return what the frame sees of a wide layer when the camera looks `offset` pixels to the right."""
    move = np.array([[1.0, 0.0, -MARGIN - offset], [0.0, 1.0, 0.0]])
    return cv2.warpAffine(layer, move, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)


def with_person(frame: Image, person: Person, second: float, pan: float) -> Image:
    """Draw a person: a soft shadow on what is behind, light from behind around the edge."""
    pose = person.pose(second)
    pose[0, 2] -= pan
    layer = cv2.warpAffine(person.picture, pose, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC)
    layer = np.clip(layer, 0, 1)
    if not layer[..., 3].any():
        return frame
    matte = layer[..., 3]
    fall = ramp(np.linspace(0, 1, HEIGHT, dtype=np.float32)[:, None], 0.25, 0.95)
    shadow = blur(np.roll(matte, 10, axis=1), 16) * (0.12 + 0.3 * fall)
    frame = frame * (1 - shadow[..., None])
    low = ramp(np.arange(HEIGHT, dtype=np.float32)[:, None, None], WALL_TOP - 70, WALL_TOP + 10)
    edge = (matte * (1 - blur(matte, 5)))[..., None]
    lit = layer[..., :3] * (1 - 0.3 * low) + 0.22 * edge * blur(frame, 14)
    return over(frame, np.dstack([np.minimum(lit, matte[..., None]), matte]))


def graded(frame: Image, grain: Image) -> Image:
    """Give everything one look: a little contrast, warm light, cool shade, soft corners, fine grain."""
    grey = frame.mean(-1, keepdims=True)
    frame = grey + (frame - grey) * 0.96
    frame = frame + 0.12 * (frame - 0.5) * (1 - (2 * frame - 1) ** 2)
    frame = frame + (grey - 0.5) * np.array([-0.035, 0.0, 0.035], np.float32)
    y, x = np.mgrid[-1 : 1 : HEIGHT * 1j, -1 : 1 : WIDTH * 1j].astype(np.float32)
    frame = frame * (1 - 0.13 * ramp(np.hypot(x * 0.9, y), 0.6, 1.5))[..., None]
    return np.clip(frame + grain[..., None], 0, 1)


def frames(place: Place, people: list[Person], seconds: list[float]) -> Iterator[NDArray[np.uint8]]:
    """Yield the frames of the film at the given times, (HEIGHT, WIDTH, 3) u8."""
    for second in seconds:
        pan = 32 * np.sin(2 * np.pi * second / SECONDS - 0.6)
        frame = np.zeros((HEIGHT, WIDTH, 3), np.float32)
        for parallax, layer in place.layers:
            frame = over(frame, shifted(layer, pan * parallax))
        for person in people:
            frame = with_person(frame, person, second, pan)
        frame = over(frame, shifted(place.wall, pan))
        grain = np.random.default_rng(int(second * 1000)).normal(0, 0.004, (HEIGHT, WIDTH)).astype(np.float32)
        yield (graded(frame, grain) * 255 + 0.5).astype(np.uint8)


def write(path: Path, pictures: Iterable[NDArray[np.uint8]]) -> None:
    """Encode BGR frames as H.264 that every player shows in the same colours."""
    with av.open(str(path), "w", options={"movflags": "faststart", "fflags": "+bitexact"}) as container:
        settings = {"crf": "20", "preset": "slow", "threads": "2"}  # fixed threads: the same file everywhere
        stream = container.add_stream("libx264", rate=FPS, options=settings)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        codec = stream.codec_context
        codec.time_base = Fraction(1, FPS)
        codec.color_range, codec.colorspace = ColorRange.MPEG, Colorspace.ITU709
        codec.color_primaries, codec.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
        for index, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24").reformat(
                format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG
            )
            frame.pts, frame.time_base = index, Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def main(arguments: list[str]) -> None:
    assets = Path(__file__).resolve().parent.parent / "assets"
    output = Path(arguments[0]) if arguments else assets / "demo.mp4"
    seconds = [index / FPS for index in range(FPS * SECONDS)]
    write(output, frames(make_place(), make_people(), seconds))
    print(f"{output}: {output.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main(sys.argv[1:])
