"""Checks of models that learn several targets at once: labels, values, or both."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from automl.plugin_api import ALL_TASKS, Array, ModelSpec, Task, by_block
from automl.testing._learners import expect_predictions, predict, predict_test, usual_fit
from automl.testing._runner import concerns, expect
from automl.testing._several import tasks_of_several
from automl.testing._shared import expect_close, stored_again, take_rows
from automl.vocabulary.outputs import has_form

TOLERANCE = 1e-4


@concerns(lambda spec: bool(spec.tasks - ALL_TASKS))
def check_several_targets_at_once(spec: ModelSpec) -> None:
    """Outputs of several targets have the form of the task, follow each target, and are those of a row alone."""
    for task in tasks_of_several(spec.tasks):
        learner, split = usual_fit(spec, task)
        found = predict_test(learner, split)
        expect_predictions(found, split.test)
        expect(has_form(found, task, TOLERANCE), f"Outputs for {task.kind.value} have not the form of the task.")
        alone = predict(learner, take_rows(split.test.features, [3]))
        expect_close(alone, found[[3]], f"A row alone is predicted differently for {task.kind.value}.")
        again = predict_test(stored_again(learner, spec), split)
        expect_close(again, found, f"Saved and loaded it differs for {task.kind.value}.", 1e-9)
        if not spec.role:
            _expect_each_is_learnt(task, split.test.target, found)


def _expect_each_is_learnt(task: Task, target: Array, found: Array) -> None:
    for number, (each, (_, part)) in enumerate(zip(task.targets, by_block(found, task), strict=True)):
        truth = target[:, number]
        said = part @ np.arange(part.shape[1]) if part.shape[1] > 1 else part[:, 0]
        related = float(np.corrcoef(truth, said)[0, 1])
        expect(related > 0.5, f"Of {task.kind.value} the target {each.target!r} has a correlation of {related:.2f}.")


CHECKS: tuple[Callable[[ModelSpec], None], ...] = (check_several_targets_at_once,)
"""Every check of models of several targets."""
