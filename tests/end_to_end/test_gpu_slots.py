"""A GPU gets a slot of its own beside those of the cores; what ran where is told."""

import os

import pytest

from automl.plugin_api import Float, ModelSpec, hookimpl
from automl.steps.trials import bring_up
from tests.conftest import quick
from tests.tables import binary_table
from tests.troublesome import ClassShares


class OnGpu(ClassShares):
    """Refuses to be fitted anywhere but where it is told that a GPU is."""

    def fit(self, train, valid, context):
        if (context.device, os.environ.get("CUDA_VISIBLE_DEVICES")) != ("cuda", "5"):
            raise RuntimeError(f"found {context.device} and {os.environ.get('CUDA_VISIBLE_DEVICES')!r}")
        super().fit(train, valid, context)


class OnCore(ClassShares):
    """Refuses to be fitted where there is a GPU to be seen."""

    def fit(self, train, valid, context):
        if (context.device, os.environ.get("CUDA_VISIBLE_DEVICES")) != ("cpu", ""):
            raise RuntimeError(f"found {context.device} and {os.environ.get('CUDA_VISIBLE_DEVICES')!r}")
        super().fit(train, valid, context)


class Falls(ClassShares):
    """Gains from a GPU, and finds none it can use."""

    device = "cpu"


class Offers:
    """A plugin with models for both."""

    @hookimpl
    def automl_models(self):
        space = {"x": Float(0.0, 1.0)}
        defaults = tuple({"x": x} for x in (0.2, 0.5, 0.8))
        return [
            ModelSpec("on_core", OnCore, space=space, defaults=defaults),
            ModelSpec("on_gpu", OnGpu, space=space, defaults=defaults, runtime="own", gpu=True),
            ModelSpec("falls", Falls, space=space, defaults=defaults, runtime="own", gpu=True),
        ]


@pytest.mark.parametrize("time_limit", [None, pytest.param(40, marks=pytest.mark.long)])
def test_both_kinds_of_slots_work_through_one_queue(time_limit, monkeypatch):
    monkeypatch.setattr(bring_up, "find_gpus", lambda: ("5",))
    model = quick(
        time_limit=time_limit,
        models=["on_core", "on_gpu", "falls"],
        plugins=[Offers()],
        max_trials=6,
        executor="process_slots",
        n_jobs=2,
    ).fit(binary_table(), "bought")
    assert model.failures().empty
    board = model.leaderboard()
    assert len(board) == 6
    devices = board.groupby("model")["device"].unique().map(list).to_dict()
    assert devices == {"on_core": ["cpu"], "on_gpu": ["cuda:5"], "falls": ["cpu"]}


def test_without_models_that_gain_from_one_no_gpu_is_looked_for(monkeypatch):
    def asked():
        raise AssertionError("it was looked for")

    monkeypatch.setattr(bring_up, "find_gpus", asked)
    assert quick(models=["baseline"], max_trials=1).fit(binary_table(), "bought").failures().empty
