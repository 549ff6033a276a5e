"""What the engine computes does not depend on how a program has NumPy treat its errors."""

import numpy as np
import pytest

from automl.vocabulary.arrays import with_usual_errors


@with_usual_errors
def underflow(factor, *, again=1):
    """Return a number too small to be told from none."""
    return np.float64(1e-300) * factor * again


def test_a_program_that_raises_on_underflow_means_its_own_arithmetic():
    with np.errstate(all="raise"):
        assert underflow(1e-300) == 0.0
        with pytest.raises(FloatingPointError):
            underflow.__wrapped__(1e-300)


def test_the_programs_own_setting_stands_again_afterwards_also_where_the_function_breaks():
    with np.errstate(under="raise", over="call"):
        before = np.geterr()
        underflow(0.5, again=2)
        with pytest.raises(TypeError):
            underflow("word", again=None)
        assert np.geterr() == before


def test_the_function_keeps_its_name_and_words():
    assert underflow.__name__ == "underflow"
    assert underflow.__doc__.startswith("Return a number")
