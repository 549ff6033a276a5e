"""What each column holds is told from its values; what cannot help is set aside with a note."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pluggy
import pytest
from PIL import Image

from automl.errors import InputError
from automl.plugin_api import hookimpl, hookspecs
from automl.registry import Registry
from automl.table.columns.type_columns import as_text, type_column, type_columns
from automl.vocabulary.schema import ColumnKind

NUMERIC, CATEGORICAL, BOOLEAN = ColumnKind.NUMERIC, ColumnKind.CATEGORICAL, ColumnKind.BOOLEAN
DATETIME, TEXT, IMAGE, IGNORED = ColumnKind.DATETIME, ColumnKind.TEXT, ColumnKind.IMAGE, ColumnKind.IGNORED


def no_plugins() -> Registry:
    manager = pluggy.PluginManager("automl")
    manager.add_hookspecs(hookspecs)
    return Registry(manager)


def kind_of(values, name="c"):
    return type_column(pd.Series(values, name=name))


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1", "2.5", "-3e4", None] * 5, NUMERIC),
        ([" 12 ", "13", "14"], NUMERIC),
        (["1", "2", "?", "3", "n/a", "4"], NUMERIC),
        (["1", "2", "three"] * 5, CATEGORICAL),
        (["01234", "98765", "00501"] * 5, CATEGORICAL),
        (["20240101", "20240102", "20240229"] * 5, NUMERIC),
        ([20240101, 20240102], NUMERIC),
        (["2020.10", "2021.11", "2019.12"] * 5, NUMERIC),
        (["18-25", "26-35", "36-45"] * 5, CATEGORICAL),
        (["2009-10", "2010-11", "2011-12"] * 5, CATEGORICAL),
        (["2010-11", "2010-12", "2011-01"] * 5, DATETIME),
        (["192.168.1.1", "10.0.0.1"] * 5, CATEGORICAL),
        (["1.2.3", "1.10.0"] * 5, CATEGORICAL),
        (["12:30", "13:45"] * 5, NUMERIC),
        (["555-1234", "555-9876"] * 5, CATEGORICAL),
        (["true", "False", None], BOOLEAN),
        (["yes", "no", " No"], BOOLEAN),
        (["yes", "no", "maybe"], CATEGORICAL),
        ([True, None, False], BOOLEAN),
        (pd.array([True, None, False], dtype="boolean"), BOOLEAN),
        (pd.Categorical([1, 2, 1]), CATEGORICAL),
        ([f"the parcel number {i} came late again" for i in range(40)], TEXT),
        (["came late", "came early"] * 20, CATEGORICAL),
        (pd.to_timedelta([1, 2, None], unit="h"), NUMERIC),
        (pd.period_range("2024", periods=3, freq="M"), DATETIME),
    ],
)
def test_values_tell_the_kind(values, kind):
    assert kind_of(values).kind is kind


def test_names_of_image_files_are_images_where_some_are_there(tmp_path):
    paths = [str(tmp_path / f"{number}.png") for number in range(10)]
    there = kind_of(paths)
    assert there.kind is IGNORED
    assert "no such file" in there.note
    Image.new("RGB", (40, 60)).save(paths[0])
    found = kind_of(paths)
    assert (found.kind, found.side) == (IMAGE, 48)


@pytest.mark.parametrize("whole", [Image.new("L", (8, 8)), np.zeros((8, 8, 3), dtype=np.uint8)])
def test_images_themselves_are_images(whole):
    values = pd.Series([None, whole, whole, None], name="c", dtype=object)
    assert type_column(values).kind is IMAGE


@pytest.mark.parametrize(
    ("text", "date_format"),
    [
        (["2024-01-31", "2024-02-01"], "ISO8601"),
        ([" 2024-01-31", "2024-02-01 "], "ISO8601"),
        (["2024-01-31T10:00:00Z", "2024-02-01T10:00:00+02:00"], "ISO8601"),
        (["01/02/2024", "25/12/2024"], "dmy"),
        (["01/02/2024", "12/25/2024"], "mdy"),
        (["31.01.2024", "01.02.2024"], "dmy"),
        (["Jan 31, 2024", "Feb 01, 2024"], "sure"),
        (["31-Jan-2024", "01-Feb-2024"], "sure"),
        (["1/31/2024 3:04 PM", "2/1/2024 11:00 AM"], "mdy"),
    ],
)
def test_dates_as_text_are_recognised_in_their_format(text, date_format):
    column = kind_of(text * 5)
    assert (column.kind, column.date_format) == (DATETIME, date_format)


def test_hours_are_noticed():
    assert kind_of(["2024-01-31 10:00", "2024-02-01 11:00"]).has_time
    assert not kind_of(["2024-01-31", "2024-02-01"]).has_time


@pytest.mark.parametrize(
    ("values", "note"),
    [
        ([None] * 30, "missing"),
        ([np.nan] * 30, "missing"),
        ([7] * 30, "constant"),
        (["x"] * 30, "constant"),
    ],
)
def test_columns_that_cannot_help_are_set_aside_with_a_note(values, note):
    column = kind_of(values)
    assert column.kind is IGNORED
    assert note in column.note


def test_a_column_that_numbers_the_rows_is_an_identifier_only_when_it_is_called_so():
    assert kind_of(np.arange(1, 51), "row_id").kind is IGNORED
    assert kind_of(np.arange(1, 51), "distance").kind is NUMERIC
    assert kind_of(np.arange(1, 51)[::-1], "id").kind is NUMERIC


@pytest.mark.parametrize("values", [[5.0, None, 5.0], [True, None, True], ["a", None, "a"]])
def test_one_value_or_none_at_all_is_kept_since_its_absence_may_tell(values):
    assert kind_of(values).kind is CATEGORICAL


def test_repeated_columns_name_the_first_and_equal_codes_alone_do_not_repeat():
    frame = pd.DataFrame({"a": [1, 2, 3], "b": [10, 20, 30], "c": [1, 2, 3], "d": ["x", "y", "z"]})
    schema = type_columns(frame, no_plugins())
    assert [column.kind for column in schema.columns] == [NUMERIC, NUMERIC, IGNORED, CATEGORICAL]
    assert schema.columns[2].note == "repeats column 'a'"


def test_columns_that_differ_only_in_a_late_row_are_both_kept():
    long = np.tile([0.0, 1.0, 2.0], 1000)
    frame = pd.DataFrame({"a": long, "b": np.where(np.arange(3000) == 2999, 9.0, long)})
    assert type_columns(frame, no_plugins()).kinds == {NUMERIC}


def test_a_table_without_one_usable_column_is_refused_with_the_reasons():
    frame = pd.DataFrame({"a": [1, 1, 1], "b": [None, None, None]})
    with pytest.raises(InputError, match="'a': constant; 'b': all values are missing"):
        type_columns(frame, no_plugins())


def test_a_plugin_decides_a_kind_before_the_values_do():
    class Plugin:
        @hookimpl
        def automl_type_column(self, column):
            return CATEGORICAL if column.name == "code" else None

    registry = no_plugins()
    registry.add("plugin", Plugin())
    schema = type_columns(pd.DataFrame({"code": [1, 2, 1], "size": [1, 2, 3]}), registry)
    assert [column.kind for column in schema.columns] == [CATEGORICAL, NUMERIC]
    assert schema.columns[0].categories == ("1", "2")


@pytest.mark.parametrize(
    ("values", "far"),
    [([1e9, 1e9 + 1, 1e9 + 2], True), ([0.0, 1.0, 2.0], False), ([2**25 + 1, 3], True), ([1e300, -1e300], False)],
)
def test_an_offset_is_kept_only_for_numbers_that_float32_cannot_tell_apart(values, far):
    assert (kind_of(values).offset != 0.0) is far


def test_one_category_has_one_spelling():
    for values in (
        [1, 2],
        [1.0, 2.0],
        ["1", "2"],
        ["1.0", "2.0"],
        pd.array([1, 2], dtype="Int64"),
        pd.Categorical([1, 2]),
    ):
        assert as_text(pd.Series(values)).tolist() == ["1", "2"]
    assert as_text(pd.Series([True, None])).tolist() == ["True", None]
    assert as_text(pd.Series(["1.50", "v1.0", ""])).tolist() == ["1.50", "v1.0", ""]


def test_a_hook_that_writes_into_a_column_does_not_reach_the_table():
    class Scribbler:
        @hookimpl
        def automl_type_column(self, column):
            column.array[:] = 0.0

    registry = no_plugins()
    registry.add("scribbler", Scribbler())
    frame = pd.DataFrame({"a": [1.0, 2.0, 3.0]})
    assert type_columns(frame, registry).columns[0].kind is NUMERIC
    assert frame["a"].tolist() == [1.0, 2.0, 3.0]


@pytest.mark.parametrize("kind", ["numbers", "categories", "texts"])
def test_columns_are_not_compared_with_each_other_for_starting_alike(monkeypatch, kind):
    rng, width = np.random.default_rng(0), 40
    values = rng.normal(size=(60, width)) if kind == "numbers" else rng.choice(list("ab"), size=(60, width))
    values[:20] = values[:20, :1]  # the first rows of all columns are the same
    if kind == "texts":
        values = np.char.add(values, " came late with the post")
    frame = pd.DataFrame(values, columns=[f"c{i}" for i in range(width)]).assign(copy=lambda each: each["c3"])
    compared = []
    equals = pd.Series.equals
    monkeypatch.setattr(pd.Series, "equals", lambda left, right: compared.append(1) or equals(left, right))
    typed = type_columns(frame, no_plugins())
    assert [column.name for column in typed.columns if column.note.startswith("repeats")] == ["copy"]
    assert len(compared) == 1


@pytest.mark.parametrize("ordered", [True, False])
def test_categories_with_an_order_keep_it(ordered):
    levels = ["low", "medium", "high", "never"]
    values = pd.Series(pd.Categorical(["high", "low", "medium", None] * 3, levels, ordered=ordered), name="c")
    column = type_column(values)
    assert column.ordered is ordered
    assert column.categories == (("low", "medium", "high") if ordered else ("high", "low", "medium"))


def test_intervals_of_a_cut_and_numbers_keep_their_order():
    cut = pd.Series(pd.cut(np.arange(-12.0, 12.0), [-20, -10, 0, 9, 20]), name="c")
    assert type_column(cut).categories == ("(-20, -10]", "(-10, 0]", "(0, 9]", "(9, 20]")
    numbers = pd.Series(pd.Categorical([10, 9.0, 2] * 4, [2, 9, 10], ordered=True), name="c")
    assert type_column(numbers).categories == ("2", "9", "10")


@pytest.mark.parametrize(
    ("name", "values", "is_index"),
    [
        ("Unnamed: 0", np.random.default_rng(0).permutation(200)[:140], True),
        ("Unnamed: 0", np.random.default_rng(0).integers(0, 140, 140), True),
        ("__index_level_0__", [f"row {number}" for number in range(140)], True),
        ("index", np.arange(140)[::-1], True),
        ("index", np.arange(140) * 1000, False),
        ("Unnamed: 0", np.arange(140) % 3, False),
        ("Unnamed: 0", np.arange(140) / 7, False),
        ("size", np.arange(140)[::-1], False),
    ],
)
def test_an_index_that_was_written_beside_the_columns_is_set_aside(name, values, is_index):
    column = type_column(pd.Series(values, name=name))
    assert (column.kind is ColumnKind.IGNORED) == is_index
    assert ("index of a frame" in column.note) == is_index
