"""What a plugin says of no task goes for those of the engine alone."""

import pytest

from automl.plugin_api import ALL_TASKS, CLASSIFICATION, EnsemblerSpec, ModelSpec, TaskKind, TaskSpec


def test_a_further_kind_is_claimed_by_nobody_who_does_not_name_it():
    ordinal = TaskKind("ordinal")
    assert ordinal not in ALL_TASKS
    assert ordinal not in CLASSIFICATION
    for spec in (ModelSpec("mine", lambda request: None), EnsemblerSpec("mine", lambda request: None, "own")):
        assert spec.tasks == ALL_TASKS


def test_classification_has_the_kinds_with_classes():
    assert {kind for kind in ALL_TASKS if kind.is_classification} == CLASSIFICATION


def test_a_form_of_submission_that_nothing_writes_is_refused():
    with pytest.raises(ValueError, match="expected some of"):
        TaskSpec("mine", lambda target: None, "accuracy", submits=("guesses",))


@pytest.mark.parametrize("name", ["", "auto"])
def test_a_task_has_a_name_that_can_be_asked_for(name):
    with pytest.raises(ValueError, match="expected one that the option `task` can take"):
        TaskSpec(name, len, metric="rmse")
