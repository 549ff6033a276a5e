"""Fit the first candidate in the controller's own process, so that there is a predictor before the workers are up."""

from __future__ import annotations

from automl.plugin_api.protocols import Proposal
from automl.steps.resume.remember_fits import remembered_fit
from automl.steps.trials.trials import Trials
from automl.vocabulary.results import Failure

FIRST_MODEL = "baseline"
"""Costs next to nothing and cannot crash; a search that excludes it starts without."""


def fit_first(trials: Trials) -> None:
    """Fit every fold of the baseline here and now."""
    if FIRST_MODEL not in trials.models:
        return
    setup = trials.setup
    bag = trials.propose(Proposal(FIRST_MODEL, {}, 0, "portfolio"))
    if isinstance(bag, Failure):
        return
    for fold in range(trials.n_folds):
        trials.record(bag, remembered_fit(setup.place, trials.job(bag, fold, slot=0), setup.log), slot=0)
    trials.close(bag)
