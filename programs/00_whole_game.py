import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

digits = load_digits()
images = torch.from_numpy(digits.images).float() / 16  # 0 is paper, 1 is ink
labels = torch.from_numpy(digits.target)

torch.manual_seed(0)
practice = TensorDataset(images[:1500], labels[:1500])
loader = DataLoader(practice, batch_size=32, shuffle=True)

model = nn.Sequential(
    nn.Flatten(),
    nn.Linear(64, 128),
    nn.ReLU(),
    nn.Linear(128, 10),
)


def take_exam(model):
    """The share of the exam that a model reads right."""
    with torch.no_grad():
        answers = model(images[1500:]).argmax(dim=1)
    right = (answers == labels[1500:]).sum().item()
    return right / len(answers)


loss_function = nn.CrossEntropyLoss()

optimizer = torch.optim.SGD(model.parameters(), lr=0.3)
for epoch in range(10):
    for batch, batch_labels in loader:
        loss = loss_function(model(batch), batch_labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(f"round {epoch + 1}: loss {loss.item():.3f}")

print(f"{take_exam(model):.0%} of the new digits are read right")
