"""The learner on a pretrained transformer: reads texts with frozen layers, trains a head, and layers where asked."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from automl.plugin_api import (
    Array,
    BuildRequest,
    ColumnKind,
    Dataset,
    Features,
    FitContext,
)
from automl_builtins.models._shared.cells_and_numbers import CellsAndNumbers
from automl_builtins.models._shared.fine_tuning import has_fast_bf16, judged, to_array
from automl_builtins.models._shared.output_codec import Coded, OutputCodec
from automl_builtins.models._shared.ridge import softmax
from automl_builtins.models.bert.keep_networks import kept_body, kept_numbers
from automl_builtins.models.bert.layers import (
    arrays_of,
    config_of,
    depth_of,
    digest_of,
    filled,
    load_body,
    make_body,
    make_head,
    rounded,
    states_of,
    width_of,
)
from automl_builtins.models.bert.reading import Place, Reader, frozen_body
from automl_builtins.models.bert.states import remember, remembered_states
from automl_builtins.models.bert.tokens import TextTokenizer
from automl_builtins.models.bert.training import TextRows, Training

HEAD_SHARE = 0.3
"""Share of the time in which the head is trained alone, where the layers are trained afterwards."""


class BertLearner(Coded):
    """Layers of a pretrained network, and a small one that weighs the tokens' states and sees the numbers beside."""

    def __init__(self, request: BuildRequest) -> None:
        """Keep the hyperparameters; nothing is fitted yet."""
        self._params = dict(request.params)
        self._task = request.task
        self._inputs: CellsAndNumbers | None = None
        self._tokenizer: TextTokenizer | None = None
        self._facts: dict[str, Any] = {}
        self._body: dict[str, Array] = {}
        self._head: dict[str, Array] = {}
        self._fitted_head: Any = None
        self._temperature = 1.0
        self.device = "cpu"

    def fit(self, train: Dataset, valid: Dataset | None, context: FitContext) -> None:
        """Read all texts with the frozen layers, train the head, and then the layers where that is asked for."""
        codec = self._codec = OutputCodec.of(train)
        if codec.one_class:
            return
        import torch

        torch.set_num_threads(max(1, context.threads))
        torch.manual_seed(context.seed)
        self.device = device_of(context)
        self._inputs = CellsAndNumbers.of(train, ColumnKind.TEXT)
        self._describe()
        rows, judging = self._read(train, valid, context)
        facts = {**self._facts, "device": self.device, "bf16": has_fast_bf16(self.device)}
        head = make_head(facts)
        if codec.shares is not None:
            with torch.no_grad():
                head.last.bias.copy_(torch.from_numpy(np.log(codec.shares)).float())
        head = head.to(self.device)
        training = Training(facts, self._params, context, self._class_weights())
        tuned = self._params.get("train", "head") == "all"
        self._temperature = training.train_head(head, rows, judging, HEAD_SHARE if tuned else 1.0)
        if tuned:
            self._tune(training, head, rows, judging, facts)
        self._head, self._fitted_head = arrays_of(head), None
        if valid is not None and judging is not None:
            remember(judging.tokens, str(self._facts["body"]), list(judging.states))

    def predict(self, features: Features) -> Array:
        """Return `(n_rows, n_outputs)`."""
        codec = self.codec
        if self._inputs is None or self._tokenizer is None:
            return codec.constant(features.shape[0])
        if not len(features):
            return np.zeros((0, self._task.n_outputs))
        import torch

        tokens = self._tokenizer.tokens(self._inputs.cells(features))
        states = remembered_states(tokens, str(self._facts["body"]), self._look)
        numbers = torch.from_numpy(self._inputs.numbers(features))
        facts = {**self._facts, "device": "cpu", "bf16": False}
        rows = TextRows(tokens, states, numbers, np.zeros(len(tokens)), None)
        head = self._fitted_head = self._fitted_head or filled(make_head(facts), self._head)
        outputs = to_array(Training(facts, self._params, FitContext(), None).head_outputs(head, rows))
        outputs = np.nan_to_num(outputs.astype(np.float64))
        if not codec.classes:
            return codec.back(outputs, bounded=True)
        return codec.back(softmax(outputs / self._temperature))

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what is built when it is needed."""
        return {**self.__dict__, "_fitted_head": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take up what was kept; learners of one frozen network, as those of all folds are, share its numbers."""
        self.__dict__.update(state)
        if self._body:
            self._body = kept_numbers(str(self._facts["body"]), lambda: self._body)

    def _look(self, tokens: Sequence[Array]) -> list[Array]:
        """Return the states of texts by the stored layers: on the CPU, wherever they were trained."""
        body = kept_body(str(self._facts["body"]), lambda: filled(self._empty_body(), self._body))
        return states_of(body, tokens, int(self._facts["padding"]))

    def _empty_body(self) -> Any:
        return make_body(self._facts["config"], int(self._facts["layers"]))

    def _describe(self) -> None:
        """Note what the network is to be, with the numbers of its frozen layers."""
        weights = str(self._params["weights"])
        config = config_of(weights)
        layers = n_layers(self._params)
        self._tokenizer = TextTokenizer.of(weights, int(self._params.get("tokens", 128)))
        self._body = arrays_of(frozen_body(weights, layers), half=True)
        assert self._inputs is not None
        self._facts = {
            "config": dict(config),
            "layers": layers,
            "width": width_of(config),
            "heads": int(self._params.get("heads", 8)),
            "dropout": float(self._params.get("dropout", 0.4)),
            "padding": self._tokenizer.padding,
            "n_numbers": len(self._inputs.places),
            "n_outputs": self._task.n_outputs,
            "classes": self.codec.classes,
            "body": digest_of(self._body, self._tokenizer.padding),
        }

    def _read(self, train: Dataset, valid: Dataset | None, context: FitContext) -> tuple[TextRows, TextRows | None]:
        """Return the rows with what the frozen layers make of their texts."""
        assert self._inputs is not None
        assert self._tokenizer is not None
        parts = [train] if valid is None else [train, valid]
        place = Place(str(self._params["weights"]), int(self._facts["layers"]), str(self._facts["body"]), self.device)
        reader = Reader(place, self._tokenizer, context)
        cells = [self._inputs.cells(part.features) for part in parts]
        tokens, states = reader.read(cells, [part.rows for part in parts], train.fingerprint)
        self._tokenizer = reader.tokenizer
        start = train.n_rows
        judging = None if valid is None else self._row_set(valid, tokens[start:], states[start:])
        return self._row_set(train, tokens[:start], states[:start]), judging

    def _row_set(self, data: Dataset, tokens: Sequence[Array], states: Sequence[Array]) -> TextRows:
        import torch

        assert self._inputs is not None
        kind = np.int64 if self.codec.classes else np.float32
        weights = None if data.weights is None else torch.from_numpy(data.weights.astype(np.float32)).to(self.device)
        numbers = torch.from_numpy(self._inputs.numbers(data.features)).to(self.device)
        target = torch.from_numpy(np.asarray(self.codec.to(data.target)).astype(kind)).to(self.device)
        return TextRows(tokens, states, numbers, target, weights)

    def _class_weights(self) -> Any:
        """Return a weight for each class by which rare ones count as much as others, where that is asked for."""
        shares = self.codec.shares
        if shares is None or not self._params.get("balanced", False):
            return None
        import torch

        inverse = 1.0 / shares
        return torch.from_numpy(inverse / (inverse * shares).sum()).float().to(self.device)

    # --- the layers

    def _tune(
        self, training: Training, head: Any, rows: TextRows, judging: TextRows | None, facts: Mapping[str, Any]
    ) -> None:
        """Train the layers with the head; keep what tells the validation rows best."""
        body = load_body(str(self._params["weights"]), int(self._facts["layers"])).to(self.device)
        body, layers = self._opened(body)
        before = {name: value.clone() for name, value in head.state_dict().items()}
        mean = training.tune(body, head, rows, layers)
        if mean.values:
            body.load_state_dict({n[5:]: v for n, v in mean.values.items() if n.startswith("body.")})
            head.load_state_dict({n[5:]: v for n, v in mean.values.items() if n.startswith("head.")})
        body = rounded(body.merge_and_unload() if self._params.get("lora", 0) else body)
        if judging is not None and len(judging):
            states = states_of(body, judging.tokens, int(facts["padding"]), self.device)
            found = TextRows(judging.tokens, states, judging.numbers, judging.target, judging.weights)
            loss, temperature = self._loss(training, head, found)
            tuned = {name: value.clone() for name, value in head.state_dict().items()}
            head.load_state_dict(before)
            frozen, _ = self._loss(training, head, judging)
            if frozen <= loss:  # too little time, or too high a rate: the head on frozen layers is better
                return
            head.load_state_dict(tuned)
            self._temperature = temperature
            judging.states[:] = states  # type: ignore[index]  # a list, which is remembered for the prediction
        self._body = arrays_of(body, half=True)
        self._facts["body"] = digest_of(self._body, int(facts["padding"]))

    def _loss(self, training: Training, head: Any, rows: TextRows) -> tuple[float, float]:
        outputs = training.head_outputs(head, rows)
        return judged(outputs, rows.target, bool(self._facts["classes"]), rows.weights)

    def _opened(self, body: Any) -> tuple[Any, list[Any]]:
        """Return the body with the layers that are trained, the top ones; all else in it stays as it is."""
        rank = int(self._params.get("lora", 0))
        if rank:
            from peft import LoraConfig, get_peft_model

            with warnings.catch_warnings():  # peft asks transformers for an attribute by its former name
                warnings.simplefilter("ignore", FutureWarning)
                body = get_peft_model(body, LoraConfig(r=rank, lora_alpha=2 * rank, target_modules="all-linear"))
        layers = _layers_of(body)
        trained = layers[-max(1, math.ceil(float(self._params.get("tuned", 1.0)) * len(layers))) :]
        chosen = {id(value) for layer in trained for value in layer.parameters()}
        for name, value in body.named_parameters():
            value.requires_grad_(id(value) in chosen and (not rank or "lora_" in name))
        return body, trained


def _layers_of(body: Any) -> list[Any]:
    """Return the layers of a transformer: the longest list of modules in it."""
    from torch.nn import ModuleList

    lists = [list(module) for module in body.modules() if isinstance(module, ModuleList)]
    return max(lists, key=len)


def n_layers(params: Mapping[str, Any]) -> int:
    """Return how many layers are used: the share that is asked for of those that there are."""
    return max(1, math.ceil(float(params.get("layers", 1.0)) * depth_of(config_of(str(params["weights"])))))


def device_of(context: FitContext) -> str:
    """Return the device that a fit is to run on, the CPU where torch finds no GPU."""
    import torch

    return context.device if context.device == "cpu" or torch.cuda.is_available() else "cpu"
