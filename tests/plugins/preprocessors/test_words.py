"""Words become features of themselves and of their neighbours; unseen ones still have their endings."""

import numpy as np
import pandas as pd

from automl.plugin_api import Column, ColumnKind, Dataset, FitContext, PreprocessRequest, Schema, Task, TaskKind
from automl_builtins.preprocessors.words import LOOKS, SIGNS, WordTargets, WordWindows
from automl_builtins.tagging.sentences import place_rows

COLUMN = Column("token", ColumnKind.SEQUENCE)
TASK = Task(TaskKind.BINARY, "tag", ("no", "yes"))


def words(*sentences):
    texts = [word for sentence in sentences for word in sentence.split()]
    groups = np.repeat(np.arange(len(sentences)), [len(sentence.split()) for sentence in sentences])
    return pd.DataFrame({"token": pd.Series(place_rows([texts], groups), dtype=object)})


def fitted(kind, features, target, **params):
    data = Dataset(features, np.asarray(target), Schema((COLUMN,)), TASK, np.arange(len(features)))
    built = kind(PreprocessRequest((COLUMN,), TASK, params))
    return built, built.fit_transform(data, FitContext())


def test_a_word_has_the_same_features_beside_the_same_neighbours_alone():
    windows, found = fitted(WordWindows, words("the old cat", "the old cat", "cat"), [0, 0, 1, 0, 0, 1, 1])
    dense = found.toarray()
    assert (dense[:3] == dense[3:6]).all()
    assert 0 < (dense[2] * dense[6]).sum() < dense[2].sum()
    assert set(np.unique(dense)) == {0.0, 1.0}
    assert found.shape[1] == len(windows.output_columns())


def test_rare_features_have_no_column_where_rows_are_many():
    table = words(*["a b"] * 30, "zebra")
    few, _ = fitted(WordWindows, table, np.arange(61) % 2)
    all_of_them, _ = fitted(WordWindows, table, np.arange(61) % 2, min_frequency=1)
    capped, _ = fitted(WordWindows, table, np.arange(61) % 2, max_features=5)
    assert len(capped.output_columns()) == 5 < len(few.output_columns()) < len(all_of_them.output_columns())


def test_words_that_were_never_seen_are_known_by_their_ends():
    windows, _ = fitted(WordWindows, words(*["walking talking"] * 3), [0, 1] * 3)
    assert windows.transform(words("chalking")).sum() > 3
    assert windows.transform(words("xyz")).sum() < windows.transform(words("chalking")).sum()


def test_a_word_is_encoded_by_what_it_mostly_was_and_by_its_letters():
    targets, _ = fitted(WordTargets, words(*["in Rome now"] * 10), [0, 1, 0] * 10)
    found = targets.transform(words("in Rome", "Oslo"))
    assert list(found.columns) == [column.name for column in targets.output_columns()]
    assert found.shape[1] == len(LOOKS) + len(SIGNS)
    assert found["token word.target"].tolist()[1] > 0.8 > found["token word.target"].tolist()[2]
    assert found["token length"].tolist() == [2.0, 4.0, 4.0]
    assert found["token title"].tolist() == [0.0, 1.0, 1.0]
    assert found["token title after"].tolist() == [1.0, 0.0, 0.0]
