"""The learner by contrast: tunes the encoder of sentences by pairs of texts, then fits a head on its embeddings."""

from __future__ import annotations

import numpy as np

from automl.plugin_api import Array, Dataset, FitContext
from automl_builtins.models.bert.contrast import PairPlan
from automl_builtins.models.bert.learner import device_of, n_layers
from automl_builtins.models.bert.sentence_learner import SentenceLearner
from automl_builtins.models.bert.tuned_encoder import TunedEncoder
from automl_builtins.models.bert.tuned_word_learner import tuned_layers

TUNING_SHARE = 0.7
"""Of a fit's time that is left once texts are read; the rest is for reading with the tuned layers, and for the head."""


class ContrastLearner(SentenceLearner):
    """Few rows of each class as SetFit learns from them (Tunstall et al., 2022): pairs of texts tune upper layers.

    Params: those of the sentence learner; `tuned`, the share of the layers that are tuned; `rounds`, how often each row
    is seen, as far as time allows; `batch`, rows whose pairs make a step; `body_rate`, the last layer's learning rate.
    """

    def _read(self, cells: list[list[Array]], train: Dataset, valid: Dataset | None, context: FitContext) -> Array:
        """Return embeddings of the training rows by an encoder that was tuned by pairs of them, and of descriptions."""
        params, depth = self._params, n_layers(self._params)
        self.device = device_of(context)
        tuned = tuned_layers(depth, float(params.get("tuned", 0.5)))
        encoder = TunedEncoder(str(params["weights"]), depth, tuned, int(params.get("tokens", 128)))
        rows = [part.rows for part in (train, valid) if part is not None and part.n_rows]
        states = encoder.states(cells, rows, train.fingerprint, context, self.device)[: train.n_rows]
        texts, described = self._described()
        told = encoder.read(texts) if len(described) else []
        target = np.concatenate([train.target, described])
        plan = PairPlan.of(params, len(target), context.seed, TUNING_SHARE * context.seconds_left())
        encoder.tune([*states, *told], target, plan, float(params.get("body_rate", 1e-4)), self.device)
        self._encoder = encoder
        return encoder.embed_states(states)
