"""List cells: a table whose rows hold lists, such as the words of a sentence, to one row for each element, and back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from automl.errors import InputError
from automl.vocabulary.arrays import Array

LISTS = (list, tuple, np.ndarray)
ARROW_LISTS = ("list", "large_list", "fixed_size_list")
"""How the types of such columns begin in pandas' own words."""
GROUP = "sentence"
"""What the column is called that says which row an element is of, where no other column is called so."""
ELEMENTS = (str, int, float, bool, np.number, np.bool_)


@dataclass(frozen=True, slots=True)
class Spread:
    """A table whose rows held lists, with one row for each element.

    frame: its column `by` numbers the rows that there were, whose other values are repeated. lengths: `(n_given,)`, how
    many elements each of those had.
    """

    frame: pd.DataFrame
    by: str
    lengths: Array

    def repeated(self, values: Any) -> Any:
        """Return what there is one of for each given row, once for each element."""
        return np.repeat(np.asarray(values), self.lengths)

    def gathered(self, values: Array) -> Array:
        """Return what there is for each element as one cell for each given row, `(n_given,)`.

        A cell is a list, or of values with several numbers each an array.
        """
        parts = np.split(values, np.cumsum(self.lengths)[:-1]) if len(self.lengths) else []
        cells = np.empty(len(self.lengths), dtype=object)
        for row, part in enumerate(parts):
            cells[row] = part.tolist() if part.ndim == 1 else part
        return cells


def holds_lists(column: pd.Series) -> bool:
    """Tell whether a column has cells that are lists."""
    if str(column.dtype).startswith(ARROW_LISTS):
        return True
    return column.dtype == object and any(_is_list(cell) for cell in column)


def as_lists(values: Any) -> pd.Series | None:
    """Return values that came beside a table as a column, where they are lists; None for any others."""
    if isinstance(values, pd.DataFrame) and values.shape[1] == 1:
        values = values.iloc[:, 0]
    if isinstance(values, list | tuple):
        cells = np.empty(len(values), dtype=object)
        cells[:] = [*values]
        values = pd.Series(cells)
    if isinstance(values, np.ndarray) and values.dtype == object and values.ndim == 1:
        values = pd.Series(values)
    return values if isinstance(values, pd.Series) and holds_lists(values) else None


def spread_rows(frame: pd.DataFrame, targets: Sequence[str], by: str = "") -> Spread | None:
    """Return a table with one row for each element of its lists; None where no cell is a list.

    All lists of a row are equally long. A row whose target is missing has that many missing values. `by` is what the
    column of row numbers is called, where that is settled. An InputError tells what is wrong, and in which row from 0.
    """
    names = [name for name in frame.columns if holds_lists(frame[name])]
    if not names:
        return None
    features = [name for name in names if name not in targets]
    _check_sides(frame, features, names, targets)
    cells = {name: _cells(frame[name]) for name in names}
    for name in features:
        _check_lists(name, cells[name])
    lengths = np.array([len(cell) for cell in cells[features[0]]], dtype=np.int64)
    for name in set(names) - set(features):
        cells[name] = [
            [None] * count if _is_gap(cell) else cell for cell, count in zip(cells[name], lengths, strict=True)
        ]
        _check_lists(name, cells[name])
    _check_lengths({name: cells[name] for name in names})
    by = by or next(name for name in _free_names() if name not in frame.columns)
    numbers = np.repeat(np.arange(len(frame)), lengths)
    others = [name for name in frame.columns if name not in names and name != by]
    made = {name: frame[name].take(numbers).reset_index(drop=True) for name in others}
    made |= {name: _elements(name, cells[name], name in targets) for name in names}
    return Spread(pd.DataFrame({by: numbers} | {name: made[name] for name in frame.columns if name != by}), by, lengths)


def _free_names() -> Iterable[str]:
    yield GROUP
    yield from (f"{GROUP}_{number}" for number in range(1, 10_000))


def _is_list(cell: Any) -> bool:
    return isinstance(cell, list | tuple) or (isinstance(cell, np.ndarray) and cell.ndim == 1)


def _is_gap(cell: Any) -> bool:
    return cell is None or (pd.api.types.is_scalar(cell) and bool(pd.isna(cell)))


def _cells(column: pd.Series) -> list[Any]:
    return list(column.astype(object))


def _check_sides(frame: pd.DataFrame, features: list[str], names: list[str], targets: Sequence[str]) -> None:
    """Refuse lists of features beside single values of the target, and the other way round."""
    single = [name for name in targets if name in frame.columns and name not in names and frame[name].notna().any()]
    if not features or single:
        found = f"lists in the cells of {names[:10]}" + (f" and single values in {single}" if single else " alone")
        raise InputError(
            f"Found {found}; expected lists in the columns of features and of the target alike, with one value of the "
            f"target for each element."
        )


def _check_lists(name: str, cells: Sequence[Any]) -> None:
    for row, cell in enumerate(cells):
        if not _is_list(cell):
            raise InputError(
                f"Row {row} of the column {name!r} holds {_shown(cell)}; expected a list, as in the other rows. Leave "
                f"such rows out, or put an empty list there."
            )


def _check_lengths(cells: dict[str, list[Any]]) -> None:
    for row, lists in enumerate(zip(*cells.values(), strict=True)):
        counts = {name: len(each) for name, each in zip(cells, lists, strict=True)}
        if len(set(counts.values())) > 1:
            found = ", ".join(f"{count} in {name!r}" for name, count in counts.items())
            raise InputError(
                f"The lists in row {row} have different lengths: {found}; expected as many elements in each. Leave out "
                f"columns of other lists."
            )


def _elements(name: str, cells: Sequence[Any], is_target: bool) -> pd.Series:
    """Return all elements one after another; an InputError where some are no plain values, or only some are text."""
    values = [value for cell in cells for value in cell]
    is_text = any(isinstance(value, str) for value in values)
    suspects = () if all(type(value) is str for value in values) else enumerate(cells)
    for row, cell in suspects:
        for value in cell:
            is_known = not _is_gap(value)
            wrong = is_known and not isinstance(value, str if is_text else ELEMENTS)
            if wrong or (is_text and not is_known and not is_target):
                expected = "text, as in the others" if is_text else "plain values"
                raise InputError(
                    f"A list in row {row} of the column {name!r} holds {_shown(value)}; expected {expected}. Write it "
                    f"as text, or leave the row out."
                )
    made = np.empty(len(values), dtype=object)
    made[:] = values
    return pd.Series(made).infer_objects()


def _shown(value: Any) -> str:
    return f"{str(value)[:40]!r} of the type {type(value).__name__}"
