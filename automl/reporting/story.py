"""Story: everything that a report or a model card tells of a fitted model, as plain rows, words and figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd

from automl.errors import InputError
from automl.fitted_model import Fitted
from automl.plugin_api.specs import MetricSpec
from automl.predictor import Predictor
from automl.registry import OWN_PACKAGE
from automl.report import schema_summary
from automl.reporting.certainty import tell_certainty
from automl.reporting.labelled import Labelled
from automl.reporting.page import NOTHING
from automl.saved_estimator import versions_of
from automl.steps.plan.options import OPTIONS
from automl.steps.review.note_run import note_unrepeatable
from automl.steps.review.review_predictions import Predicted, review_predictions
from automl.steps.score.judge import Judge
from automl.steps.score.resample_scores import draw_resamples, percentile_interval
from automl.vocabulary.arrays import Array
from automl.vocabulary.explained import Explained
from automl.vocabulary.review import ReportTable, Review
from automl.vocabulary.schema import ColumnKind
from automl.vocabulary.states import Status
from automl.vocabulary.task import Task

INTERVAL_DRAWS = 200
MOST_CLASSES = 20
NO_SLICES = "Slices are compared by what is lost in each row by itself, which predictions of this form do not tell."
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """The score on rows that were given for the report, with its interval."""

    score: float
    interval: tuple[float, float]
    n_rows: int
    origin: str


@dataclass(frozen=True, slots=True)
class Story:
    """What there is to tell.

    `review` is None for a model of an older version that has kept none; `explained` where no rows were there to
    measure on. `shown` are tables that the task adds, and those of intervals or sets. `models` has a row for each model
    that was, or might have been, tried: why it is in, or not. `grouped`: whether rows stand in groups.
    """

    title: str
    task: Task
    metric: MetricSpec
    score: float
    interval: tuple[float, float]
    ensemble: str
    asked: Pairs
    validated: Pairs
    other_scores: tuple[tuple[str, float], ...]
    notes: tuple[str, ...]
    board: pd.DataFrame
    models: pd.DataFrame
    failures: pd.DataFrame
    audit: pd.DataFrame
    columns: pd.DataFrame
    review: Review | None
    shown: tuple[ReportTable, ...]
    explained: Explained | None
    measured: Measured | None
    versions: Pairs
    grouped: bool = False


def tell_story(fitted: Fitted, explained: Explained | None, rows: Labelled | None) -> Story:
    """Return the story of a fit; `rows` are labelled ones to measure it on, where some are given."""
    facts: Mapping[str, Any] = {} if fitted.looked is None else fitted.looked.facts
    review = None if fitted.looked is None or not fitted.looked.review.n_rows else fitted.looked.review
    if review is None and rows is not None:
        review = _review_of(fitted, rows)
    board, failures = fitted.leaderboard, fitted.failures
    unrepeatable = note_unrepeatable(facts.get("unrepeatable", ()))  # which `validated` tells
    return Story(
        title=str(fitted.task.target),
        task=fitted.task,
        metric=fitted.metric,
        score=fitted.score,
        interval=fitted.interval,
        ensemble=fitted.ensemble,
        asked=_asked(fitted, facts),
        validated=_validated(facts),
        other_scores=tuple(facts.get("scores", {}).items()),
        notes=tuple(note for note in fitted.notes if note != unrepeatable),
        board=board,
        models=models_told(board, failures),
        failures=failures[failures["traceback"] != ""],
        audit=fitted.audit,
        columns=schema_summary(fitted.schema),
        review=review,
        shown=(
            *(_table_of(*each) for each in facts.get("shown", ())),
            *tell_certainty(fitted.calibrated, fitted.task.target_names),
        ),
        explained=explained,
        measured=None if rows is None else _measured(fitted, rows),
        versions=((OWN_PACKAGE, version(OWN_PACKAGE)), *_without_own(versions_of(fitted))),
        grouped=bool(facts.get("grouped")),
    )


def _table_of(title: str, about: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> ReportTable:
    return ReportTable(title, about, tuple(heads), tuple(map(tuple, rows)))


def kept_review(fitted: Fitted) -> Review:
    """Return what was kept of the cross-fitted predictions; an InputError where nothing was."""
    if fitted.looked is None or not fitted.looked.review.n_rows:
        if fitted.looked is not None and fitted.looked.facts.get("shown"):
            raise InputError(
                f"There is no such plot of a {fitted.task.kind.value} model, as a row's output tells nothing by "
                f"itself; report() and card() have tables of its predictions."
            )
        raise InputError(
            "Nothing was kept of this model's cross-fitted predictions: it was made without rows, or saved by an older "
            "version, or see failures() for why. Fit it anew."
        )
    return fitted.looked.review


def _without_own(versions: Mapping[str, str]) -> Pairs:
    return tuple((name, str(each)) for name, each in versions.items() if name != "ensemble-automl")


def _asked(fitted: Fitted, facts: Mapping[str, Any]) -> Pairs:
    task, metric = fitted.task, fitted.metric
    pairs = [("Target", str(task.target)), ("Task", task.kind.value)]
    labels = [str(label) for label in task.classes]
    if labels:
        more = f" and {len(labels) - MOST_CLASSES} more" if len(labels) > MOST_CLASSES else ""
        pairs.append((f"{len(labels)} classes", ", ".join(labels[:MOST_CLASSES]) + more))
    better = "greater" if metric.greater_is_better else "less"
    pairs.append(("Metric", f"{metric.name} ({better} is better, {metric.optimum:g} is perfect)"))
    if facts:
        pairs.append(("Table", f"{facts['n_rows']:,} rows with a target, {facts['n_columns']:,} columns"))
    given = [column for column in fitted.schema.columns if not column.part]
    counts = {kind: sum(column.kind is kind for column in given) for kind in ColumnKind}
    named = [f"{count} {kind.value}" for kind, count in counts.items() if count]
    pairs.append(("Columns", ", ".join(named)))
    options, defaults = fitted.options, {name: option.default for name, option in OPTIONS.items()}
    hidden = ("plugins", "path", "verbose")
    limit = options.get("time_limit")
    pairs.append(("Time limit", "none" if limit is None else f"{limit} s" if isinstance(limit, int | float) else limit))
    changed = [
        f"{name}={value!r}" for name, value in options.items()
        if name not in (*hidden, "time_limit") and repr(value) != repr(defaults.get(name))
    ]  # fmt: skip
    pairs.append(("Other options", ", ".join(changed) or "all at their defaults"))
    return tuple(pairs)


def _validated(facts: Mapping[str, Any]) -> Pairs:
    if not facts:
        return ()
    pairs = [
        ("Folds", str(facts["plan"])),
        ("Rows judged", f"{facts['n_judged']:,} of {facts['n_rows']:,}"),
        ("Weights of rows", "taken into account" if facts["weighted"] else "none; every row counts the same"),
        ("Groups", "rows of one group stay in one fold" if facts["grouped"] else "none given"),
    ]
    tried = [f"{name} {score:.5g}" for name, score, *_ in facts["considered"]]
    if tried:
        pairs.append(("Ensembles compared", ", ".join(tried)))
    pairs.append(("Time taken", spell_seconds(facts["seconds"])))
    pairs.append(("Ended because", str(facts.get("reason", ""))))
    if "unrepeatable" in facts:  # which models of older versions have not kept
        reasons = "; ".join(facts["unrepeatable"])
        pairs.append(("Repeatable", f"not to the last bit: {reasons}." if reasons else "to the last bit"))
    return tuple(pairs)


def models_told(board: pd.DataFrame, failures: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each model: how many candidates were tried, the best score, its weight, and why not more."""
    names = list(dict.fromkeys([*board["model"], *failures["model"]]))
    rows = []
    for name in names:
        own = board[board["model"] == name]
        causes = failures[failures["model"] == name]
        weight = float(own["weight"].sum())
        why = [f"{row.cause}" + (f" ({row.count} times)" if row.count > 1 else "") for row in causes.itertuples()]
        if len(own) and not weight:
            dropped = int((own["status"] == Status.DROPPED).sum())
            text = f"{dropped} of {len(own)} dropped after the first fold; " if dropped else ""
            began = "ended before all folds were fitted" if set(own["status"]) == {Status.PARTIAL} else ""
            why.insert(0, began or f"{text}the ensemble is no better with it")
        rows.append(
            {
                "model": name,
                "tried": len(own),
                "best": float(own["score"].iloc[0]) if len(own) else float("nan"),
                "weight": weight,
                "why": why,
            }
        )
    frame = pd.DataFrame(rows, columns=["model", "tried", "best", "weight", "why"])
    return frame.sort_values(["weight", "tried"], ascending=False, kind="stable", ignore_index=True)


def spell_seconds(seconds: float) -> str:
    """Return seconds as "48 s", "5 min 3 s" or "2 h 5 min"."""
    if seconds != seconds:  # an older model, of which it was not kept
        return NOTHING
    if seconds < 99.5:
        return f"{seconds:.0f} s" if seconds >= 9.95 else f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def _measured(fitted: Fitted, rows: Labelled) -> Measured:
    decide, outputs = fitted.predictor.decided, predict_labelled(fitted.predictor, rows)
    judge = Judge(fitted.metric, fitted.task, rows.target, groups=rows.groups, decide=decide)
    drawn = draw_resamples(judge, INTERVAL_DRAWS, fitted.seed)
    score = judge.score(outputs)
    interval = percentile_interval(score, drawn.scores(judge, outputs), drawn.shrink, fitted.metric)
    return Measured(score, interval, len(rows.target), rows.origin)


def predict_labelled(predictor: Predictor, rows: Labelled) -> Array:
    """Return `(n_rows, n_outputs)` predictions, each by models that have not seen the row where that is known."""
    outputs = np.empty((len(rows.target), predictor.task.n_outputs))
    for part, chosen in rows.parts(predictor):
        outputs[chosen] = part.predict_stored(rows.stored.iloc[chosen])
    return outputs


def _review_of(fitted: Fitted, rows: Labelled) -> Review:
    outputs = predict_labelled(fitted.predictor, rows)
    decided = fitted.predictor.decided(outputs, rows.groups)
    return review_predictions(Predicted(rows.target, outputs, decided, rows.stored), fitted.task, fitted.schema)
