"""Word preprocessors: what is told of the word of a row and of its neighbours, as a sparse matrix or a dense one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from automl.plugin_api import (
    Array,
    Column,
    ColumnKind,
    Dataset,
    DefaultFor,
    Features,
    FitContext,
    PreprocessorSpec,
    PreprocessRequest,
    Schema,
    hookimpl,
)
from automl_builtins.preprocessors._frames import float_frame, name_index, named_columns
from automl_builtins.preprocessors._target_encoding import TargetEncoding
from automl_builtins.tagging.sentences import Sentences, Words
from automl_builtins.tagging.words import hashed_features, shape_of, short_shape_of

HANDLES = frozenset({ColumnKind.SEQUENCE})
MOST_FEATURES = 2**17
ROWS_AT_ONCE = 50_000


@hookimpl
def automl_preprocessors() -> list[PreprocessorSpec]:
    """Offer windows of words, sparse and dense."""
    sparse = DefaultFor(HANDLES, accepted=False, sparse=True)
    dense = DefaultFor(HANDLES, accepted=False, sparse=False)
    return [
        PreprocessorSpec(
            "word_windows", WordWindows, handles=HANDLES, sparse=True, requires=("scipy",), default_for=(sparse,)
        ),
        PreprocessorSpec("word_targets", WordTargets, handles=HANDLES, default_for=(dense,)),
    ]


class WordWindows:
    """Gives each feature of a word and of its neighbours a column of 0 and 1, as a CSR matrix.

    Features are the word in small letters, its beginnings and endings of up to four letters, its shape, signs such as
    capitals and digits, the same of up to two words on each side, and pairs of words. Params: `min_frequency` (2), the
    number of training rows from which a feature has a column; `max_features` (131,072), how many have at most.
    """

    def __init__(self, request: PreprocessRequest) -> None:
        """Keep the columns and params; nothing is fitted yet."""
        self._columns = request.columns
        self._min_frequency = int(request.params.get("min_frequency", 2))
        self._max_features = int(request.params.get("max_features", MOST_FEATURES))
        self._known: tuple[Array, ...] = ()

    def fit_transform(self, data: Dataset, context: FitContext) -> Features:  # noqa: ARG002  the protocol names it
        """Learn which features are frequent, and return the rows."""
        known = []
        for place in range(len(self._columns)):
            hashes, rows = _hashes(data.features, place)
            times = np.bincount(rows, minlength=len(hashes))
            seen = hashes[np.repeat(np.arange(len(hashes)), times)]
            found, counts = np.unique(seen[seen != 0], return_counts=True)
            least = 1 if data.n_rows < 50 else self._min_frequency
            frequent = np.flatnonzero(counts >= least)
            frequent = frequent[np.argsort(-counts[frequent], kind="stable")][: self._max_features]
            known.append(np.sort(found[frequent]))
        self._known = tuple(known)
        return self.transform(data.features)

    def transform(self, features: Features) -> Features:
        """Return other rows, with the features of the training rows."""
        from scipy.sparse import csr_matrix, hstack

        made = []
        for place, known in enumerate(self._known):
            hashes, rows = _hashes(features, place)
            width = max(1, len(known))
            at = np.minimum(np.searchsorted(known, hashes), width - 1)
            there = known[at] == hashes if len(known) else np.zeros(hashes.shape, dtype=bool)
            at = np.sort(np.where(there, at, width), axis=1)
            there = at < width
            ends = np.concatenate([[0], np.cumsum(there.sum(axis=1))])
            ones = np.ones(ends[-1], dtype=np.float32)
            made.append(csr_matrix((ones, at[there].astype(np.int32), ends), shape=(len(hashes), width))[rows])
        return made[0] if len(made) == 1 else hstack(made, format="csr", dtype=np.float32)

    def output_columns(self) -> tuple[Column, ...]:
        """Describe the features, named "<column>.window_<number>"."""
        widths = [max(1, len(known)) for known in self._known]
        return named_columns(
            (f"{column.name}.window_{number}", ColumnKind.NUMERIC)
            for column, width in zip(self._columns, widths, strict=True)
            for number in range(width)
        )


def _hashes(features: Features, place: int) -> tuple[Array, Array]:
    """Return the features of all words of the sentences that rows are of, and which of those words each row is."""
    sentences = Sentences.of(features.iloc[:, place].to_numpy(dtype=object))
    if not len(features):
        return np.zeros((0, 1), dtype=np.uint64), np.zeros(0, dtype=np.int64)
    return hashed_features(sentences.words()), sentences.rows_in_words()


LOOKS = ("word", "before", "after", "ending", "beginning", "shape", "ending before", "ending after", "two before",
         "two after")  # fmt: skip
"""What is told of a word by the mean of the target where it is the same."""
SIGNS = ("length", "capitals", "digits", "title", "place", "left", "title before", "title after", "capitals before",
         "capitals after")  # fmt: skip


class WordTargets:
    """Encodes a word, its neighbours, ending and shape by the mean of the target, and counts letters, as a dense frame.

    Of the training rows each is encoded by the others, as `target_encoding` does.
    """

    def __init__(self, request: PreprocessRequest) -> None:
        """Keep the columns; nothing is fitted yet."""
        self._request = request
        self._levels: tuple[tuple[tuple[str, ...], ...], ...] = ()
        self._encodings: tuple[TargetEncoding, ...] = ()
        self._outputs: tuple[Column, ...] = ()

    def fit_transform(self, data: Dataset, context: FitContext) -> Features:
        """Learn the means, and return the training rows."""
        levels, encodings, blocks, names = [], [], [], []
        for place, column in enumerate(self._request.columns):
            looks, signs = _look(data.features, place)
            known = tuple(tuple(dict.fromkeys(each.tolist())) for each in looks)
            columns = tuple(
                Column(f"{column.name} {name}", ColumnKind.CATEGORICAL, len(each), categories=each)
                for name, each in zip(LOOKS, known, strict=True)
            )
            encoding = TargetEncoding(PreprocessRequest(columns, self._request.task))
            codes = _codes(looks, known, columns)
            made = encoding.fit_transform(replace(data, features=codes, schema=Schema(columns)), context)
            blocks += [made.to_numpy(), signs]
            levels.append(known)
            encodings.append(encoding)
            names += [(each.name, ColumnKind.NUMERIC) for each in encoding.output_columns()]
            names += [(f"{column.name} {name}", ColumnKind.NUMERIC) for name in SIGNS]
        self._levels, self._encodings, self._outputs = tuple(levels), tuple(encodings), named_columns(names)
        return float_frame(np.concatenate(blocks, axis=1), name_index(self._outputs))

    def transform(self, features: Features) -> Features:
        """Return other rows, encoded from all training rows."""
        blocks = []
        for place, (known, encoding) in enumerate(zip(self._levels, self._encodings, strict=True)):
            looks, signs = _look(features, place)
            blocks += [encoding.transform(_codes(looks, known, None)).to_numpy(), signs]
        return float_frame(np.concatenate(blocks, axis=1), name_index(self._outputs))

    def output_columns(self) -> tuple[Column, ...]:
        """Describe the means, and the counts."""
        return self._outputs


def _codes(looks: list[Array], known: tuple[tuple[str, ...], ...], columns: Any) -> Any:
    """Return the number of what each row shows among what is known, -1 for what is not, as a frame."""
    import pandas as pd

    names = None if columns is None else [column.name for column in columns]
    codes = [pd.Index(levels, dtype=object).get_indexer(look) for look, levels in zip(looks, known, strict=True)]
    return pd.DataFrame(np.column_stack(codes).astype(np.int32), columns=names)


def _look(features: Features, place: int) -> tuple[list[Array], Array]:
    """Return what each row shows, a text for each of `LOOKS`, and its counts `(n_rows, n_signs)` float32."""
    sentences = Sentences.of(features.iloc[:, place].to_numpy(dtype=object))
    texts: list[tuple[str, ...]] = []
    counts: list[tuple[float, ...]] = []
    for words in sentences.words():
        shown = _looks_of(words)
        texts += [each[0] for each in shown]
        counts += [each[1] for each in shown]
    rows = sentences.rows_in_words()
    table = np.empty((len(texts), len(LOOKS)), dtype=object)
    for number, each in enumerate(texts):
        table[number] = each
    numbers = np.array(counts, dtype=np.float32).reshape(len(texts), len(SIGNS))
    return [table[rows, look] for look in range(len(LOOKS))], numbers[rows]


def _looks_of(words: Words) -> list[tuple[tuple[str, ...], tuple[float, ...]]]:
    """Return texts and counts of each word of a sentence."""
    plain = ["", "", *(fields[0] for fields in words), "", ""]
    small = [word.lower() for word in plain]
    caps = [float(sum(c.isupper() for c in word)) for word in plain]
    made: list[tuple[tuple[str, ...], tuple[float, ...]]] = []
    for i in range(2, len(plain) - 2):
        word = plain[i]
        shape = short_shape_of(word) if len(word) > 5 else shape_of(word)
        texts = (small[i], small[i - 1], small[i + 1], small[i][-3:], small[i][:3], shape, small[i - 1][-3:],
                 small[i + 1][-3:], small[i - 2], small[i + 2])  # fmt: skip
        counts = (float(len(word)), caps[i], float(sum(c.isdigit() for c in word)), float(word.istitle()),
                  float(i - 2), float(len(words) + 1 - i), float(plain[i - 1].istitle()), float(plain[i + 1].istitle()),
                  caps[i - 1], caps[i + 1])  # fmt: skip
        made.append((texts, counts))
    return made
