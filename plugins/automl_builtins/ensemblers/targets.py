"""Weights by target: of several targets each has members of its own, chosen by its own part of the metric."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from automl.plugin_api import (
    Array,
    EnsembleRequest,
    EnsemblerSpec,
    Features,
    FitContext,
    NothingToCombineError,
    OutOfFold,
    hookimpl,
    of_several,
)
from automl_builtins.ensemblers._candidates import Objective, add_up, make_objective, without_light
from automl_builtins.ensemblers.weighted import BAGS, select_in_bags
from automl_builtins.kinds import SEVERAL

OWN = 0.75
"""How much of a target's weights are its own; the rest are those that serve all targets together, which fewer rows'
chance has a part in."""


@hookimpl
def automl_ensemblers() -> Sequence[EnsemblerSpec]:
    """Offer it, for several targets alone."""
    return (EnsemblerSpec("weighted_targets", TargetWeights, family="weighted", complexity=8, tasks=SEVERAL),)


@dataclass(frozen=True, slots=True)
class WeightsByOutput:
    """Adds up the members' predictions by weights of each output, `(n_members, n_outputs)`, equal within a target."""

    by_output: Array

    def combine(self, predictions: Array, features: Features | None = None) -> Array:  # noqa: ARG002  not asked for
        """Return `(n_rows, n_outputs)`, the same for a row alone as among others."""
        return add_up(self.by_output, predictions)

    def weights(self) -> Array:
        """Return each member's share, the mean over the outputs."""
        return np.asarray(self.by_output.mean(axis=1))


class TargetWeights:
    """Selects members greedily for each target by the metric on it alone, and for all targets together."""

    def __init__(self, request: EnsembleRequest) -> None:
        """Keep the task and the metric."""
        self._request = request

    def fit(self, out_of_fold: OutOfFold, context: FitContext) -> WeightsByOutput:
        """Select; a target on which the metric has no value, or that there is no time for, has the common weights."""
        whole = make_objective(out_of_fold, self._request, context.seed)
        common = without_light(select_in_bags(whole, BAGS, context))
        by_output = np.empty((whole.n_candidates, whole.stack.shape[1]))
        for columns, objective in _by_target(whole):
            by_output[:, columns] = common[:, None]
            if context.seconds_left() > 0:
                own = _own_shares(objective, context)
                by_output[:, columns] += 0.0 if own is None else OWN * (own - common)[:, None]
        return WeightsByOutput(by_output)


def _own_shares(objective: Objective, context: FitContext) -> Array | None:
    try:
        return without_light(select_in_bags(objective, BAGS, context))
    except NothingToCombineError:
        return None


def _by_target(whole: Objective) -> Iterator[tuple[slice, Objective]]:
    """Yield each target's outputs, and the objective on it alone."""
    task, start = whole.request.task, 0
    for number, (each, block) in enumerate(zip(task.targets, task.blocks, strict=True)):
        columns = slice(start, start + block.width)
        start += block.width
        alone = of_several(task.kind, [each], [block])
        stack = np.ascontiguousarray(whole.stack[:, columns])
        request = replace(whole.request, task=alone)
        yield columns, replace(whole, request=request, stack=stack, target=whole.target[:, [number]])
