"""What the checks of all kinds share tells a right object from one that breaks the contract."""

import time
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix

from automl.plugin_api import ModelSpec
from automl.testing import _shared
from automl.testing._shared import (
    check_spec_pickles,
    expect_close,
    expect_in_time,
    pickled_again,
    reversed_rows,
    run_python,
    same_values,
    stored_again,
    unchanged,
)

FRAME = pd.DataFrame({"a": [1.0, np.nan], "b": [1, 2]})


@dataclass(frozen=True)
class Renamed:
    """A spec that forgets its name on its way."""

    name: str = "own"

    def __reduce__(self):
        return Renamed, ("another",)


@pytest.mark.parametrize(
    ("spec", "told"),
    [(ModelSpec("own", lambda request: (_ for _ in ())), None), (Renamed(), "comes back .* with the name 'another'"),
     (ModelSpec("own", lambda request: None, install="x" * 2_000_000), "pickles to 2000"),
     (ModelSpec("own", (each for each in ())), "does not pickle: TypeError")],
    ids=["right", "renamed", "heavy", "a generator"],
)  # fmt: skip
def test_a_spec_travels_lightly_and_comes_back_as_it_was(spec, told):
    if told is None:
        check_spec_pickles(spec)
        return
    with pytest.raises(AssertionError, match=told):
        check_spec_pickles(spec)


def test_what_does_not_pickle_is_named():
    assert pickled_again([1], "learner") == [1]
    with pytest.raises(AssertionError, match="The learner does not pickle"):
        pickled_again((each for each in ()), "learner")


def test_what_only_pickle_can_save_is_told_with_what_can_be_kept_instead():
    spec = ModelSpec("own", run_python)
    assert stored_again({"weights": np.arange(3.0)}, spec)["weights"].tolist() == [0, 1, 2]
    with pytest.raises(AssertionError, match=r"trusted=True alone.*Keep numbers, text"):
        stored_again(lambda: None, spec)


def test_arrays_are_close_up_to_rounding_and_nothing_equals_nothing():
    expect_close([1.0, np.nan], [1.0 + 1e-8, np.nan], "Other.")
    expect_close([1e9], [1e9 + 1], "Other.")
    with pytest.raises(AssertionError, match=r"Other\. Largest difference: 0\.0909"):
        expect_close([1.0], [1.1], "Other.")
    with pytest.raises(AssertionError, match=r"Other\. Shapes: \(1,\) and \(2,\)"):
        expect_close([1.0], [1.0, 2.0], "Other.")


@pytest.mark.parametrize(
    ("other", "equal"),
    [(FRAME.copy(), True), (FRAME.rename(columns={"a": "c"}), False), (FRAME.astype({"b": float}), False),
     (FRAME.set_axis([1, 2]), False), (FRAME.fillna(0.0), False)],
    ids=["equal", "name", "type", "index", "value"],
)  # fmt: skip
def test_frames_are_the_same_with_labels_and_types(other, equal):
    assert same_values(FRAME, other) is equal


def test_matrices_are_the_same_by_their_cells():
    one = csr_matrix(np.eye(2))
    assert same_values(one, one.copy())
    assert not same_values(one, csr_matrix(np.ones((2, 2))))
    assert not same_values(one, csr_matrix(np.eye(3)))


def test_an_input_that_was_changed_in_place_is_named():
    values = np.arange(3)
    with unchanged(features=FRAME.copy(), target=None):
        pass
    with pytest.raises(AssertionError, match="The weights was changed in place"), unchanged(weights=values):
        values[0] = 9


def test_a_call_may_take_its_time_and_a_little_grace(monkeypatch):
    monkeypatch.setattr(_shared, "GRACE_SECONDS", 0.01)
    expect_in_time(lambda: None, 0.0)
    with pytest.raises(AssertionError, match="stop in time"):
        expect_in_time(lambda: time.sleep(0.05), 0.0)


def test_rows_are_reversed_in_frames_and_matrices():
    assert reversed_rows(FRAME)["b"].tolist() == [2, 1]
    assert reversed_rows(csr_matrix(np.array([[1], [2]]))).toarray().tolist() == [[2], [1]]


def test_a_fresh_process_that_fails_says_its_last_line():
    with pytest.raises(AssertionError, match=r"status 3: the last of it"):
        run_python("import sys; print('the last of it', file=sys.stderr); sys.exit(3)")
