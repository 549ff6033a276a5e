"""A task that a model does not do borrows it, as one that it does."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

from automl.plugin_api import (
    BorrowedLearner,
    BuildRequest,
    Choice,
    FitSize,
    Loan,
    ModelSpec,
    Resources,
    Task,
    TaskKind,
)
from automl.steps.plan.borrow_models import serving_specs

RATING = Task(TaskKind("ordinal"), "rating", (1, 2, 3), ordered=True)


class Says:
    """Predicts what its task is."""

    def __init__(self, request):
        self.task = request.task

    def fit(self, train, valid, context):
        self.target = train.target

    def predict(self, features):
        return np.full((2, 1), float(self.task.kind is TaskKind.REGRESSION))


def as_values(task):
    return Task(TaskKind.REGRESSION, task.target)


def as_classes(task):
    return Task(TaskKind.MULTICLASS, task.target, task.classes)


def lend(request, build):
    inner = as_values(request.task)
    return BorrowedLearner(build(BuildRequest(inner, request.params)), inner)


def costs(size):
    assert size.task.kind is TaskKind.REGRESSION
    return Resources(seconds=2.0, memory_mb=10.0)


def limits(size):
    return f"too small for {size.task.kind.value}"


LOANS = (Loan(as_values, lend, fits=3.0), Loan(as_classes, lend))
SPEC = ModelSpec("says", Says, tasks=frozenset({TaskKind.REGRESSION}), resources=costs, limits=limits)


def test_a_model_that_does_the_task_serves_as_it_is():
    native = ModelSpec("native", Says, tasks=frozenset({RATING.kind}))
    assert serving_specs(native, RATING, LOANS) == [native]
    assert serving_specs(SPEC, as_values(RATING), LOANS) == [SPEC]


def test_a_model_that_does_the_task_is_borrowed_as_well_where_both_ways_have_merits():
    both = ModelSpec("says", Says, tasks=frozenset({RATING.kind, TaskKind.REGRESSION}))
    loans = (Loan(as_values, lend, beside=True), Loan(as_classes, lend))
    assert [spec.name for spec in serving_specs(both, RATING, loans)] == ["says", "says (as regression)"]


def test_a_model_is_borrowed_in_each_way_that_suits_what_it_does():
    assert [spec.name for spec in serving_specs(SPEC, RATING, LOANS)] == ["says (as regression)"]
    every = ModelSpec("all", Says)
    lent = serving_specs(every, RATING, LOANS)
    assert [spec.name for spec in lent] == ["all (as regression)", "all (as multiclass)"]
    assert {spec.lent_by for spec in lent} == {"all"}
    assert serving_specs(every, RATING, ()) == []


def test_a_borrowed_model_learns_and_costs_by_the_task_that_it_does():
    [lent] = pickle.loads(pickle.dumps(serving_specs(SPEC, RATING, LOANS)))
    learner = lent.build(BuildRequest(RATING, {}))
    assert learner.predict(None).tolist() == [[1.0], [1.0]]
    assert learner.refit_params() == {}
    size = FitSize(100, 3, RATING)
    assert lent.resources(size) == Resources(seconds=6.0, memory_mb=10.0)
    assert lent.limits(size) == "too small for regression"


def test_what_a_borrowed_model_costs_may_depend_on_the_size():
    by_rows = Loan(as_values, lend, fits=lambda size: 1.5 if size.n_rows > 1_000 else 4.0)
    [lent] = serving_specs(SPEC, RATING, (by_rows,))
    assert [lent.resources(FitSize(n_rows, 3, RATING)).seconds for n_rows in (100, 2_000)] == [8.0, 3.0]


def test_what_is_borrowed_ahead_is_tried_before_what_does_the_task_itself():
    both = ModelSpec("both", Says, tasks=frozenset({RATING.kind, TaskKind.REGRESSION}))
    ahead = (Loan(as_values, lend, beside=True, ahead=True),)
    assert [spec.name for spec in serving_specs(both, RATING, ahead)] == ["both (as regression)", "both"]
    dear = replace(both, runtime="torch")
    assert [spec.name for spec in serving_specs(dear, RATING, ahead)] == ["both", "both (as regression)"]


def test_hyperparameters_for_one_kind_of_task_are_searched_over_there_alone():
    space = {"depth": Choice((1, 2)), "order": Choice(("pairs", "lists"))}
    defaults = ({"depth": 1}, {"depth": 2, "order": "lists"})
    kinds = frozenset({RATING.kind, TaskKind.REGRESSION})
    both = ModelSpec("both", Says, space, defaults, kinds, only_for={"order": frozenset({RATING.kind})})
    own, lent = serving_specs(both, RATING, (Loan(as_values, lend, beside=True),))
    assert own == both
    assert list(lent.space) == ["depth"]
    assert lent.defaults == defaults[:1]
    with pytest.raises(ValueError, match=r"only_for=\['width'\]"):
        replace(both, only_for={"width": kinds})


def test_a_constant_is_not_borrowed_beside():
    constant = ModelSpec("constant", Says, tasks=frozenset({RATING.kind, TaskKind.REGRESSION}), role="constant")
    assert serving_specs(constant, RATING, (Loan(as_values, lend, beside=True),)) == [constant]
