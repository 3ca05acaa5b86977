import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.set_num_threads(1)  # pictures too small to share between threads
digits = load_digits()
images = torch.from_numpy(digits.images).float()[:, None] / 16  # (1797, 1, 8, 8)
images = F.interpolate(images, size=(16, 16), mode="bilinear")
images = F.pad(images, (8, 8, 8, 8))  # (1797, 1, 32, 32)
labels = torch.from_numpy(digits.target)
train_set = TensorDataset(images[:1500], labels[:1500])
val_images, val_labels = images[1500:], labels[1500:]


def train(model, data=train_set):
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005, fused=True)
    model.train()
    for _ in range(4):  # epochs
        for x, y in DataLoader(data, batch_size=50, shuffle=True):
            loss = F.cross_entropy(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()


def accuracy(model, images, labels):
    model.eval()
    with torch.no_grad():
        predicted = model(images).argmax(dim=1)
    return (predicted == labels).float().mean().item()


class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def maps(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        return F.max_pool2d(F.relu(self.conv2(x)), 2)

    def forward(self, x):
        x = F.relu(self.fc1(self.maps(x).flatten(1)))
        return self.fc3(F.relu(self.fc2(x)))


torch.manual_seed(0)
model = LeNet()
train(model)
print(f"{accuracy(model, val_images, val_labels):.1%} read right")
