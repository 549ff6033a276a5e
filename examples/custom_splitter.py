"""Folds of your own: validate on the month after the training months, with a gap between them.

Anything with `split(X, y, groups)` that yields row numbers will do. The same folds serve every candidate, the ensemble
and the reported score.

Run it: python examples/custom_splitter.py
"""

import numpy as np
import pandas as pd

from automl import AutoML


class MonthAfterMonth:
    """Trains on all months up to one, leaves out the next, and validates on the one after that."""

    def __init__(self, months, first=6):
        self.months, self.first = np.asarray(months), first

    def split(self, X, y=None, groups=None):
        known = np.unique(self.months)
        for number in range(self.first, len(known) - 1):
            earlier = np.flatnonzero(self.months < known[number])
            yield earlier, np.flatnonzero(self.months == known[number + 1])


def sales():
    """Return a year of daily sales in three shops, made up: a weekly rhythm, a trend, and chance."""
    rng = np.random.default_rng(0)
    days = pd.date_range("2024-01-01", "2024-12-31", freq="D").repeat(3)
    table = pd.DataFrame({"day": days, "shop": np.tile(["north", "south", "station"], len(days) // 3)})
    rhythm = np.where(table["day"].dt.day_of_week < 5, 100, 160) * np.where(table["shop"] == "station", 1.5, 1.0)
    table["sold"] = (rhythm + 0.1 * table["day"].dt.day_of_year + rng.normal(0, 8, len(table))).round()
    return table


def main():
    table = sales()
    folds = MonthAfterMonth(table["day"].dt.month)
    model = AutoML(cv=folds, metric="mae", time_limit=30).fit(table, "sold")
    print(f"{model.metric_} {model.score_:.2f} on months that lie after those that were learnt, with one between")
    print(model.leaderboard()[["model", "score", "weight", "folds"]].head(8).to_string(index=False))
    return model


if __name__ == "__main__":
    main()
