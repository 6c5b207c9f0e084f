"""Who is who: identities, duplicates, skipped frames, steadiness."""

from __future__ import annotations

import pickle
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from tests.track.worlds import SIZE, View, crossing, paint, switches, view
from yolact_live.track.tracker import Tracker
from yolact_live.types import Instances

RATE = 25


def times(count: int, rate: int = RATE) -> list[Fraction]:
    return [Fraction(k, rate) for k in range(count)]


def times_of(count: int) -> list[tuple[int, Fraction]]:
    return list(enumerate(times(count)))


def play(frames: list[View], tracker: Tracker | None = None) -> list[Instances]:
    tracker = tracker or Tracker()
    return [tracker.update(frame.instances, frame.pts, frame.image) for frame in frames]


def walker(k: int) -> tuple[float, float, float]:
    """A disc that walks to the right, 0.2 of the picture a second."""
    return 0.1 + 0.2 * k / RATE, 0.5, 0.08


@pytest.mark.parametrize(
    ("seed", "rate", "seconds"), [(4, 25, 60), (28, 10, 60), (101, 10, 60), (23, 25, 12), (127, 25, 2)]
)
def test_ten_that_cross_keep_their_identities(seed: int, rate: int, seconds: int) -> None:
    frames = list(crossing(seed, rate=rate, seconds=seconds))
    hidden = [seconds - 1 / rate for seconds in switches(frames, play(frames))]
    assert [s for s in hidden if s < 0.5] == []
    assert len([s for s in hidden if s < 1.0]) <= 2


@pytest.mark.parametrize(("seed", "rate"), [(5, 10)])
def test_by_their_motion_alone_they_keep_them_too_where_none_turns_while_hidden(seed: int, rate: int) -> None:
    frames = [replace(frame, image=None) for frame in crossing(seed, rate=rate)]
    hidden = [seconds - 1 / rate for seconds in switches(frames, play(frames))]
    assert [s for s in hidden if s < 0.5] == []
    assert len([s for s in hidden if s < 1.0]) <= 2


def meeting(turn: bool, red_in_front: bool) -> list[View]:
    """A red and a blue disc meet; for a second both are one detection; they pass or turn back."""
    frames = []
    for k, t in enumerate(times(100)):
        path = 0.2 + 0.006 * (k if k < 50 or not turn else 100 - k)
        red, blue = (path, 0.5, 0.12), (1 - path, 0.5, 0.12)
        apart = abs(red[0] - blue[0])
        frame = view({0: (0.5, 0.5, 0.12 + apart / 2)} if apart < 0.15 else {0: red, 1: blue}, t)
        centres, radius = np.array([red[:2], blue[:2]]), np.array([0.12, 0.12])
        order = [0, 1] if red_in_front else [1, 0]
        colours = np.array([[40, 40, 200], [200, 60, 40]])
        frame.image = paint(centres[order], radius, colours[order], float(t))
        frames.append(frame)
    return frames


@pytest.mark.parametrize("turn", [False, True])
@pytest.mark.parametrize("red_in_front", [False, True])
@pytest.mark.parametrize("steady", ["off", "low"])
def test_two_that_were_taken_for_one_come_out_as_themselves(
    turn: bool, red_in_front: bool, steady: str
) -> None:
    frames = meeting(turn, red_in_front)
    results = play(frames, Tracker(steady=steady))
    first, last = results[0], results[-1]
    assert len(first) == len(last) == 2
    left = {int(r.ids[r.boxes[:, 0].argmin()]) for r in results[:5]}
    assert {int(last.ids[last.boxes[:, 0].argmin() if turn else last.boxes[:, 0].argmax()])} == left
    assert len({i for result in results for i in result.ids.tolist()}) == 2


def coloured(seen: dict[int, tuple[float, float, float]], t: Fraction, order: list[int]) -> View:
    """A frame with its picture: discs of fixed colours, of which the first of ``order`` is in front."""
    frame = view(seen, t)
    colours = np.array([[40, 40, 200], [200, 60, 40], [50, 180, 60]])
    discs = np.array([seen[i] for i in order if i in seen])
    frame.image = paint(discs[:, :2], discs[:, 2], colours[[i for i in order if i in seen]], float(t))
    return frame


def test_who_appears_where_another_vanished_is_not_that_one() -> None:
    """One walks behind another, who is lost when the first is seen again at the same place."""
    frames = []
    for k, t in times_of(60):
        front, behind = (0.5, 0.5, 0.1), (min(0.2 + 0.012 * k, 0.5), 0.5, 0.1)
        seen = {1: behind} if k >= 35 else {0: front} | ({1: behind} if k < 20 else {})
        frames.append(coloured(seen, t, [0, 1]))
    results = play(frames)
    front, behind = results[10].ids.tolist()
    assert results[30].ids.tolist() == [front]
    assert {i for result in results[35:] for i in result.ids.tolist()} == {behind}


def test_a_change_of_look_alone_is_no_other_object() -> None:
    frames = [coloured({0: walker(k)}, t, [0]) for k, t in times_of(40)]
    for frame in frames[20:]:
        assert frame.image is not None
        frame.image = np.ascontiguousarray(frame.image[:, :, ::-1])
    assert {i for result in play(frames) for i in result.ids.tolist()} == {0}


def test_a_weak_detection_of_two_others_leads_nobody_astray() -> None:
    """One walks up behind two who stand side by side, and between whom something weak is found."""
    frames = []
    for k, t in times_of(50):
        seen = {0: (0.4, 0.5, 0.12), 1: (0.6, 0.5, 0.12)}
        seen[2] = (0.5, 0.5, 0.1) if 15 <= k < 38 else (0.5, 0.9 - 0.02 * k, 0.1)
        scores = [0.8, 0.7, 0.2 if 15 <= k < 38 else 0.6]
        frame = view(seen, t, scores)
        frame.image = coloured(seen, t, [0, 1, 2]).image
        frames.append(frame)
    results = play(frames)
    assert results[10].ids.tolist() == results[-1].ids.tolist() == [0, 1, 2]


def test_the_same_frames_give_the_same_result() -> None:
    frames = list(crossing(4, seconds=10))
    for steady in ("off", "high"):
        first, second = (play(frames, Tracker(steady=steady)) for _ in range(2))
        for a, b in zip(first, second, strict=True):
            for name in ("boxes", "scores", "ids", "crops"):
                np.testing.assert_array_equal(getattr(a, name), getattr(b, name))
            np.testing.assert_array_equal(a.label_map(90, 160), b.label_map(90, 160))


def test_without_steadiness_what_is_shown_is_what_was_detected() -> None:
    frames = list(crossing(5, seconds=4))
    for frame, result in zip(frames, play(frames), strict=True):
        places = [frame.instances.boxes.tolist().index(box) for box in result.boxes.tolist()]
        assert places == sorted(places)
        np.testing.assert_array_equal(result.scores, frame.instances.scores[places])
        np.testing.assert_array_equal(result.label_map(*SIZE), frame.instances[places].label_map(*SIZE))


def test_a_new_object_shows_in_its_second_frame_at_the_latest() -> None:
    frames = [
        view({0: (0.2, 0.5, 0.1)} | ({1: (0.7, 0.5, 0.1)} if k >= 3 else {}), t)
        for k, t in enumerate(times(6))
    ]
    assert [len(result) for result in play(frames)] == [1, 1, 1, 1, 2, 2]


def test_a_flash_is_not_shown() -> None:
    frames = [
        view({0: (0.2, 0.5, 0.1)} | ({1: (0.7, 0.5, 0.1)} if k == 3 else {}), t)
        for k, t in enumerate(times(8))
    ]
    assert [result.ids.tolist() for result in play(frames)] == [[0]] * 8


@pytest.mark.parametrize(("gap_s", "same"), [(0.2, True), (0.96, True), (1.4, False)])
def test_an_object_that_was_hidden_comes_back_as_itself_within_a_second(gap_s: float, same: bool) -> None:
    gone = range(RATE, RATE + round(gap_s * RATE))
    frames = [view({} if k in gone else {0: walker(k)}, t) for k, t in enumerate(times(80))]
    results = play(frames)
    assert all(len(results[k]) == 0 for k in gone)
    assert results[-1].ids.tolist() == ([0] if same else [1])


def test_seconds_count_not_frames() -> None:
    """At three frames a second, one missed frame is more than half a second."""
    frames = [view({} if k == 4 else {0: (0.3 + 0.02 * k, 0.5, 0.1)}, t) for k, t in enumerate(times(8, 3))]
    assert {i for result in play(frames) for i in result.ids.tolist()} == {0}


def test_weak_detections_keep_an_identity_and_are_not_shown_themselves() -> None:
    weak = range(20, 60)  # longer than the memory
    frames = [view({0: walker(k)}, t, [0.2 if k in weak else 0.8]) for k, t in enumerate(times(80))]
    results = play(frames)
    assert {i for result in results for i in result.ids.tolist()} == {0}
    assert [k for k, result in enumerate(results) if not len(result)] == list(weak)


def test_a_weak_detection_starts_nothing() -> None:
    frames = [view({0: walker(k)}, t, [0.3]) for k, t in enumerate(times(10))]
    assert not any(len(result) for result in play(frames))


def test_a_second_box_on_the_same_person_gets_no_identity() -> None:
    """A part of the disc is detected too, now and then, with a box that NMS keeps."""
    frames = []
    for k, t in enumerate(times(60)):
        both = view({0: (0.5, 0.5, 0.2), 1: (0.5, 0.42, 0.1)}, t, [0.9, 0.5 + 0.1 * (k % 3)])
        frames.append(both if k % 5 < 3 and k else view({0: (0.5, 0.5, 0.2)}, t))
    assert [result.ids.tolist() for result in play(frames)] == [[0]] * 60


def test_classes_do_not_mix() -> None:
    def frame(k: int, t: Fraction) -> View:
        shown = view({0: walker(k)}, t)
        return View(t, replace(shown.instances, labels=np.full(1, int(k >= 20), np.int32)), shown.truth)

    results = play([frame(k, t) for k, t in enumerate(times(40))])
    assert results[19].ids.tolist() == [0]
    assert results[-1].ids.tolist() == [1]


@pytest.mark.parametrize("jump", [Fraction(-5), Fraction(5)])
def test_a_leap_in_time_starts_anew_without_delay(jump: Fraction) -> None:
    tracker = Tracker()
    play([view({0: (0.5, 0.5, 0.1)}, 10 + t) for t in times(5)], tracker)
    result = tracker.update(view({0: (0.5, 0.5, 0.1)}, 10 + jump).instances, 10 + jump)
    assert result.ids.tolist() == [1]


def test_a_picture_shown_again_follows_the_threshold_at_once() -> None:
    tracker = Tracker(steady="high")
    frames = [view({0: (0.3, 0.5, 0.1), 1: (0.7, 0.5, 0.1)}, t, [0.8, 0.5]) for t in times(5)]
    assert len(play(frames, tracker)[-1]) == 2
    for score, shown in ((0.6, 1), (0.9, 0), (0.35, 2)):
        tracker.score = score
        assert len(tracker.update(frames[-1].instances, frames[-1].pts)) == shown


@pytest.mark.parametrize("steady", ["off", "low"])
def test_on_skipped_frames_box_and_mask_move_on(steady: str) -> None:
    tracker = Tracker(steady=steady)
    for k, t in enumerate(times(24)):
        frame = view({0: walker(k)}, t)
        if k < 12 or k % 4 == 0:
            shown = tracker.update(frame.instances, t)
            continue
        shown = tracker.predict(t)
        truth, drawn = frame.instances.mask(0), shown.mask(0)
        assert shown.ids.tolist() == [0]
        assert shown.boxes[0] == pytest.approx(frame.instances.boxes[0], abs=3)
        assert (truth & drawn).sum() / (truth | drawn).sum() > 0.93


def test_what_moves_out_of_the_picture_is_cut_off_not_squeezed() -> None:
    tracker = Tracker()
    for k, t in enumerate(times(10)):
        shown = tracker.update(view({0: (0.70 + 0.02 * k, 0.5, 0.08)}, t).instances, t)
    for k in range(10, 14):
        shown = tracker.predict(Fraction(k, RATE))
        truth = view({0: (0.70 + 0.02 * k, 0.5, 0.08)}, Fraction(0)).instances.mask(0)
        drawn = shown.mask(0)
        assert (truth & drawn).sum() / (truth | drawn).sum() > 0.85
    assert len(tracker.predict(Fraction(9, RATE) + Fraction(9, 10))) == 0


def flickering(count: int, seed: int = 0) -> list[View]:
    """A disc whose score wanders about the threshold, is lost now and then, and whose mask shakes."""
    random = np.random.default_rng(seed)
    frames = []
    for t in times(count):
        x, y, radius = random.normal([0.5, 0.5, 0.15], [0.004, 0.004, 0.012])
        lost = random.random() < 0.1
        frames.append(view({} if lost else {0: (x, y, radius)}, t, [random.uniform(0.2, 0.6)]))
    frames[0] = view({0: (0.5, 0.5, 0.15)}, Fraction(0))
    return frames


@pytest.mark.parametrize("steady", ["low", "high"])
def test_steadiness_ends_flicker(steady: str) -> None:
    frames = flickering(200)
    changes = {}
    shake = {}
    for how in ("off", steady):
        results = play(frames, Tracker(steady=how))
        changes[how] = sum(len(a) != len(b) for a, b in pairwise(results))
        maps = [result.label_map(90, 160) != 0 for result in results]
        both = [(a, b) for a, b in pairwise(maps) if a.any() and b.any()]
        shake[how] = np.mean([(a ^ b).sum() / (a | b).sum() for a, b in both])
    assert changes["off"] > 50
    assert changes[steady] * 5 <= changes["off"]
    assert shake[steady] < shake["off"] / 2


def test_steady_masks_do_not_trail_behind() -> None:
    frames = [view({0: walker(k)}, t) for k, t in enumerate(times(60))]
    for frame, shown in zip(frames, play(frames, Tracker(steady="low")), strict=True):
        truth, drawn = frame.instances.mask(0), shown.mask(0)
        assert (truth & drawn).sum() / (truth | drawn).sum() > 0.9


@pytest.mark.parametrize("steady", ["low", "high"])
def test_steady_masks_do_not_follow_boxes_that_waver(steady: str) -> None:
    """The masks are exact, and walk; their boxes are off by a tenth of their size."""
    random = np.random.default_rng(0)
    tracker, ious = Tracker(steady=steady), []
    for k, t in enumerate(times(60)):
        found = view({0: walker(k)}, t).instances
        truth = found.mask(0)
        width = found.boxes[0, 2] - found.boxes[0, 0]
        boxes = found.boxes + random.normal(0, 0.1, 4).astype(np.float32) * width
        drawn = tracker.update(replace(found, boxes=boxes), t).mask(0)
        ious.append((truth & drawn).sum() / (truth | drawn).sum())
    assert np.mean(ious) > {"low": 0.95, "high": 0.93}[steady]


def test_steady_masks_stay_by_their_boxes() -> None:
    for shown in play(list(crossing(6, seconds=4)), Tracker(steady="high")):
        reach = np.array([-SIZE[1], -SIZE[0], SIZE[1], SIZE[0]]) / 48
        for i in range(len(shown)):
            rows, columns = np.nonzero(shown.mask(i))
            if len(rows):
                x1, y1, x2, y2 = shown.boxes[i] + reach
                assert columns.min() >= x1 - 1
                assert columns.max() <= x2
                assert rows.min() >= y1 - 1
                assert rows.max() <= y2


def test_nothing_is_held_behind_another_or_after_leaving() -> None:
    tracker = Tracker(steady="high")
    for k, t in enumerate(times(15)):  # one walks out on the right, one is swallowed by a third
        frame = {0: (0.75 + 0.015 * k, 0.2, 0.05), 1: (0.3, 0.6, 0.06), 2: (0.3, 0.6, 0.15)}
        if k >= 13:
            del frame[0], frame[1]
        shown = tracker.update(view(frame, t).instances, t)
    assert shown.boxes[0] == pytest.approx([96, 162, 288, 270], abs=25)
    assert len(shown) == 1


def test_state_does_not_grow() -> None:
    tracker, sizes = Tracker(steady="low"), []
    for k in range(2000):
        x = 0.1 + 0.8 * ((k // 10) * 0.37 % 1)
        tracker.update(view({0: (x, 0.5, 0.05)}, Fraction(k, RATE)).instances, Fraction(k, RATE))
        if k in (999, 1999):
            sizes.append(len(pickle.dumps(tracker)))
    assert len(tracker._tracks) == len(tracker._tracks.motion.state) <= 5
    assert sizes[1] < sizes[0] + 6000, "six bytes a frame"


def test_a_maintained_tracker_sees_the_same_people() -> None:
    """The same detections through trackforge's ByteTrack: who is the same as whom."""
    trackforge = pytest.importorskip("trackforge", reason="the package trackforge is not installed")
    frames = list(crossing(0, count=6, seconds=20))
    other = trackforge.BYTETRACK(track_thresh=0.35, track_buffer=RATE, det_thresh=0.35)
    pairs: dict[int, Counter[int]] = {}
    for frame, ours in zip(frames, play(frames), strict=True):
        corners = frame.instances.boxes.astype(float)
        sizes = np.concatenate([corners[:, :2], corners[:, 2:] - corners[:, :2]], axis=1)
        found = zip(sizes.tolist(), frame.instances.scores.tolist(), strict=True)
        for identity, (x, y, width, height), *_ in other.update([(box, score, 0) for box, score in found]):
            middles = (ours.boxes[:, :2] + ours.boxes[:, 2:]) / 2
            apart = np.abs(middles - [x + width / 2, y + height / 2]).max(axis=1)
            if apart.min(initial=np.inf) < 5:
                pairs.setdefault(identity, Counter())[int(ours.ids[apart.argmin()])] += 1
    agree = sum(max(votes.values()) for votes in pairs.values())
    total = sum(votes.total() for votes in pairs.values())
    assert total > 2000
    assert agree / total > 0.97
