"""Schema: the columns of a table, what kind each is, and what was noticed about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, StrEnum


class ColumnKind(Enum):
    """What a column holds, which decides how it is stored.

    NUMERIC and BOOLEAN are float32 with NaN for missing; CATEGORICAL is an integer code into `Column.categories`
    with -1 for missing or unseen; DATETIME is float64 seconds since 1970 (UTC) with NaN for missing; TEXT is `str`
    with "" for missing; NAME is the same for what a category is called, where others share words with it, and stands
    beside that category; IMAGE is an array `(side, side, 3)` of uint8, in RGB, or None for missing (memory-mapped where
    models are fitted); SEQUENCE is a `Placed`, the row among those of its group; IGNORED is not stored.
    """

    NUMERIC = "numeric"
    CATEGORICAL = "categorical"
    BOOLEAN = "boolean"
    DATETIME = "datetime"
    TEXT = "text"
    NAME = "name"
    IMAGE = "image"
    SEQUENCE = "sequence"
    IGNORED = "ignored"


STRINGS = frozenset({ColumnKind.TEXT, ColumnKind.NAME})
OBJECTS = frozenset({*STRINGS, ColumnKind.IMAGE, ColumnKind.SEQUENCE})
"""Kinds whose cells are objects that no number stands for."""


class Noted(StrEnum):
    """What was noticed of a column that others go by."""

    NOTHING = ""
    IDENTIFIER = "identifier"
    """It names the rows."""
    NUMBERING = "numbering"
    """It numbers the rows: an identifier too."""
    DISTINCT = "distinct"
    """Nearly every value is distinct."""
    WRITTEN = "written"
    """Its strings are written in a form that has parts, and serve as a whole too."""
    RECURRING = "recurring"
    """Its strings are distinct, and words or runs of characters recur in them."""
    ASKED = "asked"
    """It is left out, as asked."""

    @property
    def is_identifier(self) -> bool:
        """Whether it tells which row it is, and nothing of the row."""
        return self in (Noted.IDENTIFIER, Noted.NUMBERING)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table, raw or prepared."""

    name: str
    kind: ColumnKind
    n_distinct: int = 0
    missing_fraction: float = 0.0
    categories: tuple[str, ...] = ()
    """The known values of a categorical column, as text and sorted; a code is a position in here."""
    offset: float = 0.0
    """Subtracted from a numeric column before it is stored as float32, so that large numbers keep their digits."""
    scale: float = 1.0
    """What a numeric column is divided by after that, where all of its numbers are tiny or some are huge."""
    has_time: bool = False
    """A datetime column with hours in it, not only dates."""
    date_format: str = ""
    """How a datetime column written as text is read: "ISO8601", "sure" (in the one way that there is), an order such as
    "dmy" (with the first year of two digits: "dmy 1931"), a `strptime` format, or what numbers count: "s", "excel"."""
    number_format: str = ""
    """How a numeric column written with units or separators is read: an example such as "$1,234.5" or "1234.5 kg"."""
    source: str = ""
    """The column of the user's table that this one is a part of, where `part` says which."""
    part: str = ""
    """Which part of the source it is: "letters", "domain", "octet 1", ...; "" for a column that is there itself."""
    side: int = 0
    """Pixels on each side of the stored images of an image column."""
    note: str = ""
    """Why a column is ignored, or what else was noticed."""
    ordered: bool = False
    """A categorical column whose categories have an order of their own, in which they stand in `categories`."""
    doubt: str = ""
    """What could not be told for sure of how the values are to be read, with an example; "" where nothing is."""
    noted: Noted = field(default=Noted.NOTHING, repr=False)
    """What `note` is about, for code to go by."""


@dataclass(frozen=True, slots=True)
class Schema:
    """The columns of a table, in order."""

    columns: tuple[Column, ...]

    def of_kind(self, *kinds: ColumnKind) -> tuple[Column, ...]:
        """Return the columns of the given kinds, in table order."""
        return tuple(column for column in self.columns if column.kind in kinds)

    @property
    def names(self) -> tuple[str, ...]:
        """All column names, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def given(self) -> tuple[str, ...]:
        """The names of the columns of the user's table, without parts of others."""
        return tuple(column.name for column in self.columns if not column.part)

    @property
    def needed(self) -> tuple[str, ...]:
        """The names of the columns of the user's table that models see, whole or in parts."""
        sources = {column.source for column in self.columns if column.part}
        return tuple(
            column.name
            for column in self.columns
            if not column.part and (column.kind is not ColumnKind.IGNORED or column.name in sources)
        )

    @property
    def kinds(self) -> frozenset[ColumnKind]:
        """The kinds that occur."""
        return frozenset(column.kind for column in self.columns)
