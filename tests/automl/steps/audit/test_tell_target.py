"""A target that could have been taken for something else is told."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from automl.registry import discover
from automl.steps.audit.tell_target import tell_target
from automl.steps.plan.infer_task import infer_task
from automl.steps.plan.understand import dataset_of
from automl.table.take_table import Extras, take_table
from automl.vocabulary.schema import Schema

KNOWN = discover()
N = 300


def told(values, wanted=None) -> str:
    table = take_table(pd.DataFrame({"a": np.arange(N), "y": values}), "y", Extras())
    task, target = infer_task(table.target, "y", wanted, KNOWN)
    dataset = dataset_of(table, table.features, Schema(()), task, target)
    return "; ".join(f"{each.found}: {each.done}. {each.advice}" for each in tell_target(dataset, table.target, wanted))


@pytest.mark.parametrize(
    ("values", "wanted", "said"),
    [
        (np.arange(N) % 26, None, "26 different whole numbers, each in 12 rows.*as numbers.*'classification'"),
        (np.arange(N) % 5 + 1, None, "5 different whole numbers, from 1 to 5: they.*classes.*'regression'"),
        (pd.to_timedelta(np.arange(N), "s"), "regression", "holds durations: they are predicted.*as seconds"),
        (pd.Categorical(["b", "a", "c"] * 100, ["b", "a", "c"], ordered=True), None, "ordered: b < a < c"),
    ],
)  # fmt: skip
def test_what_is_in_doubt_is_told(values, wanted, said):
    assert re.search(said, told(values, wanted))


@pytest.mark.parametrize(
    ("values", "wanted"),
    [(np.arange(N) % 26, "regression"), (np.arange(N) % 3, None), (np.arange(N) % 5 + 1, "classification"),
     (np.arange(N), None), (np.arange(N) / 7, None), (["a", "b", "c"] * 100, None), ([True, False] * 150, None)],
)  # fmt: skip
def test_what_is_clear_is_not(values, wanted):
    assert told(values, wanted) == ""
