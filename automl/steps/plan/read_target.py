"""Read the target: what its values look like, and how they become class numbers or values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from automl.errors import InputError
from automl.table.columns.type_columns import SAMPLE_ROWS, as_numbers
from automl.table.readings.find_numbers import NO_NUMBERS, find_numbers
from automl.table.readings.keep_digits import rescaled
from automl.table.readings.read_numbers import read_numbers, take_apart
from automl.vocabulary.arrays import Array
from automl.vocabulary.labels import plain_label
from automl.vocabulary.task import Task, TaskKind

MAX_INTEGER_CLASSES = 20
MAX_WHOLE_FLOAT_CLASSES = 10
LARGEST_VALUE = 1e30
"""Largest size of a value to predict: predictions are kept as float32, and losses square them."""
NUMBERS_AS_TEXT = 0.9
"""Share of a text target's values that are numbers from which it is one of numbers, and the others are mistakes."""
ARROW_TEXT = "string[pyarrow]"
DATES = ("date", "datetime", "datetime64", "period")
"""What pandas calls the values of an object column of dates."""
CONTAINERS = (list, tuple, dict, set, frozenset, np.ndarray, pd.Series, pd.DataFrame)


@dataclass(frozen=True, slots=True)
class ReadTarget:
    """A target as it came, without missing values, and the ways to read it; see `TargetColumn`.

    asked: the task or family of tasks that the user named, None where it is left to the values. sign: the decimal sign
    of numbers as text that could be read in two ways, where the user or the table tells it. options: those that the
    user gave for single tasks.
    """

    values: pd.Series
    name: str
    asked: str | None = None
    sign: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.values)

    def check(self) -> None:
        """Refuse a target of containers, of mixed types, and of one value alone."""
        check_values(self.values, self.name)

    def seems_classes(self) -> bool:
        """Tell whether values look like classes: text, categories, and few whole numbers that repeat."""
        return seem_classes(self.values, self.sign)

    def are_durations(self) -> bool:
        """Tell whether the values are durations, which are read as seconds."""
        return are_durations(self.values)

    def refuse_dates(self) -> None:
        """Refuse dates; few different months, or dates as objects, may be classes where no numbers are asked for."""
        if _are_dates(self.values, few_are_classes=self.asked is None):
            raise InputError(
                f"The target {self.name!r} holds dates; expected numbers or classes. Turn them into a number, for "
                f"example the days since a start, or pass task='classification'."
            )

    def as_classes(self, kind: TaskKind, exactly: int | None = None, rare: bool = False) -> tuple[Task, Array]:
        """Return a task with the labels, and each row's number; refuse another count of them than asked for."""
        task, encoded = _classes(self.values, self.name, kind)
        if not rare:
            _refuse_rare(task, np.bincount(encoded), exactly)
        return task, encoded

    def as_numbers(self, kind: TaskKind) -> tuple[Task, Array]:
        """Return a task with how numbers are written, and the values; refuse durations that nobody asked for."""
        self.refuse_dates()
        if self.asked is None and self.are_durations():
            raise InputError(
                f"The target {self.name!r} holds durations; expected numbers or classes. Pass task='regression' to "
                f"predict their seconds, or turn them into a number of your own, such as "
                f"df[{self.name!r}].dt.total_seconds() / 3600."
            )
        task = Task(kind, self.name, number_format=_format(self.values, self.sign))
        values = _values(self.values, task)
        return rescaled(task, values), values


def check_values(target: pd.Series, name: str) -> None:
    """Refuse a target of containers, of mixed types, and of one value alone."""
    check_types(target, name)
    if target.nunique() < 2:
        raise InputError(
            f"The target {name!r} has the single value {plain_label(target.iloc[0])!r} in all {len(target)} rows; "
            f"expected at least two different values or classes. Check the column, or the rows that were selected."
        )


def check_types(target: pd.Series, name: str) -> None:
    """Refuse a target of containers and of mixed types."""
    if target.dtype == object:
        inferred = pd.api.types.infer_dtype(target, skipna=True)
        kinds = {type(value) for value in target} if inferred in ("mixed", "mixed-integer") else set()
        if kinds and not _are_labels(kinds):
            found = sorted(kind.__name__ for kind in kinds)
            raise InputError(
                f"The target {name!r} holds values of the types {', '.join(found)}; expected numbers alone or labels "
                f"of one type. Convert it, for example with df[{name!r}] = df[{name!r}].astype(str)."
            )


def _are_labels(kinds: set[type[Any]]) -> bool:
    """Tell whether values of these types may be classes: of one type, which can be compared and is no container."""
    return len(kinds) == 1 and all(kind.__hash__ is not None and not issubclass(kind, CONTAINERS) for kind in kinds)


def _are_dates(target: pd.Series, *, few_are_classes: bool) -> bool:
    """Tell whether a target holds dates; few different months, or dates as objects, may be classes."""
    if pd.api.types.is_datetime64_any_dtype(target.dtype):
        return True
    as_objects = target.dtype == object and pd.api.types.infer_dtype(target, skipna=True) in DATES
    if not as_objects and not isinstance(target.dtype, pd.PeriodDtype):
        return False
    return not few_are_classes or target.nunique() > MAX_INTEGER_CLASSES


def are_durations(target: pd.Series) -> bool:
    """Tell whether a target holds durations, which are predicted as seconds."""
    if pd.api.types.is_timedelta64_dtype(target.dtype) or str(target.dtype).startswith("duration"):
        return True
    return target.dtype == object and str(pd.api.types.infer_dtype(target, skipna=True)) == "timedelta"


def encode_labels(target: pd.Series, task: Task) -> Array:
    """Encode new target values for a known task; a class that was not fitted is an error that names it.

    A class of another type than text may be given as the text that it is written as, as a file would have it.
    """
    if not task.has_classes:
        return _values(target, task)
    if target.isna().any():
        missing = np.flatnonzero(target.isna())
        raise InputError(
            f"The target {task.target!r} is missing in {len(missing)} of {len(target)} rows, the first of them row "
            f"{missing[0]}, counted from 0; expected the class of each row. Leave those rows out, for example with "
            f"df.dropna(subset=[{task.target!r}])."
        )
    position: dict[Any, int] = {str(label): number for number, label in enumerate(task.classes)}
    position |= {label: number for number, label in enumerate(task.classes)}
    codes = [position.get(plain_label(label), -1) for label in target]
    if -1 in codes:
        strange = target.iloc[codes.index(-1)]
        raise InputError(f"The target holds {strange!r}; expected one of the fitted classes {list(task.classes)[:20]}.")
    return np.asarray(codes, dtype=np.int64)


def seem_classes(target: pd.Series, sign: str = "") -> bool:
    """Tell whether values look like classes: text, categories, and few whole numbers that repeat."""
    n_distinct = target.nunique()
    if are_durations(target):
        target = pd.Series(as_numbers(target))
    if not pd.api.types.is_numeric_dtype(target.dtype) or pd.api.types.is_bool_dtype(target.dtype):
        numbers = _read(target, _format(target, sign)) if is_text(target) else None
        if numbers is None or np.isfinite(numbers).mean() < NUMBERS_AS_TEXT:
            _refuse_numbers_in_doubt(target, n_distinct)
            return True
        target = pd.Series(numbers[np.isfinite(numbers)])
        target = pd.to_numeric(target, downcast="integer")
    values = target.to_numpy(dtype=np.float64, na_value=np.nan)
    whole = bool(np.all(values == np.round(values)))
    most = MAX_INTEGER_CLASSES if pd.api.types.is_integer_dtype(target.dtype) else MAX_WHOLE_FLOAT_CLASSES
    repeated = n_distinct <= max(2, len(target) // 5)
    return whole and n_distinct <= most and repeated


def _refuse_numbers_in_doubt(target: pd.Series, n_distinct: int) -> None:
    """Refuse a text target of many different numbers whose separators can be read in two ways, such as "208,500"."""
    if not is_text(target) or n_distinct <= MAX_INTEGER_CLASSES:
        return
    parts = [take_apart(str(value)) for value in target.iloc[:SAMPLE_ROWS]]
    bare = sum(each is not None and not each.prefix and not each.suffix for each in parts)
    if bare >= NUMBERS_AS_TEXT * len(parts):
        raise InputError(
            f"The target {str(target.name)!r} holds numbers as text, such as {target.iloc[0]!r}, which can be read in "
            f"more than one way. Say which by decimal='.' or ',', write them with a decimal point and without other "
            f"separators, or name the task 'classification' if they are classes."
        )


def is_text(target: pd.Series) -> bool:
    """Tell whether a target holds text, or objects, among which numbers may be."""
    return target.dtype == object or isinstance(target.dtype, pd.StringDtype) or str(target.dtype) == ARROW_TEXT


def _format(target: pd.Series, sign: str = "") -> str:
    """Return how numbers as text are written, such as "$1,234.50" or "12 kg"; "" for plain ones, and in doubt."""
    if not is_text(target) or (sign != "," and np.isfinite(as_numbers(target)).all()):
        return ""
    known = target[target.map(lambda value: isinstance(value, str))].astype(str).str.strip()
    found = find_numbers(known.unique().tolist(), sign) if len(known) else NO_NUMBERS
    return "" if found.doubt else found.number_format


def _read(target: pd.Series, number_format: str) -> Array:
    """Return values as float64, NaN where they are no numbers."""
    if is_text(target) and number_format:
        return read_numbers(target, number_format)
    return np.asarray(as_numbers(target))


def _values(target: pd.Series, task: Task) -> Array:
    name, numbers = task.target, _read(target, task.number_format)
    bad = ~np.isfinite(numbers)
    if bad.all():
        raise InputError(
            f"The target {name!r} holds no finite numbers, but values such as {plain_label(target.iloc[0])!r}; "
            f"expected numbers. Check the column, or name the task 'classification' if they are classes."
        )
    if bad.any():
        example = plain_label(target[bad].iloc[0])
        raise InputError(
            f"The target {name!r} has {int(bad.sum())} of {len(bad)} values that are not finite numbers, such as "
            f"{example!r} in row {int(bad.argmax())}, counted from 0; the others are, and regression expects them to "
            f"be. Clean those or leave them empty, or name the task 'classification' if they are classes."
        )
    largest = float(np.abs(numbers).max())
    if largest > LARGEST_VALUE:
        raise InputError(
            f"The target {name!r} has values as large as {largest:.3g}; expected none beyond {LARGEST_VALUE:.0e}, as "
            f"their squares cannot be added up. Divide it by a constant, or take its logarithm."
        )
    return np.asarray(numbers)


def _classes(target: pd.Series, name: str, kind: TaskKind) -> tuple[Task, Array]:
    codes, found = pd.factorize(target, sort=False)  # leaves out categories that no row has
    labels = [plain_label(label) for label in found]
    if any(isinstance(label, float) and math.isinf(label) for label in labels):
        raise InputError(f"The target {name!r} holds infinite values; expected class labels. Replace them.")
    ordered = isinstance(target.dtype, pd.CategoricalDtype) and bool(target.dtype.ordered)
    order = np.argsort(found.codes) if ordered else _sorted_positions(labels)
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return Task(kind, name, tuple(labels[i] for i in order), ordered), rank[codes]


def _refuse_rare(task: Task, counts: Array, exactly: int | None) -> None:
    """Refuse another count of classes than asked for, and classes of too few rows to be learnt and judged."""
    labels, name, kind = task.classes, task.target, task.kind
    if exactly is not None and len(labels) != exactly:
        raise InputError(
            f"The target {name!r} has {len(labels)} classes; task={kind.value!r} expects exactly {exactly}."
        )
    if counts.max() < 2:
        raise InputError(
            f"Each of the {len(labels)} classes of the target {name!r} has a single row; expected classes that repeat. "
            f"If it is continuous, pass task='regression' or use AutoMLRegressor; if it is an identifier, choose "
            f"another target."
        )
    if len(labels) == 2 and counts.min() < 2:
        alone = labels[int(counts.argmin())]
        raise InputError(
            f"The class {alone!r} of the target {name!r} has a single row; expected at least 2 rows of each class, so "
            f"that one can be held out. Add rows of it."
        )


def _sorted_positions(labels: list[Any]) -> list[int]:
    try:
        return sorted(range(len(labels)), key=lambda i: labels[i])
    except TypeError:  # labels of different types have no order of their own
        return sorted(range(len(labels)), key=lambda i: (type(labels[i]).__name__, str(labels[i])))
