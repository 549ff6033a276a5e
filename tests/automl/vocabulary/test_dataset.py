"""A dataset counts its rows and columns alike for frames and sparse matrices."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix

from automl.vocabulary.dataset import Dataset
from automl.vocabulary.schema import Schema
from automl.vocabulary.task import Task, TaskKind

VALUES = np.arange(6, dtype=np.float32).reshape(3, 2)


@pytest.mark.parametrize("features", [pd.DataFrame(VALUES), csr_matrix(VALUES)], ids=["frame", "sparse"])
def test_rows_and_columns_are_counted(features):
    data = Dataset(features, np.zeros(3), Schema(()), Task(TaskKind.REGRESSION, "y"), np.arange(3))
    assert (data.n_rows, data.n_features) == (3, 2)
    assert type(data.n_rows) is int
