"""The F1 of spans is that of seqeval, sentence by sentence, for every scheme."""

import warnings

import numpy as np
import pytest

from automl_builtins.metrics.tags import span_f1, span_precision, span_recall

SCHEMES = {
    "IOB2": ["O", "B-X", "I-X", "B-Y", "I-Y"],
    "IOBES": ["O", "B-X", "I-X", "E-X", "S-X", "B-Y", "E-Y"],
    "BILOU": ["O", "B-X", "I-X", "L-X", "U-X", "U-Y", "B-Y", "L-Y"],
}


def of_seqeval(name, scheme, target, labels, groups):
    metrics, schemes = pytest.importorskip("seqeval.metrics"), pytest.importorskip("seqeval.scheme")
    parted = [[values[groups == group].tolist() for group in np.unique(groups)] for values in (target, labels)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return getattr(metrics, name)(*parted, mode="strict", scheme=getattr(schemes, scheme))


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("agreement", [0.0, 0.7])
def test_spans_are_counted_as_seqeval_counts_them(scheme, agreement):
    rng = np.random.default_rng(len(scheme))
    tags = np.array(SCHEMES[scheme], dtype=object)
    for _ in range(4):
        groups = np.sort(rng.integers(0, 30, 300))
        target, other = rng.choice(tags, 300), rng.choice(tags, 300)
        labels = np.where(rng.random(300) < agreement, target, other)
        for name, score in (("f1_score", span_f1), ("precision_score", span_precision), ("recall_score", span_recall)):
            wanted = of_seqeval(name, scheme, target, labels, groups)
            assert score(target, labels, None, groups) == pytest.approx(wanted, abs=1e-12), name


def words(text):
    return np.array(text.split(), dtype=object)


def test_a_span_is_right_as_a_whole_or_not_at_all():
    target, groups = words("B-X I-X O B-Y"), np.zeros(4)
    assert span_f1(target, target, None, groups) == 1.0
    assert span_f1(target, words("B-X O O B-Y"), None, groups) == 0.5
    assert span_f1(target, words("B-Y I-Y O B-Y"), None, groups) == 0.5
    assert span_f1(target, words("O O O O"), None, groups) == 0.0
    assert span_f1(words("O O"), words("O O"), None, np.zeros(2)) == 1.0


def test_rows_of_a_sentence_may_stand_anywhere():
    target, labels, groups = words("B-X O I-X O"), words("B-X O O O"), np.array([1, 0, 1, 0])
    assert span_f1(target, target, None, groups) == 1.0
    assert span_f1(target, labels, None, groups) == 0.0


def test_a_span_weighs_what_its_rows_do():
    target, labels = words("B-X I-X O B-Y"), words("B-X I-X O O")
    weights, groups = np.array([1.0, 3.0, 1.0, 2.0]), np.zeros(4)
    assert span_recall(target, labels, weights, groups) == 0.5
    assert span_precision(target, labels, weights, groups) == 1.0


def test_tags_without_a_scheme_count_by_runs():
    assert span_f1(words("A A B"), words("A A A"), None, np.zeros(3)) == 0.0
    assert span_f1(words("A A B B"), words("A A B A"), None, np.zeros(4)) == pytest.approx(2 / 5)
