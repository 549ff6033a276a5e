"""The option says which ways to combine candidates are allowed."""

from __future__ import annotations

import pytest

from automl.errors import OptionError
from automl.plugin_api import Block, Task, TaskKind, Trait
from automl.steps.plan.choose_ensemblers import allowed_ensemblers
from automl_builtins.ensemblers import stacking, voting, weighted
from tests.plugins.ensemblers.synthetic import BINARY, MULTICLASS, REGRESSION

SPECS = tuple(spec for module in (voting, weighted, stacking) for spec in module.automl_ensemblers())


@pytest.mark.parametrize(
    ("option", "names"),
    [
        ("auto", {"best_single", "soft_voting", "weighted", "stacking_linear", "stacking_linear_features"}),
        ("voting", {"soft_voting", "hard_voting"}),
        ("weighted", {"weighted"}),
        ("none", {"best_single"}),
    ],
)
def test_the_option_allows_a_family(option, names):
    assert {spec.name for spec in allowed_ensemblers(option, SPECS, REGRESSION)} == names
    assert all(MULTICLASS.kind in spec.tasks for spec in allowed_ensemblers(option, SPECS, MULTICLASS))


def test_an_unknown_option_names_the_nearest():
    with pytest.raises(OptionError, match="Did you mean 'stacking'"):
        allowed_ensemblers("staking", SPECS, BINARY)


def test_a_mean_combines_outputs_of_any_form():
    blocks = (Block("y", trait=Trait.ORDERED, levels=(0.1, 0.9)), Block("score", trait=Trait.SCORE))
    task = Task(TaskKind("of a form of its own"), "y", parts=blocks)
    assert [spec.name for spec in allowed_ensemblers("auto", SPECS, task)] == ["best_single", "soft_voting", "weighted"]
