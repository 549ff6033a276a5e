"""The learner of the residual network: trains on whichever device is given, keeps arrays, predicts on the CPU."""

from __future__ import annotations

from typing import Any

import numpy as np

from automl.plugin_api import (
    Array,
    BuildRequest,
    ColumnKind,
    Dataset,
    Features,
    FitContext,
    stack_images,
)
from automl_builtins.models._shared.cells_and_numbers import CellsAndNumbers
from automl_builtins.models._shared.fine_tuning import has_fast_bf16, to_array
from automl_builtins.models._shared.output_codec import Coded, OutputCodec
from automl_builtins.models._shared.ridge import softmax
from automl_builtins.models.resnet.layers import (
    SCRATCH,
    build_network,
    config_of,
    input_side,
    state_of,
    with_state,
)
from automl_builtins.models.resnet.training import NetworkTrainer, Rows

CHUNK = 2_048


class ResNetLearner(Coded):
    """A residual network over the images and a layer over the numbers, joined before the last layer."""

    def __init__(self, request: BuildRequest) -> None:
        """Keep the hyperparameters; nothing is fitted yet."""
        self._params = dict(request.params)
        self._task = request.task
        self._inputs: CellsAndNumbers | None = None
        self._facts: dict[str, Any] = {}
        self._state: dict[str, Array] = {}
        self._temperature = 1.0
        self._trainer: Any = None
        self.device = "cpu"

    def fit(self, train: Dataset, valid: Dataset | None, context: FitContext) -> None:
        """Train until the time is nearly over or the epochs are done."""
        codec = self._codec = OutputCodec.of(train)
        if codec.one_class:
            return
        import torch

        torch.set_num_threads(max(1, context.threads))
        torch.manual_seed(context.seed)
        self.device = context.device if context.device == "cpu" or torch.cuda.is_available() else "cpu"
        self._inputs = CellsAndNumbers.of(train, ColumnKind.IMAGE)
        self._facts = self._described(train, self._inputs)
        rows = self._taken(train.features, train.target, train.weights)
        self._measure(rows)
        network = build_network({**self._facts, "device": self.device}, load=True)
        if codec.shares is not None:
            with torch.no_grad():
                network.head.bias.copy_(torch.from_numpy(np.log(codec.shares)).float())
        facts = {**self._facts, "device": self.device, "bf16": has_fast_bf16(self.device)}
        trainer = NetworkTrainer(network, facts, self._params, context)
        judged = None if valid is None else self._taken(valid.features, valid.target, valid.weights)
        self._temperature = trainer.run(rows, judged)
        self._state = state_of(network)

    def predict(self, features: Features) -> Array:
        """Return `(n_rows, n_outputs)`."""
        codec = self.codec
        if self._inputs is None:
            return codec.constant(features.shape[0])
        if not len(features):
            return np.zeros((0, self._task.n_outputs))
        mirror = bool(self._params.get("mirror", True))
        parts = [
            to_array(self._network().outputs(self._taken(features.iloc[i : i + CHUNK]), mirror))
            for i in range(0, len(features), CHUNK)
        ]
        outputs = np.concatenate(parts).astype(np.float64)
        if not codec.classes:
            return codec.back(np.nan_to_num(outputs), bounded=True)
        return codec.back(softmax(np.nan_to_num(outputs) / self._temperature))

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the network, which is built anew from the arrays."""
        return {**self.__dict__, "_trainer": None, "device": "cpu"}

    def _network(self) -> NetworkTrainer:
        """Return what predicts: on the CPU, as what is fitted on a GPU must predict without one."""
        if self._trainer is None:
            facts = {**self._facts, "device": "cpu", "bf16": False}
            network = with_state(build_network(facts), self._state)
            self._trainer = NetworkTrainer(network, facts, self._params, FitContext())
        trainer: NetworkTrainer = self._trainer
        return trainer

    def _described(self, train: Dataset, inputs: CellsAndNumbers) -> dict[str, Any]:
        """Return what the network is to be, as plain values."""
        weights = str(self._params.get("weights", SCRATCH))
        facts: dict[str, Any] = {
            "weights": weights,
            "width": int(self._params.get("width", 16)),
            "dropout": float(self._params.get("dropout", 0.1)),
            "n_numbers": len(inputs.places),
            "n_columns": len(inputs.held),
            "n_outputs": self._task.n_outputs,
            "classes": self.codec.classes,
        }
        if weights != SCRATCH:
            facts["config"] = config_of(weights)
        stored = [column.side for column in train.schema.of_kind(ColumnKind.IMAGE) if column.side]
        facts["side"] = input_side(facts, min([int(self._params.get("side", 32)), *stored]))
        return facts

    def _measure(self, rows: Rows) -> None:
        """Note the mean and spread of each colour, which a pretrained network expects of what it was trained on."""
        pixels = np.concatenate([to_array(each[:2_000]).reshape(-1, 3) for each in rows.images])
        self._facts["mean"] = [float(each) for each in pixels.mean(axis=0)]
        self._facts["spread"] = [max(float(each), 1.0) for each in pixels.std(axis=0)]
        if self._facts["weights"] != SCRATCH:
            self._facts["mean"] = [123.675, 116.28, 103.53]
            self._facts["spread"] = [58.395, 57.12, 57.375]

    def _taken(self, features: Features, target: Array | None = None, weights: Array | None = None) -> Rows:
        import torch

        assert self._inputs is not None
        side, device = int(self._facts["side"]), self.device if target is not None else "cpu"
        images = [torch.from_numpy(stack_images(cells, side)[0]) for cells in self._inputs.cells(features)]
        wanted = np.zeros(len(features)) if target is None else self.codec.to(target)
        kind = np.int64 if self._facts["classes"] else np.float32
        return Rows(
            tuple(each.to(device) for each in images),
            torch.from_numpy(self._inputs.numbers(features)).to(device),
            torch.from_numpy(np.asarray(wanted).astype(kind)).to(device),
            None if weights is None else torch.from_numpy(weights.astype(np.float32)).to(device),
        )
