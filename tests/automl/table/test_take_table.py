"""Tables of every kind come out as one checked frame; what cannot be used is one clear error."""

from __future__ import annotations

import datetime
import decimal
from pathlib import Path

import numpy as np
import pandas as pd
import polars
import pyarrow
import pytest
from pandas.testing import assert_frame_equal

from automl.errors import InputError
from automl.table.take_table import Extras, as_frame, score_weights, take_table

NOTHING = Extras()


def small() -> pd.DataFrame:
    return pd.DataFrame({"age": [30, 41, 25, 60], "city": ["Bonn", "Köln", "Bonn", "Kiel"], "paid": [0, 1, 0, 1]})


def refusal(data, target, extras=NOTHING) -> str:
    with pytest.raises(InputError) as caught:
        take_table(data, target, extras)
    return str(caught.value)


# --- what is taken


@pytest.mark.parametrize(
    "convert",
    [
        lambda frame: frame,
        lambda frame: frame.convert_dtypes(),
        lambda frame: frame.convert_dtypes(dtype_backend="pyarrow"),
        lambda frame: frame.set_axis([7, 7, 7, 7]),
        lambda frame: frame.set_axis(pd.MultiIndex.from_product([[1, 2], ["a", "b"]])),
        lambda frame: polars.from_pandas(frame),
        lambda frame: pyarrow.Table.from_pandas(frame, preserve_index=False),
        lambda frame: frame.to_dict("list"),
        lambda frame: frame.to_dict("records"),
    ],
    ids=["numpy", "nullable", "arrow", "repeated_index", "multi_index", "polars", "pyarrow", "mapping", "records"],
)
def test_every_kind_of_table_gives_the_same_columns_rows_and_target(convert):
    taken = take_table(convert(small()), "paid", NOTHING)
    assert list(taken.features.columns) == ["age", "city"]
    assert list(taken.features.index) == [0, 1, 2, 3]
    assert taken.features["age"].tolist() == [30, 41, 25, 60]
    assert taken.features["city"].astype(object).tolist() == ["Bonn", "Köln", "Bonn", "Kiel"]
    assert taken.target.tolist() == [0, 1, 0, 1]


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz", "t.tsv", "t.parquet", "semicolon.csv", "T.CSV"])
def test_files_are_read_by_their_name(tmp_path: Path, name):
    path = tmp_path / name
    if name.endswith("parquet"):
        small().to_parquet(path)
    else:
        small().to_csv(path, index=False, sep="\t" if "tsv" in name else ";" if "semicolon" in name else ",")
    for given in (path, str(path)):
        assert list(take_table(given, "paid", NOTHING).features.columns) == ["age", "city"]


def test_an_object_array_keeps_its_numbers_as_numbers():
    frame = as_frame(np.array([[1, "a"], [None, "b"]], dtype=object))
    assert pd.api.types.is_float_dtype(frame["column_0"].dtype)


def test_a_list_of_lists_keeps_missing_values_missing_and_numbers_numbers():
    frame = as_frame([[1.5, "a"], [float("nan"), None]])
    assert frame["column_0"].dtype == np.float64
    assert frame["column_1"].isna().tolist() == [False, True]


def test_integer_column_names_become_text_and_the_target_may_be_an_integer():
    taken = take_table(pd.DataFrame({0: [1, 2, 3], 1: [0, 1, 0]}), 1, NOTHING)
    assert list(taken.features.columns) == ["0"]
    assert taken.target_name == "1"


def test_column_names_of_several_levels_are_joined():
    frame = pd.DataFrame({("size", "width"): [1, 2], ("size", "height"): [3, 4], ("y", ""): [0, 1]})
    taken = take_table(frame, ("y", ""), NOTHING)
    assert list(taken.features.columns) == ["size_width", "size_height"]
    assert take_table(frame, "y", NOTHING).target.tolist() == [0, 1]


@pytest.mark.parametrize(
    "target",
    [
        [0, 1, 0, 1],
        (0, 1, 0, 1),
        np.array([[0], [1], [0], [1]]),
        pd.Series([0, 1, 0, 1], index=[9, 8, 7, 6]),
        pd.DataFrame({"label": [0, 1, 0, 1]}, index=[13, 12, 11, 10]),
        polars.Series([0, 1, 0, 1]),
        polars.DataFrame({"label": [0, 1, 0, 1]}),
        pyarrow.chunked_array([[0, 1], [0, 1]]),
    ],
    ids=lambda target: type(target).__module__ + "." + type(target).__name__,
)
def test_a_target_beside_the_features_is_taken_row_by_row_where_its_index_is_another(target):
    taken = take_table(small().drop(columns="paid"), target, NOTHING)
    assert taken.target.tolist() == [0, 1, 0, 1]


def test_a_list_of_labels_keeps_its_missing_value_missing():
    with pytest.warns(UserWarning, match="1 of 4 rows"):
        taken = take_table(small().drop(columns="paid"), ["a", float("nan"), "b", "a"], NOTHING)
    assert taken.target.tolist() == ["a", "b", "a"]


def test_rows_without_a_target_are_dropped_with_a_warning_that_counts_them_and_extras_follow():
    frame = small().assign(paid=[0, None, 0, 1], weight=[1.0, 9.0, 1.0, 2.0], who=["a", "b", "a", "c"])
    with pytest.warns(UserWarning, match="1 of 4 rows have no value of the target 'paid'"):
        taken = take_table(frame, "paid", Extras(groups="who", sample_weight="weight"))
    assert taken.kept.tolist() == [True, False, True, True]
    assert taken.notes[0].startswith("1 of 4 rows")
    assert list(taken.features.columns) == ["age", "city"]
    assert taken.groups.tolist() == [0, 0, 1]
    assert taken.weights == pytest.approx([0.75, 0.75, 1.5])


def test_rows_of_no_weight_are_left_out_with_a_note_that_names_labels_that_go_with_them():
    frame = small().assign(paid=["a", "b", "a", "c"])
    taken = take_table(frame, "paid", Extras(sample_weight=[2.0, 0.0, 1.0, 1e-320]))
    assert taken.kept.tolist() == [True, False, True, False]
    assert taken.target.tolist() == ["a", "a"]
    assert taken.weights == pytest.approx([4 / 3, 2 / 3])
    assert taken.notes == ("2 of 4 rows weigh 0; left out, and with them the values 'b', 'c' of the target.",)


def test_weights_of_which_one_is_above_zero_are_refused():
    with pytest.raises(InputError, match="of which 1 is above zero; expected 2"):
        take_table(small(), "paid", Extras(sample_weight=[0.0, 0.0, 5.0, 0.0]))


def test_a_weight_may_be_anything_where_the_target_is_missing():
    frame = small().assign(paid=[0.5, None, 1.5, 2.5])
    with pytest.warns(UserWarning, match="1 of 4 rows have no value"):
        taken = take_table(frame, "paid", Extras(sample_weight=[1.0, -1.0, 1.0, 1.0]))
    assert taken.weights.tolist() == [1.0, 1.0, 1.0]


def test_a_time_column_stays_a_feature():
    frame = small().assign(day=pd.date_range("2024", periods=4, tz="UTC"))
    taken = take_table(frame, "paid", Extras(time_column="day"))
    assert "day" in taken.features.columns
    assert taken.time.tolist() == frame["day"].tolist()


def test_the_users_table_is_never_changed():
    frame = small().assign(paid=[0, None, 0, 1]).set_axis([5, 5, 5, 5]).rename(columns={"age": 3})
    before = frame.copy(deep=True)
    with pytest.warns(UserWarning, match="dropped"):
        features = take_table(frame, "paid", NOTHING).features
    features.iloc[:, 0] = 0
    assert_frame_equal(frame, before)


@pytest.mark.parametrize(
    "values",
    [
        [decimal.Decimal("1.5"), decimal.Decimal(2), None, decimal.Decimal(3)],
        [datetime.date(2024, 1, 1), datetime.date(2024, 1, 2), None, datetime.date(2024, 1, 4)],
        [True, False, None, True],
        pd.period_range("2024", periods=4, freq="M"),
        pd.to_timedelta([1, 2, 3, 4], unit="h"),
        pd.arrays.SparseArray([0.0, 0.0, 1.0, np.nan]),
        pd.Categorical([1, 2, 1, None], ordered=True),
        pd.interval_range(0, 4),
        [Path("a.png"), Path("b.png"), None, Path("c.png")],
    ],
    ids=["decimal", "date", "boolean", "period", "timedelta", "sparse", "ordered", "interval", "paths"],
)
def test_unusual_columns_are_taken(values):
    assert "odd" in take_table(small().assign(odd=values), "paid", NOTHING).features.columns


# --- what is refused


def test_an_unknown_target_suggests_the_nearest_column():
    assert "Did you mean 'paid'?" in refusal(small(), "payd")


def test_an_unknown_integer_target_is_an_unknown_column():
    assert "Unknown target column '17'" in refusal(small(), 17)


def test_no_target_tells_how_to_call():
    assert 'fit(df, "target")' in refusal(small(), None)


@pytest.mark.parametrize("empty", [pd.DataFrame(), small().head(0), {"paid": []}, np.empty((0, 3))])
def test_an_empty_table_is_said_to_be_empty(empty):
    assert "0 rows" in refusal(empty, "paid")


def test_a_table_with_nothing_but_the_target_has_no_features():
    assert "no feature columns" in refusal(small()[["paid"]], "paid")
    assert "no feature columns" in refusal(small()[["paid", "city"]], "paid", Extras(groups="city"))


def test_a_target_without_any_value_is_refused():
    assert "All 4 values of the target 'paid' are missing" in refusal(small().assign(paid=np.nan), "paid")


@pytest.mark.parametrize(
    "values",
    [
        [1.0, np.inf, 2.0, 3.0],
        np.array([1.0, -np.inf, 2, 3], dtype=object),
        pd.array([1.0, np.inf, None, 3.0], dtype="Float64"),
        pd.arrays.SparseArray([0.0, np.inf, 0.0, 0.0]),
    ],
    ids=["numpy", "object", "nullable", "sparse"],
)
def test_infinite_values_are_counted_and_named(values):
    message = refusal(small().assign(rate=values), "paid")
    assert "'rate' holds 1 infinite values" in message
    assert "df.replace" in message


def test_duplicate_column_names_are_named():
    assert "duplicate column names ['age']" in refusal(small().set_axis(["age", "age", "paid"], axis=1), "paid")
    assert "duplicate column names ['1']" in refusal(pd.DataFrame([[1, 2, 3]], columns=[1, "1", "y"]), "y")


def test_a_column_of_numbers_and_text_is_refused_with_a_way_out():
    message = refusal(small().assign(mix=[1, "a", 2.5, None]), "paid")
    assert "'mix' mixes values of the types float, int, str" in message
    assert "astype(str)" in message


@pytest.mark.parametrize("values", [[[1], [2], [3], [4]], [{"a": 1}] * 4, [(1, 2)] * 4, [object()] * 4])
def test_a_column_of_containers_is_refused(values):
    assert "'odd' holds values of the type" in refusal(small().assign(odd=pd.Series(values, dtype=object)), "paid")


def test_arrow_lists_are_refused():
    values = pd.array([[1], [2], [3], [4]], dtype=pd.ArrowDtype(pyarrow.list_(pyarrow.int64())))
    assert "'odd' holds values of the type list" in refusal(small().assign(odd=values), "paid")


@pytest.mark.parametrize("values", [[1j, 2, 3, 4], np.array([1j, 2j, 3j, 4j], dtype=object)])
def test_complex_numbers_are_refused(values):
    assert "complex" in refusal(small().assign(odd=values), "paid")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ([1, 2, 3], "one-dimensional"),
        (np.zeros((2, 2, 2)), "(2, 2, 2)"),
        ([[1, 2], [3]], "unequal length"),
        ({"a": [1, 2], "paid": [1]}, "same length"),
        (5, "expected a table"),
        (np.array([[1j]]), "complex"),
    ],
)
def test_what_is_no_table_is_refused(data, said):
    assert said in refusal(data, [0, 1])


def test_a_target_of_another_length_or_width_is_refused():
    features = small().drop(columns="paid")
    assert "Found 3 target values for 4 rows" in refusal(features, [0, 1, 0])
    assert "Found 3 rows of target values for 4 rows" in refusal(features, np.zeros((3, 2)))
    assert "shape (4, 2, 2)" in refusal(features, np.zeros((4, 2, 2)))


@pytest.mark.parametrize(
    ("extras", "said"),
    [
        (Extras(groups="ctiy"), "Did you mean 'city'?"),
        (Extras(sample_weight=[1, 2]), "sample_weight of shape (2,)"),
        (Extras(sample_weight=[1, -1, 1, 1]), "sample weights"),
        (Extras(sample_weight=[0, 0, 0, 0]), "sample weights"),
        (Extras(sample_weight="city"), "not numbers"),
        (Extras(sample_weight=pd.array([1, None, 1, 1], dtype="Int64")), "sample weights"),
        (Extras(groups=["a", None, "b", "b"]), "1 rows without a group"),
        (Extras(groups=[1, 3]), "pass np.repeat(np.arange(len(sizes)), sizes)"),
        (Extras(groups="city", time_column="age"), "both groups and time_column"),
        (Extras(time_column="when"), "Unknown column for time_column"),
    ],
)
def test_extras_that_do_not_fit_are_refused(extras, said):
    assert said in refusal(small(), "paid", extras)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("missing.csv", None, "no file"),
        ("table.xlsx", b"", "no known kind"),
        ("empty.csv", b"", "is empty"),
        ("broken.parquet", b"PAR1 this is not parquet", "could not be read"),
        ("broken.csv.zip", b"not a zip", "could not be read"),
    ],
)
def test_files_that_cannot_be_read_are_named(tmp_path: Path, name, content, said):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    message = refusal(tmp_path / name, "b")
    assert said in message
    assert name in message


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        (np.zeros(3), "all zero"),
        ([1.0, np.nan, 1.0], "missing, infinite or negative"),
        ([1.0, 2.0], "2 sample weights for 3 rows"),
        (pd.date_range("2020-01-01", periods=3), "not numbers but datetime64"),
        (["a", "b", "c"], "not numbers"),
    ],
)
def test_weights_of_rows_to_score_are_refused_as_those_to_fit_are(weights, said):
    with pytest.raises(InputError, match=said):
        score_weights(weights, 3)


def test_weights_of_rows_to_score_stay_as_they_are():
    assert score_weights(None, 3) is None
    assert score_weights([2, 0, 1], 3).tolist() == [2.0, 0.0, 1.0]


@pytest.mark.parametrize(
    "target", [{"y"}, {0: 1.0}, (value for value in "ab"), len], ids=["set", "dict", "iterator", "f"]
)
def test_a_target_that_is_no_column_is_refused_by_its_type(target):
    with pytest.raises(InputError, match=f"a target of the type {type(target).__name__}; expected a column name"):
        take_table(pd.DataFrame({"a": [1, 2], "b": [3, 4]}), target, Extras())


@pytest.mark.filterwarnings("ignore:the matrix subclass")
def test_a_matrix_of_one_column_is_a_target():
    taken = take_table(pd.DataFrame({"a": [1, 2, 3]}), np.asmatrix([1.0, 2.0, 4.0]).T, Extras())
    assert taken.target.tolist() == [1.0, 2.0, 4.0]


def test_a_name_of_the_index_is_said_to_be_one():
    frame = pd.DataFrame({"a": [1, 2], "b": [3, 4]}, index=pd.Index([5, 6], name="day"))
    with pytest.raises(InputError, match=r"'day' as the name of the table's index.*reset_index"):
        take_table(frame, "day", Extras())
    with pytest.raises(InputError, match=r"expected a column for time_column among its columns"):
        take_table(frame, "a", Extras(time_column="day"))
