"""Objective: the loss that models should learn by where a metric is optimised, as a word that a metric's spec holds."""

from __future__ import annotations

QUANTILE = "quantile:"
"""How the objective of a quantile begins; which one follows."""
ORDER = "order"
"""The objective of an order within each group; after a colon may follow how many of the first rows count."""


def quantile_of(objective: str) -> float | None:
    """Return the quantile of an objective such as "quantile:0.9", None where it is of another kind.

    Raises ValueError where what follows is no number between 0 and 1.
    """
    if not objective.startswith(QUANTILE):
        return None
    try:
        quantile = float(objective.removeprefix(QUANTILE))
    except ValueError:
        quantile = -1.0
    if not 0.0 < quantile < 1.0:
        raise ValueError(f"Found the objective {objective!r}; expected a number between 0 and 1 after {QUANTILE!r}.")
    return quantile


def first_rows_of(objective: str) -> int | None:
    """Return how many of a group's first rows an objective such as "order:10" looks at, 0 for all of them by "order".

    None where it is of another kind. Raises ValueError where what follows is no whole number from 1 on.
    """
    name, colon, count = objective.partition(":")
    if name != ORDER:
        return None
    return count_of(count) if colon else 0


def count_of(text: str) -> int:
    """Return the whole number that is written, from 1 on and without zeros in front; a ValueError for anything else."""
    if not text.isascii() or not text.isdigit() or text.startswith("0"):
        raise ValueError(f"Found {text!r}; expected a whole number from 1 on.")
    return int(text)
