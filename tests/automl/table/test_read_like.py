"""A file is read as the fitted table was, whatever its own rows look like: alone and among others."""

import pandas as pd
import pytest

from automl.registry import discover
from automl.steps.plan.infer_task import infer_task
from automl.steps.plan.read_target import encode_labels
from automl.table.columns.encode_table import encode_table
from automl.table.columns.type_columns import type_columns
from automl.table.read_like import opened, read_like
from automl.table.take_table import Extras, take_table

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


def _fitted(path, content):
    path.write_text(content)
    table = take_table(path, "y", Extras())
    task, _ = infer_task(table.target, "y", None, REGISTRY)
    return type_columns(table.features, REGISTRY), task


def test_a_file_in_another_layout_gives_the_same_numbers_or_tells_what_it_cannot_read(tmp_path):
    amounts = [1000.5 + 37.25 * row for row in range(60)]
    days = [f"2021-{row % 12 + 1:02d}-{row % 28 + 1:02d}" for row in range(60)]
    rows = [f"{amount},{day},{row % 2}\n" for row, (amount, day) in enumerate(zip(amounts, days, strict=True))]
    schema, task = _fitted(tmp_path / "train.csv", "a,d,y\n" + "".join(rows))
    german = [f"{amount:_.2f}".replace(".", ",").replace("_", ".") for amount in amounts]
    lines = [f"{amount};{day[5:7]}/{day[8:]}/{day[:4]}\n" for amount, day in zip(german, days, strict=True)]
    (tmp_path / "test.csv").write_text("a;d\n" + "".join(lines))
    with pytest.warns(UserWarning, match="written in another way") as told:
        frame = read_like(tmp_path / "test.csv", schema, task)
    assert frame["a"].tolist() == amounts
    assert "'1.000,50', are written in another way than the numbers" in str(told[0].message)
    assert "column 'd': 16 of 60 values, such as '05/01/2021', are written in another way" in str(told[1].message)
    (tmp_path / "one.csv").write_text("a,d\n5 of 9,2021-01-02\n")
    with pytest.warns(UserWarning, match=r"column 'a': 1 of 1 values, such as '5 of 9'.*; taken for missing"):
        read_like(tmp_path / "one.csv", schema, task)
