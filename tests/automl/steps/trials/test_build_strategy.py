"""The strategy is told of the search what it may choose from, and never offered the model that is fitted first."""

import numpy as np
import pandas as pd

from automl.plugin_api import SearchStrategySpec, hookimpl
from automl.steps.trials.build_strategy import strategy_builder
from automl.table.take_table import Extras
from tests.automl.steps.searches import opened
from tests.tables import binary_table


class Own:
    """Offers a strategy that is its own request."""

    @hookimpl
    def automl_search_strategies(self):
        return [SearchStrategySpec("own", lambda request: request)]


def estimate(model, params):
    return 1.5


def test_it_is_told_what_the_search_is_of():
    with opened(binary_table(60), "bought", plugins=[Own()], strategy="own", random_state=5) as search:
        request = strategy_builder(search.setup)(estimate)
    assert [spec.name for spec in request.models] == ["linear"]
    assert (request.n_rows, request.seed, request.time_limit, request.n_slots) == (60, 5, None, 1)
    assert request.estimate is estimate
    assert request.task is search.table.judge.task
    assert not request.dated


def test_dates_count_where_folds_are_in_order_of_time():
    frame = binary_table(60).assign(joined=pd.date_range("2020-01-01", periods=60), step=np.arange(60))
    with opened(frame, "bought", Extras(time_column="joined"), [Own()], strategy="own") as search:
        assert strategy_builder(search.setup)(estimate).dated
