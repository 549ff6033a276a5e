"""What the built-in ensemblers share: thinning, ranking, and averages of the best."""

import numpy as np
import pytest

from automl.plugin_api import (
    Block,
    EnsembleRequest,
    MetricSpec,
    NothingToCombineError,
    OutOfFold,
    Task,
    TaskKind,
    Trait,
    of_several,
)
from automl_builtins.ensemblers._candidates import (
    WeightedAverage,
    best_voters,
    equal_shares,
    make_objective,
    rank_candidates,
    thin_rows,
    without_light,
)
from automl_builtins.metrics.regression import rmse

RMSE = MetricSpec("rmse", rmse, False, 0.0, "values", frozenset({TaskKind.REGRESSION}))
REQUEST = EnsembleRequest(Task(TaskKind.REGRESSION, "y"), RMSE)
TARGET = np.random.default_rng(0).normal(size=60)


def objective(*errors):
    predictions = np.stack([(TARGET + error)[:, None] for error in errors])
    return make_objective(OutOfFold(predictions, TARGET), REQUEST, seed=0)


def test_each_candidate_has_its_own_loss_and_one_with_a_gap_has_none():
    gap = np.where(np.arange(60) == 7, np.nan, 0.0)
    assert objective(1.0, -2.0, gap).single_losses() == pytest.approx([1.0, 2.0, np.inf])


def test_the_best_voters_are_those_whose_errors_cancel():
    judged = objective(1.0, -1.0, 5.0)
    assert best_voters(judged, rank_candidates(judged.single_losses())).tolist() == [0, 1]


def test_candidates_without_a_loss_are_not_ranked_and_none_at_all_is_an_error():
    assert rank_candidates(np.array([2.0, np.inf, 1.0])).tolist() == [2, 0]
    with pytest.raises(NothingToCombineError, match="nothing to combine"):
        rank_candidates(np.array([np.inf, np.nan]))


def test_rare_classes_keep_some_rows_when_rows_are_thinned():
    target = np.array([0] * 5_000 + [1] * 15)
    rows = thin_rows(target, 500, stratify=True, seed=0)
    assert (target[rows] == 1).sum() == 15
    assert len(rows) < 520
    assert (np.diff(rows) > 0).all()


def test_light_members_are_left_out_and_the_rest_adds_up_to_one():
    shares = without_light(np.array([0.7, 0.29, 0.01]))
    assert shares.tolist() == pytest.approx([0.7 / 0.99, 0.29 / 0.99, 0.0])
    assert without_light(np.zeros(2)).tolist() == [0.0, 0.0]


def test_members_without_a_share_are_never_looked_at():
    predictions = np.stack([np.full((2, 1), 1.0), np.full((2, 1), np.nan), np.full((2, 1), 3.0)])
    average = WeightedAverage(equal_shares(np.array([0, 2]), 3))
    assert average.combine(predictions).tolist() == [[2.0], [2.0]]
    assert average.weights().tolist() == [0.5, 0.0, 0.5]


def test_where_labels_alone_are_judged_the_log_loss_of_each_target_breaks_ties():
    kinds = [Task(TaskKind.BINARY, "a", (0, 1)), Task(TaskKind.MULTICLASS, "b", ("x", "y", "z"))]
    blocks = [Block("a", trait=Trait.INDEPENDENT), Block("b", ("x", "y", "z"), Trait.SIMPLEX)]
    task = of_several(TaskKind("multioutput"), kinds, blocks)
    target = np.column_stack([np.arange(60) % 2, np.arange(60) % 3])
    certain = np.hstack([target[:, [0]], np.eye(3)[target[:, 1]]])
    judged = MetricSpec("right", lambda truth, said, _: (truth == said).mean(), True, 1.0, "labels", frozenset())
    doubtful = np.stack([0.9 * certain + 0.05, 0.6 * certain + 0.2])
    losses = make_objective(OutOfFold(doubtful, target), EnsembleRequest(task, judged), seed=0).single_losses()
    assert losses[0] < losses[1]
    assert losses[0] == pytest.approx(-1.0 - 0.05 * np.log(0.95))
