"""Small videos made on the spot."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

RATE = Fraction(25)


def picture(index: int, height: int = 96, width: int = 128) -> np.ndarray:
    """A moving bright bar over a gradient: (H, W, 3) u8 BGR."""
    image = np.empty((height, width, 3), np.uint8)
    image[:] = np.linspace(20, 120, width, dtype=np.uint8)[None, :, None]
    x = 4 * index % width
    image[:, x : x + 8] = (40, 200, 240)
    return image


def write_clip(
    path: Path,
    frames: int = 20,
    times: list[Fraction] | None = None,
    size: tuple[int, int] = (96, 128),
    sound: bool = False,
) -> Path:
    """Write an H.264 clip of :func:`picture` at ``times`` (seconds), by default 25 frames a second.

    Args:
        sound: with a tone as long as the pictures at 25 frames a second.
    """
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"preset": "ultrafast"})
        voice = container.add_stream("aac", rate=48_000, layout="mono") if sound else None
        stream.height, stream.width = size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        for i in range(frames):
            frame = av.VideoFrame.from_ndarray(picture(i, *size), format="bgr24")
            frame.time_base = Fraction(1, 1000)
            frame.pts = round((times[i] if times else i / RATE) * 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
        if voice:
            tone = np.sin(np.arange(round(frames / RATE * 48_000)) / 20).astype(np.float32)[None]
            samples = av.AudioFrame.from_ndarray(tone, format="fltp", layout="mono")
            samples.sample_rate = 48_000
            container.mux(voice.encode(samples))
            container.mux(voice.encode())
    return path
