from pathlib import Path

import torch
from torch import nn, optim
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader

file, epochs, seed = Path("surnames.txt"), 5, 0

names = file.read_text().split()
train_names = [name for i, name in enumerate(names) if i % 10]

letters = ".abcdefghijklmnopqrstuvwxyz"


def encode(text):
    return torch.tensor([letters.index(letter) for letter in text])


def make_batch(names):
    inputs = pad_sequence([encode("." + name) for name in names], batch_first=True)
    targets = [encode(name + ".") for name in names]
    return inputs, pad_sequence(targets, batch_first=True, padding_value=-100)


class NameModel(nn.Module):
    def __init__(self, layer=nn.RNN):
        super().__init__()
        self.embedding = nn.Embedding(27, 32)
        self.rnn = layer(32, 128, batch_first=True)
        self.linear = nn.Linear(128, 27)

    def forward(self, x):  # (N, time)
        states, _ = self.rnn(self.embedding(x))
        return self.linear(states).transpose(1, 2)  # (N, 27, time)


def train(model, data, collate_fn=make_batch, batch_size=128):
    loader = DataLoader(data, batch_size, shuffle=True, collate_fn=collate_fn)
    optimizer = optim.Adam(model.parameters())
    scheduler = optim.lr_scheduler.OneCycleLR(optimizer, 0.01, epochs * len(loader))
    for _ in range(epochs):
        for inputs, targets in loader:
            loss = nn.functional.cross_entropy(model(inputs), targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            scheduler.step()


torch.manual_seed(seed)
model = NameModel()
train(model, train_names)


@torch.no_grad()
def write(model, text="."):
    while text == "." or text[-1] != ".":
        chances = model(encode(text)[None])[0, :, -1].softmax(dim=0)
        text += letters[torch.multinomial(chances, 1).item()]
    return text[1:-1]


print(*[write(model) for _ in range(10)])
