"""The learner of words: frozen layers of a pretrained network read sentences, a small one labels their words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from automl.plugin_api import Array, BuildRequest, Dataset, Features, FitContext
from automl_builtins.models._shared.output_codec import Coded, OutputCodec
from automl_builtins.models._shared.ridge import softmax
from automl_builtins.models.bert.keep_networks import kept_body, kept_numbers
from automl_builtins.models.bert.layers import arrays_of, config_of, depth_of, digest_of, filled, make_body, width_of
from automl_builtins.models.bert.reading import frozen_body
from automl_builtins.models.bert.states import remember, remembered_states
from automl_builtins.models.bert.tokens import TextTokenizer
from automl_builtins.models.bert.word_head import IGNORED, SentenceRows, WordTraining, make_word_head, signs_of
from automl_builtins.models.bert.word_states import (
    NoTimeToRead,
    WordReader,
    layers_in_time,
    pieces_of,
    read_sentences,
    together_in,
)
from automl_builtins.tagging.sentences import Sentences, Words, cells_in, runs_of, sentence_column

LEAST_SPREAD = 1e-3
MOST_TOKENS = 512
"""Of which a tokenizer would cut a text; sentences are parted before."""
MOST_TAKEN = 3
"""Layers whose states are kept, evenly spread: the lower ones tell words apart, the upper ones their sense."""


class WordLearner(Coded):
    """Labels words by the states that several frozen layers have for them and for their neighbours."""

    def __init__(self, request: BuildRequest) -> None:
        """Keep the hyperparameters; nothing is fitted yet."""
        self._task, self._params = request.task, dict(request.params)
        self._column = ""
        self._tokenizer: TextTokenizer | None = None
        self._facts: dict[str, Any] = {}
        self._body: dict[str, Array] = {}
        self._head: dict[str, Array] = {}
        self._fitted_head: Any = None
        self._centre: Array = np.empty(0, dtype=np.float32)
        self._spread: Array = np.empty(0, dtype=np.float32)
        self._temperature = 1.0

    def fit(self, train: Dataset, valid: Dataset | None, context: FitContext) -> None:
        """Read all sentences with the frozen layers, and train the head."""
        codec = self._codec = OutputCodec.of(train)
        self._column = sentence_column(train.schema.columns)
        if codec.one_class:
            return
        import torch

        torch.set_num_threads(max(1, context.threads))
        torch.manual_seed(context.seed)
        parts = [train] if valid is None else [train, valid]
        sentences = self._all_sentences(parts)
        words, known = sentences.words(), {text: number for number, text in enumerate(sentences.texts)}
        try:
            states = self._read(words, train.fingerprint, context)
        except NoTimeToRead:  # what is known without reading is how frequent each label is
            self._tokenizer = None
            return
        rows = self._rows_of(train, words, states, known)
        judging = None if valid is None else self._rows_of(valid, words, states, known)
        self._temperature = self._train(rows, judging, context)
        if valid is not None:
            self._remember(Sentences.of(cells_in(valid.features, self._column)), states, known)

    def predict(self, features: Features) -> Array:
        """Return `(n_rows, n_outputs)`."""
        codec = self.codec
        if self._tokenizer is None:
            return codec.constant(features.shape[0])
        if not len(features):
            return np.zeros((0, self._task.n_outputs))
        sentences = Sentences.of(cells_in(features, self._column))
        words, reader = sentences.words(), self._reader()
        assert self._tokenizer is not None
        states = remembered_states(pieces_of(self._tokenizer, words), self._key, reader.states)
        head = self._fitted_head = self._fitted_head or filled(self._made_head(), self._head)
        rows = SentenceRows(states, [signs_of(each) for each in words])
        outputs = np.concatenate(self._training(FitContext()).outputs(head, rows))
        found = np.nan_to_num(outputs[sentences.rows_in_words()].astype(np.float64))
        return codec.back(softmax(found / self._temperature))

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what is built when it is needed."""
        return {**self.__dict__, "_fitted_head": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take up what was kept; learners of one frozen network, as those of all folds are, share its numbers."""
        self.__dict__.update(state)
        if self._body:
            self._body = kept_numbers(str(self._facts["body"]), lambda: self._body)

    def _train(self, rows: SentenceRows, judging: SentenceRows | None, context: FitContext) -> float:
        """Train the head, and return the temperature of its outputs."""
        sample = np.concatenate(rows.states[:: max(1, len(rows.states) // 500)]).astype(np.float32)
        self._centre, self._spread = sample.mean(axis=0), np.maximum(sample.std(axis=0), LEAST_SPREAD)
        head = self._made_head()
        temperature = self._training(context).train(head, rows, judging)
        self._head = arrays_of(head)
        return temperature

    def _made_head(self) -> Any:
        return make_word_head(self._facts)

    def _training(self, context: FitContext) -> WordTraining:
        return WordTraining(self._params, context, self._centre, self._spread)

    @property
    def _key(self) -> str:
        return f"words/{self._facts['body']}/{self._facts['taken']}"

    def _reader(self) -> Any:
        """Return what reads sentences as they were read when the head was trained."""
        assert self._tokenizer is not None
        facts, body = self._facts, self._kept_body()
        together = together_in(facts["config"])
        return WordReader(lambda: body, self._tokenizer, tuple(facts["taken"]), int(facts["width"]), together)

    def _kept_body(self) -> Any:
        facts = self._facts

        def make() -> Any:
            return filled(make_body(facts["config"], int(facts["layers"])), self._body)

        return kept_body(str(facts["body"]), make)

    def _all_sentences(self, parts: Sequence[Dataset]) -> Sentences:
        """Return the sentences of all parts in the order of the table, which is the same for all folds."""
        cells = np.concatenate([cells_in(part.features, self._column) for part in parts])
        order = np.argsort(np.concatenate([part.rows for part in parts]), kind="stable")
        return Sentences.of(cells[order])

    def _read(self, words: Sequence[Words], table: str, context: FitContext) -> list[Any]:
        """Note what the network is to be, and return what its frozen layers make of all words."""
        weights = str(self._params["weights"])
        config, wanted = config_of(weights), float(self._params.get("layers", 1.0))
        depth, width = max(1, math.ceil(wanted * depth_of(config))), width_of(config)
        self._tokenizer = TextTokenizer.of(weights, MOST_TOKENS)
        whole = frozen_body(weights, depth)
        reader = WordReader(lambda: whole, self._tokenizer, (depth,), width, together_in(config))
        pieces = reader.pieces(words)
        depth = layers_in_time(reader, depth, pieces, context, f"words/{weights}/{wanted}/{table}")
        body = frozen_body(weights, depth)
        self._body = arrays_of(body, half=True)
        taken = tuple(sorted({max(1, round(depth * part / MOST_TAKEN)) for part in range(1, MOST_TAKEN + 1)}))
        self._facts = {
            "config": dict(config),
            "layers": depth,
            "width": width,
            "taken": list(taken),
            "body": digest_of(self._body, self._tokenizer.padding),
            "inputs": width * len(taken) + len(signs_of((("a",),))[0]),
            "hidden": int(self._params.get("hidden", 256)),
            "dropout": float(self._params.get("dropout", 0.3)),
            "n_outputs": self._task.n_outputs,
        }
        reader = replace(reader, body=lambda: body, taken=taken)
        return read_sentences(reader, pieces, self._key, context)

    def _rows_of(
        self, data: Dataset, words: Sequence[Words], states: Sequence[Any], known: dict[str, int]
    ) -> SentenceRows:
        """Return the sentences of some rows with their labels; one that occurs several times comes as often."""
        sentences = Sentences.of(cells_in(data.features, self._column))
        target, weights, numbers = [], [], []
        for run in runs_of(sentences, data.groups):
            number = known[sentences.texts[run.sentence]]
            labels = np.full(len(words[number]), IGNORED, dtype=np.int64)
            labels[run.first : run.first + len(run.rows)] = data.target[run.rows]
            target.append(labels)
            numbers.append(number)
            if data.weights is not None:
                each = np.zeros(len(labels), dtype=np.float32)
                each[run.first : run.first + len(run.rows)] = data.weights[run.rows]
                weights.append(each)
        signs = {number: signs_of(words[number]) for number in set(numbers)}
        return SentenceRows(
            [states[number] for number in numbers],
            [signs[number] for number in numbers],
            target,
            weights if data.weights is not None else None,
        )

    def _remember(self, sentences: Sentences, states: Sequence[Any], known: dict[str, int]) -> None:
        """Keep the states of the rows that will be predicted next."""
        assert self._tokenizer is not None
        remember(
            pieces_of(self._tokenizer, sentences.words()), self._key, [states[known[text]] for text in sentences.texts]
        )
