"""Sentence embeddings: the mean of a network's states, the same alone, among others, and out of a saved model."""

import pickle

import numpy as np
import pytest

from automl.plugin_api import FitContext
from automl_builtins.models.bert.layers import load_body, states_of
from automl_builtins.models.bert.sentence_encoder import SentenceEncoder

pytest.importorskip("transformers")
TEXTS = np.array(["a fine film", "music in town", "", "a long story of two people and music"], dtype=object)


@pytest.fixture(scope="module")
def encoder(weights):
    return SentenceEncoder(weights, layers=2, tokens=16)


def test_an_embedding_is_the_mean_of_the_states_at_length_one(encoder, weights):
    states = states_of(load_body(weights, 2), encoder.tokenizer.tokens([TEXTS]), encoder.tokenizer.padding)
    means = np.array([each.astype(np.float64).mean(axis=0) for each in states])
    expected = means / np.linalg.norm(means, axis=1, keepdims=True)
    np.testing.assert_allclose(encoder.embed([TEXTS]), expected, atol=2e-3)


def test_a_text_gets_the_same_alone_and_among_others(encoder):
    alone = np.concatenate([encoder.embed([TEXTS[i : i + 1]]) for i in range(4)])
    np.testing.assert_allclose(encoder.embed([TEXTS]), alone, atol=1e-6)


def test_rows_of_a_table_are_read_once_into_files(encoder, tmp_path):
    context = FitContext(folder=tmp_path)
    parts, rows = [[TEXTS[1:]], [TEXTS[:1]]], [np.array([1, 2, 3]), np.array([0])]
    found = encoder.read(parts, rows, "table", context)
    np.testing.assert_allclose(found, encoder.embed([TEXTS[[1, 2, 3, 0]]]), atol=1e-6)
    made = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*.npy")}
    assert len(made) == 1
    encoder.read([[TEXTS]], [np.arange(4)], "table", context)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.glob("*.npy")} == made


def test_encoders_of_one_network_share_its_numbers(encoder, weights):
    one, two = (pickle.loads(pickle.dumps(each)) for each in (encoder, SentenceEncoder(weights, 2, 16)))
    assert all(two._numbers[name] is array for name, array in one._numbers.items())
    np.testing.assert_array_equal(two.embed([TEXTS]), encoder.embed([TEXTS]))


def test_of_a_text_longer_than_the_network_as_much_is_read_as_there_are_places_for(weights):
    long = np.array(["fine " + "film " * 300 + "dull", "warm film " * 60, "music"], dtype=object)
    most, fits = SentenceEncoder(weights, layers=2, tokens=256), SentenceEncoder(weights, layers=2, tokens=56)
    np.testing.assert_array_equal(most.embed([long]), fits.embed([long]))
