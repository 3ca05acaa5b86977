import time

import torch
import torch.nn.functional as F
from torch import nn

torch.set_num_threads(1)
torch.backends.mkldnn.enabled = False


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = F.relu(self.fc1(x.flatten(1)))
        return self.fc3(F.relu(self.fc2(x)))


def step_time(model, size, device):
    clock = time.process_time if device == "cpu" else time.perf_counter
    optimizer = torch.optim.SGD(model.parameters(), lr=0.001)
    x = torch.rand(size, 3, 32, 32, device=device)
    y = torch.randint(10, (size,), device=device)
    seconds = []
    for _ in range(5):
        start = clock()
        loss = F.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        loss.item()
        seconds.append(clock() - start)
    return min(seconds)


larger = [nn.Conv2d(3, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(64, 128, 3)]
larger += [nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(128, 10)]
networks = {"small": Net(), "larger": nn.Sequential(*larger)}
where = "cpu"  # if you have a GPU, try "cuda"
sizes, ms = [1, 4, 16, 64], {}
for name, network in networks.items():
    network.to(where)
    ms[name] = [1000 * step_time(network, size, where) / size for size in sizes]
    print(name, [f"{t:.2f} ms" for t in ms[name]])
