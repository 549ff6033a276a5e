"""Words beside embeddings: a linear model of what a text means and of which words it has, together.

Classes that lie close together in meaning, such as a card that was lost and one that was stolen, differ in few words;
others in meaning alone, whatever the words. One linear model on both sees both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from automl.plugin_api import Array, Dataset, FitContext
from automl_builtins.models._shared.logistic import Logistic, fit_logistic, logistic_seconds
from automl_builtins.models._shared.margins import FEW_CLASSES, PAIRS_OF_WORD, Margins, fit_terms, margin_seconds
from automl_builtins.preprocessors._term_weights import TermWeights, texts_in

EMBEDDING_SCALE = 2.0
"""What embeddings of length 1 are multiplied by beside terms of length 1. 77 classes of 10,000 short texts: log loss
0.257 with 1, 0.248 with 2, 0.258 with 4; of 3,000: 0.378, 0.339 and 0.349."""
LOGISTIC_STRENGTH, STEPS = 100.0, 40
"""What C of support vectors is multiplied by for a logistic model, and its steps."""
MOST_TERMS = 10_000


@dataclass(frozen=True, slots=True)
class WordsBeside:
    """Classes by embeddings and words: the terms of each text column, and what tells classes apart by them."""

    terms: tuple[TermWeights, ...]
    fitted: Margins | Logistic

    def probabilities(self, cells: Sequence[Array], embedded: Array, numbers: Array) -> Array:
        """Return `(n_rows, n_classes)`, the columns as the classes of `fitted`."""
        found = [each.transform(texts_in(column)) for each, column in zip(self.terms, cells, strict=True)]
        return self.fitted.probabilities(_joined(found, embedded, numbers))


def fit_words_beside(
    cells: Sequence[Array], embedded: Array, numbers: Array, train: Dataset, strength: float, context: FitContext
) -> WordsBeside:
    """Fit on the text columns `cells` of the rows of `train`, their embeddings and numbers; `strength` is C.

    Few classes are told apart by support vectors, many by a logistic model of all, which takes them less time so.
    cells: one `(n_rows,)` array a column. embedded: `(n_rows, width)`, of length 1. numbers: `(n_rows, n_numbers)`.
    """
    terms = tuple(TermWeights("pairs", MOST_TERMS) for _ in cells)
    found = [each.fit_transform(texts_in(column)) for each, column in zip(terms, cells, strict=True)]
    if len(np.unique(train.target)) <= FEW_CLASSES:
        return WordsBeside(terms, fit_terms(_joined(found, embedded, numbers), train, strength, context))
    parts = [*found, _scaled(embedded, numbers)]
    return WordsBeside(terms, fit_logistic(parts, train, LOGISTIC_STRENGTH * strength, STEPS, context))


def words_seconds(n_rows: float, n_words: float, width: float, n_classes: int) -> float:
    """Estimate what a fit takes, with embeddings of some width."""
    terms = PAIRS_OF_WORD * n_words
    if n_classes <= FEW_CLASSES:
        return margin_seconds(n_rows * (width + terms), n_classes)
    return logistic_seconds(n_rows, width, terms, n_classes, STEPS)


def _joined(terms: Sequence[Any], embedded: Array, numbers: Array) -> Any:
    from scipy.sparse import csr_matrix, hstack

    return hstack([*terms, csr_matrix(_scaled(embedded, numbers))]).tocsr()


def _scaled(embedded: Array, numbers: Array) -> Array:
    return np.asarray(EMBEDDING_SCALE * np.hstack([embedded, numbers]).astype(np.float32))
