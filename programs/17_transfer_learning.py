import copy

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn
from torchvision import datasets

folder = "data"


def shrink(pixels):  # uint8 (N, 28, 28) → float32 (N, 1, 16, 16)
    return F.avg_pool2d(F.pad(pixels[:, None] / 255, (2, 2, 2, 2)), 2)


def move(images, room=3):
    corners = torch.randint(2 * room + 1, (len(images), 2)).tolist()
    pairs = zip(F.pad(images, [room] * 4), corners)
    return torch.stack([x[:, i : i + 16, j : j + 16] for x, (i, j) in pairs])


mnist = datasets.MNIST(folder, train=True, download=True)
is_old = mnist.targets < 6
old_images, old_labels = shrink(mnist.data[is_old]), mnist.targets[is_old]

pixels, digits = load_digits(return_X_y=True)  # (1797, 64) from 0 to 16, (1797,)
coarse = torch.tensor(pixels[digits > 5] / 16).float().view(-1, 1, 8, 8)
torch.manual_seed(0)
images = move(F.pad(coarse, (4, 4, 4, 4)))  # (714, 1, 16, 16)
labels = torch.tensor(digits[digits > 5]) - 6  # from 0 to 3


def block(ins, outs):
    conv = nn.Conv2d(ins, outs, 3, padding=1, bias=False)
    return nn.Sequential(conv, nn.MaxPool2d(2), nn.BatchNorm2d(outs), nn.ReLU())


def make_body():
    layers = [block(1, 16), block(16, 32), block(32, 64), nn.AdaptiveMaxPool2d(1)]
    return nn.Sequential(*layers, nn.Flatten()).to(memory_format=torch.channels_last)


def train(model, x, y, steps=60, transform=lambda x: x):  # in the caller's mode
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(steps):
        batch = torch.randperm(len(y))[:50]
        loss = F.cross_entropy(model(transform(x[batch])), y[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def accuracy(model, x, y):
    model.eval()
    with torch.no_grad():
        return (model(x).argmax(dim=1) == y).float().mean().item()


pretrained = nn.Sequential(make_body(), nn.Linear(64, 6))
train(pretrained, old_images, old_labels, steps=150, transform=move)

body = copy.deepcopy(pretrained[0]).requires_grad_(False).eval()
model = nn.Sequential(body, nn.Linear(64, 4))
train(model, images[:4], labels[:4])
print(f"{accuracy(model, images[4:], labels[4:]):.1%} of the others are right")
