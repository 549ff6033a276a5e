"""Libraries that only a report needs."""

import pytest

from automl.errors import MissingLibraryError
from automl.reporting.libraries import need


def test_a_library_that_is_missing_is_named_with_how_to_get_it():
    with pytest.raises(
        MissingLibraryError, match=r"A report needs no_such_module, .* pip install 'ensemble-automl\[report\]'"
    ):
        need("A report", "report", "no_such_module")
