"""The learner of the network for tables: keeps its parameters as arrays, and predicts with them in float64."""

from __future__ import annotations

from typing import Any

import numpy as np

from automl.plugin_api import (
    Array,
    BuildRequest,
    Dataset,
    Features,
    FitContext,
    quantile_of,
)
from automl_builtins.kinds import MULTILABEL
from automl_builtins.models._shared.objectives import ABSOLUTE
from automl_builtins.models._shared.output_codec import Coded, OutputCodec
from automl_builtins.models.network.inputs import NetworkInputs, learn_inputs
from automl_builtins.models.network.passes import outputs_of
from automl_builtins.models.network.shape import ALL_LEVELS, LABELS, Rows, Shape
from automl_builtins.models.network.training import train_network


class NetworkLearner(Coded):
    """A few multilayer perceptrons with periodic inputs, embeddings and one cycle of learning rates after another."""

    _wide: tuple[dict[str, Array], dict[str, Array]] | None = None
    """The parameters, and the same in float64."""

    def __init__(self, request: BuildRequest) -> None:
        """Keep the hyperparameters; nothing is fitted yet."""
        self._params = dict(request.params)
        self._task = request.task
        self._values: dict[str, Array] = {}
        self._inputs: NetworkInputs | None = None
        self._shape: Shape | None = None

    def fit(self, train: Dataset, valid: Dataset | None, context: FitContext) -> None:
        """Train until the time is nearly over or the epochs are done; keep the epoch with the least validation loss."""
        are_labels = train.task.is_one_of({MULTILABEL})
        codec = self._codec = OutputCodec.of(train, context.objective, scaled=not are_labels)
        if codec.one_class:
            return
        self._inputs = learn_inputs(train)
        loss = "classes" if codec.classes else LABELS if codec.labels else loss_of_values(context.objective)
        loss = ALL_LEVELS if codec.quantiles else loss
        n_outputs = train.task.n_outputs
        self._shape = Shape(
            len(self._inputs.numbers), self._inputs.n_plain, self._inputs.large_levels, n_outputs, loss, self._params,
            codec.quantiles,
        )  # fmt: skip
        held = None if valid is None else self._taken(valid)
        self._values = train_network(self._shape, self._taken(train), held, context)

    def predict(self, features: Features) -> Array:
        """Return `(n_rows, n_outputs)`."""
        codec = self.codec
        if self._inputs is None or self._shape is None:
            return codec.constant(features.shape[0])
        outputs = self._outputs(features)
        if codec.labels:
            return codec.back((1.0 / (1.0 + np.exp(-np.clip(_known(outputs), -30.0, 30.0)))).mean(axis=0))
        if not codec.classes:
            return codec.back(_known(outputs).mean(axis=0), bounded=True)
        shares = np.exp(_known(outputs - outputs.max(axis=2, keepdims=True)))
        return codec.back((shares / shares.sum(axis=2, keepdims=True)).mean(axis=0))

    def _outputs(self, features: Features) -> Array:
        """Return `(n_members, n_rows, n_outputs)`.

        A matrix product adds in an order that depends on the number of rows: worked out in float64 and rounded to
        float32, a row gives the same alone and among others.
        """
        assert self._inputs is not None
        assert self._shape is not None
        numbers, plain, embedded = self._inputs.apply(features)
        rows = Rows(numbers.astype(np.float64), plain, embedded, np.zeros(0))
        return outputs_of(self._widened(), rows, self._shape).astype(np.float32).astype(np.float64)

    def _widened(self) -> dict[str, Array]:
        """Return the parameters in float64, made once: for a row alone that takes as long as to predict it."""
        if self._wide is None or self._wide[0] is not self._values:
            one = self._values["scale"].ndim == 1  # of a version that trained one network
            made = {name: (value[None] if one else value).astype(np.float64) for name, value in self._values.items()}
            self._wide = self._values, made
        return self._wide[1]

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what is made anew."""
        return {name: value for name, value in self.__dict__.items() if name != "_wide"}

    def _taken(self, data: Dataset) -> Rows:
        assert self._inputs is not None
        numbers, plain, embedded = self._inputs.apply(data.features)
        target = self.codec.to(data.target).astype(np.int64 if self.codec.classes else np.float32)
        weights = None if data.weights is None else np.asarray(data.weights, dtype=np.float32)
        return Rows(numbers, plain, embedded, target, weights)


def loss_of_values(objective: str) -> str:
    """Return what the network minimises for the loss that the search's metric asks for: one that it has, or squares."""
    return objective if objective == ABSOLUTE or quantile_of(objective) is not None else "squared"


def _known(outputs: Array) -> Array:
    """Return outputs with numbers for what is none, which costs five times as long as to see that all are."""
    return outputs if np.isfinite(outputs).all() else np.nan_to_num(outputs)
