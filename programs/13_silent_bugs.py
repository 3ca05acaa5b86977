import torch  # the nine checks are a file of their own, which begins here
import torch.nn.functional as F
from torch import nn


def scaled(x):
    return bool(x.mean().abs() < 0.5 and 0.5 < x.std() < 2)


def disjoint(x_train, x_test):
    seen = {picture.numpy().tobytes() for picture in x_train}
    return not any(picture.numpy().tobytes() in seen for picture in x_test)


def one_step(step, model, rate, x, y):
    before = [p.detach().clone() for p in model.parameters()]
    step(x, y)
    for old, p in zip(before, model.parameters()):
        if p.grad is None or not torch.allclose(old - rate * p.grad, p, atol=1e-5):
            return False
    return True


def reached(model):
    gradients = [p.grad for p in model.parameters()]
    return all(g is not None and g.abs().max() > 1e-6 for g in gradients)


def overfits(step, x, y):
    losses = [step(x, y) for _ in range(100)]
    return sum(losses[-10:]) / 10 < 0.3


def survives_saving(model, other, x):
    other.load_state_dict(model.state_dict())
    return torch.equal(model.eval()(x), other.eval()(x))


def inputs_decide(model, x, y):
    model.eval()
    with torch.no_grad():
        answers = model(x).argmax(dim=1)
    gain = (answers == y).float().mean() - (answers.roll(1) == y).float().mean()
    return bool(gain > 0.5)


def same_by_hand(model, x, y, reported):
    model.eval()
    with torch.no_grad():
        right = [model(x[i : i + 1]).argmax() == y[i] for i in range(len(x))]
    return bool(abs(sum(right) / len(x) - reported) < 0.0005)


def modes(model, train, score, x):
    train()
    varies = not torch.equal(model(x), model(x))
    score()
    return varies and torch.equal(model(x), model(x))


torch.manual_seed(0)  # a small example, for the file
x, model = torch.randn(200, 4), nn.Linear(4, 2)
F.cross_entropy(model(x), (x[:, 0] > 0).long()).backward()
print(scaled(x), disjoint(x[:100], x[100:]), reached(model))
