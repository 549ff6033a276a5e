"""A metric says which task is meant where the values look like another, and only where they can be read so."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from automl import AutoML
from automl.errors import OptionError
from automl.plugin_api import TaskKind, hookimpl
from automl.registry import discover_quietly
from automl.steps.plan.choose_metric import find_metric
from automl.steps.plan.infer_task import infer_task
from automl.steps.plan.task_by_metric import task_by_metric
from tests.automl.steps.searches import asked_for
from tests.tables import binary_table

REGISTRY = discover_quietly([])
STARS = pd.Series(np.arange(60) % 5)
CODES = pd.Series(np.arange(200) % 40)


def meant(metric, target):
    task, _ = infer_task(target, "it", None, REGISTRY)
    return task_by_metric(metric, task, target, REGISTRY)


@pytest.mark.parametrize(
    ("metric", "target", "family"),
    [
        ("rmse", STARS, "regression"),
        ("neg_mean_absolute_error", STARS, "regression"),
        ("r2", pd.Series([0, 1] * 20), "regression"),
        ("accuracy", CODES, "classification"),
        ("log loss", CODES, "classification"),
        ("quadratic_kappa", CODES * 0.5, "classification"),
        ("rmse", STARS.astype(object), "regression"),
        ("rmse", STARS.map(Decimal), "regression"),
        ("mae", STARS.map("{}.0".format), "regression"),
        ("ndcg", STARS, "ranking"),
        ("pinball", STARS, "quantile"),
    ],
)
def test_numbers_that_may_be_either_are_what_the_metric_is_for(metric, target, family):
    assert meant(metric, target) == family


@pytest.mark.parametrize(
    ("metric", "target"),
    [
        ("accuracy", STARS),
        ("rmse", CODES),
        (None, STARS),
        (lambda true, predicted: 0.0, STARS),
        ("f1", STARS),
        ("rmse", STARS.map("star {}".format)),
        ("rmse", STARS > 2),
        ("rmse", (STARS > 2).astype(object)),
        ("rmse", pd.to_timedelta(STARS, unit="h")),
        ("rmse", pd.to_timedelta(STARS, unit="h").astype(object)),
        ("f1", CODES),
        ("span_f1", CODES),
        ("rmse", STARS.astype("category")),
        ("roc_auc", pd.Series(np.linspace(0, 1, 50))),
        ("rmse", pd.DataFrame({"one": STARS, "two": STARS})),
    ],
)
def test_otherwise_the_values_alone_say_it(metric, target):
    assert meant(metric, target) is None


def test_what_a_plugin_has_decided_stays():
    class Decides:
        @hookimpl
        def automl_infer_task(self, target):
            return TaskKind.MULTICLASS

    registry = discover_quietly([Decides()])
    task, _ = infer_task(STARS, "it", None, registry)
    assert task_by_metric("rmse", task, STARS, registry) is None


def test_a_metric_of_two_classes_says_so_of_more():
    table = binary_table(200).assign(it=np.arange(200) % 40, stars=np.arange(200) % 5)
    with pytest.raises(OptionError, match="was taken for numbers; if classes are meant, pass task='classification'"):
        asked_for(table, "it", metric="f1")
    with pytest.raises(OptionError, match=r"It is for a binary task; the target 'stars' was taken for 5 classes\."):
        asked_for(table, "stars", metric="f1")


def test_options_are_those_of_the_task_that_the_metric_is_for():
    table = binary_table(60).assign(stars=np.arange(60) % 5)
    asked, _ = asked_for(table, "stars", metric="pinball", quantiles=(0.1, 0.9))
    assert asked.task.blocks[0].levels == (0.1, 0.9)
    with pytest.raises(OptionError, match="for a multiclass task, which has no use for it"):
        asked_for(table, "stars", quantiles=(0.1, 0.9))


def test_groups_that_are_missing_are_asked_for_by_the_name_of_the_metric():
    table = binary_table(60).assign(stars=np.arange(60) % 5)
    with pytest.raises(OptionError, match="the task 'ranking' of the metric 'ndcg' is about rows that belong together"):
        asked_for(table, "stars", metric="ndcg")
    with pytest.raises(OptionError, match="If what it is for is meant, pass task='token_classification'"):
        asked_for(table, "stars", metric="span_f1")


def test_numbers_as_text_are_predicted_as_numbers():
    table = binary_table(60).assign(stars=(pd.Series(np.arange(60) % 5)).map("{}.0".format))
    asked, _ = asked_for(table, "stars", metric="rmse")
    assert asked.task.kind is TaskKind.REGRESSION
    assert asked.target.max() == 4.0


def test_a_metric_as_an_object_says_it_too():
    task, _ = infer_task(STARS, "it", None, REGISTRY)
    assert task_by_metric(find_metric("mae", task, REGISTRY.metrics), task, STARS, REGISTRY) == "regression"


def test_a_search_takes_the_task_and_tells_it():
    table = binary_table(60).assign(stars=np.arange(60) % 5)
    asked, _ = asked_for(table, "stars", metric="rmse")
    assert asked.task.kind is TaskKind.REGRESSION
    assert asked.target.dtype == np.float64
    told = next(each for each in asked.table.findings if each.topic == "target")
    assert told.column == "stars"
    assert "regression task, as the metric 'rmse' is for it" in told.done
    assert asked.named_task == "regression"


def test_the_audit_says_it_once():
    table = binary_table(200).assign(stars=np.arange(200) % 5)
    model = AutoML(metric="rmse", max_trials=1, time_limit=None, models=["linear"], verbose=0, executor="in_process")
    topics = model.fit(table, "stars").audit_["topic"].tolist()
    assert topics.count("target") == 1
    assert model.predict(table.head(2)).dtype == np.float64


def test_a_task_that_is_named_is_not_changed_by_the_metric():
    table = binary_table(60).assign(stars=np.arange(60) % 5)
    with pytest.raises(OptionError, match="does not fit a multiclass task"):
        asked_for(table, "stars", metric="rmse", task="classification")


def test_a_task_for_several_targets_is_no_candidate_for_one():
    early = {name: replace(spec, rank=1) for name, spec in REGISTRY.tasks.items() if spec.several}
    registry = replace(REGISTRY, tasks={**REGISTRY.tasks, **early})
    task, _ = infer_task(CODES, "it", None, registry)
    assert task_by_metric("f1_macro", task, CODES, registry) == "classification"
