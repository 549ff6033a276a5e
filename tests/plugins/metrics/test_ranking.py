"""Rankings are judged query by query, by scores alone, and rows of equal scores count as their mean."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.plugin_api import Task, TaskKind, Trait
from automl.steps.plan.choose_metric import find_metric
from automl.vocabulary.task import Block
from automl_builtins.metrics import ranking

RANKING = Task(TaskKind("ranking"), "y", parts=(Block("y", trait=Trait.SCORE),))
METRICS = {metric.name: metric for metric in ranking.automl_metrics()}
RELEVANCE, SCORES = np.array([0.0, 2.0, 1.0, 0.0, 3.0]), np.array([0.9, 0.5, 0.7, 0.1, 0.3])
ONE = np.zeros(5, dtype=np.int64)


def score(name, relevance, scores, groups, weights=None):
    metric = find_metric(name, RANKING, METRICS)
    return metric.score(np.asarray(relevance, float), np.asarray(scores, float), weights, np.asarray(groups))


def by_hand(name, relevance, scores):
    """The figure of one query without equal scores."""
    kind, k = name.split("@")
    k, gains = int(k), relevance[np.argsort(-scores, kind="stable")]
    hits, total = gains > 0, (relevance > 0).sum()
    if kind == "ndcg":
        discounts = 1 / np.log2(np.arange(2, len(gains) + 2))
        dcg, best = ((2.0**each - 1) * discounts for each in (gains, np.sort(relevance)[::-1]))
        return dcg[:k].sum() / best[:k].sum()
    if kind == "mrr":
        return 1 / (1 + np.argmax(hits)) if hits[:k].any() else 0.0
    if kind == "precision":
        return hits[:k].sum() / k
    if kind == "hit_rate":
        return float(hits[:k].any())
    if kind == "recall":
        return hits[:k].sum() / total
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    return (precision * hits)[:k].sum() / min(k, total)


NAMES = [f"{kind}@{k}" for kind in ("ndcg", "map", "mrr", "recall", "precision", "hit_rate") for k in (1, 2, 3, 10)]


@pytest.mark.parametrize("name", NAMES)
def test_a_query_scores_what_is_worked_out_by_hand(name):
    assert score(name, RELEVANCE, SCORES, ONE) == pytest.approx(by_hand(name, RELEVANCE, SCORES))


@pytest.mark.parametrize("name", ["ndcg@2", "map@2", "mrr@3", "recall@2", "precision@2", "hit_rate@2", "hit_rate@3"])
@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=5))
def test_equal_scores_count_as_the_mean_over_all_their_orders(name, rows):
    relevance, scores = (np.array(each, dtype=float) for each in zip(*rows, strict=True))
    if not relevance.any():
        assert np.isnan(score(name, relevance, scores, np.zeros(len(rows))))
        return
    orders = [np.array(order) for order in permutations(range(len(rows)))]
    found = [by_hand(name, relevance[order], scores[order]) for order in orders]
    assert score(name, relevance, scores, np.zeros(len(rows))) == pytest.approx(np.mean(found))


@pytest.mark.parametrize("name", ["ndcg@3", "ndcg", "map@10", "mrr", "recall@2", "precision@4", "hit_rate@1"])
def test_rows_of_a_query_may_stand_anywhere(name):
    rng = np.random.default_rng(0)
    groups, relevance, scores = rng.integers(0, 8, 90), rng.integers(0, 3, 90), rng.integers(0, 20, 90)
    order = rng.permutation(90)
    wanted = score(name, relevance, scores, groups)
    assert score(name, relevance[order], scores[order], groups[order]) == pytest.approx(wanted)
    assert score(name, relevance, scores, -(10**9) * groups) == pytest.approx(wanted)
    each = [score(name, relevance[groups == q], scores[groups == q], groups[groups == q]) for q in range(8)]
    assert np.nanmean(each) == pytest.approx(wanted)


def test_queries_without_a_relevant_row_do_not_count():
    relevance, scores, groups = [1, 0, 0, 0], [0.1, 0.9, 0.5, 0.4], [0, 0, 1, 1]
    assert score("mrr", relevance, scores, groups) == 0.5
    assert np.isnan(score("ndcg@10", np.zeros(4), scores, groups))


def test_each_query_counts_alike_or_as_its_rows_weigh():
    relevance, scores, groups = [1, 0, 1, 0, 0], [1.0, 0.0, 0.0, 1.0, 2.0], [0, 0, 1, 1, 1]
    assert score("mrr", relevance, scores, groups) == pytest.approx((1 + 1 / 3) / 2)
    weights = np.array([3.0, 3.0, 1.0, 1.0, 1.0])
    assert score("mrr", relevance, scores, groups, weights) == pytest.approx((3 * 1 + 1 / 3) / 4)


def test_huge_grades_stay_finite():
    assert np.isfinite(score("ndcg@10", [2000.0, 0.0], [0.0, 1.0], [0, 0]))


def test_models_learn_to_order_as_many_rows_as_count():
    assert METRICS["ndcg@10"].objective == "order:10"
    assert METRICS["ndcg"].objective == "order"
    assert find_metric("map@3", RANKING, METRICS).objective == "order:3"


@pytest.mark.parametrize("many", [0, 100])
def test_the_best_order_is_found_by_counting_and_by_sorting(many, monkeypatch):
    monkeypatch.setattr(ranking, "MANY_LEVELS", many)
    rng = np.random.default_rng(0)
    relevance, scores, groups = rng.integers(0, 4, 40), rng.normal(size=40), np.arange(40) // 8
    each = [by_hand("ndcg@3", relevance[groups == q], scores[groups == q]) for q in range(5)]
    assert score("ndcg@3", relevance, scores, groups) == pytest.approx(np.mean(each))


def test_names_that_users_type_are_known():
    assert find_metric("MAP", RANKING, METRICS).name == "mean_average_precision"
    assert find_metric("mean_reciprocal_rank", RANKING, METRICS).name == "mrr"
    assert score("MAP", RELEVANCE, SCORES, ONE) == score("map@5", RELEVANCE, SCORES, ONE)
