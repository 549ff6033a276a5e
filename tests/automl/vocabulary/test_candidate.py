"""A candidate and a preparation are known by their content."""

from __future__ import annotations

import pickle

from automl.vocabulary.candidate import Candidate, Preparation, PreparationStep

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


def test_what_columns_are_called_moves_no_id_where_their_places_are_known():
    named, renamed = (
        Preparation((PreparationStep("passthrough", names, places=(0, 2)),)) for names in (("a", "c"), ("x", "y"))
    )
    moved = Preparation((PreparationStep("passthrough", ("a", "c"), places=(0, 1)),))
    assert named.id == renamed.id != moved.id
    assert Candidate("linear", {}, named).id == Candidate("linear", {}, renamed).id != Candidate("linear", {}, moved).id
