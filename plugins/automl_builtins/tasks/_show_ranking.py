"""Show rankings in reports: where relevant rows stand, how queries of each size fare, and scores by relevance."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from automl.plugin_api import Array, ReportTable, Task
from automl_builtins.metrics.ranking import ndcg, recall_at, reciprocal_rank

SIZES = (5, 10, 20, 50, 100)
"""The most rows of a query of each kind but the last."""
RANKS = (1, 3, 5, 10, 20, 50)
MOST_GRADES = 10


def show_queries(target: Array, outputs: Array, decided: Array, task: Task, groups: Array) -> Iterator[ReportTable]:  # noqa: ARG001  nothing is decided
    """Yield the tables: by depth, by size of the query, and by relevance."""
    relevance, scores = np.asarray(target, dtype=np.float64), np.asarray(outputs, dtype=np.float64)[:, 0]
    rows = relevance, scores, None, np.asarray(groups)
    yield ReportTable(
        "How far down relevant rows stand",
        "Over the queries that have a relevant row: of the first rows, the gain as a share of the best order's, and "
        "the share of all relevant rows that are among them.",
        ("first rows", "NDCG", "recall"),
        tuple((str(k), f"{ndcg(*rows, k=k):.3f}", f"{recall_at(*rows, k=k):.3f}") for k in RANKS),
    )
    yield ReportTable(
        "Queries by size",
        "The more rows a query has, the harder it is to put the right ones first.",
        ("rows of a query", "queries", "without a relevant row", "NDCG@10", "mean reciprocal rank"),
        tuple(_by_size(relevance, scores, np.asarray(groups))),
    )
    yield ReportTable(
        "Scores by relevance",
        "Scores less the mean of their query: their middle, and between which the middle half lies.",
        ("relevance", "rows", "lower quarter", "middle", "upper quarter"),
        tuple(_by_relevance(relevance, scores, np.asarray(groups), task)),
    )


def _by_size(relevance: Array, scores: Array, groups: Array) -> Iterator[tuple[str, ...]]:
    _, query, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    relevant = np.bincount(query, weights=relevance > 0)
    kind = np.searchsorted(SIZES, sizes)
    for number in np.unique(kind).tolist():
        low, chosen = (1 if number == 0 else SIZES[number - 1] + 1), kind == number
        rows = chosen[query]
        own = relevance[rows], scores[rows], None, groups[rows]
        name = f"{low} to {SIZES[number]}" if number < len(SIZES) else f"{low} and more"
        figures = f"{ndcg(*own, k=10):.3f}", f"{reciprocal_rank(*own, k=10):.3f}"
        yield name, f"{int(chosen.sum()):,}", f"{int((relevant[chosen] == 0).sum()):,}", *figures


def _by_relevance(relevance: Array, scores: Array, groups: Array, task: Task) -> Iterator[tuple[str, ...]]:
    query = np.unique(groups, return_inverse=True)[1]
    centred = scores - (np.bincount(query, weights=scores) / np.bincount(query))[query]
    grades = np.asarray(task.blocks[0].grades)
    few = grades if 0 < len(grades) <= MOST_GRADES else np.unique(np.quantile(relevance, np.linspace(0, 1, 6)))
    nearest = np.abs(np.subtract.outer(relevance, few)).argmin(axis=1)
    for number, grade in enumerate(few.tolist()):
        own = centred[nearest == number]
        if len(own):
            quarters = np.quantile(own, [0.25, 0.5, 0.75])
            yield f"{grade:g}", f"{len(own):,}", *(f"{each:.3g}" for each in quarters)
