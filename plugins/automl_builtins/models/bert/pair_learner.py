"""The learner on pairs of texts: a ranking by how near a question and its candidates are in meaning, and in words."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from threading import Lock
from typing import Any

import numpy as np

from automl.plugin_api import (
    Array,
    BuildRequest,
    ColumnKind,
    Dataset,
    Features,
    FitContext,
    PreprocessRequest,
    as_matrix,
)
from automl_builtins.models._shared.decision_values import LinearTerms
from automl_builtins.models._shared.output_codec import Coded
from automl_builtins.models._shared.queries import RankCodec, spread_of
from automl_builtins.models.bert.learner import n_layers
from automl_builtins.models.bert.sentence_encoder import SentenceEncoder
from automl_builtins.preprocessors._term_weights import texts_of
from automl_builtins.preprocessors.text_pairs import TextPairs

READING_SHARE = 0.5
"""Of a fit's time that reading the texts may take; columns that take more are compared by their words alone."""
MOST_CHARACTERS = 3_000_000
"""Of all different texts, where there is no limit of time."""
SAMPLE = 8
CHARACTERS_PER_TOKEN = 4
KEPT = 50_000
_LOCK = Lock()
_KNOWN: OrderedDict[tuple[str, str], Array] = OrderedDict()
"""What a process has read, by network and text."""
DIGITS = 4
"""To which cosines are rounded, so that the last bits of a row do not depend on the rows beside it."""


class PairRanker(Coded):
    """Orders the candidates of a query by a linear model on how near their texts are to those of the query.

    Nearness is the cosine of sentence embeddings (see `SentenceEncoder`), beside what words have in common
    (`TextPairs`) and the table's numbers. Each different text is read once. Params: `weights`, `layers` and `tokens` as
    of the bert model; `C`, the inverse strength of the penalty.
    """

    def __init__(self, request: BuildRequest) -> None:
        """Keep the hyperparameters; nothing is fitted yet."""
        self._params = dict(request.params)
        self._task = request.task
        self._texts: tuple[int, ...] = ()
        self._numbers: tuple[int, ...] = ()
        self._pairs: TextPairs | None = None
        self._near: list[tuple[int, int]] = []
        self._encoder: SentenceEncoder | None = None
        self._centre: Array = np.zeros(0)
        self._scale: Array = np.ones(0)
        self._terms: LinearTerms | None = None

    def fit(self, train: Dataset, valid: Dataset | None, context: FitContext) -> None:
        """Compare the texts, and fit a linear model on the comparisons."""
        import torch

        torch.set_num_threads(max(1, context.threads))
        codec = RankCodec.of_queries(train)
        columns = train.schema.columns
        self._texts = tuple(place for place, each in enumerate(columns) if each.kind is ColumnKind.TEXT)
        self._numbers = tuple(place for place, each in enumerate(columns) if each.kind is not ColumnKind.TEXT)
        self._pairs = TextPairs(PreprocessRequest(tuple(columns[place] for place in self._texts), train.task))
        words = self._pairs.fit_transform(self._of_texts(train), context)
        self._near = [pair for pair in self._pairs.pairs if max(pair) < len(self._texts)]
        self._near = self._in_reach(train.features, context) if self._near else []
        matrix = self._joined(train.features, words)
        self._centre, self._scale = matrix.mean(axis=0), matrix.std(axis=0)
        self._scale = np.where(self._scale > 1e-9, self._scale, 1.0)
        self._terms = self._fitted((matrix - self._centre) / self._scale, train)
        self._codec = codec
        self._codec = codec.with_spread(self, train, valid, self._params)

    def predict(self, features: Features) -> Array:
        """Return scores `(n_rows, 1)`."""
        if self._pairs is None or self._terms is None:
            return self.codec.constant(features.shape[0])
        if not len(features):
            return np.zeros((0, 1))
        words = self._pairs.transform(features.iloc[:, list(self._texts)])
        matrix = (self._joined(features, words) - self._centre) / self._scale
        return self.codec.back(self._terms.values(matrix)[:, -1])

    def refit_params(self) -> Mapping[str, Any]:
        """Return how far scores spread within a query."""
        return spread_of(self.codec)

    def _of_texts(self, data: Dataset) -> Dataset:
        return replace(data, features=data.features.iloc[:, list(self._texts)])

    def _in_reach(self, features: Features, context: FitContext) -> list[tuple[int, int]]:
        """Return the pairs whose texts can be read in time, those of the shortest texts first; read by the encoder."""
        most = int(self._params.get("tokens", 64))
        encoder = SentenceEncoder(str(self._params["weights"]), n_layers(self._params), most)
        distinct = [list(dict.fromkeys(texts_of(features, place))) for place in self._texts]
        sizes = [sum(min(len(text), CHARACTERS_PER_TOKEN * most) for text in texts) for texts in distinct]
        left, each = context.seconds_left(), 0.0
        if np.isfinite(left):
            each = _seconds_for_character(encoder, [text for texts in distinct for text in texts])
        room = min(MOST_CHARACTERS, READING_SHARE * left / max(each, 1e-9))
        chosen: set[int] = set()
        for place in sorted(range(len(sizes)), key=sizes.__getitem__):
            room -= sizes[place]
            if room >= 0:
                chosen.add(place)
        self._encoder = encoder
        return [pair for pair in self._near if set(pair) <= chosen]

    def _joined(self, features: Features, words: Features) -> Array:
        """Return cosines, comparisons of words and the table's numbers side by side, `(n_rows, n_comparisons)`."""
        texts = {place: texts_of(features, self._texts[place]) for pair in self._near for place in pair}
        found = {place: self._embedded(own) for place, own in texts.items()}
        near = [np.einsum("ij,ij->i", found[first], found[second]) for first, second in self._near]
        cosines = np.round(np.column_stack(near), DIGITS) if near else np.zeros((len(words), 0))
        numbers = as_matrix(features.iloc[:, list(self._numbers)]) if self._numbers else np.zeros((len(words), 0))
        return np.hstack([cosines, cosines**2, words.to_numpy(), numbers]).astype(np.float64)

    def _embedded(self, texts: Sequence[str]) -> Array:
        """Return `(n_rows, width)`, each different text read once in a process."""
        if self._encoder is None:
            raise RuntimeError("predict was called before fit.")
        return read_once(self._encoder, texts)

    def _fitted(self, matrix: Array, train: Dataset) -> LinearTerms:
        """Return a logistic regression of what is relevant where there are two grades, else a ridge."""
        from sklearn.linear_model import LogisticRegression, Ridge

        target, strength = np.asarray(train.target, dtype=np.float64), float(self._params.get("C", 1.0))
        if len(np.unique(target)) == 2:
            model = LogisticRegression(C=strength, max_iter=500)
            is_relevant = (target > target.min()).astype(np.int64)
            return LinearTerms.of(model.fit(matrix, is_relevant, sample_weight=train.weights))
        return LinearTerms.of(Ridge(alpha=1.0 / strength).fit(matrix, target, sample_weight=train.weights))


def read_once(encoder: SentenceEncoder, texts: Sequence[str]) -> Array:
    """Return `(n_texts, width)`; what was read last in this process, such as the texts of the fold before, is kept."""
    key = f"{encoder.key}/{encoder.tokenizer.most}"
    with _LOCK:
        unknown = [text for text in dict.fromkeys(texts) if (key, text) not in _KNOWN]
        if unknown:
            found = encoder.embed([np.array(unknown, dtype=object)])
            _KNOWN.update({(key, text): each for text, each in zip(unknown, found, strict=True)})
        made = np.array([_KNOWN[key, text] for text in texts])
        while len(_KNOWN) > KEPT:
            _KNOWN.popitem(last=False)
    return made


def _seconds_for_character(encoder: SentenceEncoder, texts: Sequence[str]) -> float:
    """Return how long it takes to read a character, by a few texts of all lengths."""
    few = sorted((text for text in texts if text), key=len)[:: max(1, len(texts) // SAMPLE)][:SAMPLE]
    if not few:
        return 0.0
    encoder.embed([np.array(few[:1], dtype=object)])  # the first is always slow
    started = time.monotonic()
    encoder.embed([np.array(few, dtype=object)])
    return (time.monotonic() - started) / sum(
        min(len(text), CHARACTERS_PER_TOKEN * encoder.tokenizer.most) for text in few
    )
