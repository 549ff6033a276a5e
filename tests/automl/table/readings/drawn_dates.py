"""Days to be written in some style and read again."""

import numpy as np
import pandas as pd

from automl.table.readings.read_dates import date_seconds


def dates(n=200, *, low=False, seed=0, days=2_000) -> pd.Series:
    """Return days, those of `low` never after the 12th of a month."""
    rng = np.random.default_rng(seed)
    found = pd.Series(pd.Timestamp("2015-01-01") + pd.to_timedelta(rng.integers(0, days, n), unit="D"))
    return found.mask(low & (found.dt.day > 12), found - pd.to_timedelta(15, unit="D")).pipe(
        lambda each: each[each.dt.day <= 12].reset_index(drop=True) if low else each
    )


def seconds(moments: pd.Series) -> list[float]:
    """Return them in seconds since 1970."""
    return date_seconds(moments, "").tolist()
