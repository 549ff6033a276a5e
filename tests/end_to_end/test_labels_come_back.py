"""Labels of any type come back from predict, from a saved model, and as they were: equal, and of the same type."""

from __future__ import annotations

import datetime
from decimal import Decimal
from enum import Enum
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from automl import AutoML, AutoMLClassifier
from automl.errors import ArtifactError
from automl.predict_files.nouns import Wanted
from automl.predict_files.predicted_frame import predicted_frame
from automl.predict_files.write_table import write_table

OSLO = ZoneInfo("Europe/Oslo")
QUICK = {"models": ["baseline"], "max_trials": 1, "time_limit": None, "executor": "in_process", "verbose": 0,
         "n_jobs": 1, "cv": 2, "ensemble": "none"}  # fmt: skip
KINDS = {
    "text": st.text(max_size=4).map(lambda text: text.replace("\ud800", "")),
    "nul": st.text(max_size=3).map(lambda text: text + "\0"),
    "int": st.integers(),
    "unsigned": st.integers(2**53, 2**64 - 1),
    "float": st.floats(allow_nan=False, allow_infinity=False),
    "bytes": st.binary(max_size=4),
    "decimal": st.decimals(allow_nan=False, allow_infinity=False, places=2),
    "date": st.dates(),
    "time": st.times(),
    "uuid": st.uuids(),
    "moment": st.datetimes(datetime.datetime(1900, 1, 1), datetime.datetime(2100, 1, 1)).map(
        lambda moment: pd.Timestamp(moment).tz_localize("UTC").tz_convert(OSLO)
    ),
    "duration": st.integers(-(10**6), 10**6).map(lambda number: pd.Timedelta(number, "s")),
    "period": st.integers(-99, 999).map(lambda number: pd.Period(ordinal=number, freq="M")),
    "interval": st.integers(-9, 99).map(lambda number: pd.Interval(number, number + 1)),
}


class Colour(Enum):
    """An enumeration of a user's own."""

    RED = 1
    BLUE = 2


def table(labels) -> pd.DataFrame:
    rows = [label for label in labels for _ in range(4)]
    return pd.DataFrame({"a": np.arange(len(rows)) % 5, "y": pd.Series(rows, dtype=object)})


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(st.sampled_from(sorted(KINDS)).flatmap(lambda kind: st.lists(KINDS[kind], min_size=2, max_size=3, unique=True)))
def test_labels_keep_type_and_value_through_fit_predict_save_and_load(tmp_path, labels):
    frame = table(labels)
    model = AutoMLClassifier(**QUICK).fit(frame, "y")
    loaded = AutoML.load(model.save(tmp_path / "model.automl"))
    for each in (model, loaded):
        found = each.classes_.tolist()
        assert sorted(map(repr, found)) == sorted(map(repr, labels))
        assert {type(label) for label in found} == {type(label) for label in labels}
        assert set(each.predict(frame).tolist()) <= set(labels)
        assert each.score(frame) == each.score(frame, frame["y"].tolist()) == model.score(frame, "y")


def test_labels_that_need_pickle_are_refused_before_anything_is_lost(tmp_path):
    frame = table([Colour.RED, Colour.BLUE])
    with pytest.raises(ArtifactError, match=r"labels of the type Colour, such as <Colour\.BLUE"):
        AutoML(**QUICK, path=str(tmp_path / "run")).fit(frame, "y")
    model = AutoML(**QUICK).fit(frame, "y")
    assert set(model.predict(frame)) <= set(Colour)
    with pytest.raises(ArtifactError, match="without pickle"):
        model.save(tmp_path / "model.automl")
    assert not (tmp_path / "model.automl").exists()


def test_an_ordered_target_keeps_its_order_in_a_saved_model(tmp_path):
    order = ["poor", "fair", "good", "excellent"]
    frame = pd.DataFrame({"a": np.arange(80), "y": pd.Categorical(order * 20, order, ordered=True)})
    model = AutoML(**QUICK, metric="quadratic_kappa").fit(frame, "y")
    loaded = AutoML.load(model.save(tmp_path / "model.automl"))
    assert model.classes_.tolist() == loaded.classes_.tolist() == order
    assert loaded.task_.ordered
    assert loaded.score(frame.astype({"y": str})) == model.score(frame)


def test_decimals_in_a_submission_keep_their_digits():
    model = AutoMLClassifier(**QUICK).fit(table([Decimal("1.10"), Decimal("2.00")]), "y")
    assert set(map(str, model.predict(pd.DataFrame({"a": [1, 2]})))) <= {"1.10", "2.00"}


@pytest.mark.parametrize(
    "labels", [[pd.Interval(0, 1), pd.Interval(1, 2)], [2**70, 3], [Decimal("1.10"), Decimal("2.00")]]
)
def test_labels_are_written_to_files(tmp_path, labels):
    model = AutoMLClassifier(**QUICK).fit(table(labels), "y")
    predicted = predicted_frame(model, table(labels), Wanted())
    for name in ("p.csv", "p.parquet"):
        write_table(predicted, tmp_path / name)
    assert set(pd.read_parquet(tmp_path / "p.parquet")["y"].map(str)) <= set(map(str, labels))
