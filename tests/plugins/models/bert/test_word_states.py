"""Each word has the mean state of its pieces, the same alone and among others, however long its sentence is."""

import numpy as np
import pytest

from automl.plugin_api import Deadline, FitContext
from automl_builtins.models.bert.layers import config_of, width_of
from automl_builtins.models.bert.reading import frozen_body
from automl_builtins.models.bert.tokens import TextTokenizer
from automl_builtins.models.bert.word_states import (
    MOST_PIECES,
    MOST_TOGETHER,
    WordReader,
    layers_in_time,
    read_sentences,
    together_in,
)
from automl_builtins.tagging.sentences import words_of
from tests.plugins.models.texts import TINY_BERT

pytest.importorskip("torch")
WEIGHTS = str(TINY_BERT)


@pytest.fixture(scope="module")
def reader():
    body = frozen_body(WEIGHTS, 2)
    config = config_of(WEIGHTS)
    return WordReader(lambda: body, TextTokenizer.of(WEIGHTS, 512), (1, 2), width_of(config), together_in(config))


def test_pieces_are_those_of_each_word_by_itself(reader):
    (first, second) = reader.pieces([words_of("good\nx" + "y" * 300), words_of("\ngood")])
    assert first.shape == (2, MOST_PIECES)
    assert first[0].tolist() == second[1].tolist()
    assert (first[1] >= 0).sum() <= MOST_PIECES
    assert (second[0] == -1).all()
    assert reader.pieces([]) == []


def test_a_sentence_has_the_same_states_alone_and_among_others(reader):
    sentences = [words_of("a\ngood\nplace"), words_of("bad"), words_of("\n")]
    pieces = reader.pieces(sentences)
    together = reader.states(pieces)
    assert [each.shape for each in together] == [(3, 2 * reader.width), (1, 2 * reader.width), (2, 2 * reader.width)]
    np.testing.assert_allclose(reader.states(pieces[:1])[0], together[0], atol=2e-3)
    assert (together[2] == 0).all()
    assert not np.allclose(together[0][0], together[0][1])


def test_a_long_sentence_is_read_in_parts_that_lose_no_word(reader):
    long = words_of("\n".join(["good"] * (3 * MOST_TOGETHER)))
    (states,) = reader.states(reader.pieces([long]))
    assert states.shape[0] == 3 * MOST_TOGETHER
    assert np.abs(states).sum(axis=1).min() > 0


def test_all_folds_read_once_and_as_deep_as_there_is_time_for(reader, tmp_path, monkeypatch):
    pieces = reader.pieces([words_of("a\ngood"), words_of("bad\nplace")])
    context = FitContext(folder=tmp_path)
    first = read_sentences(reader, pieces, "key", context)
    monkeypatch.setattr(WordReader, "states", lambda *_: 1 / 0)
    again = read_sentences(reader, pieces, "key", context)
    assert all((one == two).all() for one, two in zip(first, again, strict=True))
    assert layers_in_time(reader, 6, pieces, FitContext(), "all") == 6


def test_little_time_means_fewer_layers_and_none_an_error(reader):
    pieces = reader.pieces([words_of("\n".join(["good"] * 50))] * 200)
    hurried = FitContext(deadline=Deadline(None).within(1e-6))
    assert layers_in_time(reader, 6, pieces, hurried, "few") == 3
    with pytest.raises(TimeoutError, match="no time to read"):
        read_sentences(reader, pieces, "key", FitContext(deadline=Deadline(None).within(-1.0)))
