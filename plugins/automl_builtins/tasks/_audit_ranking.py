"""Audit queries: those without a relevant row, of a single row, or of rows that are all as relevant."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from automl.plugin_api import Dataset, Finding, Severity

FEW_QUERIES = 30


def audit_queries(dataset: Dataset, n_folds: int) -> Iterator[Finding]:
    """Yield what is unusual about the queries, for so many folds."""
    if dataset.groups is None:
        return
    name, relevance = dataset.task.target, np.asarray(dataset.target, dtype=np.float64)
    _, query, sizes = np.unique(dataset.groups, return_inverse=True, return_counts=True)
    relevant = np.bincount(query, weights=relevance > 0)
    none, alone = int((relevant == 0).sum()), int((sizes == 1).sum())
    judged = len(sizes) - none
    if none:
        yield Finding(
            Severity.WARNING if judged < FEW_QUERIES else Severity.NOTE,
            "target",
            name,
            f"{none} of {len(sizes)} queries have no relevant row",
            "models learn from them; metrics leave them out, as no order of their rows is better than another",
            "If relevant rows were lost, for example when candidates were drawn, add them.",
        )
    if alone:
        yield Finding(
            Severity.WARNING if 2 * alone > len(sizes) else Severity.NOTE,
            "target",
            name,
            f"{alone} of {len(sizes)} queries have a single row",
            "kept; whatever its score, it stands first",
            "They raise the score of every model; leave them out to see differences.",
        )
    lowest = np.full(len(sizes), np.inf)
    np.minimum.at(lowest, query, relevance)
    highest = np.zeros(len(sizes))
    np.maximum.at(highest, query, relevance)
    even = int(((lowest == highest) & (sizes > 1) & (relevant > 0)).sum())
    if even:
        yield Finding(
            Severity.NOTE,
            "target",
            name,
            f"in {even} of {len(sizes)} queries all rows are as relevant",
            "kept; every order of them is perfect",
            "Add rows that are not relevant to them, such as what was shown and not chosen.",
        )
    if 0 < judged < max(FEW_QUERIES, n_folds):
        yield Finding(
            Severity.WARNING,
            "target",
            name,
            f"{judged} queries have a relevant row",
            f"kept; they are spread over {n_folds} folds",
            "Gather more of them: the score of so few says little.",
        )
