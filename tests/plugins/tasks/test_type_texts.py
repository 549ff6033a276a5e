"""Texts that recur are texts; categories, codes, numbers and images are left as they are."""

import numpy as np
import pandas as pd

from automl.plugin_api import ColumnKind
from automl_builtins.tasks._type_texts import recurring_texts


def test_only_columns_of_several_words_are_texts():
    questions = [f"how do I change the name of account {'abcdefghijklmnop'[i]}" for i in range(16)]
    frame = pd.DataFrame(
        {
            "question": np.repeat(questions, 5),
            "colour": ["red", "green"] * 40,
            "few": ["a text of words", None] * 40,
            "code": [f"{i} {i} {i}" for i in range(80)],
            "number": np.arange(80),
            "picture": [np.zeros((2, 2))] * 80,
            "nothing": [None] * 80,
        }
    )
    assert recurring_texts(frame) == {"question": ColumnKind.TEXT}
