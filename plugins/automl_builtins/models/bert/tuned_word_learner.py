"""The learner of words whose upper layers are tuned: each fold trains its own over what lower ones, shared, make."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from automl.plugin_api import FitContext
from automl_builtins.models.bert.layers import (
    arrays_of,
    config_of,
    depth_of,
    digest_of,
    load_body,
    make_body,
    rounded,
    width_of,
)
from automl_builtins.models.bert.reading import frozen_body
from automl_builtins.models.bert.tokens import TextTokenizer
from automl_builtins.models.bert.word_head import SentenceRows, WordTraining
from automl_builtins.models.bert.word_learner import MOST_TOKENS, WordLearner
from automl_builtins.models.bert.word_states import pieces_of, together_in
from automl_builtins.models.bert.word_tuning import PieceReader, TunedTraining, make_tuned_head, upper_layers
from automl_builtins.tagging.sentences import Words


def tuned_layers(depth: int, share: float) -> int:
    """Return how many of the layers are tuned: of a share above 0 one at least, and never all."""
    return max(0, min(max(1, round(share * depth)), depth - 1)) if share else 0


class TunedWordLearner(WordLearner):
    """Labels words by upper layers that are trained with the head (Devlin et al., "BERT", NAACL 2019)."""

    def _read(self, words: Sequence[Words], table: str, context: FitContext) -> list[Any]:  # noqa: ARG002  as above
        """Note what the network is to be, and return what its lower layers make of all pieces of words."""
        weights = str(self._params["weights"])
        config = config_of(weights)
        depth = max(1, math.ceil(float(self._params.get("layers", 1.0)) * depth_of(config)))
        lower = depth - tuned_layers(depth, float(self._params["tuned"]))
        self._tokenizer = TextTokenizer.of(weights, MOST_TOKENS)
        body = frozen_body(weights, lower)
        self._body = arrays_of(body, half=True)
        self._facts = {
            "config": dict(config),
            "weights": weights,
            "layers": lower,
            "taken": ["pieces"],
            "depth": depth,
            "width": width_of(config),
            "body": digest_of(self._body, self._tokenizer.padding),
            "hidden": int(self._params.get("hidden", 128)),
            "dropout": float(self._params.get("dropout", 0.3)),
            "n_outputs": self._task.n_outputs,
        }
        reader = PieceReader(lambda: body, self._tokenizer, together_in(config))
        return reader.shared(pieces_of(self._tokenizer, words), self._key, context)

    def _train(self, rows: SentenceRows, judging: SentenceRows | None, context: FitContext) -> float:
        """Train upper layers and head, and return the temperature of their outputs."""
        facts = self._facts
        upper = upper_layers(load_body(str(facts["weights"]), int(facts["depth"])), int(facts["layers"]))
        network = make_tuned_head(upper, facts)
        temperature = self._training(context).train(network, rows, judging)
        self._head = arrays_of(rounded(network), half=True)
        return temperature

    def _made_head(self) -> Any:
        facts = self._facts
        upper = upper_layers(make_body(facts["config"], int(facts["depth"])), int(facts["layers"]))
        return make_tuned_head(upper, facts)

    def _training(self, context: FitContext) -> WordTraining:
        return TunedTraining(self._params, context, self._centre, self._spread)

    def _reader(self) -> Any:
        assert self._tokenizer is not None
        body = self._kept_body()
        return PieceReader(lambda: body, self._tokenizer, together_in(self._facts["config"]))
