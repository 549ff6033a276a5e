from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from automl.fitted.one_member import OneMember
from automl.plugin_api import Deadline, EnsemblerSpec, FitContext
from automl.steps.ensemble.build_ensemble import build_ensemble
from automl.steps.plan.choose_ensemblers import allowed_ensemblers
from automl.steps.score.judge import Judge
from automl_builtins.ensemblers import stacking, voting, weighted
from tests.plugins.ensemblers.synthetic import AUC, BINARY, PROBLEMS, classifiers

SPECS = tuple(spec for module in (voting, weighted, stacking) for spec in module.automl_ensemblers())


def build(problem="binary", option="auto", extra=(), deadline=None, seed=0, groups=None, **size):
    task, metric, make = PROBLEMS[problem]
    predictions, target = make(seed=seed, **size)
    features = pd.DataFrame({"x": np.random.default_rng(0).normal(size=len(target)).astype(np.float32)})
    return build_ensemble(
        predictions,
        Judge(metric, task, target, groups=groups, units=groups),
        (*allowed_ensemblers(option, SPECS, task), *extra),
        features,
        FitContext(seed=seed, deadline=deadline or Deadline(None)),
    )


class Raises:
    def fit(self, out_of_fold, context):
        raise ZeroDivisionError("nothing to divide by")


class Sleeps:
    def fit(self, out_of_fold, context):
        time.sleep(0.3)
        return OneMember(0, len(out_of_fold.predictions))


class UsesAllTime:
    def __init__(self, member):
        self.member = member

    def fit(self, out_of_fold, context):
        while context.seconds_left() > 0:
            time.sleep(0.01)
        return OneMember(self.member, len(out_of_fold.predictions))


class RaisesOnAllRows:
    def fit(self, out_of_fold, context):
        if len(out_of_fold.target) == 600:
            raise MemoryError("too many rows")
        return Cheats(0, len(out_of_fold.predictions))


class Cheats(OneMember):
    def combine(self, predictions, features=None):
        return np.full(predictions.shape[1:], 0.5)


@pytest.mark.parametrize("problem", list(PROBLEMS))
def test_every_task_gets_a_whole_ensemble(problem):
    ensemble = build(problem)
    assert ensemble.kind == ensemble.considered[0][0]
    assert ensemble.score == ensemble.considered[0][1]
    assert ensemble.interval[0] <= ensemble.score <= ensemble.interval[1]
    alone = [each[0] for each in ensemble.considered if " + " not in each[0]]
    assert set(alone) == {spec.name for spec in allowed_ensemblers("auto", SPECS, PROBLEMS[problem][0])}
    assert ensemble.failures == ()
    assert ensemble.weights.shape == (8,)
    assert ensemble.cross_fitted.shape[0] == 600


def test_weights_win_over_the_best_single_where_averaging_helps():
    kinds = [build(seed=seed).kind for seed in range(3)]
    assert "best_single" not in kinds


def test_the_best_single_wins_where_nothing_can_be_added():
    rng = np.random.default_rng(0)
    predictions, target = classifiers(n_candidates=1, noise=0.1)
    noise = rng.dirichlet([1, 1], size=(3, len(target))).astype(np.float32)
    ensemble = build_ensemble(
        np.concatenate([predictions, noise]), Judge(AUC, BINARY, target), allowed_ensemblers("auto", SPECS, BINARY)
    )
    assert ensemble.weights[0] == 1
    assert ensemble.kind == "best_single"


def test_the_cross_fitted_score_is_less_optimistic_than_that_of_the_rows_fitted_on():
    rises, errors = [], []
    for seed in range(4):
        predictions, target = classifiers(n_candidates=12, n_rows=3000, seed=seed, noise=3.0)
        learn, judge = slice(0, 200), slice(200, None)
        ensemble = build_ensemble(
            predictions[:, learn],
            Judge(AUC, BINARY, target[learn]),
            allowed_ensemblers("weighted", SPECS, BINARY),
        )
        true = AUC.score(target[judge], ensemble.combiner.combine(predictions[:, judge]), None)
        rises.append(ensemble.in_sample_score - ensemble.score)
        errors.append((ensemble.in_sample_score - true, ensemble.score - true))
    assert np.mean(rises) > 0.005
    in_sample, cross_fitted = np.abs(np.mean(errors, axis=0))
    assert cross_fitted < in_sample


def test_an_ensembler_that_raises_costs_only_itself():
    ensemble = build(extra=(EnsemblerSpec("broken", lambda request: Raises(), family="broken"),))
    (failure,) = ensemble.failures
    assert (failure.model, failure.stage) == ("broken", "ensemble")
    assert failure.cause == "ZeroDivisionError: nothing to divide by"
    assert "test_build_ensemble.py" in failure.traceback
    assert len([name for name, *_ in ensemble.considered if " + " not in name]) == 5


def test_of_few_rows_ensembles_that_noise_cannot_tell_apart_are_averaged():
    ensemble = build(n_rows=300, n_candidates=6)
    names = ensemble.kind.split(" + ")
    assert len(names) > 1
    assert ensemble.considered[0][:2] == (ensemble.kind, ensemble.score)
    alone = {name: score for name, score, *_ in ensemble.considered[1:]}
    errors = {name: error for name, _, error, _ in ensemble.considered[1:]}
    best = max(alone, key=alone.get)
    assert names[0] == best
    assert all(alone[best] - alone[name] <= errors[best] + errors[name] for name in names)
    assert ensemble.weights.sum() == pytest.approx(1)
    assert ensemble.uses_features == any("features" in name for name in names)


def test_ensemblers_that_use_all_time_that_they_are_given_are_averaged_in_time():
    predictions, target = classifiers(n_candidates=3, n_rows=300)
    specs = [
        EnsemblerSpec(f"steady_{member}", lambda request, member=member: UsesAllTime(member), "steady", member)
        for member in range(3)
    ]
    constant = replace(AUC, score=lambda target, predictions, weights: float(predictions[0, 1]))
    begun = time.monotonic()
    ensemble = build_ensemble(
        predictions, Judge(constant, BINARY, target), specs, context=FitContext(deadline=Deadline(4.0))
    )
    assert time.monotonic() - begun < 5.0
    assert ensemble.failures == () or all("lack of time" in failure.cause for failure in ensemble.failures)
    assert ensemble.in_sample_score == constant.score(target, ensemble.combiner.combine(predictions), None)


def test_of_ensembles_that_are_all_perfect_the_simplest_is_taken():
    target = np.arange(300) % 2
    sure = np.stack([1.0 - target, target], axis=1)
    predictions = np.stack([0.5 + (sure - 0.5) * width for width in (0.9, 0.7, 0.5)]).astype(np.float32)
    ensemble = build_ensemble(predictions, Judge(AUC, BINARY, target), allowed_ensemblers("auto", SPECS, BINARY))
    assert ensemble.kind == "best_single"


def test_of_many_rows_one_ensembler_is_taken():
    assert " + " not in build(n_rows=3_000, n_candidates=6).kind


def test_an_average_one_part_of_which_fails_on_all_rows_gives_way_to_the_best_that_does_not():
    class Fragile(weighted.GreedyWeights):
        def fit(self, out_of_fold, context):
            if len(out_of_fold.target) == 600:
                raise MemoryError("too many rows")
            return super().fit(out_of_fold, context)

    fragile = EnsemblerSpec("fragile", lambda request: Fragile(replace(request, params={"bags": 4})), "fragile", 9)
    ensemble = build(extra=(fragile,))
    averaged = ensemble.considered[0][0].split(" + ")
    assert "fragile" in averaged
    assert len(averaged) > 1
    assert ensemble.kind in {name for name, *_ in ensemble.considered[1:]} - {"fragile"}
    assert [failure.model for failure in ensemble.failures] == ["fragile"]


def test_a_winner_that_fails_on_all_rows_gives_way_to_the_next():
    specs = (EnsemblerSpec("fragile", lambda request: RaisesOnAllRows(), family="fragile", complexity=-1),)
    predictions, target = classifiers()
    constant = replace(AUC, score=lambda target, predictions, weights: 0.5)
    ensemble = build_ensemble(predictions, Judge(constant, BINARY, target), (*specs, *SPECS[:2]))
    assert ensemble.kind == "best_single"
    assert [failure.model for failure in ensemble.failures] == ["fragile"]


def test_when_everything_breaks_the_best_candidate_is_left():
    predictions, target = classifiers()
    ensemble = build_ensemble(
        predictions,
        Judge(AUC, BINARY, target),
        (EnsemblerSpec("broken", lambda request: Raises(), family="broken"),),
    )
    scores = [AUC.score(target, each, None) for each in predictions]
    assert ensemble.weights.argmax() == int(np.argmax(scores))
    assert ensemble.considered == ()
    assert ensemble.score == pytest.approx(max(scores))


@pytest.mark.parametrize("seconds", [0.0, 0.1, 0.5, 1.0])
def test_the_deadline_is_kept_and_something_valid_returned(seconds):
    begun = time.monotonic()
    ensemble = build(deadline=Deadline(seconds), n_candidates=30, n_rows=10_000)
    assert time.monotonic() - begun < seconds + 1.0
    assert np.isfinite(ensemble.score)
    assert ensemble.weights.sum() == pytest.approx(1)


def test_a_slow_ensembler_is_left_out_with_the_reason():
    slow = EnsemblerSpec("slow", lambda request: Sleeps(), family="slow", complexity=99)
    ensemble = build(extra=(slow,), deadline=Deadline(2.0), option="none")
    assert ensemble.kind == "best_single"
    (failure,) = ensemble.failures
    assert failure.model == "slow"
    assert "lack of time: one of 5 folds took 0.3" in failure.cause


def test_a_handful_of_rows_is_fitted_without_cross_fitting():
    ensemble = build(n_rows=12)
    assert ensemble.considered == ()
    assert ensemble.score == ensemble.in_sample_score
    assert ensemble.weights.sum() == pytest.approx(1)


def test_the_same_seed_gives_the_same_ensemble():
    first, second = build(seed=3, n_candidates=4), build(seed=3, n_candidates=4)
    assert (first.kind, first.score, first.interval) == (second.kind, second.score, second.interval)
    np.testing.assert_array_equal(first.weights, second.weights)


def test_a_score_with_groups_holds_whole_groups_out():
    groups = np.repeat(np.arange(30), 20)
    ensemble = build(groups=groups)
    assert np.isfinite(ensemble.score)
    assert ensemble.interval[0] < ensemble.score < ensemble.interval[1]
