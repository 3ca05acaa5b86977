"""The training loop that the lessons write out once, ready to be used again, on a CPU, on CUDA and on Apple's MPS."""

import copy
import statistics
import time
import timeit

import torch
import torch.nn.functional as F
from torch.utils.data import BatchSampler, DataLoader, RandomSampler, SequentialSampler, TensorDataset

_faster = {}  # what _faster_precision found: it measures once a process


def get_device():
    """The fastest device of this machine: CUDA, else Apple's MPS, else the CPU."""
    kinds = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    return torch.device(max(kinds, key=kinds.get))


def count_parameters(model):
    """How many numbers training may change."""
    return sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)


def make_loader(images, labels, batch_size, shuffle=False, transform=None, seed=0):
    """A DataLoader of batches (images, labels), each taken with one index.

    With `shuffle` every epoch has another order, drawn with the given seed. `transform` changes a batch of images.
    """
    dataset = TensorDataset(images, labels)
    generator = torch.Generator().manual_seed(seed)
    order = RandomSampler(dataset, generator=generator) if shuffle else SequentialSampler(dataset)
    change = (lambda batch: (transform(batch[0]), batch[1])) if transform else None
    batches = BatchSampler(order, batch_size, drop_last=False)
    return DataLoader(dataset, sampler=batches, batch_size=None, collate_fn=change)


def fit(model, loader, optimizer, epochs, loss_fn=F.cross_entropy, scheduler=None, validation=None, precision=None):
    """Train, and yield a dict after each epoch: epoch, loss, seconds; with `validation` also val_loss and val_accuracy.

    The loss is the mean over the epoch's samples, the seconds are the epoch's wall time without validation, a pair
    (images, labels). The scheduler steps after every batch. `precision`, "float32" or "bfloat16", is what autocast
    computes in (weights stay float32); None measures which of the two is faster here.
    """
    device = next(model.parameters()).device
    for epoch in range(1, epochs + 1):
        start, total, count = time.perf_counter(), torch.zeros((), device=device), 0
        model.train()
        for inputs, targets in loader:
            inputs, targets = inputs.to(device), targets.to(device)
            precision = precision or _faster_precision(model, inputs, targets, loss_fn)
            try:
                total += _step(model, inputs, targets, optimizer, loss_fn, precision) * len(inputs)
            except RuntimeError as error:
                if "memory" in str(error):
                    error.add_note(f"A batch of {len(inputs)} is too much for this machine: make batch_size smaller.")
                raise
            count += len(inputs)
            if scheduler:
                scheduler.step()
        row = {"epoch": epoch, "loss": total.item() / count, "seconds": time.perf_counter() - start}
        if validation:
            row |= {f"val_{name}": value for name, value in evaluate(model, *validation).items()}
        yield row


def _step(model, inputs, targets, optimizer, loss_fn, precision):
    """The lines at the heart of every training loop; returns the loss, detached."""
    optimizer.zero_grad()
    with torch.autocast(inputs.device.type, getattr(torch, precision), enabled=precision != "float32"):
        outputs = model(inputs)
    loss = loss_fn(outputs.float(), targets)
    loss.backward()
    optimizer.step()
    return loss.detach()


def _faster_precision(model, inputs, targets, loss_fn):
    """Time training steps on copies of the model, once a process and architecture; returns "float32" or "bfloat16".

    Names do not tell: bfloat16 is several times faster on a CPU with AMX, and several times slower on one without.
    """
    kind = (str(model), inputs.device)
    if kind not in _faster:
        kinds = {"cpu": True, "cuda": torch.cuda.is_available() and torch.cuda.is_bf16_supported()}
        names = ["float32", "bfloat16"] if kinds.get(inputs.device.type) else ["float32"]  # old GPUs, and MPS
        with torch.random.fork_rng(range(torch.cuda.device_count())):
            seconds = {name: _time_step(model, inputs, targets, loss_fn, name) for name in names}
        print("a step takes", ", ".join(f"{1e3 * time:.1f} ms in {name}" for name, time in seconds.items()))
        _faster[kind] = min(seconds, key=seconds.get)
    return _faster[kind]


def _time_step(model, inputs, targets, loss_fn, precision):
    """Median seconds of three training steps, after one to warm up."""
    model = copy.deepcopy(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=0)
    args = (model, inputs, targets, optimizer, loss_fn, precision)
    return statistics.median(timeit.repeat(lambda: _step(*args).item(), number=1, repeat=4)[1:])  # item() awaits a GPU


@torch.inference_mode()
def predict(model, images, batch_size=128):
    """The model's outputs for all images, float32 (N, …) on the CPU, in evaluation mode and without gradients."""
    device, training = next(model.parameters()).device, model.training
    model.eval()
    outputs = torch.cat([model(batch.to(device)).float().cpu() for batch in images.split(batch_size)])
    model.train(training)
    return outputs


def evaluate(model, images, labels):
    """A classifier's mean cross-entropy and accuracy, from all logits at once: {"loss": …, "accuracy": …}."""
    logits = predict(model, images)
    accuracy = (logits.argmax(dim=1) == labels).float().mean().item()
    return {"loss": F.cross_entropy(logits, labels).item(), "accuracy": accuracy}
