"""Pictures out of a container, through FFmpeg (PyAV)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from fractions import Fraction
from typing import Any

import av
import numpy as np
from av.codec.hwaccel import HWAccel, hwdevices_available
from av.container import InputContainer
from av.video.reformatter import Colorspace, VideoReformatter
from av.video.stream import VideoStream

from yolact_live.types import ByteArray

MAX_ERRORS_IN_ROW = 64
"""Failures to read one after another after which the rest of a stream is given up."""

ONE_THREAD_PIXELS = 1920 * 1088
"""Up to this size one thread decodes fast enough (H.264: 6 ms at 1080p); above it, two do."""

_PASSING = (av.error.InvalidDataError, av.error.EOFError, av.error.MemoryError, av.error.BlockingIOError)
"""Failures to read that damage brings about; behind it there may be more."""

HARDWARE = ("cuda", "d3d11va", "videotoolbox")
"""What decodes larger pictures, the first that does: the way back from a graphics card costs less then."""

TOLERANT: dict[str, Any] = {"metadata_errors": "replace"} if av.__version__ < "19" else {}
"""Options of av.open by which a title in no known encoding does not matter; as it always is from 19 on."""

_MATRICES = {
    1: Colorspace.ITU709,
    4: Colorspace.FCC,
    5: Colorspace.ITU601,
    6: Colorspace.ITU601,
    7: Colorspace.SMPTE240M,
    9: Colorspace.BT2020,
    10: Colorspace.BT2020,
}
"""AVColorSpace of a picture → the matrix that swscale shall use."""


def fraction(value: Any) -> Fraction | None:
    """Return a rational of PyAV as an exact Fraction; None if it is unset.

    PyAV up to 18 says None for unset, from 19 on 0/1 or x/0.
    """
    return Fraction(value.numerator, value.denominator) if value else None


def video_stream(container: InputContainer) -> VideoStream | None:
    """Return the stream to be shown, ready to be decoded; None without one.

    The cover of a music file is no video.
    """
    stream = _moving_pictures(container)
    if stream is None:
        return None
    for other in container.streams:
        if other is not stream:
            other.discard = av.stream.Discard.all  # of a playlist's variants, only one is fetched
    stream.thread_type = "FRAME"
    stream.thread_count = 2 if _is_large(stream) and not stream.codec_context.is_hwaccel else 1
    return stream


def accelerated(container: InputContainer, reopen: Callable[[HWAccel], InputContainer]) -> InputContainer:
    """Return a container opened anew so that hardware decodes its video, or as it is.

    It stays as it is if its pictures are small or no hardware here, on trial, decodes the first one.
    """
    stream = _moving_pictures(container)
    if stream is None or not _is_large(stream):
        return container
    for kind in HARDWARE:
        if kind in hwdevices_available() and _decodes(reopen, HWAccel(kind)):
            container.close()
            return reopen(HWAccel(kind))
    return container


def _decodes(reopen: Callable[[HWAccel], InputContainer], hardware: HWAccel) -> bool:
    with suppress(av.error.FFmpegError), reopen(hardware) as container:
        stream = _moving_pictures(container)
        if stream and stream.codec_context.is_hwaccel:
            return next(container.decode(stream), None) is not None
    return False


def _moving_pictures(container: InputContainer) -> VideoStream | None:
    stream = container.streams.best("video")
    if not isinstance(stream, VideoStream) or stream.codec_context is None:
        return None
    return None if stream.disposition & av.stream.Disposition.attached_pic else stream


def _is_large(stream: VideoStream) -> bool:
    return stream.width * stream.height > ONE_THREAD_PIXELS


class Decoder:
    """The pictures of one video stream, in order of presentation; damaged parts are skipped.

    Attributes:
        errors: packets that could not be read or decoded so far.
        key_pts: presentation time of the first key frame since the start or the last seek, in
            units of the stream's time base; None before it is read or where it has none.
    """

    def __init__(self, container: InputContainer, stream: VideoStream) -> None:
        self._container = container
        self._stream = stream
        self.errors = 0
        self.restart()

    def restart(self) -> None:
        """Begin anew where the container stands, after it was opened or sought."""
        self.key_pts: int | None = None
        self._packets = self._demux()
        self._peeked: deque[av.Packet[VideoStream] | None] = deque()
        self._pictures = self._decode()

    def peek(self, count: int) -> list[av.Packet[VideoStream]]:
        """Return the next packets, without their being lost for :meth:`next`; fewer only at the end."""
        while len(self._peeked) < count and None not in self._peeked:
            self._peeked.append(next(self._packets))
        return [packet for packet in self._peeked if packet is not None]

    def next(self) -> av.VideoFrame | None:
        """Return the next picture, None at the end."""
        return next(self._pictures, None)

    def _decode(self) -> Iterator[av.VideoFrame]:
        # One generator lives as long as the position. A new one for each picture would lose
        # the pictures that the decoder still holds at the end.
        for packet in self._upcoming():
            if self.key_pts is None and packet is not None and packet.is_keyframe:
                self.key_pts = packet.pts
            try:
                yield from self._stream.decode(packet)
            except av.error.FFmpegError:
                self.errors += 1

    def _upcoming(self) -> Iterator[av.Packet[VideoStream] | None]:
        while self._peeked:
            yield self._peeked.popleft()
        yield from self._packets

    def _demux(self) -> Iterator[av.Packet[VideoStream] | None]:
        """Yield packets, then None, for which the decoder gives out what it still holds."""
        in_row = 0
        while in_row < MAX_ERRORS_IN_ROW:
            try:
                for packet in self._container.demux(self._stream):
                    if packet.size:
                        in_row = 0
                        yield packet
                break
            except _PASSING:
                self.errors += 1
                in_row += 1
            except IndexError:  # PyAV, at the end, where streams have appeared on the way
                break
        yield None


class Converter:
    """Turns decoded pictures into upright BGR images with square pixels.

    The colour matrix and range that the stream names are honoured. Where it names no
    matrix, high definition is taken for BT.709 and the rest for BT.601, as players do.
    """

    def __init__(self) -> None:
        self._reformatter = VideoReformatter()

    def convert(self, picture: av.VideoFrame, aspect: Fraction | None) -> ByteArray:
        """Return the picture as (H, W, 3) u8 BGR, C-contiguous.

        Args:
            picture: as decoded.
            aspect: width to height of one sample; None = square.

        Raises:
            av.error.FFmpegError: it is damaged so much that it cannot be converted.
        """
        height, width = square_pixel_size(picture.height, picture.width, aspect)
        bgr = self._reformatter.reformat(
            picture,
            width=width,
            height=height,
            format="bgr24",
            src_colorspace=_matrix(picture),
            threads=1,
        )
        plane: Any = bgr.planes[0]  # keeps the picture's memory alive as long as the array
        rows = np.frombuffer(plane, np.uint8).reshape(height, plane.line_size)
        image = rows[:, : width * 3].reshape(height, width, 3)
        return np.ascontiguousarray(np.rot90(image, quarter_turns(picture.rotation)))


def shown_size(picture: av.VideoFrame, aspect: Fraction | None) -> tuple[int, int]:
    """Return height and width of the image that :meth:`Converter.convert` makes."""
    height, width = square_pixel_size(picture.height, picture.width, aspect)
    return (width, height) if quarter_turns(picture.rotation) % 2 else (height, width)


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


def quarter_turns(rotation: int) -> int:
    """Return how many quarter turns counter-clockwise make a picture upright."""
    return round(rotation / 90) % 4


def _matrix(picture: av.VideoFrame) -> Colorspace | None:
    if picture.format.is_rgb:
        return None
    high_definition = picture.height > 576 or picture.width > 1024
    return _MATRICES.get(picture.colorspace, Colorspace.ITU709 if high_definition else Colorspace.ITU601)
