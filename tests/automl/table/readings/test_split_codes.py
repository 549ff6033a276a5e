"""Random strings are told from codes and from texts, and codes are taken apart where they are alike."""

from __future__ import annotations

import base64
import hashlib
import string
import uuid

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.table.readings.split_codes import are_texts, choose_parts, pieces_of, say_nothing, take_code

N = 200


def drawn(signs: str, length: int, seed: int = 0) -> list[str]:
    rng = np.random.default_rng(seed)
    return ["".join(rng.choice(list(signs), length)) for _ in range(N)]


RNG = np.random.default_rng(0)
WORDS = ["red", "blue", "green", "shirt", "shoe", "coat", "cotton", "wool", "silk", "large", "small", "kids"]
KEYS = (drawn(string.digits, 4), drawn(string.ascii_uppercase, 5))


@pytest.mark.parametrize(
    "strings",
    [
        [str(uuid.UUID(bytes=RNG.bytes(16), version=4)) for _ in range(N)],
        [hashlib.sha256(str(each).encode()).hexdigest() for each in range(N)],
        [base64.urlsafe_b64encode(RNG.bytes(16)).decode() for _ in range(N)],
        drawn(string.ascii_letters + string.digits, 11),
        [f"{number}-{letters}" for number, letters in zip(*KEYS, strict=True)],
    ],
)
def test_strings_that_vary_everywhere_as_if_by_lot_say_nothing(strings):
    assert say_nothing(strings)
    assert not are_texts(strings)


@pytest.mark.parametrize(
    "strings",
    [
        [f"{'AB'[each % 2]}{rest}" for each, rest in enumerate(drawn(string.ascii_uppercase, 9))],
        drawn(string.digits, 10),
        [f"INV-{each:07d}" for each in range(N)],
        drawn("ACGT", 30),
        drawn(string.ascii_lowercase, 5),
    ],
)
def test_strings_with_a_place_that_is_not_by_lot_may_say_something(strings):
    assert not say_nothing(strings)


@pytest.mark.parametrize(
    ("strings", "expected"),
    [
        (["".join(RNG.choice(WORDS, 4)) for _ in range(N)], True),
        (["-".join(RNG.choice(WORDS, RNG.integers(3, 6))) for _ in range(N)], True),
        (drawn("ACGT", 40), True),
        (drawn(string.ascii_lowercase, 20), False),
        ([f"ORDER-{each:06d}-EUROPE" for each in range(N)], False),
        (["".join(RNG.choice(WORDS, 1)) + str(each) for each in range(N)], False),
    ],
)
def test_texts_without_spaces_are_told_by_words_and_runs_that_recur(strings, expected):
    assert are_texts(strings) is expected


def test_codes_of_equal_length_are_read_at_their_letters_and_others_at_their_ends():
    rng = np.random.default_rng(0)
    alike = [f"{rng.choice(list('AB'))}-{rng.integers(10, 99)}-{rng.choice(list('XYZ'))}" for _ in range(N)]
    assert choose_parts(alike) == ("piece 1", "piece 2", "piece 3", "sign 1", "sign 6")
    names = ["ann", "bobby", "eve", "maria"] * 10
    assert choose_parts(names) == ("first 1", "first 2", "first 3", "last 1", "last 2", "last 3", "length")


def test_parts_of_codes_are_missing_where_a_string_is_too_short():
    assert [take_code("piece", "a-b", place) for place in (1, 2, 3)] == ["a", "b", None]
    assert [take_code("sign", " ab", place) for place in (1, 2, 3)] == ["a", "b", None]
    assert (take_code("first", "abcd", 2), take_code("last", "abcd", 3), take_code("last", "ab", 2)) == (
        "ab",
        "bcd",
        None,
    )


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(max_size=20), min_size=1, max_size=40))
def test_no_strings_break_it(strings):
    say_nothing(strings)
    are_texts(strings)
    for part in choose_parts(strings):
        word, _, place = part.rpartition(" ")
        for text in strings:
            take_code(word or part, text, int(place) if word else 1)
            pieces_of(text)


def test_names_and_titles_of_two_words_are_texts_where_some_words_recur():
    titles = [f"{RNG.choice(['the', 'a', 'my'])} {word}" for word in drawn(string.ascii_lowercase, 9)]
    assert are_texts(titles)
    assert not are_texts([f"{first} {last}" for first, last in zip(titles, drawn(string.digits, 30), strict=True)])
