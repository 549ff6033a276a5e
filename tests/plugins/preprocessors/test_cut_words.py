"""Texts are cut into words, and where no space stands between words into runs of characters."""

import pytest

from automl_builtins.preprocessors._cut_words import cut_by_script, cut_into_runs, cut_plainly, cutter_of, find_cut


def test_words_of_two_characters_or_more_are_lowered():
    assert cut_plainly("A Red-hot I42 x") == ["red", "hot", "i42"]


def test_signs_are_words_and_so_are_their_pairs_where_asked():
    assert cut_by_script("東京都 is big", both=False) == ["東", "京", "都", "is", "big"]
    assert cut_by_script("東京都", both=True) == ["東", "京", "都", "東京", "京都"]


def test_scripts_without_spaces_whose_letters_make_words_are_cut_into_runs():
    assert cut_by_script("ภาษาไทย", both=False)[:2] == ["ภาษ", "าษา"]


@pytest.mark.parametrize(("text", "runs"), [("Abcd", ["abc", "bcd"]), ("ab", ["ab"]), ("", []), (" ab ", ["ab"])])
def test_runs_begin_at_each_place(text, runs):
    assert cut_into_runs(text) == runs


def test_long_single_words_are_cut_into_runs_and_sentences_are_not():
    assert find_cut(["abcdefghijklmnop", "qrstuvwxyzabcdefg"] * 3, pairs=False) == "runs"
    assert find_cut(["the quick brown fox jumps"] * 3, pairs=False) == "signs and pairs"
    assert find_cut(["the quick brown fox jumps"] * 3, pairs=True) == "signs"
    assert find_cut(["", " "], pairs=True) == "signs"


def test_a_cutter_does_what_was_found():
    assert cutter_of("short runs")("abc") == ["ab", "bc"]
    assert cutter_of("runs")("abcd") == ["abc", "bcd"]
    assert cutter_of("signs and pairs")("東京") == ["東", "京", "東京"]
    assert cutter_of("signs")("東京") == ["東", "京"]
    assert cutter_of("")("Two words") == ["two", "words"]
