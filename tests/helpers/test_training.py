"""The helpers of training.py against sums done by hand, and on problems small enough to know the answer."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from helpers import count_parameters, evaluate, fit, get_device, make_loader, predict


def problem(count=512, seed=0):
    """Points in the plane (N, 2) and on which side of a line each lies (N,)."""
    generator = torch.Generator().manual_seed(seed)
    points = torch.randn(count, 2, generator=generator)
    return points, (points.sum(dim=1) > 0).long()


def test_a_loader_gives_each_sample_once_an_epoch_and_another_order_each_time():
    loader = make_loader(torch.arange(10), torch.arange(10) * 2, batch_size=4, shuffle=True, seed=3)
    first, second = (torch.cat([images for images, _ in loader]) for _ in range(2))
    assert [len(images) for images, _ in loader] == [4, 4, 2]
    assert first.sort().values.tolist() == second.sort().values.tolist() == list(range(10))
    assert first.tolist() != second.tolist()


def test_a_loader_keeps_images_and_labels_together_and_the_seed_fixes_the_order():
    loaders = [make_loader(torch.arange(10), torch.arange(10) * 2, 3, shuffle=True, seed=5) for _ in range(2)]
    for (images, labels), (again, _) in zip(*loaders):
        assert torch.equal(labels, images * 2)
        assert torch.equal(images, again)


def test_a_loader_without_shuffle_keeps_the_order_and_transforms_whole_batches():
    loader = make_loader(torch.arange(5), torch.arange(5), batch_size=2, transform=lambda images: images + 100)
    assert [images.tolist() for images, _ in loader] == [[100, 101], [102, 103], [104]]


def test_fit_does_what_the_loop_by_hand_does():
    points, labels = problem()
    torch.manual_seed(0)
    ours, theirs = nn.Linear(2, 2), nn.Linear(2, 2)
    theirs.load_state_dict(ours.state_dict())
    optimizer = torch.optim.SGD(ours.parameters(), lr=0.5, momentum=0.9)
    by_hand = torch.optim.SGD(theirs.parameters(), lr=0.5, momentum=0.9)
    rows = list(fit(ours, make_loader(points, labels, 64), optimizer, epochs=2, precision="float32"))
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


def test_fit_weighs_a_last_smaller_batch_by_its_size():
    model = nn.Linear(1, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0)
    inputs = torch.arange(5.0)[:, None]
    row = next(fit(model, make_loader(inputs, inputs, 4), optimizer, 1, F.mse_loss, precision="float32"))
    assert row["loss"] == pytest.approx(F.mse_loss(model(inputs), inputs).item(), rel=1e-5)


def test_fit_is_a_generator_that_may_be_left_early_and_reports_validation():
    points, labels = problem()
    model = nn.Linear(2, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    loader = make_loader(points, labels, 64)
    for row in fit(model, loader, optimizer, epochs=100, validation=problem(seed=1), precision="float32"):
        if row["val_accuracy"] > 0.9:
            break
    assert row["epoch"] < 100
    assert row["val_loss"] < 0.7


def test_the_scheduler_steps_after_every_batch():
    points, labels = problem()
    model = nn.Linear(2, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 / (1 + step))
    list(fit(model, make_loader(points, labels, 128), optimizer, 2, scheduler=scheduler, precision="float32"))
    assert optimizer.param_groups[0]["lr"] == pytest.approx(1 / 9)


def test_measuring_the_precision_changes_no_weight_and_no_random_number(capsys):
    points, labels = problem()
    results = []
    for precision in ("float32", None):
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(2, 7), nn.BatchNorm1d(7), nn.Dropout(), nn.Linear(7, 2))
        optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
        list(fit(model, make_loader(points, labels, 512), optimizer, 1, precision=precision))
        results.append((model[0].weight.clone(), model[1].num_batches_tracked.item(), torch.rand(3)))
    assert "in float32" in capsys.readouterr().out
    assert results[0][1] == results[1][1] == 1
    assert torch.equal(results[0][0], results[1][0])
    assert torch.equal(results[0][2], results[1][2])


def test_the_precision_is_measured_once_for_an_architecture(capsys):
    points, labels = problem()
    for _ in range(2):
        model = nn.Linear(2, 2, bias=False)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        list(fit(model, make_loader(points, labels, 512), optimizer, 1))
    assert capsys.readouterr().out.count("a step takes") == 1


def test_predict_is_in_evaluation_mode_and_puts_the_mode_back():
    model = nn.Sequential(nn.Linear(2, 3), nn.Dropout(0.5)).train()
    points, _ = problem(2500)
    outputs = predict(model, points)
    assert torch.allclose(outputs, model[0](points))
    assert model.training
    assert not outputs.requires_grad


def test_evaluate_takes_the_mean_over_samples_not_over_batches():
    points, labels = problem(1001)  # predict's batches hold 128
    model = nn.Linear(2, 2)
    logits = model(points)
    result = evaluate(model, points, labels)
    assert result["loss"] == pytest.approx(F.cross_entropy(logits, labels).item(), rel=1e-5)
    assert result["accuracy"] == pytest.approx((logits.argmax(1) == labels).double().mean().item())


def test_count_parameters_leaves_out_the_frozen():
    model = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))
    assert count_parameters(model) == 3 * 4 + 4 + 4 * 2 + 2
    model[0].requires_grad_(False)
    assert count_parameters(model) == 4 * 2 + 2


def test_the_device_exists_and_computes():
    assert torch.ones(2, device=get_device()).sum().item() == 2


class Greedy(nn.Linear):
    """A layer that asks for more memory than any machine has."""

    def forward(self, inputs):
        return super().forward(inputs) + torch.empty(1 << 50).sum()


def test_fit_says_what_to_do_when_memory_runs_out():
    points, labels = problem()
    model = Greedy(2, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with pytest.raises(RuntimeError, match="memory") as error:
        list(fit(model, make_loader(points, labels, 64), optimizer, 1, precision="float32"))
    assert error.value.__notes__ == ["A batch of 64 is too much for this machine: make batch_size smaller."]
