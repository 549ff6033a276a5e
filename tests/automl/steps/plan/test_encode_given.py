"""The table is stored by the kinds of its columns, and models are left that can read those."""

import numpy as np
import pytest

from automl.steps.plan.encode_given import encode_given
from automl.vocabulary.schema import ColumnKind
from tests.automl.steps.searches import asked_for
from tests.tables import binary_table


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    asked, search = asked_for(binary_table(60), "bought", models=["linear", "text_linear", "patches"])
    return encode_given(asked, search, tmp_path_factory.mktemp("data"))


def test_columns_are_stored_by_their_kinds(table):
    schema = table.dataset.schema
    assert {column.name: column.kind for column in schema.columns}["city"] is ColumnKind.CATEGORICAL
    assert table.dataset.features["age"].dtype == np.float32
    assert table.dataset.n_rows == len(table.judge.target) == 60


def test_models_without_a_column_to_read_are_left_out_with_the_reason(table):
    assert list(table.models) == ["linear", "text_linear"]
    assert {failure.model for failure in table.left_out} == {"patches"}


def test_words_are_counted_and_features_estimated(table):
    assert table.words == 6.0
    assert table.n_features == table.dataset.n_features
    assert table.image_files == {}


def test_the_users_kinds_of_columns_win():
    asked, search = asked_for(binary_table(60), "bought", columns={"city": "ignored", "note": "categorical"})
    table = encode_given(asked, search, None)
    kinds = {column.name: column.kind for column in table.dataset.schema.columns}
    assert (kinds["city"], kinds["note"]) == (ColumnKind.IGNORED, ColumnKind.CATEGORICAL)
    assert table.words == 0.0
