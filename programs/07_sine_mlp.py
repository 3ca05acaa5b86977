import torch
import torch.nn.functional as F
from torch import nn

torch.set_num_threads(1)  # for small tensors one core is quickest

torch.manual_seed(0)
x = torch.linspace(-10, 10, 100).reshape(100, 1)
y = x.sin() + 0.5 * torch.rand(100, 1)
truth = x.sin() + 0.25


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden1 = nn.Linear(1, 200)
        self.hidden2 = nn.Linear(200, 100)
        self.output = nn.Linear(100, 1)

    def forward(self, x):
        h = F.relu(self.hidden1(x))  # (N, 200)
        h = F.relu(self.hidden2(h))  # (N, 100)
        return self.output(h)  # (N, 1)


torch.manual_seed(1)
model = Net()
print(model)

loss_fn = nn.MSELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for _ in range(1000):
    loss = loss_fn(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

model.eval()  # a habit from lesson 05; here it changes nothing
with torch.no_grad():
    curve = model(x)
error = loss_fn(curve, truth).item()
noise_variance = 0.25 / 12  # rand: 1 / 12, times a half squared
loss = loss_fn(curve, y).item()  # after the last step
print(f"loss {loss:.3f}, error {error:.3f}, noise {noise_variance:.3f}")
