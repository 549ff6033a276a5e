"""What is installed works together: every model that can run here, the command line, worker processes, saving.

`make test-lowest` and `make test-newest` run this beside other quick tests, with the lowest and the newest versions.
"""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from automl import AutoML
from automl.steps.plan.find_missing import what_is_missing
from tests.tables import binary_table, regression_table
from tests.versions.lowest import lowest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.long
OF_TORCH = ["bert", "resnet", "text_embeddings", "text_contrast"]


@pytest.mark.filterwarnings("default")  # versions far apart announce what they will change in each other
@pytest.mark.parametrize(("table", "target"), [(binary_table, "bought"), (regression_table, "spent")])
def test_every_model_that_is_installed_fits_predicts_and_is_saved(table, target, tmp_path):
    rows = table(100)
    options = {"cv": 2, "n_jobs": 1, "verbose": 0, "executor": "in_process", "exclude": OF_TORCH}
    model = AutoML(None, max_trials=10, **options).fit(rows, target)
    broken = model.failures().query("traceback != ''")
    assert list(zip(broken["model"], broken["cause"], strict=True)) == []
    again = AutoML.load(model.save(tmp_path / "model.automl"))
    np.testing.assert_array_equal(again.predict(rows), model.predict(rows))


@pytest.mark.filterwarnings("default")
def test_lightgbm_shares_bins_between_candidates_with_other_categories():
    model = AutoML(None, max_trials=4, cv=2, n_jobs=1, verbose=0, executor="in_process", models=["lightgbm"])
    assert list(model.fit(binary_table(100), "bought").failures()["cause"]) == []


def test_the_command_line_fits_in_worker_processes_and_predicts(tmp_path):
    binary_table(80).to_csv(tmp_path / "t.csv", index=False)

    def run(*arguments):
        done = subprocess.run(
            [sys.executable, "-m", "automl", *arguments], capture_output=True, text=True, cwd=tmp_path, timeout=120,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "plugins")])},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert run("--version").startswith("automl ")
    search = ("--max-trials", "2", "--time-limit", "none", "--models", "linear", "--cv", "2", "--jobs", "1")
    assert "linear" in run("fit", "t.csv", "--target", "bought", *search, "-o", "m.automl")
    run("predict", "m.automl", "t.csv", "-o", "p.csv")
    assert len((tmp_path / "p.csv").read_text().splitlines()) == 81


def test_the_lowest_versions_are_those_of_the_requirements():
    project = {
        "dependencies": ["numpy>=1.26", "typer>=0.16"],
        "optional-dependencies": {"x": ["xgboost>=2.1.1; sys_platform == 'darwin'"]},
    }
    assert list(lowest(project, ["x"])) == ["numpy==1.26", "typer==0.16", "xgboost==2.1.1; sys_platform == 'darwin'"]
    with pytest.raises(SystemExit, match="expected NAME>=VERSION"):
        list(lowest({**project, "dependencies": ["numpy~=1.26"]}, []))


def test_what_is_not_installed_is_told_with_the_command_that_brings_it():
    class Wants:
        requires, install = ("no_such_module",), "pip install it"

    assert what_is_missing(Wants) == "no_such_module is not installed; run: pip install it"
