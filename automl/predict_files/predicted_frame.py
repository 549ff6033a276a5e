"""Predicted frame: the predictions of rows as the columns that are written."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from automl.errors import InputError, OptionError, unknown_name
from automl.predict_files.nouns import Model, Wanted
from automl.vocabulary.arrays import Array
from automl.vocabulary.outputs import output_names
from automl.vocabulary.task import Task


def predicted_frame(model: Model, table: pd.DataFrame, wanted: Wanted) -> pd.DataFrame:
    """Return the predictions: the identifier if wanted, then the target, or a column for each of several."""
    task, identifier = model.task_, wanted.identifier
    check_wanted(task, table.columns, wanted)
    names, _ = _names(task, wanted)
    if wanted.probabilities:
        predictions = _probabilities(model, table, names)
    else:
        found = model.predict(table)
        predictions = pd.DataFrame({names[0]: found}) if found.ndim == 1 else pd.DataFrame(found, columns=names)
        predictions = predictions.infer_objects() if task.targets else predictions
    if wanted.interval is not None:
        ends, own = model.predict_interval(table, wanted.interval), _ends_of(task)
        predictions[own] = ends.reshape(len(predictions), len(own))
    if wanted.labels is not None:
        sets, classes = model.predict_set(table, wanted.labels), model.classes_
        pairs = zip(classes, sets, strict=True) if task.targets else [(classes, sets)]
        for name, (labels, found) in zip(_sets_of(task), pairs, strict=True):
            predictions[name] = joined_labels(labels, found)
    if identifier is not None:
        predictions.insert(0, identifier, table[identifier].to_numpy())
    return predictions


def _probabilities(model: Model, table: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    found = model.predict_proba(table)
    if not isinstance(found, list) and found.ndim == 1:
        raise OptionError(
            "--probabilities is for rows of one prediction each; those of this table hold lists. Give one row for each "
            "element, or leave the option out."
        )
    return pd.DataFrame(np.hstack(found) if isinstance(found, list) else found, columns=names)


def check_wanted(task: Task, columns: Iterable[str], wanted: Wanted) -> None:
    """Refuse what the model does not predict, and an identifier that is no column, or has the name of one."""
    identifier, columns = wanted.identifier, list(columns)
    if identifier is not None and identifier not in columns:
        raise InputError(unknown_name("column for --id", identifier, columns))
    if wanted.probabilities and not task.has_some_classes:
        raise OptionError("--probabilities is for classification; this model predicts numbers. Leave the option out.")
    names, beside = _names(task, wanted)
    if identifier in (*names, *beside):
        raise OptionError(
            f"Found --id {identifier!r}, which is also the name of a column of predictions; expected one of another "
            f"name. Rename it in the table, or leave --id out."
        )


def joined_labels(classes: Iterable[Any], sets: Array) -> list[str]:
    """Return the labels of each set with a bar between; one within a label is written with a backslash before it."""
    names = [str(label).replace("|", "\\|") for label in classes]
    return ["|".join(name for name, is_in in zip(names, row, strict=True) if is_in) for row in sets.tolist()]


def predict_columns(task: Task) -> list[str]:
    """Return the names of what `predict` gives: the target, each of several, or one for each number that a row has."""
    return list(task.target_names) if task.classes or task.targets else output_names(task)


def probability_columns(task: Task) -> list[str]:
    """Return the names of what `predict_proba` gives: each class, each of several labels, or each target's classes."""
    if not task.targets:
        return [str(label) for label in task.classes]
    pairs = zip(task.targets, task.blocks, strict=True)
    of_classes = [bool(each.classes) for each, block in pairs for _ in range(block.width)]
    return [name for name, counts in zip(output_names(task), of_classes, strict=True) if counts]


def _names(task: Task, wanted: Wanted) -> tuple[list[str], list[str]]:
    """Return the names of the predictions' columns, and of those beside them."""
    names = probability_columns(task) if wanted.probabilities else predict_columns(task)
    beside = _ends_of(task) if wanted.interval is not None else []
    return names, beside + (_sets_of(task) if wanted.labels is not None else [])


def _ends_of(task: Task) -> list[str]:
    """Return the names of the ends of intervals, two for each target that is a value."""
    return [f"{each.target}_{end}" for each in task.targets or (task,) if not each.classes for end in ("low", "high")]


def _sets_of(task: Task) -> list[str]:
    """Return the names of the sets of labels, one for each target of classes."""
    return [f"{each.target}_set" for each in task.targets or (task,) if each.classes]
