"""Models of different runtimes never share a process, however the search ends."""

import sys

import pytest

from automl.plugin_api import Float, ModelSpec, hookimpl
from tests.conftest import quick
from tests.tables import binary_table
from tests.troublesome import ClassShares


class Jealous(ClassShares):
    """Refuses to be fitted where a model of another runtime has been."""

    runtime = ""

    def fit(self, train, valid, context):
        seen = sys.modules.setdefault("runtimes_of_this_process", set())
        seen.add(self.runtime)
        if len(seen) > 1:
            raise RuntimeError(f"found {seen} in one process")
        super().fit(train, valid, context)


class OwnRuntime(Jealous):
    """The same, in a runtime of its own."""

    runtime = "own"


class OffersBoth:
    """A plugin with a model for each runtime."""

    @hookimpl
    def automl_models(self):
        space = {"x": Float(0.0, 1.0)}
        defaults = tuple({"x": x} for x in (0.2, 0.5, 0.8))
        return [
            ModelSpec("common", Jealous, space=space, defaults=defaults),
            ModelSpec("apart", OwnRuntime, space=space, defaults=defaults, runtime=OwnRuntime.runtime),
        ]


@pytest.mark.parametrize("time_limit", [None, pytest.param(40, marks=pytest.mark.long)])
def test_models_of_another_runtime_are_fitted_in_workers_of_their_own(time_limit):
    model = quick(
        time_limit=time_limit,
        models=["common", "apart"],
        plugins=[OffersBoth()],
        max_trials=6,
        executor="process_slots",
        n_jobs=2,
    ).fit(binary_table(), "bought")
    assert model.failures().empty
    assert set(model.leaderboard()["model"]) == {"common", "apart"}
    assert len(model.leaderboard()) == 6
