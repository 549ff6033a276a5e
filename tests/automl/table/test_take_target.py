"""A target is found by whatever names its column, belongs to the table's rows, and is no feature of its own."""

from __future__ import annotations

import warnings
from datetime import date, datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from automl.errors import InputError
from automl.table.take_table import Extras, take_labelled, take_table
from automl.table.take_target import column_of

N = 40
RNG = np.random.default_rng(0)


def table(**more) -> pd.DataFrame:
    return pd.DataFrame({"a": RNG.normal(size=N), "b": RNG.normal(size=N), **more})


def take(data, target, **extras):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return take_table(data, target, Extras(**extras))


def refusal(data, target, **extras) -> str:
    with pytest.raises(InputError) as caught:
        take(data, target, **extras)
    return str(caught.value)


NAMES = [
    3, np.int64(3), 2.5, True, None, "", ("y", ""), ("y", 1), np.str_("word"), b"bytes", pd.Timestamp("2020-01-01"),
    datetime(2020, 1, 1), date(2020, 1, 1), pd.Period("2020-01"), Decimal("1.5"), pd.Interval(0, 1),
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES, ids=repr)
def test_a_column_is_found_by_whatever_names_it(name):
    frame = table()
    frame.columns = pd.Index(["a", name], dtype=object, tupleize_cols=False)
    frame = frame.assign(g=np.arange(N) // 4)
    if name is not None:
        taken = take(frame, name)
        assert list(taken.features.columns) == ["a", "g"]
        assert (
            taken.target.tolist() == frame[name].tolist() if not isinstance(name, tuple) else frame.iloc[:, 1].tolist()
        )
        assert take(frame, "a", time_column=name).time is not None
        assert take(frame, "a", groups=name).groups is not None
        assert take(frame.assign(h=1.0), "a", sample_weight=["h"]).weights is not None
    assert column_of(name, take(frame, "a").features, "column") in take(frame, "a").features.columns


def test_names_that_are_the_same_text_are_one_clear_error():
    frame = pd.DataFrame([[1.0, 2.0, 3.0]] * 4, columns=pd.Index([1, "1", "y"], dtype=object))
    assert "duplicate column names ['1']" in refusal(frame, "y")


@pytest.mark.parametrize("target", [["y"], ("y",), pd.Index(["y"]), np.array(["y"]), np.array("y")])
def test_one_name_in_a_list_is_a_name(target):
    assert take(table(y=range(N)), target).target_name == "y"


@pytest.mark.parametrize("target", [["y", "z"], ("y", "z"), pd.Index(["y", "z"]), np.array(["y", "z"], dtype=object)])
def test_names_in_a_list_are_several_targets(target):
    taken = take(table(y=range(N), z=[0, 1] * (N // 2)), target)
    assert taken.target_name == "y, z"
    assert taken.target.columns.tolist() == ["y", "z"]
    assert taken.features.columns.tolist() == ["a", "b"]


@pytest.mark.parametrize(
    ("target", "said"),
    [
        (["y", "yy"], "Did you mean 'y'"),
        (["y", "z", "y"], "the target column 'y' 2 times among ['y', 'z', 'y']; expected each once"),
        ([], "an empty list of targets; expected the name of a column"),
    ],
)
def test_a_list_of_targets_with_one_that_is_missing_or_twice_or_with_none_is_refused(target, said):
    assert said in refusal(table(y=range(N), z=range(N)), target)


def test_a_name_that_is_not_there_is_said_so_in_a_list_as_well():
    assert "Did you mean 'price'" in refusal(table(price=1.0), ["prize"])


@pytest.mark.parametrize("kind", [pd.DataFrame, np.asarray, lambda values: values.tolist()])
def test_several_targets_may_come_as_values_beside_the_table(kind):
    values = np.column_stack([np.arange(N) % 2, np.arange(N) * 1.5])
    taken = take(table(), kind(values))
    assert taken.target.columns.tolist() == ["target_1", "target_2"]
    assert taken.target["target_2"].tolist() == values[:, 1].tolist()
    assert taken.features.columns.tolist() == ["a", "b"]


def test_targets_that_are_still_among_the_features_are_left_out_and_told():
    frame = table(y=range(N), z=[0, 1] * (N // 2))
    with pytest.warns(UserWarning, match="The target is still among the features"):
        taken = take_table(frame, frame[["y", "z"]], Extras())
    assert taken.features.columns.tolist() == ["a", "b"]
    assert [finding.column for finding in taken.findings] == ["y", "z"]


def test_rows_that_lack_one_of_several_targets_are_dropped_and_told():
    frame = table(y=range(N), z=[0.0, None] * (N // 2))
    with pytest.warns(UserWarning, match=f"{N // 2} of {N} rows have no value of one or more of the targets y, z"):
        taken = take_table(frame, ["y", "z"], Extras())
    assert len(taken.features) == len(taken.target) == N // 2
    assert "None of" in refusal(frame.assign(z=[None] * N), ["y", "z"])


def test_labels_in_a_list_are_values_though_they_are_names_of_columns():
    assert take(table(), ["a", "b"] * (N // 2)).target.tolist() == ["a", "b"] * (N // 2)


# --- rows of the table and rows of what is given beside it


@pytest.mark.parametrize("index", [range(N), range(100, 100 + N), [f"r{i}" for i in range(N)], [0] * N])
def test_rows_with_the_same_index_are_told_nothing(index):
    frame = table().set_index(pd.Index(index))
    assert take(frame, frame["a"].rename("y") + 1).findings == ()


@pytest.mark.parametrize("index", [range(N), [f"r{i}" for i in range(N)]])
@pytest.mark.parametrize("what", ["y", "groups", "sample_weight"])
def test_the_same_index_in_another_order_is_refused(index, what):
    frame = table().set_index(pd.Index(index))
    other = (frame["a"].abs() + 1).rename("y").iloc[::-1]
    said = refusal(frame, other) if what == "y" else refusal(frame, "b", **{what: other})
    assert f"The table and {what} have the same index in another order" in said
    assert ".loc[X.index]" in said
    assert ".to_numpy()" in said


def test_different_labels_are_paired_by_position_and_told():
    frame, target = table().set_index(pd.Index(range(7, 7 + N))), pd.Series(range(N), name="y")
    finding = take(frame, target).findings[0]
    assert "different indexes: [7, 8, 9]... and [0, 1, 2]..." in finding.found
    assert finding.done == "the rows are paired by position"
    with pytest.warns(UserWarning, match="different indexes"):
        take_table(frame, target.set_axis([f"r{i}" for i in range(N)]), Extras())


def test_rows_to_judge_are_paired_as_those_to_fit():
    frame = table(y=range(N))
    features, target = take_labelled(frame, frame, None, ("y",), ("a", "b"))
    assert (list(features.columns), target.tolist()) == (["a", "b"], list(range(N)))
    with pytest.raises(InputError, match="same index in another order"):
        take_labelled(frame, frame, frame["y"].iloc[::-1], None, ("a", "b"))


# --- a target that is still among the features


def words(target: pd.Series) -> pd.Series:
    return target.map({0: "no", 1: "yes"}).rename(target.name)


@pytest.mark.parametrize(
    "given", [lambda y: y, words, lambda y: y.to_numpy(), lambda y: y.tolist(), lambda y: y.rename(None)]
)
def test_a_target_among_the_features_is_left_out_and_told(given):
    frame = table(y=RNG.integers(0, 2, N))
    with pytest.warns(UserWarning, match="The target is still among the features, as the column 'y'; it was left out"):
        taken = take_table(frame, given(frame["y"]), Extras())
    assert list(taken.features.columns) == ["a", "b"]
    assert taken.target_name == "y"
    assert [(each.topic, each.column) for each in taken.findings] == [("leak", "y")]


@pytest.mark.parametrize("kind", [str, "category", bool, "Int64"])
def test_a_list_of_the_values_of_a_column_is_that_column_whatever_its_type(kind):
    frame = table(y=pd.Series(RNG.integers(0, 2, N)).astype(kind))
    with pytest.warns(UserWarning, match="as the column 'y'; it was left out"):
        taken = take_table(frame, frame["y"].tolist(), Extras())
    assert list(taken.features.columns) == ["a", "b"]


def test_a_column_of_the_targets_name_with_other_values_stays_and_is_told():
    frame = table()
    later = frame["a"].shift(-1).fillna(0.0)
    with pytest.warns(UserWarning, match="beside a target of that name with other values; it was kept"):
        taken = take_table(frame, later, Extras())
    assert list(taken.features.columns) == ["a", "b"]
    with pytest.raises(InputError, match="beside a feature of that name"):
        take_labelled(frame, frame, None, ("a",), ("a", "b"))


def test_a_name_that_pandas_gave_by_counting_is_no_name():
    frame = pd.DataFrame(RNG.normal(size=(N, 2)))
    taken = take(frame, pd.DataFrame(RNG.normal(size=(N, 1)))[0])
    assert (taken.target_name, list(taken.features.columns), taken.findings) == ("target", ["0", "1"], ())


def test_a_column_of_an_array_that_equals_the_target_is_told_and_kept():
    array = RNG.normal(size=(N, 3))
    with pytest.warns(UserWarning, match="The column 'column_1' equals the target in every row; it was kept"):
        taken = take_table(array, array[:, 1], Extras())
    assert taken.features.shape == (N, 3)


def test_few_rows_may_equal_by_chance():
    frame = pd.DataFrame({"a": [0, 1, 0, 1], "b": [1.0, 2.0, 3.0, 4.0]})
    assert list(take(frame, [0, 1, 0, 1]).features.columns) == ["a", "b"]
