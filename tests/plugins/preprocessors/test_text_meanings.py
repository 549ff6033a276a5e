"""Texts of one meaning are near each other; what would take long to read, and what is not installed, is left out."""

import numpy as np
import pandas as pd
import pytest

from automl.plugin_api import FitContext, PreprocessRequest
from automl_builtins.preprocessors import text_meanings
from automl_builtins.preprocessors.text_meanings import TextMeanings, columns_in_reach, meanings
from tests.plugins.preprocessors.test_text_pairs import table

STATES = {"password": 0, "parcel": 1, "pay": 2}


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    """Meanings told by three words, so that no network has to be read."""

    def read(texts):
        READ.extend(texts)
        found = [np.array([float(word in text.lower()) for word in STATES]) for text in texts]
        return [each / max(np.linalg.norm(each), 1e-12) for each in found]

    READ.clear()
    monkeypatch.setattr(text_meanings, "_read", read)
    monkeypatch.setattr(text_meanings, "_width", lambda: 3)
    monkeypatch.setattr(text_meanings, "_KNOWN", type(text_meanings._KNOWN)())


READ: list[str] = []


def test_the_cosine_of_what_texts_mean_stands_beside():
    data = table()
    made = TextMeanings(PreprocessRequest(data.schema.columns, data.task))
    found = made.fit_transform(data, FitContext())
    assert [column.name for column in made.output_columns()] == [
        "question ~ title: meaning", "question ~ answer: meaning",
    ]  # fmt: skip
    np.testing.assert_array_equal(found.iloc[:, 0].to_numpy().reshape(3, 3), np.eye(3))
    pd.testing.assert_frame_equal(made.transform(data.features.iloc[[4]]), found.iloc[[4]].reset_index(drop=True))


def test_each_text_is_read_once(monkeypatch):
    assert meanings(["a parcel", "a parcel", ""]).shape == (3, 3)
    meanings(["pay", "a parcel"])
    assert READ == ["a parcel", "pay"]
    monkeypatch.setattr(text_meanings, "KEPT", 1)
    np.testing.assert_array_equal(meanings(["a password", "a parcel"]), np.eye(3)[:2])
    assert len(text_meanings._KNOWN) == 1


def test_columns_that_take_long_to_read_are_left_out(monkeypatch):
    texts = [["short"] * 4, ["some longer text", "another longer text"] * 2]
    assert columns_in_reach(texts) == {0, 1}
    monkeypatch.setattr(text_meanings, "MOST_CHARACTERS", 20)
    assert columns_in_reach(texts) == {0}
