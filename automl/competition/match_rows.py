"""Match rows: which row of the test table each row of the submission is, or what is wrong with their ids."""

from __future__ import annotations

import numpy as np
import pandas as pd

from automl.competition.nouns import Columns, Guess, SubmissionRows, Tables, Wishes, listed
from automl.competition.read_files import key_texts
from automl.errors import InputError
from automl.vocabulary.arrays import Array, Rows

BETWEEN = "\x1f"
"""Stands between the parts of an id of several columns; no text of a table has it."""


def match_rows(tables: Tables, columns: Columns, wishes: Wishes) -> SubmissionRows:
    """Return the rows of the submission: those of the sample in its order, else those of the test table.

    An InputError names rows without an id, ids that are there twice, and ids that only one of the two tables has.
    """
    numbered = not columns.test_keys
    test_ids = None if numbered else _checked_ids(tables, columns, wishes)
    if tables.sample_text is None:
        names = [name for name, _ in columns.keys]
        ids = (
            pd.DataFrame(index=range(len(tables.test.frame))) if test_ids is None else test_ids.set_axis(names, axis=1)
        )
        return SubmissionRows(ids, np.arange(len(tables.test.frame)))
    sample_ids = tables.sample_text[[name for name, _ in columns.keys]]
    if test_ids is None:
        return _in_order(tables, sample_ids)
    return _by_id(tables, sample_ids, test_ids)


def check_ids(ids: pd.DataFrame, name: str) -> None:
    """Refuse rows without an id, and ids that several rows have."""
    empty = (ids.apply(lambda column: column.str.strip()) == "").any(axis=1).to_numpy()
    if empty.any():
        raise InputError(
            f"{name} has {int(empty.sum()):,} rows without {_called(ids)}, such as row {_row(empty)}; expected one in "
            f"each row. Fill them, or name another column with --id."
        )
    keys = joined(ids)
    twice = keys.duplicated()
    if twice.any():
        first = keys[twice].iloc[0]
        at = np.flatnonzero(keys.to_numpy() == first)[:2] + 1
        raise InputError(
            f"{name} has {int(twice.sum()):,} rows whose {_called(ids)} another row has already, such as "
            f"{_shown(first)} in rows {at[0]:,} and {at[1]:,}; expected each once. Check that the "
            f"file is whole, or name the columns that tell rows apart with --id."
        )


def joined(ids: pd.DataFrame) -> pd.Series:
    """Return one text for each row's id."""
    return pd.Series([BETWEEN.join(row) for row in ids.itertuples(index=False)], index=ids.index, dtype=object)


def find_rows(wanted: pd.Series, known: pd.Series) -> Rows:
    """Return the place of each id among the known ones, -1 where it is not there.

    Ids are compared as they are written; where some differ, as numbers: "1.0", "01" and "1" are then the same.
    """
    places = pd.Index(known).get_indexer(pd.Index(wanted))
    if (places >= 0).all():
        return np.asarray(places)
    numbers, among = pd.Index(_as_numbers(known)), pd.Index(_as_numbers(wanted))
    return np.asarray(numbers.get_indexer(among) if numbers.is_unique else places)


def _checked_ids(tables: Tables, columns: Columns, wishes: Wishes) -> pd.DataFrame:
    """Return the test table's ids; what it reads as missing, such as NA, is none."""
    names = columns.test_keys
    ids = key_texts(tables.test, names, wishes).reset_index(drop=True)
    missing = tables.test.frame[list(names)].isna().reset_index(drop=True)
    ids = ids.mask(missing.set_axis(ids.columns, axis=1), "")
    check_ids(ids, tables.test.name)
    return ids


def _in_order(tables: Tables, ids: pd.DataFrame) -> SubmissionRows:
    n_rows, sample = len(tables.test.frame), "the sample" if tables.sample is None else tables.sample.name
    if len(ids) != n_rows:
        raise InputError(
            f"{sample} has {len(ids):,} rows and {tables.test.name} {n_rows:,}, and no column tells which is which; "
            f"expected as many. Check that the files belong together."
        )
    if ids.shape[1]:
        check_ids(ids, sample)
    return SubmissionRows(ids, np.arange(n_rows))


def _by_id(tables: Tables, ids: pd.DataFrame, test_ids: pd.DataFrame) -> SubmissionRows:
    sample, test = "the sample" if tables.sample is None else tables.sample.name, tables.test.name
    check_ids(ids, sample)
    wanted, known = joined(ids), joined(test_ids)
    places = find_rows(wanted, known)
    if (places < 0).any():
        strange = [_shown(each) for each in wanted[places < 0].head(3)]
        raise InputError(
            f"{sample} has {int((places < 0).sum()):,} of {len(wanted):,} ids that {test} has not, such as "
            f"{listed(strange)}; expected rows of {test}. Check that the files belong together, or name the id with "
            f"--id."
        )
    left = len(known) - len(places)
    guesses: tuple[Guess, ...] = ()
    if left:
        reason = (
            f"those of {sample}; the other {left:,} rows of {test} are not in it. Leave out the sample to submit all"
        )
        guesses = (Guess("rows", f"{len(places):,}", reason),)
    return SubmissionRows(ids, places, guesses)


def _as_numbers(ids: pd.Series) -> pd.Series:
    numbers = pd.to_numeric(ids, errors="coerce")
    return numbers if numbers.notna().all() else ids.str.strip()


def _shown(key: str) -> str:
    return f"({key.replace(BETWEEN, ', ')})" if BETWEEN in key else repr(key)


def _called(ids: pd.DataFrame) -> str:
    return f"{' and '.join(map(repr, ids.columns))}"


def _row(marks: Array) -> str:
    return f"{int(np.flatnonzero(marks)[0]) + 1:,}"
