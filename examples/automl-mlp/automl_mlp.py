"""A small neural network for automl: scikit-learn's perceptron, stopped early and in time."""

import copy

import numpy as np

from automl.plugin_api import (
    Array,
    BuildRequest,
    Choice,
    Dataset,
    Features,
    FitContext,
    FitSize,
    Float,
    Learner,
    ModelSpec,
    Resources,
    as_matrix,
    hookimpl,
    spread_classes,
)

BLOCK_ROWS = 5_000
"""Rows between two looks at the clock."""
EPOCHS, PATIENCE = 120, 10
"""Epochs at most, and those without a clear gain (half a percent of the loss) after which a fit ends."""


class MLPLearner:
    """A multi-layer perceptron (Adam) that keeps the weights of its best epoch."""

    def __init__(self, request: BuildRequest) -> None:
        self.task, self.params = request.task, dict(request.params)
        self.centre, self.spread = 0.0, 1.0  # of a regression target

    def fit(self, train: Dataset, valid: Dataset | None, context: FitContext) -> None:
        from sklearn.neural_network import MLPClassifier, MLPRegressor

        classify, rng = self.task.kind.is_classification, np.random.default_rng(context.seed)
        if not classify:
            self.centre, self.spread = float(train.target.mean()), float(train.target.std()) or 1.0
        network = (MLPClassifier if classify else MLPRegressor)(
            hidden_layer_sizes=tuple(int(width) for width in self.params.get("layers", "128-64").split("-")),
            alpha=self.params.get("alpha", 1e-4),
            learning_rate_init=self.params.get("learning_rate", 2e-3),
            batch_size=int(np.clip(train.n_rows // 40, 32, 256)),
            random_state=context.seed,
        )
        known = {"classes": np.unique(train.target)} if classify else {}
        matrix, target = as_matrix(train.features), self.scaled(train.target)
        best, best_loss, mark, trifle, waited = network, np.inf, np.inf, 0.0, 0
        for _ in range(EPOCHS):
            for rows in np.array_split(rng.permutation(train.n_rows), -(-train.n_rows // BLOCK_ROWS)):
                weights = None if train.weights is None else train.weights[rows]
                network.partial_fit(matrix[rows], target[rows], sample_weight=weights, **known)
                if context.seconds_left() < 0.1:
                    break
            loss = self.loss(network, train if valid is None else valid)
            trifle = trifle or 1e-3 * loss
            mark, waited = (loss, 0) if loss < min(0.995 * mark, mark - trifle) else (mark, waited + 1)
            if loss < best_loss:
                best, best_loss = copy.deepcopy(network), loss
            if waited > PATIENCE or context.seconds_left() < 0.1:
                break
        self.network = best

    def predict(self, features: Features) -> Array:
        return self.outputs(self.network, features)

    def outputs(self, network, features: Features) -> Array:
        matrix = as_matrix(features).astype(np.float64)  # float32 sums depend on how many rows there are
        if not self.task.kind.is_classification:
            return network.predict(matrix).reshape(-1, 1) * self.spread + self.centre
        return spread_classes(network.predict_proba(matrix), network.classes_, self.task.n_outputs)

    def scaled(self, target: Array) -> Array:
        return target if self.task.kind.is_classification else (target - self.centre) / self.spread

    def loss(self, network, data: Dataset) -> float:
        found = self.outputs(network, data.features)
        if self.task.kind.is_classification:
            losses = -np.log(np.clip(found[np.arange(data.n_rows), data.target], 1e-7, 1.0))
        else:
            losses = (found[:, 0] - data.target) ** 2
        return float(np.average(losses, weights=data.weights))


def estimate(size: FitSize) -> Resources:
    """A rough cost on one core, for up to some thousand rows; early stopping moves it by a factor of four."""
    weights = (size.n_features + 64) * 128
    return Resources(seconds=0.5 + 2.5e-8 * size.n_rows * weights, memory_mb=200 + 2e-5 * size.n_rows * size.n_features)


def build_mlp(request: BuildRequest) -> Learner:
    return MLPLearner(request)


MLP = ModelSpec(
    name="mlp",
    build=build_mlp,
    space={
        "layers": Choice(("64", "128-64", "256-128", "128-128-64")),
        "alpha": Float(1e-6, 1e-1, log=True),
        "learning_rate": Float(3e-4, 1e-2, log=True),
    },
    defaults=({"layers": "128-64", "alpha": 1e-4, "learning_rate": 2e-3}, {"layers": "64", "alpha": 1e-2}),
    accepts_sparse=True,
    scaling="quantile",
    requires=("sklearn",),
    install="pip install scikit-learn",
    resources=estimate,
)


@hookimpl
def automl_models() -> list[ModelSpec]:
    return [MLP]
