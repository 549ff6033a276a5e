"""Tiny weights: TabICL's own architecture made small, trained for seconds on made-up tables, saved as it saves them."""

import os
import tempfile
from pathlib import Path

import numpy as np

WEIGHTS = Path(tempfile.gettempdir(), f"automl-tabicl-tests-{os.getpid()}")
"""Known before the weights are made, so that a spec can name it."""
CONFIG = {
    "embed_dim": 16, "col_num_blocks": 1, "col_nhead": 2, "col_num_inds": 8, "row_num_blocks": 1, "row_nhead": 2,
    "row_num_cls": 2, "icl_num_blocks": 2, "icl_nhead": 2,
}  # fmt: skip
QUANTILES = 19
TABLES, ROWS, CONTEXT = 8, 96, 64


def write_weights(folder):
    """Write a checkpoint for classes and one for values, named as the published ones are."""
    import torch

    torch.set_num_threads(1)
    folder.mkdir(parents=True, exist_ok=True)
    for name, classes, steps in (("classifier", 10, 350), ("regressor", 0, 150)):
        config = {**CONFIG, "max_classes": classes, "num_quantiles": QUANTILES}
        network = trained(config, classify=classes > 0, steps=steps)
        torch.save({"config": config, "state_dict": network.state_dict()}, folder / f"tabicl-{name}-v2-20260212.ckpt")


def trained(config, classify, steps):
    import torch
    from tabicl._model.tabicl import TabICL  # the package exports no constructor of the network

    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    network = TabICL(**config).train()
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)
    for _ in range(steps):
        features, target = (torch.from_numpy(each) for each in tables(rng, classify))
        found = network(features, target[:, :CONTEXT].float())
        loss = (cross_entropy if classify else pinball)(found, target[:, CONTEXT:])
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
    return network.eval()


def tables(rng, classify):
    """Return `(TABLES, ROWS, n_columns)` numbers that show a hidden level, and the target that it makes."""
    classes = int(rng.integers(2, 4))
    level = rng.integers(0, classes, (TABLES, ROWS)) if classify else rng.uniform(0, 2, (TABLES, ROWS))
    slopes = rng.choice([-1.0, 0.0, 1.0], (TABLES, 1, int(rng.integers(3, 8))), p=[0.4, 0.2, 0.4])
    features = slopes * level[:, :, None] + rng.normal(0, 0.5, (TABLES, ROWS, slopes.shape[2]))
    features = (features - features.mean(axis=1, keepdims=True)) / features.std(axis=1, keepdims=True)
    if classify:
        names = np.array([rng.permutation(classes) for _ in range(TABLES)])
        return features.astype(np.float32), np.take_along_axis(names, level, axis=1)
    signed = level * rng.choice([-1.0, 1.0], (TABLES, 1))
    target = (signed - signed.mean(axis=1, keepdims=True)) / signed.std(axis=1, keepdims=True)
    return features.astype(np.float32), target.astype(np.float32)


def cross_entropy(found, target):
    import torch

    return torch.nn.functional.cross_entropy(found.flatten(0, 1), target.flatten())


def pinball(found, target):
    import torch

    alphas = torch.arange(1, QUANTILES + 1) / (QUANTILES + 1)
    off = target[:, :, None] - found
    return torch.maximum(alphas * off, (alphas - 1) * off).mean()
