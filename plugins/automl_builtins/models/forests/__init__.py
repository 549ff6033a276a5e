"""Random forests (Breiman, 2001) and extremely randomised trees (Geurts et al., 2006), grown tree by tree in time."""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from automl.plugin_api import (
    Array,
    BuildRequest,
    Choice,
    ColumnKind,
    Dataset,
    Domain,
    Features,
    FitContext,
    FitSize,
    Float,
    Int,
    ModelSpec,
    Resources,
    as_matrix,
    hookimpl,
    spread_classes,
)
from automl_builtins.models._shared.class_shares import class_shares, draw_toward
from automl_builtins.models.forests.compact_trees import CompactTrees

TREES = 100
FIRST_TREES = 4
"""Grown and timed first, to know how many more the time left allows."""
MOST_LEAVES = 4000
"""Per tree: beyond it a forest on many rows gains little, and its file grows to hundreds of megabytes."""


class ForestLearner:
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
        self._shares: Array | None = None

    def fit(self, train: Dataset, valid: Dataset | None, context: FitContext) -> None:  # noqa: ARG002  no early stop
        """Grow trees until there are enough of them or the time is nearly over."""
        self._shares = class_shares(train) if self._task.kind.is_classification else None
        forest = self._build(train.n_rows, context)
        matrix, wanted = as_matrix(train.features), int(self._params.get("n_estimators", TREES))
        started = time.monotonic()
        trees = min(FIRST_TREES, wanted) if context.seconds_left() < np.inf else wanted
        while True:
            forest.set_params(n_estimators=trees)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # scikit-learn's advice on growing further trees
                forest.fit(matrix, train.target, sample_weight=train.weights)
            if trees >= wanted:
                break
            more = int(0.7 * context.seconds_left() * trees / (time.monotonic() - started))
            if more < FIRST_TREES // 2:
                break
            trees = min(wanted, trees + more, 4 * trees)
        self._classes = forest.classes_ if self._task.kind.is_classification else None
        self._trees = CompactTrees.of([tree.tree_ for tree in forest.estimators_], self._shares is not None)

    def predict(self, features: Features) -> Array:
        """Return `(n_rows, n_outputs)`."""
        if self._trees is None:
            raise RuntimeError("predict was called before fit.")
        found = self._trees.mean(as_matrix(features))
        if self._shares is None:
            return found
        return draw_toward(
            spread_classes(found, self._classes, self._task.n_outputs), self._shares, self._trees.n_trees
        )

    def _build(self, n_rows: int, context: FitContext) -> Any:
        from sklearn import ensemble

        name = "ExtraTrees" if self._randomised else "RandomForest"
        settings = forest_settings(self._params, n_rows)
        if self._task.kind.is_classification:
            settings["criterion"] = self._params.get("criterion", "gini")
        kind = getattr(ensemble, f"{name}{'Classifier' if self._task.kind.is_classification else 'Regressor'}")
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


def forest_resources(size: FitSize, randomised: bool) -> Resources:
    """Estimate the cost of one fold."""
    share = float(size.params.get("max_samples", 0.0)) or 1.0
    rows = max(2.0, size.n_rows * share)
    tried = max(1.0, float(size.params.get("max_features", 0.5)) * size.n_features) ** 0.8
    depth = np.log2(rows / max(1, int(size.params.get("min_samples_leaf", 1))) + 2)
    step = 1.5e-8 if randomised else 3.5e-8
    outputs = size.task.n_outputs if size.task.kind.is_classification else 1
    tree = 5e-4 + step * rows * depth * tried * (1 + 0.02 * outputs)
    leaves = min(MOST_LEAVES, rows / max(1, int(size.params.get("min_samples_leaf", 1))))
    megabytes = TREES * leaves * 2 * (72 + 8 * outputs) / 2**20
    return Resources(seconds=0.03 + TREES * tree / max(1, size.threads), memory_mb=30 + 2 * megabytes)


CATEGORIES_AS_CODES = frozenset({ColumnKind.NUMERIC, ColumnKind.BOOLEAN, ColumnKind.CATEGORICAL})
SPACE: dict[str, Domain] = {
    "max_features": Float(0.1, 1.0),
    "min_samples_leaf": Int(1, 20, log=True),
    "criterion": Choice(("gini", "entropy")),
    "max_samples": Choice((0.0, 0.5, 0.7, 1.0)),
    "prepare.categorical": Choice(("codes", "auto", "target_encoding")),
}
RANDOM_FOREST = ModelSpec(
    name="random_forest",
    build=partial(ForestLearner, randomised=False),
    space=SPACE,
    defaults=(
        {
            "max_features": 0.4,
            "min_samples_leaf": 2,
            "criterion": "entropy",
            "max_samples": 1.0,
            "prepare.categorical": "auto",
        },
        {
            "max_features": 0.25,
            "min_samples_leaf": 5,
            "criterion": "gini",
            "max_samples": 0.5,
            "prepare.categorical": "target_encoding",
        },
    ),
    accepts=CATEGORIES_AS_CODES,
    accepts_missing=True,
    requires=("sklearn",),
    resources=partial(forest_resources, randomised=False),
)
EXTRA_TREES = ModelSpec(
    name="extra_trees",
    build=partial(ForestLearner, randomised=True),
    space=SPACE,
    defaults=(
        {
            "max_features": 0.6,
            "min_samples_leaf": 2,
            "criterion": "entropy",
            "max_samples": 0.0,
            "prepare.categorical": "codes",
        },
        {
            "max_features": 1.0,
            "min_samples_leaf": 4,
            "criterion": "gini",
            "max_samples": 0.0,
            "prepare.categorical": "target_encoding",
        },
    ),
    accepts=CATEGORIES_AS_CODES,
    accepts_missing=True,
    requires=("sklearn",),
    resources=partial(forest_resources, randomised=True),
)


@hookimpl
def automl_models() -> tuple[ModelSpec, ...]:
    """Offer both kinds of forest."""
    return (RANDOM_FOREST, EXTRA_TREES)
