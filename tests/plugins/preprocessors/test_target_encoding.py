from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from automl.plugin_api import Column, ColumnKind, FitContext, Task, TaskKind
from automl_builtins.preprocessors._target_encoding import USUAL_SMOOTHING, assign_folds
from tests.plugins.preprocessors.tables import BINARY, MULTICLASS, REGRESSION, build, dataset, fitted, names_of


def categories(n_rows, n_levels, seed=0):
    codes = np.random.default_rng(seed).integers(0, n_levels, size=(n_rows, 1)).astype(np.int32)
    levels = tuple(f"v{i}" for i in range(n_levels))
    return pd.DataFrame(codes, columns=["city"]), (Column("city", ColumnKind.CATEGORICAL, categories=levels),)


@pytest.mark.parametrize("task", [BINARY, MULTICLASS, REGRESSION], ids=lambda task: task.kind.value)
def test_other_rows_are_encoded_as_scikit_learn_does(task):
    from sklearn.preprocessing import TargetEncoder

    frame, columns = categories(300, 8)
    data = dataset(frame, columns, task)
    made, _ = fitted("target_encoding", frame, columns, task, data.target, smoothing=5.0)
    kind = {TaskKind.REGRESSION: "continuous"}.get(task.kind, task.kind.value)
    theirs = TargetEncoder(smooth=5.0, target_type=kind).fit(frame.to_numpy(), data.target)
    np.testing.assert_allclose(made.transform(frame).to_numpy(), theirs.transform(frame.to_numpy()), rtol=1e-5)


def test_a_training_row_is_encoded_without_its_own_target():
    frame, columns = categories(400, 100)
    data = dataset(frame, columns, REGRESSION)
    _, before = fitted("target_encoding", frame, columns, REGRESSION, data.target, smoothing=1.0)
    for row in (0, 17, 399):
        changed = data.target.copy()
        changed[row] += 1e3
        _, after = fitted("target_encoding", frame, columns, REGRESSION, changed, smoothing=1.0)
        assert after.iloc[row, 0] == pytest.approx(before.iloc[row, 0], abs=1e-4)


def test_a_column_that_tells_nothing_does_not_predict_the_training_target():
    frame, columns = categories(2000, 1000)
    data = dataset(frame, columns, BINARY, seed=3)
    made, features = fitted("target_encoding", frame, columns, BINARY, data.target, smoothing=1.0)
    assert abs(np.corrcoef(features.to_numpy().ravel(), data.target)[0, 1]) < 0.1
    assert np.corrcoef(made.transform(frame).to_numpy().ravel(), data.target)[0, 1] > 0.5


def test_several_classes_give_one_share_each_that_add_up_to_one():
    frame, columns = categories(90, 4)
    made, features = fitted("target_encoding", frame, columns, MULTICLASS, smoothing=5.0)
    assert names_of(made) == ["city.target_a", "city.target_b", "city.target_c"]
    np.testing.assert_allclose(features.sum(axis=1), 1, rtol=1e-5)


def test_a_category_that_training_did_not_have_gets_the_overall_mean():
    frame, columns = categories(60, 3)
    columns = (Column("city", ColumnKind.CATEGORICAL, categories=(*columns[0].categories, "new")),)
    data = dataset(frame, columns, REGRESSION)
    made, _ = fitted("target_encoding", frame, columns, REGRESSION, data.target)
    unseen = pd.DataFrame({"city": np.array([3, -1], dtype=np.int32)})
    assert made.transform(unseen).to_numpy().ravel() == pytest.approx([data.target.mean()] * 2, rel=1e-5)


def test_small_groups_are_smoothed_more_where_categories_differ_less():
    frame, columns = categories(600, 60, seed=1)
    effect = np.random.default_rng(2).normal(size=60)[frame["city"]]
    noise = np.random.default_rng(3).normal(size=600)
    spreads = []
    for scale in (0.3, 3.0):
        made, _ = fitted("target_encoding", frame, columns, REGRESSION, scale * effect + noise)
        spreads.append(np.std(made.transform(frame).to_numpy()) / np.std(scale * effect + noise))
    assert spreads[0] < 0.6 * spreads[1]


def test_categories_that_occur_once_are_smoothed_by_the_usual_amount():
    frame = pd.DataFrame({"city": np.arange(6, dtype=np.int32)})
    columns = (Column("city", ColumnKind.CATEGORICAL, categories=tuple("abcdef")),)
    made, _ = fitted("target_encoding", frame, columns, REGRESSION, np.array([0.0, 0, 0, 0, 0, 6]))
    expected = (6 + USUAL_SMOOTHING) / (1 + USUAL_SMOOTHING)
    assert made.transform(frame).to_numpy()[5, 0] == pytest.approx(expected)


@pytest.mark.parametrize("target", [[0, 0, 0, 0, 0, 1], [1, 1, 1, 1, 1, 1], [0, 1, 2, 2, 2, 2]])
def test_rare_and_absent_classes_are_survived(target):
    frame, columns = categories(6, 2)
    task = Task(TaskKind.MULTICLASS, "y", ("a", "b", "c"))
    _, features = fitted("target_encoding", frame, columns, task, target)
    assert np.isfinite(features.to_numpy()).all()
    assert features.shape == (6, 3)


def test_a_constant_target_gives_that_constant():
    frame, columns = categories(50, 5)
    _, features = fitted("target_encoding", frame, columns, REGRESSION, np.full(50, 2.5))
    np.testing.assert_allclose(features.to_numpy(), 2.5, rtol=1e-6)


def test_folds_hold_an_even_share_of_each_class():
    frame, columns = categories(100, 2)
    target = np.repeat([0, 1], [75, 25])
    folds = assign_folds(dataset(frame, columns, BINARY, target), seed=1)
    assert np.bincount(folds[target == 1]).tolist() == [5] * 5
    assert np.bincount(folds).tolist() == [20] * 5


def test_rows_are_encoded_from_rows_of_other_groups():
    codes = np.arange(100, dtype=np.int32) // 10
    columns = (Column("of a group", ColumnKind.CATEGORICAL, categories=tuple("abcdefghij")),)
    target = np.random.default_rng(0).normal(size=10)[codes]
    data = dataset(pd.DataFrame({"of a group": codes}), columns, REGRESSION, target)
    made = build("target_encoding", columns, REGRESSION, smoothing=0.0)
    grouped = made.fit_transform(replace(data, groups=codes), FitContext()).to_numpy()[:, 0]
    by_row = made.fit_transform(data, FitContext()).to_numpy()[:, 0]
    assert by_row == pytest.approx(data.target, abs=1e-6)
    assert len(np.unique(grouped)) <= 5
    assert np.isfinite(grouped).all()
