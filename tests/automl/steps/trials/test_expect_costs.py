"""Expected costs follow what fits took; what the first fit makes for all others is charged once."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from automl.aside import Aside
from automl.plugin_api import ModelSpec, Resources
from automl.steps.trials.expect_costs import UNKNOWN_COST, ExpectedCosts
from automl.vocabulary.task import Task, TaskKind


def shares(size):
    return Resources(2.0, 10.0, shared_seconds=30.0, shared_key=str(size.params["key"]))


def breaks(size):
    raise ValueError("no idea")


@pytest.fixture
def told():
    return []


@pytest.fixture
def costs(told):
    folds = [SimpleNamespace(train=np.arange(80)), SimpleNamespace(train=np.arange(90))]
    judge = SimpleNamespace(plan=SimpleNamespace(folds=folds, n_folds=2), task=Task(TaskKind.BINARY, "y", (0, 1)))
    specs = [
        ModelSpec("shares", lambda request: None, resources=shares),
        ModelSpec("breaks", lambda request: None, resources=breaks),
        ModelSpec("answers_nothing", lambda request: None, resources=lambda size: None),
        ModelSpec("silent", lambda request: None),
        ModelSpec(
            "by_words", lambda request: None, resources=lambda size: Resources(size.words, size.n_rows), gpu=True
        ),
    ]
    models = {spec.name: spec for spec in specs}
    setup = SimpleNamespace(
        table=SimpleNamespace(models=models, judge=judge, n_features=3, words=12.5),
        assignment=SimpleNamespace(threads=1, gpus=()),
        search=SimpleNamespace(registry=SimpleNamespace(aside=Aside())),
    )
    return ExpectedCosts(setup, lambda *what: told.append(what))


def test_what_folds_share_is_charged_until_a_fit_has_paid_for_it(costs):
    assert costs.estimate_trial("shares", {"key": 1}) == 2 * 2.0 + 30.0
    costs.learn("shares", {"key": 1}, seconds=33.0)
    assert costs.estimate_trial("shares", {"key": 1}) == 4.0
    assert costs.estimate_trial("shares", {"key": 2}) == 34.0


def test_a_fit_that_paid_for_others_does_not_make_all_fits_look_slow(costs):
    costs.learn("shares", {"key": 1}, seconds=33.0)
    assert costs.pace("shares") == 1.0
    costs.learn("shares", {"key": 1}, seconds=3.0)
    assert costs.pace("shares") == 1.5
    assert costs.estimate("shares", {"key": 1}) == 3.0


def test_of_a_fit_that_paid_for_others_what_it_took_for_itself_is_as_expected(costs):
    assert costs.own_seconds("shares", {"key": 1}, 33.0) == 2.0
    assert costs.own_seconds("shares", {"key": 1}, 3.0) == 3.0
    assert costs.own_seconds("silent", {}, 33.0) == 33.0


def test_an_estimate_of_another_type_counts_as_broken(costs, told):
    assert costs.estimate("answers_nothing", {}) == UNKNOWN_COST.seconds
    assert "expected Resources" in str(told[0][2])


def test_a_model_whose_estimate_breaks_is_told_once_and_assumed(costs, told):
    assert costs.resources("breaks", {}) == costs.resources("breaks", {}) == UNKNOWN_COST
    assert [what[:2] for what in told] == [("breaks", "resources")]
    assert costs.resources("silent", {}) == UNKNOWN_COST


def test_a_size_tells_words_and_the_rows_of_the_largest_fold(costs):
    assert costs.resources("by_words", {"prepare.text": "tfidf"}) == Resources(12.5, 90)
    assert costs.size("by_words", {"prepare.text": "tfidf", "rate": 1}).params == {"rate": 1}
    assert costs.size("by_words", {}).device == "cpu"
