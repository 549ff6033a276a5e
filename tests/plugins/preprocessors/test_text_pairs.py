"""Texts of a row are compared: those of a query with each of the candidate's, by what they share and how rare it is."""

import numpy as np
import pandas as pd
import pytest

from automl.plugin_api import Column, ColumnKind, Dataset, FitContext, PreprocessRequest, Schema, Task, TaskKind
from automl_builtins.preprocessors._compare_terms import COMPARISONS, Terms, compare
from automl_builtins.preprocessors.text_pairs import TextPairs, chosen_pairs

QUESTIONS = ["how do I reset my password", "where is my parcel now", "can I pay by card"]
TITLES = ["Reset a password", "Track a parcel", "Ways of payment: cards"]
ANSWERS = ["open the settings", "see the page of your order", "all cards are taken"]


def table(groups=True):
    """Each question beside each title and answer."""
    rows = [(q, TITLES[d], ANSWERS[d], i) for i, q in enumerate(QUESTIONS) for d in range(3)]
    frame = pd.DataFrame(rows, columns=["question", "title", "answer", "group"])
    columns = tuple(Column(name, ColumnKind.TEXT) for name in ("question", "title", "answer"))
    target = np.array([float(i == d) for i in range(3) for d in range(3)])
    numbers = frame.pop("group").to_numpy() if groups else None
    task = Task(TaskKind.REGRESSION, "y")
    return Dataset(frame, target, Schema(columns), task, np.arange(9), None, numbers)


def fitted(data):
    made = TextPairs(PreprocessRequest(data.schema.columns, data.task))
    return made, made.fit_transform(data, FitContext())


def test_the_question_is_compared_with_each_text_of_the_candidate_and_with_all_together():
    names = [column.name for column in fitted(table())[0].output_columns()]
    assert names[:3] == ["question.length", "title.length", "answer.length"]
    pairs = [name.partition(":")[0] for name in names[3 :: len(COMPARISONS)]]
    assert pairs == ["question ~ title", "question ~ answer", "question ~ the others"]


def test_without_groups_each_text_is_compared_with_each():
    assert chosen_pairs([["a", "a"], ["b", "c"], ["d", "e"]], None) == ([], [(0, 1), (0, 2), (1, 2)])
    alone = np.arange(2)
    assert chosen_pairs([["a", "a"], ["b", "c"]], alone) == ([], [(0, 1)])


@pytest.mark.parametrize("what", ["words", "runs", "share of the first", "BM25", "BM25 of runs"])
def test_texts_that_share_rare_words_are_nearest(what):
    data = table()
    found = fitted(data)[1][f"question ~ title: {what}"].to_numpy().reshape(3, 3)
    assert (found[:2].argmax(axis=1) == [0, 1]).all()
    assert found[:2].max() > 0


def test_words_that_no_training_text_has_are_compared_too():
    made, _ = fitted(table())
    new = pd.DataFrame(
        {"question": ["quokka habitat", "quokka habitat"], "title": ["Habitat of the quokka", "Reset a password"]}
    ).assign(answer="")
    found = made.transform(new)
    assert found["question ~ title: words"].iloc[0] > 0.8
    assert found["question ~ title: words"].iloc[1] == 0.0
    assert found["question ~ title: share of the first"].iloc[0] == pytest.approx(1.0)
    assert np.isfinite(found.to_numpy()).all()


def test_a_text_is_wholly_like_itself_and_not_at_all_like_nothing():
    terms = Terms("words")
    terms.fit(["one two", "two three"])
    texts = terms.weigh(["one two", "", "three one"])
    found = dict(zip(COMPARISONS, compare((texts, texts), (texts, texts), np.array([[0, 0], [0, 1]])).T, strict=True))
    np.testing.assert_allclose(found["words"], [1.0, 0.0])
    np.testing.assert_allclose(found["share of the first"], [1.0, 0.0])
    np.testing.assert_allclose(found["shared words"], [np.log(3), 0.0])
