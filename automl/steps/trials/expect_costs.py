"""Expect costs: what a fit will take, by what its model says and by how earlier fits of the model went."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from automl.plugin_api.executors import CPU, GPU
from automl.plugin_api.specs import FitSize
from automl.steps.fit.choose_preparation import learner_params
from automl.steps.trials.setup import Setup
from automl.vocabulary.results import Resources
from automl.vocabulary.states import Stage

PART = 0.25
"""Of the seconds of what is shared: a fit that took so many more than expected has made a part of it."""
UNKNOWN_COST = Resources(seconds=1.0, memory_mb=200.0)


class ExpectedCosts:
    """Expects what fits take, and learns from what they took."""

    def __init__(self, setup: Setup, note_broken: Callable[[str, Stage, Exception], None]) -> None:
        """Know of no fit yet; a model whose estimate raises is told once, by its name and "resources"."""
        self._setup = setup
        self._note_broken = note_broken
        self._pace: dict[str, list[float]] = {}
        self._without_estimate: set[str] = set()
        self._paid = {""}
        """What fits share and have made: the keys of their `Resources`."""

    def estimate(self, model: str, params: Mapping[str, Any]) -> float:
        """Return the expected seconds of one fold, corrected by how earlier fits of the model went."""
        return self.resources(model, params).seconds * self.pace(model)

    def estimate_trial(self, model: str, params: Mapping[str, Any]) -> float:
        """Return the expected seconds of all folds of a candidate, one after another, with what they share."""
        n_folds = self._setup.table.judge.plan.n_folds
        return self.estimate(model, params) * n_folds + self.shared_seconds(model, params)

    def shared_seconds(self, model: str, params: Mapping[str, Any]) -> float:
        """Return what the next fit pays for all later ones; 0 where an earlier one has."""
        expected = self.resources(model, params)
        return 0.0 if expected.shared_key in self._paid else expected.shared_seconds

    def pace(self, model: str) -> float:
        """Return the median ratio of measured to expected seconds of a model's fits; 1 before the first."""
        ratios = self._pace.get(model)
        return float(np.median(ratios)) if ratios else 1.0

    def learn(self, model: str, params: Mapping[str, Any], seconds: float) -> None:
        """Take in how long a fit took; one that made what others share, alone or in part, says little of theirs."""
        expected = self.resources(model, params)
        has_paid = seconds - expected.seconds > PART * expected.shared_seconds > 0
        if expected.shared_key in self._paid and not has_paid:
            self._pace.setdefault(model, []).append(seconds / max(expected.seconds, 1e-3))
        else:
            self._paid.add(expected.shared_key)

    def size(self, model: str, params: Mapping[str, Any]) -> FitSize:
        """Return the size of one fit."""
        table, assignment = self._setup.table, self._setup.assignment
        spec = table.models.get(model)
        return FitSize(
            n_rows=max(len(fold.train) for fold in table.judge.plan.folds),
            n_features=table.n_features,
            task=table.judge.task,
            params=learner_params(params),
            threads=assignment.threads,
            device=GPU if assignment.gpus and spec is not None and spec.gpu else CPU,
            words=table.words,
        )

    def resources(self, model: str, params: Mapping[str, Any]) -> Resources:
        """Return what the model says that a fit needs, or what is assumed where it says nothing."""
        spec = self._setup.table.models[model]
        if spec.resources is None or model in self._without_estimate:
            return UNKNOWN_COST
        try:
            size = self.size(model, params)
            found = self._setup.search.registry.aside.call(partial(spec.resources, size))
            if not isinstance(found, Resources):
                raise TypeError(f"resources returned {found!r}; expected Resources")
            return found
        except Exception as error:
            self._without_estimate.add(model)
            self._note_broken(model, Stage.RESOURCES, error)
            return UNKNOWN_COST
