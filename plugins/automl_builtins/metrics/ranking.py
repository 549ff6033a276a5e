"""Metrics of rankings, judged query by query: what stands first counts most, the order of equal scores never does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from automl.plugin_api import Array, MetricSpec, Rows, count_of, hookimpl
from automl_builtins.kinds import RANKING

FIRST = 10
"""How many of the first rows are looked at where nothing else is said."""
ALL = 2**62
MOST_COUNTED = 2**16 - 1
MANY_LEVELS = 100
"""Different relevances up to which the best order is worked out by counting them."""
LARGEST = 1000.0
"""Relevance beyond this counts as this in a gain, which stays finite so."""


@hookimpl
def automl_metrics() -> list[MetricSpec]:
    """Offer the metrics of rankings; each "@k" is offered for any k."""
    return [
        _ndcg(FIRST),
        _ndcg(ALL, "ndcg"),
        _average_precision(FIRST),
        _average_precision(ALL, "mean_average_precision", ("MAP",)),
        _reciprocal_rank(ALL, "mrr", ("mean_reciprocal_rank",)),
        _reciprocal_rank(FIRST),
        _recall(FIRST),
        _precision(1),
        _hit_rate(1),
    ]


def _ndcg(k: int, name: str = "") -> MetricSpec:
    return _spec(name or f"ndcg@{k}", partial(ndcg, k=k) if k < ALL else ndcg, _ndcg_at, k)


def _average_precision(k: int, name: str = "", aliases: tuple[str, ...] = ()) -> MetricSpec:
    name, aliases = name or f"mean_average_precision@{k}", aliases or (f"map@{k}", f"map{k}")
    score = partial(average_precision_at, k=k) if k < ALL else average_precision_at
    return _spec(name, score, _average_precision_at, k, aliases)


def _reciprocal_rank(k: int, name: str = "", aliases: tuple[str, ...] = ()) -> MetricSpec:
    score = partial(reciprocal_rank, k=k) if k < ALL else reciprocal_rank
    return _spec(name or f"mrr@{k}", score, _reciprocal_rank_at, k, aliases)


def _recall(k: int) -> MetricSpec:
    return _spec(f"recall@{k}", partial(recall_at, k=k), _recall_at, k)


def _precision(k: int) -> MetricSpec:
    return _spec(f"precision@{k}", partial(precision_at, k=k), _precision_at, k, (f"p@{k}",))


def _hit_rate(k: int) -> MetricSpec:
    return _spec(f"hit_rate@{k}", partial(hit_rate_at, k=k), _hit_rate_at, k, (f"hit@{k}", f"success@{k}"))


def _ndcg_at(text: str) -> MetricSpec:
    return _ndcg(count_of(text))


def _average_precision_at(text: str) -> MetricSpec:
    return _average_precision(count_of(text))


def _reciprocal_rank_at(text: str) -> MetricSpec:
    return _reciprocal_rank(count_of(text))


def _recall_at(text: str) -> MetricSpec:
    return _recall(count_of(text))


def _precision_at(text: str) -> MetricSpec:
    return _precision(count_of(text))


def _hit_rate_at(text: str) -> MetricSpec:
    return _hit_rate(count_of(text))


def _spec(
    name: str, score: Callable[..., float], other: Callable[[str], MetricSpec], k: int, aliases: tuple[str, ...] = ()
) -> MetricSpec:
    """Return the spec of a metric, by which models learn to order the first `k` rows of a query."""
    return MetricSpec(
        name=name,
        score=score,
        greater_is_better=True,
        optimum=1.0,
        needs="values",
        tasks=frozenset({RANKING}),
        aliases=aliases,
        objective=f"order:{k}" if k < ALL else "order",
        needs_groups=True,
        at=other if k < ALL else None,
    )


@dataclass(frozen=True, slots=True)
class Ranked:
    """Rows in the order of their scores within their query, and the blocks of equal scores among them.

    relevance, block, place, weight: `(n_rows,)`, of each row in that order: its relevance, the number of its block, its
    place in its query from 0 on, and its weight. first, size, query: `(n_blocks,)`, the place of a block's first row,
    its rows, and its query. n_queries: how many there are.
    """

    relevance: Array
    block: Rows
    place: Rows
    weight: Array
    first: Rows
    size: Rows
    query: Rows
    n_queries: int

    def by_block(self, values: Array) -> Array:
        """Return the sum of each block's rows."""
        return np.asarray(np.bincount(self.block, weights=values, minlength=len(self.first)))

    def by_query(self, values: Array) -> Array:
        """Return the sum over each query's blocks."""
        return np.asarray(np.bincount(self.query, weights=values, minlength=self.n_queries))

    def before(self, values: Array) -> Array:
        """Return the sum over the blocks that come before each in its query."""
        total = np.cumsum(values) - values
        starts = np.flatnonzero(self.first == 0)
        return np.asarray(total - np.repeat(total[starts], np.diff(np.append(starts, len(values)))))


def ranked(target: Array, values: Array, weights: Array | None, groups: Array) -> Ranked:
    """Return rows by query, in each those with the highest scores first."""
    number = _small_numbers(groups)
    order = np.argsort(-values)
    order = order[np.argsort(number[order], kind="stable")]
    number, scores = number[order], values[order]
    starts_query = np.append(True, number[1:] != number[:-1])
    starts_block = starts_query.copy()
    starts_block[1:] |= scores[1:] != scores[:-1]
    starts = np.flatnonzero(starts_block)
    query = np.cumsum(starts_query) - 1
    place = np.arange(len(number)) - np.flatnonzero(starts_query)[query]
    return Ranked(
        relevance=np.asarray(target, dtype=np.float64)[order],
        block=np.cumsum(starts_block) - 1,
        place=place,
        weight=np.ones(len(number)) if weights is None else np.asarray(weights, dtype=np.float64)[order],
        first=place[starts],
        size=np.diff(np.append(starts, len(number))),
        query=query[starts],
        n_queries=int(starts_query.sum()),
    )


def ndcg(target: Array, values: Array, weights: Array | None, groups: Array, *, k: int = ALL) -> float:
    """Normalised discounted cumulative gain of the first `k` rows: gains 2^relevance - 1, over the logarithm of rank.

    As a share of what the best order gives (Jarvelin and Kekalainen, 2002), averaged over the queries that have a
    relevant row. Rows of equal scores count as their mean over all orders (McSherry and Najork, 2008).
    """
    found = ranked(target, values, weights, groups)
    gain = found.by_block(_gains(found.relevance))
    reached = found.by_query(gain / found.size * _discounts(found.first, found.size, k))
    return _mean_over_queries(found, reached, _best_gain(found, k))


def average_precision_at(target: Array, values: Array, weights: Array | None, groups: Array, *, k: int = ALL) -> float:
    """Mean over queries of the precision at each relevant row among the first `k`, over how many there could be.

    Relevant is what has a relevance above 0. Queries without a relevant row do not count, equal scores as their mean
    over all orders.
    """
    found = ranked(target, values, weights, groups)
    hits = found.by_block(found.relevance > 0)
    rows = found.size[found.block]
    share = (hits / found.size)[found.block]
    before = found.before(hits)[found.block]
    among = np.where(rows > 1, (hits[found.block] - 1) / np.maximum(rows - 1, 1), 0.0)
    own = found.place - found.first[found.block]
    precision = share * (before + 1.0 + own * among) / (found.place + 1.0)
    reached = found.by_query(found.by_block(np.where(found.place < k, precision, 0.0)))
    return _mean_over_queries(found, reached, np.minimum(found.by_query(hits), k))


def reciprocal_rank(target: Array, values: Array, weights: Array | None, groups: Array, *, k: int = ALL) -> float:
    """Mean over queries of one over the rank of the first relevant row, 0 where it is not among the first `k`.

    Queries without a relevant row do not count, equal scores as their mean over all orders.
    """
    found = ranked(target, values, weights, groups)
    hits = found.by_block(found.relevance > 0)
    is_first = ((hits > 0) & (found.before(hits) == 0))[found.block]
    chance = np.where(is_first, _chance_of_first(found, hits), 0.0)
    reached = found.by_query(found.by_block(np.where(found.place < k, chance / (found.place + 1.0), 0.0)))
    return _mean_over_queries(found, reached, np.minimum(found.by_query(hits), 1.0))


def recall_at(target: Array, values: Array, weights: Array | None, groups: Array, *, k: int) -> float:
    """Mean over queries of the share of the relevant rows that are among the first `k`.

    Queries without a relevant row do not count, equal scores as their mean over all orders.
    """
    found = ranked(target, values, weights, groups)
    hits, within = _hits_within(found, k)
    return _mean_over_queries(found, found.by_query(hits * within / found.size), found.by_query(hits))


def precision_at(target: Array, values: Array, weights: Array | None, groups: Array, *, k: int) -> float:
    """Mean over queries of the relevant rows among the first `k`, over `k`, however few rows a query has.

    Queries without a relevant row do not count, equal scores as their mean over all orders.
    """
    found = ranked(target, values, weights, groups)
    hits, within = _hits_within(found, k)
    reached = found.by_query(hits * within / found.size)
    return _mean_over_queries(found, reached, np.where(found.by_query(hits) > 0, k, 0))


def hit_rate_at(target: Array, values: Array, weights: Array | None, groups: Array, *, k: int) -> float:
    """Share of queries that have a relevant row among the first `k`.

    Queries without a relevant row do not count, equal scores as their mean over all orders.
    """
    found = ranked(target, values, weights, groups)
    hits, within = _hits_within(found, k)
    is_possible = found.size - hits >= within
    none = _log_ways(found.size - hits, within) - _log_ways(found.size, within)
    reached = 1.0 - np.exp(found.by_query(np.where(hits == 0, 0.0, np.where(is_possible, none, -np.inf))))
    return _mean_over_queries(found, reached, np.minimum(found.by_query(hits), 1.0))


def _hits_within(found: Ranked, k: int) -> tuple[Array, Rows]:
    """Return each block's relevant rows, and how many of its places are among the first `k` of its query."""
    return found.by_block(found.relevance > 0), np.clip(k - found.first, 0, found.size)


def _small_numbers(groups: Array) -> Array:
    """Return groups as numbers of a small type where they have room in it, as those are sorted by counting."""
    if groups.min() < 0 or groups.max() > MOST_COUNTED:
        groups = np.unique(groups, return_inverse=True)[1]
    return np.asarray(groups, dtype=np.uint16 if groups.max() <= MOST_COUNTED else np.int64)


def _gains(relevance: Array) -> Array:
    return np.asarray(np.exp2(np.minimum(relevance, LARGEST)) - 1.0)


def _discounts(first: Rows, size: Rows, k: int) -> Array:
    """Return the sum of the discounts of so many places of a query from its `first` on, of the first `k` alone."""
    most = min(k, int((first + size).max()))
    total = np.append(0.0, np.cumsum(1.0 / np.log2(np.arange(most) + 2.0)))
    return np.asarray(total[np.minimum(first + size, most)] - total[np.minimum(first, most)])


def _best_gain(found: Ranked, k: int) -> Array:
    """Return the discounted gain of each query's rows in the best order, of the first `k` alone."""
    levels, number = np.unique(-found.relevance, return_inverse=True)
    query = found.query[found.block]
    if len(levels) > MANY_LEVELS:
        best = found.relevance[np.lexsort((-found.relevance, query))]
        discounted = np.where(found.place < k, _gains(best) / np.log2(found.place + 2.0), 0.0)
        return np.bincount(query, weights=discounted, minlength=found.n_queries)
    cells = query * len(levels) + number
    sizes = np.bincount(cells, minlength=found.n_queries * len(levels)).reshape(found.n_queries, len(levels))
    return np.asarray(_discounts(np.cumsum(sizes, axis=1) - sizes, sizes, k) @ _gains(-levels))


def _chance_of_first(found: Ranked, hits: Array) -> Array:
    """Return for each row how likely, of all orders of its block, the first relevant row stands in its place."""
    rows, relevant = found.size[found.block].astype(np.float64), hits[found.block]
    left = rows - 1.0 - (found.place - found.first[found.block])
    is_possible = (relevant >= 1) & (left >= relevant - 1)
    return np.where(is_possible, np.exp(_log_ways(left, relevant - 1) - _log_ways(rows, relevant)), 0.0)


def _log_ways(n: Array, m: Array) -> Array:
    """Return the logarithm of how many ways there are to choose m of n."""
    from scipy.special import gammaln

    n, m = np.maximum(n, 0.0), np.clip(m, 0.0, np.maximum(n, 0.0))
    return np.asarray(gammaln(n + 1) - gammaln(m + 1) - gammaln(n - m + 1))


def _mean_over_queries(found: Ranked, reached: Array, possible: Array) -> float:
    """Return the mean share of what is possible over queries where something is, by their mean weight; else NaN."""
    counted = possible > 0
    weights = found.by_query(found.by_block(found.weight)) / np.maximum(found.by_query(found.size), 1)
    if not counted.any() or weights[counted].sum() <= 0:
        return float("nan")
    return float(np.average(reached[counted] / possible[counted], weights=weights[counted]))
