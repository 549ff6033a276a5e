"""Find the columns: what tells rows apart, what is to be predicted, and what to train on, each with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from automl.competition.match_names import find_name, match_classes
from automl.competition.nouns import ROW_NUMBER, Columns, Guess, Table, Tables, Wishes, listed
from automl.competition.read_files import as_texts
from automl.errors import InputError, OptionError, unknown_name
from automl.table.columns.type_columns import as_text
from automl.table.readings.find_dates import find_dates
from automl.table.take_target import refuse_twice
from automl.vocabulary.task import in_words

MOST_CLASSES = 1_000
"""Most different values of a column that is held against a sample's columns as its classes."""
ONE_HOT = "automl_class"
"""Name of the target that is made from columns of 0 and 1."""


@dataclass(frozen=True, slots=True)
class _Keys:
    """Pairs of a sample's and the test table's name, the reason, and the sample's other columns."""

    pairs: tuple[tuple[str, str], ...]
    reason: str
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Target:
    """The train table's column to predict, the submission's columns for it, and the reason."""

    name: str
    given: tuple[str, ...]
    reason: str
    one_hot: tuple[str, ...] = ()
    several: tuple[str, ...] = ()


def find_columns(tables: Tables, wishes: Wishes, *, apart: bool = False) -> Columns:
    """Return which column is what; an InputError, that says what was found where, for files that do not fit.

    apart: whether columns of 0 and 1, of which each row has one 1, are targets each for itself, as was asked for.
    """
    keys = _keys_without_sample(tables, wishes) if tables.sample is None else _keys_of_sample(tables, wishes)
    target = _find_target(tables, keys, wishes, apart)
    guesses = [
        Guess("id", listed([name for name, _ in keys.pairs]) or "none", keys.reason),
        Guess("target", listed(target.one_hot or target.several) or target.name, target.reason),
    ]
    columns = Columns(keys.pairs, target.name, target.given, (), target.one_hot, several=target.several)
    features, more = _find_features(tables, columns, wishes)
    return replace(columns, features=features, guesses=(*guesses, *more))


# --- what tells rows apart


def _keys_of_sample(tables: Tables, wishes: Wishes) -> _Keys:
    sample, test = _sample(tables), tables.test
    names = [str(name) for name in sample.frame.columns]
    if wishes.identifier:
        pairs = _asked_keys(names, test, wishes.identifier, sample.name, tables.train)
        return _keys(pairs, "as asked", names)
    shared = [(name, found) for name in names if (found := find_name(name, test.frame.columns)) is not None]
    for target in wishes.targets:
        shared = [pair for pair in shared if find_name(target, [pair[0]]) is None]
    if shared and len(shared) == len(names):  # the test table has the target, too
        shared = [pair for pair in shared if find_name(pair[0], tables.train.frame.columns) is None] or shared[:1]
        shared = shared[:1] if len(shared) == len(names) else shared
    if shared:
        return _keys(shared, f"in {sample.name} and {test.name}", names)
    return _keys_by_content(tables, names)


def _keys_by_content(tables: Tables, names: list[str]) -> _Keys:
    """Find the id of a sample that shares no column's name with the test table: by its values, or as row numbers."""
    sample, test = _sample(tables), tables.test
    first = names[0]
    texts = set(as_texts(sample.frame[first]))
    if len(texts) == len(sample.frame):
        for name in test.frame.columns:
            if test.frame[name].nunique() == len(texts) and set(as_texts(test.frame[name])) == texts:
                return _keys(
                    [(first, str(name))], f"its values in {sample.name} are those of {name} in {test.name}", names
                )
    if len(sample.frame) != len(test.frame):
        raise InputError(
            f"{sample.name} has the columns {listed(names)} and {len(sample.frame):,} rows, {test.name} the columns "
            f"{listed(list(test.frame.columns))} and {len(test.frame):,} rows. Expected a column that both have, or as "
            f"many rows. Check that the files belong together, or name the id with --id."
        )
    in_train = find_name(first, tables.train.frame.columns) is not None
    if len(names) > 1 and not in_train and len(texts) == len(sample.frame):
        reason = f"{test.name} has no such column and as many rows: it numbers them in their order"
        return _keys([(first, ROW_NUMBER)], reason, names)
    reason = f"{sample.name} and {test.name} share no column and have as many rows: rows are in the order of the test"
    return _Keys((), reason, tuple(names))


def _keys_without_sample(tables: Tables, wishes: Wishes) -> _Keys:
    test = tables.test
    if wishes.identifier:
        pairs = _asked_keys(list(wishes.identifier), test, wishes.identifier, test.name, tables.train)
        return _Keys(tuple(pairs), "as asked")
    alone = [name for name in test.frame.columns if name not in tables.train.frame.columns]
    both = [name for name in test.frame.columns if name not in alone and _is_number_of_row(test.frame[name])]
    for names, where in ((alone, f"in {test.name} alone"), (both, "whole numbers")):
        for name in names:
            if test.frame[name].notna().all() and test.frame[name].is_unique:
                return _Keys(((name, name),), f"{where}, with a value of its own for each row")
    return _Keys((), f"no column of {test.name} has a value of its own for each row")


def _is_number_of_row(values: pd.Series) -> bool:
    return bool(pd.api.types.is_integer_dtype(values.dtype) and values.is_unique)


def _asked_keys(names: list[str], test: Table, asked: Sequence[str], where: str, train: Table) -> list[tuple[str, str]]:
    """Return the pairs of the columns asked for; one that only the sample has numbers the rows of the test table."""
    pairs = []
    for each in asked:
        name = find_name(each, names)
        if name is None:
            raise OptionError(f"{where}: " + unknown_name("column for --id", each, names))
        in_test = find_name(name, test.frame.columns)
        if in_test is None and find_name(name, train.frame.columns) is not None:
            raise InputError(
                f"--id names {name!r}, which {train.name} has and {test.name} has not, so nothing tells which row of "
                f"it a prediction is for. Add the column to {test.name}, or name one that both have."
            )
        pairs.append((name, in_test or ROW_NUMBER))
    if any(found == ROW_NUMBER for _, found in pairs) and len(pairs) > 1:
        raise OptionError(f"--id names {listed(asked)}; {test.name} has not all of them. Name columns that it has.")
    return pairs


def _keys(pairs: Sequence[tuple[str, str]], reason: str, names: Sequence[str]) -> _Keys:
    taken = {name for name, _ in pairs}
    return _Keys(tuple(pairs), reason, tuple(name for name in names if name not in taken))


# --- what is to be predicted


def _find_target(tables: Tables, keys: _Keys, wishes: Wishes, apart: bool) -> _Target:
    train = tables.train
    not_keys = [name for name in train.frame.columns if name not in {found for _, found in keys.pairs}]
    test_only_known = [name for name in not_keys if name not in tables.test.frame.columns]
    if wishes.targets:
        names = [_asked_target(name, train) for name in wishes.targets]
        return _Target(names[0], keys.others or (names[0],), "as asked") if len(names) == 1 else _several(names, keys)
    if tables.sample is None:
        return _only_candidate(test_only_known, tables, "no sample was given")
    if not keys.others:
        raise InputError(
            f"{_sample(tables).name} has no column beside {listed([name for name, _ in keys.pairs])}, which tells rows "
            f"apart; expected one for what is predicted. Name the id with --id, and the target with --target."
        )
    matched = {name: find_name(name, not_keys) for name in keys.others}
    if all(matched.values()):
        return _target_by_name(tables, keys, [name for name in matched.values() if name is not None], apart)
    return _target_by_classes(tables, keys, test_only_known, not_keys)


def _asked_target(name: str, train: Table) -> str:
    found = find_name(name, train.frame.columns)
    if found is None:
        raise OptionError(f"{train.name}: " + unknown_name("column for --target", name, train.frame.columns))
    return found


def _several(names: list[str], keys: _Keys) -> _Target:
    """Return several targets that were named, in the order of the sample's columns for them."""
    refuse_twice(names)
    if not keys.others:
        return _Target(in_words(names), tuple(names), "as asked", several=tuple(names))
    if len(keys.others) != len(names):
        raise InputError(
            f"--target names {len(names)} columns, {listed(names)}, and the sample has {len(keys.others)} beside its "
            f"id: {listed(keys.others)}. Expected one for each target."
        )
    order = match_classes(keys.others, names)
    told = "as asked" if order else f"as asked; {listed(keys.others)} of the sample stand for them in this order"
    chosen = [names[place] for place in order] if order else names
    return _Target(in_words(chosen), keys.others, told, several=tuple(chosen))


def _target_by_name(tables: Tables, keys: _Keys, names: list[str], apart: bool) -> _Target:
    sample, train, test = _sample(tables), tables.train, tables.test
    where = f"in {sample.name} and {train.name}"
    if len(names) == 1:
        written = "" if names[0] == keys.others[0] else f", where it is called {keys.others[0]},"
        absent = f", not in {test.name}" if names[0] not in test.frame.columns else ""
        return _Target(names[0], keys.others, f"in {sample.name}{written} and {train.name}{absent}")
    if not apart and _is_one_hot(train.frame[names]):
        return _Target(ONE_HOT, keys.others, f"{where}; each row has a 1 in one of them", tuple(names))
    if not keys.pairs:
        raise InputError(
            f"{test.name} has none of the columns {listed(names)} of {sample.name}. Expected the id among them, so "
            f"that each prediction goes to its row: add it to {test.name}."
        )
    refuse_twice(names)
    return _Target(in_words(names), keys.others, f"{where}; each is predicted", several=tuple(names))


def _target_by_classes(tables: Tables, keys: _Keys, candidates: list[str], wider: list[str]) -> _Target:
    """Find the target of a sample whose other columns the train table has not: one value, or one column a class."""
    sample, train = _sample(tables), tables.train
    if len(keys.others) == 1:
        target = _only_candidate(candidates, tables, f"{sample.name} calls it {keys.others[0]}")
        return replace(target, given=keys.others)
    for name in (*candidates, *(each for each in wider if each not in candidates)):
        values = train.frame[name].dropna()
        if values.nunique() <= MOST_CLASSES and match_classes(keys.others, list(values.unique())) is not None:
            return _Target(name, keys.others, f"its values name the columns {listed(keys.others, 4)} of {sample.name}")
    raise InputError(
        f"{sample.name} has the columns {listed(keys.others)} beside its id. Expected the target as {train.name} has "
        f"it, or one column for each of its classes. In {train.name} and not in {tables.test.name}: "
        f"{listed(candidates) or 'nothing'}. Check that the files belong together, or name the target with --target."
    )


def _only_candidate(candidates: list[str], tables: Tables, why: str) -> _Target:
    train, test = tables.train.name, tables.test.name
    if len(candidates) == 1:
        return _Target(candidates[0], (candidates[0],), f"the only column of {train} that is not in {test}; {why}")
    raise InputError(
        f"The target cannot be told: {why}, and {train} has {len(candidates)} columns that {test} has not "
        f"({listed(candidates) or 'none'}); expected one. Name it with --target, or several with commas between."
    )


def _is_one_hot(frame: pd.DataFrame) -> bool:
    numbers = frame.apply(pd.to_numeric, errors="coerce").astype(float)
    return bool(numbers.isin([0.0, 1.0]).all(axis=None) and (numbers.sum(axis=1) == 1.0).all())


# --- what to train on


def _find_features(tables: Tables, columns: Columns, wishes: Wishes) -> tuple[tuple[str, ...], list[Guess]]:
    train, test = tables.train.frame, tables.test.frame
    _check_named(tables, wishes)
    guesses, ids = _ids_left_out(tables, columns, wishes)
    targets = columns.in_train
    rest = [name for name in train.columns if name not in targets and name not in ids]
    features = [name for name in rest if name in test.columns]
    train_only = [name for name in rest if name not in test.columns]
    if train_only:
        guesses.append(Guess("left out", listed(train_only), f"not in {tables.test.name}"))
    guesses += _target_in_test(tables, targets)
    if not features:
        raise InputError(
            f"{tables.train.name} and {tables.test.name} share no column to learn from beside id and target. In the "
            f"first: {listed(list(train.columns))}; in the second: {listed(list(test.columns))}. Check the files, or "
            f"train on the id with --train-on-id."
        )
    return tuple(features), guesses


def _check_named(tables: Tables, wishes: Wishes) -> None:
    """Refuse names of columns to make folds by that the tables have not."""
    train, test = tables.train, tables.test
    if wishes.groups is not None and wishes.groups not in train.frame.columns:
        raise InputError(f"{train.name}: " + unknown_name("column for groups", wishes.groups, train.frame.columns))
    if wishes.time_column is not None:
        for table in (train, test):  # models see it, so that the rows to predict need it, too
            if wishes.time_column not in table.frame.columns:
                raise InputError(
                    f"{table.name}: " + unknown_name("column for time_column", wishes.time_column, table.frame.columns)
                )


def _ids_left_out(tables: Tables, columns: Columns, wishes: Wishes) -> tuple[list[Guess], list[str]]:
    guesses, ids = [], []
    for name in columns.test_keys:
        if name not in tables.train.frame.columns:
            continue
        reason = _why_to_keep(tables.test.frame[name], name, wishes)
        if reason:
            guesses.append(Guess("trained on", name, reason))
        else:
            ids.append(name)
            asked = "as asked" if wishes.train_on_id is False else "the id of a row says nothing about others"
            guesses.append(Guess("not trained on", name, asked))
    return guesses, ids


def _why_to_keep(values: pd.Series, name: str, wishes: Wishes) -> str:
    """Return why a column of the id is trained on, "" where it is not."""
    if wishes.train_on_id is not None:
        return "as asked" if wishes.train_on_id else ""
    if name in (wishes.time_column, wishes.groups):
        return "though it is in the id, folds are made by it"
    if values.nunique() < len(values):
        return "though it is in the id, rows share its values"
    is_text = values.dtype == object or isinstance(values.dtype, pd.StringDtype)
    filled = as_text(values.dropna())
    if pd.api.types.is_datetime64_any_dtype(values.dtype) or (is_text and find_dates(filled) is not None):
        return "though it is the id, it is a date"
    return ""


def _target_in_test(tables: Tables, targets: Sequence[str]) -> list[Guess]:
    """Tell of a target that stands in the test table, and of labels there that the train table has not."""
    guesses = []
    for name in (name for name in targets if name in tables.test.frame.columns):
        there = tables.test.frame[name].dropna()
        trained = set(as_texts(tables.train.frame[name].dropna()))
        strange = sorted(set(as_texts(there)) - trained)
        is_text = not pd.api.types.is_numeric_dtype(tables.train.frame[name].dtype)
        told = f"; {listed(strange)} there is in no row of {tables.train.name}" if strange and is_text else ""
        reason = f"{tables.test.name} has the target, with {len(there):,} values; they are not looked at{told}"
        guesses.append(Guess("ignored", f"{name} of {tables.test.name}", reason))
    return guesses


def _sample(tables: Tables) -> Table:
    if tables.sample is None:
        raise InputError("No sample was given; expected one.")
    return tables.sample
