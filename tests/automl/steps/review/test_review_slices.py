"""Slices that are predicted worse than the rest are found, and chance makes none."""

import numpy as np
import pandas as pd
import pytest

from automl.steps.review.review_slices import LEAST_ROWS, MISSING, review_slices, spell_range
from automl.vocabulary.deadline import Deadline
from automl.vocabulary.schema import Column, ColumnKind, Schema

RNG = np.random.default_rng(1)
N_ROWS = 400
CITY, AGE = RNG.integers(-1, 3, N_ROWS), RNG.normal(40, 10, N_ROWS).astype(np.float32)
STORED = pd.DataFrame({"city": CITY, "age": AGE})
SCHEMA = Schema((Column("city", ColumnKind.CATEGORICAL, categories=("Bern", "Oslo", "Rome")),
                 Column("age", ColumnKind.NUMERIC)))  # fmt: skip
NOISE = RNG.random(N_ROWS)


def reviewed(losses, stored=STORED, schema=SCHEMA, seconds=None):
    return review_slices(losses, np.zeros(len(losses)), stored, schema, Deadline(seconds))


def test_chance_alone_makes_no_slice():
    slices, n_compared = reviewed(NOISE)
    assert slices == ()
    assert n_compared == 8


@pytest.mark.parametrize(("code", "label"), [(1, "Oslo"), (-1, MISSING)])
def test_a_value_that_is_predicted_worse_is_found_with_its_mean(code, label):
    losses = NOISE + (code == CITY)
    (worst, *_), _ = reviewed(losses)
    assert (worst.column, worst.label, worst.n_rows) == ("city", label, int((code == CITY).sum()))
    assert worst.low < worst.loss < worst.high
    assert worst.loss == pytest.approx(losses[code == CITY].mean())


def test_a_range_of_numbers_is_found():
    (worst, *_), _ = reviewed(NOISE + (np.quantile(AGE, 0.75) < AGE))
    assert worst.column == "age"
    assert worst.n_rows == pytest.approx(N_ROWS / 4, abs=2)


def test_few_rows_make_no_slice():
    losses = NOISE.copy()
    rows = np.flatnonzero(CITY == 1)[: LEAST_ROWS - 1]
    rare = CITY.copy()
    rare[rare == 1] = 0
    rare[rows] = 1
    losses[rows] += 5
    assert all(each.label != "Oslo" for each in reviewed(losses, STORED.assign(city=rare))[0])


def test_with_no_time_left_nothing_is_compared():
    assert reviewed(NOISE + (CITY == 1), seconds=0.0) == ((), 0)


@pytest.mark.parametrize(
    ("column", "low", "high", "words"),
    [(Column("a", ColumnKind.NUMERIC), 1.0, 2.5, "1 to 2.5"), (Column("a", ColumnKind.NUMERIC), 3.0, 3.0, "3"),
     (Column("a", ColumnKind.NUMERIC), 20_000.0, 1_234_567.0, "20,000 to 1,234,567"),
     (Column("a", ColumnKind.BOOLEAN), 1.0, 1.0, "true"),
     (Column("a", ColumnKind.DATETIME), 0.0, 86_400.0, "1970-01-01 to 1970-01-02"),
     (Column("a", ColumnKind.TEXT), 3.0, 9.0, "3 to 9 characters")],
    ids=["range", "value", "large", "truth", "days", "text"],
)  # fmt: skip
def test_ranges_are_told_in_words(column, low, high, words):
    assert spell_range(low, high, column) == words
