"""Ordinal regression for automl: classes in an order, such as ratings from 1 to 5, where a near miss is a small one.

Models of other tasks serve it in two ways: those of classes as they are, those of values by the ranks of the classes.
A label is the class with the least expected squared distance, which is what quadratic weighted kappa charges for.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from automl.plugin_api import (
    Array,
    BorrowedLearner,
    BuildRequest,
    Dataset,
    Finding,
    FitContext,
    InputError,
    Learner,
    Loan,
    MetricSpec,
    ReportTable,
    Severity,
    TargetColumn,
    Task,
    TaskKind,
    TaskSpec,
    hookimpl,
)

ORDINAL = TaskKind("ordinal")
HELD_OUT = 0.25
"""Share of the training rows that show how far a model of values is off on rows it has not seen."""
LEAST_SPREAD = 0.1
"""Ranks that it is off at least, so that no class is impossible where all of few rows were right."""
FEW_ROWS = 10


# --- the target


def take(target: TargetColumn) -> tuple[Task, Array]:
    """Return the classes in their order, and each row's rank: numbers are in order, and so are ordered categories."""
    task, ranks = target.as_classes(ORDINAL)
    if not task.ordered and not all(isinstance(label, int | float) for label in task.classes):
        raise InputError(
            f"The classes of {target.name!r} have no order: {list(task.classes)[:5]}. Expected numbers or ordered "
            f"categories; say the order by pandas.Categorical(values, ['low', 'middle', 'high'], ordered=True)."
        )
    return replace(task, ordered=True), ranks


def audit(dataset: Dataset, n_folds: int) -> Iterator[Finding]:
    """Yield classes of so few rows that their place in the order is hardly learnt."""
    classes, counts = dataset.task.classes, np.bincount(dataset.target, minlength=len(dataset.task.classes))
    for label, count in zip(classes, counts.tolist(), strict=True):
        if count < max(FEW_ROWS, n_folds):
            found = f"the class {label!r} has {count} rows"
            done = "kept; models of values learn its place from its neighbours"
            yield Finding(Severity.NOTE, "target", dataset.task.target, found, done, "Join it with a neighbour.")


# --- from outputs to labels


def decide(outputs: Array, task: Task) -> Array:
    """Return the rank with the least expected squared distance: the nearest to the expected rank."""
    expected = outputs @ np.arange(len(task.classes)) / np.maximum(outputs.sum(axis=1), 1e-12)
    return np.clip(np.round(expected), 0, len(task.classes) - 1).astype(np.int64)


def mean_distance(target: Array, ranks: Array, weights: Array | None) -> float:
    """Return by how many ranks labels are off on average."""
    return float(np.average(np.abs(target - ranks), weights=weights))


# --- in reports


def show(target: Array, outputs: Array, decided: Array, task: Task) -> Iterator[ReportTable]:
    """Yield how many rows are how many ranks off."""
    off = np.abs(decided.argmax(axis=1) - target)
    counts = np.bincount(off)
    rows = tuple((str(ranks), f"{count:,}", f"{count / len(off):.1%}") for ranks, count in enumerate(counts.tolist()))
    yield ReportTable("How far labels are off", "0 ranks off is right.", ("ranks off", "rows", "share"), rows)


# --- models of other tasks


def as_classes(task: Task) -> Task:
    """Return the task of a model of classes, to which their order says nothing."""
    kind = TaskKind.BINARY if len(task.classes) == 2 else TaskKind.MULTICLASS
    return Task(kind, task.target, task.classes)


def as_values(task: Task) -> Task:
    """Return the task of a model of values: to predict the rank."""
    return Task(TaskKind.REGRESSION, task.target)


def lend_classes(request: BuildRequest, build) -> Learner:
    inner = as_classes(request.task)
    return BorrowedLearner(build(BuildRequest(inner, request.params)), inner)


def lend_values(request: BuildRequest, build) -> Learner:
    inner = BuildRequest(as_values(request.task), request.params)
    return RankLearner(build(inner), build(inner), request.task)


class RankLearner(BorrowedLearner):
    """Predicts the rank as a value, and spreads it over the classes as far as it is off on rows it has not seen.

    The value with a normal error falls between the cut points 0.5, 1.5, ... as an ordered probit model has it
    (McCullagh, "Regression models for ordinal data", JRSS B 1980), with the cut points fixed.
    """

    def __init__(self, inner: Learner, trial: Learner, task: Task) -> None:
        super().__init__(inner, as_values(task))
        self.trial = trial
        self.n_classes = len(task.classes)
        self.spread = 1.0

    def fit(self, train: Dataset, valid: Dataset | None, context: FitContext) -> None:
        rng = np.random.default_rng(context.seed)
        held = np.zeros(train.n_rows, dtype=bool)
        held[rng.permutation(train.n_rows)[: max(1, round(HELD_OUT * train.n_rows))]] = True
        if held.all() or len(np.unique(train.target[~held])) < 2:
            held[:] = False
        if held.any():
            shown, hidden = rows_of(train, ~held), rows_of(train, held)
            left = context.seconds_left()
            first = replace(context, deadline=context.deadline.within(0.45 * left)) if np.isfinite(left) else context
            self.trial.fit(self.turned(shown), self.turned(hidden), first)
            off = self.trial.predict(hidden.features)[:, 0] - hidden.target
            self.spread = max(LEAST_SPREAD, float(np.sqrt(np.average(off**2, weights=hidden.weights))))
        self.trial = None
        super().fit(train, valid, context)

    def there(self, target: Array) -> Array:
        return target.astype(np.float64)

    def back(self, outputs: Array) -> Array:
        from scipy.special import ndtr

        cuts = np.arange(self.n_classes - 1) + 0.5
        below = ndtr((cuts - np.asarray(outputs, dtype=np.float64)) / self.spread)
        return np.diff(below, axis=1, prepend=0.0, append=1.0)


def rows_of(data: Dataset, chosen: Array) -> Dataset:
    """Return some of the rows."""
    features = data.features[chosen] if hasattr(data.features, "tocsr") else data.features.iloc[chosen]
    weights = None if data.weights is None else data.weights[chosen]
    groups = None if data.groups is None else data.groups[chosen]
    return replace(
        data, features=features, target=data.target[chosen], weights=weights, groups=groups, rows=data.rows[chosen]
    )


# --- what is offered

TASK = TaskSpec(
    name="ordinal",
    take=take,
    metric="quadratic_kappa",
    evaluated=("quadratic_kappa", "rank_distance", "accuracy", "log_loss"),
    decide=decide,
    audit=audit,
    loans=(Loan(as_classes, lend_classes), Loan(as_values, lend_values, fits=2.0)),
    submits=("labels", "class columns"),
    shows=show,
)
RANK_DISTANCE = MetricSpec("rank_distance", mean_distance, False, 0.0, "labels", frozenset({ORDINAL}))


@hookimpl
def automl_tasks() -> list[TaskSpec]:
    return [TASK]


@hookimpl
def automl_metrics() -> list[MetricSpec]:
    return [RANK_DISTANCE]
