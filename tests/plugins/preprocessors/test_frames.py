"""Names of features, and frames around arrays without a copy."""

import numpy as np

from automl.plugin_api import Column, ColumnKind
from automl_builtins.preprocessors._frames import float_frame, name_index, named_columns


def test_a_frame_shares_the_memory_of_its_array():
    values = np.zeros((3, 2), dtype=np.float32)
    frame = float_frame(values, name_index((Column("a", ColumnKind.NUMERIC), Column("b", ColumnKind.NUMERIC))))
    assert np.shares_memory(frame.to_numpy(), values)
    assert list(frame.columns) == ["a", "b"]


def test_names_that_occur_again_are_numbered_until_all_are_distinct():
    made = named_columns((name, ColumnKind.NUMERIC) for name in ("x", "x", "x_2", "x"))
    assert [column.name for column in made] == ["x", "x_2", "x_2_2", "x_3"]
