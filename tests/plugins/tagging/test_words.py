"""Features tell of a word and its neighbours, as texts and as numbers alike."""

import numpy as np

from automl_builtins.tagging.sentences import words_of
from automl_builtins.tagging.words import WordTexts, hashed_features, own_features, shape_of, short_shape_of


def test_the_shape_of_a_word_keeps_what_is_neither_letter_nor_digit():
    assert shape_of("APC-2b") == "XXX-0x"
    assert short_shape_of("Wnt-1999") == "Xx-0"


def test_a_word_is_told_by_its_ends_its_signs_and_the_fields_beside_it():
    found = own_features(("BRCA-1", "NN"))
    assert {"w=brca-1", "p=br", "e=-1", "is=upper", "is=digit", "is=hyphen", "f1=NN"} <= set(found)
    assert own_features(("",)) == ["w=", "s=", "b=", "n=0"]


def test_neighbours_are_those_of_the_sentence_alone():
    first, second = WordTexts().of(words_of("In\nNew\nYork"))[0], WordTexts().of(words_of("In"))[0]
    assert "1w=new" in first
    assert "2w=york" in first
    assert not [each for each in second if each[0] in "12"]


def test_a_word_has_the_same_numbers_in_any_company():
    one, two = words_of("a\nRed\nfox"), words_of("nobody")
    both, alone = hashed_features([two, one]), hashed_features([one])
    assert {*both[2].tolist()} == {*alone[1].tolist()}
    assert len({*alone[0].tolist()} & {*alone[2].tolist()}) < 10
    assert (hashed_features([words_of("")]) != 0).any()


def test_what_stands_before_is_not_what_stands_after():
    left, right = hashed_features([words_of("x\nm\ny")])[1], hashed_features([words_of("y\nm\nx")])[1]
    shared = np.intersect1d(left[left != 0], right[right != 0])
    assert 0 < len(shared) < np.count_nonzero(left)
