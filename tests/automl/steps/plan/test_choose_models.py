"""Models are chosen by name and task, and those left out are listed with the reason."""

from __future__ import annotations

from dataclasses import replace

import pytest

from automl.errors import OptionError
from automl.plugin_api import CLASSIFICATION, ModelSpec
from automl.steps.plan.choose_models import check_model_names, choose_models, suit_columns
from automl.vocabulary.schema import Column, ColumnKind, Schema
from automl.vocabulary.settings import SearchSettings
from automl.vocabulary.task import Task, TaskKind

BINARY, REGRESSION = Task(TaskKind.BINARY, "y", (0, 1)), Task(TaskKind.REGRESSION, "y")
OFFERED = [
    ModelSpec("linear", lambda request: None),
    ModelSpec("lightgbm", lambda request: None, aliases=("lgbm",)),
    ModelSpec("votes", lambda request: None, tasks=CLASSIFICATION),
    ModelSpec("absent", lambda request: None, requires=("surely_not_installed",), install="pip install it"),
    ModelSpec("deep", lambda request: None, requires=("surely_not.installed.either",)),
]
KNOWN = {spec.name: spec for spec in OFFERED}


def chosen(task=BINARY, models=None, exclude=()):
    found, left_out = choose_models(SearchSettings(models=models, exclude=exclude), task, KNOWN)
    return list(found), {failure.model: failure.cause for failure in left_out}


def test_all_that_fit_are_chosen_and_the_others_say_why_not():
    names, left_out = chosen(REGRESSION)
    assert names == ["linear", "lightgbm"]
    assert "does no regression" in left_out["votes"]
    assert "surely_not_installed is not installed; run: pip install it" in left_out["absent"]
    assert "is not installed" in left_out["deep"]


def test_a_model_that_is_for_those_who_ask_is_tried_only_where_it_is_named():
    offered = {**KNOWN, "shy": ModelSpec("shy", lambda request: None, in_auto=False)}
    found, left_out = choose_models(SearchSettings(), BINARY, offered)
    assert "shy" not in {*found, *(failure.model for failure in left_out)}
    assert list(choose_models(SearchSettings(models=("shy",)), BINARY, offered)[0]) == ["shy"]


def test_a_model_for_tasks_of_another_kind_alone_is_missed_only_where_it_is_named():
    offered = {**KNOWN, "orders": ModelSpec("orders", lambda request: None, tasks=frozenset({TaskKind("ranking")}))}
    _, left_out = choose_models(SearchSettings(), REGRESSION, offered)
    assert "orders" not in {failure.model for failure in left_out}
    _, left_out = choose_models(SearchSettings(models=("linear", "orders")), REGRESSION, offered)
    assert [failure.cause for failure in left_out] == ["not run: it does no regression"]


def test_named_models_keep_their_order_and_excluded_ones_are_gone_without_a_word():
    assert chosen(models=("lgbm", "linear", "lightgbm"))[0] == ["lightgbm", "linear"]
    names, left_out = chosen(exclude=("lgbm", "absent", "deep"))
    assert (names, left_out) == (["linear", "votes"], {})


@pytest.mark.parametrize(
    ("models", "exclude", "said"),
    [
        (("linera",), (), "Did you mean 'linear'?"),
        (None, ("lihgtgbm",), "Did you mean 'lightgbm'?"),
        (("linear",), ("linear",), "leave no model"),
        ((), (), "leave no model"),
    ],
)
def test_unknown_names_and_an_empty_choice_are_refused(models, exclude, said):
    with pytest.raises(OptionError) as caught:
        check_model_names(SearchSettings(models=models, exclude=exclude), KNOWN)
    assert said in str(caught.value)


def test_a_choice_of_which_none_can_run_is_refused_with_every_reason():
    with pytest.raises(
        OptionError, match=r"None of the chosen models.*votes.*does no regression.*absent.*not installed"
    ):
        chosen(REGRESSION, models=("votes", "absent"))


@pytest.mark.parametrize(
    ("words", "asked", "suited"),
    [(4.0, None, ["linear"]), (6.0, None, ["linear", "reader"]), (4.0, "reader", ["reader"])],
)
def test_a_model_of_long_texts_is_tried_on_short_ones_only_where_it_is_named(words, asked, suited):
    specs = [ModelSpec("linear", lambda request: None), ModelSpec("reader", lambda request: None, fewest_words=6.0)]
    models = {spec.name: spec for spec in specs if asked in (None, spec.name)}
    settings = SearchSettings(models=None if asked is None else (asked,))
    found, left_out = suit_columns(models, Schema((Column("x", ColumnKind.TEXT),)), settings, words=words)
    assert list(found) == suited
    reasons = [failure.cause for failure in left_out]
    assert reasons == [] if "reader" in suited else "4.0 words on average; it is tried from 6 on" in reasons[0]


def test_a_model_that_uses_descriptions_is_tried_on_short_texts_where_there_are_some():
    spec = ModelSpec("reader", lambda request: None, fewest_words=6.0, zero_shot={})
    settings = SearchSettings(label_texts=(("a", ("one",)), ("b", ("two",))))
    schema = Schema((Column("x", ColumnKind.TEXT),))
    assert list(suit_columns({"reader": spec}, schema, settings, words=4.0)[0]) == ["reader"]
    with pytest.raises(OptionError, match="tried from 6 on"):
        suit_columns({"reader": replace(spec, zero_shot=None)}, schema, settings, words=4.0)


def test_a_models_own_name_goes_before_anothers_alias():
    offered = [ModelSpec("first", lambda request: None, aliases=("second",)), ModelSpec("second", lambda request: None)]
    found, _ = choose_models(SearchSettings(models=("second",)), BINARY, {spec.name: spec for spec in offered})
    assert list(found) == ["second"]
