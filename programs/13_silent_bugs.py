import torch  # the nine checks are a file of their own, which begins here


def scaled(x):
    return bool(x.mean().abs() < 0.5 and 0.5 < x.std() < 2)


def disjoint(x_train, x_test):
    seen = {picture.numpy().tobytes() for picture in x_train}
    return not any(picture.numpy().tobytes() in seen for picture in x_test)


def one_step(step, model, lr, x, y):
    """One step of SGD is rate times gradient. Trains the model: use a fresh one."""
    before = [w.detach().clone() for w in model.parameters()]
    step(x, y)
    for old, w in zip(before, model.parameters()):
        if w.grad is None or not torch.allclose(old - lr * w.grad, w, atol=1e-5):
            return False
    return True


def reached(model):
    """A gradient reaches every parameter. Valid just after a backward pass."""
    gradients = [w.grad for w in model.parameters()]
    return all(g is not None and g.abs().max() > 1e-6 for g in gradients)


def overfits(step, x, y):
    """A small batch can be learned by heart. Trains the model: use a fresh one."""
    losses = [step(x, y) for _ in range(100)]
    return sum(losses[-10:]) / 10 < 0.3


@torch.no_grad()
def reloads(model, other, x):  # leaves eval mode on, as do the next two checks
    other.load_state_dict(model.state_dict())
    return torch.equal(model.eval()(x), other.eval()(x))


@torch.no_grad()
def beats_chance(model, x, y):
    answers = model.eval()(x).argmax(dim=1)
    gain = (answers == y).float().mean() - (answers.roll(1) == y).float().mean()
    return bool(gain > 0.5)


@torch.no_grad()
def same_by_hand(model, x, y, reported):
    model.eval()
    right = [model(x[i : i + 1]).argmax() == y[i] for i in range(len(x))]
    return bool(abs(sum(right) / len(x) - reported) < 0.0005)


def modes(model, train, score, x):
    """Dropout acts in training only. Trains the model: use a copy."""
    train()
    varies = not torch.equal(model(x), model(x))
    score()
    return varies and torch.equal(model(x), model(x))


torch.manual_seed(0)  # a small example, for the file
x = torch.randn(200, 4)
print(f"scaled: {scaled(x)}, disjoint: {disjoint(x[:100], x[100:])}")
