"""Values: single values of the standard library and of pandas that a target may hold, as lists of plain parts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import numpy as np

from automl.errors import ArtifactError


@dataclass(frozen=True, slots=True)
class Form:
    """How values of a kind are taken apart, into parts that may be values of other kinds, and made anew."""

    take: Callable[[Any], list[Any]]
    make: Callable[..., Any]


def parts_of(value: Any) -> tuple[str, list[Any]] | None:
    """Return the kind of a value and its parts; None where it is of none that is known here."""
    kind = type(value)
    library = kind.__module__.partition(".")[0]
    name = kind.__name__ if library == "pandas" else f"{kind.__module__}.{kind.__name__}"
    form = FORMS.get(name)
    return None if form is None else (name, form.take(value))


def made_of(kind: str, parts: list[Any]) -> Any:
    """Return the value that `parts_of` took apart."""
    if kind not in FORMS:
        raise ArtifactError(f"Found a value of the kind {kind!r}, which this version does not know.")
    return FORMS[kind].make(*parts)


def _zone(moment: Any) -> list[Any]:
    """Return a time zone by its name, or by its seconds from UTC where it has none; nothing where there is none."""
    zone = moment.tzinfo
    if zone is None:
        return []
    name = getattr(zone, "key", None) or getattr(zone, "zone", None)
    return [str(name)] if name else [zone.utcoffset(moment).total_seconds()]


def _made_zone(parts: list[Any]) -> tzinfo | None:
    if not parts:
        return None
    if isinstance(parts[0], str):
        from zoneinfo import ZoneInfo

        return ZoneInfo(parts[0])
    return UTC if parts[0] == 0 else timezone(timedelta(seconds=parts[0]))


def _take_datetime(moment: datetime) -> list[Any]:
    return [moment.replace(tzinfo=None).isoformat(), moment.fold, _zone(moment)]


def _make_datetime(text: str, fold: int, zone: list[Any]) -> datetime:
    return datetime.fromisoformat(text).replace(fold=fold, tzinfo=_made_zone(zone))


def _take_timestamp(moment: Any) -> list[Any]:
    return [int(moment.asm8.astype(np.int64)), moment.unit, _zone(moment)]


def _make_timestamp(count: int, unit: Any, zone: list[Any]) -> Any:
    import pandas as pd

    made = pd.Timestamp(np.datetime64(count, unit))
    return made.tz_localize("UTC").tz_convert(_made_zone(zone)) if zone else made


def _make_timedelta(count: int, unit: Any) -> Any:
    import pandas as pd

    return pd.Timedelta(np.timedelta64(count, unit))


def _make_period(ordinal: int, frequency: str) -> Any:
    import pandas as pd

    return pd.Period(ordinal=ordinal, freq=frequency)


def _make_interval(left: Any, right: Any, closed: Any) -> Any:
    import pandas as pd

    return pd.Interval(left, right, closed)


FORMS = {
    "datetime.datetime": Form(_take_datetime, _make_datetime),
    "datetime.time": Form(lambda each: [each.isoformat(), each.fold], lambda text, fold: _time(text, fold)),
    "datetime.timedelta": Form(lambda each: [each.days, each.seconds, each.microseconds], timedelta),
    "decimal.Decimal": Form(lambda each: [str(each)], Decimal),
    "fractions.Fraction": Form(lambda each: [each.numerator, each.denominator], Fraction),
    "uuid.UUID": Form(lambda each: [each.hex], UUID),
    "Timestamp": Form(_take_timestamp, _make_timestamp),
    "Timedelta": Form(lambda each: [int(each.asm8.astype(np.int64)), each.unit], _make_timedelta),
    "Period": Form(lambda each: [int(each.ordinal), each.freqstr], _make_period),
    "Interval": Form(lambda each: [each.left, each.right, each.closed], _make_interval),
}
"""By the name of the class: with its module, or alone for those of pandas."""


def _time(text: str, fold: int) -> time:
    return time.fromisoformat(text).replace(fold=fold)
