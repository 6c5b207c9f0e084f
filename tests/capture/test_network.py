"""Streams from real servers on this machine."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import cv2
import pytest

from tests.capture.test_live import read_until_failure
from tests.loopback import (
    Answer,
    Handler,
    Loopback,
    Request,
    hang,
    hang_after,
    loopback_server,
    serve,
    status,
)
from tests.media import SIZE, constant, number_of, picture, write_video
from tests.pipeline.test_pipeline import until
from yolact_live.capture import is_live, live, network, open_source, redact
from yolact_live.capture.files import VideoFile
from yolact_live.errors import SourceError


@pytest.fixture
def server() -> Iterator[Loopback]:
    with loopback_server() as loopback:
        yield loopback


def motion_jpeg(
    pictures: int, gap_s: float = 0.02, then_hang: bool = False, size: tuple[int, int] = SIZE
) -> Answer:
    """Send pictures as a network camera does."""

    def answer(handler: Handler, request: Request) -> None:
        handler.head(200, Content_Type="multipart/x-mixed-replace; boundary=frame", Connection="close")
        for number in range(pictures):
            jpeg = cv2.imencode(".jpg", picture(number % 256, *size))[1].tobytes()
            head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n".encode()
            handler.body(request, head + jpeg + b"\r\n")
            if handler.server.loopback.closing.wait(gap_s):
                break
        if then_hang:
            hang(handler, request)
        handler.close_connection = True

    return answer


def test_motion_jpeg_over_http(server: Loopback) -> None:
    address = server.at("/camera", motion_jpeg(60))
    with open_source(address) as source:
        assert source.info.live
        frames = read_until_failure(source, "was lost")
    numbers = [number_of(frame.image) for frame in frames]
    assert len(numbers) > 2
    assert numbers == sorted(set(numbers))
    assert numbers[-1] == 59
    assert all(a.pts < b.pts for a, b in pairwise(frames))


def test_a_video_file_over_http_is_read_like_a_file(server: Loopback, tmp_path: Path) -> None:
    content = write_video(tmp_path / "a.mp4", constant(60, Fraction(30))).read_bytes()
    address = server.at("/a.mp4", serve(content, heed_if_range=False))
    with open_source(address) as source:
        assert not source.info.live
        assert [number_of(frame.image) for frame in iter(source.read, None)] == list(range(60))
        source.seek(Fraction(1))
        frame = source.read()
        assert frame is not None
        assert number_of(frame.image) == 30


def test_a_finite_stream_comes_at_its_own_speed(server: Loopback, tmp_path: Path) -> None:
    content = write_video(tmp_path / "a.mp4", constant(30, Fraction(30)), container={"movflags": "faststart"})
    address = server.at("/download", serve(content.read_bytes(), heed_if_range=False))
    began = time.monotonic()
    with open_source(address) as source:
        assert source.info.live
        frames = list(iter(source.read, None))
    assert time.monotonic() - began > 0.9
    assert frames[-1].seq == 29


def live_playlist(server: Loopback, folder: Path, seconds: int) -> str:
    """Serve a live HLS stream: segments of one second, of which the last three are listed."""
    began = time.monotonic()

    def playlist(handler: Handler, request: Request) -> None:
        first = min(int(time.monotonic() - began), seconds - 3)
        head = f"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:{first}\n"
        lines = [f"#EXTINF:1.0,\nsegment{k}.ts\n" for k in range(first, first + 3)]
        data = (head + "".join(lines)).encode()
        handler.head(200, Content_Length=len(data), Content_Type="application/vnd.apple.mpegurl")
        handler.body(request, data)

    for k in range(seconds):
        times = [k + i / Fraction(30) for i in range(30)]
        segment = write_video(folder / f"segment{k}.ts", times, first=30 * k)
        server.at(f"/segment{k}.ts", serve(segment.read_bytes(), heed_if_range=False))
    return server.at("/live.m3u8", playlist)


def test_segments_are_played_at_their_own_speed(server: Loopback, tmp_path: Path) -> None:
    with open_source(live_playlist(server, tmp_path, 8)) as source:
        assert source.info.live
        frames = [source.read() for _ in range(60)]
    numbers = [number_of(frame.image) for frame in frames if frame]
    assert len(numbers) == 60
    seconds = float(frames[-1].pts - frames[0].pts)
    assert seconds > 0.7 * (numbers[-1] - numbers[0]) / 30, "not as fast as they can be fetched"
    assert numbers[-1] - numbers[0] < 90, "nearly every one is seen"


@pytest.mark.parametrize("trouble", [status(500), status(404), hang], ids=["500", "404", "hangs"])
def test_a_stream_of_segments_that_was_away_comes_back(
    server: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: Answer
) -> None:
    monkeypatch.setattr(live, "FIRST_RETRY_S", 0.2)
    for module in (live, network):
        monkeypatch.setattr(module, "STALL_S", 2.0)
    with open_source(live_playlist(server, tmp_path, 20), reconnect_s=60) as source:
        before = [source.read() for _ in range(20)][-1]
        good = dict(server.answers)
        server.answers.update({path: [trouble] for path in good})

        def mend() -> None:
            until(lambda: source.outage)
            server.answers.update(good)

        thread = threading.Thread(target=mend)
        thread.start()
        while source.missed == 0:
            after = source.read()
        thread.join()
        assert source.outage is None
    assert before is not None
    assert after is not None
    assert after.pts > before.pts
    assert after.seq > before.seq + 1


def test_only_one_variant_of_a_playlist_is_fetched(server: Loopback, tmp_path: Path) -> None:
    quarter, last = Fraction(1, 4), 11
    head = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:0\n"
    for name, size in (("low", (32, 128)), ("high", (64, 256))):
        lines = []
        for k in range(last + 1):
            times = [k * quarter + time for time in constant(5, Fraction(20))]
            segment = write_video(tmp_path / f"{name}{k}.ts", times, rate=Fraction(20), size=size)
            server.at(f"/{name}{k}.ts", serve(segment.read_bytes(), heed_if_range=False))
            lines.append(f"#EXTINF:0.25,\n{name}{k}.ts\n")
        server.at(f"/{name}.m3u8", serve((head + "".join(lines) + "#EXT-X-ENDLIST\n").encode()))
    master = "".join(f"#EXT-X-STREAM-INF:BANDWIDTH=90000\n{name}.m3u8\n" for name in ("low", "high"))
    with open_source(server.at("/film.m3u8", serve(f"#EXTM3U\n{master}".encode()))) as source:
        frames = list(iter(source.read, None))
    assert {frame.size for frame in frames} == {source.info.size}
    fetched = {request.path for request in server.requests}
    assert len(fetched & {f"/low{last}.ts", f"/high{last}.ts"}) == 1


def test_a_camera_that_drops_and_stalls_comes_back(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "FIRST_RETRY_S", 0.1)
    for module in (live, network):
        monkeypatch.setattr(module, "STALL_S", 0.5)
    answers = [
        motion_jpeg(30),  # the connection is closed
        motion_jpeg(10, then_hang=True),
        status(503),
        status(404),
        motion_jpeg(30, size=(64, 256)),
    ]
    with open_source(server.at("/camera", *answers), reconnect_s=60) as source:
        frames = []
        while not frames or frames[-1].size != (64, 256):
            frames.append(source.read())
        assert source.missed >= 2
    assert len(server.requests) == 5
    assert all(a.pts < b.pts and a.seq < b.seq for a, b in pairwise(frames))


def test_a_download_that_breaks_goes_on(server: Loopback, tmp_path: Path) -> None:
    content = write_video(
        tmp_path / "a.mp4", constant(200, Fraction(30)), container={"movflags": "faststart"}
    ).read_bytes()
    whole = serve(content, heed_if_range=False)
    address = server.at("/a.mp4", serve(content, heed_if_range=False, stop=len(content) // 2), whole)
    with open_source(address) as source:
        assert [number_of(frame.image) for frame in iter(source.read, None)] == list(range(200))
        assert source.problem is None


def test_a_download_that_stops_at_its_beginning_is_told(
    server: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPEN_S", "STALL_S"):
        monkeypatch.setattr(network, name, 0.5)
    content = write_video(
        tmp_path / "a.mp4", constant(200, Fraction(30)), container={"movflags": "faststart"}
    ).read_bytes()
    address = server.at("/a.mp4", hang_after(content, content.index(b"mdat") + 200))
    with pytest.raises(SourceError, match=r"…@127.*did not open within 0\.5 s"):
        open_source(address.replace("://", "://me:secret@"))
    with pytest.raises(SourceError, match=r"^a\.mp4 cannot be read on"):
        VideoFile("a.mp4", lambda: network.connect(address))


def test_cancel_ends_the_wait_for_a_remote_file(server: Loopback, tmp_path: Path) -> None:
    cancel = threading.Event()
    threading.Timer(0.2, cancel.set).start()
    began = time.monotonic()
    with pytest.raises(SourceError, match="was cancelled"):
        open_source(server.at("/a.mp4", hang), cancel)
    assert time.monotonic() - began < 5


def test_a_camera_that_falls_silent_is_given_up(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "STALL_S", 0.5)
    monkeypatch.setattr(network, "STALL_S", 0.5)
    with open_source(server.at("/camera", motion_jpeg(40, then_hang=True))) as source:
        assert len(read_until_failure(source, "has sent no")) > 0


def test_a_server_that_never_answers(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "OPEN_S", 0.5)
    for path in ("/camera", "/a.mp4"):
        with pytest.raises(SourceError, match=r"has sent nothing for too long|did not open within"):
            open_source(server.at(path, hang))


@pytest.mark.parametrize(
    ("code", "words"), [(401, "check user name and password"), (404, "Not Found"), (500, "cannot be opened")]
)
def test_what_the_server_says_is_told_without_the_password(server: Loopback, code: int, words: str) -> None:
    address = server.at("/camera", status(code)).replace("://", "://admin:s3cret@")
    with pytest.raises(SourceError) as caught:
        open_source(address)
    assert words in str(caught.value)
    assert "s3cret" not in "".join(traceback.format_exception(caught.value))
    assert "127.0.0.1" in str(caught.value)


def test_a_page_instead_of_a_stream(server: Loopback) -> None:
    page = serve(b"<html><body>Welcome</body></html>" * 50)
    for path in ("/camera", "/a.mp4"):
        with pytest.raises(SourceError, match="sends no video: give the address of the stream itself"):
            open_source(server.at(path, page))


def test_the_name_of_a_stream_has_no_password(server: Loopback) -> None:
    address = server.at("/camera", motion_jpeg(60)).replace("://", "://admin:s3cret@")
    with open_source(address) as source:
        frame = source.read()
        assert frame is not None
        assert source.info.name == frame.source_id == redact(address)
        assert "s3cret" not in source.info.name


def test_nobody_listens() -> None:
    for scheme in ("rtsp", "http"):
        with pytest.raises(SourceError, match="cannot be opened"):
            open_source(f"{scheme}://127.0.0.1:1/x")


def test_redact() -> None:
    assert redact("rtsp://u:p@host/x http://host/y@z") == "rtsp://…@host/x http://host/y@z"
    assert redact("rtsp://host:554/x") == "rtsp://host:554/x"
    assert redact("rtsp://u:p@ss@host/x") == "rtsp://…@host/x"
    assert redact("rtsp://u:p/s s?#@host/x") == "rtsp://…@host/x"
    assert redact("http://host:80/~me@home") == "http://host:80/~me@home"
    assert redact("http://[::1]:80/me@home") == "http://[::1]:80/me@home"
    assert redact("rtsp://host: no answer to a@b") == "rtsp://host: no answer to a@b"
    assert redact("http://host/a?size=2&user=me&PWD=x;y#z") == "http://host/a?size=2&user=…&PWD=…#z"
    assert redact("http://host/a.mp4?Token=abc failed") == "http://host/a.mp4?Token=… failed"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", True),
        ("screen", True),
        ("screen:2", True),
        ("testcard", False),
        ("testcard:3", False),
        ("screen@64x48+0+0", True),
        ("0@1280x720@30", True),
        ("rtsp://host/film.mp4", True),
        ("https://host/live.m3u8", True),
        ("https://host/a.mp4?token=1", False),
        ("*.png", False),
        ("Some Camera", True),
        (__file__, False),
        (str(Path(__file__).parent), False),
        (Path(__file__).as_uri(), False),
    ],
)
def test_is_live_is_known_before_opening(text: str, expected: bool) -> None:
    assert is_live(text) is expected
