"""The preprocessor checks pass those that keep the contract, and catch one that breaks it, check by check."""

import threading

import numpy as np
import pandas as pd
import pytest

from automl.plugin_api import Column, ColumnKind
from automl.testing import _preprocessors, parametrize_with_preprocessor_checks, preprocessor_checks
from tests.automl.testing.toy_plugins import WORDS, Centre, Codes, WordMatrix, centre_spec, codes_spec


class RepeatsNames(Codes):
    def output_columns(self):
        return tuple(Column("same", ColumnKind.CATEGORICAL) for _ in self.columns)


class KeepsIntegers(Codes):
    def transform(self, features):
        return features


class Jitters(Centre):
    def transform(self, features):
        found = super().transform(features)
        return found + np.random.default_rng().normal(size=found.shape).astype(np.float32)


class ChangesItsInput(Codes):
    def transform(self, features):
        features.iloc[0, 0] = 0
        features.iloc[1, 0] = 1
        return super().transform(features)


class LooksAtNeighbours(Centre):
    def transform(self, features):
        return super().transform(features - features.mean())


class MakesInfinities(Codes):
    def transform(self, features):
        return super().transform(features).fillna(np.inf)


class RefusesUnseen(Codes):
    def fit_transform(self, data, context):
        self.known = set(data.features["rating"])
        return super().fit_transform(data, context)

    def transform(self, features):
        if not set(features["rating"]) <= self.known:
            raise KeyError("unseen")
        return super().transform(features)


class NeedsARow(Centre):
    def transform(self, features):
        features.iloc[0]
        return super().transform(features)


class HoldsALock(Centre):
    def fit_transform(self, data, context):
        self.lock = threading.Lock()
        return super().fit_transform(data, context)


class HoldsAFunction(Centre):
    def fit_transform(self, data, context):
        self.square = np.square
        return super().fit_transform(data, context)


class ReadsTheTargetLater(Centre):
    def fit_transform(self, data, context):
        self.target = data.target
        return super().fit_transform(data, context)

    def transform(self, features):
        return super().transform(features) + np.float32(self.target[0])


class WantsIdentifiers(Centre):
    def transform(self, features):
        for name in features.columns:
            if not name.isidentifier():
                raise ValueError(name)
        return super().transform(features)


class ForgetsToCentreArrays(Centre):
    def transform_array(self, values):
        return values.astype(np.float32)


def held(lock=None):
    lock = threading.Lock()

    def build(request):
        return Codes(request) if lock else None

    return build


class CentresCodes(Codes):
    """Needs a fit, whatever its spec says."""

    def fit_transform(self, data, context):
        self.mean = data.features.to_numpy().mean()
        return self.transform(data.features)

    def transform(self, features):
        return pd.DataFrame(super().transform(features) - np.float32(self.mean))


WRONG = {
    "check_spec_pickles": codes_spec(held()),
    "check_output_matches_its_description": codes_spec(RepeatsNames),
    "check_output_type": codes_spec(KeepsIntegers),
    "check_same_seed_same_output": centre_spec(Jitters),
    "check_inputs_stay_unchanged": codes_spec(ChangesItsInput),
    "check_rows_are_independent": centre_spec(LooksAtNeighbours),
    "check_arrays_give_what_frames_give": centre_spec(ForgetsToCentreArrays),
    "check_row_wise_needs_no_fit": codes_spec(CentresCodes),
    "check_missing_values": codes_spec(MakesInfinities),
    "check_unseen_categories": codes_spec(RefusesUnseen),
    "check_zero_rows": centre_spec(NeedsARow),
    "check_fitted_preprocessor_pickles": centre_spec(HoldsALock),
    "check_saved_without_pickle": centre_spec(HoldsAFunction),
    "check_transform_does_not_see_the_target": centre_spec(ReadsTheTargetLater),
    "check_odd_column_names": centre_spec(WantsIdentifiers),
}


@parametrize_with_preprocessor_checks([codes_spec(), centre_spec(), WORDS])
def test_a_right_preprocessor_passes(check):
    check()


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_preprocessor_is_caught(name):
    with pytest.raises(Exception, match=r"\w"):  # an AssertionError, or what the preprocessor itself raises
        dict(preprocessor_checks(WRONG[name]))[name]()


def test_a_dense_frame_from_a_sparse_preprocessor_is_caught():
    with pytest.raises(AssertionError, match="sparse=True"):
        dict(preprocessor_checks(codes_spec(sparse=True)))["check_output_type"]()


def test_a_matrix_from_a_dense_preprocessor_is_caught():
    spec = codes_spec(WordMatrix, handles=frozenset({ColumnKind.TEXT}))
    with pytest.raises(AssertionError, match="sparse=False"):
        dict(preprocessor_checks(spec))["check_output_type"]()


def test_every_check_has_a_wrong_preprocessor():
    assert {check.__name__ for check in _preprocessors.CHECKS} == {*WRONG, "check_import_is_light"}
