"""Of several targets the task, what is submitted of each and the metric are found, and options go before them."""

import numpy as np
import pytest

from automl.competition.find_columns import find_columns
from automl.competition.find_forms import find_forms
from automl.competition.nouns import Form, Wishes
from automl.errors import InputError, OptionError
from automl.registry import discover
from tests.competitions import as_tables, several

REGISTRY = discover()


def find(frames, **options):
    tables, wishes = as_tables(*frames), Wishes(**options)
    asked = REGISTRY.tasks.get(wishes.task or "")
    columns = find_columns(tables, wishes, apart=asked is not None and asked.several)
    return find_forms(tables, columns, wishes, REGISTRY)


def forms(wanted):
    return [each.form for each in wanted.each]


def said(wanted, what):
    return next(guess.line for guess in wanted.guesses if guess.what == what)


@pytest.mark.parametrize(
    ("frames", "task", "expected", "metric"),
    [
        (several("labels"), "multilabel", [Form.PROBABILITY] * 2, "macro_roc_auc"),
        (several("labels", sample=0), "multilabel", [Form.LABELS] * 2, "mean_accuracy"),
        (several("values"), "multioutput_regression", [Form.VALUES] * 2, "mean_nrmse"),
        (several("all"), "multioutput", [Form.PROBABILITY, Form.VALUES, Form.LABELS], "mean_relative_loss"),
    ],
)
def test_targets_and_sample_tell_what_is_submitted_of_each(frames, task, expected, metric):
    wanted = find(frames)
    assert (wanted.task.kind.value, forms(wanted), wanted.metric.name) == (task, expected, metric)
    assert wanted.columns == tuple(frames[2].columns[1:])
    assert "give --metric" in said(wanted, "metric")


def test_each_is_told_with_its_reason():
    wanted = find(several("all"))
    assert said(wanted, "task") == "task: multioutput of tall, height, kind (from the values of the 3 columns)"
    told = said(wanted, "submitted")
    assert "probabilities of tall; values of height; labels of kind" in told
    assert "has numbers from 0 to 1, such as 0.5" in told
    assert said(wanted, "probability of") == "probability of: 1 of tall (the second of the two values of each)"


@pytest.mark.parametrize(
    ("metric", "kind", "expected", "found"),
    [
        ("macro_f1", "labels", [Form.LABELS] * 2, "macro_f1"),
        ("auc", "labels", [Form.PROBABILITY] * 2, "macro_roc_auc"),
        ("mean_columnwise_log_loss", "labels", [Form.PROBABILITY] * 2, "mean_log_loss"),
        ("mcrmse", "values", [Form.VALUES] * 2, "mean_rmse"),
        ("mean_accuracy", "all", [Form.LABELS, Form.VALUES, Form.LABELS], "mean_accuracy"),
    ],
)
def test_a_metric_says_what_is_submitted(metric, kind, expected, found):
    wanted = find(several(kind), metric=metric)
    assert (forms(wanted), wanted.metric.name) == (expected, found)


def test_options_go_before_metric_and_sample():
    assert forms(find(several("labels"), form="labels")) == [Form.LABELS] * 2
    assert forms(find(several("labels", sample=0), form="probabilities")) == [Form.PROBABILITY] * 2
    assert find(several("labels"), task="multioutput_regression").task.kind.value == "multioutput_regression"


def test_a_column_of_zeros_beside_shares_is_one_of_shares():
    train, test, sample = several("labels")
    assert forms(find((train, test, sample.assign(wild=0)))) == [Form.PROBABILITY] * 2


def test_whole_numbers_are_values_where_the_metric_or_the_sample_has_numbers_between():
    train, test, sample = several("values")
    train = train.assign(height=np.arange(len(train)) % 5, weight=np.arange(len(train)) % 4)
    assert find((train, test, sample.assign(height=2, weight=2))).task.kind.value == "multioutput"
    by_metric = find((train, test, sample.assign(height=2, weight=2)), metric="rmse")
    assert "the metric rmse is for it" in said(by_metric, "task")
    by_sample = find((train, test, sample.assign(height=2, weight=2.5)))
    assert "has numbers between those of weight" in said(by_sample, "task")
    assert {each.task.kind.value for each in (by_metric, by_sample)} == {"multioutput_regression"}


@pytest.mark.parametrize(
    ("kind", "options", "error", "message"),
    [
        ("all", {"form": "probabilities"}, OptionError, "kind has 3 classes; expected two"),
        ("labels", {"positive": "1"}, OptionError, "--positive '1' with several targets, tall, wild"),
        ("labels", {"metric": "rmse", "task": "multilabel"}, OptionError, "does not fit a multilabel task"),
        ("labels", {"form": "both"}, OptionError, "Unknown form 'both'"),
    ],
)
def test_options_that_do_not_fit_are_refused(kind, options, error, message):
    with pytest.raises(error, match=message):
        find(several(kind), **options)


def test_targets_of_which_no_row_has_all_are_refused():
    train, test, sample = several("values")
    odd = np.arange(len(train)) % 2 == 0
    train = train.assign(height=train["height"].where(odd), weight=train["weight"].where(~odd))
    with pytest.raises(InputError, match=r"No row of train.csv has a value of each of the targets height, weight"):
        find((train, test, sample))
