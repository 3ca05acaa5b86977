import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from torchvision import datasets

folder = "data"

train_set = datasets.MNIST(folder, train=True, download=True)
test_set = datasets.MNIST(folder, train=False, download=True)
image, label = train_set[0]
print(image.size, image.mode, label)
print(train_set.data.shape, train_set.data.dtype)


def prepare(data):  # uint8 (N, 28, 28)
    return (data[:, None] / 255 - 0.1307) / 0.3081  # float32 (N, 1, 28, 28)


images, labels = prepare(train_set.data), train_set.targets
n = len(images) * 11 // 12
train_images, train_labels = images[:n], labels[:n]
val_images, val_labels = images[n:], labels[n:]


def block(channels_in, channels_out):
    conv = nn.Conv2d(channels_in, channels_out, 3, padding=1, bias=False)
    norm = nn.BatchNorm2d(channels_out)
    return nn.Sequential(conv, nn.MaxPool2d(2), norm, nn.ReLU())


def make_model():
    blocks = [block(1, 16), block(16, 32), block(32, 64)]
    model = nn.Sequential(*blocks, nn.Flatten(), nn.Linear(64 * 3 * 3, 10))
    return model.to(memory_format=torch.channels_last)


def accuracy(model, images, labels):
    model.eval()
    with torch.no_grad():
        logits = torch.cat([model(part) for part in images.split(500)])
    return (logits.argmax(dim=1) == labels).float().mean().item()


torch.manual_seed(0)
model = make_model()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
part = TensorDataset(train_images[:6000], train_labels[:6000])
for epoch in range(2):
    model.train()
    for x, y in DataLoader(part, batch_size=100, shuffle=True):
        loss = F.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(f"epoch {epoch + 1}: {accuracy(model, val_images, val_labels):.1%}")
