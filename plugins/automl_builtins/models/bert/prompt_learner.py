"""The learner with soft prompts: learns vectors before the texts by pairs of them, then a head on the embeddings."""

from __future__ import annotations

import numpy as np

from automl.plugin_api import Array, Dataset, FitContext
from automl_builtins.models.bert.contrast import PairPlan
from automl_builtins.models.bert.contrast_learner import TUNING_SHARE
from automl_builtins.models.bert.learner import device_of, n_layers
from automl_builtins.models.bert.prompted_encoder import PromptedEncoder
from automl_builtins.models.bert.sentence_learner import SentenceLearner


class PromptLearner(SentenceLearner):
    """Few rows of each class, and a network that stays as it is: what is tuned are `prompts` vectors before each text.

    Params: those of the sentence learner; `prompts`; `rounds` and `batch` as of the learner by contrast; `prompt_rate`,
    the learning rate of the vectors.
    """

    def _read(self, cells: list[list[Array]], train: Dataset, valid: Dataset | None, context: FitContext) -> Array:  # noqa: ARG002  which reads no rows ahead
        """Return embeddings of the training rows behind vectors that pairs of rows and descriptions have taught."""
        params, weights = self._params, str(self._params["weights"])
        self.device = device_of(context)
        n_prompts = int(params.get("prompts", 8))
        tokens = min(int(params.get("tokens", 128)), PromptedEncoder.room(weights, n_prompts))
        encoder = PromptedEncoder(weights, n_layers(params), tokens)
        texts, described = self._described()
        columns = [np.concatenate([column, more]) for column, more in zip(cells[0], texts, strict=True)]
        target = np.concatenate([train.target, described])
        plan = PairPlan.of(params, len(target), context.seed, TUNING_SHARE * context.seconds_left())
        encoder.tune(columns, target, plan, n_prompts, float(params.get("prompt_rate", 3e-3)), self.device)
        self._encoder = encoder
        return encoder.embed(cells[0])
