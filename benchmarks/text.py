"""Text: accuracy of a search on a table with text. python benchmarks/text.py FILE TARGET [--time-limit 60] ...

FILE is a CSV, packed or not. Rows are parted by a column `split` (train, test) where there is one, else a quarter is
held out. `--without COLUMN` leaves a column out, to see what its text brings.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import pandas as pd

HELD_OUT = 0.25


def load(options):
    """Return the training and test tables."""
    from sklearn.model_selection import train_test_split

    frame = pd.read_csv(options.file).drop(columns=options.without)
    if "split" in frame:
        return [frame[frame["split"] == part].drop(columns="split") for part in ("train", "test")]
    classes = frame[options.target] if frame[options.target].nunique() < 20 else None
    return train_test_split(frame, test_size=HELD_OUT, random_state=0, stratify=classes)


def main():
    """Fit by time on the training rows, and score on the test rows."""
    from automl import AutoML

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("target")
    parser.add_argument("--time-limit", type=float, default=60.0)
    parser.add_argument("--n-jobs", type=int, default=2)
    parser.add_argument("--metric")
    parser.add_argument("--without", action="append", default=[])
    options = parser.parse_args()
    train, test = load(options)
    started = time.monotonic()
    model = AutoML(options.time_limit, n_jobs=options.n_jobs, metric=options.metric).fit(train, options.target)
    seconds = time.monotonic() - started
    print(model.leaderboard()[["model", "score", "weight", "status", "fit_seconds", "params"]].to_string())
    print(model.failures()[["model", "stage", "cause", "count"]].to_string())
    found = {"fit_seconds": round(seconds, 1), "promised": model.score_, **model.evaluate(test)}
    print(json.dumps(found, default=float))


if __name__ == "__main__":
    main()
