"""Pretrained networks stand in the place that models keep for them; what cannot be had is listed with its reason."""

from __future__ import annotations

import pytest

from automl.errors import OptionError
from automl.plugin_api import PRETRAINED, Choice, Float, ModelSpec, PretrainedSpec
from automl.steps.plan.choose_models import suit_columns
from automl.steps.plan.offer_weights import offer_weights
from automl.vocabulary.schema import Column, ColumnKind, Schema
from automl.vocabulary.settings import SearchSettings

READER = ModelSpec(
    "reader",
    lambda request: None,
    {"weights": Choice((PRETRAINED,)), "rate": Float(0.1, 1.0)},
    ({"weights": PRETRAINED, "rate": 0.1}, {"weights": PRETRAINED, "rate": 0.5}),
    needs=frozenset({ColumnKind.TEXT}),
    pretrained="text",
)
SEER = ModelSpec(
    "seer", lambda request: None, {"weights": Choice(("", PRETRAINED))}, ({"weights": PRETRAINED}, {"weights": ""}),
    pretrained="image",
)  # fmt: skip
SMALL = PretrainedSpec("small", "hub/small", "text")
LARGE = PretrainedSpec("large", "/folder/large", "text")
ABSENT = PretrainedSpec(
    "absent", "package:surely_not_installed/x", "text", requires=("surely_not_installed",), install="get it"
)


def test_each_network_of_the_kind_gets_each_configuration():
    models, left_out = offer_weights({"reader": READER}, [SMALL, LARGE])
    found = [(each["weights"], each["rate"]) for each in models["reader"].defaults]
    assert found == [("hub/small", 0.1), ("/folder/large", 0.1), ("hub/small", 0.5), ("/folder/large", 0.5)]
    assert models["reader"].space["weights"] == Choice(("hub/small", "/folder/large"))
    assert left_out == []


def test_a_model_that_can_do_without_keeps_its_other_configurations():
    models, left_out = offer_weights({"seer": SEER}, [SMALL])
    assert models["seer"].defaults == ({"weights": ""},)
    assert models["seer"].space["weights"] == Choice(("",))
    assert left_out == []


def test_what_is_not_installed_is_listed_with_how_to_get_it():
    models, left_out = offer_weights({"reader": READER, "seer": SEER}, [SMALL, ABSENT])
    assert {each["weights"] for each in models["reader"].defaults} == {"hub/small"}
    (failure,) = left_out
    assert failure.model == "reader"
    assert "surely_not_installed is not installed; run: get it" in failure.cause


def test_a_model_without_any_network_says_what_to_do():
    ways = {"audio": "buy some", "text": "dig"}
    places = [PretrainedSpec(f"for {kind}", "", kind, install=way) for kind, way in ways.items()]
    models, left_out = offer_weights({"reader": READER}, places)
    assert models == {}
    assert "for text are at hand; dig, or install a package that offers them" in left_out[0].cause


def test_tables_without_such_columns_hear_nothing_of_it():
    numbers = Schema((Column("x", ColumnKind.NUMERIC),))
    both = {"reader": READER, "seer": SEER}
    models, left_out = suit_columns(both, numbers, SearchSettings(), [ABSENT])
    assert (list(models), left_out) == (["seer"], [])


def test_a_choice_of_models_that_all_lack_weights_is_refused():
    texts = Schema((Column("x", ColumnKind.TEXT),))
    with pytest.raises(OptionError, match="surely_not_installed"):
        suit_columns({"reader": READER}, texts, SearchSettings(models=("reader",)), [ABSENT])
