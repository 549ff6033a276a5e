"""Tags of words from the table to the saved model: sentences stay whole, and what is wrong with them is told."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from automl import AutoML
from automl.errors import InputError, OptionError
from automl.plugin_api import TaskKind, hookimpl
from tests.conftest import quick

NAMES, PLACES = ("Anna Lee", "Bob", "Carl May", "Dora"), ("Rome", "New York", "Oslo")
FRAMES = ("{} lives in {} .", "we met {} near {} today", "nobody saw {} in {}")


def sentences(count=40, seed=0):
    """Return words with their tags, a sentence after another."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(count):
        found = {"PER": rng.choice(NAMES), "LOC": rng.choice(PLACES)}
        tag_of = {
            word: f"{'I' if place else 'B'}-{kind}"
            for kind, name in found.items()
            for place, word in enumerate(name.split())
        }
        text = rng.choice(FRAMES).format(found["PER"], found["LOC"])
        rows += [(number, word, word.istitle(), tag_of.get(word, "O")) for word in text.split()]
    return pd.DataFrame(rows, columns=["sentence", "token", "title", "tag"])


OPTIONS = {"task": "token_classification", "cv": 2, "max_trials": 2, "models": ["crf"]}


@pytest.fixture(scope="module")
def fitted():
    return quick(**OPTIONS).fit(sentences(), "tag", groups="sentence")


def test_spans_are_found_and_scored_by_whole_sentences(fitted):
    assert fitted.metric_ == "span_f1"
    assert fitted.score_ > 0.9
    assert "groups kept whole" in fitted.outcome_.plan.description
    later = sentences(20, seed=1)
    found = fitted.evaluate(later)
    assert found["span_f1"] == fitted.score(later) > 0.9
    assert list(fitted.feature_names_in_) == ["token", "title"]


def test_a_sentence_is_tagged_alike_alone_among_others_and_wherever_its_rows_stand(fitted):
    later = sentences(12, seed=2)
    tags = fitted.predict(later)
    one = later[later["sentence"] == 5]
    assert (fitted.predict(one) == tags[later["sentence"] == 5]).all()
    apart = later.sort_values("token", kind="stable").sort_values("sentence", key=lambda each: -each, kind="stable")
    mixed = later.iloc[np.argsort(later.groupby("sentence").cumcount(), kind="stable")]
    assert (fitted.predict(mixed) == tags[mixed.index]).all()
    assert len(fitted.predict(apart)) == len(apart)
    np.testing.assert_allclose(fitted.predict_proba(mixed), fitted.predict_proba(later)[mixed.index])


def test_a_saved_model_tags_the_same_and_reports(fitted, tmp_path):
    later = sentences(10, seed=3)
    again = AutoML.load(fitted.save(tmp_path / "tags.automl"))
    assert (again.predict(later) == fitted.predict(later)).all()
    assert again.evaluate(later) == fitted.evaluate(later)
    assert set(again.check(later)["verdict"]) == {"ok"}
    weighed = again.feature_importance(later, repeats=1)
    assert weighed["feature"].iloc[0] == "token"
    assert [table[0] for table in again._fit.looked.facts["shown"]] == ["Spans by type", "How spans are missed"]


def test_what_predicts_needs_the_column_of_sentences(fitted):
    with pytest.raises(InputError, match=r"lacks the columns \['sentence'\].*which group each row is of"):
        fitted.predict(sentences(3).drop(columns="sentence"))
    with pytest.raises(InputError, match="rows without a group"):
        fitted.predict(sentences(3).assign(sentence=np.nan))


def test_sentences_are_asked_for_and_by_name():
    table = sentences(6)
    with pytest.raises(OptionError, match="Found no groups; expected them, as the task 'token_classification'"):
        quick(**OPTIONS).fit(table.drop(columns="sentence"), "tag")
    with pytest.raises(OptionError, match="Found groups as an array; expected the name of a column"):
        quick(**OPTIONS).fit(table.drop(columns="sentence"), "tag", groups=table["sentence"].to_numpy())


def test_words_without_a_tag_are_still_seen_by_those_beside_them():
    table = sentences(20)
    some = table.assign(tag=table["tag"].where(table["token"] != "in"))
    with pytest.warns(UserWarning, match="rows have no value of the target"):
        model = quick(**OPTIONS).fit(some, "tag", groups="sentence")
    assert set(model.outcome_.predictor.schema.given) == {"token", "title"}
    assert model.evaluate(table)["span_f1"] > 0.8


class TwoClassesAlone:
    """Offers the linear model as one that knows two classes alone."""

    @hookimpl
    def automl_models(self):
        from automl_builtins.models.linear import LINEAR

        return [replace(LINEAR, name="of_two", tasks=frozenset({TaskKind.BINARY}))]


def test_a_model_that_knows_two_classes_alone_takes_part_and_words_without_a_scheme_are_classes():
    table = sentences(12)
    table["tag"] = table["tag"].str[2:].replace("", "other")
    options = {**OPTIONS, "models": ["of_two"], "plugins": [TwoClassesAlone()], "max_trials": 1}
    model = quick(**options).fit(table, "tag", groups="sentence")
    assert model.metric_ == "accuracy"
    assert model.leaderboard()["model"].tolist() == ["of_two (as binary)"]
    assert model.score_ > 0.8


def test_files_of_words_are_fitted_and_predicted_by_their_paths(tmp_path):
    for name, table in (("train.conll", sentences(12)), ("test.conll", sentences(3, seed=4))):
        lines = [
            f"{row.token} {row.tag}" + "\n" * (following != row.sentence)
            for row, following in zip(table.itertuples(), [*table["sentence"].tolist()[1:], -1], strict=True)
        ]
        (tmp_path / name).write_text("\n".join(lines), encoding="utf-8")
    model = quick(**{**OPTIONS, "max_trials": 1}).fit(str(tmp_path / "train.conll"), "tag", groups="sentence")
    tags = model.predict(str(tmp_path / "test.conll"))
    assert len(tags) == len(sentences(3, seed=4))
    assert model.evaluate(str(tmp_path / "test.conll"))["span_f1"] > 0.5


def in_lists(table):
    """Return a row for each sentence, with lists of its words and of its tags."""
    return table.groupby("sentence", as_index=False).agg(tokens=("token", list), tags=("tag", list))[["tokens", "tags"]]


def test_sentences_as_lists_in_cells_are_learned_and_tagged_as_lists(tmp_path):
    train, later = in_lists(sentences()), in_lists(sentences(6, seed=5))
    model = quick(**{**OPTIONS, "max_trials": 1}).fit(train, "tags")
    assert model.metric_ == "span_f1"
    tags = model.predict(later)
    assert [len(each) for each in tags] == [len(each) for each in later["tokens"]]
    assert sum(found == real for found, real in zip(tags, later["tags"], strict=True)) >= 4
    shares = model.predict_proba(later)
    assert [each.shape for each in shares] == [(len(each), 5) for each in later["tokens"]]
    assert model.score(later) == model.evaluate(later)["span_f1"] == model.score(later[["tokens"]], later["tags"]) > 0.8
    assert model.score(later, sample_weight=[1.0] * 6) == model.score(later)
    assert [each.shape for each in model.predict_set(later)] == [each.shape for each in shares]
    assert set(model.check(later)["verdict"]) == {"ok"}
    assert model.feature_importance(later, repeats=1)["feature"].tolist() == ["tokens"]
    long = sentences(6, seed=5).rename(columns={"token": "tokens"})
    assert model.predict(long).tolist() == [tag for each in tags for tag in each]
    again = AutoML.load(model.save(tmp_path / "tags.automl"))
    assert again.predict({"tokens": [*later["tokens"], []]}).tolist() == [*tags.tolist(), []]
    later.to_parquet(tmp_path / "later.parquet")
    assert again.predict(tmp_path / "later.parquet").tolist() == tags.tolist()
    with pytest.raises(InputError, match="Row 1 of the column 'tokens' holds 'None'"):
        again.predict({"tokens": [["a"], None]})
    with pytest.raises(InputError, match="Found 2 lists of the target for 1 rows"):
        again.score(later[["tokens"]].iloc[:1], later["tags"].iloc[:2])
