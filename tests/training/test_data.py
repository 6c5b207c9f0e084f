from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.training.toy import write_set
from yolact_live.errors import UsageError
from yolact_live.training.augment import Composer
from yolact_live.training.data import Recipe, TrainingSet, read_plan


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> TrainingSet:
    folder = tmp_path_factory.mktemp("toy")
    return TrainingSet(read_plan(write_set(folder)), folder / "cache")


def test_classes_are_the_plans_then_groups_of_the_others(toy: TrainingSet) -> None:
    assert toy.classes == ("ball", "+container")
    assert toy[0].known.tolist() == [True, True]
    assert toy[6].known.tolist() == [False, True]  # the second source labels boxes only


def test_masks_and_boxes_agree(toy: TrainingSet) -> None:
    for instance in toy.instances(0):
        height, width = instance.mask.shape
        x, y = instance.corner
        assert np.abs(instance.box - (x, y, x + width, y + height)).max() <= 1
        inside = toy[0].image[y : y + height, x : x + width][instance.mask > 127]
        assert (inside.max(1) > 200).mean() > 0.95  # the object's colours are bright, the ground is not


def test_a_second_reading_takes_the_cache(toy: TrainingSet, tmp_path: Path) -> None:
    path = write_set(tmp_path / "set")
    first = TrainingSet(read_plan(path), tmp_path / "cache")
    for image in (tmp_path / "set" / "images").iterdir():
        image.unlink()
    again = TrainingSet(read_plan(path), tmp_path / "cache")
    assert np.array_equal(first[3].image, again[3].image)


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ('"set.json"', '"none.json"', "none.json"),
        ("rate = ", "rat = ", "rat"),
        ("classes = ", "class = ", "classes"),
        ("size = 128", "size = = 128", "TOML"),
        ("size = 128", "size = 100", "100"),
        ("size = 128", "size = 128\nsizes = [96, 130]", "130"),
    ],
)
def test_wrong_data_files_are_explained(tmp_path: Path, old: str, new: str, word: str) -> None:
    path = write_set(tmp_path / "set")
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(UsageError, match=word):
        read_plan(path)


def test_a_recipe_is_not_needed(tmp_path: Path) -> None:
    path = write_set(tmp_path / "set")
    path.write_text(path.read_text().split("[recipe]")[0])
    assert read_plan(path).recipe == Recipe()


def test_unlabelled_class_is_refused(tmp_path: Path) -> None:
    path = write_set(tmp_path / "set")
    path.write_text(path.read_text().replace('["ball"]', '["unicorn"]', 1))
    with pytest.raises(UsageError, match="unicorn"):
        TrainingSet(read_plan(path), tmp_path / "cache")


def test_samples_depend_on_seed_and_number_only(toy: TrainingSet) -> None:
    first, second = Composer(toy, 7, 0.7, 0.5), Composer(toy, 7, 0.7, 0.5)
    for number in (3, 0, 3):
        a, b = first.sample(number, 128), second.sample(number, 128)
        assert np.array_equal(a.image, b.image)
        assert np.array_equal(a.boxes, b.boxes)
    assert not np.array_equal(first.sample(1, 128).image, first.sample(2, 128).image)


def test_targets_lie_on_the_objects_after_all_changes(toy: TrainingSet) -> None:
    composer = Composer(toy, 1, 1.0, 0.5)
    seen = wrong = 0
    for number in range(30):
        sample = composer.sample(number, 128)
        for box, label, mask in zip(sample.boxes, sample.labels, sample.masks, strict=True):
            rows, columns = np.nonzero(mask.max(1) > 15)[0], np.nonzero(mask.max(0) > 15)[0]
            if not len(rows):
                continue
            found = np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]) / 32
            wrong += np.abs(found - box).max() > 2.5 / 32
            assert sample.known[label][mask > 127].all()
            seen += 1
    assert seen > 60
    assert wrong <= 0.05 * seen  # slivers at the edge of what lies over them


def test_what_lies_over_an_object_is_not_in_its_mask(toy: TrainingSet) -> None:
    composer = Composer(toy, 2, 1.0, 0.0)
    for number in range(30):
        covered = composer.sample(number, 128).masks.astype(int).sum(0)
        assert covered.max() <= 300  # of 255; the feathered edge is shared


def test_unlabelled_classes_are_unknown_outside_their_objects(toy: TrainingSet) -> None:
    composer = Composer(toy, 3, 0.0, 0.0)
    samples = [composer.sample(number, 128) for number in range(60)]
    partial = [s for s in samples if not s.known[0].all()]
    assert 2 < len(partial) < 40  # one source in six
    for sample in partial:
        inside = (sample.masks > 128).any(0)
        assert sample.known[0][inside].all()
        assert not sample.known[0][~(sample.masks > 0).any(0)].any()
