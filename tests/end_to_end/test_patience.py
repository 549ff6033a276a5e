"""How long a search without improvement goes on."""

import time

import numpy as np
import pandas as pd

from automl import AutoML
from automl.plugin_api import ModelSpec, hookimpl

FIT_SECONDS = 0.3


class Slow:
    """Knows the answer, and takes its time."""

    def __init__(self, request):
        pass

    def fit(self, train, valid, context):
        time.sleep(FIT_SECONDS)

    def predict(self, features):
        chance = np.where(features.iloc[:, 0].to_numpy() > 0, 0.9, 0.1)
        return np.column_stack([1 - chance, chance])


class Watcher:
    """Notes what a rule about the end of a search is told."""

    def __init__(self):
        self.seconds = []

    @hookimpl
    def automl_should_stop(self, progress):
        self.seconds.append(progress.seconds_since_improvement)
        return progress.n_finished > 1

    @hookimpl
    def automl_models(self):
        return [ModelSpec("slow", Slow, defaults=({},))]


def test_a_candidate_that_leads_in_its_first_folds_counts_as_improvement():
    x = np.linspace(-1, 1, 80)
    watcher = Watcher()
    AutoML(
        plugins=[watcher], models=["slow"], time_limit=20, cv=5, executor="in_process", n_jobs=1, verbose=0
    ).fit(pd.DataFrame({"x": x, "y": np.where(x > 0, "yes", "no")}), "y")  # fmt: skip
    assert len(watcher.seconds) > 4
    assert max(watcher.seconds) < 3 * FIT_SECONDS
