"""What the parts of attention's transformer are worth, and a text that a GRU learns better, into results/attention.csv.

`make results` runs it. Each row is five networks: the share of rows that they write backwards without a mistake, or
the cross-entropy of a text's last tenth in nats a character.
"""

import pydoc_data.topics
import runpy

import pandas as pd
import torch
import torch.nn.functional as F
from torch import nn

from benchmarks.machine import describe
from tools.places import PROGRAMS, ROOT, lesson

RUNS = 5
PROGRAM = runpy.run_path(PROGRAMS / f"{lesson('attention').stem}.py")
draw_rows, step, Transformer = (PROGRAM[name] for name in ("draw_rows", "step", "Transformer"))


def halves(model):
    """The two parts of a transformer's block, each behind its norm."""
    return nn.Sequential(model.norm_1, model.attention), nn.Sequential(model.norm_2, model.mlp)


class Blocks(Transformer):
    """The lesson's transformer with several blocks, with or without residual connections."""

    def __init__(self, count, residual=True):
        super().__init__()
        parts = [Transformer() for _ in range(count)]
        self.blocks = nn.ModuleList([nn.ModuleList(halves(part)) for part in parts])
        self.residual = residual
        del self.attention, self.mlp, self.norm_1, self.norm_2

    def forward(self, rows):
        x = self.letters(rows) + self.places.weight[: rows.shape[1]]
        for block in self.blocks:
            for part in block:
                x = self.residual * x + part(x)
        return self.head(x)


class Recurrent(nn.Module):
    """A GRU that reads what the transformer reads."""

    def __init__(self, signs=27, width=64, state=73):
        super().__init__()
        self.letters = nn.Embedding(signs, width)
        self.gru = nn.GRU(width, state, batch_first=True)
        self.head = nn.Linear(state, signs)

    def forward(self, rows):
        return self.head(self.gru(self.letters(rows))[0])


class Nothing(nn.Module):
    """A part that adds nothing."""

    def forward(self, x):
        return torch.zeros_like(x)


def without_places():
    """A transformer that is not told where a letter stands."""
    model = Transformer()
    nn.init.zeros_(model.places.weight).requires_grad_(False)
    return model


def undivided():
    """A transformer whose scores are not divided by the root of the width: its queries are eight times as long."""
    model = Transformer()
    longer = torch.tensor([8.0, 1, 1]).repeat_interleave(64)
    model.attention.query_key_value.register_forward_hook(lambda layer, inputs, output: longer * output)
    return model


def without_norm():
    """A transformer without LayerNorm."""
    model = Transformer()
    model.norm_1 = model.norm_2 = model.head[0] = nn.Identity()
    return model


def without_mlp():
    """A transformer that only looks."""
    model = Transformer()
    model.norm_2, model.mlp = nn.Identity(), Nothing()
    return model


MODELS = {
    "one block": Transformer,
    "without places": without_places,
    "scores undivided": undivided,
    "without residual": lambda: Blocks(1, residual=False),
    "without LayerNorm": without_norm,
    "without MLP": without_mlp,
    "six blocks": lambda: Blocks(6),
    "six without residual": lambda: Blocks(6, residual=False),
    "GRU": Recurrent,
}


@torch.no_grad()
def exact(model):
    """The share of a thousand rows that a model writes backwards without a mistake."""
    truth = draw_rows(1000)
    rows = truth[:, :11]
    for _ in range(10):
        rows = torch.cat([rows, model(rows)[:, -1:].argmax(dim=-1)], dim=1)
    return (rows == truth).all(dim=1).float().mean().item()


def backwards(make, seed):
    """Train for three hundred steps as the lesson does; returns parameters and share of exact rows."""
    torch.manual_seed(seed)
    model = make()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01 if make is Recurrent else 0.003)
    for _ in range(300):
        step(model, optimizer, draw_rows(64))
    return sum(p.numel() for p in model.parameters()), exact(model)


TOPICS = "".join(text for _, text in sorted(pydoc_data.topics.topics.items()))  # what Python's help() tells
SIGNS = sorted(set(TOPICS))
NUMBERS = torch.tensor([SIGNS.index(sign) for sign in TOPICS])
TRAIN, LAST = NUMBERS.tensor_split([len(NUMBERS) * 9 // 10])
CONTEXT, STEPS = 64, 600


class TextTransformer(nn.Module):
    """Two blocks of four heads, as PyTorch has them."""

    def __init__(self):
        super().__init__()
        self.letters, self.places = nn.Embedding(len(SIGNS), 64), nn.Embedding(CONTEXT, 64)
        block = nn.TransformerEncoderLayer(64, 4, 128, dropout=0, batch_first=True, norm_first=True)
        self.blocks = nn.TransformerEncoder(block, 2, enable_nested_tensor=False)
        self.head = nn.Sequential(nn.LayerNorm(64), nn.Linear(64, len(SIGNS)))
        self.register_buffer("ahead", torch.ones(CONTEXT, CONTEXT).triu(1).bool())

    def forward(self, rows):
        return self.head(self.blocks(self.letters(rows) + self.places.weight, self.ahead, is_causal=True))


def nats(logits, rows):
    """The mean cross-entropy of the next signs."""
    return F.cross_entropy(logits.flatten(0, 1), rows[:, 1:].flatten())


def text(make, rate, seed):
    """Train on the text for some steps; returns parameters and nats a character on its last tenth."""
    torch.manual_seed(seed)
    model = make()
    optimizer = torch.optim.Adam(model.parameters())
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, STEPS, pct_start=0.1, cycle_momentum=False)
    for _ in range(STEPS):
        rows = TRAIN[torch.randint(len(TRAIN) - CONTEXT, (32, 1)) + torch.arange(CONTEXT + 1)]
        optimizer.zero_grad()
        nats(model(rows[:, :-1]), rows).backward()
        optimizer.step()
        scheduler.step()
    rows = LAST[: len(LAST) // (CONTEXT + 1) * (CONTEXT + 1)].reshape(-1, CONTEXT + 1)
    with torch.no_grad():
        return sum(p.numel() for p in model.parameters()), nats(model(rows[:, :-1]), rows).item()


TEXT_MODELS = {
    "transformer": (TextTransformer, 0.01),
    "GRU": (lambda: Recurrent(len(SIGNS), 64, 117), 0.01),
}


def row(task, name, runs):
    """One row of the table from the runs of five seeds."""
    parameters, values = zip(*runs, strict=True)
    values = torch.tensor(values)
    told = {"mean": values.mean(), "lowest": values.min(), "highest": values.max()}
    told = {name: round(value.item(), 4) for name, value in told.items()}
    print(task, name, parameters[0], told, flush=True)
    return {"task": task, "model": name, "parameters": parameters[0], **told, "runs": RUNS}


def main():
    """Train every model with five seeds, and record them."""
    torch.set_num_threads(1)
    rows = [row("backwards", name, [backwards(make, seed) for seed in range(RUNS)]) for name, make in MODELS.items()]
    for name, (make, rate) in TEXT_MODELS.items():
        rows.append(row("text", name, [text(make, rate, seed) for seed in range(RUNS)]))
    pd.DataFrame(rows).assign(**describe()).to_csv(ROOT / "results/attention.csv", index=False)


if __name__ == "__main__":
    main()
