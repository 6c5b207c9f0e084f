"""The store: downloads become models, imports, checks, removal; nothing is ever half there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import onnx
import openvino
import pytest

from tests.infer import synthetic
from tests.infer.torch_format import tensor, write_legacy, write_zip
from tests.loopback import Handler, Loopback, Request, loopback_server, serve, status
from tests.models import build_model, write_model
from yolact_live.errors import ModelError, UsageError
from yolact_live.infer import network, store
from yolact_live.infer.contract import load, read_contract
from yolact_live.infer.download import Patience, sha256
from yolact_live.infer.engine import Engine
from yolact_live.infer.network.backbones import resnet
from yolact_live.infer.network.priors import level_sides
from yolact_live.infer.store import BUILTIN, Published, Store, read_catalogue, resolve
from yolact_live.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
HASTY = Patience(stall_s=2, attempts=2, pause_s=0.01)
BLOCKS = (1, 2, 1, 1)
TINY = network.Config(
    "yolact_resnet50", partial(resnet, blocks=BLOCKS, stem=4), ("cat", "hot dog"), 97, width=8
)
SHAPES = synthetic.resnet_shapes(BLOCKS, 4) | synthetic.head_shapes((32, 64, 128), 8, 2)


@pytest.fixture(autouse=True)
def _tiny_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Weights of ResNet-50 are those of a tiny one here; nothing touches the user's own models."""
    monkeypatch.setitem(network.PUBLISHED, "yolact_resnet50", TINY)
    monkeypatch.setattr(store, "default_root", lambda: tmp_path / "models")


@pytest.fixture
def server() -> Iterator[Loopback]:
    with loopback_server() as loopback:
        yield loopback


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_weights(tmp_path_factory.mktemp("weights") / "yolact_resnet50_1_2.pth")


def write_weights(path: Path, seed: int = 0) -> Path:
    arrays = synthetic.random(SHAPES, seed)
    write = write_zip if seed else write_legacy
    return write(path, {key: tensor(array) for key, array in arrays.items()})


def published(weights: Path, *urls: str, hashed: bool = True) -> Published:
    return Published(
        name="tiny",
        title="Tiny YOLACT",
        licence="MIT",
        credit="© nobody",
        classes=2,
        mask_ap=1.5,
        measured="nothing",
        config="yolact_resnet50",
        file=weights.name,
        urls=urls,
        size=weights.stat().st_size if hashed else None,
        sha256=sha256(weights) if hashed else None,
    )


def make_store(tmp_path: Path, *entries: Published) -> Store:
    return Store(tmp_path / "models", {entry.name: entry for entry in entries}, HASTY)


def no_leftovers(tmp_path: Path) -> bool:
    return all(path.suffix == ".lock" for path in (tmp_path / "models" / ".work").iterdir())


# ------------------------------------------------------------------------------- download


def test_a_download_becomes_a_model(server: Loopback, weights: Path, tmp_path: Path) -> None:
    models = make_store(tmp_path, published(weights, server.at("/a", serve(weights.read_bytes()))))
    installed = models.download("tiny")
    assert models.find("tiny") == installed
    assert (installed.title, installed.licence, installed.classes) == ("Tiny YOLACT", "MIT", 2)
    assert installed.origin == server.url + "/a"
    assert installed.source_sha256 == sha256(weights)
    contract = read_contract(load(installed.path))
    assert contract.labels == ("cat", "hot dog")
    assert contract.input_size == (97, 97)
    models.verify("tiny")
    assert no_leftovers(tmp_path)


def test_weights_are_stored_as_f16(server: Loopback, weights: Path, tmp_path: Path) -> None:
    models = make_store(tmp_path, published(weights, server.at("/a", serve(weights.read_bytes()))))
    stored = models.download("tiny").path.with_suffix(".bin").stat().st_size
    f32 = sum(
        4 * np.prod(shape) for key, shape in SHAPES.items() if len(shape) == 4 and "semantic" not in key
    )
    priors = 3 * sum(side**2 for side in level_sides(97)) * 6 * 4
    assert stored < f32 / 2 + priors + 4000


def test_a_downloaded_model_runs_by_name(server: Loopback, weights: Path, tmp_path: Path) -> None:
    make_store(tmp_path, published(weights, server.at("/a", serve(weights.read_bytes())))).download("tiny")
    assert resolve("tiny") == tmp_path / "models" / "tiny" / "model.xml"
    engine = Engine(Settings(model="tiny", device="CPU"))
    try:
        assert engine.name == "tiny"
        assert engine.contract.labels == ("cat", "hot dog")
    finally:
        engine.close()


def test_what_is_installed_is_not_downloaded_again(server: Loopback, weights: Path, tmp_path: Path) -> None:
    models = make_store(tmp_path, published(weights, server.at("/a", serve(weights.read_bytes()))))
    assert models.download("tiny") == models.download("tiny")
    assert len(server.requests) == 1


def test_other_bytes_are_never_installed(server: Loopback, weights: Path, tmp_path: Path) -> None:
    other = write_weights(tmp_path / "other.pth", seed=1).read_bytes()
    entry = published(
        weights, server.at("/a", serve(other[: weights.stat().st_size].ljust(weights.stat().st_size)))
    )
    models = make_store(tmp_path, entry)
    with pytest.raises(ModelError, match="another file than published"):
        models.download("tiny")
    assert models.names() == ["builtin"]
    assert no_leftovers(tmp_path)


def test_a_failed_download_goes_on_next_time(server: Loopback, weights: Path, tmp_path: Path) -> None:
    content = weights.read_bytes()
    url = server.at("/a", serve(content, stop=9000), status(503), serve(content))
    models = make_store(tmp_path, published(weights, url))
    with pytest.raises(ModelError, match="the same command again"):
        models.download("tiny")
    assert models.names() == ["builtin"]
    models.download("tiny")
    assert server.requests[-1].range == "bytes=9000-"
    assert server.sent == len(content)


def test_the_second_mirror_serves(server: Loopback, weights: Path, tmp_path: Path) -> None:
    urls = server.at("/a", status(404)), server.at("/b", serve(weights.read_bytes()))
    assert make_store(tmp_path, published(weights, *urls)).download("tiny").origin == urls[1]


def test_a_conversion_that_is_killed_leaves_nothing_half_done(
    server: Loopback, weights: Path, tmp_path: Path
) -> None:
    entry = published(weights, server.at("/a", serve(weights.read_bytes())))
    script = f"""
import os, openvino
from pathlib import Path
from tests.infer import test_store
from yolact_live.infer import network
from yolact_live.infer.store import Published
network.PUBLISHED["yolact_resnet50"] = test_store.TINY
save = openvino.save_model
def die(model, path, **options):
    save(model, path, **options)
    os._exit(9)
openvino.save_model = die
test_store.make_store(Path({str(tmp_path)!r}), {entry!r}).download("tiny")
"""
    killed = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert killed.returncode == 9
    models = make_store(tmp_path, entry)
    assert models.names() == ["builtin"]
    models.download("tiny")
    models.verify("tiny")
    assert len(server.requests) == 1
    assert no_leftovers(tmp_path)


def test_two_downloads_of_one_model_do_not_meet(server: Loopback, weights: Path, tmp_path: Path) -> None:
    content = weights.read_bytes()
    started, go_on = threading.Event(), threading.Event()

    def slow(handler: Handler, request: Request) -> None:
        started.set()
        go_on.wait(10)
        serve(content)(handler, request)

    entry = published(weights, server.at("/a", slow))
    first = threading.Thread(target=make_store(tmp_path, entry).download, args=("tiny",))
    first.start()
    try:
        assert started.wait(10)
        with pytest.raises(ModelError, match="another process is changing tiny"):
            make_store(tmp_path, entry).download("tiny")
    finally:
        go_on.set()
        first.join(10)
    make_store(tmp_path, entry).verify("tiny")
    assert len(server.requests) == 1


def test_a_store_that_cannot_be_written_is_an_error(weights: Path, tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file where the folder should be")
    with pytest.raises(ModelError, match="cannot be written"):
        make_store(tmp_path, published(weights, "http://127.0.0.1:9/a")).download("tiny")


def test_unknown_names_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no weights are published as nope"):
        make_store(tmp_path).download("nope")


# ------------------------------------------------------------------ trust on first download


def test_unhashed_weights_are_trusted_once(server: Loopback, weights: Path, tmp_path: Path) -> None:
    content = weights.read_bytes()
    other = write_weights(tmp_path / "other.pth", seed=1).read_bytes()
    url = server.at("/a", serve(content), serve(other), serve(content))
    models = make_store(tmp_path, published(weights, url, hashed=False))
    models.download("tiny")
    models.remove("tiny")
    with pytest.raises(
        ModelError, match=r"another file than first downloaded here \(.*tiny.sha256 notes it\)"
    ):
        models.download("tiny")
    assert models.names() == ["builtin"]
    models.download("tiny")
    models.verify("tiny")


@pytest.mark.parametrize("cut", [None, 5000])
def test_what_is_not_weights_is_not_trusted(
    server: Loopback, weights: Path, tmp_path: Path, cut: int | None
) -> None:
    wrong = weights.read_bytes()[:cut] if cut else b"<html>log in to this network</html>"
    url = server.at("/a", serve(wrong), serve(weights.read_bytes()))
    models = make_store(tmp_path, published(weights, url, hashed=False))
    with pytest.raises(ModelError, match=r"no checkpoint|damaged|truncated"):
        models.download("tiny")
    assert models.names() == ["builtin"]
    models.download("tiny")
    models.verify("tiny")


# --------------------------------------------------------------------------------- import


def test_a_checkpoint_is_imported_by_the_name_of_its_file(tmp_path: Path, weights: Path) -> None:
    models = make_store(tmp_path)
    installed = models.add(weights)
    assert installed.name == "yolact_resnet50_1_2"
    assert installed.title == weights.name
    assert installed.origin == str(weights)
    assert models.names() == ["builtin", "yolact_resnet50_1_2"]
    models.verify(installed.name)


def test_name_size_and_labels_can_be_given(tmp_path: Path, weights: Path) -> None:
    installed = make_store(tmp_path).add(weights, "mine", "yolact_resnet50", 128, ["ripe", "not  ripe"])
    contract = read_contract(load(installed.path))
    assert contract.input_size == (128, 128)
    assert contract.labels == ("ripe", "not ripe")


def test_published_weights_are_recognised(tmp_path: Path, weights: Path) -> None:
    copy = tmp_path / "download (1).pth"
    copy.write_bytes(weights.read_bytes())
    installed = make_store(tmp_path, published(weights)).add(copy)
    assert (installed.name, installed.licence, installed.mask_ap) == ("tiny", "MIT", 1.5)


def test_an_ir_is_imported_as_it_is(tmp_path: Path) -> None:
    file = write_model(tmp_path / "own model.xml", build_model([(0, 0, 0.5, 1)], [[0.7]], "apple", None, -1))
    before = openvino.Core().read_model(file)
    installed = make_store(tmp_path).add(file)
    assert installed.name == "own-model"
    after = load(installed.path)
    assert read_contract(after).labels == ("apple",)
    image = np.zeros((1, 3, 64, 64), np.float32)
    core = openvino.Core()
    wanted, found = (core.compile_model(model, "CPU")(image) for model in (before, after))
    for one, other in zip(wanted.values(), found.values(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_weights_of_an_ir_keep_their_precision(tmp_path: Path) -> None:
    model = build_model([(1 / 3, 0, 2 / 3, 1)], [[0.7]], "apple")
    file = tmp_path / "own.xml"
    openvino.save_model(model, file, compress_to_fp16=False)
    found = openvino.Core().compile_model(make_store(tmp_path).add(file).path, "CPU")(
        np.zeros((1, 3, 64, 64))
    )
    np.testing.assert_array_equal(found["boxes"][0, 0], np.array([1 / 3, 0, 2 / 3, 1], np.float32))


def test_onnx_is_imported(tmp_path: Path) -> None:
    installed = make_store(tmp_path).add(write_onnx(tmp_path / "own.onnx"), labels=["ripe", "not ripe"])
    assert read_contract(load(installed.path)).labels == ("ripe", "not ripe")


def test_a_network_that_is_not_yolact_is_not_imported(tmp_path: Path) -> None:
    models = make_store(tmp_path)
    image = openvino.opset13.parameter([1, 3, 8, 8], np.float32)
    openvino.save_model(openvino.Model([openvino.opset13.relu(image)], [image]), tmp_path / "relu.xml")
    with pytest.raises(ModelError, match="not YOLACT"):
        models.add(tmp_path / "relu.xml")
    (tmp_path / "text.pth").write_text("no weights")
    with pytest.raises(ModelError, match=r"text.pth"):
        models.add(tmp_path / "text.pth")
    with pytest.raises(ModelError, match=r"absent.pth cannot be read \(No such file"):
        models.add(tmp_path / "absent.pth")
    assert models.names() == ["builtin"]


def test_a_taken_name_is_refused_unless_overwritten(tmp_path: Path, weights: Path) -> None:
    models = make_store(tmp_path)
    models.add(weights, "mine")
    other = write_model(tmp_path / "other.xml")
    with pytest.raises(UsageError, match="mine is installed already"):
        models.add(other, "mine")
    assert models.get("mine").classes == 2
    models.add(other, "mine", overwrite=True)
    assert models.get("mine").classes == 1
    models.verify("mine")
    assert no_leftovers(tmp_path)


def test_a_model_can_be_overwritten_from_itself(tmp_path: Path, weights: Path) -> None:
    models = make_store(tmp_path)
    path = models.add(weights, "mine").path
    models.add(path, "mine", labels=["ripe", "rotten"], overwrite=True)
    assert read_contract(load(models.get("mine").path)).labels == ("ripe", "rotten")


def test_a_failed_overwrite_keeps_the_old_model(tmp_path: Path, weights: Path) -> None:
    models = make_store(tmp_path)
    models.add(weights, "mine")
    (tmp_path / "bad.pth").write_text("no weights")
    with pytest.raises(ModelError):
        models.add(tmp_path / "bad.pth", "mine", overwrite=True)
    models.verify("mine")


@pytest.mark.parametrize("name", ["builtin", BUILTIN, "a/b", "..", ".hidden", "a.b", "-x", ""])
def test_names_that_would_not_do_are_refused(tmp_path: Path, weights: Path, name: str) -> None:
    copy = tmp_path / ("+.pth" if not name else "w.pth")
    copy.write_bytes(weights.read_bytes())
    with pytest.raises(UsageError, match="cannot be named"):
        make_store(tmp_path).add(copy, name or None)
    assert not list(tmp_path.glob("models/*"))


def test_labels_must_be_as_many_as_classes(tmp_path: Path, weights: Path) -> None:
    with pytest.raises(UsageError, match="3 labels for 2 classes"):
        make_store(tmp_path).add(weights, labels=["a", "b", "c"])


def test_config_and_size_are_for_checkpoints(tmp_path: Path) -> None:
    file = write_model(tmp_path / "own.xml")
    for wrong in ({"config": "yolact_base"}, {"size": 400}):
        with pytest.raises(UsageError, match="are for checkpoints"):
            make_store(tmp_path).add(file, **wrong)


def write_onnx(path: Path) -> Path:
    """A network with YOLACT's outputs, two classes, and constants for results."""
    image = onnx.helper.make_tensor_value_info("image", 1, [1, 3, 64, 64])
    shapes = {"conf": [1, 9, 3], "mask": [1, 9, 4], "proto": [1, 16, 16, 4], "boxes": [1, 9, 4]}
    nodes = [onnx.helper.make_node("ReduceMean", ["image"], ["mean"], axes=[0, 1, 2, 3], keepdims=0)]
    values = []
    for name, shape in shapes.items():
        array = np.random.default_rng(0).random(shape, np.float32)
        values.append(onnx.numpy_helper.from_array(array, f"{name}_value"))
        nodes.append(onnx.helper.make_node("Add", [f"{name}_value", "mean"], [name]))
    outputs = [onnx.helper.make_tensor_value_info(name, 1, shape) for name, shape in shapes.items()]
    graph = onnx.helper.make_graph(nodes, "tiny", [image], outputs, values)
    onnx.save(
        onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 13)], ir_version=8), path
    )
    return path


# ------------------------------------------------------------------------ verify and remove


@pytest.mark.parametrize("file", ["model.xml", "model.bin"])
def test_a_changed_byte_is_found(tmp_path: Path, weights: Path, file: str) -> None:
    models = make_store(tmp_path)
    path = models.add(weights, "mine").folder / file
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(ModelError, match=f"mine is damaged \\({file} has changed\\)"):
        models.verify("mine")


def test_a_missing_file_is_found_and_the_rest_removed(tmp_path: Path, weights: Path) -> None:
    models = make_store(tmp_path)
    (models.add(weights, "mine").folder / "model.bin").unlink()
    with pytest.raises(ModelError, match=r"mine is damaged .*models remove mine"):
        models.verify("mine")
    models.remove("mine")
    assert models.names() == ["builtin"]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"files": {}}', "\x00"])
def test_nonsense_in_the_card_is_an_error(tmp_path: Path, weights: Path, text: str) -> None:
    models = make_store(tmp_path)
    (models.add(weights, "mine").folder / "model.json").write_text(text)
    with pytest.raises(ModelError, match="mine is damaged"):
        models.get("mine")


def test_hashes_that_fit_do_not_make_a_model(tmp_path: Path, weights: Path) -> None:
    models = make_store(tmp_path)
    installed = models.add(weights, "mine")
    installed.path.write_text("<net/>")
    card = json.loads((installed.folder / "model.json").read_text("utf-8"))
    card["files"]["model.xml"] = sha256(installed.path)
    (installed.folder / "model.json").write_text(json.dumps(card))
    with pytest.raises(ModelError, match="cannot be read"):
        models.verify("mine")


def test_the_built_in_model_is_as_it_was_shipped(tmp_path: Path) -> None:
    models = make_store(tmp_path)
    models.verify("builtin")
    assert read_contract(load(resolve("builtin"))).labels[0] == "person"
    assert models.get("builtin").classes == len(read_contract(load(resolve("builtin"))).labels)
    assert resolve("builtin") == resolve(BUILTIN)


def test_the_built_in_model_cannot_be_removed(tmp_path: Path) -> None:
    for name in ("builtin", BUILTIN):
        with pytest.raises(UsageError, match="cannot be removed"):
            make_store(tmp_path).remove(name)
    assert resolve("builtin").is_file()


def test_removing_removes(tmp_path: Path, weights: Path) -> None:
    models = make_store(tmp_path)
    folder = models.add(weights, "mine").folder
    models.remove("mine")
    assert not folder.exists()
    assert no_leftovers(tmp_path)
    with pytest.raises(UsageError, match="mine is not installed"):
        models.remove("mine")


@pytest.mark.parametrize("name", ["../models", ".", "..", ".work", ""])
def test_only_models_are_removed(tmp_path: Path, weights: Path, name: str) -> None:
    models = make_store(tmp_path)
    models.add(weights, "mine")
    with pytest.raises(UsageError, match="not installed"):
        models.remove(name)
    models.verify("mine")


# -------------------------------------------------------------------------------- resolving


def test_a_path_is_a_model_too(tmp_path: Path) -> None:
    file = write_model(tmp_path / "own.xml")
    assert resolve(str(file)) == file


def test_what_is_not_there_is_explained(tmp_path: Path, weights: Path) -> None:
    with pytest.raises(UsageError, match="unknown model nope"):
        resolve("nope")
    with pytest.raises(ModelError, match=r"yolact-base is not installed.*models download yolact-base"):
        resolve("yolact-base")
    with pytest.raises(ModelError, match="no model at"):
        resolve(str(tmp_path / "absent.xml"))
    with pytest.raises(ModelError, match="models import"):
        resolve(str(weights))


# -------------------------------------------------------------------------------- catalogue


def test_the_catalogue_names_the_published_weights() -> None:
    catalogue = read_catalogue()
    assert list(catalogue) == ["yolact-resnet50", "yolact-base", "yolact-darknet53", "yolact-im700"]
    resnet50 = catalogue["yolact-resnet50"]
    assert (resnet50.size, resnet50.classes, resnet50.mask_ap, resnet50.box_ap) == (127300392, 80, 28.0, 30.7)
    assert [len(digest) for digest in resnet50.expected.hashes.values()] == [64, 96]
    for entry in catalogue.values():
        assert entry.config in network.PUBLISHED
        assert network.config_of(entry.file) == entry.config
        assert all(url.startswith("https://") and url.endswith(f"/{entry.file}") for url in entry.urls)
        assert entry.licence == "MIT"
