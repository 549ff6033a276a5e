"""What is required and not installed is told with the way to get it, and not used."""

from __future__ import annotations

import pytest

from automl.plugin_api import EnsemblerSpec, ModelSpec, PreprocessorSpec
from automl.steps.plan.find_missing import at_hand, what_is_missing

ABSENT = {"requires": ("json", "surely_not_installed"), "install": "pip install it"}


@pytest.mark.parametrize(
    "spec",
    [
        ModelSpec("model", lambda request: None, **ABSENT),
        PreprocessorSpec("preprocessor", lambda request: None, **ABSENT),
        EnsemblerSpec("ensembler", lambda request: None, "own", **ABSENT),
    ],
)
def test_what_is_required_and_missing_is_named_with_the_command_that_brings_it(spec):
    assert what_is_missing(spec) == "surely_not_installed is not installed; run: pip install it"


def test_a_module_of_a_missing_package_is_missing():
    assert what_is_missing(ModelSpec("model", lambda request: None, requires=("surely_not.there",))) != ""


def test_what_can_run_is_kept_in_order_and_the_rest_is_listed():
    offered = [PreprocessorSpec(name, lambda request: None, requires=needs) for name, needs in NEEDS.items()]
    found, failures = at_hand(offered)
    assert list(found) == ["first", "last"]
    assert [(each.model, each.cause) for each in failures] == [("absent", "not used: nowhere_to_be is not installed")]


NEEDS = {"first": (), "absent": ("nowhere_to_be",), "last": ("json",)}
