"""What `predict` takes, as docs/predict.md promises: every spelling of a table gives the same, or a clear error."""

import decimal

import numpy as np
import pandas as pd
import polars
import pyarrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.errors import InputError
from tests.conftest import quick
from tests.tables import binary_table, mixed_table

TABLE = mixed_table(40, seed=9)
MODELS = ("baseline", "linear", "lightgbm", "svm", "nearest_neighbors", "random_forest", "extra_trees")
SAME = {
    "another order": lambda t: t[t.columns[::-1]],
    "more columns": lambda t: t.assign(more="x", bought="no"),
    "another index": lambda t: t.set_axis(pd.MultiIndex.from_arrays([range(40), range(40)])),
    "numbers as text": lambda t: t.assign(age=t["age"].astype(str), income=t["income"].astype(object)),
    "numbers as Decimal": lambda t: t.assign(age=[decimal.Decimal(str(value)) for value in t["age"]]),
    "nullable types": lambda t: t.convert_dtypes(),
    "Arrow types": lambda t: t.convert_dtypes(dtype_backend="pyarrow"),
    "everything as objects": lambda t: t.astype(object),
    "categories as objects": lambda t: t.assign(city=t["city"].astype(object)),
    "categories as categories": lambda t: t.assign(city=pd.Categorical(t["city"], ["Rome", "Paris", "Oslo", "Bern"])),
    "truth as numbers": lambda t: t.assign(member=t["member"].astype(int)),
    "truth as text": lambda t: t.assign(member=t["member"].map({True: "Yes", False: "no"})),
    "dates as text": lambda t: t.assign(joined=t["joined"].dt.strftime("%Y-%m-%d")),
    "dates as objects": lambda t: t.assign(joined=t["joined"].dt.date),
    "dates of another unit": lambda t: t.assign(joined=t["joined"].astype("datetime64[ns]")),
    "another time zone": lambda t: t.assign(joined=t["joined"].dt.tz_localize("UTC").dt.tz_convert("Asia/Tokyo")),
    "a dict of lists": lambda t: {name: t[name].tolist() for name in t.columns},
    "a list of dicts": lambda t: t.to_dict("records"),
    "an array by position": lambda t: t.to_numpy(dtype=object),
    "a list of rows by position": lambda t: t.to_numpy(dtype=object).tolist(),
    "polars": lambda t: polars.from_pandas(t),
    "pyarrow": lambda t: pyarrow.Table.from_pandas(t),
}


@pytest.fixture(scope="module")
def anything():
    """A model whose members are of every kind; not to be changed."""
    table = binary_table(150, seed=2).assign(same=1)
    return quick(models=list(MODELS), max_trials=7, cv=2, ensemble="stacking").fit(table, "bought")


@pytest.mark.parametrize("change", SAME.values(), ids=SAME)
def test_other_spellings_of_a_table_are_predicted_alike(classifier, change):
    expected = classifier.predict_proba(TABLE)
    found = classifier.predict_proba(change(TABLE.copy()))
    assert isinstance(found, np.ndarray)
    np.testing.assert_array_equal(found, expected)


def test_a_file_is_predicted_as_its_table(classifier, tmp_path):
    TABLE.to_parquet(tmp_path / "new.parquet")
    np.testing.assert_array_equal(classifier.predict_proba(tmp_path / "new.parquet"), classifier.predict_proba(TABLE))


AS_MISSING = {
    "an unseen category": ("city", "Atlantis"),
    "an infinite number": ("age", np.inf),
    "a number that cannot be read": ("age", "old"),
    "a truth value that cannot be read": ("member", "maybe"),
    "a date that cannot be read": ("joined", "soon"),
    "a number where dates were": ("joined", 20200101),
    "NA": ("age", pd.NA),
    "NaT": ("joined", pd.NaT),
}


@pytest.mark.parametrize(("column", "value"), AS_MISSING.values(), ids=AS_MISSING)
def test_what_cannot_be_read_counts_as_missing(classifier, column, value):
    expected = classifier.predict_proba(TABLE.assign(**{column: None}))
    assert np.isfinite(expected).all()
    np.testing.assert_array_equal(classifier.predict_proba(TABLE.assign(**{column: value})), expected)


def test_a_table_without_one_known_value_is_predicted(classifier, regressor):
    nothing = TABLE.astype(object).where(TABLE.isna(), None)
    assert nothing.isna().all(axis=None)
    assert np.isfinite(classifier.predict_proba(nothing)).all()
    assert np.isfinite(regressor.predict(nothing)).all()


def test_columns_that_were_set_aside_may_be_absent(anything):
    assert anything.schema_summary_.set_index("column").loc["same", "kind"] == "ignored"
    assert anything.predict(TABLE).shape == (40,)


REFUSED = {
    "a missing column": (lambda t: t.drop(columns="city"), r"lacks the columns \['city'\]"),
    "a frame without columns": (lambda t: t[[]], "lacks the columns"),
    "duplicate names": (lambda t: pd.concat([t, t["age"]], axis=1), "duplicate column names"),
    "too few columns by position": (lambda t: t.to_numpy()[:, :3], "X has 3 features, but \\w+ is expecting 6"),
    "one row as a list": (lambda t: t.iloc[0].to_numpy(), "one-dimensional"),
    "one row as a Series": (lambda t: t.iloc[0], r"iloc\[\[0\]\]"),
    "one row as a dict": (lambda t: t.iloc[0].to_dict(), "do not make a table"),
    "columns of unequal length": (lambda t: {"age": [1, 2], "city": ["a"]}, "same length"),
    "a number": (lambda t: 3, "expected a table|one-dimensional"),
    "nothing": (lambda t: None, "expected a table|one-dimensional"),
}


@pytest.mark.parametrize(("change", "said"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_such_table_is_refused_clearly(classifier, change, said):
    with pytest.raises(InputError, match=said):
        classifier.predict(change(TABLE.copy()))


@pytest.mark.parametrize(
    "empty", [lambda t: t.iloc[:0], lambda t: {name: [] for name in t}, lambda t: t.to_numpy()[:0]]
)
def test_no_rows_give_no_predictions_in_the_usual_shape(classifier, empty):
    assert classifier.predict_proba(empty(TABLE)).shape == (0, 2)
    assert classifier.predict(empty(TABLE)).dtype == classifier.predict(TABLE).dtype


@settings(max_examples=10, deadline=None)
@given(rows=st.lists(st.integers(0, 39), min_size=1, max_size=60))
@pytest.mark.parametrize("fitted", ["anything", "regressor"])
def test_a_row_gives_the_same_alone_and_among_any_others(fitted, request, rows):
    model = request.getfixturevalue(fitted)
    outputs = model.predict_proba if hasattr(model, "classes_") else model.predict
    np.testing.assert_array_equal(outputs(TABLE.iloc[rows]), outputs(TABLE)[rows])


@pytest.mark.parametrize("name", [*MODELS, "extra_trees", "network", "catboost"])
def test_every_model_gives_a_row_the_same_alone_and_among_others(name):
    pytest.importorskip({"catboost": "catboost"}.get(name, "sklearn"))
    model = quick(models=[name], max_trials=1, cv=2, ensemble="none").fit(binary_table(120, seed=2), "bought")
    single = np.concatenate([model.predict_proba(TABLE.iloc[[row]]) for row in range(0, 40, 3)])
    np.testing.assert_array_equal(single, model.predict_proba(TABLE)[::3])
