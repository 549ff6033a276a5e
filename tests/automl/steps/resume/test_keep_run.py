"""A folder goes on with the search that was stopped in it, and refuses another one by what differs."""

import json
import os

import numpy as np
import pandas as pd
import pytest

from automl.errors import FolderError
from automl.steps.resume.keep_run import DATA, DESCRIPTION, Run, finish_run, has_finished, running_in, store_in
from automl.vocabulary.dataset import Dataset
from automl.vocabulary.folds import Fold, ResamplingPlan
from automl.vocabulary.schema import Column, ColumnKind, Schema
from automl.vocabulary.task import Task, TaskKind

FACTS = {"table": {"rows": "9", "'age'": "int64 ab"}, "folds": {"folds": "3"}, "setting": {"metric": "'auc'"},
         "plugin": {}, "version": {"python": "3.11"}}  # fmt: skip
LIMITS = {"time_limit": "None", "max_trials": "4"}
PLAN = ResamplingPlan((Fold(np.arange(2), np.arange(2, 4)),), "one")


def run(place, facts=FACTS, limits=LIMITS):
    return Run(place, facts, limits)


def dataset(values=(1.0, 2.0, 3.0, 4.0)):
    features = pd.DataFrame({"age": np.float32(values)})
    schema = Schema((Column("age", ColumnKind.NUMERIC),))
    return Dataset(features, np.arange(4.0), schema, Task(TaskKind.REGRESSION, "y"), np.arange(4))


def test_a_new_folder_has_finished_nothing_and_a_stopped_search_may_go_on(tmp_path):
    asked = run(tmp_path / "new")
    assert not has_finished(asked)
    with running_in(asked) as folder:
        (folder / "member").write_bytes(b"fitted")
        (folder / "torn.part").write_bytes(b"")
    assert (asked.folder / "member").exists()
    assert not has_finished(run(tmp_path / "new", limits={"time_limit": "None", "max_trials": "9"}))
    with running_in(asked) as folder:
        assert sorted(each.name for each in folder.iterdir() if each.name.startswith(("member", "torn"))) == ["member"]


def test_a_finished_search_is_known_by_its_model_and_leaves_nothing_to_go_on_with(tmp_path):
    asked = run(tmp_path)
    with running_in(asked):
        pass
    finish_run(asked)
    assert not asked.folder.exists()
    assert not has_finished(asked)
    asked.model.mkdir()
    assert has_finished(asked)


@pytest.mark.parametrize(
    ("facts", "limits", "told"),
    [
        ({"setting": {"metric": "'rmse'"}}, {}, r"setting metric: 'auc' there, 'rmse' here"),
        ({"table": {"rows": "8", "'age'": "int64 ab"}}, {}, "the table: 9 rows there, 8 here"),
        ({}, {"max_trials": "5"}, "max_trials: 4 there, 5 here"),
    ],
)
def test_another_search_is_refused_with_what_differs(tmp_path, facts, limits, told):
    asked = run(tmp_path)
    with running_in(asked):
        pass
    finish_run(asked)
    asked.model.mkdir()
    with pytest.raises(FolderError, match=told):
        has_finished(run(tmp_path, {**FACTS, **facts}, {**LIMITS, **limits}))


@pytest.mark.parametrize("content", [b"{", b'{"kind": "something else"}', b"[]"])
def test_a_description_of_something_else_is_refused(tmp_path, content):
    (tmp_path / DESCRIPTION).write_bytes(content)
    with pytest.raises(FolderError, match=r"cannot be read|written by no search"):
        has_finished(run(tmp_path))


def test_a_folder_of_somebody_elses_things_is_left_alone(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "thesis.txt").write_text("my own")
    with pytest.raises(FolderError, match="no search has made it"), running_in(run(tmp_path)):
        pass
    assert (tmp_path / "run" / "thesis.txt").read_text() == "my own"
    assert not (tmp_path / DESCRIPTION).exists()


@pytest.mark.skipif(os.name == "nt", reason="permissions of another kind")
def test_a_folder_that_everybody_may_write_to_is_not_loaded_from(tmp_path):
    with running_in(run(tmp_path)):
        pass
    (tmp_path / "run").chmod(0o777)
    with pytest.raises(FolderError, match="chmod 700"), running_in(run(tmp_path)):
        pass


def test_what_was_stored_is_to_be_the_same_when_the_search_goes_on(tmp_path):
    with running_in(run(tmp_path)) as folder:
        first = store_in(folder, dataset(), PLAN, {})
    assert not (folder / DATA).exists()
    with running_in(run(tmp_path)) as folder:
        assert store_in(folder, dataset(), PLAN, {}) == first
    with running_in(run(tmp_path)) as folder, pytest.raises(FolderError, match="read the same table in another way"):
        store_in(folder, dataset((1.0, 2.0, 3.0, 5.0)), PLAN, {})


def test_the_description_says_what_the_search_is_of(tmp_path):
    with running_in(run(tmp_path)):
        written = json.loads((tmp_path / DESCRIPTION).read_bytes())
    assert (written["finished"], written["limits"], written["facts"]) == (False, LIMITS, FACTS)
