import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
x = torch.linspace(-1, 1, 100).reshape(100, 1)
y = 5 + 5 * x + 5 * torch.rand(100, 1)

points = TensorDataset(x, y)
loader = DataLoader(points, batch_size=100, shuffle=True)


class Line(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(1, 1)

    def forward(self, x):
        return self.linear(x)


model = Line()
print(model)

loss_fn = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.2)

for _ in range(100):
    for x_batch, y_batch in loader:
        outputs = model(x_batch)
        loss = loss_fn(outputs, y_batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
slope, intercept = model.linear.weight.item(), model.linear.bias.item()
print(f"slope {slope:.4f}, intercept {intercept:.4f}, loss {loss.item():.4f}")
