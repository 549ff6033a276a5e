"""Describe the classes: put the texts that a user gave for labels to the classes that a target has."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from automl.errors import OptionError, unknown_name
from automl.vocabulary.labels import plain_label
from automl.vocabulary.task import Task


def describe_classes(task: Task, label_texts: tuple[tuple[Any, tuple[str, ...]], ...]) -> Task:
    """Return the task with the texts of each class, none for a class that has none.

    A label may be given as the text that it is written as. Raises OptionError for one that is no class.
    """
    if not label_texts:
        return task
    if not task.classes:
        raise OptionError(
            f"Found label_texts, which say what the classes of one target are, for a {task.kind.value} task, which has "
            f"no such classes. Leave the option out, or predict one target of classes."
        )
    found: dict[Any, tuple[str, ...]] = {}
    by_text = {str(label): label for label in task.classes}
    for given, texts in label_texts:
        label = plain_label(given)
        label = label if label in task.classes else by_text.get(str(label))
        if label is None:
            unknown = unknown_name("label in the option label_texts", given, task.classes)
            raise OptionError(
                f"{unknown} Expected classes of the target {task.target!r} that some row has; leave the others out, or "
                f"add rows of them."
            )
        found[label] = (*found.get(label, ()), *texts)
    return replace(task, descriptions=tuple(found.get(label, ()) for label in task.classes))


def with_described_rows(target: Any, label_texts: tuple[tuple[Any, tuple[str, ...]], ...]) -> Any:
    """Return a target with one more row of each label that a single row has and a text describes: that is a row, too.

    The rows that are added stand at the end. A target of several columns stays as it is.
    """
    if not label_texts or not isinstance(target, pd.Series):
        return target
    try:
        single = target[~target.duplicated(keep=False)]
    except TypeError:  # such as lists, which are refused with their reason when the target is read
        return target
    described = {str(plain_label(label)) for label, _ in label_texts}
    named = [str(plain_label(label)) in described for label in single]
    return pd.concat([target, single[named]], ignore_index=True) if any(named) else target
