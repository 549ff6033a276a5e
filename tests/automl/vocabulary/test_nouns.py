"""The records that every layer shares."""

from __future__ import annotations

import math
import pickle

from automl.vocabulary.candidate import Candidate, Preparation, PreparationStep
from automl.vocabulary.deadline import Deadline
from automl.vocabulary.schema import Column, ColumnKind, Schema

PREPARATION = Preparation((PreparationStep("passthrough", ("a",)),))


def test_a_candidates_id_follows_its_content_not_the_order_or_origin_of_it():
    one = Candidate("linear", {"a": 1, "b": 2.0}, PREPARATION, 0, "portfolio")
    assert one.id == Candidate("linear", {"b": 2.0, "a": 1}, PREPARATION, 0, "random").id
    others = [
        Candidate("svm", {"a": 1, "b": 2.0}, PREPARATION),
        Candidate("linear", {"a": 1, "b": 3.0}, PREPARATION),
        Candidate("linear", {"a": 1, "b": 2.0}, PREPARATION, seed=1),
        Candidate("linear", {"a": 1, "b": 2.0}, Preparation((), sparse=True)),
    ]
    assert len({one.id, *(other.id for other in others)}) == 5
    assert pickle.loads(pickle.dumps(one)).id == one.id


def test_a_deadline_without_a_limit_never_ends_and_none_is_left_below_zero():
    assert Deadline(None).left() == math.inf
    assert Deadline(0.0).left() == 0.0
    assert Deadline(None).earlier(5).left() == math.inf
    assert Deadline(None).within(5).seconds == 5
    assert Deadline(2.0).within(50).left() <= 2.0
    assert Deadline(2.0).earlier(50).left() == 0.0


def test_a_schema_gives_its_columns_by_kind_in_table_order():
    schema = Schema((Column("b", ColumnKind.TEXT), Column("a", ColumnKind.NUMERIC), Column("c", ColumnKind.TEXT)))
    assert [column.name for column in schema.of_kind(ColumnKind.TEXT)] == ["b", "c"]
    assert schema.names == ("b", "a", "c")
    assert schema.kinds == {ColumnKind.TEXT, ColumnKind.NUMERIC}


def test_what_columns_are_called_moves_no_id_where_their_places_are_known():
    named, renamed = (
        Preparation((PreparationStep("passthrough", names, places=(0, 2)),)) for names in (("a", "c"), ("x", "y"))
    )
    moved = Preparation((PreparationStep("passthrough", ("a", "c"), places=(0, 1)),))
    assert named.id == renamed.id != moved.id
    assert Candidate("linear", {}, named).id == Candidate("linear", {}, renamed).id != Candidate("linear", {}, moved).id
