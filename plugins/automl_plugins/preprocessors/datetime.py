"""Date preprocessors: points in time as calendar parts for trees, and as points on circles for linear models."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from automl.plugin_api import (
    Array,
    Column,
    ColumnKind,
    Dataset,
    Features,
    FitContext,
    PreprocessorSpec,
    PreprocessRequest,
    hookimpl,
)
from automl_plugins.preprocessors._frames import float_frame, name_index, named_columns

DAY = 86_400.0
ORIGIN = 946_684_800.0
"""2000-01-01 in seconds since 1970: days counted from here are small enough for float32 to tell minutes apart."""
FIRST, LAST = -62_135_596_800.0, 253_402_300_799.0
"""The years 1 to 9999; what lies outside counts as their ends."""

Part = Callable[["Moments"], Array]


@hookimpl
def automl_preprocessors() -> list[PreprocessorSpec]:
    """Offer calendar parts, and the cyclic form."""
    dates = frozenset({ColumnKind.DATETIME})
    return [
        PreprocessorSpec("date_parts", build_date_parts, handles=dates, row_wise=True),
        PreprocessorSpec("date_cyclic", build_date_cyclic, handles=dates, row_wise=True),
    ]


class Moments:
    """Points in time, split into calendar parts: each `(n_rows,)`, counted from 0 except the year."""

    def __init__(self, seconds: Array) -> None:
        """Split seconds since 1970 without NaN; no time zone is applied."""
        days = np.floor(seconds / DAY)
        number = days.astype(np.int64)
        dates = number.astype("datetime64[D]")
        months, years = dates.astype("datetime64[M]"), dates.astype("datetime64[Y]")
        self.elapsed = (seconds - ORIGIN) / DAY
        self.year = years.astype(np.int64) + 1970
        self.month = months.astype(np.int64) % 12
        self.day = (dates - months).astype(np.int64)
        self.day_of_year = (dates - years).astype(np.int64)
        self.weekday = (number + 3) % 7  # 1970-01-01 was a Thursday; Monday is 0
        self.minute = (seconds - days * DAY) / 60.0


PARTS: Mapping[str, Part] = {
    "days": lambda at: at.elapsed,
    "year": lambda at: at.year,
    "month": lambda at: at.month + 1,
    "day": lambda at: at.day + 1,
    "weekday": lambda at: at.weekday,
    "day_of_year": lambda at: at.day_of_year + 1,
    "weekend": lambda at: at.weekday >= 5,
}
PARTS_OF_DAY: Mapping[str, Part] = {
    "hour": lambda at: np.floor(at.minute / 60.0),
    "minute_of_day": lambda at: at.minute,
}
CYCLES: Mapping[str, Part] = {
    "days": lambda at: at.elapsed,
    "year": lambda at: at.year,
    "month_sin": lambda at: np.sin(at.month * (2 * np.pi / 12)),
    "month_cos": lambda at: np.cos(at.month * (2 * np.pi / 12)),
    "weekday_sin": lambda at: np.sin(at.weekday * (2 * np.pi / 7)),
    "weekday_cos": lambda at: np.cos(at.weekday * (2 * np.pi / 7)),
    "day_of_year_sin": lambda at: np.sin(at.day_of_year * (2 * np.pi / 365.25)),
    "day_of_year_cos": lambda at: np.cos(at.day_of_year * (2 * np.pi / 365.25)),
}
CYCLES_OF_DAY: Mapping[str, Part] = {
    "hour_sin": lambda at: np.sin(at.minute * (2 * np.pi / 1440)),
    "hour_cos": lambda at: np.cos(at.minute * (2 * np.pi / 1440)),
}
FORMS = {"parts": (PARTS, PARTS_OF_DAY), "cyclic": (CYCLES, CYCLES_OF_DAY)}


def build_date_parts(request: PreprocessRequest) -> DateParts:
    """Build the calendar parts of the requested columns."""
    return DateParts(request, "parts")


def build_date_cyclic(request: PreprocessRequest) -> DateParts:
    """Build the cyclic form of the requested columns."""
    return DateParts(request, "cyclic")


class DateParts:
    """Turns each date into several numbers; those about the hour only where the column has times.

    "days" are days since 2000-01-01, with a fraction. A missing date is NaN in all of them.
    """

    def __init__(self, request: PreprocessRequest, form: str) -> None:
        """Choose the numbers by `form`, a key of `FORMS`, which unlike the functions in it can be pickled."""
        always, of_day = FORMS[form]
        self._form = form
        self._parts = tuple((*always, *of_day) if column.has_time else tuple(always) for column in request.columns)
        self._columns = named_columns(
            (f"{column.name}.{part}", ColumnKind.NUMERIC)
            for column, parts in zip(request.columns, self._parts, strict=True)
            for part in parts
        )
        self._names = name_index(self._columns)

    def fit_transform(self, data: Dataset, context: FitContext) -> Features:  # noqa: ARG002  nothing is fitted
        """Return the numbers of each date."""
        return self.transform(data.features)

    def transform(self, features: Features) -> Features:
        """Return the numbers of each date."""
        always, of_day = FORMS[self._form]
        seconds = features.to_numpy(dtype=np.float64)
        made = np.empty((len(seconds), len(self._columns)), dtype=np.float32)
        at = 0
        for i, parts in enumerate(self._parts):
            missing = ~np.isfinite(seconds[:, i])
            moments = Moments(np.clip(np.where(missing, 0.0, seconds[:, i]), FIRST, LAST))
            for position, part in enumerate(parts, start=at):
                made[:, position] = (always.get(part) or of_day[part])(moments)
            made[missing, at : at + len(parts)] = np.nan
            at += len(parts)
        return float_frame(made, self._names)

    def output_columns(self) -> tuple[Column, ...]:
        """Describe the numbers, named "<column>.<part>"."""
        return self._columns
