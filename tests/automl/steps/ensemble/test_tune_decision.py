"""Thresholds for metrics that see labels: tuned where that helps, on rows that are not those they are judged by."""

import numpy as np
import pytest

from automl import AutoML
from automl.plugin_api import Block, Task, TaskKind, Trait, of_several
from automl.registry import discover
from automl.steps.ensemble.tune_decision import find_factors, tune_decision
from automl.steps.score.judge import Judge
from automl.vocabulary.deadline import Deadline
from automl.vocabulary.outputs import weighed_outputs

METRICS = discover().metrics
BINARY = Task(TaskKind.BINARY, "y", (0, 1))


def rare_class(n_rows, seed=0):
    """Return the true probabilities of a class that one row in eight has, and a draw from them."""
    rng = np.random.default_rng(seed)
    p = 1 / (1 + np.exp(2.5 - 1.2 * rng.normal(size=n_rows)))
    return np.column_stack([1 - p, p]), (rng.random(n_rows) < p).astype(int)


def tuned(metric, n_rows=3000, **more):
    predictions, target = rare_class(n_rows)
    judge = Judge(METRICS[metric], BINARY, target)
    return judge, predictions, tune_decision(judge, predictions, 0, more.get("deadline", Deadline(None)))


@pytest.mark.parametrize("metric", ["f1", "balanced_accuracy", "mcc"])
def test_a_rare_class_needs_less_probability_and_the_gain_holds_on_new_rows(metric):
    decision = tuned(metric)[2]
    assert decision.factors[1] > decision.factors[0]
    fresh, truth = rare_class(20_000, seed=1)
    new = Judge(METRICS[metric], BINARY, truth)
    gain = new.score(fresh * decision.factors) - new.score(fresh)
    assert gain > 0.05
    assert abs(decision.score - new.score(fresh * decision.factors)) < 0.05
    assert decision.interval[0] < decision.score < decision.interval[1]


def test_the_true_probabilities_serve_accuracy_best_as_they_are():
    assert tuned("accuracy")[2] is None


@pytest.mark.parametrize("metric", ["roc_auc", "log_loss"])
def test_metrics_of_probabilities_have_no_decision_to_tune(metric):
    assert tuned(metric)[2] is None


def test_few_rows_or_no_time_leave_the_plain_decision():
    assert tuned("f1", n_rows=60)[2] is None
    assert tuned("f1", deadline=Deadline(0.0))[2] is None


def test_several_classes_get_a_factor_each():
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(3000, 4)) + np.array([2.0, 0.0, 0.0, -2.0])
    predictions = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    target = np.array([rng.choice(4, p=row) for row in predictions])
    judge = Judge(METRICS["balanced_accuracy"], Task(TaskKind.MULTICLASS, "y", (0, 1, 2, 3)), target)
    decision = tune_decision(judge, predictions, 0, Deadline(None))
    assert decision.factors[3] > decision.factors[1] > decision.factors[0]
    assert decision.score > judge.score(predictions) + 0.05


def test_a_class_that_is_never_predicted_does_not_break_the_search():
    predictions = np.column_stack([np.full(200, 1.0), np.zeros(200)])
    judge = Judge(METRICS["f1"], BINARY, np.arange(200) % 2)
    assert find_factors(judge, predictions, np.arange(200), Deadline(None)).tolist() == [1.0, 1.0]


def test_labels_scores_and_a_saved_model_all_use_the_tuned_decision(tmp_path):
    import pandas as pd

    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"a": rng.normal(size=2400), "b": rng.normal(size=2400)})
    chance = 1 / (1 + np.exp(2.5 - 1.5 * frame["a"]))
    frame["y"] = np.where(rng.random(2400) < chance, "rare", "common")
    automl = AutoML(
        time_limit=None, max_trials=3, metric="f1", models=["linear"], executor="in_process", cv=3, verbose=0
    ).fit(frame[:1800], "y")
    factors = automl.predictor_.factors
    assert factors is not None
    new = frame[1800:]
    by_hand = automl.classes_[(automl.predict_proba(new) * factors).argmax(axis=1)]
    assert (automl.predict(new) == by_hand).all()
    plain = automl.classes_[automl.predict_proba(new).argmax(axis=1)]
    assert (by_hand == "rare").sum() > (plain == "rare").sum()
    truth = new["y"] == "rare"
    f1 = 2 * (truth & (by_hand == "rare")).sum() / (truth.sum() + (by_hand == "rare").sum())
    assert automl.score(new) == pytest.approx(f1)
    automl.save(tmp_path / "model")
    assert (AutoML.load(tmp_path / "model").predict(new) == by_hand).all()


def test_one_candidate_alone_gets_a_decision_of_its_own():
    import pandas as pd

    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"a": rng.normal(size=900)})
    frame["y"] = np.where(rng.random(900) < 1 / (1 + np.exp(2.5 - 1.5 * frame["a"])), "rare", "common")
    one = AutoML(
        time_limit=None, max_trials=1, metric="f1", models=["linear"], executor="in_process", cv=3, verbose=0
    ).fit(frame, "y")
    assert one.ensemble_ == "best_single"
    common, rare = one.predictor_.factors
    assert rare > 1.5 * common


def test_each_of_several_labels_gets_a_threshold_of_its_own():
    common, rare = (rare_class(3000, seed) for seed in (0, 1))
    predictions = np.column_stack([1.0 - 0.2 * common[0][:, 1], rare[0][:, 1]])
    target = np.column_stack([1 - (np.random.default_rng(2).random(3000) < 0.2 * common[0][:, 1]), rare[1]])
    kinds = [Task(TaskKind.BINARY, name, (0, 1)) for name in "ab"]
    task = of_several(TaskKind("multilabel"), kinds, [Block(name, trait=Trait.INDEPENDENT) for name in "ab"])
    judge = Judge(METRICS["macro_f1"], task, target)
    decision = tune_decision(judge, predictions, 0, Deadline(None))
    assert decision.factors[1] > 1.5 > decision.factors[0]
    decided = weighed_outputs(predictions, task, decision.factors)
    assert ((decided > 0.0) & (decided < 1.0)).all()
    assert judge.score(decided) > judge.score(predictions) + 0.05
