"""A ranking, from a table whose rows stand in no order to the best rows of each query, saved, judged and reported."""

import re

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from automl import AutoML
from automl.cli import app
from automl.errors import InputError, OptionError
from tests.conftest import quick
from tests.queries import queries

OPTIONS = {"task": "ranking", "max_trials": 7, "cv": 3, "models": ["baseline", "linear", "lightgbm"]}


@pytest.fixture(scope="module")
def fitted():
    return quick(**OPTIONS).fit(queries(), "relevance", groups="query")


def gain_by_hand(table, scores):
    """NDCG@10 of the queries that have a relevant row; of two rows with the same score each is first once."""
    found = []
    for _, rows in table.assign(score=scores).groupby("query"):
        if rows["relevance"].any():
            best = gain_of(rows.sort_values("relevance", ascending=False))
            ranked = [each.sort_values("score", ascending=False, kind="stable") for each in (rows, rows[::-1])]
            found.append(np.mean([gain_of(each) for each in ranked]) / best)
    return np.mean(found)


def gain_of(ranked):
    gains = 2.0 ** ranked["relevance"].to_numpy()[:10] - 1
    return gains @ (1 / np.log2(np.arange(2, 2 + len(gains))))


def test_it_learns_by_several_ways_and_is_judged_by_query(fitted):
    assert fitted.metric_ == "ndcg@10"
    models = set(fitted.leaderboard()["model"])
    assert models >= {"linear (as regression)", "lightgbm", "lightgbm (as regression)", "baseline (as regression)"}
    assert fitted.failures().empty
    assert fitted.score_ > fitted.leaderboard().set_index("model")["score"]["baseline (as regression)"] + 0.1
    assert fitted.interval_[0] < fitted.score_ <= fitted.interval_[1] <= 1.0
    table = queries()
    outputs = fitted.outcome_.cross_fitted[:, 0]
    assert fitted.score_ == pytest.approx(gain_by_hand(table, outputs))
    assert "query" not in fitted.feature_names_in_


def test_it_scores_rows_one_by_one_and_needs_no_query_for_that(fitted):
    later = queries(seed=1)
    scores = fitted.predict(later)
    assert scores.shape == (len(later),)
    np.testing.assert_array_equal(fitted.predict(later.drop(columns=["query", "relevance"]).iloc[[7]]), scores[[7]])


def test_new_rows_are_judged_by_the_column_that_was_named_at_the_fit(fitted):
    later = queries(seed=1)
    found = fitted.evaluate(later)
    assert found["ndcg@10"] == pytest.approx(gain_by_hand(later, fitted.predict(later)))
    assert set(found) == {"ndcg@10", "mean_average_precision@10", "mrr", "recall@10"}
    assert fitted.score(later) == pytest.approx(found["ndcg@10"])
    other = fitted.evaluate(later, metrics=["ndcg@3", "map@2"], groups=later["query"].to_numpy())
    assert set(other) == {"ndcg@3", "map@2"}
    with pytest.raises(OptionError, match="Found no groups"):
        fitted.evaluate(later.drop(columns="query"))


def test_the_best_rows_of_each_query_come_in_order(fitted):
    later = queries(seed=1)
    best = fitted.rank(later, k=3)
    assert len(best) == 3 * 30
    assert best["rank"].tolist() == [1, 2, 3] * 30
    assert list(dict.fromkeys(best["query"])) == list(dict.fromkeys(later["query"]))
    scores = pd.Series(fitted.predict(later), index=later.index)
    for name, rows in best.groupby("query"):
        assert rows["score"].tolist() == sorted(scores[later["query"] == name], reverse=True)[:3]
    pd.testing.assert_frame_equal(best[later.columns], later.loc[best.index])


def test_importance_report_and_check_go_by_query(fitted, tmp_path):
    found = fitted.feature_importance(repeats=1).set_index("feature")["importance"]
    assert found["x"] > found["noise"]
    assert len(found) == 2
    page = fitted.report(tmp_path / "report.html").read_text(encoding="utf-8")
    for title in ("How far down relevant rows stand", "Queries by size", "Scores by relevance"):
        assert title in page
    assert fitted.check(queries(seed=1).assign(more=1))["column"].tolist() == ["x", "noise", "more"]
    assert "7 of 30 queries have no relevant row" in " ".join(fitted.audit_["found"])


def test_a_saved_model_ranks_the_same_also_from_the_command_line(fitted, tmp_path):
    later = queries(seed=1)
    path = fitted.save(tmp_path / "model.automl")
    loaded = AutoML.load(path)
    pd.testing.assert_frame_equal(loaded.rank(later, k=2), fitted.rank(later, k=2))
    assert loaded.evaluate(later) == fitted.evaluate(later)
    later.to_csv(tmp_path / "later.csv", index=False)
    written = tmp_path / "best.csv"
    done = CliRunner().invoke(app, ["rank", str(path), str(tmp_path / "later.csv"), "-k", "2", "-o", str(written)])
    assert done.exit_code == 0, done.output
    best = pd.read_csv(written)
    assert len(best) == 60
    assert best["query"].tolist() == fitted.rank(later, k=2)["query"].tolist()


def test_the_order_of_the_rows_never_counts_where_scores_tie():
    table = queries(n_queries=12)
    model = quick(task="ranking", models=["baseline"], max_trials=1, cv=2).fit(table, "relevance", groups="query")
    best, turned = model.rank(table, k=1), model.rank(table[::-1], k=1)
    assert dict(zip(best["query"], best["x"], strict=True)) == dict(zip(turned["query"], turned["x"], strict=True))


def test_what_cannot_be_done_is_said_with_what_to_do(fitted):
    table = queries(n_queries=6)
    with pytest.raises(OptionError, match=r"Found no groups; expected them, as the task .ranking. is about rows"):
        quick(**OPTIONS).fit(table, "relevance")
    with pytest.raises(InputError, match="single value"):
        quick(**OPTIONS).fit(table.assign(relevance=0), "relevance", groups="query")
    with pytest.raises(InputError, match=re.escape("expected the column 'query'")):
        fitted.rank(table.drop(columns="query"))
    with pytest.raises(OptionError, match="Found k=0"):
        fitted.rank(table, k=0)


def test_few_relevant_queries_and_queries_of_one_row_are_learnt_from():
    table = queries(n_queries=14, each=4)
    table.loc[~table["query"].isin(["query 1", "query 2"]), "relevance"] = 0
    table.loc[table["query"] == "query 3", "query"] = [f"alone {i}" for i in range(4)]
    if not table["relevance"].any():
        table.loc[table["query"].isin(["query 1", "query 2"]), "relevance"] = [1, 0, 0, 0, 1, 0, 0, 0]
    model = quick(task="ranking", models=["linear"], max_trials=1, cv=4).fit(table, "relevance", groups="query")
    assert np.isfinite(model.score_)
    assert "4 of 17 queries have a single row" in " ".join(model.audit_["found"])


def test_a_competition_is_handed_scores(tmp_path):
    train, test = queries(n_queries=12), queries(n_queries=6, seed=1)
    train.insert(0, "id", range(len(train)))
    test.insert(0, "id", range(1000, 1000 + len(test)))
    sample = test[["id"]].assign(relevance=0.5)
    model = quick(task="ranking", models=["linear"], max_trials=1, cv=2)
    written = tmp_path / "submission.csv"
    model.compete(train, test.drop(columns="relevance"), sample, written, groups="query", tell=lambda line: None)
    np.testing.assert_allclose(pd.read_csv(written)["relevance"], model.predict(test), rtol=1e-5)


def test_only_rankings_rank(fitted):
    table = queries(n_queries=6)
    model = quick(models=["linear"], max_trials=1, cv=2, task="regression").fit(
        table.drop(columns="query"), "relevance"
    )
    assert not hasattr(model, "rank")
    assert hasattr(fitted, "rank")
