"""Recipe C of 2017 against this book's lessons in one run on CIFAR-10, into results/cifar10.csv: `make results`.

Recipe C is the classifier of «PyTorch深度学习», the Chinese walk-through of the sixty-minute blitz (2017), as it was:
two 5×5 convolutions (6, 16) and three linear layers; pictures from PIL through ToTensor and Normalize, scaled to -1…1;
a DataLoader of shuffled batches of 4 with two workers; cross-entropy; SGD 0.001 with momentum 0.9; two epochs. It sets
no seed. The book's side is the lessons themselves, run by papermill. Seconds are those of training and of reading the
test set; decoding the data is not in them. A CPU with bfloat16 can play one without: ONEDNN_MAX_CPU_ISA=AVX2 and
ATEN_CPU_CAPABILITY=avx2 in the environment. `python -m benchmarks.cifar NAME` runs one lesson or recipe
beside recipe C. Ratios hold within one run, so its rows replace all that a machine recorded before.
"""

import sys
import time

import pandas as pd
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader

from benchmarks.machine import Pictures, describe, precision, run_lesson
from helpers import count_parameters, load_data
from tools.places import ROOT

EVERY = 2000  # batches, over which the running loss is a mean
FAST = {"precision": precision(), "rung_images": 500}  # the ladder is not what is measured
LESSONS = {  # recipe: lesson, parameters
    "cifar10": ("cifar10", {"epochs": 2}),
    "cifar10_better": ("cifar10_better", {"final_epochs": 3}),
    "cifar10_fast, to 54 %": ("cifar10_fast", FAST | {"goal": 54}),
    "cifar10_fast, to 82 %": ("cifar10_fast", FAST | {"goal": 82}),
    "cifar10_fast, to 90 %": ("cifar10_fast", FAST | {"goal": 90}),
}
RUNS = 3


class Net(nn.Module):
    """The network of recipe C."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 5)
        self.pool = nn.MaxPool2d(2, 2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, images):
        """Logits (N, 10) of images (N, 3, 32, 32)."""
        images = self.pool(F.relu(self.conv1(images)))
        images = self.pool(F.relu(self.conv2(images)))
        images = F.relu(self.fc2(F.relu(self.fc1(images.flatten(1)))))
        return self.fc3(images)


def recipe_c(train, test):
    """A dict: the twelve running losses, accuracy on the test set and in each of its classes, and seconds."""
    model, loss_fn = Net(), nn.CrossEntropyLoss()
    assert count_parameters(model) == 62006
    optimizer = torch.optim.SGD(model.parameters(), lr=0.001, momentum=0.9)
    train_loader = DataLoader(train, batch_size=4, shuffle=True, num_workers=2)
    start, losses = time.perf_counter(), []
    for _ in range(2):
        running = 0.0
        for step, (images, labels) in enumerate(train_loader, start=1):
            optimizer.zero_grad()
            loss = loss_fn(model(images), labels)
            loss.backward()
            optimizer.step()
            running += loss.item()
            if step % EVERY == 0:
                losses.append(running / EVERY)
                print(f"recipe C: {losses[-1]:.3f} after {time.perf_counter() - start:.1f} s", flush=True)
                running = 0.0
    classes = per_class(model, test)
    seconds = time.perf_counter() - start
    return {"losses": losses, "accuracy": sum(classes) / len(classes), "classes": classes, "seconds": seconds}


@torch.no_grad()
def per_class(model, test):
    """The share of each class that the model reads right, as a list; the classes are equally frequent."""
    correct, total = torch.zeros(10), torch.zeros(10)
    for images, labels in DataLoader(test, batch_size=4, num_workers=2):
        correct += labels[model(images).argmax(1) == labels].bincount(minlength=10)
        total += labels.bincount(minlength=10)
    return (correct / total).tolist()


def record(rows, data, about):
    """Write the table anew; what another kind of machine recorded stays."""
    table = pd.DataFrame(rows).round({"accuracy": 4, "lowest": 4, "seconds": 1})
    table["ratio"] = (table.seconds / table.seconds[0]).round(3)
    table, file = table.assign(data=data.source, **about), ROOT / "results/cifar10.csv"
    recorded = pd.read_csv(file)
    table = pd.concat([table, recorded[recorded.hardware != about["hardware"]]])
    table = table.sort_values("hardware", kind="stable")
    table.to_csv(file, index=False)
    print(table.to_string(), flush=True)


def main():
    """Run recipe C once and each lesson with several seeds, and record them."""
    data, about = load_data("cifar10"), describe()
    assert data.full, "the benchmark wants the full CIFAR-10"
    scale = ((0.5,) * 3, (0.5,) * 3)
    train = Pictures(*(torch.cat(parts) for parts in zip(data.train, data.validation)), *scale)
    old = recipe_c(train, Pictures(*data.test, *scale))
    row = {"recipe": "C (2017)", "epochs": 2, "images": len(train), "runs": 1, "precision": "float32"}
    rows = [row | {"accuracy": old["accuracy"], "lowest": old["accuracy"], "seconds": old["seconds"]}]
    for recipe, (lesson, parameters) in LESSONS.items():
        if sys.argv[1:] and not {lesson, recipe} & set(sys.argv[1:]):
            continue
        records = pd.DataFrame([run_lesson(lesson, "record", seed=seed, **parameters) for seed in range(RUNS)])
        row = {"recipe": recipe, "epochs": records.epochs[0], "images": records.images[0], "runs": RUNS}
        row |= {"precision": records.precision[0], "accuracy": records.accuracy.mean()}
        rows.append(row | {"lowest": records.accuracy.min(), "seconds": records.seconds.mean()})
        print(*rows[-1].values(), flush=True)
    record(rows, data, about)  # at the end: cifar10_fast reads what was recorded before


if __name__ == "__main__":
    main()
