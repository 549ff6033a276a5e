"""Which preprocessors a model gets for the columns of a table."""

from __future__ import annotations

import pytest

from automl.registry import discover
from automl.steps.fit.choose_preparation import choose_preparation
from automl.vocabulary.schema import Column, ColumnKind, Schema

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
