"""The kit's tiny tables show the same signal in every kind of column, and no test can tell which row is which."""

import numpy as np
import pandas as pd
import pytest

from automl.plugin_api import ColumnKind
from automl.testing._data import (
    ODD_NAMES,
    TASKS,
    log_loss,
    make_raw,
    make_split,
    metric_for,
    missing_value,
    pick,
    renamed,
    rmse,
    with_features,
)

KINDS = [kind for kind in ColumnKind if kind is not ColumnKind.IGNORED]
TASK_OF = list(TASKS.values())


@pytest.mark.parametrize("task", TASK_OF, ids=lambda task: task.kind.value)
def test_every_class_is_in_every_part_and_the_parts_share_no_row(task):
    split = make_split(task, frozenset({ColumnKind.NUMERIC}))
    parts = (split.train, split.valid, split.test)
    assert [data.n_rows for data in parts] == [160, 40, 80]
    assert len({label for data in parts for label in data.features.index}) == 280
    if task.classes:
        assert all(set(data.target.tolist()) == set(range(task.n_outputs)) for data in parts)


@pytest.mark.parametrize("kind", [ColumnKind.NUMERIC, ColumnKind.CATEGORICAL, ColumnKind.BOOLEAN, ColumnKind.DATETIME])
def test_a_column_of_each_kind_shows_the_signal(kind):
    data = make_split(TASKS[next(iter(TASKS))], frozenset({kind}), n_train=400).train
    shown = data.features.iloc[:, 0].to_numpy(dtype=float)
    assert abs(np.corrcoef(shown, data.target)[0, 1]) > 0.5


def test_the_last_number_is_noise():
    data = make_split(TASK_OF[0], frozenset({ColumnKind.NUMERIC}), n_train=2_000).train
    assert abs(np.corrcoef(data.features.iloc[:, -1], data.target)[0, 1]) < 0.1


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.value)
def test_raw_columns_are_missing_in_the_way_in_which_their_kind_is_stored(kind):
    data, whole = (make_raw(kind, TASK_OF[0], missing=missing) for missing in (True, False))
    for name in data.features:
        lost = [value is None or value == "" or value == -1 or value != value
                if not isinstance(value, np.ndarray) else False for value in data.features[name]]  # fmt: skip
        assert 0.1 < np.mean(lost) < 0.5
        assert data.features[name].dtype == whole.features[name].dtype
    assert all(column.missing_fraction == 0.3 for column in data.schema.columns)


def test_what_stands_for_a_missing_value_follows_the_kind():
    assert [missing_value(kind) for kind in (ColumnKind.CATEGORICAL, ColumnKind.TEXT, ColumnKind.IMAGE)] == [
        -1,
        "",
        None,
    ]
    assert np.isnan(missing_value(ColumnKind.NUMERIC))


def test_tables_of_other_content_have_other_fingerprints():
    one = make_raw(ColumnKind.NUMERIC, TASK_OF[0])
    assert one.fingerprint == make_raw(ColumnKind.NUMERIC, TASK_OF[0]).fingerprint
    others = [make_raw(ColumnKind.NUMERIC, TASK_OF[0], missing=True), make_raw(ColumnKind.TEXT, TASK_OF[0]),
              with_features(one, one.features * 2)]  # fmt: skip
    assert len({one.fingerprint, *(each.fingerprint for each in others)}) == 4


def test_rows_are_picked_with_all_that_belongs_to_them():
    data = make_raw(ColumnKind.NUMERIC, TASK_OF[0])
    found = pick(data, np.array([5, 2]))
    assert found.rows.tolist() == [5, 2]
    assert found.target.tolist() == data.target[[5, 2]].tolist()
    pd.testing.assert_frame_equal(found.features, data.features.iloc[[5, 2]])


def test_columns_are_renamed_in_the_frame_and_in_the_schema_alike():
    found = renamed(make_raw(ColumnKind.NUMERIC, TASK_OF[0]))
    assert list(found.features.columns) == list(found.schema.names) == list(ODD_NAMES[:3])


def test_the_kit_judges_by_the_weighted_mean_of_losses():
    shares = np.array([[0.5, 0.5], [0.0, 1.0]])
    assert log_loss(np.array([0, 1]), shares) == pytest.approx(np.log(2) / 2)
    assert log_loss(np.array([0, 1]), shares, np.array([0.0, 1.0])) == 0.0
    assert log_loss(np.array([0, 0]), shares[1:].repeat(2, axis=0)) == pytest.approx(-np.log(1e-6))
    assert rmse(np.array([0.0, 0.0]), np.array([[3.0], [4.0]]), np.array([1.0, 0.0])) == 3.0
    assert [metric_for(task).name for task in TASK_OF] == ["log_loss", "log_loss", "rmse"]
