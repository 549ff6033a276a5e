"""Task, labels or probabilities, and the metric are found in target and sample, and options go before them."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from automl.competition.find_columns import find_columns
from automl.competition.find_form import find_form
from automl.competition.match_names import match_classes
from automl.competition.nouns import Form, Wishes
from automl.errors import InputError, OptionError
from automl.registry import discover
from automl.vocabulary.task import Block, TaskKind, Trait
from tests.automl.testing import toy_tasks
from tests.competitions import as_tables, binary, classes, numbers

REGISTRY = discover()


def find(frames, registry=REGISTRY, **options):
    tables, wishes = as_tables(*frames), Wishes(**options)
    return find_form(tables, find_columns(tables, wishes), wishes, registry)


def with_ranks(**changes):
    """The registry, with a task of a plugin."""
    tasks = {**REGISTRY.tasks, "ranks": replace(toy_tasks.RIGHT, **changes)}
    metrics = {**REGISTRY.metrics, **{metric.name: metric for metric in toy_tasks.automl_metrics()}}
    return replace(REGISTRY, tasks=tasks, metrics=metrics)


def take_levels(target):
    task, values = target.as_numbers(TaskKind("ranks"))
    return replace(task, parts=(Block("level", trait=Trait.ORDERED, n_numbers=2),)), values


def said(wanted, what):
    return next(guess.line for guess in wanted.guesses if guess.what == what)


@pytest.mark.parametrize(
    ("frames", "form", "metric"),
    [
        (numbers(), Form.VALUES, "rmse"),
        (binary(), Form.LABELS, "accuracy"),
        (binary(sample=0), Form.LABELS, "accuracy"),
        (binary(sample=0.5), Form.PROBABILITY, "roc_auc"),
        (binary(sample=0.0), Form.PROBABILITY, "roc_auc"),
        (binary(labels=("no", "yes"), sample=0.5), Form.PROBABILITY, "roc_auc"),
        (binary(labels=(False, True)), Form.LABELS, "accuracy"),
        (binary(labels=(0.0, 1.0), sample=0), Form.LABELS, "accuracy"),
        (classes(), Form.CLASS_COLUMNS, "log_loss"),
        (classes(sample="labels"), Form.LABELS, "accuracy"),
        (binary()[:2], Form.PROBABILITY, "roc_auc"),
        (classes()[:2], Form.CLASS_COLUMNS, "log_loss"),
    ],
)
def test_the_sample_tells_what_is_submitted_and_that_the_usual_metric(frames, form, metric):
    wanted = find(frames)
    assert (wanted.form, wanted.metric.name) == (form, metric)
    assert "give --metric" in said(wanted, "metric")


@pytest.mark.parametrize(
    ("frames", "metric", "form"),
    [
        (binary(), "auc", Form.PROBABILITY),
        (binary(sample=0.5), "f1", Form.LABELS),
        (binary(), "log loss", Form.PROBABILITY),
        (classes(sample="labels"), "log_loss", Form.LABELS),
        (classes(sample="labels"), "map@2", Form.RANKED),
        (numbers(), "rmsle", Form.VALUES),
    ],
)
def test_a_metric_says_what_is_submitted(frames, metric, form):
    wanted = find(frames, metric=metric)
    assert wanted.form is form
    assert said(wanted, "metric").endswith("(as asked)")


def test_an_option_goes_before_the_metric_and_the_sample():
    assert find(binary(), form="probabilities").form is Form.PROBABILITY
    assert find(binary(sample=0.5), form="labels", metric="auc").form is Form.LABELS


def test_a_constant_sample_of_labels_says_how_to_ask_for_probabilities():
    assert "give --proba" in said(find(binary(sample=0)), "submitted")


def test_lists_of_labels_in_the_sample_ask_for_as_many():
    train, test, sample = classes(sample="labels")
    wanted = find((train, test, sample.assign(kind="moss fern")))
    assert (wanted.form, wanted.ranks, wanted.metric.name) == (Form.RANKED, 2, "map@2")


def test_a_metric_makes_the_task_where_the_target_looks_like_another():
    train, test, sample = numbers()
    grades = np.arange(len(train)) % 5
    wanted = find((train.assign(**{"yield": grades}), test, sample), metric="rmse")
    assert wanted.task.kind is TaskKind.REGRESSION
    assert "the metric rmse is for it" in said(wanted, "task")
    many = np.arange(len(train)) % 25
    wanted = find((train.assign(**{"yield": many}), test, sample), metric="quadratic weighted kappa")
    assert wanted.task.kind is TaskKind.MULTICLASS


def test_numbers_between_those_of_the_target_ask_for_a_regression():
    train, test, sample = numbers()
    train = train.assign(**{"yield": np.arange(len(train)) % 5})
    assert find((train, test, sample.assign(**{"yield": 2.37}))).task.kind is TaskKind.REGRESSION
    assert find((train, test, sample.assign(**{"yield": 2}))).task.kind is TaskKind.MULTICLASS


def test_the_second_class_is_the_one_whose_probability_is_given_unless_asked_for():
    wanted = find(binary(labels=("no", "yes"), sample=0.5))
    assert wanted.positive == 1
    assert said(wanted, "probability of") == "probability of: yes (the second of no, yes)"
    assert find(binary(labels=("no", "yes"), sample=0.5), positive="no").positive == 0


def test_a_class_column_that_no_row_shows_is_told():
    train, test, sample = classes()
    wanted = find((train, test, sample.assign(kind_palm=0.0)))
    assert wanted.classes_of == (0, 1, 2, -1)
    assert said(wanted, "never seen").startswith("never seen: kind_palm")


def test_a_skewed_target_brings_a_hint_of_the_metric_of_logarithms():
    train, test, sample = numbers()
    wanted = find((train.assign(**{"yield": np.exp(train["light"] * 3) * 100}), test, sample))
    assert "such as rmsle" in said(wanted, "metric")


@pytest.mark.parametrize(
    ("frames", "options", "message"),
    [
        (binary(), {"metric": "accuracyy"}, "Did you mean 'accuracy'"),
        (binary(), {"metric": "rmsle", "task": "binary"}, "does not fit a binary task"),
        (numbers(), {"form": "labels"}, "is a number"),
        (classes(), {"form": "labels"}, "expected a single column"),
        (binary(sample=0.5), {"positive": "2"}, "Unknown class for --positive '2'"),
    ],
)
def test_options_that_do_not_fit_are_refused(frames, options, message):
    with pytest.raises(OptionError, match=message):
        find(frames, **options)


def test_a_target_without_a_column_for_a_class_is_refused_and_named():
    train, test, sample = classes()
    with pytest.raises(InputError, match="without one: tree"):
        find((train, test, sample.drop(columns="kind_tree")), target="kind")


def test_a_target_without_values_is_refused():
    train, test, sample = binary()
    with pytest.raises(InputError, match="has no value"):
        find((train.assign(alive=np.nan), test, sample))


@pytest.mark.parametrize(
    ("columns", "labels", "expected"),
    [
        (["a", "b"], ["b", "a"], (1, 0)),
        (["Class_1", "Class_2"], ["Class_1", "Class_2"], (0, 1)),
        (["p_1", "p_2", "p_10"], [1, 2, 10], (0, 1, 2)),
        (["target_low", "target_high"], ["high", "low"], (1, 0)),
        (["Status_C", "Status_CL", "Status_D"], ["C", "CL", "D"], (0, 1, 2)),
        (["0", "1"], [0.0, 1.0], (0, 1)),
        (["true", "false"], [False, True], (1, 0)),
        (["a", "b"], ["a", "c"], None),
        (["-1", "1"], [-1, 1], (0, 1)),
    ],
)
def test_columns_are_matched_to_classes(columns, labels, expected):
    assert match_classes(columns, labels) == expected


def test_columns_of_zeros_and_ones_become_classes():
    train, test, sample = classes()
    one_hot = pd.get_dummies(train["kind"]).astype(int)
    frames = (pd.concat([train.drop(columns="kind"), one_hot], axis=1), test, sample.set_axis(["id", *one_hot], axis=1))
    wanted = find(frames)
    assert wanted.task.classes == ("fern", "moss", "tree")
    assert wanted.classes_of == (0, 1, 2)


@pytest.mark.parametrize(
    ("frames", "submits", "form", "metric"),
    [
        (classes(sample="labels"), (), Form.LABELS, "toy_distance"),
        (classes(), (), Form.CLASS_COLUMNS, "log_loss"),
        (classes()[:2], (), Form.CLASS_COLUMNS, "log_loss"),
        (classes()[:2], ("labels", "class columns"), Form.LABELS, "toy_distance"),
        (binary(sample=0.5), (), Form.PROBABILITY, "roc_auc"),
        (binary(sample=0.5), ("labels",), Form.LABELS, "toy_distance"),
    ],
)
def test_a_task_of_a_plugin_is_submitted_as_it_says_or_as_those_of_such_outputs(frames, submits, form, metric):
    wanted = find(frames, with_ranks(submits=submits), task="ranks")
    assert (wanted.form, wanted.metric.name, wanted.decide) == (form, metric, toy_tasks.middle)


def test_a_metric_of_one_task_alone_asks_for_that_task():
    wanted = find(classes(sample="labels"), with_ranks(), metric="toy_distance")
    assert (wanted.task.kind.value, said(wanted, "task").endswith("(the metric toy_distance is for it)")) == (
        "ranks",
        True,
    )


def test_a_column_for_each_class_is_refused_by_a_task_that_has_no_such_form():
    with pytest.raises(OptionError, match="has 3 columns for the target; a submission of ranks has one"):
        find(classes(), with_ranks(submits=("labels",)), task="ranks")


def test_outputs_of_a_form_of_their_own_compete_only_where_the_task_says_how():
    registry = with_ranks(take=take_levels)
    with pytest.raises(OptionError, match="does not say which forms"):
        find(numbers(), registry, task="ranks")
    with pytest.raises(InputError, match="expected 2 for level 1, level 2"):
        find(numbers(), with_ranks(take=take_levels, submits=("values",)), task="ranks", metric="toy_distance")


@pytest.mark.parametrize(
    ("columns", "places", "said_of"),
    [
        (["q 0.9", "q 0.1"], (1, 0), "by their names"),
        (["yield_0.1", "yield_0.9"], (0, 1), "by their names"),
        (["low", "high"], (), "by their order"),
    ],
)
def test_columns_of_quantiles_are_told_by_their_levels_else_by_their_order(columns, places, said_of):
    train, test, sample = numbers()
    sample = sample[["id"]].assign(**dict.fromkeys(columns, 1.0))
    asked = {"task": "quantile", "target": "yield", "options": {"quantiles": (0.1, 0.9)}}
    wanted = find((train, test, sample), **asked)
    assert (wanted.form, wanted.metric.name) == (Form.VALUES, "pinball")
    assert (wanted.columns, wanted.classes_of) == (tuple(columns), places)
    assert said_of in said(wanted, "columns")


def test_without_a_sample_quantiles_are_named_by_level_and_another_number_of_columns_is_refused():
    train, test, sample = numbers()
    asked = {"task": "quantile", "target": "yield", "options": {"quantiles": (0.1, 0.9)}}
    assert find((train, test), **asked).columns == ("yield_0.1", "yield_0.9")
    with pytest.raises(InputError, match=r"expected 2 for yield_0.1, yield_0.9"):
        find((train, test, sample[["id"]].assign(a=1.0, b=1.0, c=1.0)), **asked)
