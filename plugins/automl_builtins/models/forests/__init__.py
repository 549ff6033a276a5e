"""Random forests (Breiman, 2001) and extremely randomised trees (Geurts et al., 2006), grown tree by tree in time."""

from __future__ import annotations

from functools import partial

import numpy as np

from automl.plugin_api import (
    Choice,
    ColumnKind,
    Domain,
    FitSize,
    Float,
    Int,
    ModelSpec,
    Resources,
    hookimpl,
)
from automl_builtins.kinds import WITH_SEVERAL
from automl_builtins.models.forests.learner import MOST_LEAVES, TREES, ForestLearner


def forest_resources(size: FitSize, randomised: bool) -> Resources:
    """Estimate the cost of one fold."""
    share = float(size.params.get("max_samples", 0.0)) or 1.0
    rows = max(2.0, size.n_rows * share)
    tried = max(1.0, float(size.params.get("max_features", 0.5)) * size.n_features) ** 0.8
    depth = np.log2(rows / max(1, int(size.params.get("min_samples_leaf", 1))) + 2)
    step = 1.5e-8 if randomised else 3.5e-8
    outputs = size.task.n_outputs if size.task.has_classes else max(1, len(size.task.targets))
    each = 0.2 if size.task.targets else 0.02
    tree = 5e-4 + step * rows * depth * tried * (1 + each * outputs)
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
    aliases=("rf",),
    build=partial(ForestLearner, randomised=False),
    tasks=WITH_SEVERAL,
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
    preload=("sklearn.ensemble", __name__),
    resources=partial(forest_resources, randomised=False),
)
EXTRA_TREES = ModelSpec(
    name="extra_trees",
    aliases=("xt",),
    build=partial(ForestLearner, randomised=True),
    tasks=WITH_SEVERAL,
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
    preload=("sklearn.ensemble", __name__),
    resources=partial(forest_resources, randomised=True),
)


@hookimpl
def automl_models() -> tuple[ModelSpec, ...]:
    """Offer both kinds of forest."""
    return (RANDOM_FOREST, EXTRA_TREES)
