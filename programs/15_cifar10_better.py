import torch
from torch import nn


def block(channels_in, channels, norm, pool):
    layers = [nn.Conv2d(channels_in, channels, 3, padding=1, bias=not norm)]
    layers += [nn.MaxPool2d(2)] if pool else []
    layers += [nn.BatchNorm2d(channels)] if norm else []
    return [*layers, nn.ReLU()]


def deep(norm=False):
    layers, channels_in = [], 3
    for channels in (32, 64, 128):  # maps of 32×32 → 16×16 → 8×8 → 4×4
        layers += block(channels_in, channels, norm, pool=True)
        layers += block(channels, channels, norm, pool=False)
        channels_in = channels
    head = [nn.MaxPool2d(4), nn.Flatten(), nn.Linear(128, 10)]  # → 1×1
    return nn.Sequential(*layers, *head)


@torch.no_grad()
def deviations(model, x):
    found = []
    for layer in model:
        x = layer(x)
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            found.append(x.std(dim=0).mean().item())
    return found


torch.manual_seed(0)
noise = torch.randn(200, 3, 32, 32)
default = deviations(deep(), noise)
print("default   ", *[f"{d:.4f}" for d in default])


def kaiming():
    model = deep()
    for layer in model:
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            nn.init.zeros_(layer.bias)
    return model


def normed():
    return deep(norm=True)


started, rescaled = deviations(kaiming(), noise), deviations(normed(), noise)
print("Kaiming   ", *[f"{d:.4f}" for d in started])
print("batch norm", *[f"{d:.4f}" for d in rescaled])
assert default[-1] < 0.01 < 0.1 < min(started[-1], rescaled[-1])
