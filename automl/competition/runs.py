"""Runs: out-of-fold and test predictions, of this fit or of files, laid over the rows of the train table."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from automl.competition.match_rows import check_ids, find_rows, joined
from automl.competition.nouns import OOF, RECORD, TEST, Columns, Tables, Wanted, Wishes, listed
from automl.competition.read_files import key_texts
from automl.competition.write_files import outputs_of, prediction_columns
from automl.errors import InputError, OptionError
from automl.fit_table import Fit
from automl.given_rows import features_of
from automl.table.files.read_table import read_file
from automl.table.files.read_text import Asked
from automl.vocabulary.arrays import Array, Rows
from automl.vocabulary.places import place_of
from automl.vocabulary.task import Task

FOLD, ROW = "fold", "row"


@dataclass(frozen=True, slots=True)
class Run:
    """Predictions of one fit, or of one blend.

    rows: `(n_covered,)`, ascending: the train table's rows that have an out-of-fold prediction; folds: the number of
    each one's fold. outputs: `(n_covered, n_outputs)`; test: `(n_test_rows, n_outputs)`, in the test table's order.
    ends: of each target the least and the most that was predicted, infinite where there is no such end; none at all
    where nothing is known of them, as in files of other programs.
    """

    name: str
    rows: Rows
    folds: Rows
    outputs: Array
    test: Array
    ends: tuple[tuple[float, float], ...] = ()


def train_ids(tables: Tables, columns: Columns, wishes: Wishes) -> pd.DataFrame:
    """Return what names each row of the train table: its id where that tells all rows apart, else its number from 0."""
    names = columns.test_keys
    if names and all(name in tables.train.frame.columns for name in names):
        ids = key_texts(tables.train, names, wishes).reset_index(drop=True)
        if (ids != "").all(axis=None) and joined(ids).is_unique:
            return ids
    return pd.DataFrame({ROW: [str(number) for number in range(len(tables.train.frame))]}, dtype=object)


def run_of_fit(fit: Fit, name: str, has_target: Array, features: pd.DataFrame) -> Run:
    """Return the predictions of what has just been fitted; `has_target` tells which train rows it was given."""
    outcome, fitted = fit.outcome, fit.fitted
    if outcome is None:
        raise OptionError(
            "Found a search that has finished in the folder `path`; its out-of-fold predictions, which a competition "
            "needs, are not kept. Expected a new folder, or path=None."
        )
    n_rows = int(has_target.sum())
    fold_of = np.full(n_rows, -1, dtype=np.int64)
    for number, fold in reversed(list(enumerate(outcome.plan.folds))):  # a row validated twice counts for the first
        fold_of[fold.valid] = number
    test = fitted.predictor.predict_outputs(features_of(fitted, features), fitted.n_jobs)
    rows = np.flatnonzero(has_target)[outcome.covered]
    ends = ends_of(fitted.predictor.task)
    return Run(name, rows, fold_of[outcome.covered], np.asarray(outcome.cross_fitted), test, ends)


def out_of_fold_frame(run: Run, ids: pd.DataFrame, wanted: Wanted) -> pd.DataFrame:
    """Return the out-of-fold predictions as a table: id, fold, prediction."""
    chosen = ids.iloc[run.rows].reset_index(drop=True)
    made = pd.DataFrame({FOLD: run.folds, **prediction_columns(run.outputs, wanted)})
    return pd.concat([chosen, made], axis=1)


def test_frame(run: Run, ids: pd.DataFrame, wanted: Wanted) -> pd.DataFrame:
    """Return the test predictions as a table: id, prediction."""
    return pd.concat([ids.reset_index(drop=True), pd.DataFrame(prediction_columns(run.test, wanted))], axis=1)


def find_runs(given: Sequence[Path]) -> tuple[Path, ...]:
    """Return the out-of-fold files that are meant: each given itself, beside a submission, or in a folder."""
    found: list[Path] = []
    for path in map(place_of, given):
        if path.is_dir():
            inside = sorted(path.glob(f"*{OOF}"))
            if not inside:
                raise InputError(f"The folder {str(path)!r} has no file NAME{OOF}; expected those of an earlier run.")
            found += inside
            continue
        stem = str(path).removesuffix(OOF).removesuffix(TEST).removesuffix(RECORD).removesuffix(".csv")
        if not Path(stem + OOF).is_file():
            raise InputError(
                f"There is no file {stem + OOF!r} to blend. Expected a folder, a submission with its NAME{OOF} beside "
                f"it, or a NAME{OOF} itself."
            )
        found.append(Path(stem + OOF))
    if len({path.resolve() for path in found}) < len(found):
        raise OptionError(f"--blend names a run twice: {listed([str(path) for path in found])}. Name each once.")
    return tuple(found)


def read_run(path: Path, ids: pd.DataFrame, test_ids: pd.DataFrame, wanted: Wanted, wishes: Wishes) -> Run:
    """Read NAME_oof.csv, with NAME_test.csv beside it; an InputError where they are not of these tables."""
    stem = str(path).removesuffix(OOF)
    ends = _read_record(Path(stem + RECORD), wanted, wishes)
    table = _read_texts(path)
    lacking = [name for name in (*ids.columns, FOLD) if name not in table.columns]
    outputs = outputs_of(table, wanted)
    if lacking or outputs is None:
        expected = [*ids.columns, FOLD, *prediction_columns(np.zeros((1, wanted.task.n_outputs)), wanted)]
        raise InputError(f"{str(path)!r} has the columns {listed(list(table.columns))}; expected {listed(expected)}.")
    rows = _places(table[list(ids.columns)], ids, path, "the train table")
    test_path = Path(stem + TEST)
    if not test_path.is_file():
        raise InputError(
            f"There is no file {str(test_path)!r}; expected the run's test predictions beside {path.name!r}."
        )
    test = _read_test(test_path, test_ids, wanted)
    if not np.isfinite(outputs).all():
        raise InputError(f"{str(path)!r} has predictions that are missing or no numbers; expected one in each row.")
    order = np.argsort(rows)
    folds = pd.factorize(table[FOLD])[0][order]
    return Run(str(Path(stem)), rows[order], folds, outputs[order], test, ends)


def ends_of(task: Task) -> tuple[tuple[float, float], ...]:
    """Return the ends of each target of a task."""
    return tuple(each.ends for each in task.targets or (task,))


def within_ends(task: Task, runs: Sequence[Run]) -> Task | None:
    """Return the task with the widest ends of its targets that runs were fitted with; None where no run knows any."""
    known = [run.ends for run in runs if run.ends]
    if not known:
        return None
    ends = [(min(low for low, _ in each), max(high for _, high in each)) for each in zip(*known, strict=True)]
    if not task.targets:
        return replace(task, ends=ends[0])
    return replace(task, targets=tuple(replace(one, ends=own) for one, own in zip(task.targets, ends, strict=True)))


def only_rows(run: Run, rows: Rows) -> Run:
    """Return a run's predictions for those of its rows that are among these."""
    kept = np.isin(run.rows, rows)
    return replace(run, rows=run.rows[kept], folds=run.folds[kept], outputs=run.outputs[kept])


def check_alike(run: Run, other: Run) -> None:
    """Refuse to join runs whose out-of-fold predictions are of other rows, or over other folds."""
    if len(run.rows) != len(other.rows) or (run.rows != other.rows).any():
        only, more = np.setdiff1d(run.rows, other.rows), np.setdiff1d(other.rows, run.rows)
        raise InputError(
            f"{run.name!r} and {other.name!r} predict other rows of the train table: {len(only):,} are in the first "
            f"alone, {len(more):,} in the second. Expected the same rows; fit one of them again over the other's folds."
        )
    pairs = {(int(first), int(second)) for first, second in zip(run.folds, other.folds, strict=True)}
    n_first, n_second = len(np.unique(run.folds)), len(np.unique(other.folds))
    if not len(pairs) == n_first == n_second:
        raise InputError(
            f"{run.name!r} was made over {n_first} folds and {other.name!r} over {n_second}, and rows that share a "
            f"fold in one do not in the other. Expected the same folds: a fit with --blend takes those of what it "
            f"joins."
        )


def _read_record(path: Path, wanted: Wanted, wishes: Wishes) -> tuple[tuple[float, float], ...]:
    """Compare with what the run's record says, where it has one; return the ends that it names."""
    if not path.is_file():
        return ()
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        there = {name: record.get(name) for name in ("target", "time_column", "positive")}
        ends = tuple(
            (-math.inf if least is None else float(least), math.inf if most is None else float(most))
            for least, most in record.get("ends") or ()
        )
    except (ValueError, TypeError, AttributeError, OSError) as error:
        raise InputError(f"The run's record {str(path)!r} cannot be read: {error}. Remove it, or run again.") from error
    here: dict[str, Any] = {"target": wanted.told_target, "time_column": wishes.time_column}
    if wanted.asked_class is not None:
        here["positive"] = wanted.asked_class
    for name, value in here.items():
        if there[name] != value:
            raise InputError(
                f"{str(path)!r} says {name} {there[name]!r}, here it is {value!r}; expected the same. Give the option, "
                f"or leave that run out."
            )
    if ends and len(ends) != len(wanted.task.target_names):
        raise InputError(
            f"{str(path)!r} names the ends of {len(ends)} targets; expected {len(wanted.task.target_names)}. Remove "
            f"it, or run again."
        )
    return ends


def _read_test(path: Path, ids: pd.DataFrame, wanted: Wanted) -> Array:
    table = _read_texts(path)
    outputs = outputs_of(table, wanted)
    lacking = [name for name in ids.columns if name not in table.columns]
    if lacking or outputs is None or not np.isfinite(outputs).all():
        expected = [*ids.columns, *prediction_columns(np.zeros((1, wanted.task.n_outputs)), wanted)]
        raise InputError(
            f"{str(path)!r} has the columns {listed(list(table.columns))}; expected {listed(expected)}, with a number "
            f"in each row."
        )
    places = _places(ids, table[list(ids.columns)], path, "the test table", turned=True)
    return np.asarray(outputs[places])


def _places(wanted: pd.DataFrame, known: pd.DataFrame, path: Path, table: str, *, turned: bool = False) -> Rows:
    check_ids(known if turned else wanted, str(path))
    places = find_rows(joined(wanted), joined(known))
    if (places < 0).any():
        who, whose = (table, str(path)) if turned else (str(path), table)
        raise InputError(
            f"{who} has {int((places < 0).sum()):,} of {len(places):,} rows that are not in {whose}; expected the "
            f"same rows. It was made from other files."
        )
    return places


def _read_texts(path: Path) -> pd.DataFrame:
    return read_file(path, Asked(text=None))[0]
