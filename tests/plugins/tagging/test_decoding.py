"""Of the tags that a scheme allows, those of the largest product are decided, in each sentence by itself."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl_builtins.tagging.decoding import decoded
from automl_builtins.tagging.schemes import by_group, count_stray, scheme_of

IOB2 = scheme_of(("B-X", "B-Y", "I-X", "I-Y", "O"))
IOBES = scheme_of(("B-X", "E-X", "I-X", "O", "S-X"))


def best_of_all(outputs, scheme):
    """Return the best labels of one sentence, by trying all."""
    follows, border = scheme.follows(), len(scheme.parts)
    allowed = [
        each
        for each in product(range(border), repeat=len(outputs))
        if all(follows[a, b] for a, b in zip((border, *each), (*each, border), strict=True))
    ]
    return max(allowed, key=lambda each: np.log(outputs[range(len(each)), each]).sum())


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), scheme=st.sampled_from([IOB2, IOBES]))
def test_each_sentence_gets_the_best_labels_that_are_allowed(seed, scheme):
    rng = np.random.default_rng(seed)
    groups = np.sort(rng.integers(0, 4, 9))
    outputs = rng.dirichlet(np.full(5, 0.4), len(groups)) + 1e-6
    found = decoded(outputs, scheme, groups)
    for group in np.unique(groups):
        rows = groups == group
        assert tuple(found[rows]) == best_of_all(outputs[rows], scheme)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_what_a_row_is_multiplied_by_and_where_it_stands_among_others_is_no_matter(seed):
    rng = np.random.default_rng(seed)
    groups = rng.integers(0, 3, 12)
    outputs = rng.dirichlet(np.ones(5), 12)
    found = decoded(outputs, IOB2, groups)
    assert (decoded(outputs * rng.uniform(0.5, 2.0, (12, 1)), IOB2, groups) == found).all()
    apart = np.argsort(groups, kind="stable")
    assert (decoded(outputs[apart], IOB2, groups[apart]) == found[apart]).all()
    order, is_first = by_group(groups)
    assert count_stray(found[order], IOB2, is_first) == 0


def test_tags_without_a_scheme_are_the_likeliest():
    outputs = np.random.default_rng(0).dirichlet(np.ones(3), 6)
    assert (decoded(outputs, scheme_of(("DET", "NOUN", "VERB")), np.zeros(6)) == outputs.argmax(axis=1)).all()


@pytest.mark.parametrize("scheme", [IOB2, IOBES])
def test_certain_but_forbidden_tags_give_way(scheme):
    outputs = np.eye(5)[[2, 2]]
    _, is_first = by_group(np.zeros(2))
    assert count_stray(decoded(outputs, scheme, np.zeros(2)), scheme, is_first) == 0
