"""The ensembler contract: what must hold for whatever combines candidates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from automl.plugin_api import (
    Array,
    ColumnKind,
    Combiner,
    Deadline,
    Ensembler,
    EnsembleRequest,
    EnsemblerSpec,
    FitContext,
    OutOfFold,
    Task,
    Trait,
    loss_of,
    score_predictions,
)
from automl.testing._data import FORMS, TASKS, make_raw, metric_for
from automl.testing._runner import expect
from automl.testing._several import tasks_of_several
from automl.testing._shared import (
    check_import_is_light,
    check_spec_pickles,
    expect_close,
    expect_in_time,
    pickled_again,
    stored_again,
    take_rows,
    unchanged,
)

N_CANDIDATES, N_ROWS = 5, 160
GOOD = 2
"""The candidate that is nearly perfect; the others hardly know anything."""


def check_combined_shape(spec: EnsemblerSpec) -> None:
    """`combine` gives finite numbers `(n_rows, n_outputs)`, for every kind of task and for rows not seen before."""
    for task in _tasks(spec):
        combiner, data = _fit(spec, task)
        for rows in (np.arange(N_ROWS), np.arange(7)):
            found = _combine(combiner, _take(data, rows))
            wanted = (len(rows), task.n_outputs)
            expect(
                found.shape == wanted,
                f"combine gives the shape {found.shape} for {task.kind.value}; expected {wanted}.",
            )
            expect(np.isfinite(found).all(), f"combine gives numbers for {task.kind.value} that are not finite.")


def check_weights_are_shares(spec: EnsemblerSpec) -> None:
    """`weights` gives one finite number for each candidate, none below 0 and one above."""
    for task in _tasks(spec):
        shares = np.asarray(_fit(spec, task)[0].weights())
        expect(shares.shape == (N_CANDIDATES,), f"weights gives the shape {shares.shape}; expected {(N_CANDIDATES,)}.")
        sound = np.isfinite(shares).all() and shares.min() >= 0 and shares.max() > 0
        expect(sound, f"The weights are {shares.tolist()}; expected none below 0 and one above.")


def check_probabilities_sum_to_one(spec: EnsemblerSpec) -> None:
    """Combined probabilities lie in [0, 1], and those of classes add up to 1."""
    for task in _tasks(spec):
        if task.has_some_classes:
            found = _combine(*_fit(spec, task))
            inside = found.min() >= -1e-6 and found.max() <= 1 + 1e-6
            expect(inside, f"Probabilities reach from {found.min()} to {found.max()}.")
        if task.has_classes:
            expect_close(found.sum(axis=1), np.ones(len(found)), "Combined probabilities do not add up to 1.", 1e-4)


def check_good_member_is_found(spec: EnsemblerSpec) -> None:
    """One nearly perfect candidate among poor ones makes the ensemble good."""
    for task in _tasks(spec):
        combiner, data = _fit(spec, task)
        poor = float(np.median([_loss(task, data.target, each) for each in data.predictions]))
        average = _loss(task, data.target, data.predictions.mean(axis=0))
        loss = _loss(task, data.target, _combine(combiner, data))
        expect(
            loss < min(0.5 * poor, 0.8 * average),
            f"With one nearly perfect candidate its {metric_for(task).name} for {task.kind.value} is {loss:.3f}; "
            f"the poor candidates have {poor:.3f}, their plain average {average:.3f}.",
        )


def check_single_candidate(spec: EnsemblerSpec) -> None:
    """With one candidate there is an ensemble of it."""
    for task in _tasks(spec):
        data = _make(spec, task)
        alone = replace(data, predictions=data.predictions[[GOOD]])
        combiner = _build(spec, task).fit(alone, FitContext(seed=7))
        shares = np.asarray(combiner.weights())
        expect(shares.shape == (1,) and shares[0] > 0, f"With one candidate the weights are {shares.tolist()}.")
        expect(_combine(combiner, alone).shape == (N_ROWS, task.n_outputs), "With one candidate the shape is wrong.")


def check_members_without_weight_are_not_needed(spec: EnsemblerSpec) -> None:
    """What a member with weight 0 predicts does not matter; the engine gives zeros in its place."""
    for task in _tasks(spec):
        combiner, data = _fit(spec, task)
        emptied = data.predictions.copy()
        emptied[np.asarray(combiner.weights()) == 0] = 0.0
        found = _combine(combiner, replace(data, predictions=emptied))
        message = "A member with weight 0 changes what is combined."
        expect_close(found, _combine(combiner, data), message)


def check_rows_are_independent(spec: EnsemblerSpec) -> None:
    """How a row is combined depends neither on its place nor on its neighbours."""
    for task in _tasks(spec):
        combiner, data = _fit(spec, task)
        bulk = _combine(combiner, data)
        turned = _combine(combiner, _take(data, np.arange(N_ROWS)[::-1]))
        expect_close(turned[::-1], bulk, "Rows in reverse order are combined differently.")
        alone = _combine(combiner, _take(data, np.array([3])))
        expect_close(alone, bulk[[3]], "A row alone is combined differently than among others.")


def check_same_seed_same_combiner(spec: EnsemblerSpec) -> None:
    """Two fits with equal seeds combine the same."""
    for task in _tasks(spec):
        (first, data), (second, _) = _fit(spec, task), _fit(spec, task)
        message = "Two fits with one seed combine differently; take all chance from context.seed."
        expect_close(_combine(first, data), _combine(second, data), message, 0.0)
        expect_close(first.weights(), second.weights(), message, 0.0)


def check_combiner_pickles(spec: EnsemblerSpec) -> None:
    """A combiner combines the same after a round through its pickle."""
    for task in _tasks(spec):
        combiner, data = _fit(spec, task)
        revived = pickled_again(combiner, "combiner")
        expect_close(_combine(revived, data), _combine(combiner, data), "After its pickle it combines differently.")


def check_saved_without_pickle(spec: EnsemblerSpec) -> None:
    """A combiner can be saved as data, and then combines the same."""
    for task in _tasks(spec):
        combiner, data = _fit(spec, task)
        revived = stored_again(combiner, spec)
        expect_close(_combine(revived, data), _combine(combiner, data), "Saved and loaded it combines differently.")


def check_inputs_stay_unchanged(spec: EnsemblerSpec) -> None:
    """Neither `fit` nor `combine` changes what it is given."""
    for task in _tasks(spec):
        data = replace(_make(spec, task), weights=np.linspace(0.5, 1.5, N_ROWS))
        with unchanged(predictions=data.predictions, target=data.target, weights=data.weights, features=data.features):
            combiner = _build(spec, task).fit(data, FitContext(seed=7))
            _combine(combiner, data)


def check_row_weights_are_accepted(spec: EnsemblerSpec) -> None:
    """Rows may have weights."""
    for task in _tasks(spec):
        data = replace(_make(spec, task), weights=np.linspace(0.1, 2.0, N_ROWS))
        found = _combine(_build(spec, task).fit(data, FitContext(seed=7)), data)
        expect(np.isfinite(found).all(), "With row weights it gives numbers that are not finite.")


def check_seconds_left_is_honoured(spec: EnsemblerSpec) -> None:
    """A fit on many candidates that is given a fifth of a second returns in time, with an ensemble."""
    task = _tasks(spec)[0]
    data, ensembler = _make(spec, task, n_candidates=30, n_rows=8000), _build(spec, task)
    made: list[Combiner] = []
    context = FitContext(seed=7, deadline=Deadline(0.2))
    expect_in_time(lambda: made.append(ensembler.fit(data, context)), 0.2)
    expect(np.asarray(made[0].weights()).max() > 0, "When short of time it gives no candidate any weight.")


CHECKS: tuple[Callable[[EnsemblerSpec], None], ...] = (
    check_spec_pickles, check_import_is_light, check_combined_shape, check_weights_are_shares,
    check_probabilities_sum_to_one, check_good_member_is_found, check_single_candidate,
    check_members_without_weight_are_not_needed, check_rows_are_independent, check_same_seed_same_combiner,
    check_combiner_pickles, check_saved_without_pickle, check_inputs_stay_unchanged, check_row_weights_are_accepted,
    check_seconds_left_is_honoured,
)  # fmt: skip
"""Every check of an ensembler."""


def _tasks(spec: EnsemblerSpec) -> list[Task]:
    """Return a task of each kind that it combines, of several targets those of values and of labels."""
    several = [task for task in tasks_of_several(spec.tasks) if not task.has_some_classes or _of_labels(task)]
    return [*(task for kind, task in {**TASKS, **FORMS}.items() if kind in spec.tasks), *several]


def _of_labels(task: Task) -> bool:
    return bool(task.targets) and all(block.trait is Trait.INDEPENDENT for block in task.blocks)


def _build(spec: EnsemblerSpec, task: Task) -> Ensembler:
    return spec.build(EnsembleRequest(task, metric_for(task), spec.params))


def _fit(spec: EnsemblerSpec, task: Task) -> tuple[Combiner, OutOfFold]:
    data = _make(spec, task)
    return _build(spec, task).fit(data, FitContext(seed=7)), data


def _make(spec: EnsemblerSpec, task: Task, n_candidates: int = N_CANDIDATES, n_rows: int = N_ROWS) -> OutOfFold:
    """Return predictions of which one candidate's are nearly perfect, and raw columns where they are asked for."""
    raw = make_raw(ColumnKind.NUMERIC, task, n_rows=n_rows)
    rng = np.random.default_rng(19)
    noise = rng.normal(size=(n_candidates, n_rows, task.n_outputs))
    spread = np.where(np.arange(n_candidates) == GOOD, 0.3, 20.0)[:, None, None]
    if task.has_classes:
        scores = 4.0 * np.eye(task.n_outputs)[raw.target] + np.minimum(spread, 4.0) * noise
        powers = np.exp(scores - scores.max(axis=2, keepdims=True))
        found = powers / powers.sum(axis=2, keepdims=True)
    elif _of_labels(task):
        found = 1.0 / (1.0 + np.exp(3.0 - 6.0 * raw.target - np.minimum(spread, 6.0) * noise))
    else:
        found = raw.target.reshape(n_rows, -1) + spread * noise
    features = raw.features if spec.uses_features else None
    return OutOfFold(found.astype(np.float32), raw.target, features=features)


def _take(data: OutOfFold, rows: Array) -> OutOfFold:
    features = None if data.features is None else take_rows(data.features, rows)
    return OutOfFold(data.predictions[:, rows], data.target[rows], features=features)


def _combine(combiner: Combiner, data: OutOfFold) -> Array:
    return np.asarray(combiner.combine(data.predictions, data.features))


def _loss(task: Task, target: Array, predictions: Array) -> float:
    metric = metric_for(task)
    return loss_of(metric, score_predictions(metric, task, target, predictions))
