"""Text preprocessors: TF-IDF as a sparse matrix, and its reduced dense form with counts about the text."""

from __future__ import annotations

from typing import Any

import numpy as np

from automl.plugin_api import (
    Array,
    Column,
    ColumnKind,
    Dataset,
    Features,
    FitContext,
    PreprocessorSpec,
    PreprocessRequest,
    hookimpl,
)
from automl_plugins.preprocessors._frames import float_frame, name_index, named_columns
from automl_plugins.preprocessors._text_statistics import STATISTICS, text_statistics
from automl_plugins.preprocessors._word_terms import WordTerms

TINY = 50
"""A table of fewer rows keeps words that occur in a single one."""
CHARACTERS = (2, 5)
"""The shortest and the longest run of characters that counts as a term."""
POWER_ITERATIONS = 2


@hookimpl
def automl_preprocessors() -> list[PreprocessorSpec]:
    """Offer TF-IDF, sparse and reduced."""
    handles = frozenset({ColumnKind.TEXT})
    needs = ("scipy", "sklearn")
    return [
        PreprocessorSpec("tfidf", Tfidf, handles=handles, sparse=True, requires=needs),
        PreprocessorSpec("tfidf_svd", TfidfSvd, handles=handles, requires=needs),
    ]


class Tfidf:
    """Weighs words and pairs of words by how telling they are, as a CSR matrix.

    Params: `max_features` (30000), the most frequent terms kept for each column; `characters` (False), whether runs
    of 2 to 5 characters within words are added, as many again. A column without any word gives one column of zeros.
    """

    def __init__(self, request: PreprocessRequest) -> None:
        """Keep the columns and params; nothing is fitted yet."""
        self._columns = request.columns
        self._max_features = int(request.params.get("max_features", 30_000))
        self._characters = bool(request.params.get("characters", False))
        self._weighings: list[list[TermWeights]] = []
        self._outputs: tuple[Column, ...] = ()

    def fit_transform(self, data: Dataset, context: FitContext) -> Features:  # noqa: ARG002  the protocol names it
        """Learn the terms and their weights, and return the rows as a CSR matrix."""
        self._weighings, blocks, names = [], [], []
        for i, column in enumerate(self._columns):
            weighings = [TermWeights("pairs", self._max_features)]
            if self._characters:
                weighings.append(TermWeights("characters", self._max_features))
            made = [each.fit_transform(texts_of(data.features, i)) for each in weighings]
            names += [f"{column.name}.tfidf_{k}" for k in range(sum(block.shape[1] for block in made))]
            self._weighings.append(weighings)
            blocks += made
        self._outputs = named_columns((name, ColumnKind.NUMERIC) for name in names)
        return beside(blocks, data.n_rows)

    def transform(self, features: Features) -> Features:
        """Return other rows, with the terms and weights of the training rows."""
        blocks = [
            each.transform(texts_of(features, i)) for i, weighings in enumerate(self._weighings) for each in weighings
        ]
        return beside(blocks, len(features))

    def output_columns(self) -> tuple[Column, ...]:
        """Describe the terms, named "<column>.tfidf_<number>"."""
        return self._outputs


class TfidfSvd:
    """Reduces the TF-IDF of words to a few dense columns by a truncated SVD, and adds counts about the text.

    Params: `components` (32), at most as many as there are words; `max_features` (10000), the most frequent words
    kept for each column. The counts are those of `STATISTICS`.
    """

    def __init__(self, request: PreprocessRequest) -> None:
        """Keep the columns and params; nothing is fitted yet."""
        self._columns = request.columns
        self._components = int(request.params.get("components", 32))
        self._max_features = int(request.params.get("max_features", 10_000))
        self._weighings: list[TermWeights] = []
        self._bases: list[Array] = []
        self._outputs: tuple[Column, ...] = ()
        self._names: Any = None

    def fit_transform(self, data: Dataset, context: FitContext) -> Features:
        """Learn words, weights and components, and return the rows as a dense frame."""
        self._weighings, self._bases, blocks, names = [], [], [], []
        for i, column in enumerate(self._columns):
            texts = texts_of(data.features, i)
            weighing = TermWeights("words", self._max_features)
            terms = weighing.fit_transform(texts)
            basis = main_directions(terms, self._components if weighing.found else 0, context.seed)
            self._weighings.append(weighing)
            self._bases.append(basis)
            blocks += [np.asarray(terms @ basis), text_statistics(texts)]
            names += [(f"{column.name}.svd_{k}", ColumnKind.NUMERIC) for k in range(basis.shape[1])]
            names += [(f"{column.name}.{name}", kind) for name, kind in STATISTICS]
        self._outputs = named_columns(names)
        self._names = name_index(self._outputs)
        return self._frame(blocks, data.n_rows)

    def transform(self, features: Features) -> Features:
        """Return other rows, with the words, weights and components of the training rows."""
        blocks = []
        for i, (weighing, basis) in enumerate(zip(self._weighings, self._bases, strict=True)):
            texts = texts_of(features, i)
            blocks += [np.asarray(weighing.transform(texts) @ basis), text_statistics(texts)]
        return self._frame(blocks, len(features))

    def output_columns(self) -> tuple[Column, ...]:
        """Describe the components, "<column>.svd_<number>", and the counts, for each column in turn."""
        return self._outputs

    def _frame(self, blocks: list[Array], n_rows: int) -> Features:
        made = np.empty((n_rows, len(self._outputs)), dtype=np.float32)
        if blocks:
            np.concatenate(blocks, axis=1, out=made)
        return float_frame(made, self._names)


class TermWeights:
    """TF-IDF of words or of runs of characters, which survives texts without a single term."""

    def __init__(self, kind: str, max_terms: int) -> None:
        """Keep the options: `kind` is "words", "pairs" (words and pairs of them) or "characters"."""
        self._kind, self._max_terms = kind, max_terms
        self._fitted: Any = None
        self._n_terms = 1

    @property
    def found(self) -> bool:
        """Whether there was any term; if not, one column of zeros stands for them."""
        return self._fitted is not None

    def fit_transform(self, texts: list[str]) -> Any:
        """Learn terms and weights, and return `(n_rows, n_terms)` as float32 CSR.

        Terms of a single row are left out, except in a table with few rows or with no other terms.
        """
        for min_rows in (2, 1) if len(texts) >= TINY else (1,):
            fitted, made = self._fit(texts, min_rows)
            if made is not None and made.shape[1]:
                self._fitted, self._n_terms = fitted, made.shape[1]
                return made
        return self.transform(texts)

    def transform(self, texts: list[str]) -> Any:
        """Return other rows as float32 CSR."""
        from scipy.sparse import csr_matrix

        if self._fitted is None or not texts:
            return csr_matrix((len(texts), self._n_terms), dtype=np.float32)
        return csr_matrix(self._fitted.transform(texts), dtype=np.float32)

    def _fit(self, texts: list[str], min_rows: int) -> tuple[Any, Any]:
        if self._kind != "characters":
            words = WordTerms(self._kind == "pairs", self._max_terms)
            return words, words.fit_transform(texts, min_rows)
        from scipy.sparse import csr_matrix
        from sklearn.feature_extraction.text import TfidfVectorizer

        vectorizer = TfidfVectorizer(
            analyzer="char_wb",
            ngram_range=CHARACTERS,
            max_features=self._max_terms,
            min_df=min_rows,
            sublinear_tf=True,
            dtype=np.float32,
        )
        try:
            return vectorizer, csr_matrix(vectorizer.fit_transform(texts), dtype=np.float32)
        except ValueError:  # how the library says that no term is left
            return None, None


def texts_of(features: Features, position: int) -> list[str]:
    """Return one column as a list of texts, whatever pandas keeps them in; "" for what is no text."""
    values = features.iloc[:, position].to_numpy(dtype=object)
    return [value if isinstance(value, str) else "" for value in values]


def main_directions(terms: Any, n_components: int, seed: int) -> Array:
    """Return `(n_terms, n_components)`, the right singular vectors with the largest singular values."""
    from sklearn.utils.extmath import randomized_svd

    n_components = min(n_components, *terms.shape)
    if n_components < 1:
        return np.zeros((terms.shape[1], 0), dtype=np.float32)
    _, _, right = randomized_svd(terms, n_components, n_iter=POWER_ITERATIONS, random_state=seed)
    return np.ascontiguousarray(right.T, dtype=np.float32)


def beside(blocks: list[Any], n_rows: int) -> Any:
    """Put CSR matrices side by side."""
    from scipy.sparse import csr_matrix, hstack

    if len(blocks) == 1:
        return blocks[0]
    return hstack(blocks, format="csr", dtype=np.float32) if blocks else csr_matrix((n_rows, 0), dtype=np.float32)
