"""Join runs: one ensemble over several runs, learnt from their out-of-fold predictions alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from automl.competition.runs import Run, check_alike, ends_of
from automl.plugin_api.protocols import FitContext
from automl.plugin_api.specs import EnsemblerSpec
from automl.steps.ensemble.build_ensemble import build_ensemble
from automl.steps.ensemble.tune_decision import tune_decision
from automl.steps.score.judge import Judge
from automl.vocabulary.arrays import Array
from automl.vocabulary.deadline import Deadline
from automl.vocabulary.outputs import combined_outputs

SECONDS = 60.0
"""Time for the ensemble of runs, which are few."""


@dataclass(frozen=True, slots=True)
class Joined:
    """Runs as one: its predictions, what it promises, and name, own score and weight of each of them.

    factors: what each class's probability is multiplied by before a label is decided, None for the plain largest.
    """

    run: Run
    kind: str
    score: float
    interval: tuple[float, float]
    factors: Array | None
    members: tuple[tuple[str, float, float], ...]


def join_runs(runs: Sequence[Run], judge: Judge, ensemblers: Sequence[EnsemblerSpec], seed: int) -> Joined:
    """Return one run made of several over the same rows and folds.

    The judge has target and groups of the rows that the runs predict. The weights are cross-fitted, as within a search:
    the score is of rows that they have not seen.
    """
    first = runs[0]
    for other in runs[1:]:
        check_alike(first, other)
    until = Deadline(None).within(SECONDS)
    predictions = np.stack([run.outputs for run in runs])
    built = build_ensemble(
        predictions,
        judge,
        [spec for spec in ensemblers if not spec.uses_features] if len(runs) > 1 else (),
        context=FitContext(seed=seed, deadline=until),
    )
    decision = tune_decision(judge, built.cross_fitted, seed, until) if built.considered or len(runs) == 1 else None
    combined = combined_outputs(built.combiner.combine(np.stack([run.test for run in runs])), judge.task)
    own = [judge.score(run.outputs) for run in runs]
    return Joined(
        run=replace(first, name="blend", outputs=built.cross_fitted, test=combined, ends=ends_of(judge.task)),
        kind=built.kind,
        score=built.score if decision is None else decision.score,
        interval=built.interval if decision is None else decision.interval,
        factors=None if decision is None else decision.factors,
        members=tuple(
            (run.name, score, float(weight)) for run, score, weight in zip(runs, own, built.weights, strict=True)
        ),
    )
