"""Several targets are read each as one of its own, and encoded side by side."""

import numpy as np
import pandas as pd
import pytest

from automl.errors import InputError
from automl.steps.plan.read_target import ReadTarget
from automl.steps.plan.read_targets import encode_targets, read_targets
from automl_builtins.tasks.several import MULTIOUTPUT_SPEC

TABLE = pd.DataFrame({"a": ["x", "y"] * 5, "b": np.arange(10.0), "c": [True] * 10})


def test_a_series_is_one_target_and_a_frame_several():
    assert isinstance(read_targets(TABLE["a"], "a", None), ReadTarget)
    several = read_targets(TABLE, "", "multioutput")
    assert [column.name for column in several.columns] == ["a", "b", "c"]
    assert (several.name, several.n_rows, several.columns[0].asked) == ("a, b, c", 10, "multioutput")


def test_more_names_than_can_be_read_are_counted():
    wide = pd.DataFrame(np.eye(6), columns=list("abcdef"))
    assert read_targets(wide, "", None).name == "a, b and 4 more"


def test_one_target_that_differs_is_enough_and_none_is_refused():
    read_targets(TABLE, "", None).check()
    with pytest.raises(InputError, match="Each of the 2 targets c, d has a single value in all 10 rows"):
        read_targets(TABLE[["c"]].assign(d=1.5), "", None).check()
    with pytest.raises(InputError, match="'a' holds values of the types"):
        read_targets(TABLE.assign(a=[1, "x"] * 5), "", None).check()


def test_later_values_are_encoded_as_those_that_were_fitted():
    task, encoded = MULTIOUTPUT_SPEC.take(read_targets(TABLE, "", None))
    assert np.array_equal(encode_targets(TABLE, task), encoded)
    assert encode_targets(TABLE[["a", "c"]].assign(b=7), task)[0].tolist() == [0.0, 7.0, 1.0]
    with pytest.raises(InputError, match="expected one of the fitted classes"):
        encode_targets(TABLE.assign(a="z"), task)
