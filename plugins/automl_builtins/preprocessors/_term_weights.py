"""Term weights: TF-IDF of one column's words, pairs of words, or runs of characters."""

from __future__ import annotations

from typing import Any

import numpy as np

from automl.plugin_api import Array, Features
from automl_builtins.preprocessors._word_terms import WordTerms

TINY = 50
"""A table of fewer rows keeps words that occur in a single one."""
CHARACTERS = (2, 5)
"""The shortest and the longest run of characters that counts as a term."""


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
    return texts_in(features.iloc[:, position].to_numpy(dtype=object))


def texts_in(values: Array) -> list[str]:
    """Return values that are texts, "" for others."""
    return [value if isinstance(value, str) else "" for value in values]
