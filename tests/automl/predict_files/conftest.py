"""A small model of a table with columns of every kind, which predicts few rows at once."""

import numpy as np
import pandas as pd
import pytest

from automl import AutoML, predictor

STEP = 40
N_ROWS = 210


def table_of(n_rows, seed=0):
    """Return a table whose target follows from its columns."""
    draw = np.random.default_rng(seed)
    x, count = draw.normal(size=n_rows), draw.integers(0, 9, n_rows)
    town = draw.choice(["Rome", "Oslo", "NA", "Kiel"], n_rows)
    days = pd.to_timedelta(draw.integers(0, 900, n_rows), "D")
    score = x + (town == "Oslo") + count / 9 + draw.normal(size=n_rows) / 4
    return pd.DataFrame(
        {
            "x": x,
            "count": count,
            "town": town,
            "born": (pd.Timestamp("2020-01-01") + days).astype(str),
            "paid": [f"${value:,.2f}" for value in draw.uniform(1, 5000, n_rows)],
            "is_new": draw.random(n_rows) < 0.5,
            "buys": np.where(score > 0.8, "yes", "no"),
        }
    )


@pytest.fixture(scope="package")
def model():
    """A fitted estimator that is not saved."""
    quick = {"max_trials": 2, "models": ["linear"], "cv": 2, "ensemble": "none", "verbose": 0, "n_jobs": 2}
    fitted = AutoML(None, executor="in_process", **quick).fit(table_of(150), "buys")
    return fitted.set_params(executor="process_slots")


@pytest.fixture
def few_at_once(monkeypatch):
    """Tables are predicted in short parts, and so block by block from a few rows on."""
    monkeypatch.setattr(predictor, "CHUNK_ROWS", STEP)


@pytest.fixture(scope="package")
def rows():
    """Rows to predict, with an identifier, and what is missing of them far behind the first block."""
    table = table_of(N_ROWS, seed=1).drop(columns="buys")
    table.insert(0, "case", range(1000, 1000 + N_ROWS))
    table["count"] = table["count"].astype("Int64")
    table.loc[170, ["count", "town", "paid"]] = None
    return table
