"""Later tables are compared with the fitted one, column by column, and the verdict says what differs."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ks_2samp

from automl.errors import InputError
from automl.registry import discover
from automl.steps.audit.check_table import REPORT_COLUMNS, check_table, refuse_problems
from automl.steps.audit.profile_table import profile_table
from automl.table.columns.encode_table import encode_table
from automl.table.columns.type_columns import type_columns
from tests.tables import mixed_table

REGISTRY = discover()


def fitted(frame):
    schema = type_columns(frame, REGISTRY)
    return schema, profile_table(encode_table(frame, schema), frame, schema, 0)


SCHEMA, PROFILE = fitted(mixed_table(400).assign(same=1))


def checked(frame, schema=SCHEMA, profile=PROFILE):
    return check_table(frame, schema, profile, ("y",)).set_index("column")


def test_the_fitted_table_and_another_of_its_kind_are_fine():
    for frame in (mixed_table(400), mixed_table(300, seed=8)):
        report = checked(frame.assign(same=1))
        assert list(report["verdict"]) == ["ok"] * 6 + ["ok: not used"]
        refuse_problems(report.reset_index())
    assert ["column", *report.columns] == list(REPORT_COLUMNS)


def test_missing_and_new_columns_are_rows_and_the_target_is_none():
    report = checked(mixed_table(50).drop(columns="city").assign(more="a", y=1))
    assert report.loc["city", "verdict"] == "missing column"
    assert report.loc["same", "verdict"] == "ok: not used"
    assert report.loc["more", "verdict"] == "new: not used"
    assert "y" not in report.index


@pytest.mark.parametrize(
    ("column", "change", "said"),
    [
        ("age", lambda c: c + 8, "drifted: ks"),
        ("age", lambda c: c + 1000, "out of the fitted range"),
        ("age", lambda c: c.where(c.index % 2 == 0), "50% missing, 0% at fit"),
        ("age", lambda c: "about " + c.astype(str), "100% cannot be read as numeric"),
        ("joined", lambda c: c.astype("int64"), "100% cannot be read as datetime"),
        ("joined", lambda c: c + pd.Timedelta(days=400), "drifted: ks"),
        ("member", lambda c: True, "drifted: ks"),
        ("member", lambda c: "maybe", "100% cannot be read as boolean"),
        ("city", lambda c: c.replace("Oslo", "Paris"), "in unseen categories"),
        ("city", lambda c: "Bern", "drifted: chi2"),
        ("note", lambda c: c + " " + c, "out of the fitted range"),
    ],
)
def test_a_change_of_one_column_is_the_verdict_of_that_column_alone(column, change, said):
    frame = mixed_table(200, seed=8).assign(same=1)
    report = checked(frame.assign(**{column: change(frame[column])}))
    assert said in report.loc[column, "verdict"]
    assert set(report["verdict"].drop(column)) == {"ok", "ok: not used"}


def test_other_types_of_the_same_values_are_fine_and_shown():
    frame = mixed_table(200, seed=8).assign(same=1)
    other = frame.assign(
        age=frame["age"].astype(str), city=frame["city"].astype("category"), member=frame["member"] * 1
    )
    report = checked(other)
    assert set(report["verdict"]) == {"ok", "ok: not used"}
    assert (report.loc["member", "dtype_fitted"], report.loc["member", "dtype"]) == ("bool", "int64")


def test_one_error_lists_all_problems():
    frame = mixed_table(200, seed=8).drop(columns="note").assign(same=1, city="Atlantis")
    with pytest.raises(
        InputError, match=r"2 of 7 columns differ[\s\S]*'city': 100% in unseen[\s\S]*'note': missing column"
    ):
        refuse_problems(checked(frame).reset_index())


@pytest.mark.parametrize("n_rows", [0, 1])
def test_few_rows_are_no_drift(n_rows):
    report = checked(mixed_table(400).assign(same=1).iloc[:n_rows])
    assert set(report["verdict"]) == {"ok", "ok: not used"}


def test_many_columns_of_noise_seldom_differ():
    rng = np.random.default_rng(0)
    then, now = (pd.DataFrame(rng.normal(size=(60, 200))).rename(columns=str) for _ in range(2))
    report = checked(now, *fitted(then))
    assert not report["verdict"].str.contains("drifted").any()
    assert (report["p_value"] >= 0.01).all()


def test_rare_categories_that_were_to_be_expected_are_no_problem():
    rng = np.random.default_rng(0)
    then, now = (pd.DataFrame({"c": [f"k{int(v)}" for v in rng.pareto(0.5, 2000)]}) for _ in range(2))
    report = checked(now, *fitted(then))
    assert report.loc["c", "unseen"] > 0.05
    assert report.loc["c", "verdict"] == "ok"


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(30, 300), st.floats(-2, 2), st.booleans())
def test_the_distance_is_that_of_the_full_test_but_for_the_sketch(seed, n_rows, shift, whole):
    rng = np.random.default_rng(seed)
    then, now = rng.normal(size=500), rng.normal(shift, 1, n_rows)
    then, now = (np.round(then * 2), np.round(now * 2)) if whole else (then, now)
    report = checked(pd.DataFrame({"x": now}), *fitted(pd.DataFrame({"x": then})))
    exact = ks_2samp(then, now).statistic
    assert exact - 0.04 <= report.loc["x", "distance"] <= exact + 1e-6
