"""From the file that was being written to the file that stays."""

from __future__ import annotations

import heapq
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import av
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer

from yolact_live.record.output import part_path, sync

_MP4 = (".mp4", ".mov")

Track = Iterator[tuple[Fraction, Any]]
"""Packets, each with the time when it is due, in seconds."""


@dataclass
class Span:
    """A stretch of a source that was recorded without a jump.

    Attributes:
        start, end: where it lies in the source, seconds from the start of its video.
        at: where it lies in the recording, seconds.
    """

    start: Fraction
    end: Fraction
    at: Fraction


@dataclass(frozen=True)
class Sound:
    """What shall be heard in a recording.

    Attributes:
        path: file whose sound it is, if it has one.
        spans: which parts of it, in the order of the recording.
    """

    path: Path
    spans: Sequence[Span]


def finish(part: Path, path: Path, sound: Sound | None = None) -> None:
    """Make a recording whole and give it its name.

    It becomes a plain file with an index, in front for MP4, so that every player can seek.
    Where that fails, as on a full disk, it stays as it is: an MP4 in fragments, the last
    of which is cut off if it is not whole.

    Args:
        part: the recording as far as it was written; renamed or removed.
        path: its name, perhaps that of ``part``; an existing file is replaced.
        sound: to be added.

    Raises:
        ValueError: there is no whole frame in it.
        OSError: it cannot be renamed.
    """
    if not plays(part):
        raise ValueError(f"there is no frame in {part}")
    whole = part_path(part)
    for wanted in (sound, None):  # better without sound than in fragments
        try:
            remux(part, whole, wanted)
            sync(whole)
        except (OSError, ValueError, av.error.FFmpegError):
            with suppress(OSError):
                whole.unlink()
        else:
            os.replace(whole, path)
            if part != path:
                part.unlink()
            return
    if path.suffix.lower() in _MP4:
        os.truncate(part, _whole_length(part))
    os.replace(part, path)


def plays(path: Path) -> bool:
    """Say whether there is a whole frame in a recording."""
    with suppress(OSError, av.error.FFmpegError), av.open(f"file:{path}") as container:
        return next(_packets(container, "video"), None) is not None
    return False


def length(path: Path) -> Fraction:
    """Return up to which time a recording plays, in seconds; 0 if it does not play."""
    end = Fraction(0)
    with suppress(OSError, av.error.FFmpegError), av.open(f"file:{path}") as container:
        for _, packet in _packets(container, "video"):
            end = max(end, (packet.pts + (packet.duration or 0)) * _fraction(packet.time_base))
    return end


def remux(part: Path, whole: Path, sound: Sound | None = None) -> None:
    """Copy the packets of a recording, up to the first that is damaged, and sound into a new file.

    Raises:
        OSError, av.error.FFmpegError: it cannot be written.
    """
    options = {"movflags": "faststart"} if whole.suffix.lower() in _MP4 else {}
    with ExitStack() as stack:
        recorded = stack.enter_context(av.open(f"file:{part}"))
        target = stack.enter_context(av.open(f"file:{whole}", "w", container_options=options))
        tracks = [_video(recorded, target)]
        if sound:
            heard = stack.enter_context(av.open(f"file:{sound.path}"))
            tracks += _audio(heard, target, sound)
        for _, packet in heapq.merge(*tracks, key=lambda timed: timed[0]):
            target.mux(packet)


def _video(recorded: InputContainer, target: OutputContainer) -> Track:
    source = recorded.streams.video[0]
    stream = target.add_stream_from_template(source, opaque=True)
    stream.codec_context.framerate = source.average_rate or Fraction(30)
    return ((time, _redirect(packet, stream)) for time, packet in _packets(recorded, "video"))


def _audio(heard: InputContainer, target: OutputContainer, sound: Sound) -> list[Track]:
    """Return the sound as packets of ``target``: copied if it can hold them, else encoded anew."""
    source, video = heard.streams.best("audio"), heard.streams.best("video")
    if not isinstance(source, AudioStream) or video is None:
        return []
    zero = (video.start_time or 0) * _fraction(video.time_base)
    try:
        stream = target.add_stream_from_template(source, opaque=True)
    except ValueError:  # a container that does not hold this kind of sound
        codec = "libopus" if target.format.name == "webm" else "aac"
        encoder: Any = target.add_stream(
            codec, rate=48_000, layout="mono" if source.channels == 1 else "stereo"
        )
        return [_encoded(_placed(heard, sound.spans, zero), encoder)]
    placed = _placed(heard, sound.spans, zero)
    return [((time, _redirect(_shift(packet, time), stream)) for time, packet in placed)]


def _placed(heard: InputContainer, spans: Sequence[Span], zero: Fraction) -> Track:
    """Yield the packets of the sound with the time in the recording when each is due."""
    free = None
    for number, span in enumerate(spans):
        if number or span.start > 1:
            heard.seek(int((zero + span.start) * av.time_base))
        for due, packet in _packets(heard, "audio"):
            time, length = due - zero, (packet.duration or 0) * _fraction(packet.time_base)
            if time >= span.end:
                break
            placed = time - span.start + span.at
            # the first packet begins a little before the picture; after a jump none may overlap
            if time + length >= span.start and (free is None or placed >= free):
                free = placed + length
                yield placed, packet


def _encoded(placed: Track, encoder: AudioStream) -> Track:
    for time, packet in placed:
        with suppress(av.error.FFmpegError):  # what is damaged is not heard
            for frame in packet.decode():
                frame.time_base = Fraction(1, frame.sample_rate)
                frame.pts = round(time / frame.time_base)
                time += Fraction(frame.samples, frame.sample_rate)
                yield from _timed(encoder.encode(frame))
    yield from _timed(encoder.encode(None))


def _timed(packets: Iterable[Any]) -> Track:
    return ((packet.dts * _fraction(packet.time_base), packet) for packet in packets)


def _shift(packet: Any, time: Fraction) -> Any:
    """Make a packet due at ``time``."""
    shift = round(time / _fraction(packet.time_base)) - packet.dts
    packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
    return packet


def _packets(container: InputContainer, kind: Literal["video", "audio"]) -> Track:
    """Yield the packets of the best stream up to the first that is damaged."""
    stream = container.streams.best(kind)
    with suppress(av.error.InvalidDataError):
        for packet in container.demux(stream) if stream else ():
            if packet.is_corrupt:
                return
            if packet.pts is not None:
                if packet.dts is None:  # Matroska stores none; recordings and sound have no B-frames
                    packet.dts = packet.pts
                yield packet.dts * _fraction(packet.time_base), packet


def _redirect(packet: Any, stream: Any) -> Any:
    packet.stream = stream
    return packet


def _fraction(value: Any) -> Fraction:
    return Fraction(value.numerator, value.denominator)


def _whole_length(part: Path) -> int:
    """Return where the last whole fragment of an MP4 ends."""
    size = part.stat().st_size
    end = whole = 0
    with part.open("rb") as file:
        while True:
            file.seek(end)
            header = file.read(16)
            length = int.from_bytes(header[:4])
            if length == 1:  # a box of more than 4 GiB
                length = int.from_bytes(header[8:])
            if length < 8 or end + length > size:
                return whole
            end += length
            if header[4:8] != b"moof":  # it is nothing without the box after it
                whole = end
