"""Odd values and columns, all the way through: none breaks a fit or a batch, and none changes another row."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix

from automl import AutoML
from automl.errors import InputError
from automl.registry import discover_quietly
from automl.table.columns.encode_table import encode_table
from automl.table.columns.type_columns import type_columns
from automl.table.take_table import Extras, as_frame, take_table
from tests.conftest import quick
from tests.odd_values import NESTED, NUMBERS, NUMERIC, ODD_CELLS, TAKEN, WORDS, objects

N_PLAIN = 60
TARGET = pd.Series((NUMBERS > 0).astype(int))
DRAW = np.random.default_rng(3)
STAMPS = pd.Timestamp("2020-01-01") + pd.to_timedelta(DRAW.integers(0, 900, N_PLAIN), unit="D")
PLAIN = pd.DataFrame(
    {
        "number": DRAW.normal(size=N_PLAIN),
        "far": 1.6e9 + DRAW.integers(0, 1000, N_PLAIN),
        "number as text": [f"{each:.2f}" for each in DRAW.normal(size=N_PLAIN)],
        "category": DRAW.choice(["a", "b", "c"], N_PLAIN),
        "truth": DRAW.random(N_PLAIN) < 0.5,
        "date": STAMPS,
        "date as text": STAMPS.strftime("%d/%m/%Y"),
        "note": [" ".join(DRAW.choice(["good", "bad", "late", "kind", "slow"], 6)) for _ in range(N_PLAIN)],
        "took": pd.to_timedelta(DRAW.integers(0, 9999, N_PLAIN), unit="s"),
    }
)


def with_cells(frame, name, cells):
    """Return the frame with the first cells of a column replaced, all of it as objects."""
    return frame.assign(**{name: objects([*cells, *frame[name].tolist()[len(cells) :]]).set_axis(frame.index)})


def same(found, expected):
    return found == expected or (found != found and expected != expected)


@pytest.fixture(scope="module")
def model():
    return quick(models=["linear", "lightgbm", "nearest_neighbors"], max_trials=3).fit(PLAIN, TARGET)


@pytest.mark.parametrize("name", PLAIN.columns)
def test_no_cell_changes_how_another_row_is_stored_and_each_is_stored_as_it_is_alone(name):
    plain = PLAIN[[name]]
    schema = type_columns(take_table(plain, TARGET, Extras()).features, discover_quietly(()))
    expected = encode_table(as_frame(plain), schema)
    for what, cell in ODD_CELLS.items():
        changed = with_cells(plain, name, [cell])
        among = encode_table(as_frame(changed), schema)
        alone = encode_table(as_frame(changed.iloc[:1]), schema)
        pd.testing.assert_frame_equal(among.iloc[1:], expected.iloc[1:], obj=what)
        assert all(map(same, among.iloc[0], alone.iloc[0])), what


@pytest.mark.parametrize("name", PLAIN.columns)
def test_a_batch_with_every_odd_cell_is_predicted_and_its_other_rows_as_ever(model, name):
    changed = with_cells(PLAIN, name, ODD_CELLS.values())
    found, expected = model.predict_proba(changed), model.predict_proba(PLAIN)
    assert np.isfinite(found).all()
    np.testing.assert_array_equal(found[len(ODD_CELLS) :], expected[len(ODD_CELLS) :])
    for row in range(0, len(ODD_CELLS), 9):
        np.testing.assert_array_equal(model.predict_proba(changed.iloc[[row]])[0], found[row])


@pytest.mark.parametrize("make", NUMERIC.values(), ids=NUMERIC)
def test_numbers_are_the_same_numbers_however_they_are_kept(make):
    features = take_table(make().to_frame("odd"), TARGET, Extras()).features
    schema = type_columns(features, discover_quietly(()))
    assert schema.columns[0].kind.value == "numeric"
    stored = encode_table(features, schema)["odd"].to_numpy()
    np.testing.assert_allclose(stored, NUMBERS, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("make", WORDS.values(), ids=WORDS)
def test_words_are_the_same_words_however_they_are_kept(make):
    schema = type_columns(take_table(make().to_frame("odd"), TARGET, Extras()).features, discover_quietly(()))
    assert schema.columns[0].categories == ("u", "v")


def test_one_fit_takes_every_odd_column_and_predicts_a_row_alone_as_among_others(tmp_path):
    table = pd.concat({name: make() for name, make in {**NUMERIC, **WORDS, **TAKEN}.items()}, axis=1)
    fitted = quick(models=["linear"], max_trials=1, cv=2, path=str(tmp_path / "run")).fit(table, TARGET)
    assert not fitted.failures()["traceback"].astype(bool).any()
    found = fitted.predict_proba(table)
    single = np.concatenate([fitted.predict_proba(table[row : row + 1]) for row in range(3)])
    np.testing.assert_array_equal(single, found[:3])
    loaded = AutoML.load(fitted.save(tmp_path / "odd.automl"))
    np.testing.assert_array_equal(loaded.predict_proba(table), found)
    assert len(fitted.check(table)) == table.shape[1]


@pytest.mark.parametrize("make", NESTED.values(), ids=NESTED)
def test_what_no_column_can_be_made_of_is_refused_by_name(make):
    with pytest.raises(InputError, match="Column 'odd' holds"):
        take_table(make().to_frame("odd"), TARGET, Extras())


@pytest.mark.parametrize("make", NESTED.values(), ids=NESTED)
def test_what_no_column_can_be_made_of_counts_as_missing_once_a_model_is_fitted(model, make):
    changed = PLAIN.assign(number=make())
    assert np.isfinite(model.predict_proba(changed)).all()


def test_a_label_keeps_its_type_however_odd_and_half_a_character_breaks_no_file(tmp_path):
    labels = objects([b"yes" if each else b"no" for each in TARGET])
    fitted = quick(models=["baseline"], max_trials=1, cv=2).fit(PLAIN.assign(y=labels), "y")
    assert set(fitted.predict(PLAIN)) <= {b"yes", b"no"}
    assert 0 <= fitted.score(PLAIN.assign(y=labels)) <= 1
    halves = objects(["a\ud800" if each else "b" for each in TARGET])
    fitted = quick(models=["baseline"], max_trials=1, cv=2, path=str(tmp_path / "run")).fit(PLAIN, halves)
    loaded = AutoML.load(fitted.save(tmp_path / "half.automl"))
    assert loaded.classes_.tolist() == ["a\ud800", "b"]


def test_a_masked_target_weight_or_group_is_missing():
    with pytest.warns(UserWarning, match="1 of 60 rows"):
        taken = take_table(PLAIN, np.ma.array(TARGET, mask=[1] + [0] * 59), Extras())
    assert len(taken.target) == 59
    with pytest.raises(InputError, match="missing"):
        take_table(PLAIN, TARGET, Extras(sample_weight=np.ma.array(np.ones(60), mask=[1] + [0] * 59)))
    with pytest.raises(InputError, match="1 rows without a group"):
        take_table(PLAIN, TARGET, Extras(groups=np.ma.array(np.arange(60), mask=[1] + [0] * 59)))


ALIKE = {
    "a frame": lambda x: pd.DataFrame(x),
    "named the other way round": lambda x: pd.DataFrame(x, columns=list("dcba")),
    "a list of lists": lambda x: x.tolist(),
    "big-endian": lambda x: x.astype(">f8"),
    "objects": lambda x: x.astype(object),
    "masked": np.ma.array,
    "sparse": lambda x: csr_matrix(x),
}


def test_what_a_table_is_kept_in_and_what_its_columns_are_called_moves_no_result():
    x = np.random.default_rng(4).normal(size=(90, 4))
    x[:, 3] = np.round(x[:, 3])
    y = x[:, 0] + x[:, 1] ** 2
    options = {"models": ["lightgbm"], "max_trials": 1, "cv": 2, "ensemble": "none"}
    expected = quick(**options).fit(x, y)
    outputs = expected.predict(x)
    for what, change in ALIKE.items():
        found = quick(**options).fit(change(x), y)
        assert found.score_ == expected.score_, what
        np.testing.assert_array_equal(found.predict(change(x)), outputs, err_msg=what)
