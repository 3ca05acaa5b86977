import torch
import torch.nn.functional as F
from torch import nn


def draw_rows(n):  # (n, 21) whole numbers
    letters = torch.randint(26, (n, 10))
    return torch.cat([letters, torch.full((n, 1), 26), letters.flip(1)], dim=1)


class Attention(nn.Module):
    def __init__(self, width, size):
        super().__init__()
        self.query_key_value = nn.Linear(width, 3 * size, bias=False)
        self.causal = True

    def forward(self, x):  # (N, places, width)
        query, key, value = self.query_key_value(x).chunk(3, dim=-1)
        scores = query @ key.mT / key.shape[-1] ** 0.5  # (N, places, places)
        if self.causal:
            allowed = torch.ones_like(scores[0]).tril().bool()
            scores = scores.masked_fill(~allowed, -torch.inf)
        weights = scores.softmax(dim=-1)
        self.last_weights = weights.detach()  # kept to be looked at
        return weights @ value  # (N, places, size)


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.letters, self.places = nn.Embedding(27, 64), nn.Embedding(20, 64)
        self.norm_1, self.norm_2 = nn.LayerNorm(64), nn.LayerNorm(64)
        self.attention = Attention(64, 64)
        self.mlp = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 64))
        self.head = nn.Sequential(nn.LayerNorm(64), nn.Linear(64, 27))

    def forward(self, rows):  # (N, places) whole numbers
        x = self.letters(rows) + self.places.weight[: rows.shape[1]]
        x = x + self.attention(self.norm_1(x))
        x = x + self.mlp(self.norm_2(x))
        return self.head(x)  # (N, places, 27) logits


def step(model, optimizer, rows):  # (N, 21), new ones each time
    logits = model(rows[:, :-1])  # (N, 20, 27)
    loss = F.cross_entropy(logits.flatten(0, 1), rows[:, 1:].flatten())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


torch.manual_seed(0)
model = Transformer()
optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
losses = [step(model, optimizer, draw_rows(64)) for _ in range(300)]
print(f"loss {losses[0]:.3f} → {losses[-1]:.3f}")
