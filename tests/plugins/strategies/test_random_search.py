"""Random search draws evenly and learns nothing."""

from collections import Counter

from tests.plugins.strategies.walks import built, walk


def test_the_first_configuration_of_each_model_comes_first_in_the_order_of_names():
    first = walk(built("random"), 4)
    assert [(each.model, dict(each.params)) for each in first] == [
        ("fixed", {}),
        ("lightgbm", {"x": 1.0, "n": 1, "c": "a"}),
        ("linear", {"x": 1.0, "n": 2, "c": "a"}),
        ("own", {"x": 3.0}),
    ]


def test_models_with_a_space_are_drawn_equally_often_whatever_their_results():
    drawn = walk(built("random"), 604, lambda each: 0.0 if each.model == "own" else 9.0)[4:]
    counts = Counter(each.model for each in drawn)
    assert set(counts) == {"lightgbm", "linear", "own"}
    assert min(counts.values()) > 160
    assert {each.origin for each in drawn} == {"random"}
