"""Small tables with every kind of column, for tests that fit."""

import numpy as np
import pandas as pd

WORDS = np.array(["good", "bad", "late", "kind", "slow", "fast", "new", "old"])
LABELS = {"strings": ("no", "yes"), "integers": (3, 7), "booleans": (False, True)}


def mixed_table(n_rows=150, seed=0):
    """Numbers, a boolean, a category, dates, text and missing values; no target."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "age": rng.normal(40, 10, n_rows).round(1),
            "income": rng.lognormal(10, 1, n_rows),
            "city": rng.choice(["Bern", "Oslo", "Rome"], n_rows).astype(object),
            "joined": pd.to_datetime("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, n_rows), unit="D"),
            "member": rng.random(n_rows) < 0.5,
            "note": [" ".join(rng.choice(WORDS, 6)) for _ in range(n_rows)],
        }
    )
    table.loc[rng.random(n_rows) < 0.1, "income"] = np.nan
    table.loc[rng.random(n_rows) < 0.1, "city"] = None
    return table


def signal(table, seed=1):
    """A number that depends on three of the columns."""
    noise = np.random.default_rng(seed).normal(0, 0.7, len(table))
    return (table["age"] - 40) / 10 + 1.5 * (table["city"] == "Oslo") + table["member"] + noise


def binary_table(n_rows=150, seed=0, labels=LABELS["strings"]):
    """The mixed table with a target `bought` of two classes."""
    table = mixed_table(n_rows, seed)
    values = signal(table)
    return table.assign(bought=np.array(labels)[(values > values.median()).astype(int)])


def regression_table(n_rows=150, seed=0):
    """The mixed table with a number `spent` to predict."""
    table = mixed_table(n_rows, seed)
    return table.assign(spent=signal(table) * 100)


def multiclass_table(n_rows=150, seed=0):
    """The mixed table with a target `grade` of three classes."""
    table = mixed_table(n_rows, seed)
    return table.assign(grade=pd.qcut(signal(table), 3, labels=["low", "mid", "top"]).astype(str))
