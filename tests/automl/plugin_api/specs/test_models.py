"""A model's spec that is filled in wrongly is refused where its author sees it."""

from __future__ import annotations

import pytest

from automl.plugin_api import BuildRequest, ModelSpec, Task, TaskKind


@pytest.mark.parametrize(
    ("what", "found"),
    [
        ("defaults", (3,)),
        ("defaults", {}),
        ("tasks", None),
        ("accepts", ("numeric",)),
        ("needs", 3),
        ("requires", (3,)),
        ("requires", "torch"),
    ],
)
def test_a_field_of_another_type_is_named_with_what_was_found(what, found):
    with pytest.raises(TypeError, match=f"ModelSpec 'mine' has {what}="):
        ModelSpec("mine", lambda request: None, **{what: found})


def test_hyperparameters_of_one_request_are_not_those_of_the_next():
    task = Task(TaskKind.REGRESSION, "y")
    BuildRequest(task).params["rounds"] = 3
    assert BuildRequest(task).params == {}


def test_a_model_that_names_no_task_does_those_of_the_engine_and_no_other():
    tasks = ModelSpec("mine", lambda request: None).tasks
    assert tasks == set(TaskKind)
    assert TaskKind("ordinal") not in tasks
