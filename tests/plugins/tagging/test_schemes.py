"""Tags are told apart by their scheme, and spans are those that the scheme allows."""

import numpy as np
import pytest

from automl_builtins.tagging.schemes import by_group, count_stray, scheme_of, spans_of


def spans(tags, groups=None):
    """Return spans as (first, last, type), of rows in one group unless told otherwise."""
    labels = tuple(dict.fromkeys(tags))
    scheme = scheme_of(labels)
    order, is_first = by_group(np.zeros(len(tags)) if groups is None else np.asarray(groups))
    found = spans_of(np.array([labels.index(tag) for tag in tags])[order], scheme, is_first)
    return [(f, e, scheme.names[k]) for f, e, k in zip(found.first, found.last, found.kind, strict=True)]


@pytest.mark.parametrize(
    ("labels", "name"),
    [
        (("B-X", "I-X", "O"), "IOB2"),
        (("B", "I", "O"), "IOB2"),
        (("B-X", "E-X", "I-X", "O", "S-X"), "IOBES"),
        (("B-X", "I-X", "L-X", "O", "U-X"), "IOBES"),
        (("I-X", "I-Y", "O"), "IO"),
        (("DET", "NOUN", "VERB"), "none"),
        (("I", "W"), "none"),
        ((1, 2, 3), "none"),
        (("B-X", "O", "noun"), "none"),
    ],
)
def test_a_scheme_is_known_by_all_of_its_labels(labels, name):
    assert scheme_of(labels).name == name
    assert scheme_of(labels).is_one is (name != "none")


def test_types_may_hold_any_sign():
    assert scheme_of(("B-creative-work", "B_x", "O")).names == ("creative-work", "x")


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        ("O B-X I-X O B-Y", [(1, 2, "X"), (4, 4, "Y")]),
        ("B-X B-X I-X", [(0, 0, "X"), (1, 2, "X")]),
        ("I-X O B-X I-Y", [(2, 2, "X")]),
        ("B I O I", [(0, 1, "")]),
        ("S-X S-X B-X E-X", [(0, 0, "X"), (1, 1, "X"), (2, 3, "X")]),
        ("B-X I-X O S-X", [(3, 3, "X")]),
        ("U-X B-X I-X L-X", [(0, 0, "X"), (1, 3, "X")]),
        ("I-X I-X I-Y O", [(0, 1, "X"), (2, 2, "Y")]),
        ("DET NOUN NOUN", [(0, 0, "DET"), (1, 2, "NOUN")]),
    ],
)
def test_spans_begin_and_end_as_the_scheme_says(tags, found):
    assert spans(tags.split()) == found


def test_no_span_goes_on_in_the_next_sentence():
    assert spans(["B-X", "I-X", "I-X"], [0, 0, 1]) == [(0, 1, "X")]


def test_rows_of_a_sentence_are_put_together_wherever_they_stand():
    assert spans(["B-X", "O", "I-X", "O"], [5, 2, 5, 2]) == [(2, 3, "X")]


def test_tags_that_may_not_follow_are_counted():
    labels = ("B-X", "I-X", "I-Y", "O")
    numbers, is_first = np.array([0, 1, 2, 3, 1, 1]), np.array([True, False, False, False, False, True])
    assert count_stray(numbers, scheme_of(labels), is_first) == 3


def test_no_rows_have_no_spans():
    none = np.empty(0, dtype=np.int64)
    assert len(spans_of(none, scheme_of(("B", "O")), none.astype(bool)).first) == 0
