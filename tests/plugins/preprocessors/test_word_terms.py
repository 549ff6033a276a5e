"""Words and pairs of words as weighted terms, found on training texts."""

import numpy as np
import pytest

from automl_builtins.preprocessors._word_terms import WordTerms

TEXTS = ["red fox", "red dog", "red red fox runs", "blue dog"]


def test_terms_that_occur_in_too_few_texts_are_left_out_and_rows_have_length_one():
    terms = WordTerms(pairs=False, max_terms=100)
    made = terms.fit_transform(TEXTS, min_rows=2).toarray()
    assert terms.n_terms == 3  # dog, fox, red
    assert np.linalg.norm(made, axis=1) == pytest.approx(np.ones(4))
    assert made[3].tolist() == [1.0, 0.0, 0.0]


def test_pairs_of_adjacent_words_stand_after_the_words():
    terms = WordTerms(pairs=True, max_terms=100)
    made = terms.fit_transform(TEXTS, min_rows=2).toarray()
    assert terms.n_terms == 4  # and "red fox"
    assert (made[:, 3] > 0).tolist() == [True, False, True, False]


def test_the_most_frequent_terms_are_kept_where_there_are_too_many():
    terms = WordTerms(pairs=False, max_terms=1)
    assert (terms.fit_transform(TEXTS, min_rows=1).toarray()[:, 0] > 0).tolist() == [True, True, True, False]


def test_texts_of_the_training_rows_come_out_the_same_and_new_words_count_for_nothing():
    terms = WordTerms(pairs=True, max_terms=100)
    made = terms.fit_transform(TEXTS, min_rows=1).toarray()
    assert terms.transform(TEXTS).toarray() == pytest.approx(made)
    assert terms.transform(["", "unheard words"]).toarray().sum() == 0.0
