"""The parts of the window by themselves."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as checked
from hypothesis import strategies as st
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QImage, QKeySequence, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.gui.conftest import until
from tests.options import another
from yolact_live.assets import asset
from yolact_live.errors import UsageError
from yolact_live.gui import theme
from yolact_live.gui.actions import ACTIONS
from yolact_live.gui.chosen import Chosen
from yolact_live.gui.go_to import parse_time
from yolact_live.gui.panels.controls import Choice, Duration, Level
from yolact_live.gui.panels.form import SettingsPanel
from yolact_live.gui.seek_bar import clock
from yolact_live.gui.sources import short_name, source_in
from yolact_live.gui.status import _drops
from yolact_live.gui.tasks import Tasks
from yolact_live.gui.transport import Transport
from yolact_live.gui.video_view import VideoView
from yolact_live.gui.viewport import Viewport
from yolact_live.gui.window import Window
from yolact_live.record.output import free_name
from yolact_live.settings import Settings, option_of
from yolact_live.types import Instances

# ---------------------------------------------------------------- theme


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, WCAG 2.1."""

    def luminance(colour: str) -> float:
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colours", [theme.LIGHT, theme.DARK], ids=lambda colours: colours.name)
def test_every_text_can_be_read(colours: theme.Theme) -> None:
    for background in (colours.window, colours.surface, colours.field, colours.hover):
        assert contrast(colours.text, background) >= 4.5
        assert contrast(colours.muted, background) >= 4.5
    assert contrast(colours.alert, colours.surface) >= 4.5
    assert contrast(colours.accent, colours.field) >= 4.5, "what can be clicked in a list"
    assert contrast(colours.on_accent, colours.accent) >= 4.5
    assert contrast(colours.accent, colours.surface) >= 3, "controls need 3:1"
    for background, text in colours.banners.values():
        assert contrast(text, background) >= 4.5
    for text in (theme.VIDEO_TEXT, theme.VIDEO_MUTED):
        assert contrast(text, theme.VIDEO_BACKGROUND) >= 4.5


@pytest.mark.parametrize("name", ["light", "dark"])
def test_the_environment_overrules_the_system(
    application: QApplication, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(theme.ENVIRONMENT, name)
    assert theme.current().name == name


@pytest.mark.parametrize("name", sorted(path.stem for path in asset("icons").glob("*.svg")))
def test_every_icon_draws(application: QApplication, name: str) -> None:
    image = theme.picture(name, "#123456", 48).toImage()
    assert any(image.pixelColor(x, y).alpha() > 200 for x in range(48) for y in range(48))


# ---------------------------------------------------------------- actions


def test_no_two_actions_share_a_key() -> None:
    keys = Counter(QKeySequence(key).toString() for spec in ACTIONS for key in spec.keys)
    assert all(count == 1 for count in keys.values()), keys
    assert "" not in keys, "every key is known to Qt"


def test_every_action_can_be_done_and_has_its_icon(open_window: Callable[..., Window]) -> None:
    doers = open_window().doers
    settings = {field.name for field in dataclasses.fields(Settings)}
    for spec in ACTIONS:
        assert spec.setting in settings if spec.setting else callable(getattr(doers[spec.group], spec.name))
        assert not spec.icon or asset("icons", f"{spec.icon}.svg").exists()


# ---------------------------------------------------------------- settings


def every_setting(chosen: Chosen) -> SettingsPanel:
    return SettingsPanel(chosen, {"All": [field.name for field in dataclasses.fields(Settings)]})


def test_every_setting_has_a_control_that_shows_and_changes_it(application: QApplication) -> None:
    chosen = Chosen(Settings())
    panel = every_setting(chosen)
    for field in dataclasses.fields(Settings):
        control = panel.controls[field.name]
        assert control.value() == field.default
        assert control.toolTip() == option_of(field).help
        other = another(field)
        control.set_value(other)
        assert chosen.settings == Settings(), "only a person's change counts"
        control.changed.emit()
        assert getattr(chosen.settings, field.name) == other
        chosen.set(Settings())
        assert control.value() == field.default


def test_slider_and_number_agree(application: QApplication) -> None:
    control = every_setting(Chosen(Settings())).controls["score"]
    assert isinstance(control, Level)
    seen: list[float] = []
    control.changed.connect(lambda: seen.append(control.value()))
    control.slider.setValue(60)
    assert (control.spin.value(), seen) == (0.6, [0.6])
    control.spin.setValue(0.25)
    assert (control.slider.value(), seen) == (25, [0.6, 0.25])


def test_a_value_that_the_schema_refuses_is_told_and_not_taken(application: QApplication) -> None:
    chosen = Chosen(Settings())
    errors: list[UsageError] = []
    chosen.rejected.connect(errors.append)
    precision = every_setting(chosen).controls["precision"]
    assert isinstance(precision, Choice)
    precision.set_value("f8")
    precision.changed.emit()
    assert "f8" in str(errors[0])
    assert chosen.settings == Settings()
    assert precision.value() == Settings.precision, "it shows what holds"


def test_choices_can_be_renewed_and_the_chosen_one_stays(application: QApplication) -> None:
    device = every_setting(Chosen(Settings(device="NPU"))).controls["device"]
    assert isinstance(device, Choice)
    device.set_choices([("AUTO", "Automatic"), ("CPU", "CPU: a processor")])
    assert device.value() == "NPU"
    assert device.box.itemText(device.box.findData("CPU")) == "CPU: a processor"


def test_a_time_is_chosen_in_the_units_that_people_use(application: QApplication) -> None:
    control = every_setting(Chosen(Settings(reconnect=86_400))).controls["reconnect"]
    assert isinstance(control, Duration)
    assert control.box.currentText() == "1 day"
    assert [text for _, text in control.choices()][:4] == ["never", "10 seconds", "30 seconds", "1 minute"]
    control.set_value(5400)
    assert (control.value(), control.box.currentText()) == (5400, "90 minutes")


# ---------------------------------------------------------------- picture


def show(view: VideoView, picture: np.ndarray, instances: Instances | None = None) -> QImage:
    """Let a view show a picture; return what is then seen."""
    painted = view.painted
    view.show_picture(picture, instances)
    until(lambda: (view.poll(), view.grab(), view.painted > painted)[2])
    return view.grab().toImage()


@pytest.mark.parametrize("size", [(400, 300), (401, 203), (120, 300)])
def test_the_picture_is_upright_in_its_colours_and_aspect(
    application: QApplication, size: tuple[int, int]
) -> None:
    patches = np.zeros((90, 160, 3), np.uint8)
    patches[:45, :80], patches[:45, 80:], patches[45:, :80] = (255, 0, 0), (0, 255, 0), (0, 0, 255)
    view = VideoView()
    view.setMinimumSize(1, 1)
    view.resize(*size)
    image = show(view, patches)
    ratio = image.devicePixelRatio()
    width, height = size[0] * ratio, size[1] * ratio
    scale = min(width / 160, height / 90)
    left, top = (width - 160 * scale) / 2, (height - 90 * scale) / 2

    def colour(x: float, y: float) -> str:
        return image.pixelColor(round(left + x * scale), round(top + y * scale)).name()

    assert [colour(20, 20), colour(140, 20), colour(20, 70), colour(140, 70)] == [
        "#0000ff",
        "#00ff00",
        "#ff0000",
        "#000000",
    ]
    if left > 2:
        assert image.pixelColor(round(left) - 2, round(height / 2)).name() == theme.VIDEO_BACKGROUND
    if top > 2:
        assert image.pixelColor(round(width / 2), round(top) - 2).name() == theme.VIDEO_BACKGROUND


def test_a_picture_is_scaled_once_however_often_it_is_painted(application: QApplication) -> None:
    view = VideoView()
    view.resize(340, 200)
    show(view, np.full((100, 160, 3), 90, np.uint8))
    shot = view._shot
    view.grab()
    view.poll()
    view.grab()
    assert view._shot is shot
    assert view.painted == 1
    view.resize(330, 180)
    view.poll()
    until(lambda: (view.poll(), view._shot is not shot)[1])
    view.grab()
    assert view.painted == 1
    view.shut()


def test_a_fine_pattern_is_averaged_when_it_is_made_small(application: QApplication) -> None:
    stripes = np.zeros((800, 1200, 3), np.uint8)
    stripes[:, ::2] = 255
    view = VideoView()
    view.setMinimumSize(1, 1)
    view.resize(250, 200)
    image = show(view, stripes)
    row = [image.pixelColor(x, image.height() // 2).red() for x in range(20, image.width() - 20)]
    assert 110 < min(row) <= max(row) < 145


def test_the_part_that_is_looked_at_is_where_the_pointer_is() -> None:
    port = Viewport()
    port.room, port.picture = (800, 600), (1600, 900)
    port.fit()
    assert port.scale == 0.5
    assert port.to_room(0, 0) == (0, 75)
    at = port.to_picture(200, 300)
    port.set_zoom(3.0, (200, 300))
    assert port.to_picture(200, 300) == pytest.approx(at)
    port.pan(-10_000, 0)
    assert port.to_room(1600, 0)[0] == pytest.approx(800), "not past the edge"
    port.set_zoom(0.01)
    assert port.scale == 0.5, "never smaller than what fits"
    port.set_zoom(4.0)
    port.set_picture(1600, 900)
    assert port.scale == 4, "the next frame keeps it"
    port.set_picture(640, 480)
    assert port.zoom is None


@checked(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    room=st.tuples(st.integers(1, 4000), st.integers(1, 3000)),
    picture=st.tuples(st.integers(1, 4000), st.integers(1, 3000)),
    moves=st.lists(st.tuples(st.floats(0.1, 10), st.floats(-500, 500), st.floats(-500, 500)), max_size=6),
)
def test_what_is_seen_is_inside_the_picture_and_the_room(
    room: tuple[int, int], picture: tuple[int, int], moves: list[tuple[float, float, float]]
) -> None:
    port = Viewport()
    port.room = room
    port.set_picture(*picture)
    for factor, dx, dy in moves:
        port.set_zoom(port.scale * factor, (room[0] / 3, room[1] / 4))
        port.pan(dx, dy)
    seen, goes = port.visible()
    assert 0 <= seen.x1 < seen.x2 <= picture[0]
    assert 0 <= seen.y1 < seen.y2 <= picture[1]
    assert goes.x1 < goes.x2
    margin = port.scale + 1
    assert goes.x1 > -margin
    assert goes.x2 < room[0] + margin
    assert goes.y1 > -margin
    assert goes.y2 < room[1] + margin


def square(size: int = 100, identity: int = 7) -> Instances:
    """One person whose mask is the middle of the picture."""
    prototypes = np.full((10, 10, 1), 0.0, np.float32)
    prototypes[3:7, 3:7] = 1
    return Instances(
        boxes=np.array([[0, 0, size, size]], np.float32),
        scores=np.array([0.5], np.float32),
        labels=np.zeros(1, np.int32),
        ids=np.array([identity]),
        coefficients=np.array([[9]], np.float32),
        crops=np.array([[0, 0, 10, 10]], np.int32),
        prototypes=prototypes - 0.5,
        size=(size, size),
        names=("person",),
    )


def test_the_instance_under_the_pointer_is_named_and_a_click_follows_it(application: QApplication) -> None:
    view, black = VideoView(), np.zeros((100, 100, 3), np.uint8)
    view.resize(400, 400)
    view.show()
    show(view, black, square())
    QTest.mouseMove(view, QPoint(20, 20))
    QTest.mouseMove(view, QPoint(200, 200))
    until(lambda: (view.poll(), view.pointed)[1])
    assert view.pointed.name == "person 7"
    assert view.pointed.area == np.count_nonzero(square().mask(0))
    edge = [view.grab().toImage().pixelColor(x, 200).red() for x in range(60, 200)]
    assert max(edge) > 200, "its outline is seen"
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(200, 200))
    until(lambda: (view.poll(), view.pinned)[1])
    QTest.mouseMove(view, QPoint(5, 5))
    until(lambda: (view.poll(), view.pointed is None)[1])
    show(view, black.copy(), square(identity=8))
    assert view.pinned.identity == 7, "it is remembered while it is out of sight"
    view.pin_next()
    assert view.pinned.identity == 8
    view.pin_next()
    assert view.pinned is None
    view.shut()


def test_the_wheel_enlarges_what_is_under_it_and_dragging_moves_it(application: QApplication) -> None:
    half = np.zeros((100, 100, 3), np.uint8)
    half[:, 50:] = 255
    view = VideoView()
    view.resize(400, 400)
    view.show()
    show(view, half)
    point = QPointF(300, 200)
    for _ in range(8):
        view.wheelEvent(
            QWheelEvent(
                point, view.mapToGlobal(point), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
                Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
            )
        )  # fmt: skip
    until(lambda: (view.poll(), view.grab().toImage().pixelColor(10, 200).red() == 255)[1])
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(20, 200))
    for x in range(20, 380, 20):
        QTest.mouseMove(view, QPoint(x, 200))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(380, 200))
    until(lambda: (view.poll(), view.grab().toImage().pixelColor(10, 200).red() == 0)[1])
    assert view.viewport.scale > 4

    def levels() -> set[int]:
        view.poll()
        image = view.grab().toImage()
        return {image.pixelColor(x, 200).red() for x in range(image.width())}

    until(lambda: levels() == {0, 255})  # enlarged so much, pixels are not blended
    assert view.pinned is None
    view.zoom_fit()
    assert view.viewport.scale == 4
    view.shut()


# ---------------------------------------------------------------- transport


def test_times_as_people_write_them() -> None:
    assert [clock(s) for s in (0, 9.99, 65, 3600, 36125)] == ["0:00", "0:09", "1:05", "1:00:00", "10:02:05"]


def test_times_as_people_type_them() -> None:
    length = Fraction(4000)
    for text, seconds in {
        "90": 90,
        " 1:30 ": 90,
        "1:00:00.25": Fraction("3600.25"),
        "2,5 s": Fraction(5, 2),
        "50%": 2000,
    }.items():
        assert parse_time(text, length) == seconds
    for text in ("", "soon", "1:2:3:4", "-5", "1:"):
        assert parse_time(text, length) is None


def test_frames_from_before_a_seek_do_not_move_the_bar(application: QApplication) -> None:
    actions = Window(Settings())
    transport = Transport(actions.actions_by_name)
    wanted: list[Fraction] = []
    transport.sought.connect(lambda pts, patience_s: wanted.append(pts))
    transport.set_source(None, Fraction(60))
    transport.set_position(Fraction(3))
    transport.seek(Fraction(40))
    assert wanted == [40]
    transport.set_position(Fraction(31, 10))
    assert transport.position == 40
    transport.set_position(Fraction(401, 10))
    transport.set_position(Fraction(41))
    assert transport.position == 41
    transport.seek(Fraction(100))
    assert wanted[-1] == 60, "the end is the farthest"
    actions.close()
    until(lambda: not actions.session.player.busy and not actions.tasks.busy)


# ---------------------------------------------------------------- small things


def test_drops_are_told_by_cause() -> None:
    assert _drops({"stale": 0}) == []
    assert _drops({"stale": 1200}) == ["dropped 1,200 (too late)"]
    assert _drops({"stale": 10, "record full": 2, "still": 7}) == [
        "dropped 12 (10 too late, 2 recording too slow)",
        "skipped 7",
    ]


def test_sources_as_they_are_handed_over(tmp_path: Path) -> None:
    def text(words: str) -> QMimeData:
        data = QMimeData()
        data.setText(words)
        return data

    urls = QMimeData()
    urls.setUrls([QUrl.fromLocalFile(str(tmp_path / "my film.mp4")), QUrl("https://b")])
    assert source_in(urls) == str(tmp_path / "my film.mp4")
    assert source_in(text('  "/films/a b.mp4" \n')) == "/films/a b.mp4"
    assert source_in(text("file:///films/a%20b.mp4")) == "/films/a b.mp4"
    assert source_in(text("rtsp://user:secret@host/live")) == "rtsp://user:secret@host/live"
    assert source_in(text(" \n ")) is None
    assert source_in(None) is None, "the clipboard of a program that has ended"
    assert "secret" not in short_name("rtsp://user:secret@host/live")
    assert short_name("/films/a b.mp4") == "a b.mp4"


def test_no_key_has_two_meanings() -> None:
    owners = Counter(key for spec in ACTIONS for key in spec.keys)
    assert not [key for key, count in owners.items() if count > 1]


def test_names_of_new_files_are_free(tmp_path: Path) -> None:
    seen = set()
    for _ in range(3):
        path = free_name(tmp_path, "street", ".mp4")
        assert re.fullmatch(r"street \d{4}-\d\d-\d\d \d\d-\d\d-\d\d( \(\d\))?\.mp4", path.name)
        assert path not in seen
        seen.add(path)
        path.touch()


def test_tasks_hand_over_results_and_failures_when_asked(application: QApplication) -> None:
    tasks, seen = Tasks(), []
    tasks.run(lambda: 42, seen.append)
    tasks.run(lambda: 1 // 0, seen.append)
    until(lambda: all(future.done() for future, _ in tasks._running))
    assert seen == []
    assert tasks.busy
    tasks.poll()
    assert seen[0] == 42
    assert isinstance(seen[1], ZeroDivisionError)
    assert not tasks.busy
    tasks.close()
