"""Which preprocessors a model gets for the columns of a table."""

from __future__ import annotations

import pytest

from automl.plugin_api import DefaultFor, PreprocessorSpec
from automl.registry import discover
from automl.steps.fit.choose_preparation import choose_preparation
from automl.vocabulary.schema import Column, ColumnKind, Schema
from automl.vocabulary.task import TaskKind

KNOWN = discover()
PLAIN = Column("plain", ColumnKind.CATEGORICAL, 2, categories=("a", "b"))
SIZE = Column("size", ColumnKind.CATEGORICAL, 3, categories=("s", "m", "l"), ordered=True)


def steps(model, *columns, **params):
    chosen = {f"prepare.{name}": value for name, value in params.items()}
    made = choose_preparation(KNOWN.models[model], chosen, Schema(columns), KNOWN.preprocessors)
    return {step.preprocessor: step.columns for step in made.encode}


@pytest.mark.parametrize(
    ("model", "params", "expected"),
    [
        ("lightgbm", {}, {"codes": ("plain",), "ordinal": ("size",)}),
        ("linear", {"categorical": "one_hot"}, {"one_hot": ("plain", "size"), "ordinal": ("size",)}),
        ("lightgbm", {"categorical": "frequency"}, {"frequency": ("plain", "size"), "ordinal": ("size",)}),
    ],
)
def test_categories_with_an_order_are_numbers_to_every_model(model, params, expected):
    assert steps(model, PLAIN, SIZE, **params) == expected


def test_without_an_order_nothing_is_added():
    assert steps("lightgbm", PLAIN) == {"codes": ("plain",)}


SPOKEN = Column("spoken", ColumnKind.TEXT, 90)
WRITTEN = Column("written", ColumnKind.TEXT, 90)
MANY = Column("many", ColumnKind.CATEGORICAL, 300)


def offered_too(name, kind, **default):
    spec = PreprocessorSpec(
        name, lambda request: None, frozenset({kind}), default_for=(DefaultFor(frozenset({kind}), **default),)
    )
    return {**KNOWN.preprocessors, name: spec}


def names(model, *columns, offered=KNOWN.preprocessors, **params):
    chosen = {f"prepare.{name}": value for name, value in params.items()}
    made = choose_preparation(KNOWN.models[model], chosen, Schema(columns), offered)
    return [step.preprocessor for step in made.encode]


def test_a_third_partys_preprocessor_of_a_higher_rank_is_the_default_for_texts():
    theirs = offered_too("sounds", ColumnKind.TEXT, rank=1, accepted=False)
    assert names("linear", SPOKEN, WRITTEN, offered=theirs) == ["sounds", "sounds"]
    assert names("lightgbm", SPOKEN, offered=theirs) == ["sounds"]
    assert names("bert", SPOKEN, offered=theirs) == ["keep"]
    assert names("linear", SPOKEN, offered=theirs, text="tfidf") == ["tfidf"]


def test_of_equal_rank_the_first_offered_stays_the_default():
    assert names("linear", SPOKEN, offered=offered_too("sounds", ColumnKind.TEXT, accepted=False)) == ["tfidf"]


def test_a_default_may_be_for_some_columns_of_a_kind_alone():
    theirs = offered_too("hashes", ColumnKind.CATEGORICAL, rank=1, accepted=False, categories=(100, 10**9))
    assert names("extra_trees", PLAIN, MANY, offered=theirs, categorical="auto") == ["one_hot", "hashes"]


def test_what_stands_beside_is_added_to_the_usual_features():
    theirs = offered_too("lengths", ColumnKind.TEXT, beside=True)
    assert names("linear", SPOKEN, offered=theirs) == ["tfidf", "lengths"]


def test_what_is_usual_in_one_task_alone_takes_several_columns_together_there():
    kind = TaskKind("ranking")
    names = {"fewest_columns": 2, "tasks": frozenset({kind}), "beside": True, "in_place_of": ("tfidf",)}
    theirs = PreprocessorSpec(
        "pairs",
        lambda request: None,
        frozenset({ColumnKind.TEXT}),
        default_for=(DefaultFor(frozenset({ColumnKind.TEXT}), **names),),
        together=True,
    )
    others = {name: spec for name, spec in KNOWN.preprocessors.items() if not name.startswith("text_")}
    offered = {**others, "pairs": theirs}
    seen = {}
    for asked, columns in ((kind, (SPOKEN, WRITTEN)), (kind, (SPOKEN,)), (None, (SPOKEN, WRITTEN))):
        made = choose_preparation(KNOWN.models["linear"], {}, Schema(columns), offered, kind=asked)
        seen[asked, len(columns)] = [(step.preprocessor, step.columns) for step in made.encode]
    assert seen[kind, 2] == [("pairs", ("spoken", "written"))]
    assert seen[kind, 1] == [("tfidf", ("spoken",))]
    assert seen[None, 2] == [("tfidf", ("spoken",)), ("tfidf", ("written",))]


def test_the_hyperparameters_for_columns_are_those_that_some_preprocessor_handles():
    without = {name: spec for name, spec in KNOWN.preprocessors.items() if ColumnKind.IMAGE not in spec.handles}
    with pytest.raises(
        LookupError, match=r"\['image'\]; there are numeric, categorical, datetime, text, name, sequence, extra"
    ):
        names("linear", PLAIN, offered=without, image="image_features")


def test_columns_that_no_preprocessor_is_the_default_for_are_named():
    silent = {name: spec for name, spec in KNOWN.preprocessors.items() if ColumnKind.TEXT not in spec.handles}
    with pytest.raises(LookupError, match="linear needs a preprocessor for text columns"):
        names("linear", SPOKEN, offered=silent)
