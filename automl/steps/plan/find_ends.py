"""Find ends: the least and the most that a target of numbers can be, where its rows show it."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from automl.vocabulary.arrays import Array, Rows
from automl.vocabulary.task import NO_ENDS, Block, Task, Trait

HEAPED_ROWS, HEAPED_SHARE, HEAP = 10, 0.01, 5.0
"""So many rows, or groups, with the outermost value, this share of all rows, and so many times those of a usual value
are taken for a cap, or a floor: of values that merely grow rare there is mostly one."""
HELD_LEVEL = 0.5
"""Later rows whose median is below this share of that of earlier ones are taken to be falling to zero, and below."""
ONE_SIDED_ROWS = 100
"""From so many rows, or groups, on, values that all lie on one side of zero are taken always to."""


def with_ends(task: Task, target: Array, groups: Array | None = None, time: Array | None = None) -> Task:
    """Return the task with the ends of its target, or of each of its targets, where outputs are in its units.

    Ends that the task came with stay. target: `(n_rows,)` or `(n_rows, n_targets)`, as it was encoded. groups, time:
    `(n_rows,)`, as in `ends_of`.
    """
    if task.targets:
        each = zip(task.targets, task.blocks, target.T, strict=True)
        return replace(
            task,
            targets=tuple(
                with_ends(one, column, groups, time) if _is_in_units(block) else one for one, block, column in each
            ),
        )
    if task.has_classes or task.ends != NO_ENDS or not all(block.levels for block in task.parts):
        return task
    return replace(task, ends=ends_of(target, groups, time))


def _is_in_units(block: Block) -> bool:
    """Tell whether the outputs of one target among several are its value, or quantiles of it."""
    return bool(block.levels) or (block.trait is Trait.REAL and block.width == 1)


def ends_of(values: Array, groups: Array | None = None, time: Array | None = None) -> tuple[float, float]:
    """Return the least and the most of a target, infinite where there is no such end.

    values: `(n_rows,)`, all finite. A target that is cut off, such as a price that is written as 500,000 above that,
    has many rows at its end; where a value beyond were predicted, it would surely be too much. groups: `(n_rows,)`;
    rows of one group may share a value for no other reason, so it is the groups that count. time: `(n_rows,)`, numbers
    in its order; later values may drift past those that were, so a cap has to be that of earlier and of later rows, and
    zero is no end of values that have come half the way to it.
    """
    ends = _ends(values, groups)
    if time is None or ends == NO_ENDS:
        return ends
    halves = np.array_split(np.argsort(time, kind="stable"), 2)
    before, after = (float(np.median(values[rows])) for rows in halves)
    zero_holds = abs(after) >= HELD_LEVEL * abs(before)
    of_halves = [_ends(values[rows], None if groups is None else groups[rows]) for rows in halves]

    def holds(end: float, *parts: float) -> bool:
        reached = bool((values == end).any()) and all(part == end for part in parts)
        return reached or (end == 0.0 and zero_holds)

    least, most = (holds(end, *parts) for end, *parts in zip(ends, *of_halves, strict=True))
    return ends[0] if least else -math.inf, ends[1] if most else math.inf


def _ends(values: Array, groups: Array | None) -> tuple[float, float]:
    if not len(values):
        return NO_ENDS
    low, high = float(values.min()) + 0.0, float(values.max()) + 0.0  # -0.0 becomes 0.0
    is_sure = _count(groups, np.ones(len(values), dtype=bool)) >= ONE_SIDED_ROWS
    usual = 1.0 / len(np.unique(values))
    least = low if _is_heaped(values == low, usual, groups) else 0.0 if is_sure and low >= 0 else -math.inf
    most = high if _is_heaped(values == high, usual, groups) else 0.0 if is_sure and high <= 0 else math.inf
    return least, most


def _is_heaped(at_end: Rows, usual: float, groups: Array | None) -> bool:
    return _count(groups, at_end) >= HEAPED_ROWS and bool(at_end.mean() >= max(HEAPED_SHARE, HEAP * usual))


def _count(groups: Array | None, chosen: Rows) -> int:
    """Return how many rows are chosen, or how many groups they are of."""
    return int(chosen.sum()) if groups is None else len(np.unique(groups[chosen]))
