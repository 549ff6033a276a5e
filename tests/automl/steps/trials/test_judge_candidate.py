"""A candidate goes on after its first fold where it is near the front, or where a blend would weight it."""

import numpy as np

from automl.steps.trials.judge_candidate import FEWEST_RIVALS, still_promising
from automl.vocabulary.results import FoldResult
from tests.automl.steps.results import judge

N_ROWS = 40
TARGET = np.linspace(-1, 1, N_ROWS)
JUDGE = judge([(np.arange(N_ROWS), np.arange(N_ROWS))], TARGET)
ERROR = np.where(np.arange(N_ROWS) % 2, 1.0, -1.0)
"""What the front gets wrong, by half of it."""


def first_fold(predicted):
    result = FoldResult("id", 0, np.asarray(predicted, np.float32)[:, None], 1, 1, 1)
    return JUDGE.fold_loss(result), result


FRONT = [first_fold(TARGET + size * ERROR) for size in (0.5, 0.5, 0.51, 0.52, 0.9)]


def test_with_few_rivals_everybody_goes_on():
    assert still_promising(first_fold(TARGET + 99), FRONT[: FEWEST_RIVALS - 1], JUDGE)


def test_who_is_near_the_front_goes_on():
    assert still_promising(first_fold(TARGET + 0.515 * ERROR), FRONT, JUDGE)
    assert not still_promising(first_fold(TARGET + 0.53 * ERROR), FRONT, JUDGE)


def test_who_is_behind_but_wrong_elsewhere_goes_on():
    assert still_promising(first_fold(TARGET - 0.8 * ERROR), FRONT, JUDGE)
    assert still_promising(first_fold(TARGET + 0.6 * np.roll(np.repeat([1.0, -1.0], N_ROWS // 2), 3)), FRONT, JUDGE)


def test_who_is_behind_and_wrong_alike_is_dropped():
    assert not still_promising(first_fold(TARGET + 0.8 * ERROR), FRONT, JUDGE)
    assert not still_promising(first_fold(np.full(N_ROWS, 9.0)), FRONT, JUDGE)


def test_predictions_that_cannot_be_scored_are_dropped():
    assert not still_promising(first_fold(np.full(N_ROWS, np.nan)), FRONT, JUDGE)
