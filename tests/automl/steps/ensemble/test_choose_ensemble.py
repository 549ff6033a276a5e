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


def seen(n_rows, noise, seed, spec=SIMPLE, name=""):
    """Return what an ensembler has predicted: the target, noise that all share, and noise of its own."""
    shared, own = (np.random.default_rng(each).normal(size=n_rows) for each in (99, seed))
    score = target(n_rows) + shared + noise * own
    share = 1.0 / (1.0 + np.exp(-score))
    return CrossFitted(replace(spec, name=name or f"of_{seed}"), np.column_stack([1 - share, share]), 0.1, 0.0)


def target(n_rows):
    return np.arange(n_rows) % 2


def chosen(trials, n_rows=600, parts=None, seconds=None):
    judge = Judge(AUC, BINARY, target(n_rows), parts=parts)
    judged, failures = judge_trials(judge, trials, FitContext(seed=0, deadline=Deadline(seconds)))
    assert failures == ()
    return judged[0]


def test_those_that_noise_cannot_tell_apart_are_averaged_without_those_that_are_clearly_worse():
    trials = [seen(600, 0.3, 0), seen(600, 0.3, 1), seen(600, 9.0, 2)]
    assert set(chosen(trials).name.split(" + ")) == {"of_0", "of_1"}


def test_one_that_takes_too_long_to_fit_leaves_its_time_to_the_others():
    trials = [seen(600, 0.3, number) for number in range(3)]
    ranked = chosen(trials).name.split(" + ")  # given no limit
    assert set(ranked) == {"of_0", "of_1", "of_2"}
    seconds = dict(zip(ranked, (0.1, 9.0, 1.0), strict=True))
    timed = [replace(trial, seconds_per_fit=seconds[trial.spec.name]) for trial in trials]
    assert chosen(timed, seconds=10.0).name.split(" + ") == [ranked[0], ranked[2]]


def best_and_next(n_rows):
    """Return two ensemblers that noise cannot tell apart, the more complex of which is a little better."""
    judge = Judge(AUC, BINARY, target(n_rows))
    one, other = sorted((seen(n_rows, 0.3, number) for number in (0, 1)), key=lambda each: judge.loss(each.predictions))
    return [
        replace(one, spec=replace(WEIGHTED, name="complex")),
        replace(other, spec=replace(SIMPLE, name="simple")),
    ]


def test_of_many_rows_the_simplest_of_those_alike_is_taken():
    n_rows = AVERAGED_ROWS + 100
    assert chosen(best_and_next(n_rows), n_rows).name == "simple"


def test_of_few_rows_both_are_and_in_order_of_time_the_best_however_little_it_leads():
    n_rows = 600
    assert chosen(best_and_next(n_rows), n_rows).name == "complex + simple"
    one_part = np.zeros(n_rows, dtype=np.int64)
    assert chosen(best_and_next(n_rows), n_rows, one_part).name == "complex"
