"""Each script in examples/ runs, with a search that is cut short, and comes to what it promises."""

import runpy
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).parents[2] / "examples"
SCRIPTS = sorted(FOLDER.glob("*.py"))


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_runs(path, quick_folder, capsys):
    model = runpy.run_path(str(path))["main"]()
    assert np.isfinite(model.score_)
    told = capsys.readouterr().out
    assert any(f"{model.score_:.{digits}f}" in told for digits in (2, 3, 4))


def test_the_splitter_keeps_a_month_between_training_and_validation():
    parts = runpy.run_path(str(FOLDER / "custom_splitter.py"))
    months = parts["sales"]()["day"].dt.month.to_numpy()
    folds = list(parts["MonthAfterMonth"](months).split(None))
    assert len(folds) == 5
    assert all(months[valid].min() - months[train].max() == 2 for train, valid in folds)


def test_the_metric_charges_more_for_what_is_missed():
    cost = runpy.run_path(str(FOLDER / "custom_metric.py"))["cost"]
    assert cost(["ill", "well"], ["well", "well"]) == 5.0
    assert cost(["ill", "well"], ["ill", "ill"]) == 0.5
