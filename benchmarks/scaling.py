"""How cost grows with rows: python benchmarks/scaling.py [--rows 10000,100000,1000000] [--limit 300] [--plot FILE.svg]

For each size a made table of 30 columns is fitted by a fixed count of trials of LightGBM, three folds and 150 trees
each, whose seconds must grow no faster than the rows; left to itself, boosting makes more trees the more rows there
are. The largest is then fitted by `time_limit` with a memory limit of 8 GB, which must hold. Memory is the
proportional set size of the whole process tree (Linux), sampled ten times a second.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from automl.plugin_api import hookimpl
from automl_builtins.models.lightgbm import LIGHTGBM

COLUMNS, TREES = 30, 150
MEMORY_GB = 8


def made_table(n_rows, seed=0):
    """Return rows of a binary task: 22 numbers, 6 categories of 5 to 5,000 levels, a date, a tenth of some missing."""
    rng, task = np.random.default_rng(seed), np.random.default_rng(2)
    frame = pd.DataFrame({f"number_{k}": rng.normal(size=n_rows) for k in range(22)})
    signal = frame["number_0"] + frame["number_1"] * frame["number_2"] + np.sin(2 * frame["number_3"])
    for k, levels in enumerate((5, 20, 100, 500, 2000, 5000)):
        codes = (rng.random(n_rows) ** 2 * levels).astype(int)
        signal += task.normal(size=levels)[codes] * 0.5
        frame[f"category_{k}"] = pd.Series(codes).map(lambda code, k=k: f"c{k}_{code}")
    frame["when"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 2_000, n_rows), unit="h")
    signal += (frame["when"].dt.hour > 17) * 0.7
    for k in range(4, 8):
        frame.loc[rng.random(n_rows) < 0.1, f"number_{k}"] = np.nan
    frame["column_29"] = rng.integers(0, 50, n_rows)
    frame["target"] = np.where(signal + rng.logistic(size=n_rows) > np.median(signal), "yes", "no")
    return frame


class EqualWork:
    """Offers LightGBM with as many trees at every size."""

    @hookimpl
    def automl_models(self):
        defaults = tuple({**each, "n_estimators": TREES} for each in LIGHTGBM.defaults[:3])
        return [replace(LIGHTGBM, name="equal_work", space={}, defaults=defaults)]


class PeakMemory:
    """Samples the memory of this process and its descendants."""

    def __enter__(self):
        self.peak_mb, self._stop = 0.0, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()

    def _watch(self):
        import psutil

        while not self._stop.wait(0.1):
            total = 0
            for process in (psutil.Process(), *psutil.Process().children(recursive=True)):
                try:
                    total += process.memory_full_info().pss
                except psutil.Error:
                    continue
            self.peak_mb = max(self.peak_mb, total / 2**20)


def run_one(n_rows, limit):
    """Fit one size and return what it took."""
    from automl import AutoML

    train, test = made_table(n_rows), made_table(20_000, seed=1)
    options = {"n_jobs": 2, "verbose": 0, "metric": "roc_auc"}
    if limit is None:
        options |= {"max_trials": 3, "models": ["equal_work"], "cv": 3, "plugins": [EqualWork()]}
    else:
        options |= {"memory_limit": f"{MEMORY_GB}GB"}
    with PeakMemory() as memory:
        started = time.monotonic()
        automl = AutoML(limit, **options).fit(train, "target")
        seconds = time.monotonic() - started
    started = time.monotonic()
    score = automl.score(test)
    return {
        "rows": n_rows,
        "limit": limit,
        "seconds": round(seconds, 1),
        "peak_mb": round(memory.peak_mb),
        "table_mb": round(train.memory_usage(deep=True).sum() / 2**20),
        "candidates": int((automl.leaderboard()["status"] == "complete").sum()),
        "score": round(automl.score_, 4),
        "test": round(score, 4),
        "predict_20000_s": round(time.monotonic() - started, 2),
    }


def plot(found, path):
    """Draw seconds against rows, both on logarithmic scales, beside a line that grows in proportion."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    by_count = [each for each in found if each["limit"] is None]
    rows, seconds = [each["rows"] for each in by_count], [each["seconds"] for each in by_count]
    figure, axes = plt.subplots(figsize=(6, 4))
    axes.loglog(rows, seconds, "o-", label=f"three LightGBM candidates, three folds, {TREES} trees each")
    axes.loglog(rows, [seconds[0] * each / rows[0] for each in rows], "--", color="grey", label="in proportion to rows")
    axes.set(xlabel="rows", ylabel="seconds", title=f"fit of a table of {COLUMNS} columns, 2 cores")
    axes.legend()
    figure.tight_layout()
    figure.savefig(path)


def main():
    if sys.argv[1:2] == ["--one"]:
        n_rows, limit = sys.argv[2:]
        print(json.dumps(run_one(int(n_rows), None if limit == "None" else float(limit))))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", default="10000,100000,1000000")
    parser.add_argument("--limit", type=float, default=300.0)
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    found = []
    for limit in (None, options.limit):
        for n_rows in options.rows.split(","):
            if limit is not None and n_rows != options.rows.split(",")[-1]:
                continue
            command = [sys.executable, __file__, "--one", n_rows, str(limit)]
            output = subprocess.run(command, capture_output=True, text=True, check=False)
            if output.returncode:
                raise SystemExit(output.stderr)
            found.append(json.loads(output.stdout.splitlines()[-1]))
            print(found[-1], flush=True)
    if options.plot:
        plot(found, options.plot)


if __name__ == "__main__":
    main()
