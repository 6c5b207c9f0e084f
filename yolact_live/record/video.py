"""Video recordings that survive a crash."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any, NoReturn

import av
import cv2
import numpy as np
from av.codec.context import Flags
from av.container import OutputContainer
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType
from av.video.stream import VideoStream

from yolact_live.closing import Closing
from yolact_live.errors import RecordError
from yolact_live.record.finish import Sound, finish, length
from yolact_live.record.output import VIDEO_EXTENSIONS, Hold, check_output, disk_error, part_path
from yolact_live.types import ByteArray

KEY_FRAME_S = 2
"""Seconds between key frames, so that players seek fast."""

FRAGMENT_S = 1
"""Seconds after which what was encoded goes to the disk: so much is lost when the program is killed.

Without ``flush_packets`` a calm picture waits in a buffer of 32 KB for much longer.
"""

ONE_THREAD_PIXELS = 1920 * 1088
"""Up to this size one thread encodes fast enough (8 ms at 1080p); above it, two do."""

_H264: tuple[tuple[str, dict[str, str]], ...] = (
    # Measured on annotated 720p, one core. A frame takes ultrafast 5 ms, superfast 10, veryfast 15
    # (with the colours): time that inference would miss. ultrafast needs 5.7 Mbit/s at crf 23
    # (44.6 dB luma) and 7.7 at crf 20 (46.5 dB), of a noisy camera 6 and 17; superfast 5.0 and 18
    # at crf 20. No B-frames: so the times of a fragmented MP4 start at 0, and one frame waits in
    # the encoder.
    ("libx264", {"preset": "ultrafast", "crf": "23"}),
    ("h264_videotoolbox", {}),
    ("h264_mf", {}),
    ("libopenh264", {}),
    ("mpeg4", {}),
)
_VP9 = (
    ("libvpx-vp9", {"deadline": "realtime", "cpu-used": "8", "crf": "32"}),
    ("libvpx", {"deadline": "realtime", "cpu-used": "8"}),
)
_MOV = {
    "movflags": "frag_keyframe+empty_moov+default_base_moof",
    "frag_duration": str(FRAGMENT_S * 1_000_000),
    "flush_packets": "1",
}
_MATROSKA = {"cluster_time_limit": str(FRAGMENT_S * 1000), "flush_packets": "1"}


class VideoRecorder(Closing):
    """Writes frames with their true times. A context manager; used from one thread.

    While it is written the file is called ``NAME.part.mp4`` and plays up to the last second,
    whatever happens to the program. :meth:`close` gives it its name; until then a file that has
    this name already is left alone.

    Args:
        path: file to be written; the extension chooses the container.
        size: height and width of the frames in pixels; an odd one is padded by a pixel.
        rate: frames a second, None if it varies. Times are kept whatever it is.
        overwrite: replace an existing file.
        sound: returns what shall be heard; asked at the end, with the times of the first frame
            and of the end of the last one.

    Raises:
        RecordError: the output may not or cannot be written.
    """

    def __init__(
        self,
        path: Path,
        size: tuple[int, int],
        rate: Fraction | None,
        *,
        overwrite: bool = False,
        sound: Callable[[Fraction, Fraction], Sound | None] = lambda start, end: None,
    ) -> None:
        check_output(path, overwrite=overwrite, extensions=VIDEO_EXTENSIONS)
        # numba loads when a recording starts, not with the program
        from yolact_live.record.yuv import BT601, BT709, bgr_to_i420, matrix

        self._path = path
        self._part = part_path(path)
        self._size = size[0] + size[0] % 2, size[1] + size[1] % 2
        self._sound = sound
        self._time_base = time_base(rate)
        self._start: Fraction | None = None
        self._ticks = -1
        self._end_ticks = 0
        self._key_ticks = 0
        self._closed = False
        high_definition = size[0] > 576 or size[1] > 1024
        self._to_i420 = bgr_to_i420
        self._weights = matrix(*(BT709 if high_definition else BT601))
        try:
            self._container, self._stream = self._open(rate, 1 if high_definition else 6)
        except av.error.FFmpegError as error:
            self._part.unlink(missing_ok=True)
            raise disk_error(path, _os_error(error), "nothing is kept of it") from error
        self._hold = Hold(self._part)

    def _open(self, rate: Fraction | None, colour: int) -> tuple[OutputContainer, VideoStream]:
        """Start the file with the best encoder that works here.

        Args:
            rate: frames a second.
            colour: number of the colour matrix, primaries and transfer function (H.273).
        """
        height, width = self._size
        kind = self._path.suffix.lower()
        for name, options in _VP9 if kind == ".webm" else _H264:
            container = av.open(
                f"file:{self._part}", "w", container_options=_MOV if kind in (".mp4", ".mov") else _MATROSKA
            )
            try:
                stream: Any = container.add_stream(name, rate=rate or 30, options=options)
                context: VideoCodecContext = stream.codec_context
                context.height, context.width, context.pix_fmt = height, width, "yuv420p"
                context.time_base = self._time_base
                context.gop_size = 1_000_000  # key frames are asked for, by time
                context.bit_rate = 0 if "crf" in options else round(height * width * float(rate or 30) / 6)
                context.thread_count = 1 if height * width <= ONE_THREAD_PIXELS else 2
                context.colorspace = context.color_primaries = context.color_trc = colour
                context.color_range = 1
                context.flags |= Flags.frame_duration.value
                context.open()
            except (av.error.FFmpegError, ValueError):
                continue
            container.start_encoding()
            return container, stream
        what = f"no encoder here writes {width}×{height} pictures to {kind} files"
        raise RecordError(what, "choose another extension")

    @property
    def size(self) -> int:
        """Bytes on the disk so far; not to be asked after :meth:`close`."""
        return self._part.stat().st_size

    def write(self, image: ByteArray, pts: Fraction, duration: Fraction) -> None:
        """Append one frame.

        Args:
            image: (H, W, 3) u8 BGR. One of another size than the recording's is fitted in.
            pts: presentation time, seconds; that of the first frame becomes 0.
            duration: how long it is shown, seconds; counts for the last frame.

        Raises:
            RecordError: it cannot be written, for example because the disk is full. The
                recording is then closed; the message says what is kept.
        """
        if self._start is None:
            self._start = pts
        self._ticks = max(round((pts - self._start) / self._time_base), self._ticks + 1)
        shown = max(round(duration / self._time_base), 1)
        self._end_ticks = self._ticks + shown
        frame = self._picture(image)
        frame.pts, frame.duration, frame.time_base = self._ticks, shown, self._time_base
        if not self._ticks or (self._ticks - self._key_ticks) * self._time_base >= KEY_FRAME_S:
            frame.pict_type = PictureType.I
            self._key_ticks = self._ticks
        try:
            self._container.mux(self._stream.encode(frame))
        except av.error.FFmpegError as error:
            self._fail(error)

    def _picture(self, image: ByteArray) -> av.VideoFrame:
        height, width = self._size
        if image.shape[:2] != self._size:
            image = fit(image, height, width)
        picture = av.VideoFrame(width, height, "yuv420p")
        planes: Any = picture.planes
        rows = (np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size) for plane in planes)
        self._to_i420(np.require(image, np.uint8, ["C", "W"]), self._weights, *rows)
        return picture

    def close(self) -> None:
        """Finish the file and give it its name. May be called more than once.

        Raises:
            RecordError: it cannot be finished; the message says what is kept.
        """
        if self._closed:
            return
        try:
            self._container.mux(self._stream.encode(None))
            self._container.close()
        except av.error.FFmpegError as error:
            self._fail(error)
        self._let_go()
        if self._start is None:
            self._part.unlink()
            return
        try:
            finish(self._part, self._path, self._heard())
        except (OSError, ValueError) as error:
            raise RecordError(f"{self._path} cannot be finished ({error})", f"see {self._part}") from error

    def _heard(self) -> Sound | None:
        if self._start is None:
            return None
        return self._sound(self._start, self._start + self._end_ticks * self._time_base)

    def _fail(self, error: av.error.FFmpegError) -> NoReturn:
        """Save what can be saved, then say so. A file that was to be replaced stays."""
        self._let_go()
        target = self._part if self._path.exists() else self._path
        try:
            finish(self._part, target, self._heard())
            kept = f"its first {float(length(target)):.1f} s are kept in {target}"
        except (OSError, ValueError):
            self._part.unlink(missing_ok=True)
            kept = "nothing is kept of it"
        raise disk_error(self._path, _os_error(error), kept) from error

    def _let_go(self) -> None:
        self._closed = True
        with suppress(av.error.FFmpegError):
            self._container.close()
        self._hold.release()


def time_base(rate: Fraction | None) -> Fraction:
    """Return a unit of time, 1/30000 s or less, in which a frame's duration is a whole number.

    The denominator stays below 65536, as MPEG-4 wants it.
    """
    if rate is None or not 0 < rate.numerator < 65_536:
        return Fraction(1, 60_000)
    return Fraction(1, rate.numerator * -(-30_000 // rate.numerator))


def _os_error(error: av.error.FFmpegError) -> OSError:
    return OSError(error.errno, error.strerror)


def fit(image: ByteArray, height: int, width: int) -> ByteArray:
    """Return an image of the given size: padded by a pixel, or scaled and centred on black."""
    down, right = height - image.shape[0], width - image.shape[1]
    if {down, right} <= {0, 1}:
        return np.pad(image, ((0, down), (0, right), (0, 0)), mode="edge")
    scale = min(height / image.shape[0], width / image.shape[1])
    inner = max(round(image.shape[0] * scale), 1), max(round(image.shape[1] * scale), 1)
    top, left = (height - inner[0]) // 2, (width - inner[1]) // 2
    result = np.zeros((height, width, 3), np.uint8)
    result[top : top + inner[0], left : left + inner[1]] = cv2.resize(image, inner[::-1])
    return result
