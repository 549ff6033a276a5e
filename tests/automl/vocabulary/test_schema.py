"""A schema gives the columns of a table by kind, and those that models need."""

from __future__ import annotations

from automl.vocabulary.schema import Column, ColumnKind, Schema


def test_a_schema_gives_its_columns_by_kind_in_table_order():
    schema = Schema((Column("b", ColumnKind.TEXT), Column("a", ColumnKind.NUMERIC), Column("c", ColumnKind.TEXT)))
    assert [column.name for column in schema.of_kind(ColumnKind.TEXT)] == ["b", "c"]
    assert schema.names == ("b", "a", "c")
    assert schema.kinds == {ColumnKind.TEXT, ColumnKind.NUMERIC}


def test_a_column_that_is_set_aside_is_needed_where_models_see_its_parts():
    schema = Schema(
        (
            Column("id", ColumnKind.IGNORED),
            Column("code", ColumnKind.IGNORED),
            Column("code: letters", ColumnKind.CATEGORICAL, source="code", part="letters"),
            Column("age", ColumnKind.NUMERIC),
        )
    )
    assert schema.given == ("id", "code", "age")
    assert schema.needed == ("code", "age")
