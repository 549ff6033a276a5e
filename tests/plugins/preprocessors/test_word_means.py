"""Names of categories are told by their words, honestly, also those that no training row has."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from automl.plugin_api import Column, ColumnKind, Task, TaskKind
from automl_builtins.preprocessors.word_means import MOST_OUTPUTS, find_terms, fit_column, matrix_of, words_of
from tests.plugins.preprocessors.tables import BINARY, MULTICLASS, REGRESSION, fitted, names_of

RANKS = {"assistant": -2.0, "officer": -1.0, "engineer": 1.0, "chief": 3.0}
FIELDS = {
    "police": 0.5,
    "fire": 1.0,
    "water": -1.0,
    "road safety": 0.0,
    "parks": -0.5,
    "libraries": -1.5,
    "health": 1.5,
}
GRADES = ("", " I", " II", " III")
COLUMNS = (Column("post name", ColumnKind.NAME, source="post", part="name"),)


def posts(n_rows, seed=0, left_out=()):
    rng = np.random.default_rng(seed)
    known = [(f, r, g) for f in FIELDS for r in RANKS for g in GRADES if f"{f} {r}{g}" not in left_out]
    picked = [known[place] for place in rng.integers(0, len(known), n_rows)]
    names = [f"{f} {r}{g}" for f, r, g in picked]
    worth = np.array([FIELDS[f] + RANKS[r] + 0.5 * GRADES.index(g) for f, r, g in picked])
    return pd.DataFrame({"post name": names}, dtype=object), worth + rng.normal(0.0, 0.3, n_rows)


@pytest.mark.parametrize("task", [BINARY, MULTICLASS, REGRESSION], ids=lambda task: task.kind.value)
def test_a_name_that_no_training_row_has_gets_what_its_words_say(task):
    frame, worth = posts(600, left_out=("fire chief II", "water assistant"))
    target = {BINARY: (worth > 0).astype(int), MULTICLASS: np.digitize(worth, [-1, 1]), REGRESSION: worth}[task]
    made, _ = fitted("word_means", frame, COLUMNS, task, target)
    low, high = made.transform(
        pd.DataFrame({"post name": ["water assistant", "fire chief II"]}, dtype=object)
    ).to_numpy()
    assert low[-1] < high[-1]
    if task is REGRESSION:
        assert names_of(made) == ["post name.words.target", "post name.near.target"]
        assert low == pytest.approx([-3.0, -3.0], abs=0.8)
        assert high == pytest.approx([5.0, 5.0], abs=0.8)


def test_a_name_of_many_rows_has_the_mean_of_its_own_rows():
    frame, worth = posts(4000)
    is_odd = (frame["post name"] == "parks chief").to_numpy()
    made, _ = fitted("word_means", frame, COLUMNS, REGRESSION, np.where(is_odd, worth - 9.0, worth))
    words, near = made.transform(pd.DataFrame({"post name": ["parks chief"]}, dtype=object)).to_numpy()[0]
    assert near == pytest.approx((worth - 9.0)[is_odd].mean(), abs=1.0)
    assert words > near + 2.0


def test_names_without_common_words_and_names_that_say_nothing_make_no_feature():
    rng = np.random.default_rng(0)
    lonely = pd.DataFrame({"post name": [f"n{each}" for each in rng.integers(0, 60, 500)]}, dtype=object)
    frame, _ = posts(500)
    for each in (lonely, frame):
        made, features = fitted("word_means", each, COLUMNS, REGRESSION, rng.normal(size=500))
        assert features.shape == (500, 0)
        assert made.transform(each).shape == (500, 0)


def test_the_own_target_of_a_training_row_is_not_in_its_features():
    frame, worth = posts(300)
    other = worth.copy()
    other[0] += 3.0
    blocks = [fit_column(0, list(frame["post name"]), each[:, None], np.arange(300) % 5) for each in (worth, other)]
    before, after = (block[1][0] for block in blocks if block is not None)
    assert after == pytest.approx(before, abs=0.5)


def test_missing_names_are_a_name_of_their_own():
    frame, worth = posts(500)
    frame.loc[::5, "post name"] = ""
    worth = np.where(frame["post name"] == "", 7.0, worth)
    made, _ = fitted("word_means", frame, COLUMNS, REGRESSION, worth)
    assert made.transform(pd.DataFrame({"post name": [""]}, dtype=object)).to_numpy()[0, 1] == pytest.approx(
        7.0, abs=0.5
    )


def test_words_are_lowered_and_joined_to_pairs_and_single_signs_count():
    assert words_of("Fire Chief I") == {"fire", "chief", "i", "fire chief"}
    assert words_of("Physicians|Dermatology") == {"physicians", "dermatology", "physicians dermatology"}
    terms = find_terms(["fire chief", "fire man", "road man"])
    assert set(terms) == {"fire", "man"}
    assert matrix_of(["fire man", "nobody"], terms).toarray().tolist() == [[1.0, 1.0], [0.0, 0.0]]


def test_of_very_many_classes_nothing_is_made():
    frame, worth = posts(400)
    task = Task(TaskKind.MULTICLASS, "y", tuple(f"c{number:02d}" for number in range(MOST_OUTPUTS + 1)))
    target = np.clip(np.digitize(worth, np.linspace(-4, 4, MOST_OUTPUTS)), 0, MOST_OUTPUTS)
    assert fitted("word_means", frame, COLUMNS, task, target)[1].shape == (400, 0)
