"""Fits that several test modules look at, made once."""

import pytest

from automl import AutoML
from tests.tables import binary_table, multiclass_table, regression_table


def pytest_configure():
    """Draw fewer examples than hypothesis would by itself, and never judge one by the clock of a busy machine."""
    from hypothesis import settings  # not above: workers import this module, too

    settings.register_profile("quick", max_examples=40, deadline=None)
    settings.load_profile("quick")


def quick(**options):
    """An AutoML that ends by count, in this process, in about a second."""
    return AutoML(
        **{
            "time_limit": None,
            "max_trials": 4,
            "cv": 3,
            "n_jobs": 1,
            "verbose": 0,
            "models": ["baseline", "linear", "lightgbm"],
            "executor": "in_process",
            **options,
        }
    )


@pytest.fixture(scope="session")
def classifier():
    """A fitted binary AutoML; not to be changed."""
    return quick().fit(binary_table(), "bought")


@pytest.fixture(scope="session")
def regressor():
    """A fitted regression AutoML; not to be changed."""
    return quick().fit(regression_table(), "spent")


@pytest.fixture(scope="session")
def three_classes():
    """A fitted multiclass AutoML; not to be changed."""
    return quick().fit(multiclass_table(), "grade")
