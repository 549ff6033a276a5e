"""Errors help: they are of the kind that callers expect, and name what was probably meant."""

from __future__ import annotations

import pytest

from automl import errors
from automl.errors import unknown_name


@pytest.mark.parametrize(
    ("error", "kind"), [("InputError", ValueError), ("OptionError", ValueError), ("NotFittedError", AttributeError)]
)
def test_errors_are_also_of_the_usual_kind(error, kind):
    assert issubclass(getattr(errors, error), kind)
    assert issubclass(getattr(errors, error), errors.AutoMLError)


def test_an_unknown_name_comes_with_the_nearest_and_with_all_known_ones():
    message = unknown_name("model", "linera", ["linear", "svm"])
    assert message == "Unknown model 'linera'. Did you mean 'linear'? Known: linear, svm."


def test_names_that_are_no_text_and_long_or_empty_lists_are_handled():
    assert unknown_name("column", 3, []) == "Unknown column 3. Known: none."
    assert unknown_name("column", "q", range(100)).endswith(", ....")
    assert "Did you mean" not in unknown_name("column", "q", ["amount"])
