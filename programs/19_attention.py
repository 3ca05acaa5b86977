import torch
import torch.nn.functional as F
from torch import nn

torch.set_num_threads(1)  # tensors too small to share between threads


def draw_rows(n):  # (n, 21) whole numbers
    letters = torch.randint(26, (n, 10))
    return torch.cat([letters, torch.full((n, 1), 26), letters.flip(1)], dim=1)


class Attention(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.query_key_value = nn.Linear(width, 3 * width, bias=False)
        self.register_buffer("mask", torch.ones(20, 20).tril().bool())

    def forward(self, x):  # (N, places, width)
        query, key, value = self.query_key_value(x).chunk(3, dim=-1)
        scores = query @ key.mT / key.shape[-1] ** 0.5  # (N, places, places)
        mask = self.mask[: x.shape[1], : x.shape[1]]
        self.weights = scores.masked_fill(~mask, -torch.inf).softmax(dim=-1)
        return self.weights @ value  # the weights are kept to be looked at


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.letters = nn.Embedding(27, 64)
        self.places = nn.Embedding(20, 64)
        self.look = nn.Sequential(nn.LayerNorm(64), Attention(64))
        mlp = [nn.LayerNorm(64), nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 64)]
        self.think = nn.Sequential(*mlp)
        self.head = nn.Sequential(nn.LayerNorm(64), nn.Linear(64, 27))

    def forward(self, rows):  # (N, places) whole numbers
        x = self.letters(rows) + self.places.weight[: rows.shape[1]]
        x = x + self.look(x)
        x = x + self.think(x)
        return self.head(x)  # (N, places, 27) logits


def step(model, optimizer):
    rows = draw_rows(64)  # new ones each time
    logits = model(rows[:, :-1])  # (64, 20, 27)
    loss = F.cross_entropy(logits.flatten(0, 1), rows[:, 1:].flatten())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


torch.manual_seed(0)
model = Transformer()
optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
losses = [step(model, optimizer) for _ in range(300)]
print(f"loss {losses[0]:.3f} → {losses[-1]:.3f}")
