"""Options are taken in the spellings that users type, and refused in one clear sentence otherwise."""

from __future__ import annotations

import datetime
import os
from pathlib import Path

import numpy as np
import pytest
from sklearn.model_selection import KFold

from automl.errors import OptionError
from automl.machine.free_memory import free_memory_mb
from automl.plugin_api.process_memory import used_mb
from automl.steps.plan.parse_settings import parse_settings
from automl.steps.plan.parse_values import parse_jobs, parse_memory, parse_seconds

USUAL = {
    "time_limit": 60, "max_trials": None, "metric": None, "task": None, "models": None, "exclude": (), "cv": None,
    "ensemble": "auto", "random_state": 0, "n_jobs": 2, "memory_limit": "1GB", "verbose": 0, "path": None,
    "strategy": "portfolio", "executor": "in_process",
}  # fmt: skip


def parse(**options):
    return parse_settings({**USUAL, **options})


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (90, 90), (0.5, 0.5), (np.int64(60), 60), (np.float32(2), 2), ("90", 90), ("90s", 90), ("10m", 600),
        ("1.5h", 5400), ("1h 30m", 5400), ("1h30m", 5400), ("2 hours", 7200), (" 10 MIN ", 600), ("1d", 86_400),
        (datetime.timedelta(minutes=2), 120), (None, None),
    ],
)  # fmt: skip
def test_time_is_read_in_many_spellings(value, seconds):
    assert parse_seconds(value) == seconds


@pytest.mark.parametrize(
    "value", [0, -1, -0.5, "0s", "-5m", "soon", "", "5 parsecs", float("nan"), float("inf"), True, [60]]
)
def test_a_time_limit_that_is_no_time_above_zero_is_refused(value):
    with pytest.raises(OptionError, match=r"time_limit=.*expected seconds above 0"):
        parse(time_limit=value)


@pytest.mark.parametrize(
    ("value", "megabytes"), [("8GB", 8192), ("500 MB", 500), (2, 2048), (0.5, 512), ("1GiB", 1024), ("1g", 1024)]
)
def test_memory_is_read_in_many_spellings(value, megabytes):
    assert parse_memory(value) == megabytes


@pytest.mark.parametrize("value", ["lots", 0, "-1GB", True, "1 parsec", float("nan")])
def test_a_memory_limit_that_is_no_size_is_refused(value):
    with pytest.raises(OptionError, match="memory_limit"):
        parse(memory_limit=value)


def test_without_a_memory_limit_most_of_what_is_free_is_taken():
    here = used_mb([os.getpid()])
    assert 0.7 * free_memory_mb() < parse_memory(None) - here < 0.9 * free_memory_mb()


def test_counts_of_cores_are_resolved():
    everything = parse_jobs(-1)
    assert everything == parse_jobs(None) >= 1
    assert parse_jobs(-2) == max(1, everything - 1)
    assert (parse_jobs(3), parse_jobs(np.int64(3)), parse_jobs(-1000)) == (3, 3, 1)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"n_jobs": 0}, "n_jobs=0"),
        ({"n_jobs": 1.5}, "n_jobs=1.5"),
        ({"n_jobs": True}, "n_jobs=True"),
        ({"max_trials": 0}, "max_trials=0"),
        ({"max_trials": 2.5}, "max_trials=2.5"),
        ({"max_trials": True}, "max_trials=True"),
        ({"time_limit": None}, "would never end"),
        ({"task": 3}, "task=3"),
        ({"models": 5}, "models=5"),
        ({"models": [1, 2]}, "models=[1, 2]"),
        ({"exclude": {"a": 1}.values()}, "exclude="),
        ({"cv": 1}, "cv=1"),
        ({"cv": True}, "cv=True"),
        ({"cv": "5"}, "cv='5'"),
        ({"cv": 2.5}, "cv=2.5"),
        ({"random_state": -1}, "random_state=-1"),
        ({"random_state": "x"}, "random_state='x'"),
        ({"verbose": "loud"}, "verbose='loud'"),
        ({"ensemble": None}, "ensemble=None"),
        ({"strategy": ["random"]}, "strategy=['random']"),
        ({"executor": 1}, "executor=1"),
        ({"path": 3}, "path=3"),
    ],
    ids=str,
)
def test_an_option_that_cannot_be_used_is_named_with_what_is_expected(options, said):
    with pytest.raises(OptionError) as caught:
        parse(**options)
    assert said in str(caught.value)


def test_a_path_that_is_a_file_is_refused(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OptionError, match="which is a file"):
        parse(path=tmp_path / "file")
    assert parse(path=tmp_path / "new").path == str(tmp_path / "new")


def test_names_and_seeds_are_taken_in_every_usual_form():
    made = parse(models="linear", exclude=["svm"], random_state=np.random.RandomState(3), task="auto", cv=np.int64(4))
    assert (made.models, made.exclude, made.task, made.cv) == (("linear",), ("svm",), None, 4)
    assert made.random_state == parse(random_state=np.random.RandomState(3)).random_state
    assert parse(random_state=None).random_state == 0
    assert parse(random_state=np.random.default_rng(0)).random_state >= 0
    assert parse(exclude=None).exclude == ()
    assert isinstance(parse(cv=KFold(3)).cv, KFold)
    assert parse(time_limit=None, max_trials=np.int64(3)).max_trials == 3


def test_index_pairs_in_one_array_are_taken_as_pairs():
    pairs = np.arange(8).reshape(2, 2, 2)
    assert [train.tolist() for train, _ in parse_settings({**USUAL, "cv": pairs}).cv] == [[0, 1], [4, 5]]
    assert parse_settings({**USUAL, "cv": np.array(3)}).cv == 3


@pytest.mark.parametrize(
    ("value", "levels"),
    [
        ([0.05, 0.5, 0.95], (0.05, 0.5, 0.95)), ((0.5,), (0.5,)), (0.9, (0.9,)), (["0.1", " 0.9 "], (0.1, 0.9)),
        (np.array([0.25, 0.75]), (0.25, 0.75)), (None, None),
    ],
)  # fmt: skip
def test_levels_are_read_as_numbers(value, levels):
    assert parse(quantiles=value).quantiles == levels


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([0.0, 0.5], "above 0 and below 1"), ([0.5, 1.0], "above 0 and below 1"),
        ([5, 95], r"percents, pass \[0.05, 0.95\]"),
        ([], "above 0 and below 1"), (["low"], "above 0 and below 1"), ([True], "above 0 and below 1"),
        ([float("nan")], "above 0 and below 1"), ([0.1, 0.5, 0.1], "0.1 twice"),
        ([0.9, 0.1], r"rising order.*Pass \[0.1, 0.9\]"), (np.linspace(0.005, 0.995, 199), "99 at most"),
    ],
)  # fmt: skip
def test_levels_that_cannot_be_learnt_or_are_in_disorder_are_refused(value, expected):
    with pytest.raises(OptionError, match=expected):
        parse(quantiles=value)


def test_a_label_has_one_text_or_several():
    texts = parse(label_texts={"a": "one", 2: ["two", "more"], "c": ("three",)}).label_texts
    assert texts == (("a", ("one",)), (2, ("two", "more")), ("c", ("three",)))
    assert parse(label_texts=None).label_texts == ()
