"""What a search costs beside its fits.

    python benchmarks/overhead.py [--limits 20,60] [--rows 1000,10000,50000] [CSV --target NAME]

Prints for each table and limit: wall-clock; CPU seconds inside fits (preparation, fit, predictions of the validation
rows); core utilisation of the search phase, which is the time from the first job handed to a worker to the last fit's
end, so that the workers' imports count as overhead; the same from the moment the first worker is up ("warm"), and
over the whole of `fit`; when the first predictor and the first trained model stood ready; peak memory of the process
tree (proportional set size); and the overrun.
Made tables have numbers, categories and missing values, and 20 columns unless `--columns` says otherwise.
"""

from __future__ import annotations

import argparse
import threading
import time
from pathlib import Path

import numpy as np
import pandas as pd
import psutil

from automl import AutoML
from automl.plugin_api import CandidateFinished, FoldFinished, FoldStarted, TrialsFinished, hookimpl


class Stopwatch:
    """Watches one search and adds up what it is told."""

    def __init__(self):
        self.cpu_seconds = 0.0
        self.here_seconds = 0.0
        self.workers_up = None
        self.first_job = self.trials_end = self.first_predictor = self.first_model = None
        self.n_folds = 0

    @hookimpl
    def automl_event(self, event):
        if isinstance(event, FoldStarted) and event.model != "baseline" and self.first_job is None:
            self.first_job = event.elapsed
        if isinstance(event, FoldFinished) and event.model != "baseline":
            self.cpu_seconds += event.cpu_seconds
            self.n_folds += 1
            began = event.elapsed - event.seconds
            self.workers_up = began if self.workers_up is None else min(began, self.workers_up)
        if isinstance(event, CandidateFinished):
            self.first_predictor = self.first_predictor or event.elapsed
            if event.result.candidate.model != "baseline":
                self.first_model = self.first_model or event.elapsed
        if isinstance(event, TrialsFinished):
            self.trials_end = event.elapsed


class Memory(threading.Thread):
    """Samples the proportional set size of this process and its children."""

    def __init__(self):
        super().__init__(daemon=True)
        self.peak, self.done = 0.0, threading.Event()

    def run(self):
        while not self.done.wait(0.5):
            self.peak = max(self.peak, tree_mb())


def tree_mb():
    total, here = 0, psutil.Process()
    for process in (here, *here.children(recursive=True)):
        try:
            total += process.memory_full_info().pss
        except (psutil.Error, AttributeError):
            continue
    return total / 2**20


def made_table(n_rows, n_columns, seed=0):
    rng = np.random.default_rng(seed)
    numbers = rng.normal(size=(n_rows, n_columns - 4)).astype(np.float32)
    frame = pd.DataFrame(numbers, columns=[f"number_{i}" for i in range(numbers.shape[1])])
    frame = frame.mask(rng.random(frame.shape) < 0.02)
    for i, levels in enumerate((3, 8, 20, 200)):
        frame[f"category_{i}"] = np.array([f"level {k}" for k in range(levels)])[rng.integers(levels, size=n_rows)]
    signal = (
        numbers[:, 0]
        - 0.7 * numbers[:, 1] * numbers[:, 2]
        + np.sin(2 * numbers[:, 3])
        + 0.4 * (frame["category_1"].str.len().to_numpy() + frame["category_0"].eq("level 1").to_numpy())
    )
    frame["target"] = np.where(signal + rng.logistic(size=n_rows) > np.median(signal), "yes", "no")
    return frame


def measure(name, frame, target, limit, n_jobs):
    watch, memory = Stopwatch(), Memory()
    memory.start()
    start = time.perf_counter()
    AutoML(time_limit=limit, n_jobs=n_jobs, verbose=0, plugins=[watch]).fit(frame, target)
    wall = time.perf_counter() - start
    memory.done.set()
    search = watch.trials_end - watch.first_job
    return {
        "table": name,
        "limit s": limit,
        "wall s": wall,
        "fit cpu s": watch.cpu_seconds,
        "folds": watch.n_folds,
        "search use %": 100 * watch.cpu_seconds / (n_jobs * search),
        "warm use %": 100 * watch.cpu_seconds / (n_jobs * (watch.trials_end - watch.workers_up)),
        "whole use %": 100 * watch.cpu_seconds / (n_jobs * wall),
        "first predictor s": watch.first_predictor,
        "first model s": watch.first_model,
        "peak MB": memory.peak,
        "overrun s": max(0.0, wall - limit),
        "overrun ok": wall <= limit * 1.01 + 1,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("csv", nargs="*", type=Path)
    parser.add_argument("--target")
    parser.add_argument("--limits", default="20,60")
    parser.add_argument("--rows", default="1000,10000,50000")
    parser.add_argument("--columns", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=psutil.cpu_count())
    options = parser.parse_args()
    tables = [(path.stem, pd.read_csv(path), options.target) for path in options.csv]
    if not tables:
        sizes = [int(rows) for rows in options.rows.split(",")]
        tables = [(f"{rows} x {options.columns}", made_table(rows, options.columns), "target") for rows in sizes]
    measured = []
    for limit in (float(each) for each in options.limits.split(",")):
        for name, frame, target in tables:
            measured.append(measure(name, frame, target, limit, options.jobs))
            print(pd.DataFrame(measured[-1:]).round(2).to_string(index=False, header=len(measured) == 1), flush=True)


if __name__ == "__main__":
    main()
