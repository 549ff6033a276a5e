"""Fit the first candidates in the controller's own process, so that there is a predictor before the workers are up."""

from __future__ import annotations

from automl.plugin_api.protocols import Proposal
from automl.steps.plan.choose_models import constant_models
from automl.steps.resume.remember_fits import remembered_fit
from automl.steps.trials.trials import Trials
from automl.vocabulary.states import Refusal


def fit_first(trials: Trials) -> None:
    """Fit every fold of the models that always work, here and now; a search that excludes them starts without."""
    setup = trials.setup
    origin = setup.search.settings.strategy  # where whatever else is tried comes from
    for name in constant_models(trials.models):
        trial = trials.propose(Proposal(name, {}, 0, origin))
        if isinstance(trial, Refusal):
            continue
        for fold in range(trials.n_folds):
            trials.record(trial, remembered_fit(setup.place, trials.job(trial, fold, slot=0), setup.log), slot=0)
        trials.close(trial)
