"""Compete: from a competition's files to a submission. Read this first; each line calls one step."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from automl.artifact import installed_versions
from automl.competition.join_runs import join_runs
from automl.competition.nouns import CompetitionResult, Outputs, Wishes
from automl.competition.prepare import Prepared, Tell, prepare
from automl.competition.runs import (
    Run,
    find_runs,
    only_rows,
    out_of_fold_frame,
    run_of_fit,
    test_frame,
    within_ends,
)
from automl.competition.write_files import check_places, submission_frame, write_submission, write_table
from automl.competition.write_record import write_record
from automl.errors import OptionError
from automl.fit_table import Fit
from automl.fitted_model import seed_of
from automl.registry import Registry, discover_quietly
from automl.saved_estimator import plain_options
from automl.steps.plan.choose_ensemblers import allowed_ensemblers
from automl.steps.plan.find_ends import with_ends
from automl.steps.plan.find_missing import at_hand
from automl.steps.plan.order_rows import sortable_time
from automl.steps.plan.parse_settings import parse_settings, parse_task_options
from automl.steps.plan.parse_values import parse_decimal
from automl.steps.plan.read_targets import encode_targets
from automl.steps.score.decide_first import by_own_decision
from automl.steps.score.judge import Judge
from automl.table.take_table import Extras
from automl.vocabulary.arrays import Array, Rows
from automl.vocabulary.outputs import decided_outputs
from automl.vocabulary.places import place_of


@dataclass(frozen=True, slots=True)
class Competitor:
    """What competes: an estimator's options, and its search over a table, a target, extras and options found."""

    options: Mapping[str, Any]
    search: Callable[[pd.DataFrame, str | list[str], Extras, Mapping[str, Any]], Fit]


@dataclass(frozen=True, slots=True)
class Predicted:
    """The predictions to submit, what they promise, and what there is to say of them."""

    run: Run
    score: float
    interval: tuple[float, float]
    factors: Array | None
    notes: tuple[str, ...]
    blended: tuple[tuple[str, float, float], ...] = ()
    kind: str = ""


def compete(
    competitor: Competitor, files: tuple[Any, Any, Any], output: str | Path, wishes: Wishes, tell: Tell
) -> CompetitionResult:
    """Find out what is asked for, fit, predict, check and write.

    files: train, test and sample, each a path or a frame, the sample None where there is none. `tell` is given each
    guess as one line, before any time is spent on fits.
    """
    started = time.monotonic()
    registry = discover_quietly(competitor.options["plugins"])
    outputs = Outputs.beside(place_of(output))
    wishes = replace(wishes, blend=find_runs(wishes.blend), decimal=parse_decimal(competitor.options["decimal"]))
    wishes = replace(wishes, options=parse_task_options(competitor.options))
    check_places(outputs, [*(place_of(each) for each in files if isinstance(each, str | Path)), *wishes.blend])
    prepared = prepare(files, wishes, registry, tell)
    found = _found_options(competitor.options, prepared, wishes)
    fit = _fit(competitor, prepared, wishes, found) if wishes.fit else None
    predicted = None if fit is None else _predicted_by(fit, prepared, wishes)
    if prepared.earlier:
        predicted = _blend(prepared, predicted, registry, wishes, competitor.options)
    if predicted is None:
        raise OptionError("There is nothing to do: --no-fit was given and nothing to --blend. Leave one out.")
    checked = _write(prepared, predicted, outputs, wishes)
    facts = {
        "seconds": round(time.monotonic() - started, 1),
        "metric": prepared.wanted.metric.name,
        "score": predicted.score,
        "interval": list(predicted.interval),
        "ensemble": predicted.kind,
        "blended": [dict(zip(("name", "score", "weight"), each, strict=True)) for each in predicted.blended],
        "notes": list(predicted.notes),
        "checked": checked,
        "ends": [[end if np.isfinite(end) else None for end in each] for each in predicted.run.ends],
        **_facts_of(competitor.options, fit, registry),
    }
    write_record(prepared, wishes, outputs, facts)
    return CompetitionResult(
        submission=outputs.submission,
        out_of_fold=outputs.out_of_fold,
        test_predictions=outputs.test_predictions,
        record=outputs.record,
        metric=prepared.wanted.metric.name,
        score=predicted.score,
        interval=predicted.interval,
        guesses=prepared.guesses,
        notes=predicted.notes,
        checked=checked,
        blended=predicted.blended,
    )


def _found_options(options: Mapping[str, Any], prepared: Prepared, wishes: Wishes) -> dict[str, Any]:
    """Return the options of the search that follow from the files, and from the folds of what is joined."""
    wanted, named = prepared.wanted, wishes.metric is None or isinstance(wishes.metric, str)
    found = {"metric": wanted.metric.name if named else wishes.metric, "task": wanted.task.kind.value}
    if prepared.earlier and wishes.fit and wishes.time_column is None:
        if options["cv"] is not None:
            raise OptionError("Found both cv and blend; the folds are those of what is joined. Leave out cv.")
        from sklearn.model_selection import PredefinedSplit

        fold_of_row = np.full(len(prepared.train_ids), -1)  # a row that none of them predicts always trains
        fold_of_row[prepared.earlier[0].rows] = prepared.earlier[0].folds
        found["cv"] = PredefinedSplit(fold_of_row)
    parse_settings({**options, **found})
    return found


def _features_of(prepared: Prepared, wishes: Wishes) -> list[str]:
    return [name for name in prepared.columns.features if name != wishes.groups]


def _fit(competitor: Competitor, prepared: Prepared, wishes: Wishes, found: Mapping[str, Any]) -> Fit:
    """Search on the features, without the id; the test table is compared with the train table on the way."""
    features, target = _features_of(prepared, wishes), prepared.wanted.told_target
    given = features if wishes.groups is None else [*features, wishes.groups]
    values = prepared.target if isinstance(prepared.target, pd.DataFrame) else prepared.target.rename(target)
    table = pd.concat([prepared.tables.train.frame[given], values], axis=1)
    extras = Extras(wishes.groups, None, wishes.time_column, prepared.tables.test.frame[features])
    return competitor.search(table, target, extras, found)


def _predicted_by(fit: Fit, prepared: Prepared, wishes: Wishes) -> Predicted:
    given = _features_of(prepared, wishes)
    given += [wishes.groups] if prepared.wanted.by_group and wishes.groups is not None else []
    fitted, rows = fit.fitted, prepared.tables.test.frame[given]
    run = run_of_fit(fit, "this run", prepared.has_target, rows)
    factors = fitted.predictor.factors
    return Predicted(run, fitted.score, fitted.interval, factors, tuple(fitted.notes), (), fitted.ensemble)


def _blend(
    prepared: Prepared, own: Predicted | None, registry: Registry, wishes: Wishes, options: Mapping[str, Any]
) -> Predicted:
    notes = () if own is None else own.notes
    runs = [*prepared.earlier, *([] if own is None else [own.run])]
    if own is not None and len(np.setdiff1d(runs[0].rows, own.run.rows)) > 0:
        notes = (
            *notes,
            f"There was time for some folds only; the blend is judged by their {len(own.run.rows):,} rows.",
        )
        runs = [only_rows(run, own.run.rows) for run in runs]
    rows = runs[0].rows
    target = encode_targets(prepared.target.iloc[rows], prepared.wanted.task)
    groups = None
    if wishes.groups is not None:
        groups = np.asarray(pd.factorize(prepared.tables.train.frame[wishes.groups].iloc[rows])[0])
    settings, wanted = parse_settings(options), prepared.wanted
    allowed, _ = at_hand(allowed_ensemblers(settings.ensemble, tuple(registry.ensemblers.values()), wanted.task))
    metric = by_own_decision(wanted.metric, wanted.task, wanted.decide, wanted.by_group)
    task = within_ends(wanted.task, runs)
    if task is None:  # all are of other programs
        task = with_ends(wanted.task, target, groups, _time_of(rows, prepared, wishes))
    judge = Judge(metric, task, target, groups=groups, units=groups)
    joined = join_runs(runs, judge, tuple(allowed.values()), settings.random_state)
    return Predicted(joined.run, joined.score, joined.interval, joined.factors, notes, joined.members, joined.kind)


def _time_of(rows: Rows, prepared: Prepared, wishes: Wishes) -> Array | None:
    """Return the time of some rows of the train table, as numbers in its order; None without a time column."""
    if wishes.time_column is None:
        return None
    return sortable_time(prepared.tables.train.frame[wishes.time_column].iloc[rows])


def _write(prepared: Prepared, predicted: Predicted, outputs: Outputs, wishes: Wishes) -> str:
    """Write submission, out-of-fold and test predictions; return what was checked of the first."""
    run, wanted = predicted.run, prepared.wanted
    groups = None
    if wanted.by_group and wishes.groups is not None:
        groups = np.asarray(pd.factorize(prepared.tables.test.frame[wishes.groups])[0])
    decided = decided_outputs(run.test, wanted.task, predicted.factors, wanted.decide, groups)
    frame = submission_frame(run.test, decided, prepared.rows, wanted, prepared.tables)
    checked = write_submission(frame, prepared.rows, wanted, prepared.tables, outputs.submission)
    write_table(outputs.out_of_fold, out_of_fold_frame(run, prepared.train_ids, wanted))
    write_table(outputs.test_predictions, test_frame(run, prepared.test_ids, wanted))
    return checked


def _facts_of(options: Mapping[str, Any], fit: Fit | None, registry: Registry) -> dict[str, Any]:
    """Return settings, seed and, where there was a fit, its folds, members and versions."""
    facts: dict[str, Any] = {"settings": plain_options(options), "seed": seed_of(options)}
    if fit is None or fit.outcome is None:
        return facts
    board = fit.fitted.leaderboard
    members = board[board["weight"] > 0].sort_values("weight", ascending=False)
    return {
        **facts,
        "folds": fit.outcome.plan.description,
        "ended": str(fit.outcome.reason),
        "members": members[["model", "weight", "score", "folds", "params"]].to_dict("records"),
        "not_run": fit.fitted.failures[["model", "stage", "count", "cause"]].to_dict("records"),
        "versions": installed_versions(fit.fitted.predictor, registry),
    }


def say_nothing(line: str) -> None:
    """Keep what was found for the result alone."""
