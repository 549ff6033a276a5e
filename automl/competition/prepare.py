"""Prepare: read a competition's files, find out what they ask for, and refuse whatever does not fit together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from automl.competition.find_columns import find_columns
from automl.competition.find_form import find_form, target_of
from automl.competition.find_forms import find_forms
from automl.competition.match_rows import match_rows
from automl.competition.nouns import Columns, Guess, SubmissionRows, Tables, Wanted, Wishes
from automl.competition.read_files import doubts_of, key_texts, read_tables, told_of, with_labels
from automl.competition.runs import ROW, Run, read_run, train_ids
from automl.competition.spell_labels import spell_classes
from automl.errors import InputError
from automl.registry import Registry
from automl.vocabulary.arrays import Array

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything found in the files and checked; what is left is to fit, to join and to write."""

    tables: Tables
    columns: Columns
    wanted: Wanted
    rows: SubmissionRows
    guesses: tuple[Guess, ...]
    train_ids: pd.DataFrame
    test_ids: pd.DataFrame
    earlier: tuple[Run, ...]

    @property
    def target(self) -> pd.Series | pd.DataFrame:
        """The train table's target, missing values included; a frame of several."""
        return target_of(self.tables, self.columns)

    @property
    def has_target(self) -> Array:
        """Which rows of the train table have a value of each target, `(n_rows,)`."""
        there = self.target.notna()
        return np.asarray(there.all(axis=1) if isinstance(there, pd.DataFrame) else there)


def prepare(files: tuple[Any, Any, Any], wishes: Wishes, registry: Registry, tell: Tell) -> Prepared:
    """Read the files and find out what they ask for; whatever does not fit is refused here."""
    tables = read_tables(*files, wishes)
    for guess in told_of(tables):
        tell(guess.line)
    asked = registry.tasks.get(wishes.task or "")
    columns = find_columns(tables, wishes, apart=asked is not None and asked.several)
    tables, texts = with_labels(tables, columns, wishes)
    doubts = doubts_of(tables)
    for guess in (*columns.guesses, *doubts):
        tell(guess.line)
    wanted = (find_forms if columns.several else find_form)(tables, columns, wishes, registry)
    wanted = _spelled(wanted, tables, columns, texts)
    _check_groups(wanted, tables, wishes)
    rows = match_rows(tables, columns, wishes)
    for guess in (*wanted.guesses, *rows.guesses):
        tell(guess.line)
    ids, test_ids = train_ids(tables, columns, wishes), _test_ids(tables, columns, wishes)
    earlier = tuple(read_run(path, ids, test_ids, wanted, wishes) for path in wishes.blend)
    guesses = (*told_of(tables), *columns.guesses, *doubts, *wanted.guesses, *rows.guesses)
    return Prepared(tables, columns, wanted, rows, guesses, ids, test_ids, earlier)


def _check_groups(wanted: Wanted, tables: Tables, wishes: Wishes) -> None:
    """Refuse a test table without the groups that its rows are predicted by."""
    name = wishes.groups
    if wanted.by_group and name is not None and name not in tables.test.frame.columns:
        raise InputError(
            f"{tables.test.name} has no column {name!r}; expected it, as a {wanted.task.kind.value} predicts the rows "
            f"of a group together. Add it to {tables.test.name}."
        )


def _spelled(wanted: Wanted, tables: Tables, columns: Columns, texts: Mapping[str, tuple[str, ...]]) -> Wanted:
    """Return what is wanted with the classes of each target as the submission is to write them."""
    target, sample = target_of(tables, columns), tables.sample_text
    if isinstance(target, pd.Series):
        cells = texts.get(columns.target, ())
        return replace(wanted, written=spell_classes(wanted.task.classes, wanted.columns, target, cells, sample))
    triples = zip(wanted.each, wanted.task.targets, wanted.columns, strict=True)
    each = [
        replace(
            form, written=spell_classes(task.classes, (name,), target[task.target], texts.get(task.target, ()), sample)
        )
        for form, task, name in triples
    ]
    return replace(wanted, each=tuple(each))


def _test_ids(tables: Tables, columns: Columns, wishes: Wishes) -> pd.DataFrame:
    if columns.test_keys:
        return key_texts(tables.test, columns.test_keys, wishes).reset_index(drop=True)
    return pd.DataFrame({ROW: [str(number) for number in range(len(tables.test.frame))]}, dtype=object)
