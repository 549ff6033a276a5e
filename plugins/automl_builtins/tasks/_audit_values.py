"""Audit values: one that prevails, heavy tails, durations, and whole numbers that could be codes of classes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from automl.plugin_api import Array, Dataset, Finding, Severity, TargetColumn

PREVAILING = 0.3
"""Share of rows with one and the same value from which a target of numbers is told to be inflated by it."""
FAR = 10.0
"""Distance from the median, in interquartile ranges, from which a value is an outlier."""
MOST_CODES = 100
"""Different whole numbers that may be the codes of classes."""
ROWS_OF_EACH = 5


def audit_values(dataset: Dataset, n_folds: int) -> Iterator[Finding]:  # noqa: ARG001  folds matter to classes
    """Yield what is unusual about the values."""
    target, name = np.asarray(dataset.target, dtype=np.float64), dataset.task.target
    values, counts = np.unique(target, return_counts=True)
    share, common = counts.max() / len(target), values[counts.argmax()]
    if share >= PREVAILING and len(values) > 2:
        yield Finding(
            Severity.NOTE,
            "target",
            name,
            f"{share:.1%} of the rows have the value {common:g}",
            "nothing; it is fitted as any number",
            "Two models may do better: one that tells whether it is that value, one for the other rows.",
        )
    low, middle, high = np.quantile(target, [0.25, 0.5, 0.75])
    spread = (high - low) or target.std()
    far = np.abs(target - middle) > FAR * spread
    if far.any():
        weight = float(((target[far] - target.mean()) ** 2).sum() / ((target - target.mean()) ** 2).sum())
        yield Finding(
            Severity.WARNING if weight > 0.5 else Severity.NOTE,
            "target",
            name,
            f"{int(far.sum())} values lie more than {FAR:g} interquartile ranges from the median {middle:.4g} (from "
            f"{target.min():.4g} to {target.max():.4g}); they make up {weight:.0%} of the variance",
            "nothing; they count in the score as any row",
            "Check them; with metric='mae', or the logarithm of the target, they weigh less.",
        )


def tell_values(target: TargetColumn, dataset: Dataset) -> Iterator[Finding]:
    """Yield what durations became, and whole numbers that could be classes where nobody said that they are none."""
    name, values = dataset.task.target, np.asarray(dataset.target)
    if target.are_durations():
        found, done = "the target holds durations", "they are predicted, and scored, as seconds"
        yield Finding(
            Severity.NOTE, "target", name, found, done, "pandas.to_timedelta(predicted, unit='s') gives them."
        )
    distinct = np.unique(values)
    repeated = ROWS_OF_EACH * len(distinct) <= len(values)
    if (
        target.asked is None
        and 1 < len(distinct) <= MOST_CODES
        and repeated
        and bool((distinct == np.round(distinct)).all())
    ):
        yield Finding(
            Severity.NOTE,
            "target",
            name,
            f"the target holds {len(distinct)} different whole numbers, each in {len(values) / len(distinct):.0f} rows "
            f"on average, as codes of classes are",
            "they are predicted as numbers",
            "If they are codes of classes, pass task='classification' or use AutoMLClassifier.",
        )
    yield from _tell_ends(dataset, values)


def _tell_ends(dataset: Dataset, values: Array) -> Iterator[Finding]:
    """Yield the cap or floor that rows lie at; one at zero goes without saying."""
    for end, side, beyond in zip(dataset.task.ends, ("smallest", "largest"), ("below", "above"), strict=True):
        share = float((values == end).mean())
        if np.isfinite(end) and end != 0.0:
            yield Finding(
                Severity.NOTE,
                "target",
                dataset.task.target,
                f"{share:.1%} of the rows have the {side} value, {end:.10g}, as if values were cut off there",
                f"nothing {beyond} it is predicted",
                f"To predict what would lie {beyond} it, leave these rows out.",
            )
