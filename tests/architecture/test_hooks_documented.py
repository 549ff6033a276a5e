"""docs/hooks.md lists every hook with the arguments it has."""

import inspect
import re
from pathlib import Path

import pytest

from automl.plugin_api import hookspecs

TEXT = (Path(__file__).parents[2] / "docs" / "hooks.md").read_text(encoding="utf-8")
HOOKS = {name: function for name, function in vars(hookspecs).items() if name.startswith("automl_")}
DOCUMENTED = dict(re.findall(r"^### `(\w+)(\(.*)`$", TEXT, flags=re.MULTILINE))


def test_the_documented_hooks_are_the_hooks():
    assert list(DOCUMENTED) == list(HOOKS)


@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_is_documented_with_its_exact_arguments_and_answer(name):
    signature = inspect.signature(HOOKS[name])
    arguments = ", ".join(f"{each.name}: {each.annotation}" for each in signature.parameters.values())
    assert DOCUMENTED.get(name) == f"({arguments}) -> {signature.return_annotation}"


def test_hooks_that_decide_are_said_to_take_the_first_answer():
    section = TEXT.split("\n## Deciding")[1].split("\n## ")[0]
    told = set(re.findall(r"^### `(\w+)\(", section, flags=re.MULTILINE))
    first = {name for name, function in HOOKS.items() if function.automl_spec["firstresult"]}
    assert told == first
