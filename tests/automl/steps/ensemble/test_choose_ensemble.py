from __future__ import annotations

from dataclasses import replace

import numpy as np

from automl.plugin_api import Deadline, FitContext
from automl.steps.ensemble.choose_ensemble import AVERAGED_ROWS, judge_trials
from automl.steps.ensemble.cross_fit import CrossFitted
from automl.steps.score.judge import Judge
from automl_builtins.ensemblers import voting, weighted
from tests.plugins.ensemblers.synthetic import AUC, BINARY

SIMPLE, WEIGHTED = voting.automl_ensemblers()[0], weighted.automl_ensemblers()[0]


def seen(n_rows, noise, seed, spec=SIMPLE, name="", seconds_per_fit=0.0):
    rng = np.random.default_rng(seed)
    score = target(n_rows) + rng.normal(scale=noise, size=n_rows)
    share = 1.0 / (1.0 + np.exp(-score))
    return CrossFitted(
        replace(spec, name=name or f"of_{seed}"), np.column_stack([1 - share, share]), 0.1, seconds_per_fit
    )


def target(n_rows):
    return np.arange(n_rows) % 2


def chosen(trials, n_rows=600, parts=None, seconds=None):
    judge = Judge(AUC, BINARY, target(n_rows), parts=parts)
    judged, failures = judge_trials(judge, trials, FitContext(seed=0, deadline=Deadline(seconds)))
    assert failures == ()
    return judged[0]


def test_those_that_noise_cannot_tell_apart_are_averaged_without_those_that_are_clearly_worse():
    trials = [seen(600, 1.0, 0), seen(600, 1.0, 1), seen(600, 9.0, 2)]
    assert set(chosen(trials).name.split(" + ")) == {"of_0", "of_1"}


def test_one_that_takes_too_long_to_fit_leaves_its_time_to_the_others():
    trials = [seen(600, 1.0, number) for number in range(3)]
    ranked = chosen(trials).name.split(" + ")  # given no limit
    assert set(ranked) == {"of_0", "of_1", "of_2"}
    seconds = dict(zip(ranked, (0.1, 9.0, 1.0), strict=True))
    timed = [replace(trial, seconds_per_fit=seconds[trial.spec.name]) for trial in trials]
    assert chosen(timed, seconds=10.0).name.split(" + ") == [ranked[0], ranked[2]]


def test_of_many_rows_the_simplest_of_those_alike_is_taken():
    n_rows = AVERAGED_ROWS + 100
    noisy = seen(n_rows, 1.0, 0, SIMPLE, "simple")
    better = replace(seen(n_rows, 1.0, 0, WEIGHTED, "complex"))
    mixed = better.predictions.copy()
    mixed[:3] = mixed[:3, ::-1]
    assert chosen([replace(better, predictions=mixed), noisy], n_rows).name == "simple"


def test_in_order_of_time_the_best_is_taken_however_little_it_leads():
    n_rows = 600
    better, parts = seen(n_rows, 1.0, 0, WEIGHTED, "complex"), np.repeat([0, 1], n_rows // 2)
    worse = better.predictions.copy()
    swapped = np.flatnonzero((target(n_rows) == 1) & (worse[:, 1] > 0.5))[0]
    worse[swapped] = worse[swapped, ::-1]
    both = [better, CrossFitted(replace(SIMPLE, name="simple"), worse, 0.1, 0.0)]
    assert chosen(both, n_rows, parts).name == "complex"
    assert chosen(both, n_rows).name != "complex"
