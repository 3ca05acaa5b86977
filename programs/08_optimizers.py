import torch
from torch import nn

torch.set_num_threads(1)  # too little work to share
torch.manual_seed(0)
x = torch.linspace(-10, 10, 100)[:, None]  # (100, 1)
y = x.sin() + 0.5 * torch.rand(100, 1)


def make_model():
    return nn.Sequential(
        nn.Linear(1, 200),
        nn.ReLU(),
        nn.Linear(200, 100),
        nn.ReLU(),
        nn.Linear(100, 1),
    )


model = make_model()
optimizer = torch.optim.Adam(model.parameters(), lr=0.001)  # the line to change

loss_fn = nn.MSELoss()


def train(model, optimizer, epochs=300):
    for _ in range(epochs):
        loss = loss_fn(model(x / 10), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss.item()


print(f"loss after 300 epochs: {train(model, optimizer):.4f}")
