"""`automl demo`: the whole road on a real table."""

import pandas as pd
import pytest

from automl import AutoML
from automl.cli.demo import TARGET, write_example
from tests.automl.cli.running import run


def test_the_example_keeps_every_row_once_and_the_share_of_the_classes(tmp_path):
    train, test = (pd.read_csv(path) for path in write_example(tmp_path))
    assert len(train) + len(test) == 1797
    shares = [part[TARGET].value_counts(normalize=True) for part in (train, test)]
    assert (shares[0] - shares[1]).abs().max() < 0.01


@pytest.mark.slow
def test_demo_writes_its_files_and_shows_promised_and_measured_scores(tmp_path, monkeypatch):
    monkeypatch.setitem(AutoML.__init__.__kwdefaults__, "executor", "process_slots")
    printed = run("demo", "--time-limit", "4", "--quiet", "-o", tmp_path)
    assert "promised     log_loss" in printed
    assert "measured     log_loss" in printed
    predictions = pd.read_csv(tmp_path / "predictions.csv")
    assert list(predictions.columns) == [str(digit) for digit in range(10)]
    assert len(predictions) == len(pd.read_csv(tmp_path / "test.csv"))
