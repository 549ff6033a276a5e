"""Every class has a share, also one without a row."""

import numpy as np

from automl_builtins.smoothed_shares import smoothed_shares


def test_rows_are_added_to_each_class():
    found = smoothed_shares(np.array([0, 0, 1]), None, 3, added=1.0)
    np.testing.assert_allclose(found, np.array([3, 2, 1]) / 6)


def test_rows_count_by_their_weights():
    found = smoothed_shares(np.array([0.0, 0.0, 1.0]), np.array([1.0, 2.0, 3.0]), 2, added=0.5)
    np.testing.assert_allclose(found, [0.5, 0.5])
