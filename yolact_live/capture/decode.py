"""Pictures out of a container, through FFmpeg (PyAV)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import av
import numpy as np
from av.video.reformatter import Colorspace, VideoReformatter

from yolact_live.types import ByteArray

MAX_ERRORS_IN_ROW = 64
"""Damaged packets one after another after which the rest is given up."""

_UNSPECIFIED = 2
"""AVCOL_SPC_UNSPECIFIED: the file does not name its colour matrix."""

_MATRICES = {
    1: Colorspace.ITU709,
    4: Colorspace.FCC,
    5: Colorspace.ITU601,
    6: Colorspace.ITU601,
    7: Colorspace.SMPTE240M,
    9: Colorspace.BT2020,
    10: Colorspace.BT2020,
}
"""AVColorSpace of a frame → the matrix that swscale shall use."""


def fraction(value: Any) -> Fraction | None:
    """Return a rational of PyAV as an exact Fraction; None if it is unset.

    PyAV up to 18 says None for unset, from 19 on it says 0/1 or x/0.
    """
    return Fraction(value.numerator, value.denominator) if value else None


class Decoder:
    """The pictures of one video stream, in order of presentation; damaged parts are skipped.

    Attributes:
        errors: packets that could not be read or decoded so far.
        first_pts: presentation time of the first packet since the start or the last seek, in
            units of the stream's time base; None before it is read or where it has none.
    """

    def __init__(self, container: av.container.InputContainer, stream: av.VideoStream) -> None:
        self.container = container
        self.stream = stream
        self.errors = 0
        self.restart()

    def restart(self) -> None:
        """Begin anew at the position of the container, after it was opened or sought."""
        self.first_pts: int | None = None
        self._pictures = self._decode()

    def next(self) -> av.VideoFrame | None:
        """Return the next picture, None at the end."""
        return next(self._pictures, None)

    def _decode(self) -> Iterator[av.VideoFrame]:
        """Yield pictures. One generator lives as long as the position: a new one for each
        picture would lose those that the decoder still holds at the end of the file."""
        for packet in self._demux():
            if self.first_pts is None and packet is not None:
                self.first_pts = packet.pts
            try:
                yield from self.stream.decode(packet)
            except av.error.FFmpegError:
                self.errors += 1

    def _demux(self) -> Iterator[av.Packet[av.VideoStream] | None]:
        """Yield packets, then None (which makes the decoder give out what it still holds)."""
        in_row = 0
        while in_row < MAX_ERRORS_IN_ROW:
            try:
                for packet in self.container.demux(self.stream):
                    if packet.size:
                        in_row = 0
                        yield packet
                break
            except av.error.InvalidDataError:
                self.errors += 1
                in_row += 1
        yield None


class PictureConverter:
    """Turns decoded pictures into upright BGR images with square pixels.

    The colour matrix and range that the stream names are honoured. Where it names no
    matrix, high definition is taken as BT.709 and the rest as BT.601, as players do.
    """

    def __init__(self) -> None:
        self._reformatter = VideoReformatter()

    def convert(self, picture: av.VideoFrame, aspect: Fraction | None = None) -> ByteArray:
        """Return the picture as (H, W, 3) u8 BGR.

        Args:
            picture: as decoded.
            aspect: width to height of one sample; None = square.
        """
        height, width = square_pixel_size(picture.height, picture.width, aspect)
        bgr = self._reformatter.reformat(
            picture,
            width=width,
            height=height,
            format="bgr24",
            src_colorspace=_matrix(picture),
            interpolation="BILINEAR",
            threads=1,
        )
        plane = bgr.planes[0]
        rows = np.frombuffer(plane, np.uint8).reshape(height, plane.line_size)
        image = rows[:, : width * 3].reshape(height, width, 3)
        return upright(image, picture.rotation)


def _matrix(picture: av.VideoFrame) -> Colorspace | None:
    if picture.colorspace == _UNSPECIFIED:
        high_definition = picture.height > 576 or picture.width > 1024
        return Colorspace.ITU709 if high_definition else Colorspace.ITU601
    return _MATRICES.get(picture.colorspace)


def square_pixel_size(height: int, width: int, aspect: Fraction | None) -> tuple[int, int]:
    """Return height and width that show samples of the given aspect with square pixels.

    The side that is too short grows, so that no detail is lost. Aspects beyond 4:1 are
    taken for damage.
    """
    if not aspect or not Fraction(1, 4) <= aspect <= 4:
        return height, width
    if aspect >= 1:
        return height, round(width * aspect)
    return round(height / aspect), width


def upright(image: ByteArray, rotation: int) -> ByteArray:
    """Turn an image counter-clockwise by ``rotation`` degrees, a multiple of 90 (else it stays)."""
    quarter, rest = divmod(rotation % 360, 90)
    if rest or not quarter:
        return image
    return np.ascontiguousarray(np.rot90(image, quarter))
