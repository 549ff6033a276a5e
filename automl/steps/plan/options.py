"""Options: the one table of what a user can set, from which all that knows of options draws.

A new option is one entry here. `python docs/generate_code.py` then writes the constructor, its docstring and the
settings of a search, `python docs/generate.py` the pages; the command lines and the parser read the table themselves.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from automl.steps.plan.parse_values import (
    parse_count,
    parse_cv,
    parse_dates,
    parse_decimal,
    parse_jobs,
    parse_kinds,
    parse_label_texts,
    parse_levels,
    parse_memory,
    parse_names,
    parse_path,
    parse_row_seconds,
    parse_seconds,
    parse_seed,
    parse_task,
    parse_text,
    parse_truth,
    parse_verbose,
)
from automl.vocabulary.options import Flag, Option, Setting, Shown, as_typed

FOUND = "What is found in the files, unless given"
SEARCH = "The search"
"""Panels of the help of `automl compete`."""


def split_names(text: str | None) -> list[str] | None:
    """Return the names in "a, b"; None where the option was not given."""
    return None if text is None else [name.strip() for name in text.split(",") if name.strip()]


def by_column(given: list[str] | None) -> dict[str, str] | None:
    """Return what "COLUMN=WORD" says of each column, and "WORD" of all, under ""; None where nothing was given."""
    pairs = [each.rpartition("=") for each in given or ()]
    return {name: word for name, _, word in pairs} if pairs else None


def by_label(given: list[str] | None) -> dict[str, list[str]] | None:
    """Return the texts that "LABEL=TEXT" says of each label; None where nothing was given."""
    found: dict[str, list[str]] = {}
    for each in given or ():
        label, _, text = each.partition("=")
        found.setdefault(label, []).append(text)
    return found or None


def time_or_none(text: str) -> str | None:
    """Return a time as it is; None for "none"."""
    return None if text.lower() == "none" else text


def names_or_none(text: str | None) -> Iterable[str]:
    """Return the names in "a, b"; no name where the option was not given."""
    return split_names(text) or ()


def repeated(given: list[str] | None) -> tuple[str, ...]:
    """Return what was given each time."""
    return tuple(given or ())


def some_names(value: Any, name: str, example: Iterable[str]) -> tuple[str, ...]:
    """Return names; none for None."""
    return parse_names(value, name, example) or ()


_SOME_TEXTS = list[str] | None
_TABLE = (
    Option(
        "time_limit", "float | str | None", 300,
        'seconds for the whole of `fit`, or a text such as "10m"; None where `max_trials` ends the search.',
        Setting("float | None", "300.0", parse_seconds),
        Flag(str, read=time_or_none),
        Shown(
            "Time for everything, such as 90s, 10m, 1.5h; none to end by --max-trials alone.", "5m", after="target"
        ),
        Shown(
            "Time to search, such as 90s, 10m, 1h; none to end by --max-trials.", "10m", SEARCH, after="separator"
        ),
        may_change=True,
    ),
    Option(
        "max_trials", "int | None", None,
        "number of candidates, the baseline among them; with `time_limit=None` the result depends neither on the clock "
        "nor on `n_jobs`.",
        Setting("int | None", "None", partial(parse_count, name="max_trials")),
        Flag(int | None),
        Shown("Most candidates to try."),
        Shown("Most candidates to try.", panel=SEARCH, after="time_limit"),
        may_change=True,
    ),
    Option(
        "metric", "Any", None,
        'what to optimise: a name ("roc_auc", "log_loss", "rmse", ...), a function `f(y_true, y_pred)`, or a '
        "scikit-learn scorer. Default: roc_auc for two classes, log_loss for more, rmse for numbers.",
        Setting("Any", "None", as_typed),
        Flag(str | None),
        Shown("What to optimise, such as roc_auc, log_loss, rmse."),
        Shown("What it is scored by: auc, log_loss, rmsle, qwk, map@3, ...", panel=FOUND, after="model"),
        of_user=True,
    ),
    Option(
        "task", "str | None", None,
        '"binary", "multiclass", "classification", "regression", or None to find it from the target; of several '
        'targets "multilabel", "multioutput_regression", "multioutput".',
        Setting("str | None", "None", parse_task),
        Flag(str | None),
        Shown("binary, multiclass, classification or regression; by default from the target."),
        Shown("binary, multiclass, classification or regression.", panel=FOUND, after="identifier"),
    ),
    Option(
        "quantiles", "Any", None,
        'for task="quantile": the levels to predict, each above 0 and below 1, such as [0.05, 0.5, 0.95]; None for '
        "0.05, 0.25, 0.5, 0.75 and 0.95.",
        Setting("tuple[float, ...] | None", "None", parse_levels),
        Flag(str | None, read=split_names),
        Shown("Levels to predict, with commas between, such as 0.05,0.5,0.95; for --task quantile.", after="task"),
        Shown("Levels to predict, with commas between; for --task quantile.", panel=FOUND, after="task"),
        of_task=True,
    ),
    Option(
        "models", "Any", None,
        "names of models to try, or to leave out; `automl plugins` lists them.",
        Setting(
            "tuple[str, ...] | None", "None", partial(parse_names, name="models", example=["lightgbm", "linear"])
        ),
        Flag(str | None, read=split_names),
        Shown("Names of the models to try, with commas between."),
        Shown("Models to try, with commas between.", panel=SEARCH, after="max_trials"),
    ),
    Option(
        "exclude", "Any", (),
        "",
        Setting("tuple[str, ...]", "()", partial(some_names, name="exclude", example=["svm", "network"])),
        Flag(str | None, read=names_or_none),
        Shown("Names of models to leave out, with commas between."),
        Shown("Models to leave out, with commas between.", panel=SEARCH),
    ),
    Option(
        "cv", "Any", None,
        "number of folds, a scikit-learn splitter, or (train, valid) index pairs; None chooses by rows and budget.",
        Setting("Any", "None", parse_cv),
        Flag(int | None),
        Shown("Number of folds; by default by rows and budget."),
        Shown("Number of folds.", panel=SEARCH),
        kept_by="reread", may_change=True, of_user=True,
    ),
    Option(
        "ensemble", "str", "auto",
        '"auto", "voting", "weighted", "stacking", or "none" for the best single candidate.',
        Setting("str", '"auto"', partial(parse_text, name="ensemble", example="auto")),
        Flag(str),
        Shown("auto, voting, weighted, stacking or none.", "auto"),
        Shown("auto, voting, weighted, stacking or none.", "auto", SEARCH, after="decimal"),
    ),
    Option(
        "random_state", "Any", None,
        "seed of every random choice, 0 by default; with one `notes_` says what makes a fit unrepeatable.",
        Setting("int", "0", parse_seed),
        Flag(int | None, "seed"),
        Shown("Seed of every random choice; 0 by default.", after="refit"),
        Shown("Seed of every random choice; 0 by default.", panel=SEARCH, after="memory_limit"),
    ),
    Option(
        "n_jobs", "int | None", -1,
        "cores to use; -1 for all. On a cluster, see `executor`, how many fits at once in all.",
        Setting("int", "1", parse_jobs),
        Flag(int, "jobs"),
        Shown("Cores to use; -1 for all.", -1, after="ensemble"),
        Shown("Cores to use; -1 for all.", -1, SEARCH, after="ensemble"),
        may_change=True,
    ),
    Option(
        "memory_limit", "Any", None,
        '"8GB", or gigabytes; None takes 80 % of what is free. On a cluster that of each machine.',
        Setting("float", "4096.0", parse_memory, "memory_limit_mb"),
        Flag(str | None),
        Shown("Memory to use, such as 8GB."),
        Shown("Memory to use, such as 8GB.", panel=SEARCH),
        may_change=True,
    ),
    Option(
        "verbose", "int", 1,
        "0 silent, 1 progress, 2 each fold.",
        Setting("int", "1", parse_verbose),
        Flag(instead=("--quiet", "--verbose")),
        may_change=True,
    ),
    Option(
        "path", "str | None", None,
        "folder for working files and the fitted predictor; the same call goes on there where it was stopped. None "
        "keeps nothing on disk.",
        Setting("str | None", "None", parse_path),
        Flag(instead=("--output",)),
        may_change=True, of_machine=True,
    ),
    Option(
        "strategy", "str", "portfolio",
        'what decides what to try; where fits run, such as "dask:tcp://HOST:8786" or "ray".',
        Setting("str", '"portfolio"', partial(parse_text, name="strategy", example="portfolio")),
    ),
    Option(
        "executor", "str", "process_slots",
        "",
        Setting("str", '"process_slots"', partial(parse_text, name="executor", example="process_slots")),
        Flag(str),
        Shown("Where fits run: dask:tcp://HOST:8786 or ray for a cluster.", "process_slots", after="memory_limit"),
        Shown("Where fits run: dask:tcp://HOST:8786 or ray for a cluster.", "process_slots", SEARCH, "memory_limit"),
        may_change=True, of_machine=True,
    ),
    Option(
        "predict_time_limit", "float | None", None,
        "seconds that predicting a row may take as one of many, on one core. Members then have fewer fold models, else "
        "the dearest for their weight are left out; `notes_` says what it costs. None for no limit.",
        Setting("float | None", "None", parse_row_seconds),
        Flag(float | None),
        Shown("Most seconds to predict a row of many.", after="memory_limit"),
    ),
    Option(
        "refit", "bool | None", None,
        "whether each member's fold models give way to one model fitted on all rows, as far as time allows: faster to "
        "predict with and smaller, often less accurate than the mean of several. Scores stay those of the fold models. "
        "None for yes where folds are in order of time, whose models have not seen the newest rows.",
        Setting("bool | None", "None", partial(parse_truth, name="refit")),
        Flag(bool | None),
        Shown("Fit each member again on all rows, to predict sooner; by default where folds are in time."),
    ),
    Option(
        "track", "Any", (),
        'names of tools that keep the course of the search: "mlflow", "tensorboard", or "tensorboard:FOLDER" and '
        '"mlflow:EXPERIMENT" to say where.',
        Setting("tuple[str, ...]", "()", partial(some_names, name="track", example=["mlflow", "tensorboard"])),
        Flag(_SOME_TEXTS, read=repeated),
        Shown("Tool that keeps the course: mlflow, tensorboard, or tensorboard:FOLDER. Repeatable.", after="unlabeled"),
        may_change=True, of_machine=True,
    ),
    Option(
        "dates", "Any", None,
        'how dates as text are read, where day and month can be confused: "dmy", "mdy" or "ymd", or by column, such as '
        '{"billed": "dmy", "born": "%d.%m.%y", "code": "no"}; None tells it from the values.',
        Setting("Asked", "field(default_factory=Asked)", parse_dates, "asked", "dates"),
        Flag(_SOME_TEXTS, read=by_column),
        Shown("Order of day and month: dmy, mdy, ymd, or of one column: COLUMN=dmy. Repeatable."),
        Shown(
            "Order of day and month: dmy, mdy, ymd, or of one column: COLUMN=dmy. Repeatable.", panel=FOUND,
            after="column",
        ),
    ),
    Option(
        "decimal", "Any", None,
        'the decimal sign of numbers as text that can be read in two ways, such as "1,234": "." or ",", or by column; '
        "None tells it from the values.",
        Setting("Asked", "field(default_factory=Asked)", parse_decimal, "asked", "decimal"),
        Flag(_SOME_TEXTS, read=by_column),
        Shown("Decimal sign of numbers as text, or of one column: COLUMN=SIGN."),
        Shown("Decimal sign of numbers as text, or of one column: COLUMN=SIGN.", panel=FOUND),
    ),
    Option(
        "columns", "Any", None,
        'the kind of some columns, where values mislead: {"zip": "categorical", "remark": "text", "x": "ignored"}.',
        Setting("tuple[tuple[str, ColumnKind], ...]", "()", parse_kinds),
        Flag(_SOME_TEXTS, "column", by_column),
        Shown("Kind of a column: NAME=text, categorical, numeric, boolean, datetime, ignored. Repeatable."),
        Shown("Kind of a column: NAME=text, NAME=ignored. Repeatable.", panel=SEARCH, after="time_column"),
    ),
    Option(
        "label_texts", "Any", None,
        'texts that say what classes are, one or several for each: {"refund": "I want my money back", "fees": ["a fee '
        'I do not know", "why am I charged"]}. Models that read text as it is use them; they help where rows are few.',
        Setting("tuple[tuple[Any, tuple[str, ...]], ...]", "()", parse_label_texts),
        Flag(_SOME_TEXTS, "label_text", by_label),
        Shown("Text that says what a class is: LABEL=TEXT. Repeatable.", after="column"),
    ),
    Option(
        "plugins", "Any", (),
        "modules or objects with hook implementations, or names of modules, to use a plugin that is not packaged.",
        None,
        of_machine=True, of_user=True,
    ),
)  # fmt: skip
OPTIONS = {option.name: option for option in _TABLE}
"""Every option by its name, in the order of the constructor."""
