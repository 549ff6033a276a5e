"""Crosses find the pairs that tell, never see a training row's own target, and survive what they have not seen."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from automl.plugin_api import Column, ColumnKind, FitContext, Fold
from automl.steps.fit.prepare_fold import prepare_fold
from automl.vocabulary.candidate import Preparation, PreparationStep
from tests.plugins.preprocessors.tables import BINARY, MULTICLASS, REGRESSION, SPECS, dataset, fitted, names_of

LEVELS = tuple(f"v{i}" for i in range(12))
COLUMNS = (
    *(Column(name, ColumnKind.CATEGORICAL, categories=LEVELS) for name in ("team", "role")),
    Column("site", ColumnKind.NUMERIC),
    Column("size", ColumnKind.NUMERIC),
    Column("flag", ColumnKind.BOOLEAN),
)


def jobs(n_rows=3000, seed=0):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "team": rng.integers(0, 10, n_rows).astype(np.int32),
            "role": rng.integers(-1, 10, n_rows).astype(np.int32),
            "site": rng.integers(100, 110, n_rows).astype(np.float32),
            "size": rng.normal(size=n_rows).astype(np.float32),
            "flag": rng.integers(0, 2, n_rows).astype(np.float32),
        }
    )


def pair_effect(frame, seed=7):
    """Return a target that depends on team and role together, on neither alone."""
    table = np.random.default_rng(seed).normal(size=(10, 11))
    table -= table.mean(axis=0)
    return table[frame["team"], frame["role"] + 1]


@pytest.mark.parametrize("task", [BINARY, MULTICLASS, REGRESSION], ids=lambda task: task.kind.value)
def test_the_pair_that_the_target_depends_on_comes_first(task):
    frame = jobs()
    effect = pair_effect(frame) + np.random.default_rng(1).normal(size=len(frame))
    target = {BINARY: effect > 0, MULTICLASS: np.digitize(effect, [-0.7, 0.7]), REGRESSION: effect}[task]
    made, features = fitted("crosses", frame, COLUMNS, task, target.astype(int) if task is not REGRESSION else target)
    assert names_of(made)[0].startswith("team&role.target")
    assert "team&role.count" in names_of(made)
    assert not any("size" in name for name in names_of(made))
    assert np.isfinite(features.to_numpy()).all()


def test_whole_numbers_take_part_by_themselves_where_they_have_many_levels():
    rng = np.random.default_rng(0)
    ids = rng.integers(0, 400, 4000)
    frame = pd.DataFrame({"id": ids.astype(np.float32), "size": rng.normal(size=4000).astype(np.float32)})
    columns = (Column("id", ColumnKind.NUMERIC), Column("size", ColumnKind.NUMERIC))
    target = rng.normal(size=400)[ids] + rng.normal(size=4000)
    made, _ = fitted("crosses", frame, columns, REGRESSION, target)
    assert names_of(made) == ["id.target", "id.count"]


def test_a_training_row_is_encoded_without_its_own_target():
    frame = jobs()
    target = pair_effect(frame)
    made, before = fitted("crosses", frame, COLUMNS, REGRESSION, target)
    for row in (0, 17, 2999):
        changed = target.copy()
        changed[row] += 1.0
        again, after = fitted("crosses", frame, COLUMNS, REGRESSION, changed)
        for name in set(names_of(made)) & set(names_of(again)):
            assert after[name].iloc[row] == pytest.approx(before[name].iloc[row], abs=2e-3)


def test_means_do_not_predict_a_training_target_that_depends_on_nothing():
    frame = jobs()
    target = np.random.default_rng(5).normal(size=len(frame))
    _, features = fitted("crosses", frame, COLUMNS, REGRESSION, target)
    means = [name for name in features.columns if name.endswith(".target")]
    assert all(abs(np.corrcoef(features[name], target)[0, 1]) < 0.08 for name in means)


def test_only_the_training_rows_of_a_fold_are_learned():
    frame = jobs(1200)
    target = pair_effect(frame)
    fold = Fold(np.arange(800), np.arange(800, 1200))
    preparation = Preparation((PreparationStep("crosses", tuple(frame.columns)),))
    changed = frame.copy()
    changed.iloc[800:] = jobs(400, seed=9).to_numpy()
    changed = changed.astype(frame.dtypes.to_dict())
    kept = []
    for table, values in ((frame, target), (changed, np.where(np.arange(1200) < 800, target, 1e6))):
        data = dataset(table, COLUMNS, REGRESSION, values)
        made = prepare_fold(data, fold, preparation, SPECS, FitContext(seed=1))
        kept.append((made.train.features.to_numpy(), made.preparation.transform(frame).to_numpy()))
    np.testing.assert_array_equal(kept[0][0], kept[1][0])
    np.testing.assert_array_equal(kept[0][1], kept[1][1])
    assert kept[0][0].shape[1] > 0


def test_unseen_and_missing_categories_get_the_overall_mean_and_the_count_zero():
    frame = jobs()
    target = 5.0 + pair_effect(frame)
    made, _ = fitted("crosses", frame, COLUMNS, REGRESSION, target)
    unseen = frame.iloc[:2].copy()
    unseen["team"], unseen["site"] = np.int32(11), np.float32(np.nan)
    found = made.transform(unseen)
    np.testing.assert_allclose(found["team&role.target"], target.mean(), rtol=1e-5)
    assert (found["team&role.count"] == 0).all()


def test_a_row_alone_gives_what_it_gives_among_others():
    frame = jobs()
    made, _ = fitted("crosses", frame, COLUMNS, REGRESSION, pair_effect(frame))
    other = jobs(15, seed=3)
    other.iloc[0, 2], other.iloc[1, 2], other.iloc[2, 4] = np.nan, 105.5, np.nan
    whole = made.transform(other).to_numpy()
    alone = np.vstack([made.transform(other.iloc[i : i + 1]).to_numpy() for i in range(len(other))])
    np.testing.assert_array_equal(alone, whole)
    assert np.isfinite(whole).all()
