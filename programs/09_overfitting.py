import copy

import torch
from torch import nn

x = torch.linspace(-10, 10, 100).reshape(100, 1)
inputs = x / 10
loss_fn = nn.MSELoss()


def make_model():
    return nn.Sequential(
        nn.Linear(1, 200),
        nn.ReLU(),
        nn.Linear(200, 100),
        nn.ReLU(),
        nn.Linear(100, 1),
    )


torch.manual_seed(0)
loud = x.sin() + 2 * torch.rand(100, 1)
order = torch.randperm(100)  # the numbers from 0 to 99, shuffled
x_train, y_train = inputs[order[:40]], loud[order[:40]]
x_val, y_val = inputs[order[40:]], loud[order[40:]]


def train_step(model, optimizer):
    model.train()
    loss = loss_fn(model(x_train), y_train)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()  # as it was before the step


def evaluate(model):
    model.eval()
    with torch.no_grad():
        return loss_fn(model(x_val), y_val).item()


torch.manual_seed(0)
model = make_model()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
best_loss, best_epoch, patience = float("inf"), 0, 200
for epoch in range(1000):
    train_step(model, optimizer)
    val_loss = evaluate(model)
    if val_loss < best_loss:
        best_loss, best_epoch = val_loss, epoch
        best_state = copy.deepcopy(model.state_dict())
    if epoch - best_epoch >= patience:
        break
model.load_state_dict(best_state)
print(f"stopped in epoch {epoch}, back to epoch {best_epoch}, loss {best_loss:.3f}")
