"""The methods that tell of a fit ask for one, and keep what they have measured."""

import pytest

from automl import AutoML
from automl.errors import NotFittedError
from automl.reporting.methods import Reporter

NAMES = sorted(name for name in vars(Reporter) if name.startswith("plot_") and name != "plot_dependence")


@pytest.mark.parametrize("name", [*NAMES, "card", "report", "feature_importance"])
def test_an_unfitted_model_has_nothing_to_tell(name):
    with pytest.raises(NotFittedError, match="not fitted yet"):
        getattr(AutoML(), name)()


def test_what_a_report_has_measured_is_kept_for_cards_and_plots(classifier, pages):
    assert pages["binary"].exists()
    found = classifier._fit.explained
    assert found is not None
    assert "By how much worse" in classifier.card()
    again = classifier.report(pages["binary"].with_name("again.html"))
    assert again.exists()
    assert classifier._fit.explained is found
