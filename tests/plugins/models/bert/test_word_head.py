"""The head sees neighbours within a sentence alone, however long others are, and signs that a network does not see."""

import numpy as np
import pytest

from automl.plugin_api import Deadline, FitContext
from automl_builtins.models.bert.word_head import IGNORED, SIGNS, SentenceRows, WordTraining, make_word_head, signs_of
from automl_builtins.tagging.sentences import words_of

torch = pytest.importorskip("torch")
WIDTH = 6
FACTS = {"inputs": WIDTH + SIGNS, "hidden": 12, "dropout": 0.0, "n_outputs": 2}


def sentences(count=30, seed=0):
    """Return sentences in which a word is of the second class where the first number of the one before is positive."""
    rng = np.random.default_rng(seed)
    states = [rng.normal(size=(length, WIDTH)).astype(np.float16) for length in rng.integers(1, 9, count)]
    target = [np.append(0, each[:-1, 0] > 0).astype(np.int64) for each in states]
    signs = [np.zeros((len(each), SIGNS), dtype=np.float32) for each in states]
    return SentenceRows(states, signs, target)


def training(context=None, **params):
    given = {"epochs": 12, "batch": 8, "learning_rate": 1e-2, **params}
    return WordTraining(given, context or FitContext(seed=1), np.zeros(WIDTH, np.float32), np.ones(WIDTH, np.float32))


def trained(rows, **params):
    torch.manual_seed(0)
    head = make_word_head(FACTS)
    training(**params).train(head, rows, None)
    return head


def test_a_neighbour_is_learnt_from_and_words_that_are_no_rows_are_not():
    rows = sentences(60)
    hidden = [np.where(np.arange(len(each)) == 0, IGNORED, each) for each in rows.target]
    head = trained(SentenceRows(rows.states, rows.signs, hidden))
    new = sentences(40, seed=1)
    found = np.concatenate([each.argmax(axis=1)[1:] for each in training().outputs(head, new)])
    assert (found == np.concatenate([each[1:] for each in new.target])).mean() > 0.75


def test_outputs_do_not_depend_on_the_sentences_beside():
    rows = sentences()
    head = trained(rows, epochs=1)
    together = training().outputs(head, rows)
    for number in (0, 7, 29):
        alone = training().outputs(
            head, SentenceRows(rows.states[number : number + 1], rows.signs[number : number + 1])
        )
        np.testing.assert_allclose(alone[0], together[number], atol=1e-5)


def test_a_fit_without_time_still_gives_a_head():
    rows = sentences()
    head = make_word_head(FACTS)
    late = FitContext(deadline=Deadline(None).within(0.0))
    assert training(late).train(head, rows, rows) > 0
    assert all(np.isfinite(each).all() for each in training().outputs(head, rows))


def test_rows_without_weight_are_not_learnt_from():
    rows = sentences(60)
    wrong = [1 - each for each in rows.target]
    both = SentenceRows(
        [*rows.states, *rows.states],
        [*rows.signs, *rows.signs],
        [*rows.target, *wrong],
        [np.full(len(each), weight, np.float32) for weight in (1.0, 0.0) for each in rows.target],
    )
    found = training().outputs(trained(both), rows)
    right = np.concatenate([each.argmax(axis=1) for each in found]) == np.concatenate(rows.target)
    assert right.mean() > 0.8


def test_signs_tell_of_capitals_digits_and_the_first_word():
    found = signs_of(words_of("Anna\nUSA\n3rd\n,\nmay"))
    assert found.shape == (5, SIGNS)
    assert found[:, 0].tolist() == [1, 0, 0, 0, 0]
    assert found[:, 1].tolist() == [0, 1, 0, 0, 0]
    assert found[:, 3].tolist() == [0, 0, 1, 0, 0]
    assert found[:, 4].tolist() == [0, 0, 0, 1, 0]
    assert found[:, 5].tolist() == [1, 0, 0, 0, 0]
