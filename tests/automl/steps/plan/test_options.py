"""The table of options: what is in it is everywhere, and nothing is anywhere else."""

import inspect
from dataclasses import fields

import pytest

from automl import AutoML, AutoMLClassifier, AutoMLRegressor
from automl.cli import app
from automl.steps.plan.options import OPTIONS, by_column, names_or_none, repeated, split_names, time_or_none
from automl.steps.plan.parse_settings import parse_settings
from automl.vocabulary.settings import SearchSettings

COMMANDS = {each.name: inspect.signature(each.callback).parameters for each in app.registered_commands}
NO_OPTION = {"time_column", "seeded", "most_slots", "memory_each_mb"}
"""Settings that follow from arguments of `fit`, or from whether an option was given."""


@pytest.mark.parametrize("kind", [AutoML, AutoMLClassifier, AutoMLRegressor])
def test_the_constructor_takes_each_option_in_order_with_its_type_and_default(kind):
    taken = inspect.signature(kind).parameters.values()
    assert [(each.name, each.annotation, each.default) for each in taken] == [
        (option.name, option.kind, option.default) for option in OPTIONS.values()
    ]
    assert [each.kind.name for each in taken] == ["POSITIONAL_OR_KEYWORD", *["KEYWORD_ONLY"] * (len(OPTIONS) - 1)]
    assert kind().get_params(deep=False) == {name: option.default for name, option in OPTIONS.items()}


def test_each_setting_of_a_search_is_of_an_option_with_its_type():
    told = {option.field: option.setting.kind for option in OPTIONS.values() if option.setting}
    assert told == {each.name: each.type for each in fields(SearchSettings) if each.name not in NO_OPTION}


@pytest.mark.parametrize("name", ["fit", "compete"])
def test_each_option_that_a_command_shows_is_its_parameter_and_what_is_typed_by_default_can_be_used(name):
    shown = [(option, shown) for option in OPTIONS.values() if (shown := option.shown_by(name))]
    assert len(shown) > 10
    options = {option: entry.default for option, entry in OPTIONS.items()}
    for option, how in shown:
        assert COMMANDS[name][option.parameter].default == how.default
        options[option.name] = option.flag.read(how.default)
    assert parse_settings(options).time_limit == {"fit": 300.0, "compete": 600.0}[name]


def test_an_option_without_a_flag_is_set_by_flags_of_another_kind_or_in_python_alone():
    without = [option for option in OPTIONS.values() if option.fit is None]
    assert {option.name for option in without} == {"verbose", "path", "strategy", "plugins"}
    for option in without:
        given = () if option.flag is None else option.flag.instead
        assert {flag.removeprefix("--") for flag in given} <= set(COMMANDS["fit"])


def test_what_is_typed_becomes_what_an_option_takes():
    assert split_names(" a, b,,c ") == ["a", "b", "c"]
    assert split_names(None) is None
    assert names_or_none(None) == ()
    assert (time_or_none("None"), time_or_none("5m")) == (None, "5m")
    assert by_column(["dmy", "billed=mdy", "a=b=ymd"]) == {"": "dmy", "billed": "mdy", "a=b": "ymd"}
    assert by_column([]) is None
    assert repeated(None) == ()
    assert repeated(["mlflow"]) == ("mlflow",)
