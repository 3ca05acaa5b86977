import os

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader, DistributedSampler, TensorDataset

dist.init_process_group("gloo")
rank, world_size = dist.get_rank(), dist.get_world_size()
torch.manual_seed(0)
points = 2 * torch.rand(2048, 2) - 1
labels = (points.norm(dim=1) < 0.8).long()

data = TensorDataset(points, labels)
sampler = DistributedSampler(data)  # knows the rank and the world size
loader = DataLoader(data, batch_size=32, sampler=sampler)
torch.manual_seed(0)  # only to compare: one process will start with this seed
net = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 2))
model = DistributedDataParallel(net)
optimizer = torch.optim.SGD(model.parameters(), lr=0.2)  # 0.1 for each process
loss_fn = nn.CrossEntropyLoss()


def save(epoch):
    if rank == 0:
        state = {"net": net.state_dict(), "optimizer": optimizer.state_dict()}
        torch.save(state | {"epoch": epoch + 1}, "new.pt")
        os.replace("new.pt", "checkpoint.pt")
    dist.barrier()


start = 0
if os.path.exists("checkpoint.pt"):
    state = torch.load("checkpoint.pt")
    net.load_state_dict(state["net"])
    optimizer.load_state_dict(state["optimizer"])
    start = state["epoch"]

for epoch in range(start, 5):
    sampler.set_epoch(epoch)
    total = torch.zeros(1)
    for x, y in loader:
        loss = loss_fn(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.detach() / len(loader) / world_size  # adds up to the mean
    dist.all_reduce(total)
    save(epoch)
    if rank == 0:
        print(f"epoch {epoch} loss {total.item():.6f}")
dist.destroy_process_group()
