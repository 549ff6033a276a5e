"""Labels that occur together tell each other; where they do not, nothing is lost, and the plain blend is kept."""

import numpy as np
import pytest

from automl.plugin_api import (
    Block,
    EnsembleRequest,
    FitContext,
    NothingToCombineError,
    OutOfFold,
    Task,
    TaskKind,
    Trait,
    of_several,
)
from automl.steps.ensemble.build_ensemble import build_ensemble
from automl.steps.score.judge import Judge
from automl_builtins.ensemblers import label_sets
from automl_builtins.ensemblers.label_sets import LabelSets, count_sets
from automl_builtins.ensemblers.targets import TargetWeights, automl_ensemblers
from automl_builtins.kinds import MULTILABEL
from automl_builtins.metrics.several import automl_metrics

METRICS = {spec.name: spec for spec in automl_metrics()}
N_ROWS, N_LABELS = 500, 6
NAMES = [f"label{number}" for number in range(N_LABELS)]
TASK = of_several(
    MULTILABEL,
    [Task(TaskKind.BINARY, name, (0, 1)) for name in NAMES],
    [Block(name, trait=Trait.INDEPENDENT) for name in NAMES],
)


def labels_of_a_hidden_class(seed=0):
    rng = np.random.default_rng(seed)
    sets = np.array([[1, 1, 1, 0, 0, 0], [0, 0, 1, 1, 0, 1], [1, 0, 0, 1, 1, 0], [0, 1, 0, 0, 1, 1]])
    return sets[rng.integers(0, 4, N_ROWS)] ^ (rng.random((N_ROWS, N_LABELS)) < 0.05)


def labels_by_themselves(seed=0):
    return (np.random.default_rng(seed).random((N_ROWS, N_LABELS)) < 0.5).astype(np.int64)


def predicted(target, seed=1, n_members=2):
    """Return probabilities of members that know each label by itself, and with errors of their own."""
    rng = np.random.default_rng(seed)
    evidence = (2.0 * target - 1.0) + rng.normal(size=(n_members, *target.shape)) * 1.4
    return 1.0 / (1.0 + np.exp(-evidence))


def fitted(target, metric="mean_log_loss", weights=None):
    rows = OutOfFold(predicted(target), target, weights)
    return LabelSets(EnsembleRequest(TASK, METRICS[metric])).fit(rows, FitContext(seed=3))


def score(metric, target, outputs):
    spec = METRICS[metric]
    found = (outputs > 0.5).astype(np.int64) if spec.needs == "labels" else outputs
    return spec.score(target, found, None, TASK) if spec.needs_task else spec.score(target, found, None)


def plain(target, metric="mean_log_loss"):
    rows = OutOfFold(predicted(target), target)
    return TargetWeights(EnsembleRequest(TASK, METRICS[metric])).fit(rows, FitContext(seed=3))


def test_labels_are_told_by_those_that_they_occur_with_on_new_rows():
    combiner, blend, later = fitted(labels_of_a_hidden_class()), plain(labels_of_a_hidden_class()), 7
    target, members = labels_of_a_hidden_class(later), predicted(labels_of_a_hidden_class(later), later)
    corrected, blended = combiner.combine(members), blend.combine(members)
    assert score("mean_log_loss", target, corrected) < 0.9 * score("mean_log_loss", target, blended)
    assert score("macro_roc_auc", target, corrected) > score("macro_roc_auc", target, blended)
    assert not combiner.whole


def test_the_likeliest_set_decides_where_all_labels_of_a_row_must_be_right():
    combiner, later = fitted(labels_of_a_hidden_class(), "subset_accuracy"), 7
    target, members = labels_of_a_hidden_class(later), predicted(labels_of_a_hidden_class(later), later)
    blended = plain(labels_of_a_hidden_class(), "subset_accuracy").combine(members)
    assert combiner.whole
    together = score("subset_accuracy", target, combiner.combine(members))
    assert together > score("subset_accuracy", target, blended) + 0.1
    decided = {tuple(row) for row in (combiner.combine(members) > 0.5).astype(int)}
    assert len(decided & {tuple(row) for row in combiner.sets}) > 0.8 * len(decided)


def test_labels_that_do_not_hang_together_lose_little():
    combiner, blend, later = fitted(labels_by_themselves()), plain(labels_by_themselves()), 7
    target, members = labels_by_themselves(later), predicted(labels_by_themselves(later), later)
    corrected, blended = combiner.combine(members), blend.combine(members)
    assert score("mean_log_loss", target, corrected) < 1.03 * score("mean_log_loss", target, blended)


@pytest.mark.parametrize(
    ("labels", "kind"), [(labels_of_a_hidden_class, "label_sets"), (labels_by_themselves, "weighted_targets")]
)
def test_a_search_takes_them_where_they_better_the_blend_on_rows_not_seen(labels, kind):
    judge = Judge(METRICS["macro_roc_auc"], TASK, labels())
    specs = [*automl_ensemblers(), *label_sets.automl_ensemblers()]
    assert build_ensemble(predicted(labels()), judge, specs).kind == kind


def test_a_row_alone_is_corrected_as_among_others_whatever_block_it_is_in(monkeypatch):
    target = labels_of_a_hidden_class()
    members = predicted(target)
    for metric in ("mean_log_loss", "subset_accuracy"):
        combiner = fitted(target, metric)
        whole = combiner.combine(members)
        assert np.array_equal(combiner.combine(members[:, [7]])[0], whole[7])
        monkeypatch.setattr(label_sets, "BLOCK", 33)
        assert np.array_equal(combiner.combine(members), whole)


def test_sets_that_one_row_alone_has_are_left_out_and_their_share_is_not_expected_of_later_rows():
    target = np.array([[0, 1], [0, 1], [0, 1], [1, 1], [0, 0], [0, 0], [1, 0], [0, 1]])
    counted = count_sets(target, np.ones(len(target)))
    assert counted.sets.tolist() == [[0, 0], [0, 1]]
    assert counted.masses.tolist() == [2.0, 4.0]
    assert counted.seen == pytest.approx(6 / 8)
    assert counted.own.tolist() == [1, 1, 1, 0, 0, 1]


def test_only_the_most_frequent_sets_are_kept(monkeypatch):
    monkeypatch.setattr(label_sets, "MOST_SETS", 1)
    counted = count_sets(np.array([[0, 1], [0, 1], [0, 1], [1, 1], [1, 1]]), np.ones(5))
    assert counted.sets.tolist() == [[0, 1]]
    assert counted.seen == pytest.approx(3 / 5)


def test_rows_count_by_their_weights():
    target = labels_of_a_hidden_class()
    has = target[:, 0] == 1
    heavy = fitted(target, weights=np.where(has, 5.0, 1.0))
    light = fitted(target, weights=np.where(has, 1.0, 5.0))
    assert heavy.combine(predicted(target))[:, 0].mean() > light.combine(predicted(target))[:, 0].mean()


def test_where_no_two_rows_have_the_same_labels_there_is_nothing_to_learn():
    with pytest.raises(NothingToCombineError, match="No two rows have the same labels"):
        count_sets(np.eye(4, dtype=np.int64), np.ones(4))


def test_the_slope_by_which_they_are_fitted_is_that_of_their_loss():
    target = labels_of_a_hidden_class()
    counted = count_sets(target, np.linspace(0.5, 1.5, N_ROWS))
    evidence = label_sets.log_odds(predicted(target)[0])[counted.rows]
    loss = label_sets._negative_log_posterior(counted, evidence)
    point = np.linspace(0.6, 1.3, N_LABELS + 1)
    steps = 1e-5 * np.eye(N_LABELS + 1)
    numeric = [(loss(point + step)[0] - loss(point - step)[0]) / 2e-5 for step in steps]
    assert loss(point)[1] == pytest.approx(numeric, rel=1e-4, abs=1e-3)
