"""Words weighed by how unlike their classes are, and runs of characters."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from automl.plugin_api import Column, ColumnKind, Dataset, FitContext, PreprocessRequest, Schema
from automl_builtins.preprocessors.text import (
    CharacterTfidf,
    WordRatios,
    length_within,
    log_count_ratios,
    sides_of,
)
from tests.plugins.preprocessors.tables import BINARY, MULTICLASS, REGRESSION, dense

REVIEW = Column("review", ColumnKind.TEXT)
TEXTS = ["good film", "good plot", "bad film", "bad plot"]
MATRICES = st.lists(st.lists(st.booleans(), min_size=4, max_size=4), min_size=2, max_size=10)


def rated(texts, target, task=BINARY, weights=None):
    frame = pd.DataFrame({"review": pd.array(list(texts), dtype=object)})
    return Dataset(frame, np.asarray(target), Schema((REVIEW,)), task, np.arange(len(texts)), weights=weights)


def made(kind, data):
    built = kind(PreprocessRequest(data.schema.columns, data.task, {}))
    return built, built.fit_transform(data, FitContext(seed=0))


@settings(max_examples=40, deadline=None)
@given(there=MATRICES, seed=st.integers(0, 100))
def test_ratios_are_those_of_the_definition(there, seed):
    matrix, rng = np.array(there, dtype=np.float32), np.random.default_rng(seed)
    side, weights = rng.integers(0, 2, len(there)).astype(float), rng.uniform(0.5, 2.0, len(there))
    p, q = 1 + matrix.T @ (weights * side), 1 + matrix.T @ (weights * (1 - side))
    expected = np.log(p / p.sum()) - np.log(q / q.sum())
    np.testing.assert_allclose(log_count_ratios(csr_matrix(matrix), side[:, None], weights), expected, atol=1e-5)


def test_words_of_one_class_point_to_it_and_words_of_both_count_little():
    built, features = made(WordRatios, rated(TEXTS * 5, [1, 1, 0, 0] * 5))
    np.testing.assert_allclose(np.linalg.norm(dense(features), axis=1), 1.0, atol=1e-6)
    good, bad, film = (dense(built.transform(rated([word], [0]).features)).sum() for word in ("good", "bad", "film"))
    assert good == pytest.approx(1.0)
    assert bad == pytest.approx(-1.0)
    assert film == pytest.approx(0.0)
    mixed = dense(built.transform(rated(["good film"], [0]).features))[0]
    assert np.count_nonzero(np.abs(mixed) > 1e-6) == 2  # "good" and "good film"


def test_a_row_of_twice_the_weight_counts_as_two():
    twice = made(WordRatios, rated([*TEXTS, TEXTS[0]] * 5, [1, 1, 0, 0, 1] * 5))[0]
    heavy = made(WordRatios, rated(TEXTS * 5, [1, 1, 0, 0] * 5, weights=np.array([2.0, 1, 1, 1] * 5)))[0]
    other = rated(["good film", "bad plot"], [0, 0]).features
    np.testing.assert_allclose(dense(twice.transform(other)), dense(heavy.transform(other)), atol=1e-6)


def test_of_many_classes_each_is_compared_with_all_others_and_values_are_parted_at_their_median():
    assert sides_of(rated(TEXTS, [0, 1, 2, 2], MULTICLASS)).shape == (4, 3)
    assert sides_of(rated(TEXTS, [0, 1, 1, 0])).ravel().tolist() == [0, 1, 1, 0]
    assert sides_of(rated(TEXTS, [1.0, 9.0, 2.0, 8.0], REGRESSION)).ravel().tolist() == [0, 1, 0, 1]


def test_texts_of_words_never_seen_are_zeros():
    built, _ = made(WordRatios, rated(TEXTS, [1, 1, 0, 0]))
    assert not dense(built.transform(rated(["splendid", ""], [0, 0]).features)).any()


@settings(max_examples=50, deadline=None)
@given(lengths=st.lists(st.integers(0, 3000), min_size=1, max_size=20), most=st.integers(1, 20_000))
def test_texts_are_cut_to_as_many_characters_as_are_allowed(lengths, most):
    texts = ["x" * length for length in lengths]
    length = length_within(texts, most)
    assert sum(min(each, length) for each in lengths) <= max(most, len(lengths))
    if sum(lengths) > most:
        assert sum(min(each, length + 1) for each in lengths) > most


def test_of_long_texts_the_beginning_counts():
    texts = [("alpha " if row % 2 else "omega ") + "filler words " * 10_000 for row in range(8)]
    built, features = made(CharacterTfidf, rated(texts, [0, 1] * 4))
    assert features.shape[0] == 8
    short = built.transform(rated([text[:500] for text in texts], [0, 1] * 4).features)
    assert short.shape == features.shape
    assert dense(features)[0] @ dense(features)[2] > dense(features)[0] @ dense(features)[1]
