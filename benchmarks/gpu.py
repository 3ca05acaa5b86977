"""What a GPU makes of cifar10_fast, whole and with one part taken away, into results/gpu.csv.

`python -m benchmarks.gpu`, on a machine with a GPU and PyTorch; it wants no Jupyter. It executes the code of the
lesson's notebook, and then trains by that page's functions. The page's own training is the first of its kind in the
process, hence cold; those of the table are warm. Seconds reach from the bytes on the CPU to the test set's last logit.
What other lessons and machines recorded stays.
"""

import time

import matplotlib
import pandas as pd
import torch

from benchmarks.machine import describe, record, run_cells

WITHOUT = {  # rows of the table: what is changed in the recipe; a text is a name of the page
    "all of it": {},
    "slow biases": {"norm_rate": 1.75},
    "a learned scale, slow averages": {"network": "with_filters"},  # it learns at the rate of the biases
    "flips by chance": {"alternate": False},
    "two views": {"views": 2},
    "updates of the same length": {"change": "same_length", "rate": 0.03},
}


def measure(page, recipe, seed):
    """Accuracy on the test set after one training by the page's functions, and its seconds."""
    test, start = page["data"].test, time.perf_counter()
    model = page["train"](recipe, page["images"], page["labels"], seed)
    logits = page["ask"](model, test.images, recipe)
    seconds = time.perf_counter() - start
    return (logits.argmax(dim=1) == test.labels).float().mean().item(), seconds


def row(page, name, runs):
    """One row of the table: mean, lowest and highest accuracy of some seeds, and their median seconds."""
    changes = {key: page[value] if isinstance(value, str) else value for key, value in WITHOUT[name].items()}
    recipe = page["recipe"] | changes
    accuracy, seconds = map(pd.Series, zip(*(measure(page, recipe, seed) for seed in range(runs))))
    about = {"lesson": "cifar10_fast", "recipe": name, "device": "GPU", "images": len(page["labels"]), "runs": runs}
    about |= {key: recipe[key] for key in ("epochs", "batch_size")}
    about |= {"precision": recipe["precision"]}
    about |= {"accuracy": accuracy.mean(), "lowest": accuracy.min(), "highest": accuracy.max()}
    about |= {"seconds": seconds.median()}
    print(about, flush=True)
    return about


def main(goal=94, runs=10, fewer=4):
    """Run the page, then its recipe with many seeds, and without each of its parts with fewer; record them."""
    assert torch.cuda.is_available(), "the benchmark wants a GPU"
    matplotlib.use("Agg")
    start = time.perf_counter()
    page = run_cells("cifar10_fast", goal=goal, precision="bfloat16")
    whole = time.perf_counter() - start
    print(
        f"the whole page {whole:.1f} s; its training, cold, {page['seconds']:.1f} s, {page['accuracy']:.4f}", flush=True
    )
    rows = [row(page, name, runs if name == "all of it" else fewer) for name in WITHOUT]
    table = pd.DataFrame(rows).round({"accuracy": 4, "lowest": 4, "highest": 4, "seconds": 2})
    about = {"page_seconds": round(whole, 1), "cold_seconds": round(page["seconds"], 2), "data": page["data"].source}
    table = table.assign(**about, **describe())
    print(table.to_string(), flush=True)
    record(table, "gpu", by=["lesson", "hardware"])


if __name__ == "__main__":
    main()
