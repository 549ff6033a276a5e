"""A metric may be a name, a scikit-learn scorer or its name, or a function; each scores as its author meant."""

from __future__ import annotations

import functools
import pickle

import cloudpickle
import numpy as np
import pytest
from sklearn import metrics as sk
from sklearn.metrics import make_scorer

from automl.errors import OptionError
from automl.plugin_api.scoring import score_predictions
from automl.registry import discover
from automl.steps.plan.choose_metric import choose_metric, find_metric, metric_to_optimise
from automl.vocabulary.task import Block, Task, TaskKind, Trait

BINARY = Task(TaskKind.BINARY, "y", ("no", "yes"))
MULTICLASS = Task(TaskKind.MULTICLASS, "y", ("a", "b", "c"))
REGRESSION = Task(TaskKind.REGRESSION, "y")
REGISTRY = discover()
KNOWN = REGISTRY.metrics
RNG = np.random.default_rng(0)


def made_up(task: Task, n_rows: int = 60):
    """Return `(codes or values, the user's own target, predictions)`."""
    if not task.kind.is_classification:
        target = RNG.uniform(1, 2, n_rows)
        return target, target, RNG.uniform(1, 2, (n_rows, 1))
    codes = np.arange(n_rows) % len(task.classes)
    return codes, np.asarray(task.classes)[codes], RNG.dirichlet(np.ones(len(task.classes)), n_rows)


def labels(task: Task, predictions):
    return np.asarray(task.classes)[predictions.argmax(axis=1)]


def stable_name(value):
    """Name a parameter without its address, so that every process of a parallel run collects the same tests."""
    return getattr(value, "__name__", str(value).split(" at 0x")[0])


@pytest.mark.parametrize(
    ("task", "name"), [(BINARY, "roc_auc"), (MULTICLASS, "log_loss"), (REGRESSION, "rmse")], ids=stable_name
)
def test_each_task_has_its_usual_metric(task, name):
    assert REGISTRY.task_spec(task.kind).metric == name


@pytest.mark.parametrize(
    ("name", "task", "expected"),
    [
        ("neg_root_mean_squared_error", REGRESSION, lambda y, p: sk.root_mean_squared_error(y, p[:, 0])),
        ("neg_mean_squared_error", REGRESSION, lambda y, p: sk.mean_squared_error(y, p[:, 0])),
        ("neg_mean_absolute_error", REGRESSION, lambda y, p: sk.mean_absolute_error(y, p[:, 0])),
        ("neg_median_absolute_error", REGRESSION, lambda y, p: sk.median_absolute_error(y, p[:, 0])),
        ("neg_mean_absolute_percentage_error", REGRESSION, lambda y, p: sk.mean_absolute_percentage_error(y, p[:, 0])),
        ("neg_mean_gamma_deviance", REGRESSION, lambda y, p: sk.mean_gamma_deviance(y, p[:, 0])),
        ("r2", REGRESSION, lambda y, p: sk.r2_score(y, p[:, 0])),
        ("max_error", REGRESSION, lambda y, p: sk.max_error(y, p[:, 0])),
        ("accuracy", BINARY, lambda y, p: sk.accuracy_score(y, labels(BINARY, p))),
        ("balanced_accuracy", MULTICLASS, lambda y, p: sk.balanced_accuracy_score(y, labels(MULTICLASS, p))),
        ("f1_macro", MULTICLASS, lambda y, p: sk.f1_score(y, labels(MULTICLASS, p), average="macro")),
        ("f1_weighted", MULTICLASS, lambda y, p: sk.f1_score(y, labels(MULTICLASS, p), average="weighted")),
        ("precision_macro", MULTICLASS, lambda y, p: sk.precision_score(y, labels(MULTICLASS, p), average="macro")),
        ("matthews_corrcoef", BINARY, lambda y, p: sk.matthews_corrcoef(y, labels(BINARY, p))),
        ("roc_auc", BINARY, lambda y, p: sk.roc_auc_score(y, p[:, 1])),
        ("roc_auc_ovr", MULTICLASS, lambda y, p: sk.roc_auc_score(y, p, multi_class="ovr")),
        ("roc_auc_ovo", MULTICLASS, lambda y, p: sk.roc_auc_score(y, p, multi_class="ovo")),
        (
            "roc_auc_ovr_weighted",
            MULTICLASS,
            lambda y, p: sk.roc_auc_score(y, p, multi_class="ovr", average="weighted"),
        ),
        ("average_precision", BINARY, lambda y, p: sk.average_precision_score(y, p[:, 1], pos_label="yes")),
        ("neg_log_loss", BINARY, lambda y, p: sk.log_loss(y, p)),
        ("neg_log_loss", MULTICLASS, lambda y, p: sk.log_loss(y, p)),
        ("neg_brier_score", BINARY, lambda y, p: sk.brier_score_loss(y, p[:, 1], pos_label="yes")),
        ("top_k_accuracy", MULTICLASS, lambda y, p: sk.top_k_accuracy_score(y, p)),
    ],
    ids=stable_name,
)
def test_names_of_sklearn_scorers_score_as_there_but_in_the_metrics_own_direction(name, task, expected):
    spec = choose_metric(name, task, KNOWN)
    codes, target, predictions = made_up(task)
    assert score_predictions(spec, task, codes, predictions) == pytest.approx(expected(target, predictions), rel=1e-4)
    assert spec.greater_is_better is (not name.startswith("neg_") and name != "max_error")


@pytest.mark.parametrize(
    ("function", "task", "expected", "greater"),
    [
        (lambda y, p: float(np.mean(y == p)), BINARY, lambda y, p: np.mean(y == labels(BINARY, p)), True),
        (lambda y, p: -np.mean(np.abs(y - p)), REGRESSION, lambda y, p: -np.mean(np.abs(y - p[:, 0])), True),
        (sk.mean_squared_error, REGRESSION, lambda y, p: sk.mean_squared_error(y, p[:, 0]), False),
        (sk.zero_one_loss, MULTICLASS, lambda y, p: sk.zero_one_loss(y, labels(MULTICLASS, p)), False),
        (sk.accuracy_score, MULTICLASS, lambda y, p: sk.accuracy_score(y, labels(MULTICLASS, p)), True),
        (sk.roc_auc_score, BINARY, lambda y, p: sk.roc_auc_score(y, p[:, 1]), True),
        (sk.log_loss, MULTICLASS, lambda y, p: sk.log_loss(y, p), False),
        (
            make_scorer(sk.f1_score, pos_label="no"), BINARY,
            lambda y, p: sk.f1_score(y, labels(BINARY, p), pos_label="no"), True,
        ),
        (
            make_scorer(sk.mean_absolute_error, greater_is_better=False), REGRESSION,
            lambda y, p: sk.mean_absolute_error(y, p[:, 0]), False,
        ),
        (
            make_scorer(sk.roc_auc_score, response_method="predict_proba", multi_class="ovr"), MULTICLASS,
            lambda y, p: sk.roc_auc_score(y, p, multi_class="ovr"), True,
        ),
        (
            make_scorer(sk.average_precision_score, response_method="predict_proba", pos_label="no"), BINARY,
            lambda y, p: sk.average_precision_score(y, p[:, 0], pos_label="no"), True,
        ),
        (sk.get_scorer("neg_log_loss"), BINARY, lambda y, p: sk.log_loss(y, p), False),
    ],
    ids=stable_name,
)  # fmt: skip
def test_functions_and_scorers_get_the_users_own_labels_or_probabilities(function, task, expected, greater):
    spec = choose_metric(function, task, {})
    codes, target, predictions = made_up(task)
    assert score_predictions(spec, task, codes, predictions) == pytest.approx(expected(target, predictions))
    assert spec.greater_is_better is greater


def test_a_function_says_by_attributes_that_it_wants_probabilities_and_that_less_is_better():
    def surprise(target, probabilities):
        assert probabilities.shape[1] == 2
        return float(-np.log(probabilities[np.arange(len(target)), (target == "yes").astype(int)]).mean())

    surprise.needs, surprise.greater_is_better = "probabilities", False
    spec = choose_metric(surprise, BINARY, {})
    codes, target, predictions = made_up(BINARY)
    assert score_predictions(spec, BINARY, codes, predictions) == pytest.approx(sk.log_loss(target, predictions))
    assert not spec.greater_is_better


def test_weights_reach_those_that_take_them_and_only_those():
    codes, target, predictions = made_up(BINARY)
    weights = RNG.uniform(0, 1, len(codes))
    weighted = score_predictions(choose_metric(sk.accuracy_score, BINARY, {}), BINARY, codes, predictions, weights)
    expected = sk.accuracy_score(target, labels(BINARY, predictions), sample_weight=weights)
    assert weighted == pytest.approx(expected)
    plain = choose_metric(make_scorer(lambda y, p: float(np.mean(y == p))), BINARY, {})
    assert score_predictions(plain, BINARY, codes, predictions, weights) == np.mean(
        target == labels(BINARY, predictions)
    )


def test_a_fold_that_lacks_a_class_is_still_scored_by_log_loss():
    spec = choose_metric(sk.log_loss, MULTICLASS, {})
    predictions = np.full((4, 3), 1 / 3)
    assert score_predictions(spec, MULTICLASS, np.array([0, 1, 0, 1]), predictions) == pytest.approx(np.log(3))


def test_metrics_made_from_functions_can_be_saved():
    spec = cloudpickle.loads(cloudpickle.dumps(choose_metric(lambda y, p: 1.0, BINARY, {})))
    assert spec.name == "lambda"
    assert spec.score(None, None, None) == 1.0


@pytest.mark.parametrize(
    ("wanted", "task", "said"),
    [
        ("roc_acu", BINARY, "Did you mean 'roc_auc'?"),
        ("rmse", BINARY, "does not fit a binary task"),
        ("roc_auc", REGRESSION, "does not fit a regression task"),
        (5, BINARY, "metric=5"),
        (lambda y: 0.0, BINARY, "failed on a trial call"),
        (lambda estimator, X, y: 0.0, BINARY, "failed on a trial call"),
        (lambda y, p: None, REGRESSION, "failed on a trial call"),
        (lambda y, p: float(np.mean(y - p)), BINARY, "failed on a trial call"),
        (make_scorer(sk.f1_score), MULTICLASS, "failed on a trial call"),
    ],
)
def test_a_metric_that_cannot_work_is_refused_before_anything_runs(wanted, task, said):
    with pytest.raises(OptionError) as caught:
        choose_metric(wanted, task, KNOWN)
    assert said in str(caught.value)


def test_of_a_task_that_somebody_named_no_other_is_advised():
    task = Task(TaskKind("levels"), "y", parts=(Block("y", trait=Trait.ORDERED, levels=(0.1, 0.9)),))
    for name in ("rmse", "roc_auc"):
        with pytest.raises(OptionError, match=r"does not fit a levels task\. Those that do"):
            choose_metric(name, task, KNOWN)


def test_an_alias_that_two_metrics_share_is_the_one_for_the_task():
    for name in KNOWN:
        for alias in (name, *KNOWN[name].aliases):
            for kind in KNOWN[name].tasks:
                known = {TaskKind.BINARY: BINARY, TaskKind.MULTICLASS: MULTICLASS, TaskKind.REGRESSION: REGRESSION}
                task = known.get(kind, Task(kind, "y", parts=(Block("y", trait=Trait.SCORE),)))
                assert kind in find_metric(alias, task, KNOWN).tasks


@pytest.mark.parametrize(
    ("written", "task", "meant"),
    [
        ("Quadratic Weighted Kappa", MULTICLASS, "quadratic_kappa"),
        ("MAP@3", MULTICLASS, "map@3"),
        ("log-loss", BINARY, "log_loss"),
        ("normalized gini", BINARY, "gini"),
        ("normalized gini", REGRESSION, "gini_of_values"),
        ("AUC", BINARY, "roc_auc"),
    ],
)
def test_a_metric_is_found_however_its_name_is_written(written, task, meant):
    assert find_metric(written, task, KNOWN).name == meant


@pytest.mark.parametrize(
    ("metric", "task", "said"),
    [
        ("rmse", Task(TaskKind.MULTICLASS, "stars", (1, 2, 3, 4, 5)), "taken for 5 classes.*pass task='regression'"),
        ("f1", Task(TaskKind.REGRESSION, "stars"), "taken for numbers.*pass task='classification'"),
    ],
)
def test_a_metric_of_another_task_says_which_task_is_meant(metric, task, said):
    with pytest.raises(OptionError, match=said):
        choose_metric(metric, task, KNOWN)


def test_words_are_not_said_to_be_numbers():
    with pytest.raises(OptionError) as caught:
        choose_metric("rmse", Task(TaskKind.MULTICLASS, "y", ("a", "b", "c")), KNOWN)
    assert "regression'" not in str(caught.value)


@pytest.mark.parametrize("classes", [("no", "yes"), ("poor", "good"), (0, 1), (1, 2), (False, True), (-1, 1), (1, 0)])
@pytest.mark.parametrize(
    "function",
    [
        sk.f1_score, sk.log_loss, sk.roc_auc_score, sk.brier_score_loss, sk.jaccard_score,
        sk.average_precision_score, sk.cohen_kappa_score, "jaccard", "neg_brier_score",
        sk.make_scorer(sk.roc_auc_score, response_method="predict_proba"),
    ],
    ids=stable_name,
)  # fmt: skip
def test_functions_of_scikit_learn_prefer_good_predictions_whatever_the_labels(function, classes):
    task = Task(TaskKind.BINARY, "y", classes, ordered=classes not in [tuple(sorted(classes))])
    target = np.random.default_rng(0).integers(0, 2, 50)
    good = np.eye(2)[target] * 0.8 + 0.1
    spec = choose_metric(function, task, KNOWN)
    better, worse = (score_predictions(spec, task, target, each) for each in (good, good[:, ::-1]))
    assert (better > worse) is spec.greater_is_better


def test_the_order_of_categories_reaches_functions_of_scikit_learn():
    task = Task(TaskKind.MULTICLASS, "y", ("poor", "fair", "good", "best"), ordered=True)
    rng = np.random.default_rng(0)
    target = rng.integers(0, 4, 200)
    labels = np.clip(target + rng.integers(-1, 2, 200), 0, 3)
    kappa = choose_metric(sk.make_scorer(sk.cohen_kappa_score, weights="quadratic"), task, KNOWN)
    expected = sk.cohen_kappa_score(target, labels, weights="quadratic")
    assert score_predictions(kappa, task, target, np.eye(4)[labels]) == pytest.approx(expected)
    loss = choose_metric(sk.log_loss, task, KNOWN)
    outputs = np.eye(4)[labels] * 0.8 + 0.05
    assert score_predictions(loss, task, target, outputs) == pytest.approx(sk.log_loss(target, outputs))


def test_a_metric_is_pickled_with_the_code_of_a_function_of_the_users():
    def share(true, predicted):
        return float((true == predicted).mean())

    task = Task(TaskKind.BINARY, "y", ("no", "yes"))
    for metric in (share, lambda true, predicted: float((true == predicted).mean()), sk.f1_score, "accuracy"):
        spec = choose_metric(metric, task, KNOWN)
        again = pickle.loads(pickle.dumps(spec))
        target, outputs = np.array([0, 1, 1]), np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])
        assert again.name == spec.name
        assert score_predictions(again, task, target, outputs) == score_predictions(spec, task, target, outputs)


@pytest.mark.parametrize(
    ("function", "task"),
    [
        (functools.partial(sk.mean_pinball_loss, alpha=0.9), REGRESSION),
        (functools.partial(functools.partial(sk.fbeta_score, beta=1.0), beta=2.0), BINARY),
        (functools.partial(sk.log_loss, normalize=True), BINARY),
    ],
    ids=["pinball", "fbeta", "log_loss"],
)
def test_a_partial_function_is_named_and_turned_as_the_function_in_it(function, task):
    inner, spec = function.func, choose_metric(function, task, KNOWN)
    assert spec.name == getattr(inner, "__name__", "")
    assert spec.greater_is_better is not inner.__name__.endswith("_loss")
    codes, given, predictions = made_up(task)
    if spec.needs == "labels":
        expected = function(given, labels(task, predictions), pos_label="yes")
    else:
        expected = function(given, predictions[:, -1] if task is BINARY else predictions[:, 0])
    assert score_predictions(spec, task, codes, predictions) == pytest.approx(expected)


def test_the_order_of_categories_reaches_a_partial_function():
    task = Task(TaskKind.MULTICLASS, "y", ("lo", "mid", "hi"), ordered=True)
    spec = choose_metric(functools.partial(sk.cohen_kappa_score, weights="quadratic"), task, KNOWN)
    codes, _, predictions = made_up(task)
    expected = sk.cohen_kappa_score(codes, predictions.argmax(axis=1), weights="quadratic")
    assert score_predictions(spec, task, codes, predictions) == pytest.approx(expected)


def test_attributes_of_a_partial_function_go_before_those_of_the_function_in_it():
    function = functools.partial(sk.mean_pinball_loss, alpha=0.9)
    function.greater_is_better = True
    assert choose_metric(function, REGRESSION, KNOWN).greater_is_better


def test_weights_that_a_partial_function_has_already_are_not_given_again():
    spec = choose_metric(functools.partial(sk.accuracy_score, sample_weight=None), BINARY, KNOWN)
    codes, _, predictions = made_up(BINARY)
    unweighted = score_predictions(spec, BINARY, codes, predictions)
    assert score_predictions(spec, BINARY, codes, predictions, np.arange(60.0)) == unweighted


RANKING = Task(TaskKind("ranking"), "y", parts=(Block("y", trait=Trait.SCORE),))


def test_a_name_that_ends_in_a_parameter_may_have_any_that_makes_sense():
    assert choose_metric("ndcg@7", RANKING, KNOWN).name == "ndcg@7"
    assert choose_metric("MAP@4", RANKING, KNOWN).name == "mean_average_precision@4"
    assert find_metric("map@3", Task(TaskKind.MULTICLASS, "y", ("a", "b", "c")), KNOWN).name == "map@3"
    with pytest.raises(OptionError, match=r"'ndcg@0' has a parameter that it cannot have.*a whole number from 1 on"):
        choose_metric("ndcg@0", RANKING, KNOWN)
    with pytest.raises(OptionError, match="ndgc@7"):
        choose_metric("ndgc@7", RANKING, KNOWN)


@pytest.mark.parametrize("name", ["coverage", "interval_width", "coverage_error"])
def test_a_metric_that_worthless_predictions_are_best_by_is_told_and_not_optimised(name):
    task = Task(TaskKind("quantile"), "y", parts=(Block("y", levels=(0.1, 0.9)),))
    with pytest.raises(OptionError, match=f"'{name}' is told beside others and cannot be optimised.*metric= out"):
        metric_to_optimise(name, task, KNOWN)
    assert choose_metric(name, task, KNOWN).name == name  # to be told


def test_a_function_with_the_name_of_a_known_metric_asks_for_the_same_loss():
    def mae(target, predictions):
        return float(np.abs(target - predictions).mean())

    def own_error(target, predictions):
        return mae(target, predictions)

    assert choose_metric(mae, REGRESSION, KNOWN).objective == "absolute"
    assert choose_metric(own_error, REGRESSION, KNOWN).objective == ""
    assert choose_metric("wape", REGRESSION, KNOWN).objective == "absolute"
