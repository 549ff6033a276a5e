"""Placed: a row among the rows of its group, in their order: what a column of the kind SEQUENCE holds."""

from __future__ import annotations

from dataclasses import dataclass

FIELDS, ROWS = "\t", "\n"
"""What parts the fields of a row, and the rows of a group, in a text."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A row of a group.

    place: its position among the rows of the group, from 0 on. text: all rows of the group in their order, one a line,
    the fields of each parted by tabs; one text that all of them share. So each row can be predicted by itself.
    """

    place: int
    text: str
