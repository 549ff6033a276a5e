"""The learner on sentence embeddings: prototypes of classes, or a linear model, beside numbers where there are some."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Protocol

import numpy as np

from automl.plugin_api import (
    Array,
    BuildRequest,
    ColumnKind,
    Dataset,
    Features,
    FitContext,
    spread_classes,
)
from automl_builtins.models._shared.cells_and_numbers import CellsAndNumbers
from automl_builtins.models._shared.decision_values import LinearTerms
from automl_builtins.models._shared.logistic import Logistic
from automl_builtins.models._shared.output_codec import Coded, OutputCodec
from automl_builtins.models.bert.heads import Fitted, SeenRows, head_of
from automl_builtins.models.bert.learner import n_layers
from automl_builtins.models.bert.prototypes import Prototypes
from automl_builtins.models.bert.sentence_encoder import SentenceEncoder
from automl_builtins.models.bert.words_beside import WordsBeside

NUMBERS_SCALE = 0.1
"""What standardised numbers are multiplied by beside embeddings, whose own numbers are about as large."""


class Encoder(Protocol):
    """What turns texts into vectors."""

    def embed(self, columns: Sequence[Array]) -> Array:
        """Return `(n_rows, width)`, vectors of length 1, of texts, column by column."""


@contextmanager
def _threads(count: int) -> Iterator[None]:
    """Give torch so many threads meanwhile: the process may be that of a user, who goes on to predict in it."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(max(1, count))
    try:
        yield
    finally:
        torch.set_num_threads(before)


class SentenceLearner(Coded):
    """Reads each text as one vector of a frozen network; few rows of a class suffice, or a description of it.

    Params: `weights`, `layers` and `tokens` as of the bert model; `head`, "prototypes", "linear" or "words", a linear
    one that sees which words there are, too; `C`, the inverse strength of a linear head's penalty; `described`, how
    many rows the descriptions of a class count for. Values are predicted by a ridge, whatever the head.
    """

    _classes: Array | None = None
    """Those of a linear head that an earlier version saved, which held its terms alone."""

    def __init__(self, request: BuildRequest) -> None:
        """Keep the hyperparameters; nothing is fitted yet."""
        self._params = dict(request.params)
        self._task = request.task
        self._inputs: CellsAndNumbers | None = None
        self._encoder: Encoder | None = None
        self._fitted: Fitted | None = None

    def fit(self, train: Dataset, valid: Dataset | None, context: FitContext) -> None:
        """Read all texts, and fit the head on what they became."""
        codec = self._codec = OutputCodec.of(train, context.objective)
        described = {number for number, texts in enumerate(self._task.descriptions) if texts}
        if codec.one_class and described <= {int(train.target[0])}:
            return
        with _threads(context.threads):
            self._fit(train, valid, context)

    def _fit(self, train: Dataset, valid: Dataset | None, context: FitContext) -> None:
        self._inputs = inputs = CellsAndNumbers.of(train, ColumnKind.TEXT)
        cells = [inputs.cells(part.features) for part in (train, valid) if part is not None and part.n_rows]
        embedded = self._read(cells, train, valid, context)
        numbers = NUMBERS_SCALE * inputs.numbers(train.features)
        seen = self._with_descriptions(SeenRows(cells[0], embedded, numbers, train, self.codec))
        head = head_of(self._params, has_classes=self.codec.shares is not None)
        self._fitted = head.fit(seen, float(self._params.get("C", 10.0)), context)

    def _read(self, cells: list[list[Array]], train: Dataset, valid: Dataset | None, context: FitContext) -> Array:
        """Return the embeddings of the training rows; those of the validation rows are remembered.

        `cells` holds the text columns of each of the two.
        """
        weights = str(self._params["weights"])
        encoder = SentenceEncoder(weights, n_layers(self._params), int(self._params.get("tokens", 128)))
        rows = [part.rows for part in (train, valid) if part is not None and part.n_rows]
        embedded = encoder.read(cells, rows, train.fingerprint, context)
        self._encoder = encoder
        return embedded[: train.n_rows]

    def _with_descriptions(self, given_rows: SeenRows) -> SeenRows:
        """Return the rows with the texts that describe classes as further ones."""
        texts, target = self._described()
        if not len(target) or self._encoder is None:
            return given_rows
        train, numbers = given_rows.train, given_rows.numbers
        weights = float(self._params.get("described", 1.0)) / np.bincount(target)[target]
        given = np.ones(train.n_rows) if train.weights is None else train.weights
        rows = replace(train, target=np.concatenate([train.target, target]), weights=np.concatenate([given, weights]))
        beside = np.zeros((len(target), numbers.shape[1]), dtype=numbers.dtype)
        cells = [np.concatenate(both) for both in zip(given_rows.cells, texts, strict=True)]
        embedded = np.vstack([given_rows.embedded, self._encoder.embed(texts)])
        return SeenRows(cells, embedded, np.vstack([numbers, beside]), rows, given_rows.codec)

    def _described(self) -> tuple[list[Array], Array]:
        """Return the texts that describe classes as cells of the text columns, all but the first empty, and classes."""
        pairs = [(number, text) for number, texts in enumerate(self._task.descriptions) for text in texts]
        target = np.array([number for number, _ in pairs], dtype=np.int64)
        texts = np.array([text for _, text in pairs], dtype=object)
        others = [np.full(len(texts), "", dtype=object)] * (len(self._inputs.held) - 1 if self._inputs else 0)
        return [texts, *others], target

    def predict(self, features: Features) -> Array:
        """Return `(n_rows, n_outputs)`."""
        codec = self.codec
        if self._inputs is None or self._encoder is None or self._fitted is None:
            return codec.constant(features.shape[0])
        if not len(features):
            return np.zeros((0, self._task.n_outputs))
        cells, numbers = self._inputs.cells(features), NUMBERS_SCALE * self._inputs.numbers(features)
        embedded = self._encoder.embed(cells)
        if isinstance(self._fitted, Prototypes):
            return codec.back(self._fitted.probabilities(embedded), rows=None if self._fitted.told else 0.0)
        if isinstance(self._fitted, WordsBeside):
            found = self._fitted.probabilities(cells, embedded, numbers)
            return codec.back(spread_classes(found, self._fitted.fitted.classes, self._task.n_outputs))
        matrix, fitted = np.hstack([embedded, numbers]), self._fitted
        if isinstance(fitted, LinearTerms) and self._classes is not None:
            fitted = Logistic(fitted, self._classes)
        if isinstance(fitted, Logistic):
            found = spread_classes(fitted.probabilities(matrix), fitted.classes, self._task.n_outputs)
            return codec.back(found.astype(np.float64))
        return codec.back(fitted.values(matrix), bounded=True)
