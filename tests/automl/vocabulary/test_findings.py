"""What was noticed about a table comes back from a saved model."""

import pytest

from automl.vocabulary.findings import Finding, Severity
from tests.automl.vocabulary.saved import saved_and_loaded


@pytest.mark.parametrize("severity", list(Severity))
def test_a_finding_comes_back_from_a_saved_model(severity):
    finding = Finding(severity, "leak", "age", "it tells all", "kept", "Drop it.")
    found = saved_and_loaded(finding)
    assert found == finding
    assert found.severity is severity
