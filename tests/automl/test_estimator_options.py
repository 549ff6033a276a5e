"""The constructor keeps each option as it is given, and reads what can be read only once."""

import pytest

from automl import AutoML
from automl.estimator_options import reread
from automl.steps.plan.options import OPTIONS


def test_each_option_is_kept_as_it_is_given():
    marks = {name: object() for name in OPTIONS}
    model = AutoML(**marks)
    assert all(getattr(model, name) is mark for name, mark in marks.items())


def test_a_time_limit_may_be_given_by_its_place_and_all_else_by_name_alone():
    assert AutoML(60).time_limit == 60
    with pytest.raises(TypeError, match="positional"):
        AutoML(60, 3)
    with pytest.raises(TypeError, match="metrics"):
        AutoML(metrics="f1")


def test_a_generator_of_folds_is_read_once_into_a_list():
    assert reread(pair for pair in [(1, 2)]) == [(1, 2)]
    assert reread(5) == 5
