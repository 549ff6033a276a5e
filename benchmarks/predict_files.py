"""Predict a large file as a user would: python benchmarks/predict_files.py --gigabytes 2 --folder /tmp

Makes a table of numbers, categories, dates and money of so many bytes, and a model by count of trials; then runs
`automl predict` on it and prints rows a second, which share of the cores was busy and which was asked for (run on or
waited for, where others use the machine), and the peak memory of all processes together (proportional set size).
--check predicts the whole table in one process as well, which takes memory for it, and compares to the last bit.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pyarrow as pa
import pyarrow.parquet as pq

from automl import AutoML
from automl.plugin_api.process_memory import used_mb

CHUNK = 200_000
EVERY_SECONDS = 0.5
TOWNS = [f"town {number}" for number in range(500)]


def table_of(n_rows, seed):
    """Return rows of 24 columns, and what is to be learned of them."""
    draw = np.random.default_rng(seed)
    numbers = draw.normal(size=(n_rows, 16)).round(6)
    frame = pd.DataFrame(numbers, columns=[f"number {place}" for place in range(16)])
    frame["count"] = draw.integers(0, 1000, n_rows)
    frame["shop"] = draw.choice(list("abcdefgh"), n_rows)
    frame["town"] = draw.choice(TOWNS, n_rows)
    frame["day"] = (pd.Timestamp("2020-01-01") + pd.to_timedelta(draw.integers(0, 2000, n_rows), "D")).astype(str)
    frame["paid"] = [f"${value:,.2f}" for value in draw.uniform(1, 5000, n_rows)]
    frame["is new"] = draw.random(n_rows) < 0.3
    frame["share"] = np.where(draw.random(n_rows) < 0.05, np.nan, draw.random(n_rows).round(4))
    score = numbers[:, 0] + numbers[:, 1] * numbers[:, 2] + (frame["shop"] == "a") + draw.normal(size=n_rows)
    return frame, np.where(score > 0.2, "yes", "no")


def make_model(path, trials, models):
    frame, target = table_of(30_000, 0)
    model = AutoML(None, max_trials=trials, cv=3, verbose=0, models=models, exclude=["nearest_neighbors", "svm"])
    model.fit(frame, target).save(path)
    print(model.leaderboard().query("weight > 0")[["model", "weight"]].to_string(index=False))


def make_file(path, n_bytes, group_rows):
    """Write rows until the file is so large; return how many."""
    n_rows, seed, writer = 0, 1, None
    while n_rows == 0 or path.stat().st_size < n_bytes:
        frame, _ = table_of(CHUNK, seed)
        frame.insert(0, "case", range(n_rows, n_rows + CHUNK))
        if path.suffix == ".csv":
            frame.to_csv(path, index=False, mode="a", header=n_rows == 0)
        else:
            table = pa.Table.from_pandas(frame, preserve_index=False)
            writer = writer or pq.ParquetWriter(path, table.schema)
            writer.write_table(table, row_group_size=group_rows)
        n_rows, seed = n_rows + CHUNK, seed + 1
    if writer is not None:
        writer.close()
    return n_rows


def asked_for(pid):
    """Return the seconds for which each thread of a process has run, or has waited for a core (Linux)."""
    found = {}
    for path in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        with suppress(OSError):
            ran, waited, _ = path.read_text().split()
            found[path.parent.name] = (int(ran) + int(waited)) / 1e9
    return found


class Watched(threading.Thread):
    """Looks at a process and all that it has started: their CPU seconds, and the peak of their memory together."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.process, self.seconds, self.asked, self.peak_mb, self.most = psutil.Process(pid), {}, {}, 0.0, 0

    def run(self):
        while self.process.is_running() and self.process.status() != psutil.STATUS_ZOMBIE:
            family = []
            for each in [self.process, *self.process.children(recursive=True)]:
                try:
                    times = each.cpu_times()
                except psutil.Error:
                    continue
                self.seconds[each.pid] = times.user + times.system
                self.asked |= asked_for(each.pid)
                family.append(each.pid)
            self.peak_mb, self.most = max(self.peak_mb, used_mb(family)), max(self.most, len(family))
            time.sleep(EVERY_SECONDS)


def run(arguments, cores):
    begun = time.monotonic()
    process = subprocess.Popen([sys.executable, "-m", "automl", *arguments])
    watch = Watched(process.pid)
    watch.start()
    status = process.wait()
    wall = time.monotonic() - begun
    watch.join()
    if status:
        sys.exit(status)
    cpu = sum(watch.seconds.values())
    return wall, cpu, cpu / (wall * cores), sum(watch.asked.values()) / (wall * cores), watch


def main():
    """Make, predict, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gigabytes", type=float, default=1.0, help="of the file that is predicted")
    parser.add_argument("--kind", choices=["parquet", "csv"], default="parquet")
    parser.add_argument("--group-rows", type=int, default=250_000, help="rows of a row group")
    parser.add_argument("--folder", type=Path, default=Path("/tmp"), help="where files are made, and removed again")
    parser.add_argument("--trials", type=int, default=6)
    parser.add_argument("--models", type=lambda text: text.split(","), help="names of the models to try")
    parser.add_argument("--jobs", type=int, default=-1)
    parser.add_argument("--check", action="store_true", help="compare with the whole table, predicted at once")
    asked = parser.parse_args()
    cores = len(os.sched_getaffinity(0)) if asked.jobs < 0 else asked.jobs
    model, path = asked.folder / "large.automl", asked.folder / f"large.{asked.kind}"
    output = asked.folder / f"predicted.{asked.kind}"
    try:
        make_model(model, asked.trials, asked.models)
        path.unlink(missing_ok=True)
        n_rows = make_file(path, asked.gigabytes * 1e9, asked.group_rows)
        print(f"{path.name}: {path.stat().st_size / 1e9:.2f} GB, {n_rows:,} rows; load {os.getloadavg()[0]:.1f}")
        arguments = ["predict", model, path, "-o", output, "--probabilities", "--id", "case", "--jobs", asked.jobs]
        wall, cpu, busy, asked_share, watch = run([str(each) for each in arguments], cores)
        print(
            f"{wall:.0f} s, {n_rows / wall:,.0f} rows/s, {cpu:.0f} CPU s, {busy:.2f} of {cores} cores busy "
            f"({asked_share:.2f} asked for), peak {watch.peak_mb:.0f} MB in {watch.most} processes; load "
            f"{os.getloadavg()[0]:.1f}"
        )
        if asked.check:
            found = pd.read_parquet(output) if asked.kind == "parquet" else pd.read_csv(output, dtype=str)
            whole = AutoML.load(model).predict_proba(path)
            same = np.array_equal(found[["no", "yes"]].to_numpy(dtype=np.float64), whole)
            print(f"the same as at once, to the last bit: {same}")
    finally:
        for each in (model, path, output):
            each.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
