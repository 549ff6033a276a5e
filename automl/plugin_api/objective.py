"""Objective: the loss that models should learn by where a metric is optimised, as a word that a metric's spec holds."""

from __future__ import annotations

QUANTILE = "quantile:"
"""How the objective of a quantile begins; which one follows."""


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
