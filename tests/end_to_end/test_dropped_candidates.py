"""A candidate that is dropped gives back what it took."""

from pathlib import Path

import numpy as np

from automl import AutoML
from automl.plugin_api import CLASSIFICATION, CandidateFinished, ModelSpec, hookimpl
from tests.tables import binary_table


class Noise:
    def fit(self, train, valid, context):
        self.seed = context.seed

    def predict(self, features):
        positive = np.random.default_rng(self.seed).random(features.shape[0])
        return np.column_stack([1 - positive, positive])


class OffersNoise:
    def __init__(self):
        self.seen = {}

    @hookimpl
    def automl_models(self):
        return [ModelSpec("noise", lambda request: Noise(), tasks=CLASSIFICATION, accepts_missing=True)]

    @hookimpl
    def automl_event(self, event):
        if isinstance(event, CandidateFinished):
            kept = [Path(fold.member.path).exists() for fold in event.result.folds]
            self.seen.setdefault((event.result.candidate.model, event.result.status), []).append(all(kept))


def test_its_files_and_predictions_are_gone_and_those_of_the_others_are_not():
    plugin = OffersNoise()
    fitted = AutoML(
        time_limit=None, max_trials=6, cv=3, verbose=0, executor="in_process", plugins=[plugin],
        models=["baseline", "linear", "noise"],
    ).fit(binary_table(300), "bought")  # fmt: skip
    assert plugin.seen["noise", "dropped"] == [False]
    assert all(plugin.seen["linear", "complete"])
    dropped = [each for each in fitted.outcome_.results if each.status == "dropped"]
    assert all(fold.predictions.size == 0 for each in dropped for fold in each.folds)
    assert "noise" not in {member.model for member in fitted.predictor_.members}
