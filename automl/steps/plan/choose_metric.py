"""Choose the metric: the user's name, function or scorer, as a `MetricSpec`."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import numpy as np

from automl.errors import OptionError, unknown_name
from automl.machine.quiet_warnings import quiet_warnings
from automl.plugin_api.scoring import score_predictions
from automl.plugin_api.specs import ALL_TASKS, CLASSIFICATION, MetricSpec, TaskSpec
from automl.vocabulary.arrays import Array
from automl.vocabulary.labels import label_array
from automl.vocabulary.outputs import plain_needs
from automl.vocabulary.task import Task, TaskKind

LOWER_IS_BETTER = ("_error", "_loss", "_deviance")
"""How scikit-learn ends the names of functions of which less is better; the endings hold for a user's own too."""
NUMBERS = (int, float, Decimal, timedelta)
SCORE_ARGUMENTS = ("y_score", "y_proba", "y_prob")
"""Names of the second argument by which a function says that it wants probabilities."""


def choose_metric(wanted: Any, task: Task, metrics: Mapping[str, MetricSpec]) -> MetricSpec:
    """Return the metric to optimise.

    `wanted` may be a name or alias, a function `f(y_true, y_pred) -> float`, a scikit-learn scorer or its name, or a
    `MetricSpec`. A function gets labels, or values; of its result more is better unless its name ends like an error
    ("_error", "_loss", "_deviance"). Its attributes `greater_is_better` and `needs = "probabilities"` overrule that;
    one whose second argument is called `y_score` or `y_proba` gets probabilities, of the second class where there are
    two.
    """
    if isinstance(wanted, MetricSpec):
        spec = wanted
    elif isinstance(wanted, str):
        spec = find_metric(wanted, task, metrics)
    elif callable(wanted):
        spec = _from_callable(wanted, task)
    else:
        raise OptionError(f"Found metric={wanted!r}; expected a metric's name, a function, or a scikit-learn scorer.")
    if not task.is_one_of(spec.tasks):
        fitting = [each.name for each in metrics.values() if task.is_one_of(each.tasks)]
        raise OptionError(
            f"The metric {spec.name!r} does not fit a {task.kind.value} task. {_other_task(spec, task)}"
            f"Those that do: {', '.join(sorted(fitting))}."
        )
    return _with_objective(spec, metrics)


def told_beside(asks: TaskSpec, task: Task) -> tuple[str, ...]:
    """Return the names of the metrics that are told of a task beside the one that is optimised."""
    return asks.evaluated if asks.evaluated_of is None else asks.evaluated_of(task)


def metric_to_optimise(wanted: Any, task: Task, metrics: Mapping[str, MetricSpec]) -> MetricSpec:
    """Return the metric that a search goes by, as `choose_metric` does; one that worthless predictions are best by is
    refused.
    """
    spec = choose_metric(wanted, task, metrics)
    if spec.trap:
        raise OptionError(
            f"The metric {spec.name!r} is told beside others and cannot be optimised: the best by it would be "
            f"{spec.trap}. Leave metric= out for the usual one, or pass another; evaluate() tells {spec.name!r}, too."
        )
    return spec


def _with_objective(spec: MetricSpec, metrics: Mapping[str, MetricSpec]) -> MetricSpec:
    """Return a metric of the user's own, by the loss of the known one that it shares its name with, if any."""
    known = metrics.get(spec.name)
    return replace(spec, objective=known.objective) if known is not None and not spec.objective else spec


def _other_task(spec: MetricSpec, task: Task) -> str:
    """Return what to do where the metric means another task than the one that the target was taken for.

    That is one of the engine's own: all others are named by the user, who means them.
    """
    if task.kind not in ALL_TASKS:
        return ""
    others = spec.tasks & CLASSIFICATION - {task.kind}
    if others and task.kind in CLASSIFICATION:
        meant = next(iter(others)).value
        return f"It is for a {meant} task; the target {task.target!r} was taken for {len(task.classes)} classes. "
    if len(spec.tasks) == 1 and not spec.tasks & ALL_TASKS:
        return f"If what it is for is meant, pass task={next(iter(spec.tasks)).value!r}. "
    if TaskKind.REGRESSION not in spec.tasks:
        return "" if task.has_classes else _meant(task, "numbers", "classes", "classification", "Classifier")
    are_numbers = all(isinstance(label, NUMBERS) and label is not True for label in task.classes)
    return _meant(task, f"{len(task.classes)} classes", "numbers", "regression", "Regressor") if are_numbers else ""


def _meant(task: Task, taken: str, meant: str, name: str, kind: str) -> str:
    return (
        f"The target {task.target!r} was taken for {taken}; if {meant} are meant, pass task={name!r} or use "
        f"AutoML{kind}. "
    )


def find_metric(name: str, task: Task, metrics: Mapping[str, MetricSpec]) -> MetricSpec:
    """Return the metric of this name or alias; where several share an alias, the one that fits the task.

    A metric whose name ends in a parameter, such as "ndcg@10", has all others that it can have.
    """
    plain = re.sub(r"[\s-]+", "_", name.strip().lower()).removeprefix("neg_")
    named = [spec for spec in metrics.values() if plain == spec.name or plain in spec.aliases or name in spec.aliases]
    if not any(task.is_one_of(spec.tasks) for spec in named):
        named += _with_parameter(plain, task, metrics)
    if not named:
        scorer = _sklearn_scorer(name)
        if scorer is not None:
            return _from_scorer(scorer, task, plain)
        known = [*metrics, *(alias for spec in metrics.values() for alias in spec.aliases)]
        raise OptionError(unknown_name("metric", name, known))
    named.sort(key=lambda spec: spec.name != plain)  # a name goes before an alias
    return next((spec for spec in named if task.is_one_of(spec.tasks)), named[0])


def _with_parameter(name: str, task: Task, metrics: Mapping[str, MetricSpec]) -> list[MetricSpec]:
    """Return the metric for the task that has the name up to its "@", with the parameter that follows, or nothing."""
    family, _, parameter = name.partition("@")
    for spec in metrics.values():
        is_meant = any(each.partition("@")[0] == family for each in (spec.name, *spec.aliases))
        if parameter and is_meant and spec.at is not None and task.is_one_of(spec.tasks):
            try:
                return [spec.at(parameter)]
            except ValueError as error:
                raise OptionError(f"The metric {name!r} has a parameter that it cannot have: {error}") from error
    return []


def _sklearn_scorer(name: str) -> Any:
    """Return scikit-learn's scorer of this name, or None; "neg_" may be left out."""
    from sklearn.metrics import get_scorer, get_scorer_names

    known = set(get_scorer_names())
    return next((get_scorer(each) for each in (name, f"neg_{name}") if each in known), None)


def _from_callable(function: Callable[..., Any], task: Task) -> MetricSpec:
    if hasattr(function, "_score_func"):
        return _tried(_from_scorer(function, task, ""), task)
    told, (function, extra) = function, _without_partial(function)
    name = str(getattr(function, "__name__", type(function).__name__)).replace("<lambda>", "lambda")
    parameters = _parameters(function)
    takes_scores = any(each.name in SCORE_ARGUMENTS for each in parameters[1:2]) or name == "log_loss"
    usual = "probabilities" if takes_scores else "labels"
    usual = getattr(function, "needs", usual if plain_needs(task) == "labels" else "values")
    needs = getattr(told, "needs", usual)
    greater = getattr(function, "greater_is_better", not name.endswith(LOWER_IS_BETTER))
    greater = bool(getattr(told, "greater_is_better", greater))
    takes_column = takes_scores or _is_of_sklearn(function)
    is_pair = needs == "probabilities" and takes_column and task.like is TaskKind.BINARY
    column = _positive(function, extra, task) if is_pair else None
    score = _scored_by(function, extra, task, needs, column)
    tasks = ALL_TASKS | {task.kind}
    spec = MetricSpec(name, score, greater, np.inf if greater else 0.0, needs, tasks, decodes=True)
    return _tried(spec, task)


def _without_partial(function: Any) -> tuple[Callable[..., Any], dict[str, Any]]:
    """Return what a `functools.partial` calls, and with which arguments: its name tells the direction."""
    extra: dict[str, Any] = {}
    while isinstance(function, partial) and not function.args:
        function, extra = function.func, {**function.keywords, **extra}
    return function, extra


def _from_scorer(scorer: Any, task: Task, name: str) -> MetricSpec:
    """Turn a scikit-learn scorer into a metric: its function, its direction, and what it asks of a model."""
    extra = dict(scorer._kwargs)
    response = getattr(scorer, "_response_method", "predict")
    asks = (response,) if isinstance(response, str) else tuple(response)
    wants_probability = any(each in ("predict_proba", "decision_function") for each in asks)
    needs = plain_needs(task)
    column = None
    if wants_probability and needs == "labels":
        needs = "probabilities"
        column = _positive(scorer._score_func, extra, task) if task.n_outputs == 2 else None
    greater = scorer._sign > 0
    score = _scored_by(scorer._score_func, extra, task, needs, column)
    name = name or scorer._score_func.__name__
    return MetricSpec(name, score, greater, 1.0 if greater else 0.0, needs, ALL_TASKS | {task.kind}, decodes=True)


def _scored_by(
    function: Callable[..., Any], extra: Mapping[str, Any], task: Task, needs: str, column: int | None
) -> FunctionScore:
    """Wrap `f(y_true, y_pred)`: one column of probabilities where `column` is given, weights where it takes them."""
    names = {each.name for each in _parameters(function)}
    more = dict(extra)
    order = _sorted_columns(task) if needs == "probabilities" and _is_of_sklearn(function) else None
    if "labels" in names and needs == "probabilities":  # a fold may lack a class
        more.setdefault("labels", label_array([task.classes[each] for each in order or range(task.n_outputs)]))
    elif "labels" in names and task.ordered and "weights" in extra:  # a kappa goes by the order of its labels
        more.setdefault("labels", label_array(task.classes))
    if task.like is TaskKind.BINARY and "pos_label" in names:
        more.setdefault("pos_label", task.classes[_positive(function, extra, task)])
    takes_weights = "sample_weight" in names and "sample_weight" not in more
    return FunctionScore(function, more, column, takes_weights, order if column is None else None)


def _positive(function: Callable[..., Any], extra: Mapping[str, Any], task: Task) -> int:
    """Return which of two classes a function takes for the one that is looked for: its `pos_label`, else the second.

    Functions of scikit-learn without that argument take the later in sorted order.
    """
    usual = {each.name: each.default for each in _parameters(function)}
    label = extra.get("pos_label", usual.get("pos_label"))
    if "pos_label" in usual and label is not None and label in task.classes:
        return task.classes.index(label)
    if "pos_label" not in usual and _is_of_sklearn(function):
        return task.classes.index(max(task.classes))
    return 1


def _sorted_columns(task: Task) -> tuple[int, ...] | None:
    """Return the classes' numbers in sorted order, in which scikit-learn's functions expect probabilities, or None."""
    order = tuple(sorted(range(len(task.classes)), key=lambda number: task.classes[number])) if task.ordered else ()
    return order if order != tuple(range(len(order))) else None


def _is_of_sklearn(function: Callable[..., Any]) -> bool:
    return str(getattr(function, "__module__", "")).startswith("sklearn.")


@dataclass(frozen=True, slots=True)
class FunctionScore:
    """Calls `f(y_true, y_pred)` as a metric.

    column: of two classes' probabilities the one that it gets; order: the classes' numbers in the order in which it
    wants their probabilities, None for that of the task.
    """

    function: Callable[..., Any]
    extra: Mapping[str, Any] = field(default_factory=dict)
    column: int | None = None
    takes_weights: bool = False
    order: tuple[int, ...] | None = None

    def __call__(self, target: Array, predictions: Array, weights: Array | None) -> float:
        """Return the function's score."""
        given = predictions if self.column is None else predictions[:, self.column]
        given = given if self.order is None else given[:, list(self.order)]
        more = {"sample_weight": weights} if weights is not None and self.takes_weights else {}
        return float(self.function(target, given, **self.extra, **more))


def _tried(spec: MetricSpec, task: Task) -> MetricSpec:
    """Call a user's metric once on made-up predictions, so that a function that cannot work is refused at once."""
    target, predictions = _made_up(task, np.random.default_rng(0))
    try:
        with quiet_warnings():
            score_predictions(spec, task, target, predictions)
    except Exception as error:
        raise OptionError(
            f"The metric function {spec.name!r} failed on a trial call with {spec.needs}: {type(error).__name__}: "
            f"{error}. Expected f(y_true, y_pred) that returns one number; give it the attribute "
            f"needs = 'probabilities' if it wants class probabilities, or 'labels' if it wants labels."
        ) from error
    return spec


def _made_up(task: Task, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return a target and predictions of it, each class with some rows."""
    if task.targets:
        made = [_made_up(replace(each, parts=()), rng) for each in task.targets]
        n_rows = min(len(target) for target, _ in made)
        parts = [part[:n_rows, -block.width :] for block, (_, part) in zip(task.blocks, made, strict=True)]
        return np.column_stack([target[:n_rows] for target, _ in made]), np.hstack(parts)
    if task.classes:
        target = np.tile(np.arange(len(task.classes)), 30)
        return target, rng.dirichlet(np.ones(len(task.classes)), len(target))
    return rng.uniform(1.0, 2.0, 60), rng.uniform(1.0, 2.0, (60, 1))


def _parameters(function: Callable[..., Any]) -> tuple[inspect.Parameter, ...]:
    try:
        return tuple(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):  # built-in functions may have no signature
        return ()
