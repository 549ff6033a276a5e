from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from automl.plugin_api import Deadline, EnsembleRequest, FitContext, OutOfFold, loss_of, score_predictions
from automl_builtins.ensemblers._candidates import LIGHTEST
from automl_builtins.ensemblers.stacking import BoostedStacking, LinearStacking
from automl_builtins.ensemblers.voting import SoftVoting
from tests.plugins.ensemblers.synthetic import BINARY, LOG_LOSS, PROBLEMS, classifiers


def held_out_loss(ensembler, problem, predictions, target, features=None, n_learn=1500):
    task, metric, _ = PROBLEMS[problem]
    frames = (None, None) if features is None else (features.iloc[:n_learn], features.iloc[n_learn:])
    rows = OutOfFold(predictions[:, :n_learn], target[:n_learn], None, frames[0])
    combiner = ensembler(EnsembleRequest(task, metric)).fit(rows, FitContext())
    combined = combiner.combine(predictions[:, n_learn:], frames[1])
    return loss_of(metric, score_predictions(metric, task, target[n_learn:], combined))


@pytest.mark.parametrize("problem", ["multiclass", "regression"])
def test_linear_stacking_mends_members_that_are_all_too_bold(problem):
    _, _, make = PROBLEMS[problem]
    predictions, target = make(n_rows=5000)
    bold = predictions * 2 if problem == "regression" else predictions**3
    bold = bold if problem == "regression" else bold / bold.sum(axis=2, keepdims=True)
    stacked = held_out_loss(LinearStacking, problem, bold, target)
    assert stacked < 0.97 * held_out_loss(SoftVoting, problem, bold, target)


@pytest.mark.parametrize("ensembler", [LinearStacking, BoostedStacking])
@pytest.mark.parametrize("problem", ["binary", "multiclass", "regression"])
def test_few_rows_do_not_pull_a_stack_far_from_the_average(ensembler, problem):
    _, _, make = PROBLEMS[problem]
    losses = []
    for seed in range(4):
        predictions, target = make(n_rows=4000, seed=seed)
        pair = (held_out_loss(each, problem, predictions, target, n_learn=100) for each in (ensembler, SoftVoting))
        losses.append(np.subtract(*pair))
    assert np.mean(losses) < 0.02


@pytest.mark.parametrize("ensembler", [LinearStacking, BoostedStacking])
@pytest.mark.parametrize("problem", ["binary", "multiclass", "regression"])
def test_raw_columns_add_what_no_member_knows(ensembler, problem):
    _, _, make = PROBLEMS[problem]
    predictions, target = make(n_rows=5000)
    hint = (target + 0.3 * np.random.default_rng(0).normal(size=len(target))).astype(np.float32)
    features = pd.DataFrame({"hint": hint, "code": np.zeros(len(target), dtype=np.int32)})
    features.loc[::9, "hint"] = np.nan
    with_columns = held_out_loss(ensembler, problem, predictions, target, features)
    assert with_columns < held_out_loss(ensembler, problem, predictions, target) - 0.05


@pytest.mark.parametrize("ensembler", [LinearStacking, BoostedStacking])
def test_a_stack_that_uses_raw_columns_says_when_they_are_missing(ensembler):
    predictions, target = classifiers(n_rows=1000)
    rows = OutOfFold(predictions, target, None, pd.DataFrame({"hint": target.astype(np.float32)}))
    combiner = ensembler(EnsembleRequest(BINARY, LOG_LOSS)).fit(rows, FitContext())
    with pytest.raises(ValueError, match="needs the raw columns"):
        combiner.combine(predictions)


def test_trees_that_do_not_help_are_left_out():
    rng = np.random.default_rng(0)
    target = rng.integers(0, 2, 1000)
    predictions = np.full((3, 1000, 2), 0.5, dtype=np.float32)
    combiner = BoostedStacking(EnsembleRequest(BINARY, LOG_LOSS)).fit(OutOfFold(predictions, target), FitContext())
    np.testing.assert_allclose(combiner.combine(predictions), 0.5, atol=0.05)


@pytest.mark.parametrize("ensembler", [LinearStacking, BoostedStacking])
def test_no_time_left_still_gives_a_valid_combiner(ensembler):
    predictions, target = classifiers(n_rows=1000)
    rows, context = OutOfFold(predictions, target), FitContext(deadline=Deadline(0.0))
    combiner = ensembler(EnsembleRequest(BINARY, LOG_LOSS)).fit(rows, context)
    assert LOG_LOSS.score(target, combiner.combine(predictions), None) < np.log(2)


@pytest.mark.parametrize("problem", ["multiclass", "regression"])
def test_members_that_hardly_count_are_left_out_of_a_linear_stack(problem):
    task, metric, make = PROBLEMS[problem]
    predictions, target = make(n_candidates=12, n_rows=3000, seed=3)
    shares = LinearStacking(EnsembleRequest(task, metric)).fit(OutOfFold(predictions, target), FitContext()).weights()
    assert 2 <= (shares > 0).sum() < 12
    assert shares[shares > 0].min() >= LIGHTEST / 2
