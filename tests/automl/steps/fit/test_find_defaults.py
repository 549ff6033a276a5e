"""Of the preprocessors that are defaults for a column, the one that suits it and stands highest is taken."""

import pytest

from automl.plugin_api import Column, ColumnKind, DefaultFor, ModelSpec, PreprocessorSpec
from automl.steps.fit.find_defaults import Situation, default_filling, defaults_for

NUMERIC, CATEGORICAL = ColumnKind.NUMERIC, ColumnKind.CATEGORICAL
PLAIN = ModelSpec("plain", lambda request: None)
SPARSE = ModelSpec("sparse", lambda request: None, accepts_sparse=True, scaling="standard")


def situation(model=PLAIN, growing=None, **defaults):
    """What is offered: by name the defaults that a preprocessor of all kinds has."""
    return Situation(model, {name: offer(name, *each) for name, each in defaults.items()}, growing)


def offer(name, *defaults):
    handles = frozenset(kind for each in defaults for kind in each.kinds)
    return PreprocessorSpec(name, lambda request: None, handles, default_for=defaults)


def for_numbers(**given):
    return DefaultFor(frozenset({NUMERIC}), **given)


def for_categories(**given):
    return DefaultFor(frozenset({CATEGORICAL}), **given)


def taken(column, model=PLAIN, growing=None, accepted=False, **defaults):
    return defaults_for({column.kind}, situation(model, growing, **defaults), accepted=accepted).name_for(column)


def test_the_highest_rank_is_taken_and_of_equals_the_first():
    age = Column("age", NUMERIC)
    assert taken(age, a=[for_numbers()], b=[for_numbers()]) == "a"
    assert taken(age, a=[for_numbers()], b=[for_numbers(rank=1)]) == "b"
    assert taken(age, a=[for_categories()]) is None


@pytest.mark.parametrize(("n_distinct", "name"), [(2, "few"), (9, "few"), (10, "many"), (99, "many")])
def test_the_number_of_categories_decides(n_distinct, name):
    column = Column("city", CATEGORICAL, n_distinct)
    offers = {"few": [for_categories(categories=(0, 9))], "many": [for_categories(categories=(10, 10**9))]}
    assert taken(column, **offers) == name


def test_an_order_of_the_categories_may_be_asked_for():
    offers = {"ranks": [for_categories(ordered=True, rank=1)], "codes": [for_categories()]}
    assert taken(Column("size", CATEGORICAL, 3, ordered=True), **offers) == "ranks"
    assert taken(Column("size", CATEGORICAL, 3), **offers) == "codes"


@pytest.mark.parametrize(
    ("given", "plain", "sparse"),
    [({"sparse": True}, False, True), ({"sparse": False}, True, False), ({"scaled": True}, False, True),
     ({}, True, True), ({"accepted": True}, False, False), ({"later": True}, False, False)],
    ids=str,
)  # fmt: skip
def test_what_the_model_takes_decides(given, plain, sparse):
    age = Column("age", NUMERIC)
    assert (taken(age, PLAIN, a=[for_numbers(**given)]) == "a") is plain
    assert (taken(age, SPARSE, a=[for_numbers(**given)]) == "a") is sparse


def test_what_only_grows_is_asked_for_by_column_where_rows_are_later():
    offers = {"bounded": [for_numbers(later=True, growing=True, rank=1)], "plain": [for_numbers()]}
    assert taken(Column("day", NUMERIC), growing=("day",), **offers) == "bounded"
    assert taken(Column("age", NUMERIC), growing=("day",), **offers) == "plain"
    assert taken(Column("day", NUMERIC), growing=None, **offers) == "plain"


def test_what_stands_beside_comes_with_the_columns_that_it_is_for():
    found = defaults_for(
        {NUMERIC}, situation(growing=("day",), own=[for_numbers(beside=True, growing=True)]), accepted=True
    )
    day, age = Column("day", NUMERIC), Column("age", NUMERIC)
    assert [(name, columns) for name, _, columns in found.beside([age, day])] == [("own", (day,))]
    assert found.beside([age]) == []
    assert found.name_for(day) is None


def test_a_finishing_step_fills_in():
    assert default_filling(situation(impute=[DefaultFor()], other=[for_numbers()])) == "impute"
    assert default_filling(situation(impute=[DefaultFor()], own=[DefaultFor(rank=1)])) == "own"
    assert default_filling(situation(other=[for_numbers()])) is None
