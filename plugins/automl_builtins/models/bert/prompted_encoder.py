"""Prompted encoder: a frozen network for sentences that reads a few learned vectors before each text."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from automl.plugin_api import Array
from automl_builtins.models.bert.contrast import PairPlan, directions_of, learn_pairs
from automl_builtins.models.bert.layers import (
    batches_by_length,
    config_of,
    load_body,
    means_of,
    padded,
    places_in,
    tokens_at_once,
)
from automl_builtins.models.bert.sentence_encoder import SentenceEncoder


class PromptedEncoder(SentenceEncoder):
    """The frozen network of `SentenceEncoder`, and vectors in the place of words that stand before every text.

    They alone are learned (Lester et al., "The power of scale for parameter-efficient prompt tuning", EMNLP 2021).
    """

    def __init__(self, weights: str, layers: int, tokens: int) -> None:
        """Take over the network; no vectors are learned yet."""
        super().__init__(weights, layers, tokens)
        self._prompts: Array = np.zeros((0, 0), dtype=np.float16)

    @staticmethod
    def room(weights: str, n_prompts: int) -> int:
        """Return how many tokens a text may have beside so many vectors."""
        return places_in(config_of(weights), besides=n_prompts)

    @property
    def key(self) -> str:
        """A name for what it makes of texts."""
        return f"{super().key}/{hashlib.sha256(self._prompts.tobytes()).hexdigest()}"

    def tune(
        self, columns: Sequence[Array], target: Array, plan: PairPlan, n_prompts: int, rate: float, device: str
    ) -> None:
        """Learn the vectors by pairs of texts, column by column; they begin as words that chance takes of the texts."""
        import torch
        from peft import PromptTuningConfig, get_peft_model

        torch.manual_seed(plan.seed)
        body = load_body(self._weights, self._layers).to(device)
        with warnings.catch_warnings():  # peft asks transformers for an attribute by its former name
            warnings.simplefilter("ignore", FutureWarning)
            config = PromptTuningConfig(task_type="FEATURE_EXTRACTION", num_virtual_tokens=n_prompts)
            prompted = get_peft_model(body, config)
        (prompts,) = [value for value in prompted.parameters() if value.requires_grad]
        tokens = self.tokenizer.tokens(columns)
        words = np.random.default_rng(plan.seed).choice(np.concatenate(tokens), n_prompts)
        with torch.no_grad():
            prompts.copy_(body.get_input_embeddings()(torch.from_numpy(words.astype(np.int64)).to(device)))

        def directions(rows: Array) -> Any:
            length = max(len(tokens[row]) for row in rows)
            ids, mask = padded([tokens[row] for row in rows], length, self.tokenizer.padding, device)
            made = prompted(input_ids=ids, attention_mask=mask).last_hidden_state
            return directions_of(made[:, n_prompts:], mask)

        learn_pairs([{"params": [prompts], "rate": rate}], directions, target, plan)
        self._prompts = prompts.detach().cpu().numpy().astype(np.float16)

    def _look(self, tokens: Sequence[Array]) -> list[Array]:
        """Return the mean of each text's states behind the vectors, `(1, width)`; this needs no peft."""
        import torch

        body, found = self._body(), [np.empty(0)] * len(tokens)
        prompts = torch.from_numpy(self._prompts.astype(np.float32))
        n_prompts, words = len(prompts), body.get_input_embeddings()
        lengths = [len(each) for each in tokens]
        with torch.inference_mode():
            for rows, length in batches_by_length(lengths, tokens_at_once("cpu")):
                ids, mask = padded([tokens[row] for row in rows], length, self.tokenizer.padding, "cpu")
                before = prompts.expand(len(rows), -1, -1)
                seen = torch.cat([mask.new_ones(len(rows), n_prompts), mask], 1)
                made = body(inputs_embeds=torch.cat([before, words(ids)], 1), attention_mask=seen).last_hidden_state
                for row, mean in zip(rows, means_of(made[:, n_prompts:], mask).numpy(), strict=True):
                    found[row] = mean
        return found
