"""Strategies and estimates that raise cost what they would have said, not the search."""

from dataclasses import replace

from automl import AutoML
from automl.plugin_api import SearchStrategySpec, hookimpl
from automl.registry import discover
from tests.end_to_end.test_refused_before_workers import table


def search(plugin, **options):
    settings = {"time_limit": None, "max_trials": 4, "verbose": 0, "executor": "in_process", **options}
    return AutoML(**settings, plugins=[plugin]).fit(table(), "target")


class BrokenStrategy:
    def ask(self, seconds_left):
        raise RuntimeError("no idea")

    def tell(self, outcome):
        raise RuntimeError("not listening")


class OffersBrokenStrategy:
    @hookimpl
    def automl_search_strategies(self):
        return [SearchStrategySpec("broken", lambda request: BrokenStrategy())]


class OffersBrokenEstimates:
    @hookimpl
    def automl_models(self):
        def raises(size):
            raise ZeroDivisionError("no estimate")

        linear = discover().models["linear"]
        return [replace(linear, name="guessing", resources=raises, limits=raises)]


def test_a_strategy_that_raises_leaves_what_was_found_before():
    fitted = search(OffersBrokenStrategy(), strategy="broken")
    assert list(fitted.leaderboard().model) == ["baseline"]
    causes = fitted.failures().set_index("stage").cause
    assert causes["ask"] == "RuntimeError: no idea"
    assert all("Error" in text for text in fitted.failures().traceback)


def test_a_model_whose_estimates_raise_is_tried_all_the_same():
    fitted = search(OffersBrokenEstimates(), models=["baseline", "guessing"])
    assert "guessing" in set(fitted.leaderboard().model)
    assert set(fitted.failures().stage) == {"limits", "resources"}
