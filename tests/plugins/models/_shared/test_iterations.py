"""Iterations: as many as are wanted where there is time, fewer where there is not."""

from __future__ import annotations

import numpy as np

from automl.plugin_api import Deadline, FitContext, TaskKind
from automl_builtins.models._shared.iterations import PROBE_ITERATIONS, affordable, iterate
from tests.plugins.models.tables import make_table

ROWS = make_table(TaskKind.BINARY, 20)


class Counts:
    """Starts where it stopped, and notes how many iterations it was asked for."""

    def __init__(self, needed=10**6):
        self.asked = []
        self.max_iter, self._needed = 0, needed

    def fit(self, matrix, target, sample_weight=None):
        self.asked.append(self.max_iter)
        self.n_iter_ = np.array([min(self.max_iter, self._needed)])


def test_without_a_deadline_all_iterations_are_made_at_once():
    model = Counts()
    iterate(model, ROWS.features, ROWS, 50, FitContext())
    assert model.asked == [50]


def test_with_a_deadline_a_few_are_timed_first():
    model = Counts()
    iterate(model, ROWS.features, ROWS, 50, FitContext(deadline=Deadline(1000.0)))
    assert model.asked == [PROBE_ITERATIONS, 50]


def test_what_has_converged_is_not_fitted_on():
    model = Counts(needed=3)
    iterate(model, ROWS.features, ROWS, 50, FitContext(deadline=Deadline(1000.0)))
    assert model.asked == [PROBE_ITERATIONS]


def test_as_many_as_fit_into_most_of_the_time_left_but_at_least_one():
    assert affordable(1.0, 100, FitContext(deadline=Deadline(50.0))) in (39, 40)
    assert affordable(1.0, 100, FitContext(deadline=Deadline(0.0))) == 1
    assert affordable(1.0, 100, FitContext()) == 100
