"""Recipe A of 2017 against the lesson on it, in one run on the full MNIST, into results/mnist.csv: `make results`.

Recipe A is the MNIST program of pyliaorachel, «深度學習新手村：PyTorch入門» (2017), as it was: two 5×5 convolutions
(10, 20), Dropout2d, one linear layer; log_softmax and nll_loss; SGD 0.01 with momentum 0.5; batches of 64; seed 1; the
test set after each of ten epochs. Its DataLoader gets the number of workers that is fastest here. The book's side is
the lesson itself, run by papermill. Seconds are those of training and evaluation; decoding the data is not in them.
"""

import time

import pandas as pd
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader

from benchmarks.machine import Pictures, describe, run_lesson
from helpers import count_parameters, load_data
from tools.places import ROOT

RUNS = {1: range(5), 3: range(5)}  # epochs of the lesson: seeds


class Net(nn.Module):
    """The network of recipe A."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 10, kernel_size=5)
        self.conv2 = nn.Conv2d(10, 20, kernel_size=5)
        self.drop = nn.Dropout2d()
        self.linear = nn.Linear(320, 10)

    def forward(self, images):
        """Log-probabilities (N, 10) of images (N, 1, 28, 28)."""
        images = F.relu(F.max_pool2d(self.conv1(images), 2))
        images = F.relu(F.max_pool2d(self.drop(self.conv2(images)), 2))
        return F.log_softmax(self.linear(images.flatten(1)), dim=1)


def recipe_a(train, test, epochs, workers):
    """Accuracy on the test set after the last epoch, and seconds."""
    torch.manual_seed(1)
    model = Net()
    assert count_parameters(model) == 8490
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.5)
    train_loader = DataLoader(train, batch_size=64, shuffle=True, num_workers=workers)
    test_loader = DataLoader(test, batch_size=1000, num_workers=workers)
    start = time.perf_counter()
    for _ in range(epochs):
        model.train()
        for images, labels in train_loader:
            optimizer.zero_grad()
            F.nll_loss(model(images), labels).backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            correct = sum((model(images).argmax(1) == labels).sum().item() for images, labels in test_loader)
        print(
            f"recipe A, {workers} workers: {correct / len(test):.4f} after {time.perf_counter() - start:.1f} s",
            flush=True,
        )
    return correct / len(test), time.perf_counter() - start


def main():
    """Run both, the old recipe once, the lesson with five seeds, and write the table."""
    data = load_data("mnist")
    assert data.full, "the benchmark wants the full MNIST"
    scale = ((0.1307,), (0.3081,))  # mean and deviation of the training pixels
    train = Pictures(*(torch.cat(parts) for parts in zip(data.train, data.validation)), *scale)
    test = Pictures(*data.test, *scale)
    workers = min((0, 1, 2), key=lambda count: recipe_a(train, test, 1, count)[1])
    accuracy, seconds = recipe_a(train, test, 10, workers)
    rows = [
        {"recipe": "A (2017)", "epochs": 10, "accuracy": accuracy, "lowest": accuracy, "seconds": seconds, "runs": 1}
    ]
    for epochs, seeds in RUNS.items():
        records = pd.DataFrame([run_lesson("mnist", "record", epochs=epochs, seed=seed) for seed in seeds])
        row = {"recipe": "mnist", "epochs": epochs, "accuracy": records.accuracy.mean()}
        row |= {"lowest": records.accuracy.min(), "seconds": records.seconds.mean(), "runs": len(records)}
        rows.append(row)
        print(records, flush=True)
    table = pd.DataFrame(rows).assign(data=data.source, **describe()).round({"accuracy": 4, "lowest": 4, "seconds": 1})
    table.to_csv(ROOT / "results/mnist.csv", index=False)
    print(table)


if __name__ == "__main__":
    main()
