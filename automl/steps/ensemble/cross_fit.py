"""Cross-fit an ensembler over the out-of-fold rows: every row is combined by weights that have not seen it."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np

from automl.plugin_api.protocols import Combiner, Ensembler, FitContext, OutOfFold
from automl.plugin_api.specs import EnsembleRequest, EnsemblerSpec
from automl.steps.plan.deal_rows import deal_rows
from automl.vocabulary.arrays import Array, Rows
from automl.vocabulary.folds import Fold
from automl.vocabulary.outputs import form_of, has_form, valid_outputs
from automl.vocabulary.task import Task

FOLDS = 5
FEW_ROWS, FEW_FOLDS = 200, 3
FEWEST_ROWS = 20
"""Below this many rows nothing is held out: a score of so few rows says less than the weights lose."""
FORM_TOLERANCE = 1e-3
"""By how much what an ensembler gives may miss the form of the task's outputs, such as a sum of 1."""
FIT_SHARE = 0.7
"""Share of its part of the time that a fit may use; combining, and what overruns, need the rest."""


class OutOfTime(Exception):
    """An ensembler would not end in time; the message says how it was found."""


@dataclass(frozen=True, slots=True)
class CrossFitted:
    """An ensembler's predictions of rows that its fit has not seen; `seconds_per_fit` is the slowest of its fits."""

    spec: EnsemblerSpec
    predictions: Array
    seconds: float
    seconds_per_fit: float


def plan_cross_fit(
    target: Array, groups: Array | None, stratify: bool, seed: int, most: int = FOLDS
) -> tuple[Fold, ...]:
    """Return folds over the out-of-fold rows: stratified by class, or with groups kept whole; none for few rows.

    Fewer than `most` folds are made of few rows, of few groups, and where a class has few rows.
    """
    n_rows = len(target)
    if n_rows < FEWEST_ROWS:
        return ()
    rng = np.random.default_rng(seed)
    n_folds = most if n_rows >= FEW_ROWS else min(most, FEW_FOLDS)
    if groups is not None:
        part = _deal_groups(groups, n_folds, rng)
    else:
        labels = target if stratify else np.zeros(n_rows, dtype=np.int64)
        n_folds = int(np.clip(np.unique(labels, return_counts=True)[1].min() // 2, 2, n_folds))
        part = deal_rows(labels, n_folds, rng)
    parts = np.unique(part)
    if len(parts) < 2:
        return ()
    return tuple(Fold(np.flatnonzero(part != number), np.flatnonzero(part == number)) for number in parts)


def cross_fit(
    spec: EnsemblerSpec, request: EnsembleRequest, out_of_fold: OutOfFold, folds: tuple[Fold, ...], context: FitContext
) -> CrossFitted:
    """Return the spec's predictions of all rows, pooled over the folds.

    The first fold shows how long one takes: `OutOfTime` is raised where the others and a fit on all rows would end
    after the context's deadline. What the ensembler raises goes through; predictions that break the contract are a
    ValueError.
    """
    task = request.task
    pooled = np.empty((len(out_of_fold.target), task.n_outputs))
    begun, slowest = time.monotonic(), 0.0
    for number, fold in enumerate(folds):
        fit_begun = time.monotonic()
        share = FIT_SHARE * context.seconds_left() / (len(folds) + 1 - number)
        train, valid = select_rows(out_of_fold, fold.train), select_rows(out_of_fold, fold.valid)
        inner = replace(context, deadline=context.deadline.within(share))
        combiner = build_ensembler(spec, request).fit(train, inner)
        pooled[fold.valid] = checked_combine(combiner, valid, task)
        slowest = max(slowest, time.monotonic() - fit_begun)
        needed = slowest * (len(folds) - number)
        if needed > context.seconds_left():
            raise OutOfTime(
                f"one of {len(folds)} folds took {slowest:.2g} s, and {context.seconds_left():.2g} s are left for the "
                "others and a fit on all rows"
            )
    return CrossFitted(spec, pooled, time.monotonic() - begun, slowest)


def build_ensembler(spec: EnsemblerSpec, request: EnsembleRequest) -> Ensembler:
    """Build the spec's ensembler with the spec's params."""
    return spec.build(replace(request, params=spec.params))


def request_features(spec: EnsemblerSpec, out_of_fold: OutOfFold) -> OutOfFold:
    """Leave the raw columns out where the spec does not ask for them."""
    return out_of_fold if spec.uses_features else replace(out_of_fold, features=None)


def select_rows(out_of_fold: OutOfFold, rows: Rows) -> OutOfFold:
    """Return some of the out-of-fold rows."""
    return OutOfFold(
        predictions=out_of_fold.predictions[:, rows],
        target=out_of_fold.target[rows],
        weights=None if out_of_fold.weights is None else out_of_fold.weights[rows],
        features=None if out_of_fold.features is None else out_of_fold.features.iloc[rows],
        groups=None if out_of_fold.groups is None else out_of_fold.groups[rows],
    )


def checked_combine(combiner: Combiner, rows: OutOfFold, task: Task) -> Array:
    """Return the combined predictions; a ValueError where they break the contract."""
    weights = np.asarray(combiner.weights())
    if weights.shape != (len(rows.predictions),) or not np.isfinite(weights).all():
        raise ValueError(
            f"weights() gave shape {weights.shape} or missing values; expected {len(rows.predictions)} finite shares, "
            "one for each candidate."
        )
    if not weights.any():
        raise ValueError("weights() gave 0 for every candidate; expected at least one member.")
    combined = np.asarray(combiner.combine(rows.predictions, rows.features))
    expected = (len(rows.target), task.n_outputs)
    if combined.shape != expected:
        raise ValueError(f"combine() gave shape {combined.shape}; expected (rows, outputs) = {expected}.")
    if not np.isfinite(combined).all():
        raise ValueError("combine() gave missing or infinite numbers; expected finite predictions for every row.")
    if not has_form(combined, task, FORM_TOLERANCE):
        raise ValueError(f"combine() gave no {form_of(task)}.")
    return valid_outputs(combined, task)


def _deal_groups(groups: Array, n_folds: int, rng: np.random.Generator) -> Array:
    """Return each row's fold: groups, the largest first, go whole to the fold that has the fewest rows."""
    _, number, counts = np.unique(groups, return_inverse=True, return_counts=True)
    shuffled = rng.permutation(len(counts))
    fold_of, sizes = np.empty(len(counts), dtype=np.int64), np.zeros(n_folds, dtype=np.int64)
    for group in shuffled[np.argsort(-counts[shuffled], kind="stable")]:
        fold_of[group] = sizes.argmin()
        sizes[fold_of[group]] += counts[group]
    return np.asarray(fold_of[number])
