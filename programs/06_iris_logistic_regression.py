import torch
from sklearn.datasets import load_iris
from torch import nn

flowers = load_iris(as_frame=True).frame
pair = flowers[flowers["target"] < 2]
sepals = ["sepal length (cm)", "sepal width (cm)"]
print(pair[[*sepals, "target"]].iloc[::25])  # every twenty-fifth flower
inputs = torch.tensor(pair[sepals].to_numpy(), dtype=torch.float32)  # (100, 2)
labels = torch.tensor(pair["target"].to_numpy(), dtype=torch.float32)  # (100,)


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(2, 1)

    def forward(self, x):
        return self.linear(x).squeeze(1)  # (N, 1) -> (N,)


torch.manual_seed(0)
model = Classifier()
loss_fn = nn.BCEWithLogitsLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.2)
for _ in range(100):
    loss = loss_fn(model(inputs), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

model.eval()
with torch.no_grad():
    logits = model(inputs)
right = (logits > 0) == (labels == 1)
print(f"loss     {loss_fn(logits, labels).item():.3f}")
print(f"accuracy {right.float().mean().item():.2f}")
