"""A stored table comes back value for value, mapped rather than read, and named by its content."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from automl.plugin_api import LocalWorkplace, publish_locally
from automl.steps.fit.store_dataset import open_dataset, store_dataset
from automl.vocabulary.dataset import Dataset
from automl.vocabulary.folds import Fold, ResamplingPlan
from automl.vocabulary.schema import Column, ColumnKind, Schema
from automl.vocabulary.task import Task, TaskKind

PLAN = ResamplingPlan((Fold(np.array([0, 1]), np.array([2])),), "one")


def table(**changes) -> Dataset:
    features = pd.DataFrame(
        {
            "size": np.array([1, np.nan, 3], dtype=np.float32),
            "city": np.array([0, -1, 1], dtype=np.int32),
            "width": np.array([4, 5, 6], dtype=np.float32),
            "day": np.array([0.5, 1e9, np.nan]),
            "note": np.array(["a b", "", "ü"], dtype=object),
        }
    )
    columns = tuple(Column(name, ColumnKind.NUMERIC) for name in features)
    made = Dataset(features, np.array([0, 1, 0]), Schema(columns), Task(TaskKind.BINARY, "y", (0, 1)), np.arange(3))
    return replace(made, **changes)


def published(stored):
    return publish_locally(stored.name, stored.files)


@pytest.mark.parametrize("extras", [{}, {"weights": np.array([1.0, 2, 0]), "groups": np.array([0, 0, 1])}])
def test_everything_comes_back_in_the_same_order_and_type(tmp_path, extras):
    stored = store_dataset(table(**extras), PLAN, tmp_path / "data")
    opened = open_dataset(LocalWorkplace().files(pickle.loads(pickle.dumps(published(stored)))))
    assert_frame_equal(opened.dataset.features, table().features)
    assert opened.dataset.target.tolist() == [0, 1, 0]
    assert opened.dataset.schema == table().schema
    assert opened.plan.folds[0].valid.tolist() == [2]
    for name in ("weights", "groups"):
        assert (getattr(opened.dataset, name) is None) is (name not in extras)


def test_numbers_are_mapped_and_cannot_be_written(tmp_path):
    features = open_dataset(store_dataset(table(), PLAN, tmp_path).files).dataset.features[["size", "width"]]
    values = features.to_numpy()
    assert not values.flags.writeable
    base = values
    while base.base is not None and not isinstance(base, np.memmap):
        base = base.base
    assert isinstance(base, np.memmap)


def test_a_job_carries_next_to_nothing(tmp_path):
    assert len(pickle.dumps(published(store_dataset(table(), PLAN, tmp_path)))) < 1000


@pytest.mark.parametrize(
    "change",
    [
        lambda data: replace(data, features=data.features.assign(size=np.float32(7))),
        lambda data: replace(data, features=data.features.assign(note=np.array(["a", "b", "c"], dtype=object))),
        lambda data: replace(data, features=data.features.rename(columns={"size": "other"}), schema=Schema(())),
        lambda data: replace(data, target=np.array([1, 1, 0])),
        lambda data: replace(data, weights=np.ones(3)),
    ],
)
def test_the_fingerprint_changes_with_the_content_and_only_then(tmp_path, change):
    first = store_dataset(table(), PLAN, tmp_path / "a").fingerprint
    assert store_dataset(table(), PLAN, tmp_path / "b").fingerprint == first
    assert store_dataset(change(table()), PLAN, tmp_path / "c").fingerprint != first


def test_a_table_of_text_alone_and_one_without_columns_are_stored(tmp_path):
    for number, columns in enumerate((["note"], [])):
        data = replace(table(), features=table().features[columns], schema=Schema(()))
        opened = open_dataset(store_dataset(data, PLAN, tmp_path / str(number)).files)
        assert opened.dataset.features.shape == (3, len(columns))


def test_files_are_found_wherever_they_have_been_moved(tmp_path):
    stored = store_dataset(table(weights=np.array([1.0, 2, 0])), PLAN, tmp_path / "here")
    there = {name: path.rename(tmp_path / f"moved-{name}") for name, path in stored.files.items()}
    opened = open_dataset(there)
    assert_frame_equal(opened.dataset.features, table().features)
    assert opened.dataset.weights.tolist() == [1, 2, 0]


def test_the_name_says_which_folds_too(tmp_path):
    other = ResamplingPlan((Fold(np.array([0, 2]), np.array([1])),), "another")
    first, second = (store_dataset(table(), plan, tmp_path / plan.description) for plan in (PLAN, other))
    assert first.fingerprint == second.fingerprint
    assert first.name != second.name
    assert store_dataset(table(), PLAN, tmp_path / "again").name == first.name
