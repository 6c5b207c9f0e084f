"""Choosing sources: by menu, address, paste, and what was open before."""

from __future__ import annotations

import base64
import socket
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import cv2
import pytest
from PySide6.QtCore import QMimeData, QSettings, QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu

from tests.clips import write_clip
from tests.gui.conftest import close, spin, until
from tests.loopback import Handler, Request, loopback_server
from tests.media import constant, picture, variable, write_video
from yolact_live import capture
from yolact_live.assets import asset
from yolact_live.capture import Listed
from yolact_live.capture.modes import Mode
from yolact_live.gui.address import Address, with_login
from yolact_live.gui.recent import Recent
from yolact_live.gui.sources import source_in
from yolact_live.gui.toolbar import REFRESH_MS
from yolact_live.gui.window import Window
from yolact_live.settings import Settings
from yolact_live.settings_file import SettingsFile

OpenWindow = Callable[..., Window]
WEBCAM = Listed(
    "R&D Webcam",
    "R&D Webcam",
    "camera",
    0,
    (Mode(width=1920, height=1080), Mode(width=640, height=480, rate=0)),
)
CARD = Listed("testcard", "Moving shapes", "test card")


def texts(menu: QMenu) -> list[str]:
    return [action.text() for action in menu.actions() if not action.isSeparator()]


def pick(menu: QMenu, text: str) -> None:
    next(action for action in menu.actions() if action.text() == text).trigger()


def fill(window: Window) -> QMenu:
    window.tools.open.aboutToShow.emit()
    return window.tools.open


def chosen(window: Window) -> list[str]:
    """Note what a person chooses, instead of opening it."""
    sources: list[str] = []
    window.sources.chosen.disconnect(window.open)
    window.sources.chosen.connect(sources.append)
    return sources


def dialog(window: Window) -> Address:
    (one,) = window.findChildren(Address)
    return one


# ---------------------------------------------------------------- cameras


def test_cameras_are_offered_with_what_they_can_do(
    open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capture, "list_sources", lambda: [WEBCAM, CARD])
    window = open_window()
    sources = chosen(window)
    menu = window.tools.cameras
    menu.aboutToShow.emit()
    until(lambda: "R&&D Webcam" in texts(menu))
    assert texts(menu) == ["R&&D Webcam", "R&&D Webcam at", "Moving shapes"]
    (modes,) = menu.findChildren(QMenu)
    assert texts(modes) == ["1920 × 1080 · 30 fps", "640 × 480"]
    pick(menu, "R&&D Webcam")
    pick(modes, "1920 × 1080 · 30 fps")
    pick(modes, "640 × 480")
    assert sources == ["R&D Webcam", "R&D Webcam@1920x1080@30", "R&D Webcam@640x480"]


def test_a_camera_that_is_plugged_in_appears_in_the_open_list(
    open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = [CARD]
    monkeypatch.setattr(capture, "list_sources", lambda: list(there))
    window = open_window()
    menu = window.tools.cameras
    menu.popup(window.mapToGlobal(window.rect().center()))
    until(lambda: "Moving shapes" in texts(menu))
    first = menu.actions()[0]
    assert first.text() == "No camera found"
    spin(REFRESH_MS / 1000 + 0.5)
    assert menu.actions()[0] is first, "an unchanged list is left alone"
    there.insert(0, WEBCAM)
    until(lambda: "R&&D Webcam" in texts(menu))
    there.remove(WEBCAM)
    until(lambda: "R&&D Webcam" not in texts(menu))
    until(lambda: len(menu.findChildren(QMenu)) == 0)
    menu.hide()


# ---------------------------------------------------------------- files, folders, addresses


def test_a_folder_is_chosen(open_window: OpenWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    window = open_window()
    sources = chosen(window)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    window.actions_by_name["open_folder"].trigger()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "")
    window.actions_by_name["open_folder"].trigger()
    assert sources == [str(tmp_path)]


def test_an_address_is_chosen_with_its_login(open_window: OpenWindow) -> None:
    window = open_window()
    sources = chosen(window)
    QGuiApplication.clipboard().setText("rtsp://camera.local/live")
    window.actions_by_name["open_address"].trigger()
    asked = dialog(window)
    open_button = asked.buttons.button(asked.buttons.StandardButton.Open)
    assert asked.address.text() == "rtsp://camera.local/live", "it was on the clipboard"
    for text in ("", "camera.local", "rtsp://"):
        asked.address.setText(text)
        assert not open_button.isEnabled(), text
    asked.address.setText("rtsp://old@camera.local/live?a=b/c@d")
    asked.user.setText("me")
    asked.password.setText("p/a:s@s #1")
    open_button.click()
    assert sources == ["rtsp://me:p%2Fa%3As%40s%20%231@camera.local/live?a=b/c@d"]
    assert with_login("http://host/x", "", "ignored") == "http://host/x"


@pytest.mark.parametrize(
    "address", ["http://h/a%20b.m3u8?x=%2F", "rtsp://me:p%40q@h/live", "http://h/ä.mjpg"]
)
def test_a_dropped_address_stays_as_it_is(address: str) -> None:
    data = QMimeData()
    data.setUrls([QUrl(address)])
    assert source_in(data) == address.replace("ä", "%C3%A4")
    data = QMimeData()
    data.setText(address)
    assert source_in(data) == address


# ---------------------------------------------------------------- what was open before


def test_recent_sources_come_back_at_the_next_start(
    open_window: OpenWindow, tiny: Settings, tmp_path: Path
) -> None:
    clips = [str(write_clip(tmp_path / name, frames=10)) for name in ("one & two.mp4", "three.mp4")]
    window = open_window(tiny, SettingsFile())
    assert texts(fill(window)) == ["Open file…", "Open folder…", "Open address…", "Paste path or address"]
    for clip in (*clips, str(tmp_path / "missing.mp4"), clips[0]):
        window.open(clip)
        until(lambda: window.view.has_picture or "source" in window.banners.shown)
    assert window.sources.recent.sources == [clips[0], clips[1]], "each once, only what could be opened"
    close(window)
    again = open_window(tiny, SettingsFile())
    menu = fill(again)
    assert [text.split("  ")[0] for text in texts(menu)[4:]] == ["one && two.mp4", "three.mp4", "Clear list"]
    pick(menu, texts(menu)[5])
    until(lambda: again.view.has_picture)
    assert again.session.source == clips[1]
    pick(fill(again), "Clear list")
    assert len(texts(fill(again))) == 4
    assert Recent(kept=True).sources == []


def test_the_list_of_recent_sources_ends_and_one_is_a_list(open_window: OpenWindow) -> None:
    open_window()
    recent = Recent(kept=True)
    recent.add("testcard")
    assert Recent(kept=True).sources == ["testcard"]
    recent.add(str(asset("demo.mp4")))
    assert recent.sources == ["testcard"], "the demo clip is no choice of a person"
    for i in range(30):
        recent.add(f"testcard:{i}")
    assert recent.sources == Recent(kept=True).sources == [f"testcard:{i}" for i in range(29, 17, -1)]
    assert Recent(kept=False).sources == []


def test_passwords_are_asked_for_again_and_kept_nowhere(open_window: OpenWindow, home: Path) -> None:
    window = open_window(Settings(), SettingsFile())
    sources = chosen(window)
    secret = "rtsp://bob:geheim@camera.local/live"
    window.sources.recent.add(secret)
    pick(fill(window), "rtsp://…@camera.local/live")
    assert sources.pop() == secret, "as long as the window is there"
    close(window)
    QSettings().sync()
    assert not [path for path in home.rglob("*") if path.is_file() and b"geheim" in path.read_bytes()]
    again = open_window(Settings(), SettingsFile())
    sources = chosen(again)
    pick(fill(again), "rtsp://…@camera.local/live")
    asked = dialog(again)
    assert asked.address.text() == "rtsp://camera.local/live"
    asked.user.setText("bob")
    asked.password.setText("geheim")
    asked.accept()
    assert sources == [secret]


def test_a_secret_in_the_middle_of_an_address_must_be_given_again(open_window: OpenWindow) -> None:
    window = open_window()
    window.sources.recent.add("http://camera.local/video?pwd=geheim&size=2")
    window.sources.recent._full.clear()
    window.sources.again(window.sources.recent.sources[0])
    asked = dialog(window)
    assert asked.address.text() == "http://camera.local/video?pwd=…&size=2"
    assert not asked.buttons.button(asked.buttons.StandardButton.Open).isEnabled()
    asked.reject()


# ---------------------------------------------------------------- opening


def test_opening_can_be_cancelled(open_window: OpenWindow, tiny: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        window = open_window(tiny)
        window.open(f"http://bob:geheim@127.0.0.1:{silent.getsockname()[1]}/live")
        assert "Opening http://…@127.0.0.1" in window.view.title
        assert "Press S to cancel" in window.view.hint
        assert "geheim" not in window.windowTitle() + window.view.title
        until(lambda: window.session.pipeline and window.session.state == "opening")
        silent.accept()
        stop = window.actions_by_name["stop"]
        until(lambda: stop.isEnabled())
        stop.trigger()
        until(lambda: not window.session.player.busy)
        assert window.view.title == "Stopped"
        assert not window.banners.shown
        assert window.sources.recent.sources == []


def test_a_stream_that_refuses_access_asks_for_a_login(open_window: OpenWindow, tiny: Settings) -> None:
    jpeg = cv2.imencode(".jpg", picture(1))[1].tobytes()
    wanted = "Basic " + base64.b64encode(b"bob:ge/h eim").decode()

    def answer(handler: Handler, request: Request) -> None:
        if request.headers.get("Authorization") != wanted:
            handler.head(401, WWW_Authenticate='Basic realm="camera"', Content_Length=0)
            return
        handler.head(200, Content_Type="multipart/x-mixed-replace; boundary=frame", Connection="close")
        while not handler.server.loopback.closing.wait(0.05) and not handler.wfile.closed:
            head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n".encode()
            try:
                handler.wfile.write(head + jpeg + b"\r\n")
            except OSError:
                break
        handler.close_connection = True

    with loopback_server() as server:
        window = open_window(tiny)
        window.open(server.at("/live", answer).replace("://", "://bob:wrong@"))
        until(lambda: "source" in window.banners.shown)
        banner = window.banners.shown["source"]
        assert "refuses access" in banner.text
        assert "wrong" not in banner.text
        banner.button.click()
        asked = dialog(window)
        assert asked.address.text() == server.url + "/live"
        asked.user.setText("bob")
        asked.password.setText("ge/h eim")
        asked.accept()
        until(lambda: window.view.has_picture)
        assert not window.banners.shown
        assert window.windowTitle().startswith("http://…@127.0.0.1")
        window.session.stop()
        until(lambda: not window.session.player.busy)


def test_the_status_tells_a_rate_that_varies_and_interlacing(
    open_window: OpenWindow, tiny: Settings, tmp_path: Path
) -> None:
    window = open_window(tiny)
    options = {"preset": "ultrafast", "x264-params": "interlaced=1"}
    interlaced = write_video(
        tmp_path / "a.mp4", constant(20, Fraction(25)), rate=Fraction(25), options=options
    )
    varying = write_video(tmp_path / "b.mp4", variable(20))
    for path, words in ((interlaced, "a.mp4 · 128 × 32i · 25 fps"), (varying, "b.mp4 · 128 × 32 · ≈ ")):
        window.open(str(path))
        until(lambda path=path: window.view.has_picture and window.status.source.text().startswith(path.name))
        assert words in window.status.source.text()


def test_a_long_address_does_not_make_the_menu_wide(open_window: OpenWindow) -> None:
    window = open_window()
    window.sources.recent.add(f"http://camera.local/{'x' * 500}/end")
    (text,) = (text for text in texts(fill(window)) if text.startswith("http"))
    assert text.endswith("/end")
    assert len(text) < 150
