"""The folds of a search: even, disjoint, whole groups, never the future; a user's own are checked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pluggy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.errors import InputError, OptionError
from automl.plugin_api import Loan, Placed, TaskSpec, hookspecs
from automl.registry import Registry
from automl.steps.plan import plan_resampling as module
from automl.steps.plan.plan_resampling import choose_folds, holdout, plan_resampling, time_ordered
from automl.vocabulary.dataset import Dataset
from automl.vocabulary.schema import Schema
from automl.vocabulary.settings import SearchSettings
from automl.vocabulary.task import Task, TaskKind


def no_plugins() -> Registry:
    manager = pluggy.PluginManager("automl")
    manager.add_hookspecs(hookspecs)
    return Registry(manager)


def dataset(target, groups=None, n_features=2) -> Dataset:
    target = np.asarray(target)
    is_class = target.dtype.kind == "i"
    n_classes = int(target.max()) + 1 if is_class else 0
    kind = TaskKind.REGRESSION if not is_class else TaskKind.BINARY if n_classes == 2 else TaskKind.MULTICLASS
    return Dataset(
        features=pd.DataFrame(np.zeros((len(target), n_features), dtype=np.float32)),
        target=target,
        schema=Schema(()),
        task=Task(kind, "y", tuple(range(n_classes))),
        rows=np.arange(len(target)),
        groups=None if groups is None else np.asarray(groups),
    )


def plan(data, cv=None, time=None, kept=None, seed=0, time_limit=300.0, n_jobs=4):
    options = SearchSettings(cv=cv, random_state=seed, time_limit=time_limit, n_jobs=n_jobs)
    return plan_resampling(data, options, no_plugins(), time, kept)


def counts(made, n_rows):
    validated = np.zeros(n_rows, dtype=int)
    for fold in made.folds:
        assert len(np.intersect1d(fold.train, fold.valid)) == 0
        validated[fold.valid] += 1
    return validated


classes = st.integers(2, 5).flatmap(
    lambda n: st.tuples(
        st.lists(st.integers(0, n - 1), min_size=0, max_size=60), st.integers(2, 4), st.integers(2, 6)
    ).map(lambda drawn: (np.array([*np.repeat(np.arange(n), drawn[1]), *drawn[0]], dtype=np.int64), drawn[2]))
)


@settings(max_examples=50, deadline=None)
@given(classes, st.integers(0, 99))
def test_each_row_is_validated_once_and_each_class_is_dealt_evenly(drawn, seed):
    target, n_folds = drawn
    n_folds = min(n_folds, len(target))
    made = plan(dataset(target), cv=n_folds, seed=seed)
    assert made.n_folds == n_folds
    assert counts(made, len(target)).tolist() == [1] * len(target)
    for fold in made.folds:
        assert sorted([*fold.train, *fold.valid]) == list(range(len(target)))
    in_folds = np.array([np.bincount(target[fold.valid], minlength=target.max() + 1) for fold in made.folds])
    assert (in_folds.max(axis=0) - in_folds.min(axis=0)).max() <= 1
    assert np.ptp(in_folds.sum(axis=1)) <= 1


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(-1e3, 1e3), min_size=12, max_size=60), st.integers(2, 5))
def test_folds_of_a_regression_have_alike_targets(values, n_folds):
    target = np.array(values)
    made = plan(dataset(target), cv=n_folds)
    assert counts(made, len(target)).tolist() == [1] * len(target)
    ranks = np.argsort(np.argsort(target, kind="stable"), kind="stable")
    for fold in made.folds:  # each fold has one of every n_folds neighbours
        assert len(np.unique(ranks[fold.valid] // n_folds)) == len(fold.valid) or len(np.unique(target)) < len(target)


def test_a_class_rarer_than_the_folds_is_split_without_a_copy():
    target = np.array([0] * 40 + [1] * 40 + [2] * 2 + [3])
    made = plan(dataset(target), cv=5)
    assert counts(made, len(target)).tolist() == [1] * len(target)
    assert sum((target[fold.valid] == 2).any() for fold in made.folds) == 2
    assert all((target[fold.train] == 2).any() for fold in made.folds)


def test_equal_seeds_give_equal_folds_and_other_seeds_others():
    data = dataset(np.arange(40) % 2)
    first, again, other = (plan(data, cv=4, seed=seed).folds[0].valid.tolist() for seed in (1, 1, 2))
    assert first == again
    assert first != other


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=12, max_size=60), st.integers(2, 5), st.booleans())
def test_groups_are_never_split(groups, n_folds, regression):
    groups = np.array([*groups, 10, 11, 12, 13, 14])
    rows = np.arange(len(groups))
    data = dataset(rows / 2.0 if regression else rows % 2, groups)
    made = plan(data, cv=n_folds)
    for fold in made.folds:
        assert not set(groups[fold.train]) & set(groups[fold.valid])
    validated = counts(made, len(groups))
    assert validated.max() == 1
    always_train = np.bincount(groups)[groups[validated == 0]] > len(groups) / 2
    assert made.n_folds < n_folds or always_train.all()


def test_a_group_with_most_of_the_rows_always_trains_where_others_can_judge():
    groups = np.where(np.arange(100) < 70, 0, np.arange(100) // 5)
    made = plan(dataset(np.arange(100) % 2, groups), cv=3)
    assert counts(made, 100).tolist() == [0] * 70 + [1] * 30
    assert "70% of the rows always trains" in made.description


@pytest.mark.parametrize(("n_others", "cv", "target"), [(1, None, [0, 1]), (3, 4, [0, 1]), (3, None, [1, 1])])
def test_a_group_with_most_of_the_rows_is_validated_where_the_others_cannot_judge(n_others, cv, target):
    groups = np.where(np.arange(80) < 60, 0, 1 + np.arange(80) % n_others)
    labels = np.where(np.arange(80) < 60, np.arange(80) % 2, np.resize(target, 80))
    assert counts(plan(dataset(labels, groups), cv=cv), 80).min() in (0, 1)
    assert counts(plan(dataset(labels, groups), cv=cv), 80)[:60].all() or target == [1, 1]


def test_rare_classes_in_groups_give_no_warning():
    target = np.array([0] * 30 + [1] * 29 + [2])
    assert plan(dataset(target, np.arange(60) // 3), cv=5).n_folds == 5


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=2, max_size=80), st.integers(1, 6))
def test_time_ordered_folds_never_train_on_the_future_and_keep_moments_whole(moments, n_folds):
    time = np.array([*moments, 31, 32], dtype=float)
    made = time_ordered(time, n_folds)
    assert 1 <= made.n_folds <= n_folds
    for fold in made.folds:
        assert time[fold.train].max() < time[fold.valid].min()
    assert counts(made, len(time)).max() == 1


def test_one_moment_with_most_of_the_rows_still_gives_a_fold():
    made = time_ordered(np.array([0.0] * 95 + [1.0, 2.0, 2.0, 3.0, 3.0]), 4)
    assert [len(fold.valid) for fold in made.folds] == [5]


def test_folds_in_time_come_newest_first_and_train_on_half_of_the_rows_or_more():
    made = time_ordered(np.random.default_rng(0).permutation(1000).astype(float), 5)
    assert [len(fold.train) for fold in made.folds] == [900, 800, 700, 600, 500]
    assert {len(fold.valid) for fold in made.folds} == {100}


def test_each_stretch_of_time_lies_in_one_fold_and_stretches_follow_each_other():
    time = np.repeat(np.random.default_rng(0).permutation(500), 2).astype(float)
    made = time_ordered(time, 3)
    assert made.ordered
    assert not plan(dataset(np.arange(20) % 2)).ordered
    for fold in made.folds:
        assert 6 <= len(np.unique(made.stretches[fold.valid])) <= 8
        assert not set(made.stretches[fold.valid]) & set(made.stretches[fold.train])
    in_order = made.stretches[np.argsort(time, kind="stable")]
    assert (np.diff(in_order) >= 0).all()


def test_as_many_folds_in_time_as_were_asked_for_are_made_of_few_moments():
    assert time_ordered(np.arange(7.0), 6, exactly=True).n_folds == 6


def test_a_single_fold_in_time_holds_out_the_last_tenth():
    assert len(time_ordered(np.arange(1000.0), 1).folds[0].valid) == 100


def test_folds_in_time_that_would_train_on_one_class_are_left_out():
    target = np.array([0] * 30 + [0, 1] * 15)
    made = plan(dataset(target), cv=5, time=np.arange(60.0))
    assert 1 <= made.n_folds < 5
    assert all(len(np.unique(target[fold.train])) == 2 for fold in made.folds)
    with pytest.raises(InputError, match="single class"):
        plan(dataset(np.array([0] * 59 + [1])), cv=2, time=np.arange(60.0))


def test_large_tables_get_one_stratified_holdout():
    target = np.arange(module.HOLDOUT_ROWS) % 2
    made = plan(dataset(target))
    assert made.n_folds == 1
    assert np.bincount(target[made.folds[0].valid]).tolist() == [10_000, 10_000]


def test_a_holdout_leaves_some_rows_of_each_class_to_train_on():
    target = np.array([0] * 100 + [1] * 100 + [2])
    for seed in range(30):
        fold = holdout(dataset(target), np.random.default_rng(seed)).folds[0]
        assert 2 in target[fold.train]


def test_large_grouped_tables_hold_out_a_tenth_of_the_groups(monkeypatch):
    monkeypatch.setattr(module, "HOLDOUT_ROWS", 1000)
    made = plan(dataset(np.arange(1000) % 2, np.arange(1000) // 4))
    assert made.n_folds == 1
    assert 80 <= len(made.folds[0].valid) <= 120


def test_few_groups_that_are_judged_themselves_are_judged_by_several_folds(monkeypatch):
    monkeypatch.setattr(module, "HOLDOUT_ROWS", 400)
    registry = no_plugins()
    registry.tasks["ranking"] = TaskSpec("ranking", lambda target: None, "ndcg@10", needs_groups=True)
    for kind, wanted in (("ranking", 3), ("other", 1)):
        rows = dataset(np.linspace(0.0, 1.0, 500), groups=np.arange(500) // 10)
        rows = replace(rows, task=Task(TaskKind(kind), "y"))
        assert plan_resampling(rows, SearchSettings(time_limit=60.0), registry).n_folds == wanted


def test_groups_that_a_task_deals_together_go_to_one_fold():
    registry = no_plugins()
    registry.tasks["tags"] = TaskSpec("tags", lambda target: None, "f1", blocks=lambda groups: groups // 4)
    rows = dataset(np.arange(240) % 2, groups=np.arange(240) // 5)
    made = plan_resampling(replace(rows, task=Task(TaskKind("tags"), "y", (0, 1))), SearchSettings(cv=3), registry)
    assert made.blocks.tolist() == (np.arange(240) // 20).tolist()
    assert "neighbours together" in made.description
    for fold in made.folds:
        assert not set(fold.valid // 20) & set(fold.train // 20)
    assert plan(rows, cv=3).blocks is None


def test_more_rows_or_less_time_never_give_more_folds():
    def folds(n_rows, time_limit):
        data = dataset(np.arange(n_rows) % 2, n_features=20)
        return choose_folds(data, SearchSettings(time_limit=time_limit, n_jobs=2))

    by_rows = [folds(n, 60.0) for n in (100, 3_000, 3_001, 20_000, 100_000, 200_000)]
    by_time = [folds(50_000, seconds) for seconds in (3600.0, 300.0, 60.0, 10.0, 1.0)]
    assert by_rows == sorted(by_rows, reverse=True)
    assert by_time == sorted(by_time, reverse=True)
    assert (by_rows[0], by_rows[-1], by_time[-1]) == (8, 1, 1)


def test_what_is_borrowed_first_decides_what_a_fold_costs():
    data, options = dataset(np.arange(24_000) / 7.0, n_features=20), SearchSettings(time_limit=60.0, n_jobs=2)

    def folds(*loans):
        return choose_folds(data, options, TaskSpec("y", lambda target: None, "rmse", loans=loans))

    ahead = [Loan(lambda task: task, lambda request, build: None, fits=fits, ahead=True) for fits in (1.0, 3.0)]
    plain = choose_folds(data, options)
    assert folds(ahead[0]) == folds() == plain
    assert folds(ahead[1]) < plain


def test_words_among_their_sentences_count_for_several_columns():
    target = np.arange(120_000) % 2
    numbers = dataset(target, n_features=1)
    cells = pd.Series([Placed(0, "a")] * len(target), dtype=object)
    words = replace(numbers, features=pd.DataFrame({"token": cells}))
    options = SearchSettings(time_limit=60.0, n_jobs=2)
    assert (choose_folds(numbers, options), choose_folds(words, options)) == (5, 3)


def test_tiny_tables_never_get_more_folds_than_rows():
    for n_rows in range(4, 20):
        made = plan(dataset(np.arange(n_rows) % 2))
        assert counts(made, n_rows).tolist() == [1] * n_rows


@pytest.mark.parametrize("cv", [0, 1, -3, 21])
def test_a_fold_count_that_the_table_cannot_give_is_refused(cv):
    with pytest.raises(OptionError, match=f"cv={cv}; expected 2 to 20 folds"):
        plan(dataset(np.arange(20) % 2), cv=cv)


def test_more_folds_than_groups_or_moments_are_refused_when_asked_for_and_fewer_made_when_not():
    data = dataset(np.arange(20) % 2, np.arange(20) // 7)
    assert plan(data).n_folds == 3
    with pytest.raises(InputError, match="Found 3 groups; expected at least 5"):
        plan(data, cv=5)
    with pytest.raises(InputError, match="3 distinct values; expected at least 6"):
        plan(dataset(np.arange(20) % 2), cv=5, time=np.arange(20.0) // 7)
    with pytest.raises(InputError, match="1 groups"):
        plan(dataset(np.arange(20) % 2, np.zeros(20, dtype=int)))


def test_the_training_rows_of_a_regression_need_no_classes():
    data = replace(dataset(np.zeros(6) + 1.5), task=Task(TaskKind.REGRESSION, "y"))
    assert plan(data, cv=2).n_folds == 2
