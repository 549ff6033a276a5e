"""Codes are taken apart alike when fitting and predicting, and codes that were never seen have their parts too."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pluggy
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.plugin_api import hookspecs
from automl.registry import Registry
from automl.table.columns.encode_table import encode_table
from automl.table.columns.type_columns import type_column, type_columns
from automl.table.readings.read_parts import PARTS, find_parts, read_parts
from automl.vocabulary.schema import Column, ColumnKind
from tests.conftest import quick


def registry() -> Registry:
    manager = pluggy.PluginManager("automl")
    manager.add_hookspecs(hookspecs)
    return Registry(manager)


def cabins(n_rows=200, seed=0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    decks, numbers = rng.choice(list("ABC"), n_rows), rng.integers(1, 40, n_rows)
    codes = [f"{deck}{number}" for deck, number in zip(decks, numbers, strict=True)]
    frame = pd.DataFrame({"cabin": codes, "fare": rng.normal(size=n_rows)})
    frame.loc[:9, "cabin"] = None
    return frame


def parts_of(values) -> dict[str, list]:
    series = pd.Series(values, name="c")
    return {column.part: read.tolist() for column, read in find_parts(series, type_column(series), set()).parts}


def test_parts_stand_behind_the_columns_that_they_come_from():
    schema = type_columns(cabins(), registry())
    assert schema.names == ("cabin", "fare", "cabin letters", "cabin number")
    assert schema.given == ("cabin", "fare")
    assert schema.columns[2].categories == ("A", "B", "C")
    assert schema.columns[3].kind is ColumnKind.NUMERIC


def test_a_code_that_was_never_seen_has_its_parts():
    schema = type_columns(cabins(), registry())
    stored = encode_table(pd.DataFrame({"cabin": ["B999", None, "X"], "fare": 0.0}), schema)
    assert stored["cabin"].tolist() == [-1, -1, -1]
    assert stored["cabin letters"].tolist() == [1, -1, -1]
    np.testing.assert_array_equal(stored["cabin number"], [999, np.nan, np.nan])


def test_a_column_without_a_name_is_read_alone_and_among_others():
    for frame in (cabins().rename(columns={"fare": ""}), cabins().rename(columns={"cabin": ""})):
        schema = type_columns(frame, registry())
        assert schema.given == tuple(frame.columns)
        alone = encode_table(frame.iloc[50:51], schema)
        pd.testing.assert_frame_equal(
            alone.reset_index(drop=True), encode_table(frame, schema).iloc[[50]].reset_index(drop=True)
        )


def test_one_row_is_encoded_as_among_others():
    frame = cabins()
    schema = type_columns(frame, registry())
    whole = encode_table(frame, schema)
    alone = pd.concat([encode_table(frame.iloc[i : i + 1], schema) for i in range(30)])
    np.testing.assert_array_equal(alone.to_numpy(), whole.iloc[:30].to_numpy())


def test_all_parts_of_a_code_are_found_where_they_vary():
    found = parts_of([f"{'PC' if i % 3 else 'A/'}{i % 5} {i}{'S' if i % 2 else 'P'}" for i in range(40)])
    assert {part: values[7] for part, values in found.items()} == {
        "letters": "PC",
        "number": 2.0,
        "last number": 7.0,
        "ending": "S",
    }


def test_columns_that_hold_no_codes_have_no_parts():
    assert parts_of([f"word{chr(97 + i)}" for i in range(26)]) == {}
    assert parts_of(pd.Categorical(np.arange(60) % 30)) == {}
    assert parts_of(["a1", "b2"] * 20) == {}


def test_letters_that_hardly_repeat_are_left_out():
    found = parts_of([f"{chr(97 + i % 26)}{chr(97 + i // 26)} {i % 7}" for i in range(100)] * 2)
    assert set(found) == {"number"}


def test_a_part_that_is_called_like_a_column_gives_way():
    frame = cabins().assign(**{"cabin letters": np.arange(200) % 7})
    schema = type_columns(frame, registry())
    assert schema.names == ("cabin", "fare", "cabin letters", "cabin number")
    assert schema.given == ("cabin", "fare", "cabin letters")


def test_parts_are_neither_asked_for_nor_reported_when_a_later_table_is_checked():
    frame = cabins().assign(y=np.arange(200) % 2)
    model = quick(models=["baseline"], max_trials=1).fit(frame, "y")
    assert model.feature_names_in_.tolist() == ["cabin", "fare"]
    assert len(model.predict(cabins(seed=5))) == 200
    assert model.check(cabins(seed=5))["column"].tolist() == ["cabin", "fare"]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.one_of(st.none(), st.text(max_size=30)), min_size=1, max_size=20))
def test_no_strings_break_it_and_numbers_are_finite(texts):
    values = pd.Series(texts, dtype=object, name="c")
    for part, (kind, _) in PARTS.items():
        column = Column(f"c {part}", kind, source="c", part=part)
        read = read_parts(values, (column,))[column.name]
        assert len(read) == len(texts)
        if kind is ColumnKind.NUMERIC:
            assert not np.isinf(read).any()
