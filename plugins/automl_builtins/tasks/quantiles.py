"""Quantiles: for each row the values that given shares of targets like its own lie below."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from automl.plugin_api import (
    Array,
    Block,
    Dataset,
    Finding,
    Loan,
    ReportTable,
    Severity,
    TargetColumn,
    Task,
    TaskSpec,
    Trait,
    hookimpl,
)
from automl_builtins.kinds import QUANTILE
from automl_builtins.models._shared.levels import as_one_value
from automl_builtins.tasks._audit_values import audit_values, tell_values
from automl_builtins.tasks._spread import fits_of, lend

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
"""The levels where none are asked for: the median, half of the targets, and nine tenths of them."""
ROWS_BEYOND = 5
"""So many rows of a table should lie beyond a level for it to be learnt from them."""


def take(target: TargetColumn) -> tuple[Task, Array]:
    """Return a task of the levels that are asked for, and each row's value."""
    task, values = target.as_numbers(QUANTILE)
    levels = tuple(target.options.get("quantiles") or LEVELS)
    return replace(task, parts=(Block(task.target, trait=Trait.ORDERED, levels=levels),)), values


def tell(target: TargetColumn, dataset: Dataset) -> Iterator[Finding]:
    """Yield what is told of values, and levels that so few rows cannot tell much of."""
    yield from tell_values(target, dataset)
    levels = dataset.task.blocks[0].levels
    needed = [level for level in levels if min(level, 1.0 - level) * dataset.n_rows < ROWS_BEYOND]
    if needed:
        named = ", ".join(f"{level:g}" for level in needed)
        rows = round(ROWS_BEYOND / min(min(level, 1.0 - level) for level in needed))
        yield Finding(
            Severity.WARNING,
            "target",
            dataset.task.target,
            f"{dataset.n_rows} rows were asked for the levels {named}, beyond which fewer than {ROWS_BEYOND} lie",
            "they are predicted from the farthest rows that there are",
            f"Trust them little; {rows} rows or more would tell.",
        )


def show(target: Array, outputs: Array, decided: Array, task: Task) -> Iterator[ReportTable]:  # noqa: ARG001  of classes
    """Yield how many targets lie below each level, and how many between each pair of levels, and how wide that is."""
    levels = task.blocks[0].levels
    below = [float((target <= outputs[:, place]).mean()) for place in range(len(levels))]
    chance = [1.96 * np.sqrt(level * (1.0 - level) / len(target)) for level in levels]
    rows = [
        (f"{level:g}", f"{found:.1%}", f"{max(0.0, level - wide):.1%} to {min(1.0, level + wide):.1%}")
        for level, found, wide in zip(levels, below, chance, strict=True)
    ]
    about = "The share of targets at or below each quantile should be its level; by chance it lies in the last column."
    yield ReportTable("Levels", about, ("level", "at or below", "95 % of the time"), tuple(rows))
    pairs = [(low, len(levels) - 1 - low) for low in range(len(levels) // 2)]
    if pairs:
        about = "Targets between two quantiles, both included, and how far apart the two are."
        heads = ("between", "asked", "covered", "mean width", "median width")
        yield ReportTable("Coverage", about, heads, tuple(_pair(target, outputs, levels, pair) for pair in pairs))


def _pair(target: Array, outputs: Array, levels: tuple[float, ...], pair: tuple[int, int]) -> tuple[str, ...]:
    low, high = pair
    inside = (target >= outputs[:, low]) & (target <= outputs[:, high])
    width = outputs[:, high] - outputs[:, low]
    asked = levels[high] - levels[low]
    return (
        f"{levels[low]:g} and {levels[high]:g}", f"{asked:.1%}", f"{inside.mean():.1%}", f"{width.mean():,.5g}",
        f"{np.median(width):,.5g}",
    )  # fmt: skip


SPEC = TaskSpec(
    name=QUANTILE.value,
    take=take,
    metric="pinball",
    evaluated=("pinball", "coverage", "interval_width", "mae_of_median"),
    tells=tell,
    audit=audit_values,
    loans=(Loan(as_one_value, lend, fits=fits_of, beside=True, ahead=True),),
    submits=("values",),
    shows=show,
    options=("quantiles",),
)


@hookimpl
def automl_tasks() -> list[TaskSpec]:
    """Offer it."""
    return [SPEC]
