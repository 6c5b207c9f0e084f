"""Video recordings that survive a crash."""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import numpy as np
from av.video.reformatter import VideoReformatter

from yolact_live.errors import RecordError
from yolact_live.record.output import VIDEO_EXTENSIONS, check_output, part_path
from yolact_live.types import ByteArray

TIME_BASE = Fraction(1, 90_000)


class VideoRecorder:
    """Writes frames with their true times. A context manager; used from one thread.

    Args:
        path: file to be written; the extension chooses the container.
        size: height and width of the frames in pixels.
        rate: frames a second, None if it varies.
        overwrite: replace an existing file, once the new one is complete.
        audio_from: file whose sound is copied, if it has one.

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
        audio_from: Path | None = None,
    ) -> None:
        check_output(path, overwrite=overwrite, extensions=VIDEO_EXTENSIONS)
        self._path = path
        self._part = part_path(path)
        self._size = size[0] + size[0] % 2, size[1] + size[1] % 2
        self._origin: Fraction | None = None
        self._last = -1
        self._reformatter = VideoReformatter()
        self._container = av.open(
            str(self._part), "w", container_options={"movflags": "frag_keyframe+empty_moov+default_base_moof"}
        )
        self._stream = self._container.add_stream(
            "libx264", rate=rate or 30, options={"preset": "superfast", "crf": "20", "bf": "0"}
        )
        self._stream.height, self._stream.width = self._size
        self._stream.pix_fmt = "yuv420p"
        self._stream.codec_context.time_base = TIME_BASE
        self._closed = False

    def write(self, image: ByteArray, pts: Fraction, duration: Fraction) -> None:
        """Append one frame.

        Args:
            image: (H, W, 3) u8 BGR.
            pts: presentation time, seconds; the first one written becomes 0.
            duration: how long it is shown, seconds; counts for the last frame.

        Raises:
            RecordError: it cannot be written, for example because the disk is full.
        """
        if self._origin is None:
            self._origin = pts
        height, width = self._size
        if image.shape[:2] != (height, width):
            image = np.pad(image, ((0, height - image.shape[0]), (0, width - image.shape[1]), (0, 0)), "edge")
        frame = av.VideoFrame.from_numpy_buffer(np.ascontiguousarray(image), format="bgr24")
        frame = self._reformatter.reformat(frame, format="yuv420p", dst_colorspace="ITU709", threads=1)
        self._last = max(round((pts - self._origin) / TIME_BASE), self._last + 1)
        frame.pts, frame.time_base = self._last, TIME_BASE
        frame.duration = round(duration / TIME_BASE)
        try:
            self._container.mux(self._stream.encode(frame))
        except (OSError, av.error.FFmpegError) as error:
            raise RecordError(f"{self._path} cannot be written: {error.strerror}") from error

    def close(self) -> None:
        """Finish the file and give it its name. May be called more than once."""
        if self._closed:
            return
        self._closed = True
        self._container.mux(self._stream.encode(None))
        self._container.close()
        os.replace(self._part, self._path)

    def abort(self) -> None:
        """Stop and remove what was written. May be called more than once, and after close."""
        if self._closed:
            return
        self._closed = True
        self._container.close()
        self._part.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
