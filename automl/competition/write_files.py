"""Write the files: a checked submission and the predictions to blend with later, each whole or not at all."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from automl.competition.find_form import labels_as_text
from automl.competition.nouns import Form, Outputs, SubmissionRows, Tables, Wanted, listed
from automl.errors import InputError, OptionError
from automl.plugin_api.specs import MetricSpec
from automl.vocabulary.arrays import Array
from automl.vocabulary.outputs import by_block, decided_by_block, output_names

MOST_TOLD = 4
"""Targets that are told of what was written, where there are several."""
ROUNDING = 1e-6
"""By how much probabilities read from a file may miss a sum of 1."""


def check_places(outputs: Outputs, read: Sequence[Path]) -> None:
    """Refuse places that cannot be written, and files that are read, before any time is spent."""
    if outputs.submission.suffix != ".csv":
        raise OptionError(f"Found the output {str(outputs.submission)!r}; expected a name that ends in .csv.")
    taken = {path.resolve() for path in read}
    for place in (outputs.submission, outputs.out_of_fold, outputs.test_predictions, outputs.record):
        if place.resolve() in taken:
            raise OptionError(f"{str(place)!r} would be written over a file that is read. Choose another --output.")
        if place.is_dir():
            raise OptionError(f"{str(place)!r} is a folder; expected a place for a file. Choose another --output.")
    try:
        outputs.submission.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"The folder of {str(outputs.submission)!r} cannot be made: {error}.") from error
    if not os.access(outputs.submission.parent, os.W_OK):
        raise InputError(f"The folder of {str(outputs.submission)!r} cannot be written to. Choose another --output.")


def submission_frame(
    outputs: Array, decided: Array, rows: SubmissionRows, wanted: Wanted, tables: Tables
) -> pd.DataFrame:
    """Return the submission: the sample's columns in its order.

    outputs: `(n_test_rows, n_outputs)`; decided: the same, with its largest in a row where the label is.
    """
    given = outputs[rows.test_rows], decided[rows.test_rows]
    values = _of_targets(*given, wanted) if wanted.each else list(_values(*given, wanted).T)
    frame = rows.ids.assign(**dict(zip(wanted.columns, values, strict=True)))
    if tables.sample_text is None:
        return frame
    return frame[list(tables.sample_text.columns)]


def _of_targets(outputs: Array, decided: Array, wanted: Wanted) -> list[Array]:
    """Return what is submitted of each of several targets, `(n_rows,)` each."""
    numbers, columns = decided_by_block(decided, wanted.task), []
    for number, (each, (_, part)) in enumerate(zip(wanted.each, by_block(outputs, wanted.task), strict=True)):
        if each.form is Form.LABELS:
            labels = np.asarray(each.written or labels_as_text(wanted.task.targets[number].classes), dtype=object)
            columns.append(labels[np.minimum(numbers[:, number].astype(np.int64), len(labels) - 1)])
        else:
            columns.append(part[:, -1] if each.form is Form.PROBABILITY else _allowed(part[:, 0], wanted.metric))
    return columns


def _values(outputs: Array, decided: Array, wanted: Wanted) -> Array:
    if wanted.form is Form.VALUES:
        return _allowed(outputs[:, list(wanted.classes_of)] if wanted.classes_of else outputs, wanted.metric)
    if wanted.form is Form.PROBABILITY:
        return outputs[:, [wanted.positive]]
    labels = np.asarray(wanted.written or labels_as_text(wanted.task.classes), dtype=object)
    if wanted.form is Form.LABELS:
        return np.asarray(labels[decided.argmax(axis=1)][:, None])
    if wanted.form is Form.RANKED:
        best = np.argsort(-outputs, axis=1, kind="stable")[:, : wanted.ranks]
        return np.asarray([" ".join(labels[row]) for row in best], dtype=object)[:, None]
    padded = np.concatenate([outputs, np.zeros((len(outputs), 1))], axis=1)
    return padded[:, list(wanted.classes_of)]


def _allowed(values: Array, metric: MetricSpec) -> Array:
    return values if math.isinf(metric.least) else np.maximum(values, metric.least)


def write_submission(frame: pd.DataFrame, rows: SubmissionRows, wanted: Wanted, tables: Tables, path: Path) -> str:
    """Check the submission, write it, compare what was written with the sample, and say in words what was checked."""
    _check(frame, wanted)
    separator = "," if tables.sample is None else tables.sample.layout.separator[-1:].replace("+", " ")
    write_atomically(path, frame.to_csv(index=False, sep=separator))
    written = pd.read_csv(path, sep=separator, dtype=str, keep_default_na=False)
    keys = list(rows.ids.columns)
    expected = frame.columns if tables.sample_text is None else tables.sample_text.columns
    if list(written.columns) != list(expected) or len(written) != len(rows.ids):
        raise InputError(
            f"{str(path)!r} has the columns {listed(list(written.columns))}; expected {listed(list(expected))}."
        )
    if keys and not (written[keys].to_numpy() == rows.ids.to_numpy()).all():
        raise InputError(f"The ids in {str(path)!r} are not those of the sample. Another program may have changed it.")
    like = tables.test.name if tables.sample is None else tables.sample.name
    ids = f"ids and order as in {like}, " if keys else f"order as in {tables.test.name}, "
    return f"{len(written):,} rows, {ids}columns {listed(list(expected))}, nothing missing; {_told(frame, wanted)}"


def _check(frame: pd.DataFrame, wanted: Wanted) -> None:
    """Refuse a submission with missing values, or of another kind than asked for: no such thing is ever written."""
    given = frame[list(wanted.columns)]
    if given.isna().any(axis=None):
        raise InputError(f"{int(given.isna().sum().sum())} predictions are missing; the submission is not written.")
    parts = [(each.form, given[[name]]) for each, name in zip(wanted.each, wanted.columns, strict=False)]
    if not all(_is_of_form(part, form) for form, part in parts or [(wanted.form, given)]):
        raise InputError("The predictions are not the finite numbers or probabilities asked for; nothing is written.")


def _is_of_form(given: pd.DataFrame, form: Form) -> bool:
    """Tell whether columns of a submission hold labels, or finite numbers of the form."""
    if form in (Form.LABELS, Form.RANKED):
        return True
    numbers = given.to_numpy(dtype=np.float64)
    fine = bool(np.isfinite(numbers).all())
    if form is not Form.VALUES:
        fine &= bool((numbers >= 0.0).all() and (numbers <= 1.0).all())
    if form is Form.CLASS_COLUMNS:
        fine &= bool(np.abs(numbers.sum(axis=1) - 1.0).max() <= ROUNDING)
    return fine


def _told(frame: pd.DataFrame, wanted: Wanted) -> str:
    """Return in words what a submission holds; of several targets of each of the first ones."""
    if not wanted.each:
        return _told_of(frame[list(wanted.columns)], wanted.form, wanted.ranks)
    pairs = zip(wanted.each, wanted.columns, strict=True)
    return listed([f"{name}: {_told_of(frame[[name]], each.form, 0)}" for each, name in pairs], MOST_TOLD)


def _told_of(given: pd.DataFrame, form: Form, ranks: int) -> str:
    if form is Form.LABELS:
        counts = Counter(given.iloc[:, 0]).most_common()
        return "labels " + listed([f"{label} ({count:,} x)" for label, count in counts], 6)
    if form is Form.RANKED:
        return f"{ranks} labels in each row"
    numbers = given.to_numpy(dtype=np.float64)
    what = "values" if form is Form.VALUES else "probabilities"
    return f"{what} from {numbers.min():.5g} to {numbers.max():.5g}"


def prediction_columns(outputs: Array, wanted: Wanted) -> dict[str, Array]:
    """Return predictions as columns: one of values or of the probability asked for, else one for each output."""
    if wanted.kept_by is not None:
        return {"prediction": outputs[:, wanted.kept_by]}
    names = labels_as_text(wanted.task.classes) if wanted.task.classes else output_names(wanted.task)
    return {f"prediction_{name}": outputs[:, place] for place, name in enumerate(names)}


def outputs_of(frame: pd.DataFrame, wanted: Wanted) -> Array | None:
    """Return `(n_rows, n_outputs)` from what `prediction_columns` made; None where columns are missing."""
    n_outputs = wanted.task.n_outputs
    names = list(prediction_columns(np.zeros((1, n_outputs)), wanted))
    if any(name not in frame.columns for name in names):
        return None
    numbers = frame[names].apply(pd.to_numeric, errors="coerce").to_numpy(dtype=np.float64)
    if wanted.kept_by is None or n_outputs == 1:
        return np.asarray(numbers)
    pair = np.concatenate([1.0 - numbers, numbers], axis=1)
    return np.asarray(pair if wanted.positive == 1 else pair[:, ::-1])


def write_table(path: Path, frame: pd.DataFrame) -> None:
    """Write a CSV, whole or not at all."""
    write_atomically(path, frame.to_csv(index=False))


def write_atomically(path: Path, text: str) -> None:
    """Write text to a file that is there whole or, after whatever went wrong, as it was."""
    part: Any = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8", newline="")
        os.replace(part, path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise InputError(f"{str(path)!r} cannot be written: {error}. Choose another place with --output.") from error
