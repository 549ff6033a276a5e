"""Strata of several targets hold rows that are alike, and no rare combination alone."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from automl_builtins.tasks._strata import OWN_STRATUM, strata_of_targets
from automl_builtins.tasks.several import MULTILABEL_SPEC, MULTIOUTPUT_REGRESSION_SPEC
from tests.plugins.tasks.test_several import table


def labels(rows):
    task, encoded = MULTILABEL_SPEC.take(table({f"l{number}": column for number, column in enumerate(zip(*rows))}))  # noqa: B905
    return strata_of_targets(encoded, task), encoded


def test_frequent_combinations_are_strata_and_rare_ones_go_by_their_rarest_label():
    rows = [(0, 0, 0)] * 40 + [(1, 0, 0)] * 30 + [(1, 1, 0)] * 2 + [(0, 1, 0)] * 3 + [(1, 1, 1), (0, 0, 1)]
    strata, _ = labels(rows)
    assert len(set(strata[:40])) == len(set(strata[40:70])) == 1
    assert len(set(strata[70:75])) == 1  # those with the second label
    assert len(set(strata[75:])) == 1  # those with the third, which is rarer
    assert len(set(strata)) == 4


@given(st.lists(st.tuples(*[st.integers(0, 1)] * 4), min_size=8, max_size=60))
def test_rows_with_the_same_labels_are_of_one_stratum(rows):
    strata, encoded = labels([*rows, (0, 0, 0, 0), (1, 1, 1, 1)])
    frame = pd.DataFrame(encoded).assign(stratum=strata)
    assert (frame.groupby([0, 1, 2, 3])["stratum"].nunique() == 1).all()
    assert sorted(set(strata)) == list(range(strata.max() + 1))


def test_values_are_parted_along_the_direction_in_which_they_differ_most():
    low = np.linspace(0.0, 1.0, 100)
    task, encoded = MULTIOUTPUT_REGRESSION_SPEC.take(table({"x": low, "y": 1e6 * low, "z": np.sin(9 * low)}))
    strata = strata_of_targets(encoded, task)
    assert abs(np.corrcoef(strata, low)[0, 1]) > 0.99
    assert np.bincount(strata).max() <= 2 * OWN_STRATUM
