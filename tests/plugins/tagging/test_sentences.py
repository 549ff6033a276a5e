"""Rows come in their sentences once each, and are learnt from as runs without a gap."""

import numpy as np

from automl.plugin_api import Placed
from automl_builtins.tagging.sentences import Sentences, place_rows, runs_of, words_of


def test_rows_of_a_group_are_placed_in_the_order_in_which_they_come():
    cells = place_rows([["a", "x", "b", "y"], ["N", "", "V", "N"]], np.array([7, 3, 7, 3]))
    assert [(cell.place, cell.text) for cell in cells] == [
        (0, "a\tN\nb\tV"), (0, "x\t\ny\tN"), (1, "a\tN\nb\tV"), (1, "x\t\ny\tN"),
    ]  # fmt: skip
    assert cells[0].text is cells[2].text
    assert words_of(cells[1].text) == (("x", ""), ("y", "N"))


def test_each_sentence_is_read_once_whatever_rows_there_are():
    cells = [Placed(1, "a\nb"), Placed(0, "c"), Placed(1, "a\nb"), None]
    sentences = Sentences.of(cells)
    assert sentences.texts == ("a\nb", "c", "")
    assert sentences.rows_in_words().tolist() == [1, 2, 1, 3]
    assert Sentences.of([]).rows_in_words().tolist() == []


def runs(places, texts, groups=None):
    sentences = Sentences.of([Placed(place, text) for place, text in zip(places, texts, strict=True)])
    found = runs_of(sentences, None if groups is None else np.array(groups))
    return sorted((run.sentence, run.first, run.rows.tolist()) for run in found)


def test_a_gap_parts_a_sentence():
    assert runs([0, 1, 3, 2], ["a\nb\nc\nd"] * 4) == [(0, 0, [0, 1, 3, 2])]
    assert runs([0, 1, 3], ["a\nb\nc\nd"] * 3) == [(0, 0, [0, 1]), (0, 3, [2])]


def test_equal_sentences_are_told_apart_by_their_groups_or_by_their_times():
    places, texts = [0, 1, 0, 1], ["a\nb"] * 4
    assert runs(places, texts, [4, 4, 9, 9]) == runs(places, texts) == [(0, 0, [0, 1]), (0, 0, [2, 3])]
