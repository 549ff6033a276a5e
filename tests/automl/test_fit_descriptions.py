"""A model of texts that describe classes predicts, is scored, saved and loaded as any other, and can then be fitted."""

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from automl import AutoML, AutoMLClassifier, AutoMLRegressor
from automl.cli import app
from automl.errors import InputError, OptionError
from tests.conftest import quick
from tests.plugins.models.texts import BAD, GOOD, TINY_BERT, sentences

TEXTS = {"good": list(GOOD), "bad": " ".join(BAD)}


@pytest.fixture(autouse=True)
def _tiny_network(monkeypatch):
    monkeypatch.setenv("AUTOML_TEXT_WEIGHTS", str(TINY_BERT))


@pytest.fixture(scope="module")
def described():
    pytest.importorskip("transformers")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOML_TEXT_WEIGHTS", str(TINY_BERT))
        return AutoML.zero_shot(TEXTS, text="film", target="liked", n_jobs=1)


@pytest.fixture(scope="module")
def films():
    texts, kinds = sentences(60)
    return pd.DataFrame({"film": texts, "liked": np.array(["bad", "good"])[kinds]})


def test_it_predicts_the_class_whose_texts_are_nearest(described):
    words = pd.DataFrame({"film": ["fine", "clever", "dull cold long flat"]})
    assert described.classes_.tolist() == ["bad", "good"]
    assert described.predict(words).tolist() == ["good", "good", "bad"]
    shares = described.predict_proba(words)
    assert shares.shape == (3, 2)
    np.testing.assert_allclose(shares.sum(axis=1), 1.0)
    assert described.predict(words[:0]).shape == (0,)


def test_the_network_that_the_user_names_goes_before_a_packaged_one(described):
    assert described.leaderboard()["params"][0]["weights"] == str(TINY_BERT)


def test_saved_and_loaded_it_predicts_the_same(described, films, tmp_path):
    loaded = AutoML.load(described.save(tmp_path / "model.automl"))
    np.testing.assert_array_equal(loaded.predict_proba(films), described.predict_proba(films))
    assert loaded.label_texts == TEXTS
    films[["film"]].to_csv(tmp_path / "films.csv", index=False)
    out = tmp_path / "out.csv"
    done = CliRunner().invoke(
        app, ["predict", str(tmp_path / "model.automl"), str(tmp_path / "films.csv"), "-o", str(out)]
    )
    assert done.exit_code == 0, done.output
    assert set(pd.read_csv(out).iloc[:, -1]) <= {"good", "bad"}


def test_its_score_is_unknown_until_rows_tell(described, films):
    assert np.isnan(described.score_)
    assert "no row was learned from" in described.notes_[0]
    assert 0.0 <= described.evaluate(films, metrics="accuracy")["accuracy"] <= 1.0
    assert described.check(films)["verdict"].tolist() == ["ok"]
    assert "roc\\_auc is not known" in described.card()
    assert "roc_auc not known, as there were no rows" in described._repr_html_()
    with pytest.raises(InputError, match="kept nothing to make sets from: it was made without rows"):
        described.predict_set(films)


def test_a_table_without_the_column_is_refused_by_name(described):
    with pytest.raises(InputError, match=r"lacks the columns.*film"):
        described.predict(pd.DataFrame({"review": ["fine"]}))


def test_it_can_then_be_fitted_on_rows_and_keeps_its_descriptions(films):
    pytest.importorskip("transformers")
    options = quick(models=["text_embeddings"], max_trials=1, cv=2).get_params()
    del options["label_texts"]
    model = AutoML.zero_shot(TEXTS, text="film", target="liked", **options).fit(films, "liked")
    assert model.task_.descriptions == ((" ".join(BAD),), GOOD)
    assert model.score_ > 0.5
    assert len(model.leaderboard()) == 1


@pytest.mark.parametrize("n_classes", [2, 3])
def test_one_row_of_each_described_class_is_learned_from(n_classes):
    pytest.importorskip("transformers")
    texts = {"good": list(GOOD), "bad": " ".join(BAD), "other": "the a film was"}
    rows = pd.DataFrame({"film": ["fine and clever", "dull and cold", "the film was"], "liked": list(texts)})
    wanted = dict(list(texts.items())[:n_classes])
    model = quick(models=["text_embeddings", "baseline"], max_trials=2, cv=None, label_texts=wanted)
    model.fit(rows[:n_classes], "liked")
    assert model.schema_.columns[0].kind.value == "text"
    assert set(model.leaderboard()["model"]) == {"text_embeddings", "baseline"}
    assert set(model.leaderboard()["status"]) == {"complete"}
    assert model.predict_proba(pd.DataFrame({"film": ["clever fine", "cold dull"]})).shape == (2, n_classes)


def test_labels_that_are_numbers_are_classes():
    pytest.importorskip("transformers")
    stars = {number: f"{word} film" for number, word in enumerate(("dull", "long", "fine"), 1)}
    model = AutoMLClassifier.zero_shot(stars, text="film", n_jobs=1)
    assert model.predict(pd.DataFrame({"film": ["fine film"]})).tolist() == [3]


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({}, "descriptions of 0 classes; expected two at least"),
        ({"good": "fine"}, "descriptions of 1 classes"),
        ({"good": "fine", "bad": " "}, "' ' for the label 'bad'"),
        ({"good": "fine", "bad": []}, r"\[\] for the label 'bad'"),
        ({"good": "fine", "bad": None}, "None for the label 'bad'"),
        (["good", "bad"], "expected a text, or several, for each label"),
    ],
    ids=str,
)
def test_descriptions_that_say_nothing_are_refused(texts, said):
    with pytest.raises(OptionError, match=said):
        AutoML.zero_shot(texts, text="film")


def test_a_text_of_two_labels_is_refused():
    with pytest.raises(OptionError, match=r"the text 'same' for both 'a' and 'b'; expected texts that tell"):
        AutoML.zero_shot({"a": ["one", "same"], "b": "same"}, text="film")


def test_columns_and_tasks_that_cannot_be_are_refused():
    with pytest.raises(InputError, match="'film' as text and as target"):
        AutoML.zero_shot(TEXTS, text="film", target="film")
    with pytest.raises(InputError, match="text=None"):
        AutoML.zero_shot(TEXTS, text=None)
    with pytest.raises(OptionError, match="a regression task has none"):
        AutoMLRegressor.zero_shot({1: "one", 2: "two"}, text="film")


def test_without_a_network_it_is_said_how_to_get_one(monkeypatch):
    monkeypatch.delenv("AUTOML_TEXT_WEIGHTS")
    monkeypatch.setenv("AUTOML_DISABLE_PLUGINS", "minilm")
    with pytest.raises(OptionError, match="no pretrained weights for text are at hand; set AUTOML_TEXT_WEIGHTS"):
        AutoML.zero_shot(TEXTS, text="film")
    monkeypatch.setenv("AUTOML_TEXT_WEIGHTS", "/no/such/folder")
    with pytest.raises(OptionError, match=r"put config\.json and model"):
        AutoML.zero_shot(TEXTS, text="film")
    with pytest.raises(OptionError, match="text_embeddings: the options models and exclude leave it out"):
        AutoML.zero_shot(TEXTS, text="film", models=["linear"])
