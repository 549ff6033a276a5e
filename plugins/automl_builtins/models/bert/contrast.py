"""Contrast: few rows teach a network which texts are of one class, by all pairs within batches of them."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from automl.plugin_api import Array
from automl_builtins.models._shared.fine_tuning import cycle
from automl_builtins.models.bert.layers import means_of

WARM_UP = 0.1
LEAST_STEPS = 40
"""Of a few rows, which are seen so much more often."""
TEMPERATURE = 0.1
CLIP = 1.0


@dataclass(frozen=True, slots=True)
class PairPlan:
    """How pairs are drawn: rows of a batch, how many batches, and the seconds after which learning ends."""

    batch: int
    steps: int
    seed: int
    seconds: float = math.inf

    @staticmethod
    def of(params: Mapping[str, Any], n_rows: int, seed: int, seconds: float) -> PairPlan:
        """Return the plan that hyperparameters ask for."""
        return PairPlan(int(params.get("batch", 32)), n_steps(params, n_rows), seed, max(0.1, seconds))

    def batches(self, target: Array) -> Iterator[Array]:
        """Yield row numbers of batches, without an end: of each class in a batch two rows or more, where it has them.

        Classes are drawn by chance where there are more than a batch has room for.
        """
        rng = np.random.default_rng(self.seed)
        rows_of = [np.flatnonzero(target == each) for each in np.unique(target)]
        of_each = max(2, self.batch // len(rows_of))
        while True:
            order = rng.permutation(len(rows_of))[: max(2, self.batch // of_each)]
            drawn = (rows_of[number] for number in order)
            yield np.concatenate([rng.choice(rows, min(of_each, len(rows)), replace=False) for rows in drawn])


def n_steps(params: Mapping[str, Any], n_rows: int) -> int:
    """Return by how many batches each row is seen as often as hyperparameters say, on average."""
    rounds, batch = float(params.get("rounds", 10)), int(params.get("batch", 32))
    return max(LEAST_STEPS, math.ceil(rounds * n_rows / batch))


def learn_pairs(
    groups: Sequence[Mapping[str, Any]], directions: Callable[[Array], Any], target: Array, plan: PairPlan
) -> None:
    """Train parameters until texts of one class lie near each other, and others apart, or time is over.

    groups: those of an optimizer, each with its own "rate". directions: from row numbers to a tensor of vectors of
    length 1. Each text goes through the network once for all its pairs in a batch.
    """
    import torch

    optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
    learned = [value for group in optimizer.param_groups for value in group["params"]]
    started = time.monotonic()
    for step, rows in enumerate(plan.batches(target)):
        done = max(step / plan.steps, (time.monotonic() - started) / plan.seconds)
        if done >= 1.0:
            break
        for group in optimizer.param_groups:
            group["lr"] = group["rate"] * cycle(max(done, 1e-3), WARM_UP)
        optimizer.zero_grad(set_to_none=True)
        pair_loss(directions(rows), target[rows]).backward()
        torch.nn.utils.clip_grad_norm_(learned, CLIP)
        optimizer.step()


def pair_loss(vectors: Any, target: Array) -> Any:
    """Return how badly each row tells those of its class from all others by its cosines with them.

    It is the mean over pairs of one class of the cross-entropy of finding the other one among the batch's rows (Khosla
    et al., "Supervised contrastive learning", NeurIPS 2020). A row that is alone in its class has no part in it but as
    one of the others.
    """
    import torch

    one_class = torch.from_numpy(target[:, None] == target[None, :]).to(vectors.device)
    itself = torch.eye(len(target), dtype=torch.bool, device=vectors.device)
    others = (vectors @ vectors.T / TEMPERATURE).masked_fill(itself, -math.inf).log_softmax(1).masked_fill(itself, 0.0)
    pairs = (one_class & ~itself).float()
    count = pairs.sum(1)
    return -((others * pairs).sum(1) / count.clamp_min(1.0)).sum() / (count > 0).sum().clamp_min(1)


def directions_of(states: Any, mask: Any) -> Any:
    """Return `(n_texts, width)`, vectors of length 1, the means of states `(n_texts, n_tokens, width)`."""
    from torch.nn.functional import normalize

    return normalize(means_of(states, mask)[:, 0], dim=1)
