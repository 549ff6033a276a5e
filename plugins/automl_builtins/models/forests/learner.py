"""The learner of both forests: grows trees as long as there is time, and keeps them compact."""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from automl.plugin_api import (
    Array,
    BuildRequest,
    Dataset,
    Features,
    FitContext,
    as_matrix,
    spread_classes,
)
from automl_builtins.models._shared.output_codec import Coded, OutputCodec
from automl_builtins.models.forests.compact_trees import CompactTrees

TREES = 100
FIRST_TREES = 4
"""Grown and timed first, to know how many more the time left allows."""
MOST_LEAVES = 4000
"""Per tree: beyond it a forest on many rows gains little, and its file grows to hundreds of megabytes."""


class ForestLearner(Coded):
    """A forest of scikit-learn's, `randomised` or not.

    Params: `max_features`, the share of features tried at a split; `min_samples_leaf`; `criterion` for classes, "gini"
    or "entropy"; `max_samples`, the share of rows drawn with replacement for a tree, 0 for all rows as they are.
    """

    def __init__(self, request: BuildRequest, randomised: bool) -> None:
        """Keep the hyperparameters; nothing is fitted yet."""
        self._task = request.task
        self._params = dict(request.params)
        self._randomised = randomised
        self._trees: CompactTrees | None = None
        self._classes: Array | None = None

    def fit(self, train: Dataset, valid: Dataset | None, context: FitContext) -> None:  # noqa: ARG002  no early stop
        """Grow trees until there are enough of them or the time is nearly over."""
        codec = self._codec = OutputCodec.of(train, scaled=bool(train.task.targets))
        forest = self._build(train.n_rows, context)
        matrix, wanted = as_matrix(train.features), int(self._params.get("n_estimators", TREES))
        started = time.monotonic()
        trees = min(FIRST_TREES, wanted) if context.seconds_left() < np.inf else wanted
        while True:
            forest.set_params(n_estimators=trees)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # scikit-learn's advice on growing further trees
                forest.fit(matrix, codec.to(train.target), sample_weight=train.weights)
            if trees >= wanted:
                break
            more = int(0.7 * context.seconds_left() * trees / (time.monotonic() - started))
            if more < FIRST_TREES // 2:
                break
            trees = min(wanted, trees + more, 4 * trees)
        self._classes = forest.classes_ if codec.classes else None
        is_centred = codec.classes or codec.scale is not None
        self._trees = CompactTrees.of([tree.tree_ for tree in forest.estimators_], is_centred)

    def predict(self, features: Features) -> Array:
        """Return `(n_rows, n_outputs)`."""
        codec, trees = self.codec, self._trees
        assert trees is not None
        found = trees.mean(as_matrix(features))
        if not codec.classes:
            return codec.back(found, rows=trees.n_trees)
        return codec.back(spread_classes(found, self._classes, self._task.n_outputs), rows=trees.n_trees)

    def _build(self, n_rows: int, context: FitContext) -> Any:
        from sklearn import ensemble

        name = "ExtraTrees" if self._randomised else "RandomForest"
        settings = forest_settings(self._params, n_rows)
        if self.codec.classes:
            settings["criterion"] = self._params.get("criterion", "gini")
        kind = getattr(ensemble, f"{name}{'Classifier' if self.codec.classes else 'Regressor'}")
        return kind(**settings, warm_start=True, n_jobs=context.threads, random_state=context.seed)


def forest_settings(params: Mapping[str, Any], n_rows: int) -> dict[str, Any]:
    """Return scikit-learn's parameters; many rows get bounded trees."""
    share = float(params.get("max_samples", 0.0))
    return {
        "max_features": float(params.get("max_features", 0.5)),
        "min_samples_leaf": int(params.get("min_samples_leaf", 1)),
        "max_leaf_nodes": MOST_LEAVES if n_rows > 2 * MOST_LEAVES else None,
        "bootstrap": share > 0,
        "max_samples": share if 0 < share < 1 else None,
    }
