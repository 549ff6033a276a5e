"""A file is read as the fitted table was, whatever its own rows look like: alone and among others."""

import pandas as pd
import pytest

from automl.registry import discover
from automl.steps.encode_table import encode_table
from automl.steps.infer_task import encode_labels, infer_task
from automl.steps.read_like import opened, read_like
from automl.steps.take_table import Extras, take_table
from automl.steps.type_columns import type_columns

REGISTRY = discover()
HEAD = "zip;area;price;sold;note;flag;y\n"
ROWS = [
    f"{['01', '02', 'XX'][i % 3]};{['NA', 'EU', 'None'][i % 3]};{['900', '1.001', '20,5'][i % 3]};2020-0{i % 9 + 1}-02;"
    f"{['N/A', 'a note of words', 'and some more of it'][i % 3]} {i};{['TRUE', ''][i % 2]};{['None', '02'][i % 2]}\n"
    for i in range(60)
]


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    path = tmp_path_factory.mktemp("files") / "train.csv"
    path.write_text(HEAD + "".join(ROWS))
    with pytest.warns(UserWarning, match="'None'; taken for a class"):
        table = take_table(str(path), "y", Extras())
    task, _ = infer_task(table.target, "y", None, REGISTRY)
    schema = type_columns(table.features, REGISTRY)
    return encode_table(table.features, schema), schema, task, path.parent


def test_each_row_of_a_file_alone_is_read_as_among_the_others(fitted):
    stored, schema, task, folder = fitted
    for number in range(6):
        (folder / "one.csv").write_text(HEAD + ROWS[number])
        one = read_like(folder / "one.csv", schema, task)
        pd.testing.assert_frame_equal(encode_table(one, schema), stored.iloc[[number]].reset_index(drop=True))
        assert encode_labels(one["y"], task).tolist() == [task.classes.index(["None", "02"][number % 2])]


def test_what_is_no_path_is_taken_as_it_is(fitted):
    _, schema, task, _ = fitted
    assert opened([[1]], schema, task) == [[1]]


def test_labels_of_numbers_are_numbers_again(tmp_path):
    (tmp_path / "t.csv").write_text("a,y\n1,0\n2,1\n3,0\n4,1\n")
    table = take_table(tmp_path / "t.csv", "y", Extras())
    task, _ = infer_task(table.target, "y", None, REGISTRY)
    assert task.classes == (0, 1)
    (tmp_path / "t.csv").write_text("a,y\n1,1.0\n")
    again = read_like(tmp_path / "t.csv", type_columns(table.features, REGISTRY), task)
    assert encode_labels(again["y"], task).tolist() == [1]
