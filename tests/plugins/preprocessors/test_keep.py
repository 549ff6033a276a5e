"""Columns that a model takes as they are come through untouched."""

import pandas as pd

from automl.plugin_api import Column, ColumnKind, FitContext, PreprocessRequest, Task, TaskKind
from automl_builtins.preprocessors.keep import KEEP

COLUMNS = (Column("words", ColumnKind.TEXT), Column("when", ColumnKind.DATETIME))


class Rows:
    features = pd.DataFrame({"words": ["a", ""], "when": [1.0, float("nan")]})


def test_the_very_frame_is_handed_on_when_fitted_and_afterwards():
    built = KEEP.build(PreprocessRequest(COLUMNS, Task(TaskKind.BINARY, "y", (0, 1))))
    assert built.fit_transform(Rows, FitContext()) is Rows.features
    assert built.transform(Rows.features) is Rows.features


def test_the_columns_keep_their_kinds():
    assert KEEP.build(PreprocessRequest(COLUMNS, Task(TaskKind.BINARY, "y", (0, 1)))).output_columns() == COLUMNS
