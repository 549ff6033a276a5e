"""Raw numbers beside predictions: filled, scaled, bounded, and only those that matter."""

import numpy as np
import pandas as pd

from automl_builtins.ensemblers._raw_features import BOUND, learn_raw_features

RNG = np.random.default_rng(0)
N = 200
TARGET = RNG.normal(size=(N, 1))
FRAME = pd.DataFrame(
    {
        "telling": (TARGET[:, 0] * 50 + 1_000).astype(np.float32),
        "noise": RNG.normal(size=N).astype(np.float32),
        "constant": np.ones(N, dtype=np.float32),
        "gone": np.full(N, np.nan, dtype=np.float32),
        "code": np.arange(N, dtype=np.int32),
    }
)
FRAME.loc[3, "telling"] = np.nan
ROWS = np.arange(N)


def test_numbers_that_vary_are_kept_and_codes_are_not():
    assert learn_raw_features(FRAME, ROWS, TARGET, 10).names == ("telling", "noise")


def test_of_too_many_those_that_go_with_the_target_are_kept():
    assert learn_raw_features(FRAME, ROWS, TARGET, 1).names == ("telling",)


def test_values_are_standardised_missing_ones_are_the_median_and_far_ones_bounded():
    learnt = learn_raw_features(FRAME, ROWS, TARGET, 1)
    matrix = learnt.matrix(FRAME)
    assert abs(matrix.mean()) < 0.01
    assert matrix[3, 0] == (learnt.fill[0] - learnt.centre[0]) / learnt.scale[0]
    assert learnt.matrix(FRAME.assign(telling=np.float32(1e9))).max() == BOUND


def test_without_any_number_there_is_nothing():
    learnt = learn_raw_features(FRAME[["code"]], ROWS, TARGET, 5)
    assert learnt.names == ()
    assert learnt.matrix(FRAME).shape == (N, 0)
