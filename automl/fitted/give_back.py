"""Give back: what is predicted of several targets, each with the labels or values that it had."""

from __future__ import annotations

from typing import Any

import numpy as np

from automl.vocabulary.arrays import Array
from automl.vocabulary.labels import label_array
from automl.vocabulary.outputs import by_block, decided_by_block
from automl.vocabulary.task import Task

NUMBERS = "iuf"


def predicted_columns(decided: Array, task: Task) -> dict[str, Array]:
    """Return by target the labels or values that are predicted, `(n_rows,)` each, with the type that it had.

    decided: `(n_rows, n_outputs)`, as `decided_outputs` gives them.
    """
    numbers = decided_by_block(decided, task)
    found = {}
    for each, values in zip(task.targets, numbers.T, strict=True):
        if each.classes:
            found[each.target] = label_array(each.classes)[np.minimum(values.astype(np.int64), len(each.classes) - 1)]
        else:
            found[each.target] = values.astype(np.float64)
    return found


def side_by_side(columns: dict[str, Array]) -> Array:
    """Return `(n_rows, n_targets)`: of the type of the columns where they have one in common, else of objects."""
    arrays = list(columns.values())
    kinds = {array.dtype.kind for array in arrays}
    if len(kinds) == 1:
        return np.column_stack(arrays)
    made = np.empty((len(arrays[0]), len(arrays)), dtype=object)
    for number, array in enumerate(arrays):
        made[:, number] = array.tolist()
    return made


def as_table(columns: dict[str, Array], kind: str, index: Any = None) -> Any:
    """Return the columns as a frame of pandas, or of polars where `kind` says so."""
    if kind == "polars":
        import polars

        return polars.DataFrame({name: array.tolist() for name, array in columns.items()})
    import pandas as pd

    return pd.DataFrame(columns, index=index)


def probabilities_by_target(outputs: Array, task: Task) -> Array | list[Array]:
    """Return `(n_rows, n_labels)` where each output is the probability of a label, the second of its target's two.

    Else a list, as scikit-learn's classifiers of several targets give it: of each target of classes, `(n_rows,
    n_classes)`.
    """
    parts = [part for each, (_, part) in zip(task.targets, by_block(outputs, task), strict=True) if each.classes]
    are_labels = len(parts) == len(task.targets) and all(part.shape[1] == 1 for part in parts)
    return outputs if are_labels else parts
