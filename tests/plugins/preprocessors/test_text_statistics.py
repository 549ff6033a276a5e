"""What is counted about texts without reading them."""

import numpy as np
import pytest

from automl_builtins.preprocessors import _text_statistics
from automl_builtins.preprocessors._text_statistics import STATISTICS, text_statistics

NAMES = [name for name, _ in STATISTICS]


def counted(text):
    return dict(zip(NAMES, text_statistics([text])[0].tolist(), strict=True))


def test_characters_and_words_are_counted_on_a_logarithmic_scale():
    found = counted("two words")
    assert found["log_length"] == pytest.approx(np.log1p(9))
    assert found["log_words"] == pytest.approx(np.log1p(2))
    assert found["missing"] == 0.0


def test_digits_capitals_and_punctuation_are_shares_of_the_characters():
    found = counted("AB1!")
    assert (found["capitals"], found["digits"], found["punctuation"]) == (0.5, 0.25, 0.25)


def test_an_empty_text_is_missing_and_counts_nothing():
    found = counted("")
    assert found.pop("missing") == 1.0
    assert set(found.values()) == {0.0}


def test_counting_chunk_by_chunk_changes_nothing(monkeypatch):
    texts = ["", "One 1", "ÄÖ!", "東京 2", "a b c d"]
    whole = text_statistics(texts)
    monkeypatch.setattr(_text_statistics, "CHUNK_ROWS", 2)
    assert np.array_equal(text_statistics(texts), whole)
