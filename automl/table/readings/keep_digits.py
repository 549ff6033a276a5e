"""Keep digits: what to subtract from numbers, and to divide them by, so that float32 and a model's sums hold them."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pandas as pd

from automl.vocabulary.arrays import Array
from automl.vocabulary.outputs import by_block
from automl.vocabulary.schema import Column
from automl.vocabulary.task import Task

FAR = 1e4
"""Times its range that the size of a column may have before its differences are lost."""
SMALL = 2.0**24
"""Whole numbers up to this are exact in float32."""
EXACT = 2.0**53
"""Whole numbers up to this are exact in float64."""
LEAST, MOST = 1e-12, 1e18
"""Sizes between which numbers are left as they are: squares of others leave float32, and trees take them for 0."""
WIDEST = 2.0**60
"""How far the largest number may lie above a usual one where both are to be told apart."""


WHOLE = re.compile(r"[+-]?[0-9]{1,19}")


def offset_of(values: Array) -> float:
    """Return what to subtract so that float32 keeps the differences; 0 where the numbers are small enough."""
    values = values[np.isfinite(values)]
    if not len(values):
        return 0.0
    low, high = values.min(), values.max()
    if not is_far(low, high):
        return 0.0
    return float(np.median(values)) if np.isfinite(high - low) else 0.0


def is_far(low: Any, high: Any) -> Any:
    """Tell whether float32 would lose the differences of numbers between these ends, which may be arrays of them."""
    largest = np.maximum(np.abs(low), np.abs(high))
    return (largest > FAR * np.maximum(high - low, LEAST)) | (largest > SMALL)


def scale_of(values: Array, offset: float = 0.0) -> float:
    """Return what to divide values less their offset by, a power of two: 1 unless all are tiny or some are huge.

    A usual value, the median of those that are not 0, is then near 1, or the largest is near what can still be squared.
    """
    sizes = np.abs(values[np.isfinite(values)] - offset)
    sizes = sizes[sizes > 0]
    if not len(sizes) or is_usual(float(sizes.max())):
        return 1.0
    usual = max(float(np.median(sizes)), float(sizes.max()) / WIDEST)
    return float(2.0 ** min(1023, max(-1022, math.floor(math.log2(usual)))))


def is_usual(largest: float) -> bool:
    """Tell whether numbers of which this is the largest need no scale."""
    return LEAST <= largest <= MOST


def less_offset(values: pd.Series, numbers: Array, column: Column) -> Array:
    """Return numbers less the column's offset; of whole numbers that float64 cannot hold every digit is kept.

    numbers: the same values as float64.
    """
    if abs(column.offset) < EXACT or pd.api.types.is_float_dtype(values.dtype):
        return np.asarray(numbers - column.offset)
    if not pd.api.types.is_integer_dtype(values.dtype):
        whole_offset, rest = int(column.offset), numbers - column.offset
        cells = values.to_numpy(dtype=object)
        return np.array(
            [
                each if (cell := _whole(value)) is None else float(cell - whole_offset)
                for value, each in zip(cells, rest, strict=True)
            ]
        )
    known = values.notna().to_numpy(dtype=bool)
    kind = np.uint64 if pd.api.types.is_unsigned_integer_dtype(values.dtype) else np.int64
    whole = np.zeros(len(values), dtype=np.uint64)
    whole[known] = values[known].to_numpy(dtype=kind).astype(np.uint64)
    rest = (whole - np.uint64(int(column.offset) % 2**64)).astype(np.int64)  # each wraps round, their difference not
    return np.where(known, rest.astype(np.float64), np.nan)


def _whole(value: Any) -> int | None:
    """Return a whole number, or one written as digits; None for anything else."""
    if isinstance(value, int | np.integer) and not isinstance(value, bool):
        return int(value) if abs(int(value)) < 2**64 else None
    return int(value) if isinstance(value, str) and WHOLE.fullmatch(value.strip()) else None


def rescaled(task: Task, target: Array) -> Task:
    """Return a task of numbers with what learners are to be given of its target: see `Task`."""
    low, high = float(target.min()), float(target.max())
    far = max(abs(low), abs(high)) > FAR * (high - low)
    offset = float(np.median(target)) if far else 0.0
    return Task(task.kind, task.target, number_format=task.number_format, offset=offset, scale=scale_of(target, offset))


def for_learners(target: Array, task: Task) -> Array:
    """Return a target as learners are given it."""
    if not task.is_rescaled:
        return target
    if task.targets:
        return np.column_stack([for_learners(target[:, k], each) for k, each in enumerate(task.targets)])
    return np.asarray((target - task.offset) / task.scale)


def as_given(outputs: Any, task: Task) -> Array:
    """Return what a learner predicts, in the units of the user's target, as float64."""
    found = np.asarray(outputs, dtype=np.float64)
    if not task.is_rescaled:
        return found
    if task.targets:
        parts = zip(task.targets, by_block(found, task), strict=True)
        return np.hstack([as_given(part, each) for each, (_, part) in parts])
    return found * task.scale + task.offset
