"""Readings: how the values of columns that are written as text, or as bare numbers, are to be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from automl.vocabulary.schema import ColumnKind


@dataclass(frozen=True, slots=True)
class Reading:
    """How a column is read: its kind, and in which format.

    `doubt` says what else it could have been, `note` what else is to be told; the rest is as in `Column`.
    """

    kind: ColumnKind
    date_format: str = ""
    number_format: str = ""
    doubt: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the user said of how columns are read, each by the column's name; "" is for all others.

    `dates` holds orders such as "dmy", other names of formats, `strptime` formats, and "no"; `decimal` "," or ".".
    """

    dates: Mapping[str, str] = field(default_factory=dict)
    decimal: Mapping[str, str] = field(default_factory=dict)
