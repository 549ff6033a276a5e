"""Prepare: read a competition's files, find out what they ask for, and refuse whatever does not fit together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from automl.competition.find_columns import find_columns
from automl.competition.find_form import find_form, target_of
from automl.competition.match_rows import match_rows
from automl.competition.nouns import Columns, Guess, SubmissionRows, Tables, Wanted, Wishes
from automl.competition.read_files import doubts_of, key_texts, read_tables, told_of, with_labels
from automl.competition.runs import ROW, Run, read_run, train_ids
from automl.competition.spell_labels import spell_classes
from automl.registry import Registry

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
    def target(self) -> pd.Series:
        """The train table's target, missing values included."""
        return target_of(self.tables, self.columns)


def prepare(files: tuple[Any, Any, Any], wishes: Wishes, registry: Registry, tell: Tell) -> Prepared:
    """Read the files and find out what they ask for; whatever does not fit is refused here."""
    tables = read_tables(*files, wishes)
    for guess in told_of(tables):
        tell(guess.line)
    columns = find_columns(tables, wishes)
    tables, written = with_labels(tables, columns, wishes)
    doubts = doubts_of(tables)
    for guess in (*columns.guesses, *doubts):
        tell(guess.line)
    wanted = find_form(tables, columns, wishes, registry)
    wanted = replace(wanted, written=spell_classes(wanted, target_of(tables, columns), written, tables.sample_text))
    rows = match_rows(tables, columns, wishes)
    for guess in (*wanted.guesses, *rows.guesses):
        tell(guess.line)
    ids, test_ids = train_ids(tables, columns, wishes), _test_ids(tables, columns, wishes)
    earlier = tuple(read_run(path, ids, test_ids, wanted, wishes) for path in wishes.blend)
    guesses = (*told_of(tables), *columns.guesses, *doubts, *wanted.guesses, *rows.guesses)
    return Prepared(tables, columns, wanted, rows, guesses, ids, test_ids, earlier)


def _test_ids(tables: Tables, columns: Columns, wishes: Wishes) -> pd.DataFrame:
    if columns.test_keys:
        return key_texts(tables.test, columns.test_keys, wishes).reset_index(drop=True)
    return pd.DataFrame({ROW: [str(number) for number in range(len(tables.test.frame))]}, dtype=object)
