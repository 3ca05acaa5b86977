import torch
from torch import nn

torch.set_num_threads(1)  # too little work to share
torch.manual_seed(0)
x = torch.linspace(-10, 10, 100)[:, None]  # (100, 1)
y = x.sin() + 0.5 * torch.rand(100, 1)


def make_model():
    layers = [nn.Linear(1, 200), nn.ReLU(), nn.Linear(200, 100), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(100, 1))


model = make_model()
optimizer = torch.optim.Adam(model.parameters(), lr=0.001)  # the line to change

loss_fn = nn.MSELoss()


def train(model, optimizer, y, epochs=300):
    losses = []
    for _ in range(epochs):
        loss = loss_fn(model(x / 10), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


print(f"last of 300 losses: {train(model, optimizer, y)[-1]:.4f}")
