"""`automl fit`: the score with its interval, the candidates, and a saved model."""

import pandas as pd

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
