"""Reports of the fits that many tests share, each written once."""

import pytest

from tests.tables import binary_table


@pytest.fixture(scope="session")
def pages(classifier, regressor, three_classes, tmp_path_factory):
    """The report of each kind of task, as a file."""
    folder = tmp_path_factory.mktemp("reports")
    models = {"binary": classifier, "multiclass": three_classes, "regression": regressor}
    return {name: model.report(folder / f"{name}.html") for name, model in models.items()}


@pytest.fixture(scope="session")
def importance(classifier):
    """The importance of the columns of the table that was fitted."""
    return classifier.feature_importance(binary_table(), "bought", repeats=3)
