from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from automl.plugin_api import Column, ColumnKind
from automl_builtins.preprocessors._cut_words import cut_by_script, cutter_of, find_cut
from automl_builtins.preprocessors._text_statistics import CHUNK_ROWS, STATISTICS, text_statistics
from automl_builtins.preprocessors._word_terms import WordTerms
from tests.plugins.preprocessors.tables import dense, fitted, names_of

REVIEW = Column("review", ColumnKind.TEXT)
WORDS = st.sampled_from(["a", "ab", "Ab", "cd", "été", "x_1", "42", "--", "привет", "\n"])
TEXTS = st.lists(st.lists(WORDS, max_size=8).map(" ".join), min_size=1, max_size=12)


def reviews(texts, dtype=object):
    return pd.DataFrame({"review": pd.array(list(texts), dtype=dtype)})


def statistics(text):
    return dict(zip((name for name, _ in STATISTICS), text_statistics([text])[0].tolist(), strict=True))


@pytest.mark.parametrize("pairs", [False, True])
@settings(max_examples=50, deadline=None)
@given(texts=TEXTS, others=TEXTS, min_rows=st.integers(1, 2))
def test_word_terms_weigh_as_scikit_learn_does(pairs, texts, others, min_rows):
    from sklearn.feature_extraction.text import TfidfVectorizer

    assume("runs" not in find_cut(texts, pairs))  # texts of single long words are no words to scikit-learn either
    terms = WordTerms(pairs, 1000)
    found = terms.fit_transform(texts, min_rows)
    theirs = TfidfVectorizer(ngram_range=(1, 2 if pairs else 1), min_df=min_rows, sublinear_tf=True)
    try:
        expected = theirs.fit_transform(texts).toarray()
    except ValueError:  # its word for "no terms"
        assert found.shape == (len(texts), 0)
        return
    names = theirs.get_feature_names_out()
    order = sorted(range(len(names)), key=lambda i: (names[i].count(" "), names[i].split(" ")))
    np.testing.assert_allclose(found.toarray(), expected[:, order], atol=1e-6)
    np.testing.assert_allclose(
        terms.transform(others).toarray(), theirs.transform(others).toarray()[:, order], atol=1e-6
    )


@pytest.mark.parametrize(
    ("words", "joint"),
    [
        (["很好", "满意", "太差", "失望", "价格", "快递", "包装"], ""),
        (["とても", "良い", "悪い", "価格", "品質"], ""),
        (["ราคา", "ถูก", "สินค้า", "แย่", "ส่งเร็ว"], ""),
        (["좋은", "나쁜", "상품", "배송", "가격", "빠른"], ""),
        (["ល្អ", "អាក្រក់", "តម្លៃ", "លឿន"], ""),
        (["shirt", "cotton", "silver", "garden"], ""),
        (["shirt", "cotton", "silver", "garden"], "-"),
    ],
)
@pytest.mark.parametrize("pairs", [False, True])
def test_words_are_found_where_no_spaces_stand_between_them(words, joint, pairs):
    rng = np.random.default_rng(0)
    there = rng.random((300, len(words))) < 0.5
    texts = [joint.join(rng.permutation([w for w, is_in in zip(words, row, strict=True) if is_in])) for row in there]
    terms = WordTerms(pairs, 10_000)
    found = terms.fit_transform(texts, 2).toarray() > 0
    for place in range(len(words)):
        agreement = (found == there[:, [place]]).mean(axis=0).max()
        assert agreement > 0.9
    np.testing.assert_array_equal(terms.transform(texts).toarray() > 0, found)


def test_words_of_both_kinds_stand_side_by_side():
    assert cut_by_script("Die 价格 von naïven 东 Leuten", both=True) == [
        "die",
        "价",
        "格",
        "价格",
        "von",
        "naïven",
        "东",
        "leuten",
    ]
    assert cut_by_script("Die 价格", both=False) == ["die", "价", "格"]


@settings(max_examples=50, deadline=None)
@given(texts=st.lists(st.text(max_size=30), min_size=1, max_size=8), both=st.booleans())
def test_any_text_is_cut_and_each_alone_as_among_others(texts, both):
    cut = cutter_of(find_cut(texts, both))
    terms = WordTerms(both, 1000)
    whole = terms.fit_transform(texts, 1).toarray()
    for text, row in zip(texts, whole, strict=True):
        assert all(word == word.lower() for word in cut(text))
        np.testing.assert_allclose(terms.transform([text]).toarray()[0], row, atol=1e-6)


def test_word_terms_keep_the_most_frequent():
    terms = WordTerms(True, 2)
    found = terms.fit_transform(["red wine", "red wine", "red car"], 1)
    assert found.shape == (3, 2)
    np.testing.assert_array_equal(found.toarray() > 0, [[True, True], [True, True], [True, False]])
    np.testing.assert_allclose(terms.transform(["red wine"]).toarray(), found.toarray()[:1])


def test_word_terms_do_not_depend_on_the_order_of_rows():
    texts = ["b a c", "zz yy", "aa bb aa", "yy aa"]
    first = WordTerms(True, 6).fit_transform(texts, 1).toarray()
    np.testing.assert_allclose(WordTerms(True, 6).fit_transform(texts[::-1], 1).toarray()[::-1], first, atol=1e-6)


def test_words_that_only_other_rows_have_count_nothing():
    made, _ = fitted("tfidf", reviews(["good film", "bad film"]), (REVIEW,))
    assert made.transform(reviews(["splendid"])).nnz == 0


def test_words_of_a_single_row_are_left_out_of_a_larger_table():
    texts = [f"film unique{i}" for i in range(60)]
    made, _ = fitted("tfidf", reviews(texts), (REVIEW,))
    assert names_of(made) == ["review.tfidf_0"]


def test_a_larger_table_without_any_repeated_word_keeps_single_ones():
    made, _ = fitted("tfidf", reviews([f"unique{i}" for i in range(60)]), (REVIEW,))
    assert len(names_of(made)) == 60


@pytest.mark.parametrize("name", ["tfidf", "words_and_characters"])
@pytest.mark.parametrize("texts", [["", "", ""], ["a", ".", ""], [" "]])
def test_texts_without_a_word_give_a_column(texts, name):
    made, features = fitted(name, reviews(texts), (REVIEW,))
    assert features.shape[1] == len(names_of(made)) >= 1
    assert made.transform(reviews(["some words at last"])).shape == (1, features.shape[1])


def test_runs_of_characters_find_likeness_that_words_do_not():
    made, _ = fitted("words_and_characters", reviews(["splendid", "awful"]), (REVIEW,))
    near = dense(made.transform(reviews(["splendidly"])))
    likeness = dense(made.transform(reviews(["splendid", "awful"]))) @ near[0]
    assert likeness[0] > 0.5 > 0.1 > likeness[1]


@pytest.mark.parametrize("name", ["tfidf", "tfidf_svd"])
def test_both_text_types_of_pandas_are_taken_and_what_is_missing_is_empty(name):
    texts = ["good film", "bad film", ""]
    _, first = fitted(name, reviews(texts), (REVIEW,))
    _, second = fitted(name, reviews(texts, "str"), (REVIEW,))
    _, third = fitted(name, reviews(["good film", "bad film", None], "str"), (REVIEW,))
    np.testing.assert_array_equal(dense(first), dense(second))
    np.testing.assert_array_equal(dense(first), dense(third))


def test_the_reduced_form_has_no_more_components_than_words():
    made, _ = fitted("tfidf_svd", reviews(["good film", "bad film", "film"]), (REVIEW,))
    assert sum("svd" in name for name in names_of(made)) == 3
    made, _ = fitted("tfidf_svd", reviews([f"w{i} w{i + 1}" for i in range(40)]), (REVIEW,), components=5)
    assert sum("svd" in name for name in names_of(made)) == 5


def test_the_reduced_form_of_texts_without_words_is_what_can_be_counted():
    made, features = fitted("tfidf_svd", reviews(["", "!"]), (REVIEW,))
    assert names_of(made) == [f"review.{name}" for name, _ in STATISTICS]
    assert features["review.missing"].tolist() == [1, 0]


def test_of_a_text_that_says_nothing_hardly_anything_is_kept_and_of_one_that_does_all():
    rng = np.random.default_rng(0)
    words = [f"w{i}" for i in range(60)]
    drawn = [" ".join(rng.choice(words, size=6)) for _ in range(400)]
    told = [" ".join(rng.choice(words[:40] if i % 2 else words[20:], size=5 + 3 * (i % 2))) for i in range(400)]
    table = pd.DataFrame({"review": drawn, "note": told})
    made, features = fitted(
        "tfidf_svd", table, (REVIEW, Column("note", ColumnKind.TEXT)), target=np.arange(400) % 2, components=3
    )
    kept = names_of(made)
    assert [name for name in kept if name.startswith("note.")] == [
        *(f"note.svd_{k}" for k in range(3)),
        *(f"note.{name}" for name, _ in STATISTICS),
    ]
    assert 1 <= sum(name.startswith("review.") for name in kept) <= 2
    assert list(features.columns) == kept
    pd.testing.assert_frame_equal(made.transform(table), features)


def test_of_a_text_that_says_nothing_at_all_its_length_is_kept_and_no_words():
    texts = ["good film", "film good"] * 100
    made, features = fitted("tfidf_svd", reviews(texts), (REVIEW,), target=np.repeat([0, 1, 0, 1], 50))
    assert names_of(made) == ["review.log_length"]
    assert made._weighings == [None]
    pd.testing.assert_frame_equal(made.transform(reviews(texts)), features)


def test_the_reduced_form_that_an_earlier_version_saved_keeps_everything():
    made, features = fitted("tfidf_svd", reviews(["good film", "bad film", "film"]), (REVIEW,))
    del made.__dict__["_counts"]
    pd.testing.assert_frame_equal(made.transform(reviews(["good film", "bad film", "film"])), features)


def test_the_reduced_form_keeps_like_texts_together():
    rng = np.random.default_rng(0)
    topics = (["red", "wine", "grape", "glass"], ["fast", "car", "road", "wheel"])
    texts = [" ".join(rng.choice(topics[i % 2], size=6)) for i in range(48)]
    _, features = fitted("tfidf_svd", reviews(texts), (REVIEW,), components=2)
    points = features[["review.svd_0", "review.svd_1"]].to_numpy()
    points = points / np.linalg.norm(points, axis=1, keepdims=True)
    likeness = points @ points.T
    same = np.arange(48)[:, None] % 2 == np.arange(48) % 2
    assert likeness[same].mean() > likeness[~same].mean() + 0.5


def test_a_text_is_described_by_counts():
    found = statistics("AB c1! É日")
    assert found["log_length"] == pytest.approx(np.log(10))
    assert found["log_words"] == pytest.approx(np.log(4))
    assert found["word_length"] == pytest.approx(7 / 3)
    assert found["digits"] == pytest.approx(1 / 9)
    assert found["capitals"] == pytest.approx(3 / 9)
    assert found["punctuation"] == pytest.approx(1 / 9)
    assert found["missing"] == 0


def test_an_empty_text_has_nothing_but_its_absence():
    assert statistics("") == {name: float(name == "missing") for name, _ in STATISTICS}


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(st.sampled_from("aZ É٣5_!— \n日😀\ud800ǅ"), max_size=20), min_size=1, max_size=8))
def test_counts_are_right_for_any_characters(texts):
    found = text_statistics(texts)
    for text, row in zip(texts, found, strict=True):
        assert row[0] == pytest.approx(np.log1p(len(text)), rel=1e-5)
        upper = sum(each.isupper() for each in text if ord(each) < 0x3000)
        assert row[4] == pytest.approx(upper / max(len(text), 1), rel=1e-5)
    assert np.isfinite(found).all()


def test_many_texts_are_counted_like_few():
    texts = [f"{i} Text" for i in range(CHUNK_ROWS + 5)]
    np.testing.assert_array_equal(text_statistics(texts)[-5:], text_statistics(texts[-5:]))
