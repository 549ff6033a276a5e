"""Sets of labels: each label is told by the others, through how often the labels occur together."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from automl.plugin_api import (
    Array,
    Combiner,
    EnsembleRequest,
    EnsemblerSpec,
    Features,
    FitContext,
    NothingToCombineError,
    OutOfFold,
    Rows,
    hookimpl,
    loss_of,
    score_predictions,
)
from automl_builtins.ensemblers.targets import TargetWeights, WeightsByOutput
from automl_builtins.kinds import MULTILABEL

MOST_ROWS, MOST_SETS = 4_000, 400
"""Rows that the sets are learned from, and sets, the most frequent ones; more cost more than they change."""
SPREAD = 0.5
"""Standard deviation of the prior of what a label's evidence, and how often a set occurs, count for, around 1."""
FLOOR = 1e-4
"""Probabilities nearer to 0 or 1 than this are taken for this."""
BLEND_SHARE = 0.7
"""Share of the time that the members' weights may take."""
BLOCK, PASSES = 2_048, 60


@hookimpl
def automl_ensemblers() -> Sequence[EnsemblerSpec]:
    """Offer it, for labels alone."""
    tasks = frozenset({MULTILABEL})
    return (EnsemblerSpec("label_sets", LabelSets, family="stacking", complexity=12, tasks=tasks),)


@dataclass(frozen=True, slots=True)
class SetsOfLabels:
    """Blends the members, and weighs the sets of labels that the rows had by what the blend says of each label.

    by_output: the blend's weights `(n_members, n_labels)`. sets: which labels each has, `(n_sets, n_labels)` of 0 and
    1. trust and usual: `(n_labels,)`, what a label's evidence counts for, and its log odds without any. prior:
    `(n_sets,)`, the log of how often each occurs, times what that counts for. seen: probability that a row has one of
    the sets; of the others labels are independent. whole: whether a label's probability is that of the likeliest set
    with it, against the likeliest one without it, so that labels above a half are the likeliest set together.
    """

    by_output: Array
    sets: Array
    trust: Array
    usual: Array
    prior: Array
    seen: float
    whole: bool

    def combine(self, predictions: Array, features: Features | None = None) -> Array:  # noqa: ARG002  not asked for
        """Return `(n_rows, n_labels)`, the same for a row alone as among others."""
        return self.corrected(WeightsByOutput(self.by_output).combine(predictions))

    def weights(self) -> Array:
        """Return each member's share, the mean over the labels."""
        return WeightsByOutput(self.by_output).weights()

    def corrected(self, blended: Array) -> Array:
        """Return probabilities of the labels `(n_rows, n_labels)` in place of the blended ones."""
        correct = self._by_whole_sets if self.whole else self._by_all_sets
        result = np.empty(blended.shape)
        for start in range(0, len(blended), BLOCK):
            rows = slice(start, start + BLOCK)
            result[rows] = correct(np.clip(blended[rows], 0.0, 1.0))
        return result

    def _shares(self, blended: Array) -> Array:
        """Return the probabilities of the sets, `(n_rows, n_sets)`, each row's by itself to the last bit."""
        evidence = self.trust * (log_odds(blended) - self.usual)
        scores = np.repeat(self.prior[None], len(blended), axis=0)
        for label in range(self.sets.shape[1]):
            scores += evidence[:, [label]] * self.sets[:, label]
        return _normalised(scores)

    def _by_all_sets(self, blended: Array) -> Array:
        shares, found = self._shares(blended), np.empty(blended.shape)
        for label in range(self.sets.shape[1]):
            found[:, label] = (shares * self.sets[:, label]).sum(axis=1)
        return np.minimum(self.seen * found + (1.0 - self.seen) * blended, 1.0)

    def _by_whole_sets(self, blended: Array) -> Array:
        shares, sure = self.seen * self._shares(blended), np.maximum(blended, 1.0 - blended)
        apart = (1.0 - self.seen) * sure.prod(axis=1, keepdims=True) / sure
        having, lacking = apart * blended, apart * (1.0 - blended)
        for label in range(self.sets.shape[1]):
            has = self.sets[:, label]
            having[:, label] = np.maximum(having[:, label], (shares * has).max(axis=1))
            lacking[:, label] = np.maximum(lacking[:, label], (shares * (1 - has)).max(axis=1))
        return np.asarray(having / (having + lacking))


def log_odds(probabilities: Array) -> Array:
    """Return the log odds of probabilities that are kept `FLOOR` from 0 and 1."""
    kept = np.clip(np.asarray(probabilities, dtype=np.float64), FLOOR, 1.0 - FLOOR)
    return np.asarray(np.log(kept) - np.log1p(-kept))


class LabelSets:
    """Weighs the sets of labels that occur by the blended probability of each label, and adds them up again.

    It is multilabel classification by inference over the sets seen in training (Ghamrawi & McCallum, "Collective
    multi-label classification", CIKM 2005), on the blend's log odds: a set's score is how often it occurs and what the
    blend says of each of its labels beyond how often that label occurs. For metrics of labels that whole sets serve
    better, such as the share of rows that are right altogether, the likeliest set decides.
    """

    def __init__(self, request: EnsembleRequest) -> None:
        """Keep the task and the metric."""
        self._request = request

    def fit(self, out_of_fold: OutOfFold, context: FitContext) -> Combiner:
        """Blend by weights of each label, and fit what evidence and frequencies count for by the sets' likelihood."""
        left = context.seconds_left()
        deadline = context.deadline.within(BLEND_SHARE * left) if math.isfinite(left) else context.deadline
        blend = TargetWeights(self._request).fit(out_of_fold, replace(context, deadline=deadline))
        rows = _draw(len(out_of_fold.target), context.seed)
        blended = np.clip(blend.combine(out_of_fold.predictions[:, rows]), 0.0, 1.0)
        target = (out_of_fold.target[rows] > 0).astype(np.int64)
        mass = np.ones(len(rows)) if out_of_fold.weights is None else np.asarray(out_of_fold.weights[rows], np.float64)
        counted = count_sets(target, mass / mass.mean())
        usual = log_odds(np.average(target, axis=0, weights=mass))
        trust, frequency = _fit_trust(counted, log_odds(blended[counted.rows]) - usual, context)
        fitted = SetsOfLabels(
            by_output=blend.by_output,
            sets=counted.sets,
            trust=trust,
            usual=usual,
            prior=frequency * np.log(counted.masses),
            seen=counted.seen,
            whole=False,
        )
        whole = replace(fitted, whole=True)
        return whole if self._is_better(whole, fitted, blended, out_of_fold, rows) else fitted

    def _is_better(
        self, whole: SetsOfLabels, fitted: SetsOfLabels, blended: Array, out_of_fold: OutOfFold, rows: Rows
    ) -> bool:
        """Tell whether a metric of labels likes the likeliest sets better than labels one by one."""
        metric, task = self._request.metric, self._request.task
        if metric.needs != "labels":
            return False
        target = out_of_fold.target[rows]
        weights = None if out_of_fold.weights is None else out_of_fold.weights[rows]
        groups = None if out_of_fold.groups is None else out_of_fold.groups[rows]
        tried = (each.corrected(blended) for each in (whole, fitted))
        together, alone = (
            loss_of(metric, score_predictions(metric, task, target, each, weights, groups)) for each in tried
        )
        return together < alone


@dataclass(frozen=True, slots=True)
class CountedSets:
    """Sets of labels that more than one row has: `sets` `(n_sets, n_labels)`, the rows' mass with each, `(n_sets,)`.

    rows: those with one of them; own: which one each of these has; mass: theirs. seen: their share of all mass, which
    is also that of later rows with one of the sets (Good, "The population frequencies of species", Biometrika 1953).
    """

    sets: Array
    masses: Array
    rows: Rows
    own: Rows
    mass: Array
    seen: float


def count_sets(target: Array, mass: Array) -> CountedSets:
    """Return the most frequent sets of labels; a NothingToCombineError where no set is there twice.

    target: `(n_rows, n_labels)` of 0 and 1; mass: `(n_rows,)`, the rows' weights.
    """
    sets, own, counts = np.unique(target, axis=0, return_inverse=True, return_counts=True)
    masses, own = np.bincount(own.ravel(), weights=mass), own.ravel()
    kept = np.flatnonzero((counts > 1) & (masses > 0))
    kept = np.sort(kept[np.argsort(-masses[kept], kind="stable")[:MOST_SETS]])
    if not len(kept):
        raise NothingToCombineError("No two rows have the same labels, so there are no sets of labels to learn from.")
    place = np.full(len(sets), -1)
    place[kept] = np.arange(len(kept))
    rows = np.flatnonzero((place[own] >= 0) & (mass > 0))
    seen = float(mass[rows].sum() / mass.sum())
    return CountedSets(sets[kept].astype(np.uint8), masses[kept], rows, place[own][rows], mass[rows], seen)


def _draw(n_rows: int, seed: int) -> Rows:
    if n_rows <= MOST_ROWS:
        return np.arange(n_rows)
    return np.sort(np.random.default_rng(seed).choice(n_rows, MOST_ROWS, replace=False))


def _fit_trust(counted: CountedSets, evidence: Array, context: FitContext) -> tuple[Array, float]:
    """Return what each label's evidence, `(n_rows, n_labels)` in log odds, and a set's frequency count for.

    A row's own part in how often its set occurs is left out, so that rare sets are not learned by heart.
    """
    from scipy.optimize import minimize

    loss = _negative_log_posterior(counted, evidence)

    def watch(point: Array) -> None:  # noqa: ARG001  the clock alone ends it
        if context.seconds_left() <= 0:
            raise StopIteration

    start = np.ones(evidence.shape[1] + 1)
    bounds = [(0.0, None)] * len(start)
    options = {"maxiter": PASSES}
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, callback=watch, options=options).x
    return found[:-1], float(found[-1])


def _negative_log_posterior(counted: CountedSets, evidence: Array) -> Callable[[Array], tuple[float, Array]]:
    """Return the function that gives it and its gradient, by what each label and a set's frequency count for."""
    sets, often = counted.sets.astype(np.float64), np.log(counted.masses)
    places, mass = (np.arange(len(counted.rows)), counted.own), counted.mass
    without = np.log(np.maximum(counted.masses[counted.own] - mass, FLOOR))
    has = sets[counted.own]

    def loss(point: Array) -> tuple[float, Array]:
        trust, frequency = point[:-1], point[-1]
        scores = (evidence * trust) @ sets.T + frequency * often
        scores[places] += frequency * (without - often[counted.own])
        shares = _normalised(scores)
        hit, away = shares[places], (point - 1.0) / SPREAD
        by_trust = (mass[:, None] * evidence * (shares @ sets - has)).sum(axis=0)
        by_frequency = mass @ (shares @ often + hit * (without - often[counted.own]) - without)
        value = float(-mass @ np.log(np.maximum(hit, 1e-300)) + 0.5 * away @ away)
        return value, np.append(by_trust, by_frequency) + away / SPREAD

    return loss


def _normalised(scores: Array) -> Array:
    """Return the shares `(n_rows, n_sets)` whose logs the scores are, up to a sum of 1."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))
