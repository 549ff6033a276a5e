"""Tokens of texts: of a long row every column keeps its beginning and its end."""

from __future__ import annotations

import numpy as np
import pytest

from automl_builtins.models.bert.layers import config_of, places_in
from automl_builtins.models.bert.tokens import TextTokenizer

pytest.importorskip("transformers")


def test_of_a_long_row_every_column_keeps_its_beginning_and_its_end(weights):
    tokenizer = TextTokenizer.of(weights, 12)
    long = "fine " + "film " * 40 + "dull"
    row = tokenizer.tokens([np.array([long], dtype=object), np.array(["warm"], dtype=object)])[0]
    ids = {word: tokenizer.tokens([np.array([word], dtype=object)])[0][1] for word in ("fine", "dull", "warm", "film")}
    assert len(row) == 12
    assert row[1] == ids["fine"]
    assert row[-3] == tokenizer.separator
    assert list(row[[-4, -2]]) == [ids["dull"], ids["warm"]]
    assert set(row[2:-4]) == {ids["film"]}


@pytest.mark.parametrize("n_columns", [1, 2, 70])
def test_a_row_gets_no_more_tokens_than_the_network_has_places(n_columns, weights):
    tokenizer = TextTokenizer.of(weights, 512)
    (row,) = tokenizer.tokens([np.array(["film " * 200], dtype=object)] * n_columns)
    assert len(row) == tokenizer.most == places_in(config_of(weights)) < 64
