"""What every built-in ensembler promises, whatever it does inside."""

from __future__ import annotations

import pickle
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from automl.plugin_api import EnsembleRequest, FitContext, OutOfFold
from automl_builtins.ensemblers import stacking, voting, weighted
from tests.plugins.ensemblers.synthetic import PROBLEMS

SPECS = {spec.name: spec for module in (voting, weighted, stacking) for spec in module.automl_ensemblers()}
CASES = [
    (problem, name) for problem, (task, _, _) in PROBLEMS.items() for name in SPECS if task.kind in SPECS[name].tasks
]


def raw_features(target, seed=0):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "telling": (target + rng.normal(size=len(target))).astype(np.float32),
            "constant": np.zeros(len(target), dtype=np.float32),
            "empty": np.full(len(target), np.nan, dtype=np.float32),
            "code": rng.integers(-1, 4, len(target)).astype(np.int32),
            "words": ["some words"] * len(target),
        }
    )
    frame.loc[frame.index[::7], "telling"] = np.nan
    return frame


def fitted(problem, name, seed=0, n_rows=600, context=None):
    task, metric, make = PROBLEMS[problem]
    predictions, target = make(n_rows=n_rows, seed=seed)
    features = raw_features(target) if SPECS[name].uses_features else None
    rows = OutOfFold(predictions, target, None, features)
    request = EnsembleRequest(task, metric, SPECS[name].params)
    return SPECS[name].build(request).fit(rows, context or FitContext(seed=1)), rows


@pytest.mark.parametrize(("problem", "name"), CASES)
def test_combining_gives_finite_outputs_and_probabilities_add_up_to_one(problem, name):
    combiner, rows = fitted(problem, name)
    combined = combiner.combine(rows.predictions, rows.features)
    assert combined.shape == rows.predictions.shape[1:]
    assert np.isfinite(combined).all()
    if problem != "regression":
        assert combined.min() >= 0
        np.testing.assert_allclose(combined.sum(axis=1), 1, atol=1e-6)


@pytest.mark.parametrize(("problem", "name"), CASES)
def test_a_row_alone_is_combined_as_among_others(problem, name):
    combiner, rows = fitted(problem, name)
    bulk = combiner.combine(rows.predictions, rows.features)
    for row in range(5):
        chosen = slice(row, row + 1)
        features = None if rows.features is None else rows.features.iloc[chosen]
        alone = combiner.combine(rows.predictions[:, chosen], features)
        np.testing.assert_allclose(alone, bulk[chosen], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(("problem", "name"), CASES)
def test_members_without_weight_are_not_needed_to_predict(problem, name):
    combiner, rows = fitted(problem, name)
    weights = combiner.weights()
    assert weights.shape == (len(rows.predictions),)
    assert weights.sum() == pytest.approx(1)
    without = rows.predictions.copy()
    without[weights == 0] = 0
    expected = combiner.combine(rows.predictions, rows.features)
    np.testing.assert_array_equal(combiner.combine(without, rows.features), expected)


@pytest.mark.parametrize(("problem", "name"), CASES)
def test_a_pickled_combiner_gives_the_same(problem, name):
    combiner, rows = fitted(problem, name)
    again = pickle.loads(pickle.dumps(combiner))
    expected = combiner.combine(rows.predictions, rows.features)
    np.testing.assert_array_equal(again.combine(rows.predictions, rows.features), expected)


@pytest.mark.parametrize(("problem", "name"), CASES)
def test_the_same_seed_gives_the_same_weights(problem, name):
    first, second = fitted(problem, name)[0], fitted(problem, name)[0]
    np.testing.assert_array_equal(first.weights(), second.weights())


@pytest.mark.parametrize("name", [name for problem, name in CASES if problem == "multiclass"])
def test_a_class_that_no_row_has_keeps_its_column(name):
    task, metric, make = PROBLEMS["multiclass"]
    predictions, target = make(n_rows=600)
    seen = target != 2
    features = raw_features(target[seen]) if SPECS[name].uses_features else None
    rows = OutOfFold(predictions[:, seen], target[seen], None, features)
    combiner = SPECS[name].build(EnsembleRequest(task, metric)).fit(rows, FitContext())
    combined = combiner.combine(rows.predictions, features)
    assert combined.shape == (int(seen.sum()), 4)
    np.testing.assert_allclose(combined.sum(axis=1), 1, atol=1e-6)


@pytest.mark.parametrize(("problem", "name"), CASES)
def test_a_useless_candidate_with_missing_numbers_is_passed_over(problem, name):
    task, metric, make = PROBLEMS[problem]
    predictions, target = make(n_rows=300)
    predictions[3, 5] = np.nan
    features = raw_features(target) if SPECS[name].uses_features else None
    combiner = (
        SPECS[name]
        .build(EnsembleRequest(task, metric))
        .fit(OutOfFold(predictions, target, None, features), FitContext())
    )
    assert combiner.weights()[3] == 0


def test_without_one_scorable_candidate_the_error_says_so():
    task, metric, make = PROBLEMS["binary"]
    predictions, target = make(n_rows=300)
    rows = OutOfFold(np.full_like(predictions, np.nan), target)
    with pytest.raises(ValueError, match="nothing to combine"):
        SPECS["weighted"].build(EnsembleRequest(task, metric)).fit(rows, FitContext())


def test_importing_the_plugins_imports_nothing_heavy():
    code = (
        "import sys; from automl_builtins.ensemblers import stacking, voting, weighted;"
        "print([name for name in ('sklearn', 'scipy', 'lightgbm', 'torch') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=_environment())
    assert found.stdout.strip() == "[]"


def _environment():
    import os

    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
