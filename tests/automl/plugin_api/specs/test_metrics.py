"""A metric goes along where it is pickled, and says in which words models should learn by it."""

import operator
import pickle
from dataclasses import replace

import pytest

from automl.plugin_api import MetricSpec, TaskKind

RIGHT = MetricSpec("own", operator.sub, False, 0.0, "values", frozenset({TaskKind.REGRESSION}), aliases=("mine",),
                   objective="quantile:0.9")  # fmt: skip


def test_every_field_comes_back_from_a_pickle():
    assert pickle.loads(pickle.dumps(RIGHT)) == RIGHT


def test_a_function_within_a_function_goes_along():
    offset = 2.0
    found = pickle.loads(pickle.dumps(replace(RIGHT, score=lambda y, p, w: offset)))
    assert found.score(None, None, None) == 2.0
    assert (found.name, found.aliases, found.objective) == ("own", ("mine",), "quantile:0.9")


@pytest.mark.parametrize("objective", ["quantile:1.5", "quantile:", "quantile:0", "quantile:half"])
def test_a_quantile_that_is_none_is_refused_where_its_author_sees_it(objective):
    with pytest.raises(ValueError, match="quantile"):
        replace(RIGHT, objective=objective)


def test_words_that_only_models_of_ones_own_know_are_taken():
    assert replace(RIGHT, objective="tweedie").objective == "tweedie"
