"""The linear model of text in a search."""

import numpy as np
import pandas as pd

from automl_builtins.models import linear
from tests.conftest import quick
from tests.tables import binary_table

GOOD, BAD = ("fine", "bright", "warm", "clever"), ("dull", "cold", "flat", "long")
FILLER = ("film", "plot", "scene", "actor", "music", "story", "night", "crowd")


def reviews(n_rows=160, seed=0):
    rng = np.random.default_rng(seed)
    liked = rng.random(n_rows) < 0.5
    texts = [
        " ".join(rng.permutation([*rng.choice(FILLER, 25), *rng.choice(GOOD if each else BAD, 2)])) for each in liked
    ]
    return pd.DataFrame({"review": texts, "liked": np.where(liked, "yes", "no")})


def test_a_table_of_nothing_but_text_is_learned_by_it_first():
    model = quick(max_trials=2, models=["text_linear"]).fit(reviews(), "liked")
    assert model.leaderboard().iloc[0]["model"] == "text_linear"
    assert model.score_ > 0.85  # roc_auc; of a hundred words one or two tell
    assert set(model.predict(pd.DataFrame({"review": ["", None, "x" * 100_000, "\U0001f600 été 日本"]}))) <= {
        "yes",
        "no",
    }


def test_without_text_it_is_listed_with_the_reason():
    model = quick(max_trials=2, models=["linear", "text_linear"]).fit(binary_table(80).drop(columns="note"), "bought")
    causes = model.failures().set_index("model")["cause"]
    assert causes["text_linear"] == "not run: it needs a column of the kind text"


def test_many_classes_of_many_texts_are_told_apart_by_support_vectors(monkeypatch):
    monkeypatch.setattr(linear, "FEW_CLASSES", 2)
    names = [f"word{number}" for number in range(12)]
    texts = [f"{name} and {other} and {other}" for name in names for other in FILLER]
    table = pd.DataFrame({"text": texts, "name": np.repeat(names, len(FILLER))})
    model = quick(max_trials=1, models=["text_linear"]).fit(table, "name")
    assert "support_vectors" in str(model.leaderboard().iloc[0]["params"])
    found = model.predict_proba(table)
    np.testing.assert_allclose(found.sum(axis=1), 1.0)
    assert (model.predict(table) == table["name"]).mean() > 0.95
    assert found.max(axis=1).mean() > 0.4
