"""The preprocessor contract: what must hold for whatever turns columns into features."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from automl.plugin_api import (
    Array,
    ArrayPreprocessor,
    Column,
    ColumnKind,
    Dataset,
    Features,
    FitContext,
    Preprocessor,
    PreprocessorSpec,
    PreprocessRequest,
    Task,
    TaskKind,
)
from automl.testing._data import TASKS, make_raw, missing_value, pick, renamed
from automl.testing._runner import concerns, expect
from automl.testing._shared import (
    check_import_is_light,
    check_spec_pickles,
    expect_close,
    pickled_again,
    reversed_rows,
    same_values,
    stored_again,
    take_rows,
    unchanged,
)

NUMBERS = (ColumnKind.NUMERIC, ColumnKind.BOOLEAN, ColumnKind.CATEGORICAL)
"""The kinds of output columns that are float32; others are handed on as they are."""
CONTEXT = FitContext(seed=7)


def check_output_matches_its_description(spec: PreprocessorSpec) -> None:
    """`output_columns` describes what comes out: as many columns, in order, with distinct names."""
    for task in TASKS.values():
        for data in _tables(spec, task):
            fitted, first = _fit(spec, data)
            _expect_described(fitted, first, data.n_rows)
            _expect_described(fitted, fitted.transform(take_rows(data.features, np.arange(9))), 9)


def check_output_type(spec: PreprocessorSpec) -> None:
    """Features are a float32 frame, or a CSR matrix where the spec says `sparse`; complete rows give finite numbers."""
    for data in _tables(spec):
        fitted, first = _fit(spec, data)
        for found in (first, fitted.transform(data.features)):
            sparse = hasattr(found, "tocsr")
            expect(sparse == spec.sparse, f"It gives {type(found).__name__}, but its spec says sparse={spec.sparse}.")
            expect(sparse or isinstance(found, pd.DataFrame), f"It gives {type(found).__name__}; expected a DataFrame.")
            values = _numbers(found, fitted.output_columns())
            expect(values.dtype == np.float32, f"Its numbers are {values.dtype}; expected float32.")
            expect(np.isfinite(values).all(), "Rows without missing values give numbers that are not finite.")


def check_same_seed_same_output(spec: PreprocessorSpec) -> None:
    """Two fits with equal seeds transform the same."""
    for data in _tables(spec):
        (left, first), (right, second) = _fit(spec, data), _fit(spec, data)
        message = "Two fits with one seed give different features; take all chance from context.seed."
        expect(same_values(first, second), message)
        expect(same_values(left.transform(data.features), right.transform(data.features)), message)


def check_inputs_stay_unchanged(spec: PreprocessorSpec) -> None:
    """Neither fitting nor transforming changes what it is given."""
    for data in _tables(spec, missing=True):
        with unchanged(features=data.features, target=data.target):
            fitted, _ = _fit(spec, data)
            fitted.transform(data.features)


def check_rows_are_independent(spec: PreprocessorSpec) -> None:
    """How a row is transformed depends neither on its place nor on its neighbours."""
    for data in _tables(spec):
        fitted, _ = _fit(spec, data)
        whole = fitted.transform(data.features)
        turned = fitted.transform(reversed_rows(data.features))
        _expect_same(reversed_rows(turned), whole, fitted, "Rows in reverse order are transformed differently.")
        alone = fitted.transform(take_rows(data.features, [5]))
        message = "A row alone is transformed differently than among others."
        _expect_same(alone, take_rows(whole, [5]), fitted, message)


def check_arrays_give_what_frames_give(spec: PreprocessorSpec) -> None:
    """Where it offers `transform_array`, that gives the numbers which `transform` gives."""
    for data in _tables(spec, missing=True):
        fitted, _ = _fit(spec, data)
        if not isinstance(fitted, ArrayPreprocessor):
            return
        found = fitted.transform_array(data.features.to_numpy())
        message = "transform_array differs from transform; a sparse preprocessor must not offer it."
        _expect_same(fitted.transform(data.features), pd.DataFrame(found), fitted, message)


@concerns(lambda spec: spec.row_wise)
def check_row_wise_needs_no_fit(spec: PreprocessorSpec) -> None:
    """What is declared `row_wise` gives the same whatever rows it was fitted on."""
    for data in _tables(spec):
        fitted, first = _fit(spec, data)
        message = "`fit_transform` differs from `transform`, but the spec says row_wise=True."
        _expect_same(first, fitted.transform(data.features), fitted, message)
        other, _ = _fit(spec, pick(data, np.arange(10)))
        found = other.transform(data.features)
        message = "What comes out depends on the rows of the fit, but the spec says row_wise=True."
        expect(found.shape == first.shape, message)
        _expect_same(found, first, fitted, message)


def check_missing_values(spec: PreprocessorSpec) -> None:
    """Cells may be missing when fitting and when transforming, a whole column at once included."""
    for data in _tables(spec, missing=True):
        fitted, first = _fit(spec, data)
        nothing = data.features.iloc[:6].copy()
        for column in data.schema.columns:
            lost = missing_value(column.kind)
            nothing[column.name] = np.array([lost] * 6, dtype=data.features[column.name].dtype)
        for found in (first, fitted.transform(data.features), fitted.transform(nothing)):
            expect(not np.isinf(_numbers(found, fitted.output_columns())).any(), "Missing values became infinite.")
        _expect_described(fitted, fitted.transform(nothing), 6)


@concerns(lambda spec: ColumnKind.CATEGORICAL in spec.handles)
def check_unseen_categories(spec: PreprocessorSpec) -> None:
    """A category that no row of the fit had is transformed without error into finite numbers or NaN."""
    data = make_raw(ColumnKind.CATEGORICAL, TASKS[TaskKind.BINARY])
    seen = (data.features["rating"] != 2).to_numpy()
    fitted, _ = _fit(spec, pick(data, np.flatnonzero(seen)))
    found = fitted.transform(data.features.loc[~seen])
    _expect_described(fitted, found, int((~seen).sum()))
    expect(not np.isinf(_numbers(found, fitted.output_columns())).any(), "An unseen category became infinite.")


def check_zero_rows(spec: PreprocessorSpec) -> None:
    """A table without rows becomes one without rows, with all its columns."""
    for data in _tables(spec):
        fitted, _ = _fit(spec, data)
        _expect_described(fitted, fitted.transform(data.features.iloc[:0]), 0)


def check_fitted_preprocessor_pickles(spec: PreprocessorSpec) -> None:
    """A fitted preprocessor transforms the same after a round through its pickle."""
    for data in _tables(spec):
        fitted, _ = _fit(spec, data)
        revived, whole = pickled_again(fitted, "fitted preprocessor"), fitted.transform(data.features)
        message = "After a round through its pickle it transforms differently."
        _expect_same(revived.transform(data.features), whole, fitted, message)


def check_saved_without_pickle(spec: PreprocessorSpec) -> None:
    """A fitted preprocessor can be saved as data, and then transforms the same."""
    for data in _tables(spec):
        fitted, _ = _fit(spec, data)
        revived, whole = stored_again(fitted, spec), fitted.transform(data.features)
        _expect_same(revived.transform(data.features), whole, fitted, "Saved and loaded it transforms differently.")


def check_transform_does_not_see_the_target(spec: PreprocessorSpec) -> None:
    """What `transform` gives was settled by the fit: what becomes of the training rows afterwards does not matter."""
    for data in _tables(spec):
        own = replace(data, features=data.features.copy(), target=data.target.copy())
        fitted, _ = _fit(spec, own)
        before = fitted.transform(data.features)
        own.target[:] = own.target[::-1].copy()
        own.features.iloc[:] = own.features.iloc[::-1].to_numpy()
        message = "`transform` still reads the rows or the target of the fit."
        _expect_same(fitted.transform(data.features), before, fitted, message)


def check_odd_column_names(spec: PreprocessorSpec) -> None:
    """Column names are any text: empty, with brackets, quotes, line breaks, or like the target's."""
    for data in _tables(spec):
        odd = renamed(data)
        fitted, first = _fit(spec, odd)
        _expect_described(fitted, first, odd.n_rows)


CHECKS: tuple[Callable[[PreprocessorSpec], None], ...] = (
    check_spec_pickles, check_import_is_light, check_output_matches_its_description, check_output_type,
    check_same_seed_same_output, check_inputs_stay_unchanged, check_rows_are_independent,
    check_arrays_give_what_frames_give, check_row_wise_needs_no_fit,
    check_missing_values, check_unseen_categories, check_zero_rows, check_fitted_preprocessor_pickles,
    check_saved_without_pickle, check_transform_does_not_see_the_target, check_odd_column_names,
)  # fmt: skip
"""Every check of a preprocessor."""


def _tables(spec: PreprocessorSpec, task: Task | None = None, *, missing: bool = False) -> Iterator[Dataset]:
    """Yield one table for each kind of column that the preprocessor handles; of numbers for a finishing step."""
    kinds = sorted(spec.handles, key=lambda kind: kind.value)
    for kind in kinds or (None,):
        yield make_raw(kind, task or TASKS[TaskKind.BINARY], missing=missing)


def _fit(spec: PreprocessorSpec, data: Dataset) -> tuple[Preprocessor, Features]:
    built = spec.build(PreprocessRequest(data.schema.columns, data.task))
    return built, built.fit_transform(data, CONTEXT)


def _numbers(features: Features, columns: tuple[Column, ...]) -> Array:
    """Return the values of the columns that are numbers."""
    if hasattr(features, "tocsr"):
        return np.asarray(features.data)
    chosen = [position for position, column in enumerate(columns) if column.kind in NUMBERS]
    return features.iloc[:, chosen].to_numpy() if chosen else np.zeros(0, dtype=np.float32)


def _expect_described(fitted: Preprocessor, found: Features, n_rows: int) -> None:
    names = [column.name for column in fitted.output_columns()]
    wanted = (n_rows, len(names))
    expect(
        tuple(found.shape) == wanted, f"It gives the shape {tuple(found.shape)}; expected {wanted} by output_columns()."
    )
    repeated = sorted({name for name in names if names.count(name) > 1})
    expect(not repeated, f"output_columns() gives the names {repeated} more than once.")
    if isinstance(found, pd.DataFrame):
        expect(
            list(found.columns) == names,
            f"The frame's columns are {list(found.columns)}; output_columns() says {names}.",
        )


def _expect_same(found: Features, wanted: Features, fitted: Preprocessor, message: str) -> None:
    if hasattr(wanted, "tocsr"):
        expect_close(found.toarray(), wanted.toarray(), message)
        return
    columns = fitted.output_columns()
    expect_close(_numbers(found, columns), _numbers(wanted, columns), message)
    others = [position for position, column in enumerate(columns) if column.kind not in NUMBERS]
    left, right = (frame.iloc[:, others].reset_index(drop=True) for frame in (found, wanted))
    expect(left.equals(right), message)
