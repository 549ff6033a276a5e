"""Image model on torch: a residual network, small and from scratch or pretrained and fine-tuned, beside numbers."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from typing import Any

import numpy as np

from automl.plugin_api import (
    PRETRAINED,
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
    hookimpl,
    stack_images,
    weights_path,
)
from automl_builtins.models._shared.cells_and_numbers import CellsAndNumbers
from automl_builtins.models._shared.class_shares import class_shares, draw_toward, has_one_class
from automl_builtins.models._shared.fine_tuning import has_fast_bf16, to_array
from automl_builtins.models._shared.ridge import softmax
from automl_builtins.models._shared.target_scale import TargetScale
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


class ResNetLearner:
    """A residual network over the images and a layer over the numbers, joined before the last layer."""

    def __init__(self, request: BuildRequest) -> None:
        """Keep the hyperparameters; nothing is fitted yet."""
        self._params = dict(request.params)
        self._task = request.task
        self._inputs: CellsAndNumbers | None = None
        self._facts: dict[str, Any] = {}
        self._state: dict[str, Array] = {}
        self._temperature = 1.0
        self._target = TargetScale()
        self._shares: Array | None = None
        self._rows = 0
        self._trainer: Any = None
        self.device = "cpu"

    def fit(self, train: Dataset, valid: Dataset | None, context: FitContext) -> None:
        """Train until the time is nearly over or the epochs are done."""
        self._rows = train.n_rows
        if self._task.kind.is_classification:
            self._shares = class_shares(train)
            if has_one_class(train):
                return
        else:
            self._target = TargetScale.of(train.target)
        import torch

        torch.set_num_threads(max(1, context.threads))
        torch.manual_seed(context.seed)
        self.device = context.device if context.device == "cpu" or torch.cuda.is_available() else "cpu"
        self._inputs = CellsAndNumbers.of(train, ColumnKind.IMAGE)
        self._facts = self._described(train, self._inputs)
        rows = self._taken(train.features, train.target, train.weights)
        self._measure(rows)
        network = build_network({**self._facts, "device": self.device}, load=True)
        if self._shares is not None:
            with torch.no_grad():
                network.head.bias.copy_(torch.from_numpy(np.log(self._shares)).float())
        facts = {**self._facts, "device": self.device, "bf16": has_fast_bf16(self.device)}
        trainer = NetworkTrainer(network, facts, self._params, context)
        judged = None if valid is None else self._taken(valid.features, valid.target, valid.weights)
        self._temperature = trainer.run(rows, judged)
        self._state = state_of(network)

    def predict(self, features: Features) -> Array:
        """Return `(n_rows, n_outputs)`."""
        if not self._rows:
            raise RuntimeError("predict was called before fit.")
        if self._inputs is None:
            return np.tile(self._shares if self._shares is not None else np.zeros(1), (features.shape[0], 1))
        if not len(features):
            return np.zeros((0, self._task.n_outputs))
        mirror = bool(self._params.get("mirror", True))
        parts = [
            to_array(self._network().outputs(self._taken(features.iloc[i : i + CHUNK]), mirror))
            for i in range(0, len(features), CHUNK)
        ]
        outputs = np.concatenate(parts).astype(np.float64)
        if self._shares is None:
            return self._target.back(np.nan_to_num(outputs), bounded=True)
        return draw_toward(softmax(np.nan_to_num(outputs) / self._temperature), self._shares, self._rows)

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
            "classes": self._task.kind.is_classification,
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
        wanted = np.zeros(len(features)) if target is None else target
        if target is not None and not self._facts["classes"]:
            wanted = self._target.to(target)
        kind = np.int64 if self._facts["classes"] else np.float32
        return Rows(
            tuple(each.to(device) for each in images),
            torch.from_numpy(self._inputs.numbers(features)).to(device),
            torch.from_numpy(np.asarray(wanted).astype(kind)).to(device),
            None if weights is None else torch.from_numpy(weights.astype(np.float32)).to(device),
        )


def resnet_resources(size: FitSize) -> Resources:
    """Estimate the cost of one fold."""
    params = size.params
    side, width = int(params.get("side", 32)), int(params.get("width", 16))
    flops = 6 * 18e6 * (width / 16) ** 2 * (side / 32) ** 2
    if params.get("weights", SCRATCH):
        flops = 6 * 1.8e9 * (side / 224) ** 2 * (0.4 if params.get("train") == "head" else 1.0)
    pace = 2e13 if size.device != "cpu" else 3e10 * max(1, size.threads) ** 0.8
    seconds = 4.0 + int(params.get("epochs", 30)) * 0.8 * size.n_rows * flops / pace
    return Resources(seconds, memory_mb=700.0 + 2e-5 * flops + size.n_rows * side**2 * 3 / 2**20, gpus=1)


def resnet_limits(size: FitSize) -> str:
    """Refuse pretrained weights that are not there."""
    weights = str(size.params.get("weights", SCRATCH))
    if weights == SCRATCH:
        return ""
    if importlib.util.find_spec("transformers") is None:
        return "transformers is not installed; run: pip install 'ensemble-automl[image]'"
    try:
        weights_path(weights)
    except LookupError as error:
        return str(error)
    return ""


def _scratch(rate: float, width: int, epochs: int, mix: float) -> Mapping[str, Any]:
    return {
        "weights": SCRATCH, "train": "all", "learning_rate": rate, "width": width, "epochs": epochs, "mix": mix,
        "side": 32, "dropout": 0.1, "weight_decay": 0.05, "mirror": True, "batch": 64,
    }  # fmt: skip


def _tuned(weights: str, train: str, epochs: int) -> Mapping[str, Any]:
    return {
        "weights": weights, "train": train, "learning_rate": 1e-3, "epochs": epochs, "mix": 0.0, "side": 128,
        "dropout": 0.1, "weight_decay": 0.05, "mirror": True, "batch": 32,
    }  # fmt: skip


def resnet_spec(weights: tuple[str, ...] = (PRETRAINED,)) -> ModelSpec:
    """Return the model, with configurations for pretrained networks besides those from scratch."""
    space: dict[str, Domain] = {
        "weights": Choice((SCRATCH, *weights)),
        "train": Choice(("all", "head")),
        "learning_rate": Float(3e-4, 2e-2, log=True),
        "width": Choice((12, 16, 24, 32)),
        "epochs": Int(2, 60, log=True),
        "mix": Choice((0.0, 0.3, 0.6)),
        "side": Choice((32, 48, 64, 96, 128, 160, 224)),
        "dropout": Float(0.0, 0.4),
        "weight_decay": Float(0.005, 0.2, log=True),
        "mirror": Choice((True, False)),
        "batch": Choice((32, 64, 128)),
    }
    tuned = [_tuned(each, train, epochs) for train, epochs in (("head", 2), ("all", 5)) for each in weights]
    return ModelSpec(
        name="resnet",
        build=ResNetLearner,
        space=space,
        defaults=(*tuned, _scratch(5e-3, 16, 20, 0.0), _scratch(5e-3, 16, 8, 0.0), _scratch(5e-3, 24, 40, 0.3)),
        accepts=frozenset({ColumnKind.NUMERIC, ColumnKind.BOOLEAN, ColumnKind.IMAGE}),
        accepts_missing=True,
        requires=("torch",),
        install="pip install 'ensemble-automl[image]'",
        resources=resnet_resources,
        limits=resnet_limits,
        runtime="torch",
        needs=frozenset({ColumnKind.IMAGE}),
        gpu=True,
        pretrained="image",
    )


@hookimpl
def automl_models() -> tuple[ModelSpec, ...]:
    """Offer the model."""
    return (resnet_spec(),)
