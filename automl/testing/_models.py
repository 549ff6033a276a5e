"""The model contract: what a learner must keep, whatever it learns."""

from __future__ import annotations

import importlib
import importlib.util
import math
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from unittest import SkipTest

import numpy as np

from automl.plugin_api import ColumnKind, Deadline, FitSize, ModelSpec, TaskKind, as_matrix, sample_space
from automl.testing._data import TASKS, Split, log_loss, make_split, pick, renamed, rmse, with_features
from automl.testing._learners import (
    KeepingCache,
    build_learner,
    context_for,
    expect_predictions,
    expect_predictions_with_holes,
    fit_learner,
    large_split,
    learner_params,
    main_task,
    predict,
    predict_test,
    quietly,
    split_for,
    tasks_of,
    usual_fit,
    weighted,
)
from automl.testing._runner import concerns, expect
from automl.testing._shared import (
    check_import_is_light,
    check_spec_pickles,
    expect_close,
    expect_in_time,
    pickled_again,
    reversed_rows,
    run_python,
    stored_again,
    take_rows,
    unchanged,
)

REVIVE = """
import pickle, sys
import numpy
learner, features = pickle.load(open(sys.argv[1], "rb"))
numpy.save(sys.argv[2], learner.predict(features))
"""


def check_defaults_lie_in_space(spec: ModelSpec) -> None:
    """There is a default, and each of its values lies in the domain of a hyperparameter."""
    expect(spec.defaults, "`defaults` is empty; expected at least one configuration, which may be {}.")
    for params in spec.defaults:
        for name, value in params.items():
            expect(name in spec.space, f"The default {name}={value!r} is not in the space {sorted(spec.space)}.")
            expect(spec.space[name].contains(value), f"The default {name}={value!r} lies outside {spec.space[name]}.")


def check_every_configuration_fits(spec: ModelSpec) -> None:
    """Every default, and two configurations drawn from the space, can be fitted."""
    rng = np.random.default_rng(5)
    drawn = [sample_space(spec.space, rng) for _ in range(2)] if spec.space else []
    split = split_for(spec, main_task(spec), n_train=60)
    for params in (*spec.defaults, *drawn):
        try:
            expect_predictions(predict_test(fit_learner(spec, split, params=params), split), split.test)
        except Exception as error:
            raise AssertionError(f"With {dict(params)}: {type(error).__name__}: {error}") from error


def check_prediction_shape(spec: ModelSpec) -> None:
    """Predictions are finite floats `(n_rows, n_outputs)`, for every kind of task."""
    for task in tasks_of(spec):
        learner, split = usual_fit(spec, task)
        expect_predictions(predict_test(learner, split), split.test)


def check_fit_without_validation_rows(spec: ModelSpec) -> None:
    """`valid` may be None."""
    split = split_for(spec, main_task(spec))
    expect_predictions(predict_test(fit_learner(spec, split, with_valid=False), split), split.test)


def check_same_seed_same_predictions(spec: ModelSpec) -> None:
    """Two fits with equal seeds predict the same, to the last bit."""
    for task in tasks_of(spec):
        learner, split = usual_fit(spec, task)
        first, second = (predict_test(each, split) for each in (learner, fit_learner(spec, split)))
        expect_close(
            first, second, "Two fits with one seed predict differently; take all chance from context.seed.", 0.0
        )


def check_inputs_stay_unchanged(spec: ModelSpec) -> None:
    """Neither `fit` nor `predict` changes what it is given."""
    for task in tasks_of(spec):
        split = weighted(split_for(spec, task))
        train, valid, test = split.train, split.valid, split.test
        with unchanged(
            training_features=train.features, training_target=train.target, training_weights=train.weights,
            validation_features=valid.features, validation_target=valid.target, features=test.features,
        ):  # fmt: skip
            predict_test(fit_learner(spec, split), split)


def check_rows_are_independent(spec: ModelSpec) -> None:
    """What a row is predicted depends neither on its place nor on its neighbours."""
    learner, split = usual_fit(spec, main_task(spec))
    features, bulk = split.test.features, predict_test(learner, split)
    turned = predict(learner, reversed_rows(features))
    expect_close(turned[::-1], bulk, "Rows in reverse order are predicted differently.")
    for row in (0, 7):
        alone = predict(learner, take_rows(features, [row]))
        expect_close(alone, bulk[[row]], "A row alone is predicted differently than among others.")


def check_fitted_learner_pickles(spec: ModelSpec) -> None:
    """A fitted learner predicts the same after a round through its pickle."""
    for task in tasks_of(spec):
        learner, split = usual_fit(spec, task)
        revived = pickled_again(learner, "fitted learner")
        message = "After a round through its pickle the learner predicts differently."
        expect_close(predict_test(revived, split), predict_test(learner, split), message)


def check_saved_without_pickle(spec: ModelSpec) -> None:
    """A fitted learner can be saved as data, and then predicts the same."""
    for task in tasks_of(spec):
        learner, split = usual_fit(spec, task)
        revived = stored_again(learner, spec)
        expect_close(predict_test(revived, split), predict_test(learner, split), "Saved and loaded it differs.", 1e-9)


def check_kept_rows_are_said(spec: ModelSpec) -> None:
    """A learner that holds rows of its training table has `keeps_rows` in its spec."""
    import cloudpickle

    split = split_for(spec, main_task(spec))
    if spec.keeps_rows or not all(column.kind is ColumnKind.NUMERIC for column in split.train.schema.columns[:3]):
        return
    content = cloudpickle.dumps(usual_fit(spec, main_task(spec))[0])
    numbers = split.train.features.iloc[:, :3].to_numpy(dtype=np.float64)
    runs = [*numbers, *numbers[:5].T]  # whether an array of them was kept by rows or by columns
    kept = any(run.astype(kind).tobytes() in content for run in runs for kind in (np.float32, np.float64))
    expect(not kept, "The fitted learner holds rows of its training table; say so with keeps_rows=True in its spec.")


def check_revived_in_fresh_process(spec: ModelSpec) -> None:
    """A fitted learner predicts the same in a fresh process, as a saved ensemble does."""
    import cloudpickle

    learner, split = usual_fit(spec, main_task(spec))
    with tempfile.TemporaryDirectory(prefix="automl-testing-") as folder:
        source, answer = Path(folder, "learner.pkl"), Path(folder, "predictions.npy")
        source.write_bytes(cloudpickle.dumps((learner, split.test.features)))
        run_python(REVIVE, str(source), str(answer))
        message = "In a fresh process the learner predicts differently."
        expect_close(np.load(answer), predict_test(learner, split), message)


def check_beats_a_constant(spec: ModelSpec) -> None:
    """On an easy table the model is better than the class shares or the mean."""
    for task in tasks_of(spec):
        learner, split = usual_fit(spec, task)
        train, target, found = split.train.target, split.test.target, predict_test(learner, split)
        if task.has_classes:
            shares = np.bincount(train, minlength=task.n_outputs) / len(train)
            loss, constant = log_loss(target, found), log_loss(target, np.tile(shares, (len(target), 1)))
        else:
            middle = found[:, found.shape[1] // 2]
            loss, constant = rmse(target, middle), rmse(target, np.full(len(target), train.mean()))
        expect(
            loss < 0.95 * constant,
            f"On an easy {task.kind.value} table its loss is {loss:.3f}; a constant has {constant:.3f}.",
        )


@concerns(lambda spec: any(kind.is_classification for kind in spec.tasks))
def check_probabilities_sum_to_one(spec: ModelSpec) -> None:
    """Class probabilities lie in [0, 1] and add up to 1 in every row."""
    for task in tasks_of(spec):
        if not task.has_classes:
            continue
        found = predict_test(*usual_fit(spec, task))
        expect(found.min() >= 0.0 and found.max() <= 1.0, f"Probabilities reach from {found.min()} to {found.max()}.")
        expect_close(found.sum(axis=1), np.ones(len(found)), "Probabilities do not add up to 1.", 1e-4)


@concerns(lambda spec: TaskKind.MULTICLASS in spec.tasks)
def check_absent_class_keeps_its_column(spec: ModelSpec) -> None:
    """A class without a training row still has its column, among the others in order, with a small probability."""
    split = split_for(spec, TASKS[TaskKind.MULTICLASS], n_train=240)
    train = pick(split.train, np.flatnonzero(split.train.target != 1))
    found = predict_test(fit_learner(spec, replace(split, train=train)), split)
    expect_predictions(found, split.test)
    expect(found[:, 1].mean() < 0.2, f"A class that was never seen has a mean probability of {found[:, 1].mean():.2f}.")


@concerns(lambda spec: ColumnKind.CATEGORICAL in spec.accepts)
def check_unseen_categories(spec: ModelSpec) -> None:
    """Categories may be missing or unseen, which is the code NaN, when fitting and when predicting."""
    split = split_for(spec, main_task(spec))
    names = [column.name for column in split.train.schema.of_kind(ColumnKind.CATEGORICAL)]
    expect_predictions_with_holes(spec, split, names)


@concerns(lambda spec: spec.accepts_missing and ColumnKind.NUMERIC in spec.accepts)
def check_missing_values(spec: ModelSpec) -> None:
    """Numbers may be missing, a whole column at once when predicting."""
    split = split_for(spec, main_task(spec))
    numbers = split.train.schema.of_kind(ColumnKind.NUMERIC, ColumnKind.BOOLEAN, ColumnKind.DATETIME)
    expect_predictions_with_holes(spec, split, [column.name for column in numbers])


@concerns(lambda spec: bool({ColumnKind.TEXT, ColumnKind.IMAGE} & spec.accepts))
def check_missing_text_and_images(spec: ModelSpec) -> None:
    """A text may be "" and a picture None."""
    split = split_for(spec, main_task(spec))
    for kind, hole in ((ColumnKind.TEXT, ""), (ColumnKind.IMAGE, None)):
        names = [column.name for column in split.train.schema.of_kind(kind)]
        if names:
            expect_predictions_with_holes(spec, split, names, hole)


def check_odd_column_names(spec: ModelSpec) -> None:
    """Column names are any text: empty, with brackets, quotes, line breaks, or like the target's."""
    split = split_for(spec, main_task(spec))
    odd = Split(renamed(split.train), renamed(split.valid), renamed(split.test))
    expect_predictions(predict_test(fit_learner(spec, odd), odd), odd.test)


@concerns(lambda spec: spec.accepts_sparse)
def check_sparse_input(spec: ModelSpec) -> None:
    """Features may be a CSR matrix, when fitting, validating and predicting."""
    from scipy.sparse import csr_matrix

    split = make_split(main_task(spec), frozenset({ColumnKind.NUMERIC}))
    parts = []
    for data in (split.train, split.valid, split.test):
        matrix = as_matrix(data.features)
        parts.append(with_features(data, csr_matrix(np.where(np.abs(matrix) < 0.3, 0.0, matrix).astype(np.float32))))
    sparse = Split(*parts)
    expect_predictions(predict_test(fit_learner(spec, sparse), sparse), sparse.test)


def check_weights_count(spec: ModelSpec) -> None:
    """Where nearly all weight lies on rows of another target, predictions follow it."""
    for task in tasks_of(spec):
        split = split_for(spec, task)
        half = np.arange(split.train.n_rows) % 2 == 0
        other = 0 if task.has_classes else split.train.target.max() + 30.0
        train = replace(split.train, target=np.where(half, other, split.train.target))
        found = []
        for heavy in (half, ~half):
            weights = np.where(heavy, 1.0, 1e-3)
            heavier = replace(split, train=replace(train, weights=weights))
            learner = fit_learner(spec, heavier, with_valid=False)
            found.append(float(predict_test(learner, split)[:, 0].mean()))
        needed = 0.1 if task.has_classes else 5.0
        expect(
            found[0] - found[1] > needed,
            f"Predictions for {task.kind.value} hardly follow the sample weights: their mean is {found[0]:.3g} and "
            f"{found[1]:.3g} where the weights favour opposite rows.",
        )


def check_cache_keeps_folds_apart(spec: ModelSpec) -> None:
    """What a fit leaves in `context.cache` does not change what the fit of another fold predicts."""
    split = split_for(spec, main_task(spec))
    base, count = split.train, split.train.n_rows
    folds = [replace(pick(base, rows), base=base) for rows in (np.arange(count // 2), np.arange(count // 3, count))]
    cached = replace(context_for(split.train.task), cache=KeepingCache())
    fit_learner(spec, replace(split, train=folds[0]), with_valid=False, context=cached)
    second = replace(split, train=folds[1])
    after = predict_test(fit_learner(spec, second, with_valid=False, context=cached), split)
    fresh = predict_test(fit_learner(spec, second, with_valid=False), split)
    expect_close(after, fresh, "A fold is predicted differently after another fold has used the same cache.")


def check_seconds_left_is_honoured(spec: ModelSpec) -> None:
    """A fit that is given half a second for a larger table returns in time, and can predict."""
    from threadpoolctl import threadpool_limits

    split = large_split(spec)
    fit_learner(spec, split_for(spec, split.train.task, n_train=60))  # libraries are imported before the clock runs
    learner = build_learner(spec, split.train.task)
    context = replace(context_for(split.train.task), deadline=Deadline(0.5))
    with threadpool_limits(context.threads):  # as in a worker; idle threads of a busy machine would be timed too
        expect_in_time(lambda: quietly(lambda: learner.fit(split.train, split.valid, context)), 0.5)
    expect_predictions(predict_test(learner, split), split.test)


def check_thread_count_is_honoured(spec: ModelSpec) -> None:
    """With `context.threads=1` a fit computes in one thread at a time."""
    split = large_split(spec)
    fit_learner(
        spec, split_for(spec, split.train.task, n_train=60)
    )  # loads the thread pools, so that they can be limited
    wall, everywhere, here = time.perf_counter(), time.process_time(), time.thread_time()
    while time.perf_counter() - wall < 0.3:
        context = replace(context_for(split.train.task), deadline=Deadline(0.5))
        fit_learner(spec, split, context=context)
    wall, everywhere, here = time.perf_counter() - wall, time.process_time() - everywhere, time.thread_time() - here
    beside = everywhere - here  # other threads at work beside this one show even where cores are scarce
    expect(
        everywhere <= 1.5 * wall + 0.1 and not (beside > 0.5 * here + 0.1 and here > 0.1 * everywhere),
        f"A fit with context.threads=1 took {everywhere:.2f} s of processor time in {wall:.2f} s, {beside:.2f} s of it "
        "in other threads.",
    )


@concerns(lambda spec: spec.resources is not None or spec.limits is not None)
def check_resource_estimate(spec: ModelSpec) -> None:
    """Estimates are positive and finite and do not shrink as rows are added; `limits` answers with text."""
    params = learner_params(spec.defaults[0])
    for task in tasks_of(spec):
        sizes = [FitSize(10**power, 20, task, params) for power in range(2, 7)]
        for size in sizes if spec.limits is not None else ():
            answer = spec.limits(size) if spec.limits is not None else ""
            expect(isinstance(answer, str), f"limits returned {answer!r}; expected a reason, or '' for none.")
        if spec.resources is None:
            continue
        needs = [spec.resources(size) for size in sizes]
        for label, values in (("seconds", [n.seconds for n in needs]), ("memory_mb", [n.memory_mb for n in needs])):
            sound = all(math.isfinite(value) and value > 0 for value in values)
            expect(sound, f"The estimated {label} for 100 to 1,000,000 rows are {values}; expected positive numbers.")
            grows = all(low <= high for low, high in pairwise(values))
            expect(grows, f"The estimated {label} shrink as rows are added: {values}.")


def check_gpu_equals_cpu(spec: ModelSpec) -> None:
    """A learner that is given a GPU predicts what it predicts without one, up to rounding."""
    if importlib.util.find_spec("torch") is None:
        raise SkipTest("torch, which would find a GPU, is not installed")
    torch = importlib.import_module("torch")  # the engine itself depends on no model library
    if not torch.cuda.is_available():
        raise SkipTest("there is no GPU")
    split = split_for(spec, main_task(spec))
    context = replace(context_for(split.train.task), device="cuda")
    found = predict_test(fit_learner(spec, split, context=context), split)
    expect_close(found, predict_test(fit_learner(spec, split), split), "Predictions differ between GPU and CPU.", 0.05)


CHECKS: tuple[Callable[[ModelSpec], None], ...] = (
    check_spec_pickles, check_import_is_light, check_defaults_lie_in_space, check_every_configuration_fits,
    check_resource_estimate, check_prediction_shape, check_fit_without_validation_rows,
    check_same_seed_same_predictions, check_inputs_stay_unchanged, check_rows_are_independent,
    check_fitted_learner_pickles, check_saved_without_pickle, check_kept_rows_are_said,
    check_revived_in_fresh_process, check_beats_a_constant,
    check_probabilities_sum_to_one, check_absent_class_keeps_its_column, check_unseen_categories,
    check_missing_values, check_missing_text_and_images, check_odd_column_names, check_sparse_input,
    check_weights_count, check_cache_keeps_folds_apart, check_seconds_left_is_honoured,
    check_thread_count_is_honoured, check_gpu_equals_cpu,
)  # fmt: skip
"""Every check of a model, the cheap ones first."""
