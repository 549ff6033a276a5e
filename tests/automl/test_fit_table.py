"""From options to the record of a fit, found by a search or in the folder where one has finished."""

import pytest

from automl import AutoML
from automl.errors import OptionError
from automl.fit_table import fit_table, tell_fit
from automl.table.take_table import Extras
from tests.competitions import binary
from tests.conftest import quick
from tests.tables import binary_table


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Options whose search has finished in a folder, and the model that it gave."""
    options = {"models": ["linear"], "max_trials": 1, "cv": 2, "path": str(tmp_path_factory.mktemp("run"))}
    model = quick(**options).fit(binary_table(60), "bought")
    return model.get_params(deep=False), model


def test_a_search_that_has_finished_is_loaded_with_a_note_and_without_its_outcome(finished):
    options, model = finished
    fit = fit_table(binary_table(60), "bought", Extras(), options, "AutoML")
    assert fit.outcome is None
    assert fit.fitted.score == model.score_
    assert fit.fitted.notes[-1].startswith("finished before")
    assert tell_fit(fit, fit.fitted) == []


def test_such_a_model_tells_of_itself_as_any_other(finished):
    options, _ = finished
    again = AutoML(**options).fit(binary_table(60), "bought")
    assert "Made with" in again.card()
    assert again.outcome_ is None


def test_such_a_model_cannot_compete_and_it_is_said_why(tmp_path):
    train, test, sample = binary(sample=0.5)
    model = quick(models=["linear"], max_trials=1, cv=2, path=str(tmp_path / "run"))
    model.compete(train, test, sample, tmp_path / "s.csv")
    with pytest.raises(OptionError, match=r"finished in the folder `path`.*Expected a new folder"):
        model.compete(train, test, sample, tmp_path / "s.csv")
