"""Errors help: they are of the kind that callers expect, and name what was probably meant."""

from __future__ import annotations

import pytest

from automl import errors
from automl.errors import error_line, unknown_name


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


def test_a_stack_of_compiled_code_and_its_place_are_no_part_of_a_cause():
    text = (
        "[21:12:33] /workspace/src/data/data.cc:568: Check failed: valid: Label contains NaN.\nStack trace:\n"
        "  [bt] (0) libxgboost.so(+0x11031e) [0x7fbe2d11031e]\n"
    )
    assert error_line(ValueError(text)) == "ValueError: Check failed: valid: Label contains NaN."
    assert error_line(ValueError("[a] two\nlines")) == "ValueError: [a] two\nlines"
