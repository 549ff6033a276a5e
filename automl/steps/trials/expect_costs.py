"""Expect costs: what a fit will take, by what its model says and by how earlier fits of the model went."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from automl.plugin_api.executors import CPU, GPU
from automl.plugin_api.specs import FitSize
from automl.steps.fit.choose_preparation import learner_params
from automl.steps.trials.pace_machines import MachinePaces
from automl.steps.trials.setup import Setup
from automl.vocabulary.results import Resources
from automl.vocabulary.states import Stage

PART = 0.25
"""Of the seconds of what is shared: a fit that took so many more than expected has made a part of it."""
UNKNOWN_COST = Resources(seconds=1.0, memory_mb=200.0)
MOST_REMEMBERED = 20_000
"""Answers of models' own estimates that are kept."""


class ExpectedCosts:
    """Expects what fits take, and learns from what they took."""

    def __init__(self, setup: Setup, note_broken: Callable[[str, Stage, Exception], None]) -> None:
        """Know of no fit yet; a model whose estimate raises is told once, by its name and "resources"."""
        self._setup = setup
        self._note_broken = note_broken
        self._ratios: dict[str, list[float]] = {}
        """Of measured to expected seconds of each model's fits, in order of size."""
        self._machines = MachinePaces()
        self._said: dict[tuple[str, str, int, bool], Resources] = {}
        self._without_estimate: set[str] = set()
        self._paid: dict[str, set[str]] = {}
        """What fits share and have made: the keys of their `Resources`, and the machines that have it."""

    def estimate(self, model: str, params: Mapping[str, Any], host: str | None = None) -> float:
        """Return the expected seconds of one fold, corrected by how earlier fits of the model went.

        `host` is the machine; None for one that is neither quick nor slow.
        """
        return self.resources(model, params).seconds * self.pace(model) * self.pace_of(host)

    def estimate_trial(self, model: str, params: Mapping[str, Any]) -> float:
        """Return the expected seconds of all folds of a candidate, one after another, with what they share."""
        n_folds = self._setup.table.judge.plan.n_folds
        return self.estimate(model, params) * n_folds + self.shared_seconds(model, params)

    def shared_seconds(self, model: str, params: Mapping[str, Any], host: str | None = None) -> float:
        """Return what the next fit pays for all later ones of its machine; 0 where an earlier one has.

        `host` is that machine, None for whichever has it made already.
        """
        expected = self.resources(model, params)
        return 0.0 if self._has_paid(expected.shared_key, host) else expected.shared_seconds * self.pace_of(host)

    def _has_paid(self, key: str, host: str | None) -> bool:
        paid = self._paid.get(key)
        return not key or (paid is not None and (host is None or host in paid))

    def pace(self, model: str) -> float:
        """Return the median ratio of measured to expected seconds of a model's fits; 1 before the first."""
        ratios = self._ratios.get(model)
        if not ratios:
            return 1.0
        middle = len(ratios) // 2
        return ratios[middle] if len(ratios) % 2 else (ratios[middle - 1] + ratios[middle]) / 2

    def pace_of(self, host: str | None) -> float:
        """Return how many times as long as on others a fit takes on a machine; 1 where nothing tells it from others."""
        return 1.0 if host is None else self._machines.pace(host)

    def learn(self, model: str, params: Mapping[str, Any], seconds: float, host: str = "") -> None:
        """Take in how long a fit took; one that made what others share, alone or in part, says little of theirs."""
        expected = self.resources(model, params)
        if self._has_paid(expected.shared_key, host) and not _pays(expected, seconds):
            ratio = seconds / max(expected.seconds, 1e-3)
            self._machines.learn(host, ratio, self.pace(model) if model in self._ratios else None)
            insort(self._ratios.setdefault(model, []), ratio)
        else:
            self._paid.setdefault(expected.shared_key, set()).add(host)

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
        """Return what the model says that a fit needs, or what is assumed where it says nothing.

        Each is asked for once: strategies weigh the costs of all that they might propose, time and again.
        """
        assignment = self._setup.assignment
        key = (model, repr(params), assignment.threads, bool(assignment.gpus))
        if key not in self._said:
            if len(self._said) >= MOST_REMEMBERED:
                self._said.clear()
            self._said[key] = self._ask(model, params)
        return self._said[key]

    def own_seconds(self, model: str, params: Mapping[str, Any], seconds: float) -> float:
        """Return what a fit took beside what others share: as expected, where it has made a part of that."""
        return self.estimate(model, params) if _pays(self.resources(model, params), seconds) else seconds

    def _ask(self, model: str, params: Mapping[str, Any]) -> Resources:
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


def _pays(expected: Resources, seconds: float) -> bool:
    """Tell whether a fit took so long that it has made a part of what others share."""
    return seconds - expected.seconds > PART * expected.shared_seconds > 0
