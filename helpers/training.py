"""The training loop that the lessons write out once, ready to be used again."""

import time
from contextlib import contextmanager

import torch
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset
from torch.utils.data.sampler import BatchSampler, RandomSampler, SequentialSampler


def get_device():
    """The fastest device of this machine: CUDA, else Apple's MPS, else the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def count_parameters(model):
    """How many numbers of a model training may change: frozen ones do not count."""
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


def make_loader(images, labels, batch_size, shuffle=False, transform=None, seed=0):
    """A DataLoader of batches (images, labels) from two tensors, one row a sample.

    `shuffle` draws a new order each epoch, by `seed`; `transform` changes images.
    """
    dataset = TensorDataset(images, labels)
    order = SequentialSampler(dataset)
    if shuffle:
        order = RandomSampler(dataset, generator=torch.Generator().manual_seed(seed))
    batches = BatchSampler(order, batch_size, drop_last=False)

    def change(batch):
        return (transform(batch[0]), batch[1]) if transform else batch

    return DataLoader(dataset, sampler=batches, batch_size=None, collate_fn=change)


def fit(model, loader, optimizer, epochs, loss_fn=F.cross_entropy,
        scheduler=None, validation=None, precision="float32"):  # fmt: skip
    """Train a model, and yield a dict after each epoch: epoch, mean loss, seconds.

    A generator: it trains only while a loop, or list(fit(…)), takes its dicts. The
    seconds leave out `validation`, a pair (images, labels) for val_loss and
    val_accuracy. The scheduler steps every batch; for `precision` see train_step.
    """
    device = next(model.parameters()).device
    for epoch in range(1, epochs + 1):
        start, total, count = time.perf_counter(), 0.0, 0
        model.train()
        for inputs, targets in loader:
            batch = inputs.to(device), targets.to(device)
            with hint_at_batch_size(len(inputs)):
                loss = train_step(model, *batch, optimizer, loss_fn, precision)
            if scheduler:
                scheduler.step()
            total, count = total + len(inputs) * loss, count + len(inputs)
        row = {"epoch": epoch, "loss": float(total) / count}  # float waits for a GPU
        row["seconds"] = time.perf_counter() - start
        if validation:
            row |= {f"val_{k}": v for k, v in evaluate(model, *validation).items()}
        yield row


def train_step(model, inputs, targets, optimizer, loss_fn, precision="float32"):
    """Step down the gradient of one batch's mean loss; returns that loss, detached.

    In "bfloat16" the model computes in 16 bits, by autocast; its weights keep 32.
    """
    if precision not in ("float32", "bfloat16"):
        raise ValueError(f'precision is "float32" or "bfloat16", not {precision!r}')
    optimizer.zero_grad()
    with torch.autocast(inputs.device.type, torch.bfloat16, precision == "bfloat16"):
        outputs = model(inputs)
    loss = loss_fn(outputs.float(), targets)
    loss.backward()
    optimizer.step()
    return loss.detach()


@contextmanager
def hint_at_batch_size(size):
    """Add what helps to an error of exhausted memory, and to no other."""
    try:
        yield
    except RuntimeError as error:
        words = str(error)  # CUDA and MPS say the first, a CPU the second
        if "out of memory" in words or "tried to allocate" in words:
            error.add_note(f"{size} samples are too many: make batch_size smaller.")
        raise


@torch.no_grad()
def predict(model, images, batch_size=128):
    """A model's outputs for images (N, …), float32 (N, …) on the CPU.

    It computes in evaluation mode and without gradients; afterwards each layer is in
    the mode that it was in before, also after an error.
    """
    device = next(model.parameters()).device
    modes = {module: module.training for module in model.modules()}
    model.eval()
    try:
        parts = images.split(batch_size)
        return torch.cat([model(part.to(device)).float().cpu() for part in parts])
    finally:
        for module, mode in modes.items():
            module.training = mode


def evaluate(model, images, labels):
    """A classifier's mean cross-entropy and accuracy, over all samples at once.

    Images (N, …), labels int64 (N,); returns {"loss": …, "accuracy": …}.
    """
    logits = predict(model, images)
    right = (logits.argmax(dim=1) == labels).float().mean()
    return {"loss": F.cross_entropy(logits, labels).item(), "accuracy": right.item()}
