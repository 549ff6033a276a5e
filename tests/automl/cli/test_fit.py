"""`automl fit`: the score with its interval, the candidates, and a saved model."""

import numpy as np
import pandas as pd

from automl.cli.fit import target_of
from tests.automl.cli.running import BY_COUNT, run


def test_fit_prints_the_score_with_its_interval_and_the_candidates_and_saves(fitted):
    output, printed = fitted
    assert "roc_auc 0.9" in printed
    assert "95 % interval" in printed
    assert "linear" in printed
    assert str(output) in printed.replace("\n", "")
    assert (output / "manifest.json").is_file()


def test_one_file_is_saved_inspected_and_predicted_with(tables, tmp_path):
    model = tmp_path / "model.automl"
    run("fit", tables[0], "--target", "ill", "-o", model, *BY_COUNT)
    assert model.is_file()
    assert "linear" in run("inspect", model)
    run("predict", model, tables[1], "-o", tmp_path / "out.csv")
    assert len(pd.read_csv(tmp_path / "out.csv")) == 100


def test_several_targets_are_named_with_commas_or_one_by_one_and_predicted_as_columns(tmp_path):
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"x": rng.normal(size=60), "z": rng.normal(size=60)})
    table = table.assign(a=(table.x > 0).astype(int), b=np.where(table.z > 0, "up", "down"), c=["p", "q", "r"] * 20)
    table.to_csv(tmp_path / "train.csv", index=False)
    run("fit", tmp_path / "train.csv", "--target", "a,b", "-o", tmp_path / "one.automl", *BY_COUNT)
    run("predict", tmp_path / "one.automl", tmp_path / "train.csv", "-o", tmp_path / "out.csv")
    found = pd.read_csv(tmp_path / "out.csv")
    assert found.columns.tolist() == ["a", "b"]
    assert set(found["b"]) == {"up", "down"}
    assert "a, b" in run("inspect", tmp_path / "one.automl")
    twice = ("--target", "b", "--target", "c")
    run("fit", tmp_path / "train.csv", *twice, "-o", tmp_path / "two.automl", *BY_COUNT)
    run("predict", tmp_path / "two.automl", tmp_path / "train.csv", "--probabilities", "-o", tmp_path / "out.csv")
    assert pd.read_csv(tmp_path / "out.csv").columns.tolist() == ["b=down", "b=up", "c=p", "c=q", "c=r"]


def test_a_column_whose_name_has_a_comma_is_one_target(tmp_path):
    pd.DataFrame({"x": [1, 2], "a,b": [0, 1], "a": [0, 1], "b": [0, 1]}).to_csv(tmp_path / "train.csv", index=False)
    assert target_of(tmp_path / "train.csv", ["a,b"]) == "a,b"
    assert target_of(tmp_path / "train.csv", ["a, x"]) == ["a", "x"]
    assert target_of(tmp_path / "train.csv", ["a", "b"]) == ["a", "b"]
