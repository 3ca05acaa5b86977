"""The helpers of training.py against sums done by hand, and on problems small enough to know the answer."""

import types

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from helpers import count_parameters, evaluate, fit, get_device, make_loader, predict, training


def problem(count=512, seed=0):
    """Points in the plane (N, 2) and on which side of a line each lies (N,)."""
    generator = torch.Generator().manual_seed(seed)
    points = torch.randn(count, 2, generator=generator)
    return points, (points.sum(dim=1) > 0).long()


def sgd(model, lr=0.1):
    """The plainest optimizer."""
    return torch.optim.SGD(model.parameters(), lr=lr)


class Witness(nn.Linear):
    """A layer that calls `see` on itself and its outputs whenever it is used."""

    def __init__(self, see):
        super().__init__(2, 2)
        self.see = see

    def forward(self, inputs):
        outputs = super().forward(inputs)
        self.see(self, outputs)
        return outputs


@pytest.mark.parametrize(
    ("cuda", "mps", "kind"), [(True, True, "cuda"), (True, False, "cuda"), (False, True, "mps"), (False, False, "cpu")]
)
def test_the_device_is_the_fastest_there_is(monkeypatch, cuda, mps, kind):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert get_device() == torch.device(kind)


def test_the_device_exists_and_computes():
    assert torch.ones(2, device=get_device()).sum().item() == 2


def test_count_parameters_leaves_out_the_frozen():
    model = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))
    assert count_parameters(model) == 3 * 4 + 4 + 4 * 2 + 2
    model[0].requires_grad_(False)
    assert count_parameters(model) == 4 * 2 + 2


def test_a_loader_gives_each_sample_once_an_epoch_and_another_order_each_time():
    loader = make_loader(torch.arange(10), torch.arange(10) * 2, batch_size=4, shuffle=True, seed=3)
    first, second = (torch.cat([images for images, _ in loader]) for _ in range(2))
    assert [len(images) for images, _ in loader] == [4, 4, 2]
    assert len(loader) == 3
    assert first.sort().values.tolist() == second.sort().values.tolist() == list(range(10))
    assert first.tolist() != second.tolist()


def test_a_loader_keeps_images_and_labels_together():
    for images, labels in make_loader(torch.arange(10), torch.arange(10) * 2, 3, shuffle=True):
        assert torch.equal(labels, images * 2)


def test_the_seed_fixes_the_order_of_every_epoch():
    def orders(seed):
        loader = make_loader(torch.arange(10), torch.arange(10), 3, shuffle=True, seed=seed)
        return [image for _ in range(2) for images, _ in loader for image in images.tolist()]

    assert orders(5) == orders(5) != orders(6)


def test_a_loader_without_shuffle_keeps_the_order_and_transforms_whole_batches_of_images():
    loader = make_loader(torch.arange(5), torch.arange(5), batch_size=2, transform=lambda images: images + 100)
    assert [images.tolist() for images, _ in loader] == [[100, 101], [102, 103], [104]]
    assert [labels.tolist() for _, labels in loader] == [[0, 1], [2, 3], [4]]


def test_fit_does_what_the_loop_by_hand_does():
    points, labels = problem()
    torch.manual_seed(0)
    ours, theirs = nn.Linear(2, 2), nn.Linear(2, 2)
    theirs.load_state_dict(ours.state_dict())
    optimizer = torch.optim.SGD(ours.parameters(), lr=0.5, momentum=0.9)
    by_hand = torch.optim.SGD(theirs.parameters(), lr=0.5, momentum=0.9)
    rows = list(fit(ours, make_loader(points, labels, 64), optimizer, epochs=2))
    for _ in range(2):
        losses = []
        for start in range(0, 512, 64):
            loss = F.cross_entropy(theirs(points[start : start + 64]), labels[start : start + 64])
            by_hand.zero_grad()
            loss.backward()
            by_hand.step()
            losses.append(loss.item())
    torch.testing.assert_close(ours.state_dict(), theirs.state_dict())
    assert rows[-1]["loss"] == pytest.approx(sum(losses) / len(losses), rel=1e-5)
    assert [row["epoch"] for row in rows] == [1, 2]


def test_fit_trains_only_while_its_rows_are_taken():
    points, labels = problem()
    model = nn.Linear(2, 2)
    before = model.weight.clone()
    rows = fit(model, make_loader(points, labels, 64), sgd(model), epochs=2)
    assert torch.equal(model.weight, before)
    next(rows)
    once = model.weight.clone()
    assert not torch.equal(once, before)
    list(rows)
    assert not torch.equal(model.weight, once)


def test_the_loss_weighs_a_last_smaller_batch_by_its_size_and_is_that_of_the_given_function():
    model = nn.Linear(1, 1)
    inputs = torch.arange(5.0)[:, None]
    row = next(fit(model, make_loader(inputs, inputs, 4), sgd(model, lr=0), 1, F.mse_loss))
    assert row["loss"] == pytest.approx(F.mse_loss(model(inputs), inputs).item(), rel=1e-5)
    assert type(row["loss"]) is float


def test_fit_trains_in_train_mode_after_each_validation_too():
    modes = []
    model = Witness(lambda layer, _: modes.append(layer.training)).eval()
    list(fit(model, make_loader(*problem(64), 64), sgd(model), 2, validation=problem(64, seed=1)))
    assert modes == [True, False, True, False]


def test_a_row_holds_what_evaluate_finds_after_the_epoch_and_without_validation_nothing_of_it():
    model, validation = nn.Linear(2, 2), problem(100, seed=1)
    loader = make_loader(*problem(), 64)
    row = next(fit(model, loader, sgd(model), 1, validation=validation))
    assert {name: row[f"val_{name}"] for name in ("loss", "accuracy")} == evaluate(model, *validation)
    assert list(row) == ["epoch", "loss", "seconds", "val_loss", "val_accuracy"]
    assert list(next(fit(model, loader, sgd(model), 1))) == ["epoch", "loss", "seconds"]


def test_fit_may_be_left_early():
    model = nn.Linear(2, 2)
    for row in fit(model, make_loader(*problem(), 64), sgd(model), epochs=100, validation=problem(seed=1)):
        if row["val_accuracy"] > 0.9:
            break
    assert row["epoch"] < 100
    assert row["val_loss"] < 0.7


def test_the_seconds_are_those_of_training_epoch_by_epoch(monkeypatch):
    now = 0

    def pass_time(layer, _):
        nonlocal now
        now += 1 if layer.training else 100

    monkeypatch.setattr(training, "time", types.SimpleNamespace(perf_counter=lambda: now))
    model = Witness(pass_time)
    rows = list(fit(model, make_loader(*problem(512), 128), sgd(model), 2, validation=problem(64)))
    assert [row["seconds"] for row in rows] == [4, 4]


def test_the_clock_is_real():
    model = nn.Linear(2, 2)
    assert next(fit(model, make_loader(*problem(), 8), sgd(model), 1))["seconds"] > 0


def test_the_scheduler_steps_after_every_batch():
    model = nn.Linear(2, 2)
    optimizer = sgd(model, lr=1.0)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 / (1 + step))
    list(fit(model, make_loader(*problem(), 128), optimizer, 2, scheduler=scheduler))
    assert optimizer.param_groups[0]["lr"] == pytest.approx(1 / 9)


@pytest.mark.parametrize(("options", "inside"), [({}, torch.float32), ({"precision": "bfloat16"}, torch.bfloat16)])
def test_the_model_computes_in_the_precision_asked_for_and_the_rest_in_float32(options, inside):
    seen = []

    def loss_fn(outputs, labels):
        seen.append(outputs.dtype)
        return F.cross_entropy(outputs, labels)

    model = Witness(lambda _, outputs: seen.append(outputs.dtype))
    list(fit(model, make_loader(*problem(64), 64), sgd(model), 1, loss_fn, **options))
    assert seen == [inside, torch.float32]
    assert model.weight.dtype == model.weight.grad.dtype == torch.float32


def test_bfloat16_learns_too():
    model = nn.Linear(2, 2)
    list(fit(model, make_loader(*problem(), 64), sgd(model), 5, precision="bfloat16"))
    assert evaluate(model, *problem(seed=1))["accuracy"] > 0.9


def test_another_precision_is_an_error():
    model = nn.Linear(2, 2)
    with pytest.raises(ValueError, match="not 'float16'"):
        next(fit(model, make_loader(*problem(), 64), sgd(model), 1, precision="float16"))


class Travelling(torch.Tensor):
    """A tensor that remembers where the tensors of its class were sent."""

    trips = []  # noqa: RUF012

    def to(self, device):
        """Note the device."""
        self.trips.append(device)
        return self.as_subclass(torch.Tensor)


def test_every_batch_goes_to_the_device_of_the_model():
    Travelling.trips.clear()
    model = nn.Linear(2, 2)
    points, labels = (tensor.as_subclass(Travelling) for tensor in problem(256))
    list(fit(model, [(points, labels)], sgd(model), 1))
    predict(model, points)
    assert Travelling.trips == [torch.device("cpu")] * 4  # a batch's images and labels, and two batches of predict


def test_predict_computes_in_evaluation_mode_and_batch_by_batch_in_order():
    sizes = []
    model = nn.Sequential(Witness(lambda _, outputs: sizes.append(len(outputs))), nn.Dropout(0.5)).train()
    points, _ = problem(250)
    outputs = predict(model, points, batch_size=100)
    assert sizes == [100, 100, 50]
    torch.testing.assert_close(outputs, F.linear(points, model[0].weight, model[0].bias).detach())


def partly_frozen():
    """A model in train mode whose batch norm is kept in evaluation mode, as when only a last layer is trained."""
    model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Dropout(0.5), nn.Linear(3, 2)).train()
    model[1].eval()
    return model


def modes(model):
    """Whether each module of a model is in train mode."""
    return [module.training for module in model.modules()]


@pytest.mark.parametrize("build", [partly_frozen, lambda: partly_frozen().eval(), lambda: partly_frozen().train()])
def test_predict_leaves_every_layer_in_the_mode_it_was_in(build):
    model = build()
    before = modes(model)
    predict(model, problem()[0])
    assert modes(model) == before


def test_predict_leaves_the_modes_alone_also_after_an_error():
    model = partly_frozen()
    before = modes(model)
    with pytest.raises(RuntimeError, match="shape"):
        predict(model, torch.zeros(4, 7))
    assert modes(model) == before


def test_what_predict_returns_has_no_gradient_and_may_stand_in_later_sums_that_have_one():
    outputs = predict(nn.Linear(2, 2), problem()[0])
    assert not outputs.requires_grad
    factor = torch.ones(2, requires_grad=True)
    (outputs * factor).sum().backward()
    torch.testing.assert_close(factor.grad, outputs.sum(dim=0))


def test_predict_returns_float32_whatever_the_model_computes_in():
    outputs = predict(nn.Linear(2, 3).bfloat16(), problem(10)[0].bfloat16())
    assert outputs.dtype == torch.float32
    assert outputs.shape == (10, 3)


def test_evaluate_takes_the_mean_over_samples_not_over_batches():
    points, labels = problem(1001)  # predict's batches hold 128
    model = nn.Linear(2, 2)
    logits = model(points)
    result = evaluate(model, points, labels)
    assert list(result) == ["loss", "accuracy"]
    assert result["loss"] == pytest.approx(F.cross_entropy(logits, labels).item(), rel=1e-5)
    assert result["accuracy"] == pytest.approx((logits.argmax(1) == labels).double().mean().item())


def failing(error):
    """A model that raises an error in the middle of training."""

    def fail(*_):
        raise error

    return Witness(fail)


def notes(model):
    """The notes on the error with which the training of a model ends."""
    with pytest.raises(RuntimeError) as error:
        list(fit(model, make_loader(*problem(), 64), sgd(model), 1))
    return getattr(error.value, "__notes__", [])


@pytest.mark.parametrize(
    "model",
    [
        Witness(lambda *_: torch.empty(1 << 50)),  # more than any machine has
        failing(torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB.")),
        failing(RuntimeError("MPS backend out of memory (MPS allocated: 18.00 GB)")),
    ],
    ids=["cpu", "cuda", "mps"],
)
def test_fit_says_what_to_do_when_memory_runs_out(model):
    assert notes(model) == ["64 samples are too many: make batch_size smaller."]


@pytest.mark.parametrize(
    "mistake", [lambda *_: torch.zeros(1).expand(3).add_(1), lambda *_: torch.zeros(2) @ torch.zeros(3)]
)
def test_fit_says_nothing_of_memory_when_it_has_not_run_out(mistake):
    assert notes(Witness(mistake)) == []  # the first error speaks of «a single memory location»
