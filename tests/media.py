"""Video files of every kind, made on the spot, whose pictures tell which they are."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

CELL = 16
BITS = 8
SIZE = 2 * CELL, BITS * CELL


def picture(number: int, height: int = SIZE[0], width: int = SIZE[1]) -> np.ndarray:
    """A picture that carries its number in black and white cells: (H, W, 3) u8 BGR."""
    image = np.full((height, width, 3), 96, np.uint8)
    for bit in range(BITS):
        image[:CELL, bit * CELL : (bit + 1) * CELL] = 235 if number >> bit & 1 else 16
    image[CELL:, : number % width] = 200
    return image


def number_of(image: np.ndarray) -> int:
    """Read the number of a picture, also after lossy encoding."""
    cells = image[:CELL, : BITS * CELL].reshape(CELL, BITS, CELL, 3)[4:-4, :, 4:-4]
    return sum(1 << bit for bit, bright in enumerate(cells.mean(axis=(0, 2, 3)) > 128) if bright)


def constant(count: int, rate: Fraction) -> list[Fraction]:
    return [i / rate for i in range(count)]


def variable(count: int, seed: int = 0) -> list[Fraction]:
    """Times with gaps of 5 to 200 ms."""
    steps = np.random.default_rng(seed).integers(5, 200, count)
    return [Fraction(int(total), 1000) for total in np.cumsum(steps) - steps[0]]


def write_video(
    path: Path,
    times: Sequence[Fraction],
    *,
    rate: Fraction = Fraction(30),
    size: tuple[int, int] = SIZE,
    codec: str = "libx264",
    pixel_format: str = "yuv420p",
    rotation: int = 0,
    aspect: Fraction | None = None,
    options: dict[str, str] | None = None,
    container: dict[str, str] | None = None,
    first: int = 0,
) -> Path:
    """Write :func:`picture` 0, 1, 2, … at the given times; each is shown until the next.

    Args:
        first: number of the first picture, instead of 0.
        rotation: how far players are told to turn it, counter-clockwise.
        aspect: of one sample.
        options: of the encoder.
        container: options of the container.
    """
    # AVI and MPEG-2 have a rate only
    time_base = 1 / rate if path.suffix == ".avi" or codec == "mpeg2video" else Fraction(1, 90_000)
    with av.open(str(path), "w", container_options=container) as output:
        stream: Any = output.add_stream(codec, rate=rate, options=options or {"preset": "ultrafast"})
        stream.height, stream.width = size
        stream.pix_fmt = pixel_format
        stream.codec_context.time_base = time_base
        stream.codec_context.flags |= av.codec.context.Flags.frame_duration.value
        stream.codec_context.thread_count = 1
        if aspect:
            stream.codec_context.sample_aspect_ratio = aspect
        if rotation:
            stream.set_display_rotation(rotation)
        for i, time in enumerate(times):
            frame = av.VideoFrame.from_ndarray(picture(first + i, *size), format="bgr24")
            frame.pts, frame.time_base = round(time / time_base), time_base
            following = times[i + 1] if i + 1 < len(times) else time + 1 / rate
            frame.duration = round((following - time) / time_base)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


def write_sound(path: Path, seconds: int = 1, video: Sequence[Fraction] = ()) -> Path:
    """Write clicks, one at every whole second, with a video beside them if it has times."""
    with av.open(str(path), "w") as output:
        sound: Any = output.add_stream("aac", rate=48_000)
        pictures: Any = (
            output.add_stream("libx264", rate=30, options={"preset": "ultrafast"}) if video else None
        )
        if pictures:
            pictures.height, pictures.width = SIZE
        samples = np.zeros((2, seconds * 48_000), np.float32)
        for second in range(seconds):
            samples[:, second * 48_000 : second * 48_000 + 480] = 0.9
        for start in range(0, samples.shape[1], 1024):
            frame: Any = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(samples[:, start : start + 1024]), format="fltp", layout="stereo"
            )
            frame.sample_rate, frame.pts, frame.time_base = 48_000, start, Fraction(1, 48_000)
            output.mux(sound.encode(frame))
        output.mux(sound.encode(None))
        for i, time in enumerate(video):
            shown: Any = av.VideoFrame.from_ndarray(picture(i), format="bgr24")
            shown.pts, shown.time_base = round(time * 30), Fraction(1, 30)
            output.mux(pictures.encode(shown))
        if pictures:
            output.mux(pictures.encode(None))
    return path
