"""A short form of every search that an example asks for: the engine runs for real, on few candidates."""

import pytest

from automl import fit_table
from automl.steps.plan.parse_settings import parse_settings
from tests.docs.pages import write_tables

QUICK = {"time_limit": None, "max_trials": 2, "n_jobs": 1, "verbose": 0, "executor": "in_process"}


def quick_settings(options):
    """Check the options as they are, then end by count, in this process."""
    asked = parse_settings(options)
    folds = options["cv"] if asked.cv is not None else 2
    models = options["models"] or ["linear", "lightgbm"]
    return parse_settings({**options, **QUICK, "cv": folds, "models": models})


@pytest.fixture
def quick_folder(tmp_path, monkeypatch):
    """A folder with the tables of the examples, the current one; searches end after a second or so."""
    write_tables(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(fit_table, "parse_settings", quick_settings)
    return tmp_path
