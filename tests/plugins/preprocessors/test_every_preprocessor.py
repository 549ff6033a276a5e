from __future__ import annotations

import pickle
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from automl.plugin_api import ColumnKind, FitContext, Preprocessor
from tests.plugins.preprocessors.tables import (
    BINARY,
    FINISHING,
    MULTICLASS,
    REGRESSION,
    SPECS,
    build,
    dataset,
    dense,
    fitted,
    names_of,
    table_for,
)

every = pytest.mark.parametrize("name", sorted(SPECS))


@every
def test_it_gives_one_described_float32_column_for_each_that_comes_out(name):
    frame, columns = table_for(name)
    made, features = fitted(name, frame, columns)
    assert isinstance(made, Preprocessor)
    assert hasattr(features, "tocsr") == SPECS[name].sparse
    assert features.shape == (len(frame), len(made.output_columns()))
    assert len(set(names_of(made))) == features.shape[1]
    if isinstance(features, pd.DataFrame):
        assert list(features.columns) == names_of(made)
    if features.shape[1] == 0:  # what looks for features that help finds none for a random target
        return
    assert dense(features).dtype == np.float32
    if isinstance(features, pd.DataFrame):
        assert np.shares_memory(features.to_numpy(), features.to_numpy())


@every
def test_columns_called_boolean_hold_zeros_and_ones(name):
    frame, columns = table_for(name)
    made, features = fitted(name, frame, columns)
    for position, column in enumerate(made.output_columns()):
        if column.kind is ColumnKind.BOOLEAN:
            assert set(np.unique(dense(features)[:, position])) <= {0.0, 1.0}


@every
@pytest.mark.parametrize("task", [BINARY, MULTICLASS, REGRESSION], ids=lambda task: task.kind.value)
def test_a_row_alone_gives_what_it_gives_among_others(name, task):
    frame, columns = table_for(name)
    made, _ = fitted(name, frame, columns, task)
    other, _ = table_for(name, n_rows=12, seed=5)
    whole = dense(made.transform(other))
    alone = np.vstack([dense(made.transform(other.iloc[i : i + 1])) for i in range(len(other))])
    np.testing.assert_allclose(alone, whole, rtol=1e-5, atol=1e-6)


@every
def test_transforming_other_rows_changes_nothing_that_was_learned(name):
    frame, columns = table_for(name)
    made, _ = fitted(name, frame, columns)
    before, described = dense(made.transform(frame)).copy(), made.output_columns()
    other, _ = table_for(name, n_rows=30, seed=9)
    made.transform(other)
    np.testing.assert_array_equal(dense(made.transform(frame)), before)
    assert made.output_columns() == described


@every
def test_the_same_seed_gives_the_same_features(name):
    frame, columns = table_for(name)
    _, first = fitted(name, frame, columns, seed=3)
    _, second = fitted(name, frame, columns, seed=3)
    np.testing.assert_array_equal(dense(first), dense(second))


@every
def test_the_rows_that_come_in_stay_as_they_are(name):
    frame, columns = table_for(name)
    before = frame.copy(deep=True)
    made, _ = fitted(name, frame, columns)
    made.transform(frame)
    pd.testing.assert_frame_equal(frame, before)


@every
def test_read_only_memory_and_a_cut_of_a_table_are_taken(name):
    frame, columns = table_for(name)
    if columns[0].kind is not ColumnKind.TEXT:
        values = frame.to_numpy().copy()
        values.setflags(write=False)
        frame = pd.DataFrame(values, columns=frame.columns, copy=False)
    cut = frame.iloc[[5, 3, 40, 41, 60]]
    made, features = fitted(name, cut, columns)
    assert features.shape[0] == 5
    expected = dense(made.transform(cut.reset_index(drop=True)))
    np.testing.assert_array_equal(dense(made.transform(cut)), expected)


@every
def test_no_row_is_a_table_too(name):
    frame, columns = table_for(name)
    made, features = fitted(name, frame, columns)
    assert made.transform(frame.iloc[:0]).shape == (0, features.shape[1])


@every
@pytest.mark.parametrize("task", [BINARY, MULTICLASS, REGRESSION], ids=lambda task: task.kind.value)
def test_it_can_be_fitted_on_a_single_row(name, task):
    frame, columns = table_for(name)
    made, features = fitted(name, frame.iloc[:1], columns, task)
    assert features.shape[0] == 1
    assert made.transform(frame).shape == (len(frame), features.shape[1])


@every
def test_infinity_never_comes_out(name):
    frame, columns = table_for(name)
    made, features = fitted(name, frame, columns)
    assert not np.isinf(dense(features)).any()
    assert not np.isinf(dense(made.transform(frame))).any()


@every
def test_it_can_be_pickled_before_and_after_the_fit(name):
    frame, columns = table_for(name)
    pickle.loads(pickle.dumps(SPECS[name]))
    fresh = pickle.loads(pickle.dumps(build(name, columns)))
    fresh.fit_transform(dataset(frame, columns), FitContext())
    revived = pickle.loads(pickle.dumps(fresh))
    np.testing.assert_array_equal(dense(revived.transform(frame)), dense(fresh.transform(frame)))
    assert revived.output_columns() == fresh.output_columns()


@pytest.mark.parametrize("name", sorted(name for name in SPECS if SPECS[name].row_wise))
def test_a_row_wise_one_learns_nothing_from_the_rows(name):
    frame, columns = table_for(name)
    other, _ = table_for(name, n_rows=7, seed=4)
    made, features = fitted(name, frame, columns)
    unlike, _ = fitted(name, other, columns)
    np.testing.assert_array_equal(dense(features), dense(unlike.transform(frame)))
    np.testing.assert_array_equal(dense(features), dense(made.transform(frame)))


@pytest.mark.parametrize("name", sorted(set(SPECS) - {"target_encoding", "crosses"}))
def test_training_rows_are_transformed_like_any_others(name):
    frame, columns = table_for(name)
    made, features = fitted(name, frame, columns)
    np.testing.assert_allclose(dense(features), dense(made.transform(frame)), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", FINISHING)
def test_a_finishing_step_takes_a_table_without_numbers(name):
    frame = pd.DataFrame(index=pd.RangeIndex(6))
    made, features = fitted(name, frame, ())
    assert features.shape == (6, 0)
    assert made.transform(frame).shape == (6, 0)


def test_importing_the_plugins_imports_no_heavy_library():
    code = (
        "import sys; from automl_builtins.preprocessors import categorical, datetime, numeric, text; "
        "from automl_builtins.preprocessors import arithmetic, crosses; "
        "from automl_builtins.metrics import classification, regression; "
        "print([m for m in ('pandas', 'scipy', 'sklearn', 'lightgbm') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
